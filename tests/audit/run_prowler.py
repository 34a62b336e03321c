"""Runs checks of Prowler on one account behind a port of this machine; for the Python of Prowler's own environment.

Reads JSON from stdin: the URL, the moment, the checks, and what the port does not serve. Writes by check what it says about
each resource. Nothing but 127.0.0.1 is called.
"""

import importlib
import json
import os
import sys
import types
from urllib.parse import urlparse

REGION = "us-east-1"
ACCOUNT = "123456789012"


class RecordedRegion:
    """A client of Access Analyzer in one region that answers what was recorded."""

    def __init__(self, region, kinds):
        self.region, self.kinds = region, kinds

    def get_paginator(self, operation):
        arn = f"arn:aws:access-analyzer:{self.region}:{ACCOUNT}:analyzer/"
        found = [{"arn": arn + kind, "name": kind, "status": "ACTIVE", "type": kind} for kind in self.kinds]
        page = {"analyzers": found} if operation == "list_analyzers" else {"findings": []}
        return types.SimpleNamespace(paginate=lambda **_: [page])


def provider(asked, session):
    """Return what the services of Prowler want to know of the account and the session."""

    def regional_clients(service):
        if service == "accessanalyzer":
            return {name: RecordedRegion(name, kinds) for name, kinds in asked["analyzers"].items()}
        client = session.client(service, REGION)
        client.region = REGION
        return {REGION: client}

    return types.SimpleNamespace(
        identity=types.SimpleNamespace(account=ACCOUNT, account_arn=f"arn:aws:iam::{ACCOUNT}:root", partition="aws"),
        audit_resources=[],
        audit_metadata=types.SimpleNamespace(expected_checks=asked["checks"]),
        audit_config={},
        fixer_config={},
        session=types.SimpleNamespace(current_session=session),
        generate_regional_clients=regional_clients,
        get_default_region=lambda *_, **__: REGION,
    )


def main():
    """Run the checks."""
    asked = json.load(sys.stdin)
    assert urlparse(asked["url"]).hostname == "127.0.0.1"
    os.environ.update(
        AWS_ENDPOINT_URL=asked["url"],
        AWS_ACCESS_KEY_ID="sandbox",
        AWS_SECRET_ACCESS_KEY="sandbox",
        AWS_REGION=REGION,
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_EC2_METADATA_DISABLED="true",
    )
    import boto3
    from freezegun import freeze_time
    from prowler.providers.aws.services.iam.iam_service import IAM
    from prowler.providers.common.provider import Provider

    for name in ("_get_last_accessed_services", "_get_user_temporary_credentials_usage"):
        setattr(IAM, name, lambda _: None)  # no check that is compared looks at these
    Provider.set_global_provider(provider(asked, boto3.Session(region_name=REGION)))
    status = "ACTIVE" if asked["has_organization"] else "NOT_AVAILABLE"
    organizations = types.ModuleType("organizations_client")
    organizations.organizations_client = types.SimpleNamespace(organization=types.SimpleNamespace(status=status))
    sys.modules["prowler.providers.aws.services.organizations.organizations_client"] = organizations
    from prowler.providers.aws.services.iam.iam_client import iam_client

    assert iam_client.client.meta.endpoint_url == asked["url"]
    if asked["root"]:
        row = next(row for row in iam_client.credential_report if row["user"] == "<root_account>")
        row.update(asked["root"])
    found = {}
    with freeze_time(asked["now"]):
        for check in asked["checks"]:
            service = check.split("_")[0]
            module = importlib.import_module(f"prowler.providers.aws.services.{service}.{check}.{check}")
            found[check] = [
                [one.resource_id, one.resource_arn, one.region, one.status]
                for one in getattr(module, check)().execute()
            ]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
