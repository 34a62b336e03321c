"""Asks Prowler about the accounts of prowler_accounts.yaml and writes prowler_verdicts.yaml; run by hand.

    python3.11 -m venv /tmp/prowler && /tmp/prowler/bin/pip install prowler freezegun
    PYTHONPATH=tests:tests/audit .venv/bin/python tests/audit/record_prowler.py /tmp/prowler/bin/python

Prowler has an environment of its own, because it pins boto3 and much else. Each account is served on a port of 127.0.0.1.
"""

import json
import subprocess
import sys
import tempfile
import threading
from datetime import UTC, datetime
from pathlib import Path

from audit_accounts import ACCOUNT, MADE, snapshot
from prowler_compared import ACCOUNTS, CHECKS, HERE, NOW, VERDICTS, own_verdicts

from iamctl.source.served import open_served

HEAD = """\
# What Prowler {version} said about the accounts of prowler_accounts.yaml at {now}, by control, check and
# resource. Written by record_prowler.py on {day}. Prowler is licensed under Apache-2.0 (https://github.com/prowler-cloud/prowler);
# these are its verdicts, and nothing of its code or texts.
"""


def root_row(found):
    """Return the cells of the root user's row that a snapshot has and the sandbox does not keep."""
    row = (found.get("credential_report") or {}).get("root")
    if row is None:
        return {}
    cells = {
        "password_enabled": str(row.get("PasswordEnabled", False)).lower(),
        "mfa_active": str(row.get("MFAActive", False)).lower(),
        "password_last_used": row.get("PasswordLastUsed", "no_information"),
    }
    for number in (1, 2):
        key = dict(enumerate(row["AccessKeys"], 1)).get(number, {})
        cells[f"access_key_{number}_active"] = str(key.get("Status") == "Active").lower()
        used = key.get("AccessKeyLastUsed", {}).get("LastUsedDate", "N/A")
        cells[f"access_key_{number}_last_used_date"] = used
    return cells


def complete(found):
    """Add what AWS always answers, and no control looks at."""
    for one in (found.get("audit") or {}).get("ServerCertificates") or ():
        arn = f"arn:aws:iam::{ACCOUNT}:server-certificate/{one['ServerCertificateName']}"
        one |= {"ServerCertificateId": f"ASCA{one['ServerCertificateName']}", "Arn": arn, "Path": "/"}
    for held in found["credentials"].values():
        for one in held["ServiceSpecificCredentials"]:
            one |= {"CreateDate": MADE, "ServiceUserName": one["ServiceSpecificCredentialId"]}


def asked(python, account):
    """Return by check what Prowler says about one account."""
    found = snapshot(account)
    audit = found.get("audit") or {}
    complete(found)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "account.json"
        path.write_text(json.dumps(found), encoding="utf-8")
        with open_served(path, None, 0) as server:
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            request = {
                "url": server.url,
                "now": NOW.isoformat(),
                "checks": [check for one in CHECKS.values() for check in one["checks"]],
                "root": root_row(found),
                "analyzers": audit.get("Analyzers") or {},
                "has_organization": audit.get("OrganizationsFeatures") is not None,
            }
            done = subprocess.run(
                [python, HERE / "run_prowler.py"],
                input=json.dumps(request),
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            server.shutdown()
            thread.join()
    return found, json.loads(done.stdout)


def told(about, found, lines):
    """Return by resource what a check said."""
    verdicts = {}
    for resource_id, arn, region, status in lines:
        for name in named(about, found, resource_id, arn, region):
            verdicts[name] = "FAIL" if "FAIL" in {status, verdicts.get(name)} else status
    return dict(sorted(verdicts.items()))


def named(about, found, resource_id, arn, region):
    """Return the resources that a line of Prowler is about."""
    users = {user["Arn"]: f"user/{user['UserName']}" for user in found["UserDetailList"]}
    if about == "root":
        return ["root"] if "<root_account>" in resource_id else []
    if about == "-":
        return ["-"]
    if about == "region":
        return [f"region/{region}"]
    if about == "server-certificate":
        return [f"server-certificate/{arn.rpartition('/')[2]}"]
    if about == "user":
        owner = next((name for user, name in users.items() if arn == user or arn.startswith(f"{user}/")), None)
        owner = owner or next((f"user/{word}" for word in [arn.partition(":user/")[2].split("/")[0]] if word), None)
        return [owner] if owner in users.values() else []
    holders = []
    for kind, section in (("user", "UserDetailList"), ("group", "GroupDetailList"), ("role", "RoleDetailList")):
        for one in found[section]:
            attached = {policy["PolicyArn"] for policy in one["AttachedManagedPolicies"]}
            inline = {
                f"{one[f'{kind.title()}Name']}/{policy['PolicyName']}" for policy in one[f"{kind.title()}PolicyList"]
            }
            if arn in attached or (arn == one["Arn"] and resource_id in inline):
                holders.append(f"{kind}/{one[f'{kind.title()}Name']}")
    return holders


def main():
    """Write the verdicts."""
    python = sys.argv[1]
    version = subprocess.run(
        [python, "-c", "from importlib.metadata import version; print(version('prowler'))"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.strip()
    lines = [HEAD.format(version=version, now=NOW.isoformat(), day=f"{datetime.now(UTC):%Y-%m-%d}")]
    for title, case in ACCOUNTS.items():
        found, answers = asked(python, case["account"])
        lines.append(f"{json.dumps(title)}:\n")
        own = own_verdicts(case["account"])
        for control, one in CHECKS.items():
            verdicts = {check: told(one["about"], found, answers[check]) for check in one["checks"]}
            verdicts = {check: said for check, said in verdicts.items() if said}
            if verdicts and control in own:
                lines.append(f"  {control}:\n")
                lines += [f"    {check}: {json.dumps(said)}\n" for check, said in verdicts.items()]
        sys.stderr.write(f"{title}\n")
    VERDICTS.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
