"""What a plan promises, and the digest by which somebody approves it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from iamctl.access.held import PolicySources, gained
from iamctl.kinds.signin_session import SIGNIN
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
        "calls": promised_calls([call.to_json() for call in plan.calls]),
        "ids": ids,
        "terms": {
            str(change.address): terms for change in plan.changes if change.after and (terms := change.after.terms())
        },
        "gained": gained(held, plan.changes),
        "risks": [[str(finding.address), finding.rule, *finding.facts] for finding in plan.risks],
        **({"declared": declared} if declared else {}),  # so that a digest without a base stays what it is
        **({"unchanged": [str(user) for user in plan.access_unchanged]} if plan.access_unchanged else {}),
    }


def promised_calls(calls: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the calls of a plan without revocations of sign-in sessions, numbered as if these were not there.

    A session may begin or end at any time; who loses every way in cannot make the approval of that out of date.
    """
    kept = [call for call in calls if call["service"] != SIGNIN]
    if len(kept) == len(calls):
        return list(calls)
    index = {call["index"]: place for place, call in enumerate(kept)}
    return [
        {
            **call,
            "index": index[call["index"]],
            "params": {name: _renumbered(value, index) for name, value in call["params"].items()},
            "needs": [index[one] for one in call.get("needs", ()) if one in index],
        }
        for call in kept
    ]


def _renumbered(value: Any, index: Mapping[int, int]) -> Any:
    """Return a parameter in which a result is that of the renumbered call."""
    if isinstance(value, Mapping) and isinstance(result := value.get("$result"), Mapping):
        return {"$result": {**result, "call": index.get(result.get("call", -1))}}
    return value


def digest(value: Any) -> str:
    """Return the digest of a JSON value; the order of keys does not count."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
