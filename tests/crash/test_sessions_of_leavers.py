"""Runs that revoke sign-in sessions, killed or without an answer at a call: the next run leaves no session active.

``make test`` tries some places, ``make test-all`` all of them.
"""

from datetime import UTC, datetime, timedelta

import pytest
from command_line import ACCOUNT, DAY, NO_CREDENTIALS, UNLIMITED, account, user
from crashing import place
from faults import Rule, Rules, drop

LATELY = (datetime.now(UTC) - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
SESSIONS = [
    {
        "sessionArn": f"arn:aws:signin:us-east-1:{ACCOUNT}:session/{number}",
        "principalArn": f"arn:aws:iam::{ACCOUNT}:user/dave",
        "issuedAt": 1700000000,
        "expiresAt": 4102444800,
    }
    for number in range(2)
]
PASSWORD = {"LoginProfile": {"CreateDate": DAY, "PasswordResetRequired": False}}
BEFORE = {
    **account(
        [user("anna"), user("dave", PasswordLastUsed=LATELY)],
        credentials={"dave": {**NO_CREDENTIALS, **PASSWORD, "PasswordLastUsed": LATELY}},
    ),
    "signin_sessions": {"dave": {"Sessions": SESSIONS}},
}
LEAVES = {"users": {"anna": {}}, "removed": ["user/dave"]}
SUSPENDED = {"users": {"anna": {}, "dave": {}}}
ALLOWED = ("--allow-removals", "passwords=1")
SAMPLE = [(LEAVES, 1, "after")]
ALL = [
    (declared, number, when)
    for declared, writes in ((LEAVES, 4), (SUSPENDED, 3))
    for number in range(1, writes + 1)
    for when in ("before", "after", "lost")
]


def ends_without_sessions(folder, declared, number, when):
    with place(folder, BEFORE) as here:
        here.manifests(declared, limits=UNLIMITED)
        if when == "lost":
            here.rules += Rule(operation="write", nth=number, around=drop)
            assert here.apply(*ALLOWED).code == 0
        else:
            here.kill_at(number, when)
            assert here.apply(*ALLOWED).code is None
            here.rules = Rules()
            assert here.apply(*ALLOWED).code == 0
        sessions = here.account.sessions.by_arn

        assert {one["status"] for one in sessions.values()} == {"REVOKED"}
        assert "dave" not in here.account.users or not here.account.users["dave"].login_profile
        assert here.is_planned_empty()


@pytest.mark.parametrize(("declared", "number", "when"), SAMPLE)
def test_no_session_is_left(tmp_path, declared, number, when):
    ends_without_sessions(tmp_path, declared, number, when)


@pytest.mark.exhaustive
@pytest.mark.parametrize(("declared", "number", "when"), [one for one in ALL if one not in SAMPLE])
def test_no_session_is_left_wherever_it_ends(tmp_path, declared, number, when):
    ends_without_sessions(tmp_path, declared, number, when)
