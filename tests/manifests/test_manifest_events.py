"""The loader survives any bytes, keeps within its limits and tells the same with and without libyaml."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from manifest_trees import line

from iamctl.manifests import events
from iamctl.manifests.events import MAX_DEPTH, MAX_KEY_CHARACTERS, MAX_NODES, MAX_SCALAR_CHARACTERS, load_yaml
from iamctl.manifests.node import MappingNode, ScalarNode, SequenceNode

GOOD = b"""\
users:
  alice: {path: /people/, tags: {team: "pay\\u0061"}}
  bob:
groups:
  developers:
    policies:
      - aws:ReadOnlyAccess   # all of it
      - 'x'
memberships:
  developers: [alice, {user: bob, until: 2026-12-31}]
text: |
  one
  two
"""


def load(data):
    return load_yaml("a.yaml", data if isinstance(data, bytes) else data.encode(), wanted="users")


def lines(data):
    return [line(finding) for finding in load(data).findings]


def plain(node):
    if isinstance(node, ScalarNode):
        return node.text, node.plain, node.line, node.column
    if isinstance(node, SequenceNode):
        return [plain(item) for item in node.items], node.line, node.column
    return {name: (plain(key), plain(value)) for name, (key, value) in node.pairs.items()}, node.line, node.column


def test_every_value_and_key_has_its_place():
    root = load(GOOD).root
    alice = root.get("users").pairs["alice"]
    policies = root.get("groups").get("developers").get("policies")

    assert (alice[0].line, alice[0].column) == (2, 3)
    assert [(item.text, item.line, item.column) for item in policies.items] == [
        ("aws:ReadOnlyAccess", 7, 9),
        ("x", 8, 9),
    ]
    assert alice[1].get("tags").get("team").text == "paya"
    assert root.get("users").get("bob").is_nothing


def test_the_parser_in_python_reads_the_same(monkeypatch):
    with_libyaml = load(GOOD)
    monkeypatch.setattr(events, "event_parser", events._pure_parser)

    assert plain(load(GOOD).root) == plain(with_libyaml.root)


@pytest.mark.parametrize(
    "text", ["users: [\n", "users: &a [*a]\n", "a: b: c\n", "users: {'a\n", "a: !x!y z\n", "%x\n", "@\n"]
)
def test_the_parser_in_python_refuses_the_same_in_plain_words(monkeypatch, text):
    monkeypatch.setattr(events, "event_parser", events._pure_parser)

    assert load(text).root is None
    assert all("IAM001" in said and "expected <" not in said for said in lines(text))


def test_nesting_stops_early():
    for bracket in ("[", "{a: ", "- ", "{? "):
        start = time.process_time()
        said = lines("a:\n " + bracket * 100_000)
        assert time.process_time() - start < 1
        assert (
            said[-1].endswith(f"lists and mappings are nested more than {MAX_DEPTH} levels deep; flatten them")
            or "is used as a key" in said[-1]
        )


def test_nesting_up_to_the_limit_is_fine():
    depth = MAX_DEPTH - 1
    assert load("a: " + "[" * depth + "]" * depth).root is not None
    assert load("a: " + "[" * MAX_DEPTH + "]" * MAX_DEPTH).root is None


def test_alias_bombs_cost_nothing():
    bomb = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 11))

    said = lines(bomb)

    assert said[0] == "a.yaml:1:5: IAM001 anchors are not supported; write the value out"
    assert said[-1].endswith("there may be more mistakes; correct these first")
    assert load(bomb).root is None


def test_keys_texts_and_files_have_limits():
    assert "the key has 257 characters; at most 256 are allowed" in lines("a" * (MAX_KEY_CHARACTERS + 1) + ": b\n")[0]
    assert load("a" * MAX_KEY_CHARACTERS + ": b\n").root is not None
    assert lines("? " + "a" * 2000 + "\n: b\n")[0].startswith("a.yaml:1:3: IAM001 the key has 2,000 characters")
    assert (
        "the text has 65,537 characters; at most 65,536 are allowed"
        in lines("a: " + "b" * (MAX_SCALAR_CHARACTERS + 1))[0]
    )
    assert load("a: " + "b" * MAX_SCALAR_CHARACTERS).root is not None
    assert "more than 200,000 values" in lines("a: [" + "b," * MAX_NODES + "]")[0]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            "users: {} # caf\xe9\n".encode("latin-1"),
            "a.yaml:1:16: IAM001 the byte 0xe9 is not UTF-8; save the file as UTF-8",
        ),
        (
            "users:\n  a: \xfc\n".encode("latin-1"),
            "a.yaml:2:6: IAM001 the byte 0xfc is not UTF-8; save the file as UTF-8",
        ),
        ("users: {}\n".encode("utf-16"), "a.yaml:1:1: IAM001 the file is UTF-16; save it as UTF-8"),
        (b"users: \xed\xa0\x80\n", "a.yaml:1:8: IAM001 the byte 0xed is not UTF-8; save the file as UTF-8"),
    ],
)
def test_other_encodings_are_refused_with_their_place(data, said):
    assert lines(data) == [said]


def test_numbers_of_five_thousand_digits_stay_text():
    assert load("a: " + "9" * 5000).root.get("a").text == "9" * 5000


def _is_well_told(loaded):
    assert (loaded.root is not None) or loaded.findings
    for finding in loaded.findings:
        assert finding.origin.line >= 1
        assert finding.origin.column >= 1
        assert finding.rule in {"IAM001", "IAM004"}
        assert "\n" not in finding.message


@given(st.binary(max_size=300))
def test_any_bytes_end_in_a_tree_or_a_finding(data):
    _is_well_told(load(data))


@given(st.text(alphabet="ab:-?[]{},&*!|>'\"%@`# \n\t\\~<.\u202e\u00e4{{}}", max_size=80))
def test_any_yaml_like_text_ends_in_a_tree_or_a_finding(text):
    _is_well_told(load(text))


@given(st.data())
def test_any_damage_to_a_good_file_ends_in_a_tree_or_a_finding(data):
    start = data.draw(st.integers(0, len(GOOD)))
    end = data.draw(st.integers(start, min(len(GOOD), start + 8)))
    insert = data.draw(
        st.sampled_from(
            [b"", b"[", b"{", b"&a ", b"*a ", b"!!x ", b"\t", b"\r", b"'", b'"', b": ", b"- ", b"\xff", b"---\n", b"? "]
        )
    )

    _is_well_told(load(GOOD[:start] + insert + GOOD[end:]))


def test_a_mapping_is_the_only_root():
    assert isinstance(load("a: b").root, MappingNode)
    assert load("[a]").root is None
