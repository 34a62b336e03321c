"""A run on a cluster gives what the same run gives on this machine."""

import json
import threading
import time
from contextlib import ExitStack

import pytest

pytest.importorskip("distributed", reason="the extra 'fleet' is not installed")

from cluster.processes import SECONDS, Authority, serving
from fleet.fleet_world import NOW, account_id, write_accounts

SECRET = "canary-3f9c2a"
LOG = ("--log-level", "info")
"""So that the tests of secrets search all that Dask logs."""

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Yield the scheduler of a cluster with two workers that hold a secret; its ``variables`` are those of a client."""
    folder = tmp_path_factory.mktemp("cluster")
    authority = Authority(tmp_path_factory.mktemp("authority") / "ours", "ours")
    secret = {"AWS_SECRET_ACCESS_KEY": SECRET, "AWS_ACCESS_KEY_ID": "AKIACANARY", "AWS_SESSION_TOKEN": SECRET}
    with ExitStack() as stack:
        served = stack.enter_context(
            serving("scheduler", "tls://127.0.0.1:0", folder, authority.variables("scheduler"), *LOG)
        )
        for name in ("one", "two"):
            variables = {**authority.variables(name), **secret}
            served.workers.append(stack.enter_context(serving("worker", served.url, folder, variables, *LOG)))
        served.variables, served.authority = authority.variables("client"), authority
        yield served


@pytest.fixture
def client(cluster, monkeypatch):
    """Make this process a client of the cluster, and return its engine."""
    for name, value in cluster.variables.items():
        monkeypatch.setenv(name, value)
    return f"dask:{cluster.url}"


def lines(stdout):
    """Return JSON lines in order of the accounts, without what each run has of its own."""
    found = [json.loads(line) for line in stdout.splitlines()]
    return sorted(({**one, "seconds": 0} for one in found), key=lambda one: one["account"])


def write_snapshots(root, number):
    """Write a tree of accounts and an empty snapshot of each; that of the last is broken, and a manifest of the one before."""
    write_accounts(root, number)
    for one in range(1, number):
        account = {"id": account_id(one), "partition": "aws"}
        empty = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
        (root / f"accounts/a{one}.json").write_text(json.dumps({"account": account, **empty}), encoding="utf-8")
    (root / f"accounts/a{number}.json").write_text("{", encoding="utf-8")
    (root / f"iam/a{number - 1}/users.yaml").write_text("users: [bob]\n", encoding="utf-8")


@pytest.mark.exhaustive  # tests/cluster makes calls on such workers, and the same lines come from an executor
def test_a_cluster_gives_the_lines_of_this_machine(tmp_path, here, cluster, client):
    write_snapshots(tmp_path, 6)
    plan = ("fleet", "plan", "iam", "--snapshot", tmp_path / "accounts", "--now", NOW, "--format", "jsonl")

    local = here(*plan, "--jobs", 1)
    spread = here(*plan, "--engine", client)

    assert spread.returncode == local.returncode == 1, spread.stderr
    assert lines(spread.stdout) == lines(local.stdout)
    assert [one["outcome"] for one in lines(spread.stdout)] == [*["changes"] * 4, "error", "error"]
    seen = [
        local.stdout,
        spread.stdout,
        spread.stderr,
        *(path.read_text() for path in cluster.log.parent.glob("*.log")),
    ]
    assert SECRET not in "".join(seen)


@pytest.mark.exhaustive
def test_a_worker_is_killed_while_a_run_plans(tmp_path, here, cluster, client):
    """All accounts have a result, and none has two; whether the worker was in an account is a matter of luck."""
    write_snapshots(tmp_path, 40)
    file = tmp_path / "plan.jsonl"
    plan = ("fleet", "plan", "iam", "--snapshot", tmp_path / "accounts", "--now", NOW, "--format", "jsonl")
    variables = {**cluster.authority.variables("three"), "HOME": str(tmp_path)}

    def kill_soon(served):
        end = time.monotonic() + SECONDS
        while not (file.exists() and file.read_text()) and time.monotonic() < end:
            time.sleep(0.05)
        served.process.kill()

    with serving("worker", cluster.url, cluster.log.parent, variables) as third:
        killer = threading.Thread(target=kill_soon, args=[third])
        killer.start()
        spread = here(*plan, "--engine", client, "--results", file)
        killer.join()
    local = here(*plan, "--jobs", 1)

    assert lines(spread.stdout) == lines(local.stdout)
    assert len({one["account"] for one in lines(spread.stdout)}) == len(spread.stdout.splitlines()) == 40


@pytest.mark.exhaustive
def test_200_accounts_have_the_same_lines_here_on_a_cluster_and_in_shards(tmp_path, here, cluster, client):
    write_snapshots(tmp_path, 200)
    plan = ("fleet", "plan", "iam", "--snapshot", tmp_path / "accounts", "--now", NOW, "--format", "jsonl")
    parts = [tmp_path / f"{part}.jsonl" for part in range(1, 5)]

    local = here(*plan, "--jobs", 2, "--results", tmp_path / "whole.jsonl")
    spread = here(*plan, "--engine", client)
    shards = [
        here(*plan, "--engine", client, "--shard", f"{part}/4", "--results", file) for part, file in enumerate(parts, 1)
    ]
    merged = here("fleet", "report", *parts, "--format", "json")
    alone = here("fleet", "report", tmp_path / "whole.jsonl", "--format", "json")

    assert len(lines(local.stdout)) == 200
    assert lines(spread.stdout) == lines(local.stdout)
    assert lines("".join(shard.stdout for shard in shards)) == lines(local.stdout)
    assert without_seconds(json.loads(merged.stdout)) == without_seconds(json.loads(alone.stdout))


def without_seconds(report):
    return {**report, "accounts": [{**one, "seconds": 0} for one in report["accounts"]]}
