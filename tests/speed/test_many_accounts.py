"""What many accounts cost grows with their number, and not with its square; counted in calls of functions, not in seconds."""

import sys
from datetime import UTC, datetime

from benchmarks.accounts import Accounts, section
from benchmarks.child import Cost
from benchmarks.many_accounts import name_of, write_accounts, write_snapshot
from iamctl.commands.plan import plan
from iamctl.commands.validate import validate
from iamctl.commands.workspace import declared_accounts
from iamctl.manifests import read_tree
from iamctl.source.open import SourceOptions

NOW = datetime(2026, 11, 29, tzinfo=UTC)


def calls_of(work):
    """Return how many functions the work calls, those written in C included."""
    count = 0

    def seen(frame, event, argument):
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def trees(folder, *counts):
    for count in counts:
        write_accounts(folder / str(count), count)
    return [folder / str(count) for count in counts]


def checked(root):
    assert validate(root, account=None, now=None, base=None, allow_loosening=False, output="text") == 0


def test_checking_ten_times_as_many_accounts_takes_at_most_eleven_times_the_calls(tmp_path, capsys):
    one, few, many = trees(tmp_path, 1, 4, 40)
    checked(one)  # compiles schemas and loads rules

    small, large = calls_of(lambda: checked(few)), calls_of(lambda: checked(many))

    assert large <= 11 * small


def test_another_account_costs_a_plan_little(tmp_path, capsys):
    """A line of iamctl.yaml and a folder that is listed, but none of its manifests."""
    few, many = trees(tmp_path, 2, 40)
    write_snapshot(tmp_path / "account.json", 1)

    def planned(root):
        read_tree(root).declare(name_of(1), now=NOW)

    planned(few)
    own, of_others = calls_of(lambda: planned(few)), calls_of(lambda: planned(many))
    each = (of_others - own) / 38
    whole = calls_of(lambda: list(declared_accounts(read_tree(many), NOW))) / 40

    assert each < whole / 4


def test_the_snapshot_is_as_the_manifests_declare(tmp_path, capsys):
    (root,) = trees(tmp_path, 3)
    write_snapshot(tmp_path / "account.json", 2)

    options = dict.fromkeys(("base", "out"))
    flags = dict.fromkeys(
        ("allow_self", "allow_transition", "allow_loosening", "show_calls", "show_commands", "all_findings"), False
    )
    code = plan(
        root,
        SourceOptions(snapshot=tmp_path / "account.json"),
        account=name_of(2),
        now="2026-11-29",
        output="text",
        detailed_exitcode=True,
        allow_removals=[],
        access="summary",
        **options,
        **flags,
    )

    assert (code, capsys.readouterr().out.splitlines()[-1]) == (0, "Nothing to change.")


def test_the_section_says_what_missed():
    quick, slow = (Cost(seconds, seconds, 10**8, 0, "") for seconds in (0.5, 6.0))
    costs = {20: quick, 200: quick, 2_000: slow}

    text = section(Accounts(costs, dict.fromkeys(costs, quick)), 0.02)

    assert "| 2,000 | validate | 6.00 | 300 | 3.0 | 100 |" in text
    assert "| `validate` of 2,000 accounts as a multiple of 200 | 11 | 12 | **missed** |" in text
    assert "| CPU seconds of `validate` of 2,000 accounts | 4 | 6 | **missed** |" in text
