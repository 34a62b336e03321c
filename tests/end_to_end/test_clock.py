"""The clock of the machine beside AWS's, before dates decide what is applied."""

import pytest
from command_line import account, run, user, write_tree
from loopback import loopback


@pytest.fixture
def tree(tmp_path):
    return write_tree(tmp_path / "iam", {"users": {"alice": {}, "bob": {}}})


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(400, "6 minutes behind AWS's"), (-7300, "121 minutes ahead of AWS's"), (200, None), (-200, None)],
)
def test_fault_34_apply_stops_where_the_clocks_differ(tmp_path, tree, seconds, words):
    with loopback(account([user("alice")])) as served:
        served.clock_ahead_seconds = seconds
        done = run("apply", tree, "--yes", cwd=tmp_path, **served.environment)
        assert (done.returncode, served.writes) == ((1, []) if words else (0, ["CreateUser"]))
        assert words is None or words in done.stderr


def test_fault_34_plan_goes_on_with_a_wrong_clock(tmp_path, tree):
    with loopback(account([user("alice")])) as served:
        served.clock_ahead_seconds = 40000
        assert run("plan", tree, cwd=tmp_path, **served.environment).returncode == 0
