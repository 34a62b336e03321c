"""What is certain about statements that look at a changed name, path or tag."""

from __future__ import annotations

import pytest

from iamctl.access.rebound import covers, overlaps, rebind
from iamctl.policy import Document, atoms_of

OWN = "arn:aws:s3:::${aws:username}"
NAME = (("aws:username", 1),)


def statement(resource, element="Resource", **more):
    text = {"Effect": "Allow", "Action": "s3:GetObject", element: resource, **more}
    [found] = atoms_of(Document.from_data({"Version": "2012-10-17", "Statement": text}))
    return found


def renamed(plain, person="user/v"):
    return rebind(person, plain, NAME)


def test_what_looks_at_no_name_covers_what_does():
    assert covers(statement("*"), renamed(statement(OWN)))
    assert not covers(renamed(statement(OWN)), statement("*"))


def test_the_same_name_is_covered_and_another_one_is_not():
    own, wide = statement(OWN), statement("arn:aws:s3:::*")

    assert covers(renamed(own), renamed(own))
    assert covers(wide, renamed(own))
    assert not covers(own, renamed(own))
    assert not covers(renamed(own), own)
    assert not covers(renamed(own), renamed(own, "user/w"))


def test_a_condition_on_the_name_is_another_one_after_a_change():
    named = statement("*", Condition={"StringEquals": {"aws:username": "u"}})

    assert not covers(named, renamed(named))


@pytest.mark.parametrize("element", ["Resource", "NotResource"])
def test_what_two_names_mean_may_overlap(element):
    assert overlaps(statement(OWN), renamed(statement(OWN, element)))


def test_other_services_never_overlap():
    other = statement("*", Action="ec2:RunInstances")

    assert not overlaps(other, renamed(statement(OWN)))
