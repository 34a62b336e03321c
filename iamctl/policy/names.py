"""Checks the characters and lengths of names, paths, tags and descriptions that IAM accepts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache

from iamctl.text.late_pattern import late_pattern

MAX_PATH = 512
MAX_DESCRIPTION = 1000
"""https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html"""

MAX_TAGS = 50
MAX_TAG_KEY = 128
MAX_TAG_VALUE = 256
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html"""

NAME_CHARACTERS = "letters A-Z and a-z, digits and + = , . @ _ -"

_NAME = late_pattern(r"[\w+=,.@-]+", re.ASCII)
_NAME_CHARACTER = late_pattern(r"[\w+=,.@-]", re.ASCII)
_PATH = late_pattern(r"/|/[!-~]+/")
_POLICY_PATH = late_pattern(r"(/[A-Za-z0-9.,+@=_-]+)*/")
_TAG_SIGNS = frozenset("_.:/=+-@")
_LOOK_ALIKES = str.maketrans(
    "аеорсухіјѕһԁԛԝґАВЕЅІЈКМНОРСТХοαινκρΑΒΕΖΗΙΚΜΝΟΡΤΥΧ\u2010\u2011\u2012\u2013\u2014\u2212\u2024\u201a",
    "aeopcyxijshdqwrABESIJKMHOPCTXoaivkpABEZHIKMNOPTYX------.,",
)
"""Cyrillic and Greek letters, dashes and points that most fonts draw as ASCII."""


def name_error(noun: str, name: str, most: int | None) -> str | None:
    """Return why IAM refuses the name of a ``noun``, which may have ``most`` characters, or None."""
    if not name:
        return f"the name is empty; use {NAME_CHARACTERS}"
    if not _NAME.fullmatch(name):
        strange = next(character for character in name if not _NAME_CHARACTER.fullmatch(character))
        return f"the name {name!r} contains {described(strange)}; use {NAME_CHARACTERS}"
    if most is not None and len(name) > most:
        return f"the name has {len(name)} characters; IAM allows at most {most} for the name of a {noun}"
    return None


@lru_cache(maxsize=1024)
def path_error(path: str) -> str | None:
    """Return why IAM refuses the path of a user or a group, or None; thousands of users have the same few."""
    return _frame_error(path) or (
        None if _PATH.fullmatch(path) else f"the path {path!r} contains characters other than U+0021 to U+007E"
    )


def risky_path_character(path: str) -> str | None:
    """Return the first character of a path that IAM accepts and that means something else elsewhere, or None.

    ``*``, ``?`` and ``$`` are wildcards and variables in the ARNs of policies; the others end a value in HTML, JSON or
    a shell.
    """
    return next((character for character in path if character in '*?$<>"\\`'), None)


def policy_path_error(path: str) -> str | None:
    """Return why IAM refuses the path of a managed policy, or None; fewer characters are allowed than for users.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
    """
    return _frame_error(path) or (
        None
        if _POLICY_PATH.fullmatch(path)
        else f"the path {path!r} of a policy must consist of names between single '/'; use {NAME_CHARACTERS}"
    )


def description_error(description: str) -> str | None:
    """Return why IAM refuses the description of a policy, or None."""
    if len(description) <= MAX_DESCRIPTION:
        return None
    return f"the description has {len(description)} characters; IAM allows at most {MAX_DESCRIPTION}"


def tag_errors(tags: Mapping[str, str]) -> Iterator[str]:
    """Yield why IAM refuses these tags, tag by tag."""
    if len(tags) > MAX_TAGS:
        yield f"there are {len(tags)} tags; IAM allows at most {MAX_TAGS}"
    for key, value in tags.items():
        if error := _tag_key_error(key):
            yield error
        if len(value) > MAX_TAG_VALUE:
            yield f"the value of the tag {key!r} has {len(value)} characters; IAM allows at most {MAX_TAG_VALUE}"
        elif strange := _strange_in_tag(value):
            yield f"the value of the tag {key!r} contains {described(strange)}; {_TAG_CHARACTERS}"


@lru_cache(maxsize=1024)
def _tag_key_error(key: str) -> str | None:
    """Return why IAM refuses a tag key, or None; thousands of users have the same few."""
    if not key:
        return "a tag has an empty key; remove it or add a key"
    if len(key) > MAX_TAG_KEY:
        return f"the tag key {key[:20]!r}... has {len(key)} characters; IAM allows at most {MAX_TAG_KEY}"
    if strange := _strange_in_tag(key):
        return f"the tag key {key!r} contains {described(strange)}; {_TAG_CHARACTERS}"
    if key.lower().startswith("aws:"):
        return f"the tag key {key!r} begins with 'aws:', which is reserved for AWS; choose another key"
    return None


_PLAIN_TAG = late_pattern(r"[A-Za-z0-9 _.:/=+@-]*")
"""What most tags are; every other letter and digit is permitted, too."""

_TAG_CHARACTERS = "use letters, digits, spaces and _ . : / = + - @"


def described(character: str) -> str:
    """Return a character as a reader can tell it: ASCII as it is, others by code point, name and looks."""
    if character.isascii():
        return repr(character)
    name = unicodedata.name(character, "")
    like = look_alike(character)
    return f"U+{ord(character):04X}{f' {name}' if name else ''}{f', which looks like {like!r}' if like else ''}"


def look_alike(character: str) -> str | None:
    """Return the ASCII character that this one looks like, or None."""
    for like in (character.translate(_LOOK_ALIKES), unicodedata.normalize("NFKD", character)[:1]):
        if like.isascii() and like.isprintable() and like != " ":
            return like
    return None


def _frame_error(path: str) -> str | None:
    if len(path) > MAX_PATH:
        return f"the path has {len(path)} characters; IAM allows at most {MAX_PATH}"
    if path != "/" and (len(path) < 3 or not path.startswith("/") or not path.endswith("/")):
        inner = path.strip("/")
        return f"the path {path!r} must be '/' or begin and end with '/'; write {f'/{inner}/' if inner else '/'!r}"
    return None


def _strange_in_tag(text: str) -> str | None:
    if _PLAIN_TAG.fullmatch(text):
        return None
    return next((sign for sign in text if unicodedata.category(sign)[0] not in "LZN" and sign not in _TAG_SIGNS), None)
