"""Looks events up in CloudTrail, newest first."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from iamctl.aws.errors import in_plain_words
from iamctl.aws.session import Session, service_reader

PAUSE_SECONDS = 0.5
"""After each request: CloudTrail answers two a second for an account and region.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

_HOMES = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""Where CloudTrail records the calls of IAM, by partition.

https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
"""


class Trail:
    """The recorded calls of an account of the last 90 days."""

    def __init__(self, session: Session, partition: str, sleep: Callable[[float], None]) -> None:
        self._client = service_reader(session, "cloudtrail", _HOMES.get(partition))
        self._sleep = sleep

    def pages(self, attribute: str, value: str) -> Iterator[list[Mapping[str, Any]]]:
        """Yield the events with an attribute page by page, newest first; each page is one request.

        Raises:
            AwsError: a page cannot be read.
        """
        params: dict[str, Any] = {"LookupAttributes": [{"AttributeKey": attribute, "AttributeValue": value}]}
        while True:
            with in_plain_words("cloudtrail", "LookupEvents"):
                page = self._client.lookup_events(**params)
                events = [json.loads(event["CloudTrailEvent"]) for event in page.get("Events") or ()]
            self._sleep(PAUSE_SECONDS)
            yield events
            if not page.get("NextToken"):
                return
            params["NextToken"] = page["NextToken"]
