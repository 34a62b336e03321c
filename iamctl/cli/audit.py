"""The command line of audits."""

from __future__ import annotations

from typing import Annotated

import typer

from iamctl.audit.frameworks import Framework
from iamctl.cli.options import (
    OUTPUT,
    AccountName,
    CredentialReads,
    Now,
    Profile,
    Region,
    Sandbox,
    Snapshot,
    Tree,
    source_options,
)
from iamctl.render import AuditFormat


def audit(
    directory: Tree = None,
    account: AccountName = None,
    profile: Profile = None,
    region: Region = None,
    snapshot: Snapshot = None,
    sandbox: Sandbox = None,
    now: Now = None,
    framework: Annotated[
        Framework | None,
        typer.Option("--framework", help="Show only the controls of this framework, with their ids in it."),
    ] = None,
    usage: Annotated[
        bool, typer.Option("--usage", help="Report which services groups allow and no member used, and judge nothing.")
    ] = False,
    output: Annotated[AuditFormat, OUTPUT] = AuditFormat.TEXT,
) -> int:
    """Judge the whole account by controls for credentials, MFA, the root user and policies.

    Exits 2 if a control fails; else 1 if one was not evaluated, because a read was denied or a snapshot lacks its data;
    else 0. 'audit: accept' in iamctl.yaml accepts a finding until a date.

    With '--usage', AWS is asked which services members of each group used in 400 days: two calls for a group or more.
    Example: iamctl audit iam/ --usage --format csv
    """
    from iamctl.commands.audit import audit as run

    source = source_options(profile, region, snapshot, sandbox, CredentialReads.AUTO)
    if usage:
        from iamctl.commands.usage import usage as report
        from iamctl.model.failures import UsageError

        if framework:
            raise UsageError("--usage judges no controls; omit --framework")
        return report(directory, source, account=account, now=now, output=output.value)
    return run(
        directory,
        source,
        account=account,
        now=now,
        framework=framework.value if framework else None,
        output=output.value,
    )
