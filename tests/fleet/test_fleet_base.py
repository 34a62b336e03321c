"""With --base, a plan of many accounts names what the change does to the accounts themselves."""

import json
from dataclasses import replace

import pytest
from fleet.fleet_world import NOW, write_accounts

from iamctl.comparison.settings_guard import counterparts, narrowed
from iamctl.model.settings import Base, Settings

WAVES = [{"name": "first", "select": {"account": "a1"}, "max_failures": 0}, {"name": "rest"}]
LOOSER = [{**WAVES[0], "max_failures": 5}, WAVES[1]]
LOST = "1 account of the base is no longer managed: 'a3' (000000000003)"
WAVE = "the next wave begins although 5 accounts of wave 'first' failed, instead of 0"


@pytest.mark.parametrize("command", ["plan", "validate"])
def test_accounts_that_are_no_longer_managed_and_looser_waves_come_first(tmp_path, here, inline, command):
    write_accounts(tmp_path, 3, waves=WAVES)
    (tmp_path / "iam").rename(tmp_path / "before")
    (tmp_path / "accounts").rmdir()
    write_accounts(tmp_path, 2, waves=LOOSER)
    sandbox = ("--sandbox", "accounts") if command == "plan" else ()

    done = here("fleet", command, "iam", *sandbox, "--now", NOW, "--base", "before", "--results", "r.jsonl")
    merged = here("fleet", "report", "r.jsonl", "--format", "markdown")

    assert done.stdout.count(LOST) == done.stdout.count(WAVE) == 1, done.stdout
    assert done.stdout.index("Look at this first") < done.stdout.index(LOST)
    assert merged.stdout.count("no longer managed") == 1
    lines = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text(encoding="utf-8").splitlines()]
    found = {one["account"]: [f["rule"] for f in one["findings"] if f["rule"] == "IAM439"] for one in lines}
    assert found == {"a1": ["IAM439", "IAM439"], "a2": ["IAM439"]}


def test_what_the_tree_changes_is_not_in_the_digest(tmp_path, here, inline):
    write_accounts(tmp_path, 3)
    (tmp_path / "iam").rename(tmp_path / "before")
    (tmp_path / "accounts").rmdir()
    write_accounts(tmp_path, 2)
    plan = ("fleet", "plan", "iam", "--sandbox", "accounts", "--now", NOW, "--format", "json")

    alone, compared = json.loads(here(*plan).stdout), json.loads(here(*plan, "--base", "before").stdout)

    assert alone["fleet_digest"] == compared["fleet_digest"]


class Watched(dict):
    looks = 0

    def values(self):
        Watched.looks += 1
        return super().values()

    def items(self):
        Watched.looks += 1
        return super().items()


def test_the_accounts_of_a_base_are_looked_through_once():
    base = Base(Watched({f"a{one}": Settings(f"a{one}", f"{one:012}") for one in range(50)}))

    own = [narrowed(base, settings) for settings in dict(base.accounts).values()]

    assert [list(one.accounts) for one in own] == [[name] for name in base.accounts]
    assert {one.others for one in own} == {49}
    assert Watched.looks == 1


def test_a_base_has_the_account_of_the_id_and_the_one_of_the_name():
    test, prod, other = (Settings(name, f"{number:012}") for number, name in enumerate(("test", "prod", "other")))
    base = Base({one.account_name: one for one in (test, prod, other)}, others=1)
    ours = replace(prod, account_id=test.account_id)

    assert tuple(narrowed(base, ours).accounts.values()) == counterparts(ours, base.accounts) == (test, prod)
    assert narrowed(base, ours).others == 2
    assert narrowed(base, Settings("new", "1" * 12)).accounts == {}
