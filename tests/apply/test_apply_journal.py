import json
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from apply_world import Scripted, call, lines, make_journal, play, refusal

from iamctl.apply.journal import Journal, JournalError
from iamctl.model import Outcome, OutcomeStatus


def test_a_journal_tells_the_run_line_by_line(tmp_path):
    journal = make_journal(tmp_path)
    calls = [call(0), call(1, needs=[0])]

    list(
        play(
            tmp_path,
            calls,
            Scripted(c0=[refusal("Throttling", throttled=True), refusal("AccessDenied")]),
            journal=journal,
        )
    )

    header, *told = lines(journal)
    assert header == {
        "format": "iamctl-journal/1",
        "plan_digest": "sha256:0",
        "account": "123456789012",
        "version": "0.1.0",
        "started_at": "2026-11-23T10:00:00+00:00",
    }
    assert [(line["event"], line.get("index"), line.get("status")) for line in told] == [
        ("intent", 0, None),
        ("retry", 0, None),
        ("outcome", 0, "failed"),
        ("outcome", 1, "not-started"),
        ("end", None, None),
    ]
    assert told[0]["params"] == {"UserName": "u0"}
    assert told[2]["code"] == "AccessDenied"
    assert told[3]["because"] == 0


def test_every_intent_is_on_disk_before_its_call_is_sent(tmp_path, monkeypatch):
    journal, seen, flushed = make_journal(tmp_path), [], []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: flushed.append(len(lines(journal))) or fsync(descriptor))

    def execute(sent):
        seen.append((len(lines(journal)), flushed[-1]))
        return {}

    list(play(tmp_path, [call(0), call(1)], execute, journal=journal))

    assert seen == [(2, 2), (4, 4)]


def test_journals_are_private_and_their_names_sort_by_time(tmp_path):
    moment = datetime(2026, 11, 23, 9, 59, 59, 999_999, tzinfo=UTC)
    paths = []
    for microseconds in (0, 1, 2, 10**9):
        now = moment + timedelta(microseconds=microseconds)
        with Journal.create(
            tmp_path / "a/b", plan_digest="", account_id="", version="", now=lambda now=now: now
        ) as journal:
            paths.append(journal.path)

    assert paths == sorted(paths, key=lambda path: path.name)
    assert stat.S_IMODE(paths[0].stat().st_mode) == 0o600
    assert stat.S_IMODE(paths[0].parent.stat().st_mode) == 0o700


def test_fault_31_a_journal_that_cannot_be_made_is_an_error_before_the_first_call(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(JournalError, match=r"the journal cannot be created: .*[.] Nothing was sent"):
        make_journal(tmp_path / "file")


@pytest.mark.parametrize("link", [".iamctl", ".iamctl/journal"])
def test_no_link_leads_a_journal_elsewhere(tmp_path, monkeypatch, link):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elsewhere/journal").mkdir(parents=True)
    Path(link).parent.mkdir(exist_ok=True)
    Path(link).symlink_to(tmp_path / "elsewhere")

    with pytest.raises(JournalError, match=f"^{link} is a symbolic link; .* Nothing was sent$"):
        make_journal(Path(".iamctl/journal"))
    assert not [path for path in (tmp_path / "elsewhere").rglob("*") if path.is_file()]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full disk to try")
def test_fault_31_a_full_disk_is_an_error(tmp_path):
    journal = Journal(Path("/dev/full"), os.open("/dev/full", os.O_WRONLY), lambda: datetime.now(UTC))

    with (
        journal,
        pytest.raises(JournalError, match="/dev/full: the journal cannot be written: No space left on device"),
    ):
        journal.intent(call(0))
        journal.flush()


def test_a_journal_is_never_overwritten(tmp_path):
    now = datetime(2026, 11, 23, tzinfo=UTC)
    Journal.create(tmp_path, plan_digest="", account_id="", version="", now=lambda: now).close()

    with pytest.raises(JournalError, match="File exists"):
        Journal.create(tmp_path, plan_digest="", account_id="", version="", now=lambda: now)


def test_hostile_text_becomes_plain_ascii(tmp_path):
    hostile = 'x\n::set-env name=A::\x1b[31m\u202e\u2028"'
    with make_journal(tmp_path) as journal:
        journal.intent(call(0, UserName=hostile))
        journal.outcome(Outcome(call(0), OutcomeStatus.FAILED, hostile, hostile))
    text = journal.path.read_text(encoding="ascii")

    assert all(line.isprintable() for line in text.splitlines())
    assert json.loads(text.splitlines()[1])["params"]["UserName"] == hostile


@pytest.mark.parametrize("name", ["Password", "NewPassword", "OldPassword"])
def test_a_literal_secret_is_never_written(tmp_path, name):
    with make_journal(tmp_path) as journal:
        journal.intent(call(0, "CreateLoginProfile", UserName="a", **{name: "canary"}))

    assert "canary" not in journal.path.read_text()
