"""Direct policies that only deny: AWS and people attach them to hold a user back."""

from __future__ import annotations

from iamctl.access.held import policy_words
from iamctl.access.known_policies import is_known_to_deny
from iamctl.kinds import Policy, UserInlinePolicy, UserPolicy
from iamctl.kinds.arn import policy_address
from iamctl.model import Resource, State
from iamctl.policy import Document


def is_restraint(direct: Resource, live: State, declared: State) -> bool:
    """Tell whether a policy on a user denies something and allows nothing; one of AWS is judged by its name.

    A customer policy must only deny as the manifests declare it, too: a change of its document would else give the
    user, who keeps it, what it allows from then on.
    """
    if isinstance(direct, UserInlinePolicy):
        return _only_denies(direct.document)
    if not isinstance(direct, UserPolicy):
        return False
    address = policy_address(direct.policy_arn)
    found = [state.get(address) for state in (live, declared)] if address else []
    policies = [policy for policy in found if isinstance(policy, Policy)]
    if not policies:
        return is_known_to_deny(policy_words(direct.policy_arn))
    return all(_only_denies(policy.document) for policy in policies)


def _only_denies(document: Document) -> bool:
    statements = document.normalized.statements if document.normalized else ()
    return bool(statements) and all(statement.effect == "Deny" for statement in statements)
