"""What is seen of text from outside: every character as itself or by its number, on its own line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamctl.render.markdown import render_markdown
from iamctl.report.blocks import Report, Section, Span, line
from iamctl.text.visible import visible


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Zoe\u0308", "Zoe\u0308"),
        ("e\u0302\u0323", "e\u0302\u0323"),
        ("\u0915\u0940\u0902", "\u0915\u0940\u0902"),
        ("1\ufe0f\u20e3", "1\ufe0f\u20e3"),
        (
            "e\u0302\u0323\u0301\u0301x\u0301",
            "e\u0302\u0323" + r"\u{0301}\u{0301}x" + "\u0301",
        ),
        ("\u0301x", r"\u{0301}x"),
    ],
)
def test_a_letter_has_two_marks_at_most(text, seen):
    assert visible(text) == seen


@given(st.text(st.sampled_from("ae\u0301\u0302\u0940\u20dd\u200b# ")))
def test_what_is_visible_stays_as_it_is(text):
    assert visible(visible(text)) == visible(text)


@pytest.mark.parametrize("word", ["deadbeef", "(DEADBEEF),", "abcdefa", "a" * 40, "defaced-x", "x-deadbee", "1234567,"])
def test_what_could_be_a_commit_is_code(word):
    bare = word.rstrip(",")
    assert f"- see `{bare}`{word[len(bare) :]}\n" in said(f"see {word}")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("by a:b on group/x, policy/y on z/1", "by `a:b` on `group/x`, `policy/y` on `z/1`"),
        ("on a/x, signed in", "on `a/x`, signed in"),
        ("(a.yaml:1:2); 'b/c': 'd e/f,,'", "`(a.yaml:1:2)`; `'b/c'`: `'d e/f,,'`"),
        (",;: a`b`,", "`` ,;: a`b` ``,"),
    ],
)
def test_a_code_span_ends_before_a_comma(text, shown):
    assert f"- {shown}\n" in said(text)


@pytest.mark.parametrize("word", ["dead", "decade", "deadbeefs", "123456,", "(123456789012,", "a" * 41, "2026-12-31"])
def test_what_is_no_commit_is_a_word(word):
    assert f"- see {word}\n" in said(f"see {word}")


def said(text):
    return render_markdown(Report({}, (Section("", (line(Span(text, "dim")),)),)))
