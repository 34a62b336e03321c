"""In what a plan differs from the one that was approved."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from iamctl.model.approval import Difference, Subject

_NAMING = frozenset(
    {
        *("UserName", "GroupName", "PolicyName", "PolicyArn", "AccessKeyId", "SerialNumber", "SSHPublicKeyId"),
        *("CertificateId", "ServiceSpecificCredentialId", "PermissionsBoundary", "VersionId"),
    }
)
"""The parameters that tell whom or what a call is about; a call with the same ones and others beside them differs."""

_CONSEQUENCES = frozenset({Subject.IDENTITY, Subject.TERMS, Subject.DOCUMENT})
"""What comes and goes with the calls that it belongs to."""


def differences(approved: Mapping[str, Any], planned: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Return in what ``planned`` differs from ``approved``; both are what a plan digest covers.

    Of equal ones there is nothing, of others always something. What comes or goes with a call that is new or gone is
    not named beside it.
    """
    calls = list(_calls(approved["calls"], planned["calls"]))
    found = list(calls)
    for subject, key in ((Subject.IDENTITY, "ids"), (Subject.TERMS, "terms"), (Subject.DOCUMENT, "gained")):
        found += _by_name(subject, approved[key], planned[key])
    found += _rows(Subject.RISK, approved["risks"], planned["risks"])
    found += _rows(Subject.DECLARED, approved.get("declared", []), planned.get("declared", []))
    unchanged = [{name: name for name in covered.get("unchanged", [])} for covered in (approved, planned)]
    found += _by_name(Subject.UNCHANGED, *unchanged)
    return tuple(one for one in found if not (calls and _is_consequence(one)))


def _is_consequence(one: Difference) -> bool:
    return one.subject in _CONSEQUENCES and (one.before is None or one.after is None)


def _calls(approved: Sequence[Mapping[str, Any]], planned: Sequence[Mapping[str, Any]]) -> Iterator[Difference]:
    """Yield the calls that differ, are gone and are new; if there are none, whether their order is another."""
    before, after = _plain_calls(approved), _plain_calls(planned)
    gone, new = _beyond(before, after), _beyond(after, before)
    partners: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for call in new:
        partners[_about(call)].append(call)
    for call in gone:
        found = partners[_about(call)]
        yield Difference(Subject.CALL, _about(call), call, found.pop(0) if found else None)
    for name, rest in partners.items():
        for call in rest:
            yield Difference(Subject.CALL, name, None, call)
    if not gone and not new and _text(approved) != _text(planned):
        yield Difference(Subject.ORDER, "", [_about(call) for call in before], [_about(call) for call in after])


def _plain_calls(calls: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return what calls do, wherever each stands among the others."""
    names = {call["index"]: _about(call) for call in calls}
    return [_plain(call, names) for call in calls]


def _plain(call: Mapping[str, Any], names: Mapping[int, str]) -> dict[str, Any]:
    """Return what a call does, wherever it stands among the others."""
    params = {key: _without_index(value, names) for key, value in call["params"].items()}
    return {"service": call["service"], "operation": call["operation"], "params": params}


def _without_index(value: Any, names: Mapping[int, str]) -> Any:
    """Return a parameter in which a result is that of a named call, not of a number."""
    if isinstance(value, Mapping) and isinstance(result := value.get("$result"), Mapping):
        index = result.get("call")
        return {"$result": {**result, "call": names.get(index, "") if isinstance(index, int) else ""}}
    return value


def _about(call: Mapping[str, Any]) -> str:
    """Return the operation of a call, and whom or what it is about."""
    named = ", ".join(
        f"{key}={value}" for key, value in call["params"].items() if key in _NAMING and isinstance(value, str)
    )
    return f"{call['operation']}({named})"


def _beyond(values: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    """Return the values that are not among the others, or not as often."""
    left, found = Counter(map(_text, others)), []
    for value in values:
        text = _text(value)
        left[text] -= 1
        if left[text] < 0:
            found.append(value)
    return found


def _by_name(subject: Subject, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for name in sorted({*before, *after}):
        one, other = before.get(name), after.get(name)
        if _text(one) != _text(other) or (name in before) != (name in after):
            yield Difference(subject, name, one, other)


def _rows(subject: Subject, before: Sequence[Any], after: Sequence[Any]) -> Iterator[Difference]:
    for row in _beyond(before, after):
        yield Difference(subject, str(row[0]), row, None)
    for row in _beyond(after, before):
        yield Difference(subject, str(row[0]), None, row)
    if sorted(map(_text, before)) == sorted(map(_text, after)) and _text(before) != _text(after):
        yield Difference(subject, "", list(before), list(after))


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
