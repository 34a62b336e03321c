"""Reads a page as a browser does: its elements, its policy and its data."""

import json
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

OWN = ["html", "head", "meta", "meta", "meta", "meta", "meta", "title", "style", "body", "noscript", "script", "script"]


class _Elements(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found, self.texts, self.comments, self._is_open = [], [], [], False

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        self.texts.append("")
        self._is_open = True

    def handle_endtag(self, tag):
        self._is_open = False

    def handle_data(self, data):
        if self._is_open:
            self.texts[-1] += data

    def handle_comment(self, data):
        self.comments.append(data)


def _hash(text):
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def checked_page(text):
    """Check that a page has no element but its own and that its policy names its script and style; return its data."""
    parser = _Elements()
    parser.feed(text)
    assert [tag for tag, _ in parser.found] == OWN
    assert not parser.comments
    texts = dict(zip([(tag, attrs.get("id")) for tag, attrs in parser.found], parser.texts, strict=True))
    (policy,) = [attrs["content"] for _, attrs in parser.found if "http-equiv" in attrs]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == _hash(texts["script", None])
    assert rules["style-src"] == _hash(texts["style", None])
    assert not {"http", "https", "data"} & {word.partition(":")[0] for rule in rules.values() for word in rule.split()}
    data = texts["script", "data"]
    assert not set("<>&") & set(data)
    assert data.isascii()
    return _expanded(json.loads(data))


def _expanded(data):
    """Return data with each text of two parts as one text, as the script has it."""
    texts = (data["page"] or {}).get("texts", [])
    for number, text in enumerate(texts):
        if isinstance(text, list):
            texts[number] = "".join(texts[part] for part in text)
    return data
