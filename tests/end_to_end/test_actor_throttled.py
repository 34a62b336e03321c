"""``iamctl drift --actor`` while CloudTrail throttles: the differences are whole, and nobody is blamed or acquitted."""

import json

import pytest
from botocore.exceptions import ClientError
from test_actor import EDITS, EVENTS, actors, drift  # noqa: F401

from iamctl.aws import trail


class Throttled:
    """A client of CloudTrail that answers some requests and refuses the others for their rate."""

    def __init__(self, answered):
        self.left = answered

    def lookup_events(self, LookupAttributes, **_):  # noqa: N803 (AWS's own names)
        if not self.left:
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, "LookupEvents")
        self.left -= 1
        (attribute,) = LookupAttributes
        name, value = attribute["AttributeKey"], attribute["AttributeValue"]
        wanted = [
            event
            for event in EVENTS
            if value in ({event["eventName"]} if name == "EventName" else event["requestParameters"].values())
        ]
        return {"Events": [{"CloudTrailEvent": json.dumps(event)} for event in wanted]}


@pytest.fixture
def throttled(monkeypatch):
    def answering(requests):
        monkeypatch.setattr(trail, "service_reader", lambda *_: Throttled(requests))
        monkeypatch.setattr(trail, "PAUSE_SECONDS", 0)

    return answering


def test_all_differences_are_reported_with_the_reason(drift, throttled):  # noqa: F811
    throttled(0)

    out = drift(EVENTS)

    assert "      by " not in out
    assert out.count("actor not found: ") == len(EDITS)
    assert "Rate exceeded" in out or "throttled" in out


def test_who_was_found_before_is_named(drift, throttled):  # noqa: F811
    throttled(2)

    found = actors(drift(EVENTS, "--format", "json"))

    assert set(found) == set(EDITS)
    named = {address for address, one in found.items() if one["why"] is None}
    assert 0 < len(named) < len(EDITS)
    assert {one["why"] for address, one in found.items() if address not in named} == {"failed"}
