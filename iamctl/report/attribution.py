"""Words for who made a difference, as CloudTrail recorded it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from iamctl.model.deed import Actor, ActorKind, Attribution, Deed, Unfound
from iamctl.report.blocks import Line, Span, Style, line
from iamctl.text.counted import counted

NOT_LOOKED_UP = Attribution(why=Unfound.NOT_LOOKED_UP)

_UNFOUND: Mapping[Unfound, str] = {
    Unfound.NO_EVENT: "CloudTrail has no such call: it is older than 90 days, not recorded yet, or a merged change is not "
    "applied yet",
    Unfound.NOT_RECORDED_SO: "it is not known which call makes such a difference",
}


def attribution_lines(attribution: Attribution | None) -> Iterator[Line]:
    """Yield who made a difference, or why that is not known; nothing where nobody asked, or there were too many."""
    if attribution is None or attribution.why is Unfound.NOT_LOOKED_UP:
        return
    if deed := attribution.deed:
        style: Style = "refuse" if deed.actor.kind is ActorKind.ROOT else "strong"
        yield line(Span("by "), Span(_actor_text(deed.actor), style), Span(_deed_text(deed)), indent=3)
    elif attribution.why is Unfound.FAILED:
        yield line(Span(f"actor not found: {attribution.reason}", "warn"), indent=3)
    elif attribution.why:
        yield line(Span(f"actor not found: {_UNFOUND[attribution.why]}", "dim"), indent=3)


def started_by_line(deed: Deed) -> Line:
    """Return which call started a run."""
    style: Style = "refuse" if deed.actor.kind is ActorKind.ROOT else "strong"
    told = Span(_actor_text(deed.actor), style), Span(_where_and_when(deed))
    return line(Span("started by an event: "), *told, indent=1)


def not_looked_up_text(number: int, *, for_each: str = "") -> str:
    """Return that so many differences were not looked up; ``for_each`` says what has a limit of its own."""
    limit = f"a run makes at most 20 requests to CloudTrail{for_each}"
    return f"Actors of {counted(number, 'more difference')} were not looked up: {limit}."


def _actor_text(actor: Actor) -> str:
    match actor.kind:
        case ActorKind.ROOT:
            return "THE ROOT USER"
        case ActorKind.USER:
            return f"user {actor.name}"
        case ActorKind.ROLE:
            identity = f", source identity {actor.source_identity}" if actor.source_identity else ""
            return f"role {actor.name}, session {actor.session}{identity}"
        case _:
            return actor.name or "an unnamed identity"


def _deed_text(deed: Deed) -> str:
    ours = (
        "; an apply of iamctl, so a merged change that is not applied yet may explain it" if deed.is_of_iamctl else ""
    )
    return f"{_where_and_when(deed)}{ours}"


def _where_and_when(deed: Deed) -> str:
    where = f" from {deed.address}" if deed.address else ""
    return f"{where} on {deed.at:%Y-%m-%dT%H:%M:%SZ} ({deed.operation}, event {deed.event_id})"


def attribution_of(data: object) -> Attribution | None:
    """Return what ``attribution_json`` wrote; None for anything else, since a file of results may hold anything."""
    if not isinstance(data, Mapping):
        return None
    try:
        if data.get("why"):
            return Attribution(why=Unfound(data["why"]), reason=str(data.get("reason") or ""))
        names = (str(data.get(name) or "") for name in ("name", "session", "source_identity"))
        actor = Actor(ActorKind(data["kind"]), *names)
        at = datetime.fromisoformat(str(data["at"]))
        place, event = (str(data.get(name) or "") for name in ("source_address", "event_id"))
        return Attribution(Deed(str(data["operation"]), at, actor, place, event))
    except (KeyError, TypeError, ValueError):
        return None


def attribution_json(attribution: Attribution | None) -> dict[str, Any] | None:
    """Return who made a difference as JSON; None where nobody asked."""
    if attribution is None:
        return None
    deed = attribution.deed
    return {
        "why": attribution.why.value if attribution.why else None,
        "reason": attribution.reason,
        "kind": deed.actor.kind.value if deed else None,
        "name": deed.actor.name if deed else None,
        "session": deed.actor.session if deed else None,
        "source_identity": deed.actor.source_identity if deed else None,
        "operation": deed.operation if deed else None,
        "at": f"{deed.at:%Y-%m-%dT%H:%M:%SZ}" if deed else None,
        "source_address": deed.address if deed else None,
        "event_id": deed.event_id if deed else None,
        "is_of_iamctl": deed.is_of_iamctl if deed else False,
    }
