"""The settings of audits in iamctl.yaml: which findings are accepted, and which tags users should have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from iamctl.kinds import KINDS, parse_address
from iamctl.manifests.node import Path
from iamctl.model import Address, Origin
from iamctl.model.settings import MOST_OF_A_REASON, Acceptance, AuditSettings
from iamctl.text.moment import end_of
from iamctl.text.nearest import did_you_mean

_OTHER_KINDS = frozenset({"region", "role", "server-certificate", "virtual-mfa-device"})
"""What an audit reports on and no manifest declares."""


def audit_schema() -> dict[str, Any]:
    """Return the schema of ``audit``."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "accept": {
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["control", "until", "reason"],
                    "properties": _acceptance(),
                },
                "description": "Findings of `iamctl audit` that are accepted for a time.",
                "examples": [
                    [{"control": "unused-access-keys", "address": "user/ci", "until": "2027-03-31", "reason": "OPS-7"}]
                ],
            },
            "owner_tags": {
                "type": "array",
                "items": {"type": "string", "minLength": 1},
                "description": "Keys of tags that every user should have; if not set, any tag is enough.",
                "examples": [["owner"]],
            },
        },
        "description": "What `iamctl audit` accepts and expects.",
        "examples": [{"owner_tags": ["owner"]}],
    }


def _acceptance() -> dict[str, Any]:
    return {
        "control": {
            "type": "string",
            "description": "The name of the control.",
            "examples": ["unused-access-keys"],
        },
        "address": {
            "type": "string",
            "description": "The address that `iamctl audit` prints, or the user whose key or policy it is; "
            "leave it out for the account and its root user.",
            "examples": ["user/ci", "access-key/ci/AKIAIOSFODNN7EXAMPLE"],
        },
        "until": {
            "type": "string",
            "format": "iamctl-until",
            "description": "The last day (to its end, UTC) or an RFC 3339 time.",
            "examples": ["2027-03-31"],
        },
        "reason": {
            "type": "string",
            "minLength": 1,
            "maxLength": MOST_OF_A_REASON,
            "description": f"The reason, for auditors; at most {MOST_OF_A_REASON} characters.",
            "examples": ["OPS-7"],
        },
    }


def audit_settings(
    entries: Iterable[tuple[Path, Mapping[str, Any]]],
    owner_tags: Iterable[str],
    place: Callable[..., Origin],
    report: Callable[[str, Origin], None],
) -> AuditSettings:
    """Return the settings; ``report`` gets what is wrong with an entry, which is then left out."""
    found: dict[tuple[str, Address | None], Acceptance] = {}
    for path, entry in entries:
        origin = place(*path, "control")
        address = _address(entry["address"]) if "address" in entry else None
        if "address" in entry and address is None:
            message = f"{entry['address']!r} is not an address; write it as 'iamctl audit' prints it"
            report(message, place(*path, "address"))
        elif problem := _unknown_control(entry["control"]):
            report(problem, origin)
        else:
            one = Acceptance(entry["control"], address, end_of(entry["until"]), entry["reason"], origin)
            first = found.setdefault((one.control, address), one)
            if first is not one:
                report(f"{one.control} is already accepted for this address at {first.origin}; keep one", origin)
    return AuditSettings(tuple(found.values()), tuple(owner_tags))


def _address(text: str) -> Address | None:
    kind, _, rest = text.partition("/")
    if kind in _OTHER_KINDS:
        return Address.of(kind, rest) if rest else None
    return parse_address(text) if kind in {known.kind for known in KINDS} else None


def _unknown_control(name: str) -> str:
    from iamctl.audit import all_controls  # only manifests that accept something need the controls

    names = [known.id for known in all_controls()]
    if name in names:
        return ""
    return f"{name!r} is not a control{did_you_mean(name, names)}; 'iamctl audit' lists them"
