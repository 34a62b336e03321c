"""The part of a live account that manifests can declare, so that a plan finds nothing to change."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import field, replace
from datetime import UTC, datetime
from typing import Any

from iamctl.account.live import Live
from iamctl.account.role_policies import role_policies
from iamctl.kinds import AccountSetting, GroupInlinePolicy, GroupPolicy, Policy, User, UserInlinePolicy, UserPolicy
from iamctl.kinds.arn import is_aws_managed
from iamctl.kinds.rotation import MOST_ACCESS_KEYS
from iamctl.manifests.direct_groups import MovedPolicies, moved_policies
from iamctl.manifests.document_file import is_kept
from iamctl.manifests.made_elsewhere import NOTHING, OwnedElsewhere, owned_elsewhere
from iamctl.manifests.merged_policies import MergedPolicies, merged_policies
from iamctl.model import Address, Resource, Severity, State
from iamctl.model.settings import Desired, Settings
from iamctl.model.transition import is_transition
from iamctl.policy import grammar_errors, managed_grammar_errors
from iamctl.rules import Review, check
from iamctl.text.late_dataclass import dataclass

_DIRECT = frozenset({UserPolicy.kind, UserInlinePolicy.kind})

_ANY_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)
"""Nothing that is imported has an end date, so every moment gives the same result."""


@dataclass(frozen=True)
class ImportWishes:
    """What somebody wants of an import beyond the account as it is."""

    moves_direct: bool = False
    """Whether groups replace the policies directly on users."""
    merges_equal: bool = False
    """Whether one managed policy replaces equal inline policies of groups."""
    account_settings: bool = False
    """Whether the password policy and the alias of the account are imported, too."""
    include: tuple[str, ...] = ()
    """Patterns of addresses that are imported although others seem to manage them."""
    owned: Mapping[Address, str] = field(default_factory=dict)
    """What other tools are known to manage, and by which words."""

    taken: frozenset[Address] = frozenset()
    """What is imported although its name or tags say that others manage it."""

    @property
    def changes_account(self) -> bool:
        """Whether a plan from the tree may change the account."""
        return self.moves_direct or self.merges_equal


NO_WISHES = ImportWishes()


@dataclass(frozen=True)
class Declarable:
    """The live resources to declare, and those that are left alone."""

    settings: Settings
    state: State
    """Users, groups, memberships, policies, the policies of groups and perhaps settings of the account."""
    exceptions: tuple[Address, ...]
    """The policies attached directly to declared users, user by user."""
    role_policies: tuple[Address, ...]
    """The customer-managed policies that only roles use."""
    refused: Mapping[Address, str]
    """Users, groups and policies that manifests cannot declare as they are, and why."""
    elsewhere: OwnedElsewhere = NOTHING
    """What others manage."""
    moved: MovedPolicies | None = None
    """How groups replace the policies on users; None where these stay."""
    merged: MergedPolicies | None = None
    """How managed policies replace inline ones of groups; None where these stay."""


def declarable(
    live: Live, account_name: str, refused_before: Mapping[Address, str], wishes: ImportWishes = NO_WISHES
) -> Declarable:
    """Return what to declare: everything except policies that only roles use, what others manage, and what manifests
    cannot declare.

    The last is ``refused_before``, and whatever the manifest rules refuse in the rest. Where groups replace the policies
    on users, those in ``refused_before`` stay.
    """
    settings = Settings(account_name, live.account_id)
    for_roles = role_policies(live)
    direct = [resource.address for resource in live.state if isinstance(resource, (UserPolicy, UserInlinePolicy))]
    elsewhere = owned_elsewhere(live, wishes.include, wishes.owned, wishes.taken.union(for_roles))
    settings_of_account = () if wishes.account_settings else (one.address for one in live.state.of_kind(AccountSetting))
    left = {*for_roles, *direct, *settings_of_account}
    own = State({a: _own(resource, settings) for a, resource in live.state.resources.items() if a not in left})
    wanted = _without(own, elsewhere.addresses)
    refused = {
        **dict(_too_many_keys(wanted)),
        **dict(_refused_documents(wanted)),
        **dict(_missing_policies(wanted, live)),
        **refused_before,
    }
    while True:
        state = _without(wanted, refused)
        more = {address: why for address, why in _refused_by_rules(state, live, settings) if address not in refused}
        if not more:
            break
        refused.update(more)
    moved = _moved(live, state, settings, refused) if wishes.moves_direct else None
    merged = _merged(live, moved.state if moved else state, settings) if wishes.merges_equal else None
    gone = frozenset(moved.moved) if moved else frozenset()
    return Declarable(
        settings=settings,
        state=merged.state if merged else moved.state if moved else state,
        exceptions=tuple(
            sorted(
                (a for a in direct if a not in gone and _is_of(a, state) and not is_transition(a)),
                key=lambda address: (address.parts[0].lower(), address),
            )
        ),
        role_policies=for_roles,
        refused={address: refused[address] for address in sorted(refused) if address.kind not in _DIRECT},
        elsewhere=elsewhere,
        moved=moved,
        merged=merged,
    )


def _moved(live: Live, state: State, settings: Settings, refused: Mapping[Address, str]) -> MovedPolicies:
    """Return the groups in place of policies on users, without those that the manifest rules refuse."""
    blocked = {address: why for address, why in refused.items() if address.kind in _DIRECT}
    while True:
        moved = moved_policies(live, state, blocked)
        more = {
            policy: why
            for address, why in _refused_by_rules(moved.state, live, settings)
            for policy in moved.sources.get(address, ())
        }
        if not more:
            return moved
        blocked.update(more)


def _merged(live: Live, state: State, settings: Settings) -> MergedPolicies:
    """Return the managed policies in place of equal inline ones, without those that the manifest rules refuse."""
    blocked = frozenset[Address]()
    while True:
        merged = merged_policies(live, state, blocked)
        more = {address for address, _ in _refused_by_rules(merged.state, live, settings)} & merged.policies.keys()
        if not more - blocked:
            return merged
        blocked |= more


def _own(resource: Resource, settings: Settings) -> Resource:
    tags: Mapping[str, str] = getattr(resource, "tags", None) or {}
    own: dict[str, Any] = {"tags": {key: value for key, value in tags.items() if settings.owns_tag(key)}}
    return replace(resource, **own) if tags else resource


def _refused_documents(state: State) -> Iterator[tuple[Address, str]]:
    for policy in state.of_kind(Policy):
        errors = managed_grammar_errors(policy.document.data)
        if errors or not is_kept(policy.document):
            yield policy.address, errors[0].message if errors else _NOT_KEPT
    for written in state.of_kind(GroupInlinePolicy):
        errors = grammar_errors(written.document.data)
        if errors or not is_kept(written.document):
            why = errors[0].message if errors else _NOT_KEPT
            yield Address.of("group", written.group), f"inline policy {written.name!r}: {why}"


_NOT_KEPT = "the document is not JSON that all readers interpret in the same way"


def _too_many_keys(state: State) -> Iterator[tuple[Address, str]]:
    """Yield the users who hold more active access keys than a manifest permits."""
    for user in state.of_kind(User):
        active = sum(key.is_active for key in user.credentials.access_keys or ())
        if active > MOST_ACCESS_KEYS:
            why = f"the user has {active} active access keys, and a manifest permits at most {MOST_ACCESS_KEYS}"
            yield user.address, f"{why}; delete those that nobody needs"


def _missing_policies(state: State, live: Live) -> Iterator[tuple[Address, str]]:
    """Yield the users and groups with a customer-managed policy that the account does not have."""
    known = {policy.arn for policy in live.state.of_kind(Policy)}
    held = [(user.address, user.permissions_boundary) for user in state.of_kind(User) if user.permissions_boundary]
    held += [(Address.of("group", attached.group), attached.policy_arn) for attached in state.of_kind(GroupPolicy)]
    for address, arn in held:
        if arn not in known and not is_aws_managed(arn):
            yield address, f"the account has no policy {arn}"


def _refused_by_rules(state: State, live: Live, settings: Settings) -> Iterator[tuple[Address, str]]:
    """Yield the users, groups and policies in which the manifest rules find errors."""
    review = Review(Desired(settings, live.partition, state), _ANY_MOMENT)
    for finding in check(review, "manifests"):
        resource = state.get(finding.address) if finding.address else None
        if finding.severity is Severity.ERROR and resource is not None:
            inside = f"{resource.address.name!r}: " if resource.owner else ""
            yield resource.owner or resource.address, f"{inside}{finding.message}"


def _is_of(policy: Address, state: State) -> bool:
    """Tell whether the user of a direct policy is declared."""
    return Address.of("user", policy.parts[0]) in state


def _without(state: State, refused: Container[Address]) -> State:
    """Return the state without refused resources and their dependents; policies can be named without being declared."""

    def hangs_on_refused(references: Iterable[Address]) -> bool:
        return any(reference in refused for reference in references if reference.kind != "policy")

    return State(
        {
            address: resource
            for address, resource in state.resources.items()
            if address not in refused and not hangs_on_refused(resource.references)
        }
    )
