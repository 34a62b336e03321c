"""A run that may not remove a temporary policy reports it, and so does its journal; the next run removes it."""

from pathlib import Path

from crashing import place
from scenarios import SCENARIOS
from test_permissions import permitted, printed

ON = "temporary policy iamctl-transition is still on u0: it only denies, and the next apply removes it"


def test_a_policy_that_is_left_is_named_until_it_is_removed(tmp_path):
    scenario = SCENARIOS["crossed"]
    with place(tmp_path, scenario.live) as here:
        here.manifests(scenario.declared, **scenario.settings)
        here.flags = scenario.flags
        policy = printed(here, "apply", "--path", "/", *scenario.flags)
        for statement in policy["Statement"]:
            statement["Action"] = [one for one in statement["Action"] if one != "iam:DeleteUserPolicy"]
        permitted(here, policy)
        done = here.apply()
        (journal,) = Path(".iamctl/journal").glob("*.jsonl")
        explained = here.run("journal", journal)
        here.rules.rules.clear()
        here.flags = ()
        again = here.apply()

        assert done.code == 4
        assert ON in done.out
        assert ON in explained.out
        assert again.code == 0, again.out[-2000:]
        assert "u0 has the temporary policy iamctl-transition of an interrupted apply" in again.out
        assert here.is_planned_empty()
