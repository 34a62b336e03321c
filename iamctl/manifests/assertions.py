"""The assertions of an account, from their entries in manifests and iamctl.yaml; mistakes are rule IAM003."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from iamctl.manifests.assertion_schema import KINDS_OF_ASSERTION
from iamctl.manifests.documents import Documents, Report
from iamctl.model import Address, Entry, Finding, Severity
from iamctl.model.assertion import (
    EVERY,
    Assertion,
    Exempt,
    Expected,
    Forbid,
    Level,
    NoWayTo,
    Requests,
    Require,
    Within,
)
from iamctl.text.moment import end_of
from iamctl.text.nearest import either

ABSENT = "absent"
"""The word of ``when`` for requests without a key."""


class AssertionReader:
    """Reads entries that match their schema."""

    def __init__(self, documents: Documents, report: Report) -> None:
        self._documents = documents
        self._report = report

    def read(self, entries: Iterable[Entry], is_whole: Callable[[Entry], bool]) -> tuple[Assertion, ...]:
        """Return the assertions by name; of two with one name the first, and a finding.

        Of an entry that is not whole, since it does not match its schema, only the name counts.
        """
        found: dict[str, Assertion] = {}
        first: dict[str, Entry] = {}
        for entry in entries:
            known = first.setdefault(entry.name.lower(), entry)
            if known is not entry:
                self._refuse(entry, f"assertion {entry.name!r} is already declared at {known.origin()}; keep one")
            elif is_whole(entry) and (assertion := self._assertion(entry)):
                found[entry.name.lower()] = assertion
        return tuple(found[name] for name in sorted(found))

    def _assertion(self, entry: Entry) -> Assertion | None:
        value = entry.value
        about = self._about(entry)
        if "until" in value and "except" not in value:
            message = f"'until' of assertion {entry.name!r} ends its exceptions; add 'except' or remove 'until'"
            self._refuse(entry, message, "until")
        if about is None:
            return None
        return Assertion(
            name=entry.name,
            about=about,
            who=tuple(value.get("who", ())),
            exempt=tuple(_exempt(value)),
            severity=value.get("severity", "refuse"),
            existing=value.get("existing", "warn"),
            strict=value.get("strict", False),
            reason=value.get("reason", ""),
            places=entry.origins,
        )

    def _about(self, entry: Entry) -> Forbid | Require | Within | NoWayTo | None:
        given = [key for key in KINDS_OF_ASSERTION if key in entry.value]
        if len(given) != 1:
            both = f"has {' and '.join(map(repr, given))}; keep one" if given else "states nothing"
            add = "" if given else f"; add {either(KINDS_OF_ASSERTION)}"
            self._refuse(entry, f"assertion {entry.name!r} {both}{add}")
            return None
        kind = given[0]
        value = entry.value[kind]
        if kind == "no_way_to":
            if "when" in entry.value:
                self._refuse(
                    entry, f"'when' of assertion {entry.name!r} has no effect on 'no_way_to'; remove it", "when"
                )
            return NoWayTo(tuple(value))
        when = self._when(entry, kind)
        if kind == "within":
            document = self._documents.reference(entry, ("within", "file"))
            return Within(value["file"], document, when) if document else None
        requests = Requests(
            actions=tuple(value.get("actions", EVERY)),
            but_actions=tuple(value.get("but_actions", ())),
            access=tuple(Level(level) for level in value.get("access", ())),
            resources=tuple(value.get("resources", EVERY)),
            when=when,
        )
        return Forbid(requests) if kind == "forbid" else Require(requests)

    def _when(self, entry: Entry, kind: str) -> tuple[Expected, ...]:
        """Return the expected values of an assertion: those inside of what it states, and those beside it."""
        found: dict[str, Expected] = {}
        for path, given in (
            ((kind, "when"), entry.value[kind].get("when", {})),
            (("when",), entry.value.get("when", {})),
        ):
            for key, values in given.items():
                folded = key.lower()
                if folded in found:
                    message = f"'when' of assertion {entry.name!r} has the key {key!r} twice; keep one"
                    self._refuse(entry, message, *path, key)
                texts = [values] if isinstance(values, str) else values
                others = tuple(text for text in texts if text != ABSENT)
                found[folded] = Expected(key, others, ABSENT in texts)
        return tuple(found[key] for key in sorted(found))

    def _refuse(self, entry: Entry, message: str, *path: str | int) -> None:
        address = Address.of("assertion", entry.name)
        self._report(Finding("IAM003", Severity.ERROR, message, address, entry.origin(*path)))


def _exempt(value: Mapping[str, Any]) -> Iterator[Exempt]:
    overall = value.get("until")
    for item in value.get("except", ()):
        given = {"address": item} if isinstance(item, str) else item
        ends = [end_of(text) for text in (overall, given.get("until")) if text]
        yield Exempt(given["address"], min(ends, default=None), given.get("reason", ""))
