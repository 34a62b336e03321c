"""Which Denies no longer hold somebody back: those that are gone while another policy allows what they denied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from iamctl.access.held import HeldPolicy
from iamctl.access.mfa_guard import is_guard
from iamctl.access.statement_sets import Grants, StatementSets, bits
from iamctl.policy import Atom
from iamctl.policy.differences import Element, statement_texts
from iamctl.policy.pattern import ANY


@dataclass(frozen=True)
class LostDeny:
    """What a policy no longer denies to somebody; only what another policy still allows."""

    by: HeldPolicy
    """The policy that denied it before; the first one where several did."""
    denied: tuple[str, ...]
    """What it denied, such as ``iam:*`` or ``s3:* on arn:aws:s3:::logs/*``; what has wildcards first."""


class LostDenies:
    """Compares Denies before and after a plan; people with the same policies are looked at once.

    A condition of a Deny is not looked at, and a policy whose document is unknown may allow everything. MFA guards are
    left out, since they have findings of their own.
    """

    def __init__(self) -> None:
        self._sets = StatementSets()
        self._known: dict[tuple[int, Grants, int | None], int] = {}

    def of(
        self,
        before: Iterable[HeldPolicy],
        after: Iterable[HeldPolicy],
        boundaries: tuple[HeldPolicy | None, HeldPolicy | None] = (None, None),
    ) -> tuple[LostDeny, ...]:
        """Return what somebody is no longer denied, by policy; ``boundaries`` are the ones before and after."""
        old, new = boundaries
        held = [*before, *filter(None, (old,))]
        grants = self._joined(after)
        bound = self._grants(new) if new else None
        if bound:
            grants = Grants(grants.allow, grants.deny | bound.deny)
        gone = self._joined(held).deny & ~grants.deny
        lost = self._restrained(gone, grants, bound.allow if bound else None) if gone else 0
        return tuple(self._by_policy(held, lost)) if lost else ()

    def _by_policy(self, held: Iterable[HeldPolicy], lost: int) -> Iterator[LostDeny]:
        for policy in held:
            if mine := self._grants(policy).deny & lost:
                lost &= ~mine
                yield LostDeny(policy, _told(policy, (self._sets.atoms[number] for number in bits(mine))))

    def _restrained(self, gone: int, after: Grants, bound: int | None) -> int:
        """Return those of ``gone`` that nothing else denies and that deny something that is allowed afterwards."""
        key = (gone, after, bound)
        found = self._known.get(key)
        if found is None:
            found = 0
            left = gone & ~self._sets.included(after.deny, gone)
            allowed = after.allow & ~self._sets.covered(after.deny)
            for number in bits(left):
                met = 0 if _is_apart(self._sets.atoms[number]) else self._sets.met(1 << number)
                if met & allowed and (bound is None or met & bound):
                    found |= 1 << number
            self._known[key] = found
        return found

    def _joined(self, policies: Iterable[HeldPolicy]) -> Grants:
        found = Grants()
        for policy in policies:
            found = found.joined(self._grants(policy))
        return found

    def _grants(self, held: HeldPolicy) -> Grants:
        return self._sets.unknown(held.key) if held.document is None else self._sets.of(held.document)


def _is_apart(atom: Atom) -> bool:
    """Tell whether a Deny is an MFA guard, or one that cannot be told."""
    return atom.opaque is not None or is_guard(atom)


def _told(held: HeldPolicy, atoms: Iterable[Atom]) -> tuple[str, ...]:
    """Return Denies in words, with the actions as the author of the policy spells them."""
    texts = statement_texts(held.document) if held.document else None
    parts = (part for text in texts or () for part in text.of(Element.ACTION, Element.NOT_ACTION))
    spelling = {part.text.lower(): part.text for part in parts}
    found = {_text(atom, spelling) for atom in atoms}
    return tuple(sorted(found, key=lambda text: (ANY not in text.partition(" ")[0], text.lower())))


def _text(atom: Atom, spelling: Mapping[str, str]) -> str:
    actions = ", ".join(sorted(spelling.get(action, action) for action in atom.actions))
    what = f"everything except {actions}" if atom.negated_action else actions
    resources = ", ".join(sorted(atom.resources))
    where = f" on everything except {resources}" if atom.negated_resource else f" on {resources}"
    return f"{what}{'' if resources == ANY else where}{' under a condition' if atom.condition else ''}"
