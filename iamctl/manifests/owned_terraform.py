"""What Terraform manages, from ``terraform show -json``.

The state of Terraform has secrets, so what is read of it is an allow-list: addresses, types and names.

https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from iamctl.kinds.arn import policy_account, policy_name
from iamctl.manifests.owned_resource import OwnedResource, Ownership, Tool, read_json, rows, text
from iamctl.model import Address, IamctlError

_WANTED = "the output of 'terraform show -json'"

_ROOTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "aws_iam_user": (("user", "name"),),
    "aws_iam_group": (("group", "name"),),
    "aws_iam_policy": (("policy", "name"),),
    "aws_iam_group_membership": (("group", "group"),),
    "aws_iam_user_group_membership": (("user", "user"),),
    "aws_iam_group_policy": (("group", "group"),),
    "aws_iam_group_policy_attachment": (("group", "group"),),
    "aws_iam_group_policies_exclusive": (("group", "group_name"),),
    "aws_iam_group_policy_attachments_exclusive": (("group", "group_name"),),
    "aws_iam_user_policy": (("user", "user"),),
    "aws_iam_user_policy_attachment": (("user", "user"),),
    "aws_iam_user_policies_exclusive": (("user", "user_name"),),
    "aws_iam_user_policy_attachments_exclusive": (("user", "user_name"),),
    "aws_iam_user_login_profile": (("user", "user"),),
    "aws_iam_access_key": (("user", "user"),),
    "aws_iam_user_ssh_key": (("user", "username"),),
    "aws_iam_signing_certificate": (("user", "user_name"),),
    "aws_iam_service_specific_credential": (("user", "user_name"),),
    "aws_iam_policy_attachment": (("user", "users"), ("group", "groups"), ("policy", "policy_arn")),
}
"""The type of a resource to what it is or is a part of: the kind, and the attribute that names it.

https://github.com/hashicorp/terraform-provider-aws/tree/main/website/docs/r
"""


def terraform(path: Path, account_id: str) -> Ownership:
    """Return the resources in the state of Terraform; those of another account have no counterpart.

    Raises:
        IamctlError: the file is not the output of ``terraform show -json``.
    """
    data = read_json(path, _WANTED)
    prior = data.get("prior_state")
    values = data.get("values") or (prior.get("values") if isinstance(prior, dict) else None)
    if not isinstance(values, dict) or "format_version" not in data:
        is_state = "lineage" in data and "serial" in data
        hint = "this is a state file; convert it with" if is_state else "use the output of"
        raise IamctlError(f"{path}: not {_WANTED}; {hint} 'terraform show -json'")
    return Ownership(tuple(_resources(values.get("root_module"), account_id)))


def _resources(module: Any, account_id: str) -> Iterator[OwnedResource]:
    modules = [module]
    while modules:
        one = modules.pop()
        if not isinstance(one, dict):
            continue
        modules += list(rows(one.get("child_modules")))
        for row in rows(one.get("resources")):
            if row.get("mode") == "managed":
                yield _resource(row, account_id)


def _resource(row: Mapping[str, Any], account_id: str) -> OwnedResource:
    kind, values = text(row.get("type")), row.get("values")
    roots = tuple(_roots(kind, values, account_id)) if isinstance(values, dict) else ()
    return OwnedResource(Tool.TERRAFORM, kind, text(row.get("address")), roots=roots)


def _roots(kind: str, values: Mapping[str, Any], account_id: str) -> Iterator[Address]:
    account = text(values.get("arn")).split(":")[4:5]
    if account and account != [account_id]:
        return
    for root, attribute in _ROOTS.get(kind, ()):
        found = values.get(attribute)
        names = [name for name in found if isinstance(name, str)] if isinstance(found, list) else [text(found)]
        for name in filter(None, names):
            if attribute != "policy_arn":
                yield Address.of(root, name)
            elif policy_account(name) == account_id:
                yield Address.of(root, policy_name(name))
