"""Service last accessed data, which moto does not have: what a group's policies allow, and what the file says of use.

The file has the last attempt by user and service under ``usage``. Assumed: that a Deny takes no service off the list.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from moto.iam.exceptions import NoSuchEntity

from iamctl.policy.actions import catalogue
from iamctl.sandbox.documents import statements
from iamctl.sandbox.load import moment
from iamctl.sandbox.operations import Operations
from iamctl.sandbox.paging import page


class UsageOperations(Operations):
    """Jobs about the last attempts of the members of groups."""

    def generate_service_last_accessed_details(self) -> dict[str, Any]:
        """GenerateServiceLastAccessedDetails: return the id of a job about a group.

        Raises:
            NoSuchEntity: there is no such group; the sandbox knows of no other entity.
        """
        arn = self.param("Arn")
        name = arn.rpartition("/")[2]
        if ":group/" not in arn or name not in self.account.groups:
            raise NoSuchEntity(f"ARN {arn} not found.")
        job = str(uuid5(NAMESPACE_URL, arn))
        self.account.usage_jobs[job] = name
        return {"JobId": job}

    def get_service_last_accessed_details(self) -> dict[str, Any]:
        """GetServiceLastAccessedDetails: return a page of the services that the group allows, with the last attempts.

        Raises:
            NoSuchEntity: there is no such job, or its group is gone.
        """
        group = self.account.group(self.account.usage_jobs.get(self.param("JobId"), ""))
        held = {user.name: self.account.usage.get(user.name, {}) for user in group.users}
        allowed = sorted({service for text in _documents(group) for service in _services(json.loads(text))})
        shown, marks = page(self, (self._service(one, held) for one in allowed))
        day = group.create_date
        job = {"JobStatus": "COMPLETED", "JobType": "SERVICE_LEVEL", "JobCreationDate": day, "JobCompletionDate": day}
        return {**job, "ServicesLastAccessed": shown} | marks

    def _service(self, service: str, held: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
        uses = sorted((used[service], name) for name, used in held.items() if service in used)
        found: dict[str, Any] = {"ServiceName": service, "ServiceNamespace": service}
        if uses:
            at, name = uses[-1]
            found |= {"LastAuthenticated": moment(at), "LastAuthenticatedEntity": self.account.user(name).arn}
        return found | {"TotalAuthenticatedEntities": len(uses)}


def _documents(group: Any) -> Iterator[str]:
    yield from group.policies.values()
    for policy in group.managed_policies.values():
        yield next(one.document for one in policy.versions if one.version_id == policy.default_version_id)


def _services(document: dict[str, Any]) -> Iterator[str]:
    """Yield the prefixes of the services of which a document allows an action; of ``NotAction`` all of them."""
    for statement in statements(document):
        if statement.get("Effect") != "Allow":
            continue
        actions = statement.get("Action", "*")
        for action in [actions] if isinstance(actions, str) else actions:
            prefix = action.partition(":")[0].lower()
            yield from (service for service in catalogue().services if fnmatchcase(service, prefix))
