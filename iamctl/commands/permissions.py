"""``iamctl permissions``: the policies of the roles that run iamctl."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from iamctl.aws.reads import ORGANIZATION_READS
from iamctl.commands.needed_permissions import LONGEST_POLICY, Job, gives_access, needed_policy
from iamctl.commands.workspace import declared, moment, open_tree
from iamctl.model.failures import UsageError
from iamctl.policy.names import path_error
from iamctl.terminal.show import note
from iamctl.text.late_pattern import late_pattern

_PARTITION = late_pattern(r"aws(-[a-z0-9]+)*")


def permissions(
    directory: Path | None,
    job: Job,
    *,
    account: str | None,
    partition: str,
    paths: Sequence[str] = (),
    with_transition: bool = False,
) -> int:
    """Print the policy as JSON to stdout, and what to know about it to stderr; return 0.

    Raises:
        ManifestError: the manifests have mistakes.
        UsageError: the account is not in iamctl.yaml.
    """
    if not _PARTITION.fullmatch(partition):
        raise UsageError(f"--partition {partition!r} is not a partition; use aws, aws-us-gov or another one of AWS")
    for path in paths:
        if error := path_error(path):
            raise UsageError(f"--path {path!r}: {error}")
    tree = open_tree(directory)
    settings = tree.account(account)
    desired = declared(tree, settings.account_name, partition, moment(None))
    policy = needed_policy(desired, job, paths, with_transition=with_transition)
    sys.stdout.write(json.dumps(policy, indent=2) + "\n")
    sys.stdout.flush()
    if gives_access(policy):
        note("Anyone with this role can grant themselves anything: allow only your CI environment to assume it.")
    if role := settings.role(job, partition):
        note(f"This is the policy of {role}. Its caller needs sts:AssumeRole on it.")
    size = len(json.dumps(policy, separators=(",", ":")))
    if size > LONGEST_POLICY:
        note(f"The policy has {size} characters; a managed policy has at most {LONGEST_POLICY}. Use an inline policy.")
    return 0


def discovery_permissions() -> int:
    """Print the policy of the role that discovers accounts as JSON; return 0.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html
    """
    actions = [f"organizations:{operation}" for operation in sorted(ORGANIZATION_READS)]
    statement = {"Sid": "DiscoverAccounts", "Effect": "Allow", "Action": actions, "Resource": "*"}
    sys.stdout.write(json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2) + "\n")
    sys.stdout.flush()
    return 0
