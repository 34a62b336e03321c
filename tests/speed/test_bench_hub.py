"""What the benchmark of many accounts serves: each account has names of its own, also inside the credential report."""

import base64

from benchmarks.hub import HUB, _of
from benchmarks.many_accounts import id_of


def test_an_account_is_the_recorded_one_under_its_own_names():
    content = f"<Arn>arn:aws:iam::{id_of(0)}:user/user-0000-07</Arn><Value>team-0</Value>".encode()
    report = base64.b64encode(b"user-0000-07,x")

    assert _of(content, id_of(9)) == b"<Arn>arn:aws:iam::100000000009:user/user-0009-07</Arn><Value>team-2</Value>"
    assert _of(b"<Content>" + report + b"</Content>", id_of(9)) == (
        b"<Content>" + base64.b64encode(b"user-0009-07,x") + b"</Content>"
    )


def test_a_caller_that_assumed_no_role_is_in_the_hub():
    assert _of(f"<Account>{id_of(0)}</Account>".encode(), "SIAIAMCTLSANDBOX234") == f"<Account>{HUB}</Account>".encode()
