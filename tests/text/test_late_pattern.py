"""A pattern that is compiled late finds what one of ``re`` finds."""

import re

import pytest

from iamctl.text.late_pattern import late_pattern

TEXT = "one,Two\nthree"


def test_a_pattern_is_compiled_at_its_first_use(monkeypatch):
    compiled = []
    compile_ = re.compile
    monkeypatch.setattr(re, "compile", lambda *how: compiled.append(how) or compile_(*how))

    pattern = late_pattern("[a-z]+", re.IGNORECASE)
    assert (pattern.pattern, compiled) == ("[a-z]+", [])
    assert pattern.search(TEXT)[0] == "one"
    assert pattern.match(TEXT)[0] == "one"
    assert compiled == [("[a-z]+", re.IGNORECASE)]


@pytest.mark.parametrize("method", ["findall", "split"])
def test_a_pattern_finds_what_one_of_re_finds(method):
    assert getattr(late_pattern("[,\n]"), method)(TEXT) == getattr(re.compile("[,\n]"), method)(TEXT)


def test_the_other_methods():
    pattern = late_pattern("t(.)", re.IGNORECASE)

    assert [found[1] for found in pattern.finditer(TEXT)] == ["w", "h"]
    assert pattern.sub(r"\1", TEXT) == "one,wo\nhree"
    assert pattern.fullmatch("TW")
    assert not pattern.fullmatch("two")
    with pytest.raises(AttributeError):
        pattern.find  # noqa: B018
