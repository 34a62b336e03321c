"""An account in the sandbox that tests plan against and apply to, as the commands do but without processes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from iamctl.apply.journal import Journal
from iamctl.apply.run import Surroundings, run
from iamctl.commands.propose import propose
from iamctl.commands.workspace import Workspace, declared, open_tree
from iamctl.kinds import removal_limits
from iamctl.model import Call, Outcome, Plan
from iamctl.source.aws import AwsSource
from iamctl.source.live_source import Waits

ACCOUNT = "123456789012"
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
PASSWORD = "Ugly-but-1ong-enough"
SETTINGS = {
    "version": 1,
    "accounts": {"test": {"id": ACCOUNT}},
    "scope": {"undeclared": {"users": "remove", "groups": "remove", "policies": "remove"}},
    "limits": dict.fromkeys(removal_limits(), 1000),
}


class World:
    """One open sandbox, and a directory for manifests and journals."""

    def __init__(self, session: Any, directory: Path) -> None:
        from iamctl.aws.session import identify

        self.session = session
        self.directory = directory
        self.live = AwsSource(session, identify(session), credentials="exact", now=NOW, waits=Waits())

    def plan(self, manifests: Mapping[str, Any], settings: Mapping[str, Any] | None = None) -> Plan:
        """Return the plan that makes the account as the sections say."""
        tree = Path(tempfile.mkdtemp(dir=self.directory))
        _write(tree / "iamctl.yaml", {**SETTINGS, **(settings or {})})
        _write(tree / "iam.yaml", manifests)
        desired = declared(open_tree(tree), "test", "aws", NOW)
        return propose(Workspace(desired, self.live, NOW)).plan

    def apply(self, plan: Plan) -> tuple[Outcome, ...]:
        """Run the calls of a plan and return their outcomes."""
        journals = self.directory / "journal"
        with Journal.create(journals, plan_digest=plan.plan_digest, account_id=ACCOUNT, version="test") as journal:
            around = Surroundings(self.live.execute, journal, secret=lambda _: PASSWORD)
            return tuple(sorted(run(plan.calls, around), key=lambda outcome: outcome.call.index))

    def reach(self, manifests: Mapping[str, Any], settings: Mapping[str, Any] | None = None) -> Plan:
        """Plan and apply, with every call done."""
        plan = self.plan(manifests, settings)
        failed = [outcome for outcome in self.apply(plan) if outcome.error]
        assert not failed, failed
        return plan


@contextmanager
def world(snapshot: Mapping[str, Any] | None = None) -> Iterator[World]:
    """Yield an account that holds what ``snapshot`` holds, or nothing."""
    from iamctl.sandbox import open_sandbox

    with (
        tempfile.TemporaryDirectory() as directory,
        open_sandbox(snapshot, account_id=ACCOUNT, partition="aws") as session,
    ):
        yield World(session, Path(directory))


def written(call: Call) -> str:
    """Return a call as the case tables write it."""
    params = ", ".join(f"{name}={_value(value)}" for name, value in call.params.items())
    return f"{call.operation}({params})"


def _value(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[" + ", ".join(f"{tag['Key']}={tag['Value']}" for tag in value) + "]"
    return str(value)


class _Plain(yaml.CSafeDumper):
    """Writes a value that stands twice out twice: manifests have no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _write(path: Path, data: Any) -> None:
    path.write_text(yaml.dump(data, Dumper=_Plain, sort_keys=False), encoding="utf-8")
