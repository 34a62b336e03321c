"""Judgements of assertions in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from iamctl.access.verdicts import Counterexample, Doubt, Undecided, Verdict
from iamctl.model import Address
from iamctl.model.assertion import ADMINISTRATOR, NoWayTo, Require
from iamctl.text.counted import counted, listed
from iamctl.text.nearest import either

_MOST_NAMED = 5
_MOST_DOCUMENTS = 3


def refutation(verdict: Verdict, found: Sequence[Counterexample]) -> str:
    """Return by whom an assertion is refuted: "refuted by 1 of 17 users: judy may call ..."."""
    others = f"; also {_names(found[1:])}" if len(found) > 1 else ""
    return f"refuted by {_share(len(found), verdict)}: {example_of(verdict, found[0])}{others}"


def people_of(found: Sequence[Counterexample | Undecided], verdict: Verdict) -> str:
    """Return people with how many they are: "2 of 17 users (bob, carol)"."""
    return f"{_share(len(found), verdict)} ({_names(found)})"


def example_of(verdict: Verdict, found: Counterexample) -> str:
    """Return what one person may do, or not do, in spite of an assertion."""
    from iamctl.report.access_words import example_text, sources_text

    name, about = _name(found.person), verdict.assertion.about
    if isinstance(about, NoWayTo):
        return f"{name} {_way(found, about)}"
    if found.request is None:
        return name
    may = "may not call" if isinstance(about, Require) else "may call"
    denied = "denied by " if isinstance(about, Require) else ""
    by = f" ({denied}{sources_text(found.sources)})" if found.sources else ""
    return f"{name} {may} {example_text(found.request)}{by}"


def doubts(found: Iterable[Undecided]) -> str:
    """Return why an assertion is not decided."""
    undecided = tuple(found)
    documents = sorted({document for one in undecided for document in one.documents})
    words = []
    if documents:
        words.append(f"unknown documents of {listed(documents, _MOST_DOCUMENTS)}")
    if any(one.doubt is Doubt.CONDITION for one in undecided):
        words.append("a condition or variable whose value is not known")
    if any(one.doubt is Doubt.ROLES for one in undecided):
        words.append("the roles of the account are not known")
    if any(one.doubt is Doubt.EFFORT for one in undecided):
        words.append("the search reached its limit")
    return "; ".join(words)


def _way(found: Counterexample, about: NoWayTo) -> str:
    from iamctl.rules.plan.ways_told import told_ways

    if found.steps:
        wanted = either("administrator" if one == ADMINISTRATOR else one for one in about.targets)
        return f"has a way to {wanted}: {told_ways(found.steps)}"
    if found.target is None:
        return "is already an administrator"
    return f"is already a member of {found.target}" if found.target.kind == "group" else f"is {found.target} itself"


def _share(number: int, verdict: Verdict) -> str:
    people = verdict.people
    nouns = {"user": "user"} if all(one.kind == "user" for one in people) else {}
    noun = nouns.get("user") or ("role" if all(one.kind == "role" for one in people) else "user or role")
    many = "users or roles" if noun == "user or role" else ""
    return f"{number:,} of {counted(len(people), noun, many)}"


def _names(found: Iterable[Counterexample | Undecided]) -> str:
    return listed((_name(one.person) for one in found), _MOST_NAMED)


def _name(person: Address) -> str:
    return person.name if person.kind == "user" else f"role {person.name}"
