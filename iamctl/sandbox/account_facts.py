"""What an audit asks beyond users and policies: certificates, features of the organization, regions and analyzers.

The answers are what the loaded snapshot holds under ``audit``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.iam.exceptions import IAMException

from iamctl.sandbox.load import moment
from iamctl.sandbox.operations import Operations
from iamctl.sandbox.paging import page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamctl.sandbox.account import Account


class NotManagementAccount(IAMException):  # type: ignore[misc]
    """The account neither manages an organization nor is its delegated administrator."""

    code = "AccountNotManagementOrDelegatedAdministratorException"


class AccountFactOperations(Operations):
    """Operations on the account itself."""

    def list_server_certificates(self) -> dict[str, Any]:
        """ListServerCertificates: return a page of the certificates of the snapshot."""
        held, marks = page(self, self.account.audit.get("ServerCertificates") or ())
        shown = [{**one, "Expiration": moment(one["Expiration"])} if one.get("Expiration") else one for one in held]
        return {"ServerCertificateMetadataList": shown} | marks

    def list_organizations_features(self) -> dict[str, Any]:
        """ListOrganizationsFeatures: return the features that are on.

        Raises:
            NotManagementAccount: the snapshot has none.
        """
        features = self.account.audit.get("OrganizationsFeatures")
        if features is None:
            raise NotManagementAccount("The request was rejected because the account does not manage an organization.")
        return {"OrganizationId": "o-sandbox0000", "EnabledFeatures": features}


def regional_answer(account: Account, service: str, region: str) -> str:
    """Return the JSON of ``account:ListRegions`` or of ``access-analyzer:ListAnalyzers`` in a region."""
    analyzers = account.audit.get("Analyzers") or {}
    if service == "account":
        regions = [{"RegionName": name, "RegionOptStatus": "ENABLED_BY_DEFAULT"} for name in analyzers]
        return json.dumps({"Regions": regions})
    shown = [{"name": kind.lower(), "type": kind, "status": "ACTIVE"} for kind in analyzers.get(region, ())]
    return json.dumps({"analyzers": shown})


NAMING = ("userName", "groupName", "policyArn", "policyName", "roleName")
"""The parameters whose values LookupEvents takes for names of resources (assumed)."""

PAGE = 50
"""Events on a page. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html"""


def recorded_events(account: Account, asked: Mapping[str, Any]) -> str:
    """Return the JSON of ``cloudtrail:LookupEvents``: the events of the snapshot with one attribute, newest first."""
    (attribute,) = asked["LookupAttributes"]
    value = attribute["AttributeValue"]
    by_name = attribute["AttributeKey"] == "EventName"
    found = [
        event
        for event in sorted(account.events, key=lambda event: str(event.get("eventTime")), reverse=True)
        if value in ([event.get("eventName")] if by_name else _named(event))
    ]
    begin = int(asked.get("NextToken") or 0)
    shown = [
        {
            "EventId": event.get("eventID", ""),
            "EventName": event.get("eventName", ""),
            "EventTime": int(moment(event.get("eventTime")).timestamp()),
            "CloudTrailEvent": json.dumps(event),
        }
        for event in found[begin : begin + PAGE]
    ]
    more = {"NextToken": str(begin + PAGE)} if begin + PAGE < len(found) else {}
    return json.dumps({"Events": shown, **more})


def _named(event: Mapping[str, Any]) -> list[str]:
    given = event.get("requestParameters") or {}
    return [given[name] for name in NAMING if name in given]
