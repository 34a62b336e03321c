"""AWS as the live account, or the embedded IAM, which answers the same API."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from iamctl.account.needs import Needs
from iamctl.aws.audit_facts import with_audit_facts
from iamctl.aws.execute import Executor
from iamctl.aws.lock_object import LockObject
from iamctl.aws.page import whole_answer
from iamctl.aws.password_policy import password_policy
from iamctl.aws.read import (
    read_snapshot,
    with_aws_policy_documents,
    with_credentials,
    with_descriptions,
    with_keys_and_certificates,
    with_looked_up,
    with_passwords,
    with_policy_details,
    with_unassigned_devices,
)
from iamctl.aws.same_caller import CredentialsRenewedError, SameCaller, SameReader
from iamctl.aws.secret_store import with_secrets
from iamctl.aws.session import (
    Caller,
    Session,
    assume,
    check_clock,
    custom_endpoints,
    identify,
    open_session,
    partition_of,
    reading_client,
    writing_client,
)
from iamctl.aws.signin import with_signin_sessions
from iamctl.aws.trail import Trail
from iamctl.aws.watch import watch
from iamctl.model import Call, CallError
from iamctl.model.settings import Settings
from iamctl.source.descriptions import Descriptions, descriptions_file
from iamctl.source.live_source import LiveSource, Waits, check_identity
from iamctl.source.watched import Reading, Watched

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient

    from iamctl.handover.password import PasswordPolicy
    from iamctl.model.lock import LockSettings, LockStore
    from iamctl.model.snapshot import Snapshot

CredentialReads = Literal["auto", "exact", "none"]
"""How passwords, keys and devices are read: by user in small accounts and from the report in larger ones; by user in
all accounts; or not at all."""

SETTLE_SECONDS = (2.0, 4.0, 8.0, 16.0, 30.0)
"""The pause before each further look at AWS: IAM is eventually consistent.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html#troubleshoot_general_eventual-consistency
"""

EMULATOR_SETTLE_SECONDS = (0.5, 1.0, 2.0)
"""The same for an endpoint that is not AWS's: one program, which shows at once what it did."""

RENEWALS = 5
"""How often in a row one write may meet credentials that were just renewed."""

SWEEP_SECONDS = 15.0
"""How long after a revocation somebody who watches for it may need to restore what was removed."""

SPREAD_SECONDS = 15.0
"""How long a change may need until all of AWS sees it; AWS names no number, and most are seen within seconds."""


class AwsSource:
    """The account that the credentials of a session belong to."""

    def __init__(
        self,
        session: Session,
        caller: Caller,
        *,
        credentials: CredentialReads,
        now: datetime,
        waits: Waits,
        sleep: Callable[[float], None] = time.sleep,
        descriptions: Descriptions | None = None,
    ) -> None:
        self.account_id = caller.account_id
        self.partition = caller.partition
        self.caller_arn: str | None = caller.arn
        self.waits = waits
        self.is_shared = True
        self._session = session
        self._caller = caller
        self._credentials = credentials
        self._now = now
        self._sleep = sleep
        self._descriptions = descriptions or Descriptions()
        self._same_reader = SameReader(session, caller)
        self._executor: Executor | None = None
        self._trail: Trail | None = None
        self._lock = Lock()

    def fetch(self, needs: Needs, known: Snapshot | None = None) -> Snapshot:
        """Return ``known`` with what is needed beyond it; without ``known``, read the whole account first.

        Raises:
            AwsError: something cannot be read.
            RefusedError: the credentials became those of somebody else.
        """
        found = self._fetched(needs, known)
        self._same_reader.check()
        return found

    def _fetched(self, needs: Needs, known: Snapshot | None) -> Snapshot:
        iam = reading_client(self._session)
        found = known
        if found is None:
            found = read_snapshot(
                self._session, self._caller, credentials=self._credentials, now=self._now, sleep=self._sleep
            )
        if needs.all_credentials:
            found = with_credentials(found, iam, needs.all_credentials)
        if needs.policy_details or needs.policy_descriptions:
            found = self._described(found, iam, needs)
        if needs.sign_in and self._credentials != "none":
            found = with_looked_up(found, iam, needs.sign_in)
        if (passwords := needs.passwords - needs.sign_in) and self._credentials != "none":
            found = with_passwords(found, iam, passwords)
        if needs.keys_and_certificates and self._credentials != "none":
            found = with_keys_and_certificates(found, iam, needs.keys_and_certificates)
        if needs.unassigned_devices and self._credentials != "none":
            found = with_unassigned_devices(found, iam)
        if needs.policy_documents:
            found = with_aws_policy_documents(found, iam, needs.policy_documents)
        if needs.secrets:
            found = with_secrets(found, self._session, needs.secrets)
        if needs.signin_sessions:
            found = with_signin_sessions(found, self._session, needs.signin_sessions, self._now, self._sleep)
        if needs.audit:
            found = with_audit_facts(found, self._session, needs.audit, self._sleep)
        return found

    def _described(self, snapshot: Snapshot, iam: IAMClient, needs: Needs) -> Snapshot:
        """Return the snapshot with the details that are needed; a description that is known by its id is not asked for.

        Of a policy whose description alone is needed nothing else is kept, so that it does not matter who told it.
        """
        ids = {policy["Arn"]: policy["PolicyId"] for policy in snapshot["Policies"] if "PolicyId" in policy}
        described = needs.policy_descriptions - needs.policy_details
        texts = {arn: text for arn in described if (text := self._descriptions.of(ids.get(arn))) is not None}
        found = with_policy_details(snapshot, iam, needs.policy_details) if needs.policy_details else snapshot
        self._descriptions.remember(found["Policies"])
        if asked := described - texts.keys():
            told = with_policy_details(snapshot, iam, asked)
            self._descriptions.remember(told["Policies"])
            texts |= {one["Arn"]: one.get("Description", "") for one in told["Policies"] if one["Arn"] in asked}
            found = {
                **found,
                "missing_policies": sorted({*found.get("missing_policies", ()), *told["missing_policies"]}),
            }
        return with_descriptions(found, texts)

    def execute(self, call: Call) -> Mapping[str, Any]:
        """Run one write and return the answer, if the caller is still the same; several threads may call it.

        STS is asked before the first write, after each renewal of the credentials, and at least every 50 writes.

        Raises:
            RefusedError: the credentials became those of somebody else, for example during a long prompt.
            CallError: AWS refused, or it is unknown whether the write happened.
        """
        executor = self._opened()
        for _ in range(RENEWALS):
            try:
                return executor(call)
            except CredentialsRenewedError:
                continue
        raise CallError("CredentialsRenewed", "the AWS credentials change faster than they can be checked")

    def _opened(self) -> Executor:
        """Return what sends writes, made at the first one."""
        with self._lock:
            if self._executor is None:
                same_caller = SameCaller(self._session, self._caller)
                same_caller.watch(writing_client(self._session))
                self._executor = Executor(self._session, same_caller.watch)
            return self._executor

    def ask(self, operation: str, params: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the answer to one read with all its pages, None where IAM has no such thing.

        Raises:
            AwsError: it cannot be read.
            RefusedError: the credentials became those of somebody else.
        """
        answer = whole_answer(reading_client(self._session), operation, params)
        self._same_reader.check()
        return answer

    def password_policy(self) -> PasswordPolicy:
        """Return what the account demands of passwords."""
        found = password_policy(self._session)
        self._same_reader.check()
        return found

    def events(self, attribute: str, value: str) -> Iterator[list[Mapping[str, Any]]]:
        """Return an iterator over pages of recorded calls with an attribute, newest first."""
        with self._lock:
            if self._trail is None:
                self._trail = Trail(self._session, self.partition, self._sleep)
        return self._trail.pages(attribute, value)

    def lock_store(self, settings: LockSettings) -> LockStore:
        """Return the bucket that keeps the lock, reached with the credentials that write to the account."""
        return LockObject(self._session, settings, self.account_id)


def open_aws(
    profile: str | None,
    region: str | None,
    settings: Settings | None,
    *,
    role_for: Literal["plan", "apply"],
    credentials: CredentialReads,
    now: datetime,
    session_name: str | None = None,
) -> LiveSource:
    """Return the account of the caller, in the role that ``settings`` names for plan or apply.

    Raises:
        RefusedError: it is another account than that of ``settings``, or the caller is the root user.
        AwsError: there are no good credentials, the role cannot be assumed, or the clock is wrong before an apply.
    """
    session = open_session(profile, region)
    reading = Reading()
    watch(session, reading)
    role = settings.role(role_for, partition_of(session)) if settings else None
    if role:
        session = assume(session, role, session_name or f"iamctl-{role_for}")
    caller = identify(session)
    check_identity(settings, caller.account_id, is_root=caller.is_root)
    if role_for == "apply":
        check_clock(caller)
    waits, descriptions = Waits(SETTLE_SECONDS, SPREAD_SECONDS, SWEEP_SECONDS), descriptions_file(os.environ)
    endpoints = custom_endpoints(profile)
    if endpoints:  # whose ids may not be the only ones of their kind
        descriptions = None
    if not endpoints.get("iam", "https:").lower().startswith("https:"):  # one with https may be a way to AWS
        waits = Waits(EMULATOR_SETTLE_SECONDS)
    source = AwsSource(
        session, caller, credentials=credentials, now=now, waits=waits, descriptions=Descriptions(descriptions)
    )
    return Watched(source, reading)
