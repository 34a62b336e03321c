"""The report of a run from its journal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from iamctl.model import Outcome, OutcomeStatus
from iamctl.model.recorded_run import RecordedRun
from iamctl.report.blocks import Line, Report, Section, Span, line
from iamctl.report.left_denies import left_deny_lines
from iamctl.report.reports import call_text, failure_lines, outcome_json
from iamctl.text.counted import counted
from iamctl.text.moment import start_of, to_the_second

_NEXT = (
    "A journal is never run again. The next plan reads the account and shows what still differs: calls that failed or "
    "were not started come back where they are still needed, and an unknown call comes back if it was not done."
)
_ENDINGS = {
    "finished": "The run finished.",
    "interrupted": "The run was interrupted by Ctrl-C or SIGTERM.",
    "stopped": "The run stopped, because no further call could succeed.",
}
_KILLED = "The journal does not say how the run ended: it was killed, its machine stopped, or it is still running."


def journal_report(run: RecordedRun, path: str) -> Report:
    """Return the report of a run: done, failed, unknown, not started, and what comes next."""
    by_status = {status: [outcome for outcome in run.outcomes if outcome.status is status] for status in OutcomeStatus}
    sections = [Section(f"Run of {_time(run.started_at)} in account {run.account_id}", tuple(_ending(run)))]
    if causes := [*by_status[OutcomeStatus.FAILED], *by_status[OutcomeStatus.UNKNOWN]]:
        told = sorted(causes, key=lambda cause: cause.call.index)
        sections.append(
            Section("Failed or unknown", tuple(text for cause in told for text in failure_lines(cause, run.outcomes)))
        )
    if stopped := [outcome for outcome in by_status[OutcomeStatus.NOT_STARTED] if outcome.because is None]:
        sections.append(Section("Not started", tuple(_call_lines(stopped))))
    for status, title in ((OutcomeStatus.ALREADY_GONE, "Already gone"), (OutcomeStatus.DONE, "Done")):
        if found := by_status[status]:
            sections.append(Section(title, tuple(_call_lines(found))))
    sections.append(Section("", tuple(_summary(run, by_status, path))))
    return Report(_json(run, path), tuple(sections))


def _ending(run: RecordedRun) -> Iterator[Line]:
    if run.ending is None:
        yield line(Span(_KILLED, "warn"), indent=1)
    else:
        yield line(_ENDINGS.get(run.ending, f"The run ended: {run.ending}."), indent=1)
        yield line(Span(f"ended: {_time(run.ended_at)}", "dim"), indent=1)
    yield line(Span(f"iamctl {run.version}, plan {run.plan_digest}", "dim"), indent=1)
    if run.damaged:
        numbers = ", ".join(map(str, run.damaged[:5]))
        more = f" and {len(run.damaged) - 5:,} more" if len(run.damaged) > 5 else ""
        said = f"{counted(len(run.damaged), 'line')} cannot be read (line {numbers}{more}); what they say is not here"
        yield line(Span(said, "warn"), indent=1)


def _time(text: str | None) -> str:
    """Return a time of the journal as reports write it; the text itself where it is not a time."""
    try:
        return to_the_second(start_of(text or ""))
    except (ValueError, OverflowError):
        return str(text)


def _call_lines(outcomes: Sequence[Outcome]) -> Iterator[Line]:
    for outcome in outcomes:
        yield line(f"{outcome.call.index:>4} {call_text(outcome.call)}", indent=1)


def _summary(run: RecordedRun, by_status: dict[OutcomeStatus, list[Outcome]], path: str) -> Iterator[Line]:
    parts = [f"{len(found):,} {status.value.replace('-', ' ')}" for status, found in by_status.items() if found] or [
        "no call was sent"
    ]
    retried = f"; {counted(run.retries, 'retry', 'retries')}" if run.retries else ""
    yield line(Span(f"{', '.join(parts)}{retried}.", "strong"))
    if any(
        found for status, found in by_status.items() if status not in {OutcomeStatus.DONE, OutcomeStatus.ALREADY_GONE}
    ):
        yield line(_NEXT)
    yield from left_deny_lines(run.outcomes)
    yield line(Span(f"journal: {path}", "dim"))


def _json(run: RecordedRun, path: str) -> dict[str, object]:
    return {
        "format": "iamctl-run/1",
        "journal": path,
        "account": run.account_id,
        "plan_digest": run.plan_digest,
        "iamctl_version": run.version,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "ending": run.ending,
        "retries": run.retries,
        "damaged_lines": list(run.damaged),
        "outcomes": [{**outcome_json(outcome), "params": dict(outcome.call.params)} for outcome in run.outcomes],
    }
