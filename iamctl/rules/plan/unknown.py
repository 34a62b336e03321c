"""Facts that a plan needs but the live state does not include."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from iamctl.access.known_policies import document_of, is_known_to_deny
from iamctl.kinds import LoginProfile, Policy, User
from iamctl.model import Address, Severity
from iamctl.rules import Hit, Review, rule
from iamctl.rules.wording import counted, some

_EXACT = "plan against the account, or use iamctl snapshot --credentials exact"


@rule("IAM407", Severity.REFUSE, source="https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html")
def what_a_plan_changes_is_known(review: Review) -> Iterator[Hit]:
    """A plan changes nothing that the live state does not include; unknown does not mean absent."""
    for user in review.deleted:
        if isinstance(user, User) and (unknown := user.credentials.unknown):
            verb = "is" if unknown == ("login profile",) else "are"
            message = f"the user is to be deleted, but its {_all_of(unknown)} {verb} unknown"
            yield Hit(user, f"{message}; {_EXACT}")
    for change in review.changes:
        live, policy = change.before, change.after
        if isinstance(live, Policy) and isinstance(policy, Policy) and (unknown := _unknown(live, policy)):
            message = f"the manifest sets the {_all_of(unknown)} of the policy, but the live values are unknown"
            yield Hit(policy, f"{message}; plan against the account, or remove them from the manifest")


@rule("IAM417", Severity.REFUSE, source="https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html")
def credentials_that_must_change_are_known(review: Review) -> Iterator[Hit]:
    """Passwords and access keys that the manifests would change are known."""
    for user in review.scoped.desired.of_kind(User):
        live = review.scoped.whole.get(user.address)
        held = live.credentials if isinstance(live, User) else None
        profile = review.desired.state.get(Address.of("login-profile", user.name))
        if held is None:
            continue
        nameless = sum(key.is_active and key.id is None for key in held.access_keys or ())
        if nameless > user.access_keys:
            told = f"has {counted(nameless, 'active access key')}, but access_keys is {user.access_keys}"
            yield Hit(user, f"the user {told}, and the IDs of the keys are unknown; {_EXACT}")
        if isinstance(profile, LoginProfile) and profile.reissue and held.has_password is None:
            yield Hit(profile, f"it is unknown whether there is a password to reissue; {_EXACT}")


@rule(
    "IAM416",
    Severity.INFO,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html",
)
def credentials_are_known(review: Review) -> Iterator[Hit]:
    """The passwords, access keys, API keys and MFA devices of declared users are known."""
    facts = {
        "passwords": "has_password",
        "access keys": "access_keys",
        "API keys": "service_credentials",
        "MFA devices": "has_mfa",
    }
    managed = [review.scoped.whole.get(user.address) for user in review.scoped.desired.of_kind(User)]
    for name, fact in facts.items():
        unknown = [user.name for user in managed if isinstance(user, User) and getattr(user.credentials, fact) is None]
        if unknown:
            yield Hit(
                None,
                f"the {name} of {counted(len(unknown), 'declared user')} are unknown and were not compared: {some(unknown)}",
            )


@rule(
    "IAM451",
    Severity.WARN,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html",
)
def policies_that_people_gain_are_known(review: Review) -> Iterator[Hit]:
    """The documents of the policies that a plan brings to users are known."""
    if not review.changes:
        return
    was, will = review.held
    holders = {held.holder for held in will.direct() if document_of(held) is None}
    gained: defaultdict[str, list[str]] = defaultdict(list)
    for user in review.after.of_kind(User) if holders else ():
        if holders.isdisjoint((user.address, *will.groups(user.address))):
            continue
        before = {held.key for held in was.reaching(user.address)}
        unknown = {held for held in will.reaching(user.address) if document_of(held) is None}
        for policy in {held.policy for held in unknown if held.key not in before and not is_known_to_deny(held.policy)}:
            gained[policy].append(user.name)
    for policy, names in sorted(gained.items()):
        told = f"{some(names)} {'gains' if len(names) == 1 else 'gain'} {policy}, whose document is not known here"
        message = f"{told} and counts as allowing everything: possible administrators"
        yield Hit(None, f"{message}; plan against the account to be sure", facts=(policy, *names))


def _unknown(live: Policy, policy: Policy) -> tuple[str, ...]:
    pairs = {"description": (live.description, policy.description), "tags": (live.tags, policy.tags)}
    return tuple(name for name, (known, wanted) in pairs.items() if known is None and wanted is not None)


def _all_of(names: Iterable[str]) -> str:
    *first, last = names
    return " and ".join(filter(None, (", ".join(first), last)))
