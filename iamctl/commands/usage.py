"""``iamctl audit --usage``: which services groups allow and nobody in them uses."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from iamctl import __version__
from iamctl.account.live import live_account
from iamctl.account.needs import Needs
from iamctl.audit.usage import GroupUsage, group_usage
from iamctl.commands.ci_surroundings import in_ci
from iamctl.commands.workspace import Workspace, moment, open_workspace
from iamctl.kinds import Group, Membership
from iamctl.model import Account, IamctlError
from iamctl.model.failures import UsageError
from iamctl.report.usage import Usage, usage_report
from iamctl.source.open import SourceOptions
from iamctl.terminal.show import show

FORMATS = ("text", "json", "csv", "markdown")

_PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 30.0, 30.0)
"""Seconds before each further look at a job, together two minutes; most end within seconds."""

_MOST = 1000
"""Services on a page; there are fewer. https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetails.html"""

Ask = Callable[[str, Mapping[str, Any]], Mapping[str, Any] | None]
"""Reads: the operation and its parameters to the answer with all pages, None where IAM has no such thing."""


def usage(directory: Path | None, source: SourceOptions, *, account: str | None, now: str | None, output: str) -> int:
    """Print what groups allow and what their members used; return 1 when a group could not be evaluated, else 0.

    Raises:
        UsageError: a snapshot cannot tell it, or the format cannot show it.
    """
    if output not in FORMATS:
        raise UsageError(f"--usage prints {', '.join(FORMATS[:-1])} or {FORMATS[-1]}, not {output}")
    if source.snapshot is not None:
        raise UsageError("--usage asks AWS for each group, and a snapshot cannot answer; omit --snapshot")
    without_credentials = replace(source, credentials="none")
    with open_workspace(directory, without_credentials, account=account, now=moment(now)) as workspace:
        found = _usage(workspace)
    show(in_ci(usage_report(found, __version__), directory), output)
    return 1 if any(one.problem for one in found.groups) else 0


def _usage(workspace: Workspace) -> Usage:
    live = live_account(workspace.live.fetch(Needs()))
    members = Counter(membership.group.lower() for membership in live.state.of_kind(Membership))
    groups = live.state.of_kind(Group)
    asked = Jobs(workspace.live.ask, time.sleep)
    arns = {
        group.name: f"arn:{live.partition}:iam::{live.account_id}:group{group.path}{group.name}"
        for group in groups
        if members[group.name.lower()]
    }
    found = asked.usage({name: (arn, members[name.lower()]) for name, arn in arns.items()})
    return Usage(
        account=Account(live.account_id, workspace.desired.settings.account_name, live.partition),
        at=workspace.now,
        groups=found,
        empty=tuple(group.name for group in groups if group.name not in arns),
        calls=asked.calls,
    )


class Jobs:
    """Asks AWS for service last accessed data: one job for each group, all of them started before the first is read."""

    def __init__(self, ask: Ask, sleep: Callable[[float], None]) -> None:
        self._ask = ask
        self._sleep = sleep
        self.calls = 0
        """The number of calls so far."""

    def usage(self, groups: Mapping[str, tuple[str, int]]) -> tuple[GroupUsage, ...]:
        """Return the usage of groups, given as the name to the ARN and the number of members; by name.

        A group of which AWS tells nothing has the reason.
        """
        started = {name: self._started(arn) for name, (arn, _) in groups.items()}
        return tuple(self._finished(name, members, started[name]) for name, (_, members) in sorted(groups.items()))

    def _started(self, arn: str) -> str | IamctlError:
        try:
            return str(self._called("GenerateServiceLastAccessedDetails", {"Arn": arn})["JobId"])
        except IamctlError as error:
            return error

    def _finished(self, group: str, members: int, job: str | IamctlError) -> GroupUsage:
        if isinstance(job, IamctlError):
            return GroupUsage(group, members, problem=str(job))
        try:
            answer = self._completed(job, (0.0, *_PAUSES))
        except IamctlError as error:
            return GroupUsage(group, members, problem=str(error))
        return group_usage(group, members, answer)

    def _completed(self, job: str, pauses: Iterable[float]) -> Mapping[str, Any]:
        """Return the answer of a job once it is there.

        Raises:
            IamctlError: it failed, or it takes too long.
        """
        for pause in pauses:
            if pause:
                self._sleep(pause)
            answer = self._called("GetServiceLastAccessedDetails", {"JobId": job, "MaxItems": _MOST})
            if answer["JobStatus"] == "COMPLETED":
                return answer
            if answer["JobStatus"] == "FAILED":
                error = answer.get("Error") or {}
                raise IamctlError(
                    f"the job failed: {error.get('Code', 'no reason')} {error.get('Message', '')}".rstrip()
                )
        raise IamctlError("the job is still in progress after two minutes; run again")

    def _called(self, operation: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        self.calls += 1
        answer = self._ask(operation, params)
        if answer is None:
            raise IamctlError(f"iam:{operation} does not know the group; it may have been deleted meanwhile")
        return answer
