"""What a plan promises, and the digest by which somebody approves it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

from iamctl.access.held import PolicySources, gained
from iamctl.model import Plan, State


def promised(plan: Plan, whole: State, held: PolicySources) -> Plan:
    """Return the plan with what its digest covers, and the digest."""
    covered = promise(plan, whole, held)
    return replace(plan, plan_digest=digest(covered), covered=covered)


def promise(plan: Plan, whole: State, held: PolicySources) -> dict[str, Any]:
    """Return, as JSON, what the plan digest covers: the account, the calls, the ids of what they touch, and the risks.

    The ids are of the user, group or policy itself and of those that a membership or an attachment joins, so that
    somebody who was deleted and made anew under the same name is another promise, and so is a password that others can
    read, and a policy that is only named, by an attachment or by a group that somebody joins, and says something else.
    """
    touched = {address for change in plan.changes for address in (change.address, *change.resource.references)}
    found = {address: resource for address in touched if (resource := whole.get(address))}
    ids = {str(address): found[address].unique_id for address in sorted(found) if found[address].unique_id}
    declared = [[str(one.address), one.field, one.before, one.after] for one in plan.declared_changes]
    return {
        "account": plan.account.id,
        "partition": plan.account.partition,
        "calls": [call.to_json() for call in plan.calls],
        "ids": ids,
        "terms": {
            str(change.address): terms for change in plan.changes if change.after and (terms := change.after.terms())
        },
        "gained": gained(held, plan.changes),
        "risks": [[str(finding.address), finding.rule, *finding.facts] for finding in plan.risks],
        **({"declared": declared} if declared else {}),  # so that a digest without a base stays what it is
        **({"unchanged": [str(user) for user in plan.access_unchanged]} if plan.access_unchanged else {}),
    }


def digest(value: Any) -> str:
    """Return the digest of a JSON value; the order of keys does not count."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
