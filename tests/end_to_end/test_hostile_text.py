"""Names, paths, tags, documents and AWS's own messages may hold anything; nothing of it acts on who reads the result.

A terminal obeys escapes, a log on GitHub or Azure obeys lines such as ``::set-env`` and ``##vso[``, a pull request
turns ``@name``, ``#1`` and bare addresses into mentions and links, a web page that holds JSON obeys ``</script>``.
"""

import json
import re

import pytest
from command_line import ACCOUNT, DAY, account, group, run, save, user, write_tree
from effort import examples
from hostile_pieces import PIECES
from hypothesis import example, given, settings
from hypothesis import strategies as st
from loopback import loopback
from markdown_it import MarkdownIt
from page_text import checked_page

from iamctl.render import FORMATS
from iamctl.render.markdown import render_markdown
from iamctl.report.blocks import Line, Report, Section, Span, Table
from iamctl.text.visible import visible

TEXTS = st.one_of(st.lists(st.sampled_from(PIECES), max_size=4).map("".join), st.text(max_size=12))
STYLES = ("", "create", "update", "delete", "refuse", "warn", "info", "dim", "strong")
SPANS = st.lists(st.builds(Span, TEXTS, st.sampled_from(STYLES)), max_size=3).map(tuple)
LINES = st.builds(Line, SPANS, st.integers(0, 3))
SECTIONS = st.builds(Section, TEXTS, st.lists(LINES, max_size=4).map(tuple), is_detail=st.booleans())
REPORTS = st.builds(
    Report, st.dictionaries(TEXTS, TEXTS, max_size=3), st.lists(SECTIONS, max_size=3).map(tuple), marker=TEXTS
)
ROWS = st.lists(st.tuples(LINES, LINES), max_size=4).map(tuple)

LOG_COMMAND = re.compile(r"^\s*::|##\[|##vso|##teamcity", re.MULTILINE)
UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u200b-\u200f\u2028-\u202e\u2060-\u206f"
                    "\u2800\u3164\ud800-\udfff\ufeff\uffa0\U000e0000-\U000e0fff]")  # fmt: skip
LIVE = re.compile(r"[@#<>&_*\[\]!|~\\`$/]|://|www\.\w|\b[Gg][Hh]-\d|:\w+:|\w@")
OWN_NODES = {
    *("heading_open", "heading_close", "inline", "paragraph_open", "paragraph_close"),
    *("bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close"),
    *("table_open", "table_close", "thead_open", "thead_close", "tbody_open", "tbody_close"),
    *("tr_open", "tr_close", "th_open", "th_close", "td_open", "td_close"),
}
OWN_HTML = re.compile(
    r"<!-- [A-Za-z0-9 ,._-]* -->\n|<details( open)?><summary><b>[A-Za-z0-9 ,._-]*</b></summary>\n|</details>\n?"
)
OWN_LEAVES = {"text", "code_inline", "strong_open", "strong_close"}


def tokens_of(text):
    return MarkdownIt("gfm-like", {"linkify": False}).parse(text)


def check_markdown(text):
    """Check that nothing but our own structure is in a page, and return its tokens."""
    assert not UNSEEN.search(text)
    tokens = tokens_of(text)
    assert {token.type for token in tokens} <= {*OWN_NODES, "html_block"}
    assert all(OWN_HTML.fullmatch(token.content) for token in tokens if token.type == "html_block")
    leaves = [leaf for token in tokens for leaf in token.children or ()]
    assert {leaf.type for leaf in leaves} <= OWN_LEAVES
    for leaf in leaves:
        assert leaf.type != "text" or not LIVE.search(leaf.content), leaf.content
    return tokens


def check_text(text):
    assert not UNSEEN.search(text)
    assert not LOG_COMMAND.search(text)


def check_json(text):
    assert text.isascii()
    assert "</" not in text
    assert not LOG_COMMAND.search(text)
    return json.loads(text)


def report(lines, title=""):
    return Report({}, (Section(title, tuple(lines)),))


def check_page(text):
    assert not LOG_COMMAND.search(text)
    data = checked_page(text)
    assert not UNSEEN.search("".join(texts_of(data)))
    return data


def texts_of(data):
    """Yield every text of some data, without the name that stands for a person's own."""
    if isinstance(data, str):
        yield data.replace("\0", "")
    elif isinstance(data, dict | list):
        for one in data.values() if isinstance(data, dict) else data:
            yield from texts_of(one)


CHECKS = {"text": check_text, "json": check_json, "markdown": check_markdown}
CHECKS_OF_FINDINGS = {**CHECKS, "html": check_page, "sarif": check_json, "codequality": check_json}


@settings(deadline=None, max_examples=examples(200))
@given(REPORTS)
@example(report((Line((Span("#"), Span("#[error]x"))), Line((Span(" "), Span("::error::"))))))
@example(report((Line((Span("x", "dim"),), 3), Line((Span("@a https://b", "dim"),), 1)), "www.a.b"))
def test_no_text_acts_whatever_it_is(found):
    text = FORMATS["text"](found)
    check_text(text)
    shown = [section for section in found.sections if section.title or section.lines]
    assert text.count("\n") == sum(len(one.lines) + bool(one.title) for one in shown) + max(0, len(shown) - 1)
    assert check_json(FORMATS["json"](found)) == found.data
    check_page(FORMATS["html"](found))
    tokens = check_markdown(FORMATS["markdown"](found))
    items = [token for token in tokens if token.type == "list_item_open"]
    lines = [line for section in found.sections for line in section.lines]
    assert len(items) == sum(any(visible(span.text).strip() for span in line.spans) for line in lines)


@settings(deadline=None, max_examples=examples(200))
@given(REPORTS, st.integers(0, 1500))
@example(report((Line((Span("`" * 300 + "x@all" * 300),)), Line((Span("@all " * 900, "dim"),)))), 2000)
def test_no_text_acts_that_is_cut(found, most):
    check_markdown(render_markdown(found, most))


@settings(deadline=None, max_examples=examples(100))
@given(TEXTS, ROWS)
@example("x", ((Line((Span("a|@octocat"),)), Line((Span("\\|"), Span("\u202e|", "dim")))),))
def test_no_text_leaves_its_cell(title, rows):
    found = FORMATS["markdown"](Report({}, (Section("", (), Table((title, "b"), rows)),)))

    tokens = check_markdown(found)
    assert sum(token.type == "tr_open" for token in tokens) == len(rows) + 1
    assert sum(token.type == "td_open" for token in tokens) == 2 * len(rows)


@given(TEXTS.filter(lambda text: text.strip() and "|" not in text))
def test_what_is_seen_can_be_searched_for(text):
    said = FORMATS["markdown"](Report({}, (Section("", (Line((Span(text),)),)),)))

    (code,) = [leaf.content for token in tokens_of(said) for leaf in token.children or () if leaf.type == "code_inline"]
    assert code == visible(text).strip()


HOSTILE = "".join(PIECES).replace("\ud800", "")
PATH = "/|`@all/##[error]x/<b>/www.evil.example/*_~/"


def hostile_account():
    tags = [{"Key": "k", "Value": HOSTILE[:200]}, {"Key": HOSTILE[:100], "Value": "x"}]
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Sid": HOSTILE, "Effect": "Allow", "Action": HOSTILE, "Resource": ["*", HOSTILE]}],
    }
    inline = [{"PolicyName": "@all=GH-1", "PolicyDocument": document}]
    attached = [{"PolicyName": "p", "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy{PATH}p"}]
    users = [
        user("alice", ["devs"], Path=PATH, Tags=tags, UserPolicyList=inline),
        user("@octocat", ["devs"]),
        user(HOSTILE),
        user("::set-env name=x::y"),
    ]
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": document, "CreateDate": DAY}
    policy = {
        "PolicyName": "p",
        "Arn": attached[0]["PolicyArn"],
        "Path": PATH,
        "DefaultVersionId": "v1",
        "PolicyVersionList": [version],
        "Description": HOSTILE,
    }
    return account(
        users, [group("devs", Path=PATH, GroupPolicyList=inline, AttachedManagedPolicies=attached)], Policies=[policy]
    )


def hostile_tree(folder):
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::##vso[x]</script>@all|`"}],
    }
    manifests = {
        "users": {"alice": {"tags": {"::k": "://@all x@y.example //"}}, "bob": {}},
        "groups": {"devs": {"inline_policies": {"x": document}}},
        "memberships": {"devs": ["alice", {"user": "bob", "until": "2026-11-30", "reason": "::error::##[x] @all|`"}]},
    }
    return write_tree(folder, manifests, limits={"memberships": 100, "user_policies": 100, "attachments": 100})


def test_a_plan_of_a_hostile_account(tmp_path, here):
    tree = hostile_tree(tmp_path / "iam")
    file = save(tmp_path / "a.json", hostile_account())
    words = ("plan", tree, "--snapshot", file, "--now", "2026-11-23", "--show-calls")

    for output, check in CHECKS_OF_FINDINGS.items():
        done = here(*words, "--format", output)
        assert done.returncode == 0, done.stderr
        assert "set-env" in done.stdout
        check(done.stdout)


def test_the_words_of_mistakes_in_manifests(tmp_path, here):
    text = 'users: {"a\\e]0;x\\a": {}, "##[error]x": {tags: [1]}, "@all|`": {pth: /}, "a\\u202Eb": {path: "::x::"}}\n'
    tree = write_tree(tmp_path / "iam", text)
    (tree / "::error::x.yaml").write_text("users: [\n", encoding="utf-8")

    check_text(here("plan", tree, "--sandbox", "a.json").stderr)
    for output, check in CHECKS_OF_FINDINGS.items():
        done = here("validate", tree, "--format", output)
        assert done.returncode == 1
        check(done.stdout)


@pytest.mark.parametrize("output", CHECKS)
def test_the_words_of_aws(tmp_path, output):
    tree = write_tree(tmp_path / "iam", {"users": {"alice": {}}})
    message = "&#x9b;31mno&#13;&#10;::error::x ##[error]y @all | ` &lt;/script&gt; &#x202e;"
    with loopback(None) as iam:
        iam.faults["CreateUser"] = [("AccessDenied", message)]
        done = run("apply", tree, "--yes", "--format", output, cwd=tmp_path, **iam.environment)
        assert done.returncode == 1
        assert "@all" in done.stdout
        CHECKS[output](done.stdout)
        if output == "text":
            iam.faults["GetAccountAuthorizationDetails"] = [("AccessDenied", message)] * 3
            check_text(run("plan", tree, cwd=tmp_path, **iam.environment).stderr)
