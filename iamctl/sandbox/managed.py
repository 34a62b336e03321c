"""The AWS-managed policies that come with moto, read once per process and only on demand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data


@cache
def bundle() -> Mapping[str, Mapping[str, Any]]:
    """Return what is known of each AWS-managed policy by the part of its ARN after the account: ``policy/ReadOnlyAccess``."""
    found: dict[str, Mapping[str, Any]] = {}
    for name, facts in json.loads(aws_managed_policies_data).items():
        found[f"policy{facts.get('Path', '/')}{name}"] = {
            "Document": facts["Document"],
            "DefaultVersionId": facts["DefaultVersionId"],
            "CreateDate": datetime.fromisoformat(facts["CreateDate"]),
            "UpdateDate": datetime.fromisoformat(facts["UpdateDate"]),
            "Description": facts.get("Description", ""),
        }
    return found
