"""The benchmark itself: what it serves, how it fits a line, and that it only ever talks to loopback."""

import subprocess

import pytest

from benchmarks.child import Cost, cost, iam_of
from benchmarks.generated import Size, snapshot, write_tree
from benchmarks.measure import Access, Ordering, Work
from benchmarks.tables import Results, fit, tables
from benchmarks.terraform import Compared, compared, configuration

PLAN = ("-m", "iamctl", "plan", "iam", "--detailed-exitcode")


def test_a_child_plans_against_the_endpoint_and_its_calls_are_counted(tmp_path):
    write_tree(tmp_path / "iam", Size(50), drifted=False)

    with iam_of(50) as address:
        run = cost(PLAN, tmp_path, address)

    assert run.exit_code == 0, run.output
    assert run.calls == {
        "GetAccountAuthorizationDetails": 1,
        "GetAccountSummary": 1,
        "GetCallerIdentity": 1,
        "ListServiceSpecificCredentials": 1,
        "GenerateCredentialReport": 2,
        "GetCredentialReport": 1,
    }
    assert run.cpu_seconds > 0
    assert run.peak_bytes > 10**6


def test_no_address_beyond_loopback_is_used(tmp_path):
    with pytest.raises(AssertionError, match=r"iam\.example"):
        cost(PLAN, tmp_path, "https://iam.example")


def test_a_child_that_takes_too_long_is_ended(tmp_path):
    run = cost(("-c", "import time; time.sleep(30)"), tmp_path, most_seconds=0.2)

    assert run.exit_code == -9


def test_the_credentials_of_the_machine_do_not_reach_the_child(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "production")
    run = cost(("-c", "import os; print(sorted(n for n in os.environ if n.startswith('AWS_PROFILE')))"), tmp_path)

    assert run.output.strip() == "[]"


def test_the_same_size_gives_the_same_account(tmp_path):
    write_tree(tmp_path / "one", Size(100), drifted=True)
    write_tree(tmp_path / "two", Size(100), drifted=True)

    assert snapshot(Size(100)) == snapshot(Size(100))
    assert subprocess.run(["diff", "-r", "one", "two"], cwd=tmp_path, check=False).returncode == 0


@pytest.mark.parametrize("users", [50, 500, 5000])
def test_everybody_is_in_two_groups(users):
    size = Size(users)

    assert all(len(set(size.groups_of(user))) == 2 for user in range(users))


def test_a_line_is_fitted():
    offset, slope, squared = fit([(50, 1.05), (500, 1.5), (5000, 6.0)])

    assert (offset, slope, squared) == pytest.approx((1, 0.001, 1))


def test_terraform_makes_the_same_account():
    made = configuration(Size(50), "http://127.0.0.1:1")["resource"]

    edges = sum(len(one["groups"]) for one in made["aws_iam_user_group_membership"].values())
    others = sum(len(kind) for name, kind in made.items() if name != "aws_iam_user_group_membership")
    assert others + edges == Size(50).objects_and_edges


def test_terraform_asks_no_address_beyond_loopback():
    with pytest.raises(AssertionError, match=r"iam\.example"):
        configuration(Size(50), "https://iam.example")


def test_without_terraform_the_reason_is_told(monkeypatch):
    monkeypatch.setenv("PATH", "")

    assert compared(50) == "terraform is not installed"


@pytest.mark.parametrize(("seconds", "verdict"), [(39.0, "ok"), (41.0, "**missed**")])
def test_an_apply_is_compared_with_that_of_terraform(seconds, verdict):
    rows = [line for line in _tables(Compared(500, seconds, 1840, 100.0, 3002)).splitlines() if "Terraform's" in line]

    assert [row.split(" | ")[-1].strip(" |") for row in rows] == [verdict]


def test_what_misses_its_target_says_so():
    rows = dict(line.strip("|").split(" | ", 1) for line in _tables("no terraform").splitlines() if line[:2] == "| ")
    assert rows[" CPU seconds of a no-op plan of 5,000 users"].split() == ["6", "|", "7", "|", "**missed**"]
    assert rows[" CPU seconds to order 10,000 calls, everything moving"].split()[-1] == "**missed**"
    assert rows[" CPU seconds to order 9,000 calls, memberships moving"].split()[-1] == "ok"
    assert rows[" `iamctl validate` as a multiple of `python -c pass`"].split()[-1] == "**missed**"


def _tables(beside):
    run = Cost(7.0, 8.0, 10**8, 0, "", {"CreateUser": 3, "GetAccountSummary": 20})
    names = ("no-op plan", "fresh apply", "plan, 1% drift", "validate")
    works = tuple(Work(users, name, run) for users in (50, 500, 5000) for name in names)
    starts = {"python -c pass": 0.01, "iamctl --help": 0.1, "iamctl validate": 0.3}
    access = Access(12.5, {"the guard goes": (5000, 11.0), "too slow": None})
    orderings = {"everything": None, "memberships": Ordering(9000, 0, 0.5)}
    return tables(Results(starts, works, orderings, None, access, beside=beside))
