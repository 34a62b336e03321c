"""Findings in SARIF and Code Quality: on their lines, told apart and recognised again, with nothing that acts."""

import gzip
import json
import random
import re
from dataclasses import replace
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from review_formats import SCHEMAS, checked_sarif, found, issues, report, sarif

from iamctl.model import Severity
from iamctl.render import FORMATS, FindingFormat, Format, PageFormat, TableFormat
from iamctl.render import sarif as sarif_module
from iamctl.report.blocks import Report


def place(run, index=0):
    return run["results"][index]["locations"][0]["physicalLocation"]


def fingerprints(*findings, **more):
    """The fingerprints of findings in the order in which they are given, the same in both formats."""
    of_sarif = [result["partialFingerprints"] for result in sarif(*findings, **more)["results"]]
    of_gitlab = [issue["fingerprint"] for issue in issues(*findings, **more)]
    assert [set(one.values()) for one in of_sarif] == [{one} for one in of_gitlab]
    assert len(set(of_gitlab)) == len(of_gitlab)
    return of_gitlab


def test_every_format_is_offered_by_some_command():
    assert {*Format} == {"text", "json", "markdown"}
    assert {*PageFormat} == {*Format, "html"}
    assert {*TableFormat, *FindingFormat} == set(FORMATS)


@pytest.mark.parametrize("output", ["sarif", "codequality"])
def test_a_report_without_findings_is_a_mistake_of_ours(output):
    with pytest.raises(ValueError, match="no findings"):
        FORMATS[output](Report({}, ()))


@pytest.mark.parametrize(
    ("severity", "level", "gitlab"),
    [
        ("error", "error", "blocker"),
        ("refuse", "error", "critical"),
        ("warn", "warning", "minor"),
        ("info", "note", "info"),
    ],
)
def test_a_finding_stands_on_its_line_with_its_weight(severity, level, gitlab):
    finding = found("no", severity=Severity(severity), address="user/bob", place=("people/a b.yaml", 3, 5))

    run = sarif(finding)
    (result,) = run["results"]
    assert result["level"] == level
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "IAM101"
    assert result["message"] == {"text": "user/bob: no"}
    assert result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "user/bob"
    assert place(run) == {
        "artifactLocation": {"uri": "iam/people/a%20b.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3, "startColumn": 5},
    }
    (issue,) = issues(finding)
    assert issue["severity"] == gitlab
    assert issue["check_name"] == "IAM101"
    assert issue["description"] == "user/bob: no"
    assert issue["location"] == {"path": "iam/people/a b.yaml", "lines": {"begin": 3}}


def test_the_address_is_not_said_twice():
    assert issues(found("user/bob is gone", address="user/bob"))[0]["description"] == "user/bob is gone"


def test_nothing_found_is_an_empty_result():
    assert sarif()["results"] == []
    assert issues() == []


@pytest.mark.parametrize("spot", [None, (".", 1, 1), ("", 1, 1)])
def test_what_has_no_line_stands_at_the_top_of_iamctl_yaml(spot):
    assert place(sarif(found(place=spot))) == {
        "artifactLocation": {"uri": "iam/iamctl.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 1, "startColumn": 1},
    }
    assert issues(found(place=spot), folder="")[0]["location"]["path"] == "iamctl.yaml"


def test_a_tree_outside_of_the_current_folder_is_named_in_full():
    assert place(sarif(found(), folder="/srv/iam"))["artifactLocation"] == {"uri": "file:///srv/iam/a.yaml"}


@given(st.text(st.characters(exclude_characters="\0/"), min_size=1).filter(lambda name: name not in {".", ".."}))
def test_a_path_is_a_uri_that_reads_back(name):
    uri = place(sarif(found(place=(f"x/{name}", 1, 1)), folder=""))["artifactLocation"]["uri"]

    assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", uri)
    assert urlsplit(uri).path == uri
    assert unquote(uri) == f"x/{name}".encode("utf-8", "backslashreplace").decode()


def test_rules_have_a_title_a_link_and_a_weight():
    assert sarif()["tool"]["driver"]["rules"][0] == {
        "id": "IAM101",
        "shortDescription": {"text": "A title."},
        "fullDescription": {"text": "A title."},
        "help": {"text": "A title. Why: https://docs.example/101"},
        "helpUri": "https://docs.example/101",
        "defaultConfiguration": {"level": "error"},
    }


def test_columns_are_counted_in_characters():
    assert sarif()["columnKind"] == "unicodeCodePoints"


def test_results_of_two_accounts_do_not_take_each_others_place():
    assert sarif(category="plan/prod")["automationDetails"]["id"] == "iamctl/plan/prod/"


@pytest.mark.parametrize(
    "again",
    [
        found("the key is 567 days old", place=("a.yaml", 30, 1)),
        found("the key is 1,567 days old", address="user/bob"),
        found("the key is 566 days old", severity=Severity.REFUSE),
    ],
)
def test_a_finding_is_known_again_when_lines_move_and_time_goes_by(again):
    address = str(again.address) if again.address else None

    assert fingerprints(again) == fingerprints(found("the key is 566 days old", address=address))


FIRST = found("'a' of 3 is not known", address="user/u1", facts=("a",))


@pytest.mark.parametrize(
    "other",
    [
        found("'a' of 3 is not known", address="user/u1", facts=("a",), rule="IAM304"),
        found("'a' of 3 is not known", address="user/u2", facts=("a",)),
        found("'a' of 3 is not known", address="user/u1", facts=("a",), place=("b.yaml", 3, 5)),
        found("'a' of 3 is not known", address="user/u1", facts=("b",)),
        found("'a' of 3 is not known", address="user/u1"),
    ],
)
def test_what_is_another_finding_has_another_fingerprint(other):
    assert fingerprints(other) != fingerprints(FIRST)


@pytest.mark.parametrize(
    "other",
    [found("'a' of 3 is not known", address="user/u1", place=("a.yaml", 4, 5), facts=("a",)), FIRST],
)
def test_what_looks_the_same_is_told_apart_in_one_result(other):
    assert fingerprints(FIRST, other)[0] == fingerprints(FIRST)[0] == fingerprints(other)[0]


def test_a_message_in_other_words_keeps_the_fingerprint():
    assert fingerprints(replace(FIRST, message="zebra")) == fingerprints(FIRST)


def test_the_case_of_an_address_does_not_count():
    assert fingerprints(found(address="user/Bob")) == fingerprints(found(address="user/bob"))


def test_what_only_the_account_shows_is_of_that_account():
    one, other = (fingerprints(found(place=None), account_id=account) for account in ("1", "2"))
    assert one != other

    one, other = (fingerprints(found(), account_id=account) for account in ("1", "2"))
    assert one == other


PIECES = (
    *(
        "[text](https://evil.example)",
        "![x](//evil.example)",
        "[x](1)",
        "<img src=x>",
        "<!--",
        "</b>",
        "@octocat",
        "x @all",
    ),
    *(
        "#1",
        "a/b#2",
        "GH-3",
        "https://evil.example",
        "www.evil.example",
        "\x1b[31m",
        "\u202e",
        "\n::error::x",
        "##[error]x",
    ),
    *("{0}", "{{ account.id }}", "%0A", "|", "`", "alice@example.com", "\ud800"),
)
ACTS = re.compile(r"\]\(|<[A-Za-z/!?]|(?<![A-Za-z0-9])@[A-Za-z0-9]|#\d|\bGH-\d|[A-Za-z]://|\bwww\.|[\x00-\x1f\u202e]")


@given(st.lists(st.sampled_from(PIECES), max_size=5).map("".join))
def test_no_text_acts_whatever_it_is(text):
    finding = found(f"x{text}", address="user/x", place=(f"d/{text or 'a'}".replace("\n", ""), 1, 1))
    for output in ("sarif", "codequality"):
        whole = FORMATS[output](report(finding))
        assert whole.isascii()
        assert not re.search(r"##\[|##vso|</|^\s*::", whole, re.MULTILINE)
    assert not ACTS.search(sarif(finding)["results"][0]["message"]["text"])
    assert not ACTS.search(issues(finding)[0]["description"])


@pytest.mark.parametrize(
    "text", ["alice@example.com", "s3:* on arn:aws:s3:::x/*", "50% of a_b", "{{ account.id }}", "a < b"]
)
def test_harmless_text_stays_as_it_is(text):
    assert issues(found(text))[0]["description"] == text


@pytest.mark.exhaustive
def test_too_many_findings_for_github_leave_the_lightest_out():
    infos = [found(f"info {number}x", severity=Severity.INFO) for number in range(sarif_module.MAX_RESULTS)]
    run = sarif(*infos, found("stop", severity=Severity.REFUSE))

    assert len(run["results"]) == 25_000
    assert run["results"][0]["message"]["text"] == "stop"
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"].startswith("1 more finding is left out")


def test_a_result_too_large_for_github_leaves_the_lightest_out(monkeypatch):
    monkeypatch.setattr(sarif_module, "MAX_GZIP_BYTES", 20_000)
    noise = random.Random(1)
    findings = [found(noise.randbytes(200).hex(), severity=Severity.INFO) for _ in range(200)]
    text = FORMATS["sarif"](report(*findings, found("stop", severity=Severity.ERROR)))

    run = checked_sarif(text)
    assert len(gzip.compress(text.encode())) <= 20_000
    assert 20 < len(run["results"]) < 200
    assert run["results"][0]["message"]["text"] == "stop"
    assert "left out" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def test_the_schema_says_no():
    log = json.loads(FORMATS["sarif"](report(found())))
    log["runs"][0]["results"][0]["level"] = "bad"

    with pytest.raises(Exception, match="'bad' is not one of"):
        checked_sarif(json.dumps(log))
    assert (SCHEMAS / "README.md").exists()
