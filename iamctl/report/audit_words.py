"""Words for what an audit finds; a fact without an entry gets the title of its control."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from iamctl.account.audit_facts import AuditFact
from iamctl.audit import Control
from iamctl.audit.frameworks import Framework
from iamctl.audit.judged import Accepted, Verdict
from iamctl.audit.outcome import AwsCall, Cure, Exemption, Fact, Failing, Missing, Undecided, Value
from iamctl.model import Call
from iamctl.report.aws_cli import aws_command
from iamctl.text.counted import counted, listed
from iamctl.text.late_pattern import late_pattern

FRAMEWORKS: Mapping[Framework, str] = {
    Framework.CIS_1_5: "CIS AWS Foundations 1.5",
    Framework.CIS_2: "CIS AWS Foundations 2.0",
    Framework.CIS_3: "CIS AWS Foundations 3.0",
    Framework.CIS_4: "CIS AWS Foundations 4.0",
    Framework.CIS_5: "CIS AWS Foundations 5.0",
    Framework.CIS_6: "CIS AWS Foundations 6.0",
    Framework.CIS_7: "CIS AWS Foundations 7.0",
    Framework.SECURITY_HUB: "AWS Security Hub",
    Framework.SOC_2: "SOC 2",
    Framework.ISO_27001: "ISO/IEC 27001:2022",
}

VERDICTS: Mapping[Verdict, str] = {
    Verdict.FAIL: "failed",
    Verdict.NOT_EVALUATED: "not evaluated",
    Verdict.ACCEPTED: "accepted",
    Verdict.NOT_APPLICABLE: "not applicable",
    Verdict.PASS: "passed",
}

_FACTS: Mapping[Fact, str] = {
    Fact.ROOT_KEYS: "the root user has access keys, which no policy can restrict; delete them",
    Fact.ROOT_WITHOUT_MFA: "the root user has no MFA device; enable one",
    Fact.ROOT_VIRTUAL_MFA: "the root user has a virtual MFA device ({devices}); replace it by a security key",
    Fact.ROOT_CERTIFICATES: "the root user has signing certificates; delete them",
    Fact.ROOT_NOT_CENTRAL: "the organization has not enabled {features}",
    Fact.NO_PASSWORD_POLICY: "the account has no password policy of its own; AWS's default demands 8 characters",
    Fact.SHORT_PASSWORDS: "passwords may have only {characters} characters",
    Fact.PASSWORDS_REUSED: "the password policy remembers {remembered} former passwords",
    Fact.SIMPLE_PASSWORDS: "passwords need no {lacking}",
    Fact.NO_GUARD: "the user has a password, and no policy denies access without MFA",
    Fact.DEVICE_LEFT: "the device belongs to nobody",
    Fact.KEY_AT_SETUP: "the access key was created with the user and has never been used",
    Fact.KEYS_ACTIVE: "the user has {keys} active access keys",
    Fact.API_KEYS_ENDLESS: "long-term API keys for {services} never expire",
    Fact.DIRECT_POLICY: "the policy {policy} is attached directly to the user; move it to a group",
    Fact.ALLOWS_EVERYTHING: "{policy} allows every action on every resource",
    Fact.ALLOWS_SERVICES: "{policy} allows every action of {services} on every resource",
    Fact.CLOUDSHELL: "aws:AWSCloudShellFullAccess allows moving files to and from a shell on the internet",
    Fact.NO_SUPPORT_ROLE: "no role has aws:AWSSupportAccess, so nobody can manage incidents with AWS Support",
    Fact.CERTIFICATE_EXPIRED: "the certificate expired on {on}",
    Fact.NO_ANALYZER: "no analyzer of external access is active in this region",
}

_MISSING: Mapping[Missing, tuple[AuditFact | None, str]] = {
    Missing.SUMMARY: (None, "the root user's credentials are unknown"),
    Missing.CREDENTIALS: (AuditFact.CREDENTIALS, "credentials are unknown"),
    Missing.CREDENTIAL_REPORT: (AuditFact.CREDENTIAL_REPORT, "the last use of the root user is unknown"),
    Missing.VIRTUAL_DEVICES: (AuditFact.VIRTUAL_DEVICES, "the virtual MFA devices are unknown"),
    Missing.PASSWORD_POLICY: (AuditFact.PASSWORD_POLICY, "the settings of the password policy are unknown"),
    Missing.SERVER_CERTIFICATES: (AuditFact.SERVER_CERTIFICATES, "the server certificates are unknown"),
    Missing.ANALYZERS: (AuditFact.ANALYZERS, "the analyzers of the regions are unknown"),
    Missing.ORGANIZATIONS_FEATURES: (
        AuditFact.ORGANIZATIONS_FEATURES,
        "the features of the organization are unknown",
    ),
    Missing.SIGNIN_SESSIONS: (AuditFact.SIGNIN_SESSIONS, "the sign-in sessions are unknown"),
    Missing.DOCUMENT: (None, "documents of policies are unknown"),
}

_FROM_MANY = frozenset({AuditFact.CREDENTIALS, AuditFact.CREDENTIAL_REPORT})
"""Facts of single users, which may be unknown in a live account as well."""

EXEMPTIONS: Mapping[Exemption, str] = {
    Exemption.MEMBER_ACCOUNT: "only the account that manages the organization can report this",
    Exemption.PARTITION: "AWS does not report this in the partition of the account",
}

_ENROLLING = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable_virtual.html"

_OF_SESSION = {"client": "of", "since": "since", "until": "until"}

_PLAIN = late_pattern(r"[A-Za-z][A-Za-z0-9_-]*", re.ASCII)
_YAML_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def failing_text(control: Control, failing: Failing, now: datetime) -> str:
    """Return why something fails."""
    values = failing.values
    match failing.fact:
        case Fact.ROOT_USED:
            uses = {"signed_in": "signed in", "key_used": "used an access key"}
            return f"the root user {' and '.join(f'{uses[how]} on {_shown(at)}' for how, at in values.items())}"
        case Fact.NO_MFA:
            since = f" since {_shown(values['since'])}" if "since" in values else ""
            other = f"since {values['keeps']} keeps the password" if "keeps" in values else "or remove the password"
            return f"the user has a password{since} and no MFA device; the user enrols one ({_ENROLLING}), {other}"
        case Fact.PASSWORD_UNUSED:
            return _unused("the password", values, now)
        case Fact.KEY_UNUSED:
            return _unused("the access key", values, now)
        case Fact.KEY_OLD:
            age = counted(_days(values["created"], now), "day")
            return f"the access key is {age} old; the limit is {values['limit']}"
        case Fact.SESSION_OF_NOBODY:
            return f"the user does not exist, but the session{_of_session(values)} is active"
        case Fact.SESSION_WITHOUT_PASSWORD:
            return f"the user has no password, but the session{_of_session(values)} is active"
        case Fact.NO_TAGS:
            return f"the user has no tag {_shown(values['tags'])}" if "tags" in values else "the user has no tags"
        case None:
            told = ", ".join(f"{name} {_shown(value)}" for name, value in values.items())
            return f"not met: {control.title}{f' ({told})' if told else ''}"
        case fact:
            return _FACTS[fact].format(**{name: _shown(value) for name, value in values.items()})


def _unused(what: str, values: Mapping[str, Value], now: datetime) -> str:
    since = values.get("since")
    if since is None:
        return f"{what} has no recorded use"
    ago = f"{counted(_days(since, now), 'day')} ago, on {_shown(since)}"
    return f"{what} was last used {ago}" if "used" in values else f"{what} was created {ago}, and has never been used"


def _of_session(values: Mapping[str, Value]) -> str:
    known = [f"{word} {_shown(values[name])}" for name, word in _OF_SESSION.items() if name in values]
    return f" ({', '.join(known)})" if known else ""


def _days(moment: Value, now: datetime) -> int:
    return (now - moment).days if isinstance(moment, datetime) else 0


def _shown(value: Value) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}"
    return listed(value) if isinstance(value, tuple) else str(value)


def cure_text(cure: Cure) -> str:
    """Return the line of a manifest that would cure something, or the command of the AWS CLI."""
    if isinstance(cure, AwsCall):
        return aws_command(Call(0, cure.service, cure.operation, cure.params))
    text = _yaml(cure.value)
    for key in reversed(cure.path[1:]):
        text = f"{{{_yaml(key)}: {text}}}"
    return f"{_yaml(cure.path[0])}: {text}"


def _yaml(value: Any) -> str:
    """Return a value in YAML's flow style, on one line; it reads back as the same value."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_yaml(key)}: {_yaml(part)}' for key, part in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_yaml, value))}]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _YAML_WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


def undecided_texts(undecided: tuple[Undecided, ...], unread: Mapping[str, str]) -> Iterator[str]:
    """Yield what is missing, each once, and why where a read failed."""
    for missing in dict.fromkeys(one.missing for one in undecided):
        fact, words = _MISSING[missing]
        alike = [one for one in undecided if one.missing is missing]
        names = dict.fromkeys(one.policy or str(one.address) for one in alike if one.policy or one.address)
        about = f": {listed(names)}" if names else ""
        if reason := _reason(fact, unread):
            yield f"{words}{about}; {reason}"
        elif fact and fact not in _FROM_MANY:
            yield f"{words}; the snapshot does not contain them (iamctl snapshot --audit)"
        else:
            yield f"{words}{about}"


def _reason(fact: AuditFact | None, unread: Mapping[str, str]) -> str:
    """Return why a fact was not read; credentials of large accounts are in the credential report."""
    if fact is None:
        return ""
    found = unread.get(fact.value, "")
    return found or (unread.get(AuditFact.CREDENTIAL_REPORT.value, "") if fact is AuditFact.CREDENTIALS else "")


def accepted_text(accepted: Accepted) -> str:
    """Return until when something is accepted, and why."""
    by = accepted.by
    until = f"accepted until {by.until:%Y-%m-%d}" if by.until else "accepted"
    return f"{until}: {by.reason}" if by.reason else until


def ids_text(control: Control, framework: Framework | None) -> str:
    """Return the ids of a control in a framework, or in the newest CIS AWS Foundations and Security Hub."""
    if framework:
        return ", ".join(control.numbers(framework))
    newest = control.numbers(Framework.CIS_7)
    found = [f"CIS 7.0 {', '.join(newest)}"] if newest else []
    return ", ".join([*found, *control.numbers(Framework.SECURITY_HUB)])
