"""A worker turns whatever happens in an account into its result, and what it gets is whole in another process."""

import pickle
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fleet.fleet_world import account_id, write_accounts

from iamctl import __version__
from iamctl.apply.lock import LockHeldError
from iamctl.aws.errors import AwsError, UnreachableError
from iamctl.commands.fleet import worker
from iamctl.commands.fleet.flags import Flags
from iamctl.commands.fleet.tasks import FleetRun, items
from iamctl.commands.fleet.worker import run_task
from iamctl.manifests import read_tree
from iamctl.model import IamctlError
from iamctl.model.failures import RefusedError, StaleError
from iamctl.model.fleet import AccountOutcome, FleetCommand
from iamctl.source.open import SourceOptions

NOW = datetime(2026, 11, 23, tzinfo=UTC)
CANARY = "canary-2f6c1d9e"


@pytest.fixture
def task(tmp_path):
    tree = read_tree(write_accounts(tmp_path, 1))
    flags = Flags(SourceOptions(sandbox=tmp_path / "accounts"))
    (made,) = items(FleetRun("run-1", FleetCommand.PLAN, tree, NOW, flags), tree.accounts.values())
    return made


def test_a_worker_of_another_version_refuses_before_it_reads_what_is_declared(task):
    found = run_task(replace(task, iamctl_version="0.0.0", declared=b"not a pickle"))

    assert (found.outcome, found.exit, found.digest) == (AccountOutcome.ERROR, 1, "")
    assert "0.0.0" in found.error
    assert __version__ in found.error


@pytest.mark.parametrize(
    ("error", "outcome", "code"),
    [
        (UnreachableError("no network"), AccountOutcome.UNREACHABLE, 1),
        (AwsError("AWS denied iam:ListUsers"), AccountOutcome.ERROR, 1),
        (RefusedError("the wrong account"), AccountOutcome.REFUSED, 3),
        (StaleError("another digest"), AccountOutcome.REFUSED, 5),
        (LockHeldError("held by run x"), AccountOutcome.LOCKED, 5),
        (IamctlError("whatever"), AccountOutcome.ERROR, 1),
        (PermissionError(13, "Permission denied", "x.json"), AccountOutcome.ERROR, 1),
    ],
)
def test_each_failure_has_its_outcome_and_its_reason(task, monkeypatch, error, outcome, code):
    def fail(*_):
        raise error

    monkeypatch.setattr(worker, "open_source", fail)

    found = run_task(task)

    assert (found.outcome, found.exit) == (outcome, code)
    assert (str(error) if isinstance(error, IamctlError) else "x.json: Permission denied") == found.error


def test_an_error_that_nobody_expects_has_a_place_and_no_text(task, monkeypatch):
    def fail(*_):
        raise KeyError(CANARY)

    monkeypatch.setattr(worker, "open_source", fail)

    found = run_task(task)

    assert (found.outcome, found.exit) == (AccountOutcome.ERROR, 1)
    assert "KeyError at test_worker.py:" in found.error
    assert "iamctl plan --account a1" in found.error
    assert CANARY not in str(found.to_json())


def test_what_is_declared_is_the_same_in_a_process_with_other_hashes(task):
    """Addresses keep their hash, and each process salts its hashes differently."""
    code = (
        "import pickle, sys\n"
        "from iamctl.model import Address\n"
        "desired = pickle.load(sys.stdin.buffer)\n"
        "names = sorted(str(a) for a in desired.state.resources if desired.state.get(Address.of(a.kind, *a.parts)))\n"
        "print(*names)\n"
    )
    desired = pickle.loads(task.declared)
    assert all(hash(address) for address in desired.state.resources)  # is computed and kept

    shown = subprocess.run(
        [sys.executable, "-c", code],
        input=pickle.dumps(desired),
        env={"PYTHONHASHSEED": "1"},
        capture_output=True,
        check=True,
        cwd=worker.__file__.rpartition("/iamctl/")[0],
    )

    assert shown.stdout.decode().split() == ["user/everybody", "user/own-a1"]


def test_the_sessions_of_a_run_carry_its_id(task):
    from iamctl.commands.fleet.flags import source_options

    assert source_options(task).session_name == "iamctl-run-1"
    assert source_options(task).sandbox.name == "a1.json"
    assert task.account_id == account_id(1)


@pytest.mark.parametrize("name", ["../../evil", "a/b", "..", ".hidden", "a\u202eb", "a\nb", "x" * 101, "/etc/passwd"])
def test_a_name_from_an_organization_leads_to_no_other_folder(tmp_path, name):
    told = Flags(SourceOptions(sandbox=tmp_path)).of(name, "111122223333")

    assert told["sandbox"] == str(tmp_path / "111122223333.json")


def test_the_file_of_an_account_has_its_name(tmp_path):
    told = Flags(SourceOptions(snapshot=tmp_path)).of("Team A prod", "111122223333")

    assert told["snapshot"] == str(tmp_path / "Team A prod.json")
