"""One complete read of an account, as a snapshot."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, cast

from iamctl.account.shape import FORMAT, SECTIONS, iso, ordered, plain
from iamctl.aws.credential_report import read_credential_report
from iamctl.aws.credentials import (
    look_up_credentials,
    look_up_keys_and_certificates,
    look_up_passwords,
    read_credentials,
    read_password_use,
    read_service_credentials,
    read_virtual_mfa_devices,
)
from iamctl.aws.errors import IncompleteReadError, NoSuchEntityError
from iamctl.aws.page import MAX_ITEMS, ask, items, pages, side_by_side
from iamctl.aws.session import Caller, Session, reading_client
from iamctl.kinds.arn import policy_name
from iamctl.text.counted import counted, plural

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient

    from iamctl.model.snapshot import CredentialReport, Snapshot

ALWAYS_EXACT_USERS = 25
"""An account of up to this many users has the credentials of all of them read one by one, without the report."""

LOOKS = 3
"""How often an account that changes while it is read is read before giving up."""

PAUSE_SECONDS = 2.0
"""Between two looks, for a change to become visible everywhere."""

_FILTER = ("User", "Group", "Role", "LocalManagedPolicy")


def read_snapshot(
    session: Session,
    caller: Caller,
    *,
    credentials: Literal["auto", "exact", "none"] = "auto",
    now: datetime,
    sleep: Callable[[float], None] = time.sleep,
) -> Snapshot:
    """Return a snapshot of the account of ``caller``, taken ``now``.

    ``auto`` asks for the credentials of each user of a small account. Of a larger one it reads the credential report and
    the one listing of service-specific credentials of all users.
    ``exact`` asks for those of each user whatever their number, ``none`` for nothing.

    Raises:
        IncompleteReadError: the read is not provably complete.
        AwsError: something cannot be read.
    """
    iam = reading_client(session)
    head = {
        "format": FORMAT,
        "taken_at": iso(now),
        "account": {"id": caller.account_id, "partition": caller.partition},
        "caller": {"arn": caller.arn},
    }
    snapshot = cast("Snapshot", {**head, **_complete_details(iam, sleep)})
    names = [user["UserName"] for user in snapshot["UserDetailList"]]
    if credentials == "exact" or (credentials == "auto" and len(names) <= ALWAYS_EXACT_USERS):
        return with_facts(with_credentials(snapshot, iam, names), read_password_use(iam, names))
    if credentials == "auto":  # after the details: who is only in the report has gone, and who is only here is new
        report = cast("CredentialReport", read_credential_report(iam, sleep))
        return {**snapshot, "credential_report": report, "credentials": read_service_credentials(iam, names)}
    return snapshot


def _complete_details(iam: IAMClient, sleep: Callable[[float], None]) -> dict[str, Any]:
    """Return the details and the summary of one look at which they agree."""
    doubt = ""
    for look in range(LOOKS):
        if look:
            sleep(PAUSE_SECONDS)
        details = _details(iam)
        summary = dict(sorted(ask(iam, "GetAccountSummary")["SummaryMap"].items()))
        doubt = _doubt(details, summary)
        if not doubt:
            return {**details, "SummaryMap": summary}
    raise IncompleteReadError(f"the read of the account is not complete: {doubt}, after {LOOKS} looks; run again")


def _details(iam: IAMClient) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {section: [] for section in SECTIONS}
    for page in pages(iam, "GetAccountAuthorizationDetails", Filter=list(_FILTER), MaxItems=MAX_ITEMS):
        for section in SECTIONS:
            found[section] += page.get(section) or ()
    found["Policies"] = [{"PolicyName": policy_name(policy["Arn"]), **policy} for policy in found["Policies"]]
    details: dict[str, list[dict[str, Any]]] = plain(found)
    return details


def _doubt(details: Mapping[str, list[dict[str, Any]]], summary: Mapping[str, int]) -> str:
    """Return why the details may not be all there is, or nothing."""
    for section, name in SECTIONS.items():
        twice = [value for value, number in Counter(entry[name] for entry in details[section]).items() if number > 1]
        if twice:
            return f"{twice[0]!r} was returned twice"
    groups = {group["GroupName"] for group in details["GroupDetailList"]}
    for user in details["UserDetailList"]:
        if unknown := set(user.get("GroupList", ())) - groups:
            return f"user {user['UserName']!r} is in group {min(unknown)!r}, which was not returned"
    for section, entry, noun in (("UserDetailList", "Users", "user"), ("GroupDetailList", "Groups", "group")):
        if entry not in summary:
            return f"iam:GetAccountSummary does not report the number of {plural(noun)}"
        if (number := len(details[section])) != summary[entry]:
            return f"IAM returned {counted(number, noun)}, but iam:GetAccountSummary reports {summary[entry]}"
    return ""


def with_credentials(snapshot: Snapshot, iam: IAMClient, names: Iterable[str]) -> Snapshot:
    """Return the snapshot with the credentials of the named users as they are now, and all virtual MFA devices.

    Raises:
        AwsError: something cannot be read.
    """
    held = {**snapshot.get("credentials", {}), **read_credentials(iam, names)}
    return {
        **snapshot,
        "credentials": dict(sorted(held.items())),
        "virtual_mfa_devices": read_virtual_mfa_devices(iam),
    }


def with_looked_up(snapshot: Snapshot, iam: IAMClient, names: Iterable[str]) -> Snapshot:
    """Return the snapshot with the passwords, keys and MFA devices of the named users as they are now.

    What it tells of their SSH keys, certificates and service-specific credentials stays.

    Raises:
        AwsError: something cannot be read.
    """
    return with_facts(snapshot, look_up_credentials(iam, names))


def with_passwords(snapshot: Snapshot, iam: IAMClient, names: Iterable[str]) -> Snapshot:
    """Return the snapshot with the passwords of the named users as they are now: whether there is one, and since when.

    Raises:
        AwsError: something cannot be read.
    """
    return with_facts(snapshot, look_up_passwords(iam, names))


def with_keys_and_certificates(snapshot: Snapshot, iam: IAMClient, names: Iterable[str]) -> Snapshot:
    """Return the snapshot with the SSH keys and signing certificates of the named users as they are now.

    Raises:
        AwsError: something cannot be read.
    """
    return with_facts(snapshot, look_up_keys_and_certificates(iam, names))


def with_facts(snapshot: Snapshot, found: Mapping[str, Any]) -> Snapshot:
    """Return the snapshot with further facts about the credentials of users, by user name."""
    held: dict[str, Any] = dict(snapshot.get("credentials", {}))
    for name, facts in found.items():
        held[name] = {**held.get(name, {}), **facts}
    return {**snapshot, "credentials": dict(sorted(held.items()))}


def with_unassigned_devices(snapshot: Snapshot, iam: IAMClient) -> Snapshot:
    """Return the snapshot with the virtual MFA devices that belong to nobody, and no others.

    Raises:
        AwsError: something cannot be read.
    """
    return {**snapshot, "virtual_mfa_devices": read_virtual_mfa_devices(iam, status="Unassigned")}


def with_policy_details(snapshot: Snapshot, iam: IAMClient, arns: Iterable[str]) -> Snapshot:
    """Return the snapshot with what GetPolicy tells of the policies named: description, tags, and whether they exist.

    Policies that are not there are listed under ``missing_policies``.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html

    Raises:
        AwsError: something cannot be read.
    """
    policies: dict[str, Any] = {policy["Arn"]: policy for policy in snapshot.get("Policies", ())}
    missing = set(snapshot.get("missing_policies", ()))
    for arn, told in side_by_side(lambda arn: _policy(iam, arn), arns).items():
        if told is None:
            missing.add(arn)
            continue
        if arn not in policies and ":iam::aws:" not in arn:
            raise IncompleteReadError(f"the policy {arn!r} appeared while the account was being read; run again")
        missing.discard(arn)
        # IAM leaves out what is empty: an answer without tags or description says that there are none
        told = {"PolicyName": policy_name(arn), "Path": "/", "Tags": [], "Description": "", **plain(told)}
        policies[arn] = {**told, **policies.get(arn, {}), "Tags": told["Tags"], "Description": told["Description"]}
    return _with_policies(snapshot, policies.values(), missing)


def with_descriptions(snapshot: Snapshot, descriptions: Mapping[str, str]) -> Snapshot:
    """Return the snapshot with the descriptions of policies by ARN."""
    if not descriptions:
        return snapshot
    policies = [
        {**policy, "Description": descriptions[policy["Arn"]]} if policy["Arn"] in descriptions else policy
        for policy in snapshot["Policies"]
    ]
    return _with_policies(snapshot, policies, snapshot.get("missing_policies", ()))


def _policy(iam: IAMClient, arn: str) -> Mapping[str, Any] | None:
    try:
        policy: Mapping[str, Any] = ask(iam, "GetPolicy", PolicyArn=arn)["Policy"]
    except NoSuchEntityError:
        return None
    return policy


def _version(iam: IAMClient, arn: str, version_id: str) -> dict[str, Any]:
    version: dict[str, Any] = plain(ask(iam, "GetPolicyVersion", PolicyArn=arn, VersionId=version_id)["PolicyVersion"])
    return version


def with_aws_policy_documents(snapshot: Snapshot, iam: IAMClient, arns: Iterable[str]) -> Snapshot:
    """Return the snapshot with the documents in force of the AWS-managed policies named, as far as they exist.

    The policies that are attached anywhere in the account are listed once for their versions, the others are asked
    for one by one.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html

    Raises:
        AwsError: something cannot be read.
    """
    wanted = sorted(arn for arn in set(arns) if ":iam::aws:" in arn)
    policies: dict[str, Any] = {policy["Arn"]: policy for policy in snapshot.get("Policies", ())}
    if any(arn not in policies for arn in wanted):
        listed = items(iam, "ListPolicies", "Policies", Scope="AWS", OnlyAttached=True, MaxItems=MAX_ITEMS)
        policies = {**{policy["Arn"]: plain(policy) for policy in listed if policy["Arn"] in wanted}, **policies}
    more = with_policy_details({**snapshot, "Policies": list(policies.values())}, iam, set(wanted) - policies.keys())
    policies = {policy["Arn"]: policy for policy in more["Policies"]}
    asked = [arn for arn in wanted if arn in policies and "PolicyVersionList" not in policies[arn]]
    versions = side_by_side(lambda arn: _version(iam, arn, policies[arn]["DefaultVersionId"]), asked)
    policies.update({arn: {**policies[arn], "PolicyVersionList": [version]} for arn, version in versions.items()})
    return _with_policies(more, policies.values(), more.get("missing_policies", ()))


def _with_policies(snapshot: Snapshot, policies: Iterable[Any], missing: Iterable[str]) -> Snapshot:
    """Return the snapshot with these policies, plain already; the very same sections as before besides."""
    return {**snapshot, "Policies": ordered([*policies], "Policies"), "missing_policies": sorted(missing)}
