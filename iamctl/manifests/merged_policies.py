"""Makes one managed policy of inline policies of several groups that are equal by meaning."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import field
from itertools import chain, count

from iamctl.account.live import Live
from iamctl.kinds import GroupInlinePolicy, GroupPolicy, Policy
from iamctl.kinds.arn import customer_policy_arn
from iamctl.manifests.direct_sets import Quotas
from iamctl.model import Address, Resource, State
from iamctl.policy import Document, managed_grammar_errors
from iamctl.policy.names import name_error
from iamctl.text.late_dataclass import dataclass

_LONGEST = Policy.longest_name or 128
_FEWEST = 2
"""So many groups with equal documents are worth a managed policy."""


@dataclass(frozen=True)
class MergedPolicies:
    """The declared state with managed policies in place of equal inline ones of groups."""

    state: State
    policies: Mapping[Address, tuple[str, ...]] = field(default_factory=dict)
    """Each managed policy, new or of the account, with the groups that have it in place of an inline one."""
    replaced: frozenset[Address] = frozenset()
    """The inline policies that are replaced."""


def merged_policies(live: Live, state: State, blocked: frozenset[Address]) -> MergedPolicies:
    """Return ``state`` with one managed policy for each document that several groups have inline.

    A managed policy of the account with an equal document is reused. Groups without room for another managed policy
    keep their inline one, and so do those of documents for which a policy in ``blocked`` would be made.
    """
    quotas = Quotas.of(live.summary)
    attached = Counter(policy.group.lower() for policy in state.of_kind(GroupPolicy))
    held = {(one.group.lower(), one.policy_arn.lower()) for one in state.of_kind(GroupPolicy)}
    own = {policy.document: policy for policy in reversed(state.of_kind(Policy))}
    names = {policy.name.lower() for policy in live.state.of_kind(Policy)}
    room = live.summary.get("PoliciesQuota", len(names) + len(state.resources)) - len(names)
    found: dict[Address, Resource] = dict(state.resources)
    policies: defaultdict[Address, list[str]] = defaultdict(list)
    replaced: set[Address] = set()
    for document, alike in _alike(state):
        fitting = [one for one in alike if attached[one.group.lower()] < quotas.policies_per_group]
        policy = own.get(document) or _policy(live, alike[0], names)
        is_new = policy.address not in state.resources
        if len({one.group for one in fitting}) < _FEWEST or policy.address in blocked or (is_new and room < 1):
            continue
        room -= is_new
        names.add(policy.name.lower())
        found[policy.address] = policy
        for inline in fitting:
            edge = GroupPolicy(group=inline.group, policy_arn=policy.arn)
            key = (inline.group.lower(), policy.arn.lower())
            if key not in held:
                held.add(key)
                attached[inline.group.lower()] += 1
                found[edge.address] = edge
            del found[inline.address]
            replaced.add(inline.address)
            policies[policy.address].append(inline.group)
    return MergedPolicies(
        State(found), {address: tuple(groups) for address, groups in policies.items()}, frozenset(replaced)
    )


def _alike(state: State) -> Iterator[tuple[Document, list[GroupInlinePolicy]]]:
    """Yield the documents that a managed policy can hold, each with the inline policies that are equal to it."""
    found: defaultdict[Document, list[GroupInlinePolicy]] = defaultdict(list)
    for inline in sorted(state.of_kind(GroupInlinePolicy), key=lambda one: one.address.rank):
        found[inline.document].append(inline)
    for document, alike in found.items():
        if document.normalized is not None and not managed_grammar_errors(alike[0].document.data):
            yield document, alike


def _policy(live: Live, inline: GroupInlinePolicy, taken: set[str]) -> Policy:
    """Return a managed policy for the document of an inline one, with a name that is free whatever the case."""
    base = inline.name if name_error("policy", inline.name, _LONGEST) is None else "merged"
    endings = chain(("",), (f"-{number}" for number in count(2)))
    names = (f"{base[: _LONGEST - len(ending)]}{ending}" for ending in endings)
    name = next(name for name in names if name.lower() not in taken)
    arn = customer_policy_arn(live.partition, live.account_id, "/", name)
    return Policy(name=name, document=inline.document, arn=arn)
