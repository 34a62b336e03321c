"""Settings of audits that are looser than in the base, and the stricter of both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from iamctl.comparison.loosening import Loosening
from iamctl.model import Address
from iamctl.model.settings import Acceptance, AuditSettings, Settings


def looser_audit(ours: Settings, base: Settings) -> Iterator[Loosening]:
    """Yield each finding that is accepted and was not, or for longer, and each tag that users no longer need."""
    before = {_subject(one): one for one in base.audit.accept}
    for one in ours.audit.accept:
        old = before.get(_subject(one))
        what = f"{one.control} of {one.address}" if one.address else one.control
        if old is None:
            yield Loosening("audit.accept", f"{what} is accepted, but not in the base", one.origin)
        elif one.until > old.until:
            yield Loosening("audit.accept", f"{what} is accepted for longer than in the base", one.origin)
    kept = {key.lower() for key in ours.audit.owner_tags}
    for key in base.audit.owner_tags:
        if key.lower() not in kept:
            what = f"users no longer need the tag {key}"
            yield Loosening("audit.owner_tags", what, ours.origin_of("audit"))


def stricter_audit(ours: AuditSettings, base: AuditSettings) -> AuditSettings:
    """Return settings that accept what both accept, for the shorter time, and want the tags of both."""
    before = {_subject(one): one for one in base.accept}
    accept = tuple(
        replace(one, until=min(one.until, before[_subject(one)].until))
        for one in ours.accept
        if _subject(one) in before
    )
    tags = {key.lower(): key for key in (*base.owner_tags, *ours.owner_tags)}
    return AuditSettings(accept, tuple(tags.values()))


def _subject(one: Acceptance) -> tuple[str, Address | None]:
    return one.control, one.address
