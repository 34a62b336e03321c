"""What Prowler and this program both decide: the checks of each control, and verdicts by resource in one form.

A resource is ``root``, ``-`` for the account, ``user/ann`` for a user and all that a user has, ``group/x`` or ``role/x``
for what holds a policy, ``region/x``, or ``server-certificate/x``.
"""

from datetime import UTC, datetime
from pathlib import Path

from audit_accounts import ACCOUNT, snapshot
from case_files import read_cases

from iamctl.account.audit_facts import audit_facts
from iamctl.account.live import live_account
from iamctl.audit import all_controls
from iamctl.audit.audited import Audited
from iamctl.audit.judged import judgements
from iamctl.model.settings import Settings

HERE = Path(__file__).parent
ACCOUNTS = read_cases(HERE / "prowler_accounts.yaml")
VERDICTS = HERE / "prowler_verdicts.yaml"
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
"""The moment at which both judge."""

CHECKS = read_cases(HERE / "prowler_checks.yaml")

ALONE = {"mfa-guard", "owner-tags", "root-certificates", "signin-sessions", "unassigned-mfa-devices", "whole-services"}
"""The controls for which Prowler has no check."""


def own_verdicts(account):
    """Return by control and resource what this program decides about an account."""
    found = snapshot(account)
    live = live_account(found)
    audited = Audited(live, live.state, Settings("prod", ACCOUNT), NOW, audit_facts(found))
    everything = resources(found)
    told = {}
    for one in judgements(audited):
        if one.control.id not in CHECKS:
            continue
        about = CHECKS[one.control.id]["about"]
        failing = {_resource(about, failing.address) for failing in one.failing}
        unknown = {_resource(about, undecided.address) for undecided in one.undecided}
        if one.exempt or (about in {"-", "root"} and unknown):
            continue
        named = everything[about] - unknown
        assert failing <= everything[about], (one.control.id, failing)
        told[one.control.id] = {name: "FAIL" if name in failing else "PASS" for name in sorted(named)}
    return told


def _resource(about, address):
    if about in {"-", "root"} or address is None:
        return about
    if address.kind in {"region", "server-certificate", "user", "group", "role"}:
        return str(address)
    return f"{'group' if address.kind.startswith('group-') else 'user'}/{address.parts[0]}"


def resources(found):
    """Return by what a verdict is about the names of all there are in a snapshot."""
    audit = found.get("audit") or {}
    sections = {"user": "UserDetailList", "group": "GroupDetailList", "role": "RoleDetailList"}
    names = {
        kind: {f"{kind}/{one[f'{kind.title()}Name']}" for one in found[section]} for kind, section in sections.items()
    }
    return {
        "root": {"root"},
        "-": {"-"},
        "user": names["user"],
        "holder": {name for held in names.values() for name in held},
        "region": {f"region/{name}" for name in audit.get("Analyzers") or {}},
        "server-certificate": {
            f"server-certificate/{one['ServerCertificateName']}" for one in audit.get("ServerCertificates") or ()
        },
    }


def merged(verdicts):
    """Return by resource the verdict of all checks of a control: FAIL if one fails."""
    told = {}
    for found in verdicts.values():
        for resource, verdict in found.items():
            told[resource] = "FAIL" if "FAIL" in {verdict, told.get(resource)} else "PASS"
    return told


def both_decide(own, kept):
    """Yield control, resource and the two verdicts, ours first, wherever there are two."""
    for control, verdicts in own.items():
        theirs = merged(kept.get(control, {}))
        for resource, verdict in verdicts.items():
            if resource in theirs:
                yield control, resource, verdict, theirs[resource]


def controls():
    """Return the ids of all controls."""
    return {control.id for control in all_controls()}
