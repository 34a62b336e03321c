"""A guard is found by the old name of its users and groups until they have the new one."""

import pytest
from command_line import UNLIMITED, account, group, user
from crashing import place
from effort import first
from scenarios import EVERYONE, GUARD, SECRETS, allow, attached, managed, signs_in

LIVE = account(
    [user("v0", ["everyone", "readers"])],
    [EVERYONE, group("readers", AttachedManagedPolicies=attached("reads"))],
    Policies=[managed("guard", GUARD), managed("reads", allow("s3:a"))],
    credentials={"v0": signs_in("v0")},
)


@pytest.mark.parametrize("parallel", [1, 8])
@pytest.mark.parametrize("renamed", first(1, ["both", "user", "group"]))
def test_what_relies_on_a_guard_is_sent_before_and_after_a_rename(tmp_path, renamed, parallel):
    name = "v0" if renamed == "group" else "u0"
    team = "everyone" if renamed == "user" else "all"
    declared = {
        "users": {name: {"console": True} | ({"renamed_from": "v0"} if name == "u0" else {})},
        "groups": {
            team: {"policies": ["guard"]} | ({"renamed_from": "everyone"} if team == "all" else {}),
            "readers": {"policies": ["reads"], "inline_policies": {"more": allow("s3:c")}},
        },
        "memberships": {team: [name], "readers": [name]},
        "policies": {"guard": {"document": GUARD}, "reads": {"document": allow("s3:a", "s3:b")}},
    }
    with place(tmp_path, LIVE) as here:
        here.manifests(declared, secrets=SECRETS, limits=UNLIMITED)
        done = here.apply(parallel=parallel)

        assert done.code == 0, done.out[-1500:] + done.err
        assert here.is_planned_empty()
