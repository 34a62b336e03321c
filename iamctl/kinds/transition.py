"""The calls that put a temporary policy on a user and remove it."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.kinds.user_inline_policy import UserInlinePolicy
from iamctl.model import Address, Phase, Step
from iamctl.model.access_change import AttachmentChange, DocumentChange
from iamctl.model.transition import Transition

MAX_SIZE = 2048
"""Characters of all inline policies of one user, without white space.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

TRANSITION_WRITES = ("DeleteUserPolicy", "PutUserPolicy")
"""The operations of ``transition_steps``."""


def transition_steps(transition: Transition) -> Iterator[Step]:
    """Yield the call that puts a temporary policy on a user, and the one that removes it.

    Inline policies stay with a user who is renamed: it is put on the old name and removed from the new one.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users_rename.html
    """
    name, policy = transition.former or transition.user, str(transition.address)
    params = {"UserName": name, "PolicyName": transition.name}
    effects = (
        DocumentChange(policy, None, transition.document),
        AttachmentChange(f"user/{transition.user}", policy, after=True),
    )
    written = {**params, "PolicyDocument": transition.document.text}
    yield Step("PutUserPolicy", written, Phase.LOCK, uses=(Address.of("user", name),), effects=effects)
    live = UserInlinePolicy(user=transition.user, name=transition.name, document=transition.document)
    yield from live.delete_steps()
