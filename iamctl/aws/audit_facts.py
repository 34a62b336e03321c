"""Reads what only an audit needs; a read that fails is recorded as such, and never ends the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from botocore import xform_name

from iamctl.account.audit_facts import UNREAD, AuditFact
from iamctl.account.shape import plain
from iamctl.aws.credential_report import read_credential_report
from iamctl.aws.credentials import (
    look_up_credentials,
    read_all_virtual_devices,
    read_password_use,
    read_service_credentials,
)
from iamctl.aws.errors import AwsError, NoSuchEntityError, code_of, in_plain_words
from iamctl.aws.page import MAX_ITEMS, ask, items, side_by_side
from iamctl.aws.read import ALWAYS_EXACT_USERS, with_facts
from iamctl.aws.session import Session, reading_client, service_reader
from iamctl.aws.signin import sessions_of_users

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient

    from iamctl.model.snapshot import Snapshot

_ENABLED = ["ENABLED", "ENABLED_BY_DEFAULT"]
_NOT_HERE = ("AccountNotManagementOrDelegatedAdministrator", "OrganizationNotFound")
"""What IAM answers to an account that manages no organization.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOrganizationsFeatures.html#API_ListOrganizationsFeatures_Errors
"""
_NOT_ENABLED = ("ServiceAccessNotEnabled", "OrganizationNotInAllFeaturesMode")


def with_audit_facts(
    snapshot: Snapshot, session: Session, wanted: Iterable[str], sleep: Callable[[float], None]
) -> Snapshot:
    """Return the snapshot with the wanted facts, each of them an ``AuditFact``, and the reasons of reads that failed."""
    iam = reading_client(session)
    found: Snapshot = {**snapshot, "audit": {UNREAD: {}, **snapshot.get("audit", {})}}
    for fact in sorted(map(AuditFact, wanted)):
        if fact is AuditFact.CREDENTIALS:
            found = _with_credentials(found, iam)
            continue
        try:
            found = _with(found, fact, iam, session, sleep)
        except AwsError as error:
            found = _unread(found, fact, error)
    return found


def _with(
    snapshot: Snapshot, fact: AuditFact, iam: IAMClient, session: Session, sleep: Callable[[float], None]
) -> Snapshot:
    match fact:
        case AuditFact.CREDENTIAL_REPORT:
            report: Any = read_credential_report(iam, sleep)
            return {**snapshot, "credential_report": report}
        case AuditFact.VIRTUAL_DEVICES:
            devices, of_root = read_all_virtual_devices(iam)
            return _noted({**snapshot, "virtual_mfa_devices": devices}, fact, of_root)
        case AuditFact.PASSWORD_POLICY:
            return _noted(snapshot, fact, _password_policy(iam))
        case AuditFact.ACCOUNT_ALIASES:
            return _noted(snapshot, fact, sorted(map(str, items(iam, "ListAccountAliases", "AccountAliases"))))
        case AuditFact.SERVER_CERTIFICATES:
            return _noted(snapshot, fact, _server_certificates(iam))
        case AuditFact.ORGANIZATIONS_FEATURES:
            return _noted(snapshot, fact, _organizations_features(iam))
        case AuditFact.SIGNIN_SESSIONS:
            return _noted(snapshot, fact, sessions_of_users(snapshot["account"], session, sleep))
        case _:
            return _noted(snapshot, fact, _analyzers(session))


def _noted(snapshot: Snapshot, fact: AuditFact, value: object) -> Snapshot:
    return {**snapshot, "audit": {**snapshot["audit"], fact.value: value}}


def _unread(snapshot: Snapshot, fact: AuditFact, error: AwsError) -> Snapshot:
    unread = {**snapshot["audit"][UNREAD], fact.value: str(error)}
    return {**snapshot, "audit": {**snapshot["audit"], UNREAD: unread}}


def _with_credentials(snapshot: Snapshot, iam: IAMClient) -> Snapshot:
    """Return the snapshot with what users sign in with; in large accounts the credential report has most of it."""
    names = [user["UserName"] for user in snapshot["UserDetailList"]]
    reads: list[Callable[[], Mapping[str, Any]]] = [lambda: read_service_credentials(iam, names)]
    if len(names) <= ALWAYS_EXACT_USERS:
        reads += [lambda: look_up_credentials(iam, names), lambda: read_password_use(iam, names)]
    for read in reads:
        try:
            snapshot = with_facts(snapshot, read())
        except AwsError as error:
            snapshot = _unread(snapshot, AuditFact.CREDENTIALS, error)
    return snapshot


def _password_policy(iam: IAMClient) -> dict[str, Any] | None:
    """Return the password policy, None for an account without one of its own."""
    try:
        policy: dict[str, Any] = plain(ask(iam, "GetAccountPasswordPolicy")["PasswordPolicy"])
    except NoSuchEntityError:
        return None
    return dict(sorted(policy.items()))


def _server_certificates(iam: IAMClient) -> list[dict[str, Any]]:
    listed = items(iam, "ListServerCertificates", "ServerCertificateMetadataList", MaxItems=MAX_ITEMS)
    kept = [{key: one[key] for key in ("ServerCertificateName", "Expiration") if key in one} for one in listed]
    found: list[dict[str, Any]] = plain(sorted(kept, key=lambda one: one["ServerCertificateName"]))
    return found


def _organizations_features(iam: IAMClient) -> list[str] | None:
    """Return the enabled features for root users of member accounts, None where another account manages them."""
    try:
        return sorted(ask(iam, "ListOrganizationsFeatures").get("EnabledFeatures") or ())
    except AwsError as error:
        if code_of(error).startswith(_NOT_HERE):
            return None
        if code_of(error).startswith(_NOT_ENABLED):
            return []
        raise


def _analyzers(session: Session) -> dict[str, list[str]]:
    """Return the types of the active analyzers by enabled region.

    https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html
    https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListAnalyzers.html
    """
    account = service_reader(session, "account")
    listed = _all(account, "account:ListRegions", "Regions", "NextToken", RegionOptStatusContains=_ENABLED)
    readers = {
        region["RegionName"]: service_reader(session, "accessanalyzer", region["RegionName"]) for region in listed
    }

    def types(region: str) -> list[str]:
        found = _all(readers[region], "access-analyzer:ListAnalyzers", "analyzers", "nextToken")
        return sorted({one["type"] for one in found if one.get("status") == "ACTIVE"})

    return side_by_side(types, readers)


def _all(client: Any, action: str, key: str, token: str, **params: Any) -> list[Mapping[str, Any]]:
    """Return what a listing of another service holds, of all pages."""
    service, _, operation = action.partition(":")
    found: list[Mapping[str, Any]] = []
    while True:
        with in_plain_words(service, operation):
            page = getattr(client, xform_name(operation))(**params)
        found += page.get(key) or ()
        if not page.get(token):
            return found
        params[token] = page[token]
