"""Hands over the passwords that an apply creates."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iamctl.kinds import AccountSetting
from iamctl.model import Outcome, Plan
from iamctl.model.failures import UsageError
from iamctl.model.settings import Secrets
from iamctl.terminal.show import note

if TYPE_CHECKING:
    from iamctl.handover.delivery import Handover
    from iamctl.handover.password import PasswordPolicy


def check_terminal(plan: Plan, secrets: Secrets | None, *, is_alone: bool = True) -> None:
    """Refuse to print passwords where there is no terminal, or where other accounts print beside this one.

    Raises:
        UsageError: stdout is not a terminal, or this account is not ``is_alone``.
    """
    if not (secrets and secrets.deliver == "terminal" and _makes_passwords(plan)):
        return
    if not is_alone:
        raise UsageError(
            "iamctl.yaml has 'deliver: terminal', which a run over several accounts cannot do, so nothing was changed; run "
            "'iamctl apply' with --account, or use 'deliver: age'"
        )
    if not sys.stdout.isatty():
        raise UsageError(
            "iamctl.yaml has 'deliver: terminal', but stdout is not a terminal, so nothing was changed; run apply on a "
            "terminal, or use 'deliver: age'"
        )


def open_handover(
    plan: Plan, secrets: Secrets | None, read_policy: Callable[[], PasswordPolicy], run: str
) -> Handover | None:
    """Return what creates and hands over the passwords of a plan; None if it needs none.

    File names begin with ``run``. The password policy of the account is read.

    Raises:
        AwsError: the password policy cannot be read.
        HandoverError: passwords could not be handed over.
    """
    if secrets is None or not _makes_passwords(plan):
        return None
    from iamctl.handover.delivery import Delivery, EncryptedFiles, Handover, OnTerminal

    delivery: Delivery = OnTerminal(plan.account, sys.stdout)
    if secrets.deliver == "age":
        delivery = EncryptedFiles(plan.account, Path(secrets.directory), run, secrets.recipients, _own_recipients(plan))
    handover = Handover(delivery, _policy_on_both_sides(plan, read_policy()))
    handover.check()
    return handover


def _policy_on_both_sides(plan: Plan, policy: PasswordPolicy) -> PasswordPolicy:
    """Return the live policy with the length that the plan demands, if that is more: it may be in force first.

    Passwords have characters of all kinds, whatever is demanded.
    """
    settings = (change.after for change in plan.changes if isinstance(change.after, AccountSetting))
    planned = [setting.value.get("MinimumPasswordLength", 0) for setting in settings]
    return replace(policy, min_characters=max([policy.min_characters, *planned]))


def handed_over(handover: Handover | None, outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    """Return as JSON what was handed over; what the outcomes make void is withdrawn."""
    from iamctl.apply.params import secret_names

    if handover is None:
        return []
    finished = handover.finish(
        {name: outcome.status for outcome in outcomes for name in secret_names(outcome.call.params)}
    )
    return [given.to_json() for given in finished]


def note_handed_over(handover: Handover | None, outcomes: Iterable[Outcome]) -> None:
    """Print to stderr where passwords are, when an apply ends before its summary."""
    for given in handed_over(handover, outcomes):
        doubt = "" if given["valid"] else ", which may or may not be valid"
        note(f"password for {given['user']}: {given['file'] or 'shown above'}{doubt}")


def _makes_passwords(plan: Plan) -> bool:
    return any(call.operation == "CreateLoginProfile" for call in plan.calls)


def _own_recipients(plan: Plan) -> dict[str, str]:
    """Return the public keys that the manifests have for users who get a password."""
    profiles = (change.after for change in plan.changes if change.address.kind == "login-profile" and change.after)
    given = {profile.address.name: getattr(profile, "age_recipient", None) for profile in profiles}
    return {user: recipient for user, recipient in given.items() if recipient}
