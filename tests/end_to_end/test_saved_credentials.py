"""What a sandbox file holds of passwords and keys after an apply, in small accounts and in large ones."""

import json

import pytest
from command_line import NO_CREDENTIALS, NOW, UNLIMITED, account, group, run, save, user, write_tree
from pyrage import x25519

KEY = {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": "Active", "CreateDate": "2026-01-31T10:00:00Z"}
SECRETS = {"deliver": "age", "recipients": [str(x25519.Identity.generate().to_public())]}


@pytest.mark.parametrize("others", [0, 30])
def test_what_an_apply_gives_and_takes_stands_in_the_file(tmp_path, others):
    names = ["alice", "bob", "ci", *(f"u{number}" for number in range(others))]
    held = {
        "bob": {
            **NO_CREDENTIALS,
            "LoginProfile": {"CreateDate": "2026-01-31T10:00:00Z", "PasswordResetRequired": False},
        },
        "ci": {**NO_CREDENTIALS, "AccessKeyMetadata": [KEY]},
    }
    live = account([user(name, ["everyone"]) for name in names], [group("everyone")], credentials=held)
    save(tmp_path / "a.json", live)
    manifests = {
        "users": {name: {"console": True} if name == "alice" else None for name in names},
        "groups": {"everyone": {"policies": ["require-mfa"]}},
        "memberships": {"everyone": names},
        "policies": {"require-mfa": {"builtin": "require-mfa/1"}},
    }
    write_tree(tmp_path / "iam", manifests, secrets=SECRETS, limits=UNLIMITED)
    words = ("--sandbox", "a.json", "--now", NOW)

    done = run("apply", "iam", *words, "--yes", cwd=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    saved = json.loads((tmp_path / "a.json").read_text())["credentials"]
    assert saved["alice"]["LoginProfile"]["PasswordResetRequired"]
    assert saved["bob"]["LoginProfile"] is None
    assert [key["Status"] for key in saved["ci"]["AccessKeyMetadata"]] == ["Inactive"]
    again = run("plan", "iam", *words, "--detailed-exitcode", cwd=tmp_path)
    assert again.returncode == 0, again.stdout


def test_a_password_is_reissued_once_and_the_sandbox_keeps_the_clock_of_the_command(tmp_path):
    held = {"alice": {**NO_CREDENTIALS, "LoginProfile": {"CreateDate": "2026-01-31T10:00:00Z"}}}
    save(tmp_path / "a.json", account([user("alice", ["everyone"])], [group("everyone")], credentials=held))
    manifests = {
        "users": {"alice": {"console": {"reissue": "2031-05-01"}}},
        "groups": {"everyone": {"policies": ["require-mfa"]}},
        "memberships": {"everyone": ["alice"]},
        "policies": {"require-mfa": {"builtin": "require-mfa/1"}},
    }
    write_tree(tmp_path / "iam", manifests, secrets=SECRETS)

    before = run("apply", "iam", "--sandbox", "a.json", "--now", "2031-04-30", "--yes", cwd=tmp_path)
    assert (before.returncode, (tmp_path / "handover").exists()) == (0, False), before.stdout + before.stderr
    for number, day in enumerate(("2031-05-01", "2031-05-02"), 1):
        done = run("apply", "iam", "--sandbox", "a.json", "--now", day, "--yes", cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        assert len(list((tmp_path / "handover").iterdir())) == 1, number

    saved = json.loads((tmp_path / "a.json").read_text())
    assert saved["credentials"]["alice"]["LoginProfile"]["CreateDate"].startswith("2031-05-01")
    assert saved["taken_at"].startswith("2031-05-01")


@pytest.mark.parametrize("others", [0, 30])
def test_an_apply_keeps_what_the_file_knows_of_users_whom_it_does_not_touch(tmp_path, others, here):
    names = ["alice", *(f"u{number}" for number in range(others))]
    password = {"CreateDate": "2026-01-31T10:00:00Z", "PasswordResetRequired": False}
    device = {"SerialNumber": "arn:aws:iam::123456789012:mfa/alice", "EnableDate": "2026-01-31T10:00:00Z"}
    held = {"alice": {**NO_CREDENTIALS, "LoginProfile": password, "AccessKeyMetadata": [KEY], "MFADevices": [device]}}
    save(tmp_path / "a.json", account([user(name) for name in names], credentials=held))
    declared = {name: {"console": True, "access_keys": 1} if name == "alice" else None for name in names}
    write_tree(tmp_path / "iam", {"users": {**declared, "new": None}}, secrets=SECRETS)

    done = here("apply", "iam", "--sandbox", "a.json", "--now", NOW, "--yes")

    assert done.returncode == 0, done.stdout + done.stderr
    saved = json.loads((tmp_path / "a.json").read_text())["credentials"]["alice"]
    assert {fact: bool(saved.get(fact)) for fact in ("LoginProfile", "AccessKeyMetadata", "MFADevices")} == {
        "LoginProfile": True,
        "AccessKeyMetadata": True,
        "MFADevices": True,
    }
