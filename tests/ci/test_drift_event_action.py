"""The jobs pass the event that started a run on to ``iamctl drift``, as one argument, whatever its text."""

import json

from ci_world import run_action

EVENT = {
    "eventName": "AddUserToGroup",
    "eventTime": "2026-11-22T23:04:11Z",
    "eventID": "$(touch pwned)\n--page=pwned",
    "sourceIPAddress": "203.0.113.7",
    "userIdentity": {"type": "IAMUser", "userName": "mallory"},
}


def test_the_issue_names_the_event(repository, github):
    say = {"command": "drift", "issue": "true", "account": "main", "base": "none", "event": json.dumps(EVENT)}

    ended = run_action(repository, github, {}, **say, arguments="--sandbox\naccount.json")

    assert ended.code == 2, ended.said
    (issue,) = github.issues
    assert "started by an event:" in issue["body"]
    assert "user mallory" in issue["body"]
    assert not list(repository.folder.rglob("pwned"))
