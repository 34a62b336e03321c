"""What a proof looks at is what its question is about, not all that was ever numbered."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from iamctl.policy.actions.details import details
from iamctl.policy.normalized import normalize
from iamctl.proof.encoding import ANY_ARN, Reading, encode_resource
from iamctl.proof.engine import Engine, Side
from iamctl.proof.known_actions import KnownActions, numbers
from iamctl.proof.numbering import Numbering
from iamctl.proof.universe import Universe

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


def statement(number, effect="Allow"):
    return {"Effect": effect, "Action": f"s3:Get{number}*", "Resource": f"arn:aws:s3:::bucket-{number}/*"}


def test_a_question_looks_at_the_restraints_near_it_and_not_at_all_statements(monkeypatch):
    blocks = [statement(number) for number in range(40)] + [statement(number, "Deny") for number in range(40)]
    engine = Engine(Universe([block["Action"] for block in blocks] + ["s3:Put*"]), NOW)
    before = engine.statements(normalize({"Version": "2012-10-17", "Statement": blocks}))
    more = {"Effect": "Allow", "Action": "s3:Put*", "Resource": "arn:aws:s3:::bucket-7/*"}
    after = before | engine.statements(normalize({"Version": "2012-10-17", "Statement": [more]}))
    restraints, sharing = [], Numbering.sharing
    monkeypatch.setattr(Numbering, "about", None)
    monkeypatch.setattr(
        Numbering,
        "sharing",
        lambda self, numbers, actions: restraints.append(numbers) or sharing(self, numbers, actions),
    )

    gains = engine.gains(Side(before.allow, before.deny), Side(after.allow, after.deny))

    assert any(gain.usual and gain.exact for gain in gains)
    assert 0 < max(numbers.bit_count() for numbers in restraints) < 10


def test_actions_of_one_service_with_the_same_resources_are_read_once(monkeypatch):
    known, asked = KnownActions(details()), []
    resources = type(known).resources
    monkeypatch.setattr(type(known), "resources", lambda self, number: asked.append(number) or resources(self, number))
    kinds = known.kinds

    assert len(asked) < len(known.folded) / 3
    for number in range(0, len(known.folded), 97):
        assert kinds[resources(known, number)] >> number & 1
    assert sum(same.bit_count() for same in kinds.values()) == len(known.folded)


def test_a_question_about_a_whole_service_reads_no_formats_of_others():
    services = KnownActions(details()).services
    prefix = max(services, key=lambda prefix: services[prefix].bit_count())
    universe = Universe([f"{prefix}:*"])
    [service] = (one for one in details() if one.prefix == prefix)
    inside = encode_resource(f"arn:aws:{prefix}:*:*:*", Reading.PARTS)

    assert universe.reaching(universe.bits(f"{prefix}:*"), (inside,)).bit_count() > 500
    assert len(universe._formats) <= len({*service.formats, "*", ANY_ARN})


@pytest.mark.parametrize("patterns", [["s3:*"], ["iam:Get*", "ec2:*Tags", "sts:*"], ["sns:Publish", "zzz:*"]])
def test_actions_by_resources_are_in_the_order_of_their_numbers(patterns):
    universe, known = Universe(patterns), KnownActions(details())
    bits, expected = 0, {}
    for pattern in patterns:
        bits |= universe.bits(pattern) & universe.known
    for number in numbers(bits):
        resources = known.resources(number)
        expected[resources] = expected.get(resources, 0) | 1 << number

    assert list(known.by_resources(bits).items()) == list(expected.items())
