"""Hands over the access keys that an apply creates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iamctl.kinds import NewAccessKey
from iamctl.kinds.new_access_key import SECRET_PREFIX
from iamctl.model import Call, IamctlError, Outcome, Plan
from iamctl.model.settings import Secrets
from iamctl.terminal.show import note

if TYPE_CHECKING:
    from iamctl.handover.delivery import Handover
    from iamctl.handover.keys import KeyHandover


def open_key_handover(plan: Plan, secrets: Secrets | None, run: str) -> KeyHandover | None:
    """Return what hands over the access keys of a plan; None if it creates none. File names begin with ``run``.

    Raises:
        HandoverError: keys could not be handed over.
    """
    keys = [
        change.after for change in plan.changes if isinstance(change.after, NewAccessKey) and change.after.is_created
    ]
    if not keys:
        return None
    from iamctl.handover.delivery import EncryptedFiles
    from iamctl.handover.keys import KeyHandover

    files = None
    if any(key.secret is None for key in keys):
        if secrets is None or secrets.deliver != "age":
            raise IamctlError("a new access key needs 'secrets: {deliver: age}' in iamctl.yaml; nothing was changed")
        own = {key.user: key.age_recipient for key in keys if key.age_recipient}
        files = EncryptedFiles(plan.account, Path(secrets.directory), run, secrets.recipients, own)
    handover = KeyHandover(files, keys)
    handover.check()
    return handover


def secret_maker(passwords: Handover | None, keys: KeyHandover | None) -> Callable[[str], str]:
    """Return what gives the secrets of a plan by name: new passwords, and new access keys for a secret of AWS."""
    from iamctl.apply.params import no_secret

    def secret(name: str) -> str:
        if keys and name.startswith(SECRET_PREFIX):
            return keys(name)
        return (passwords or no_secret)(name)

    return secret


def received(keys: KeyHandover | None, call: Call, answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the answer to a call without the secret of a new access key, which is delivered."""
    return keys.received(call, answer) if keys else answer


def handed_keys(keys: KeyHandover | None, outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    """Return as JSON which access keys were handed over."""
    return [key.to_json() for key in keys.finish(outcomes)] if keys else []


def note_handed_keys(keys: KeyHandover | None, outcomes: Iterable[Outcome]) -> None:
    """Print to stderr where new access keys are, when an apply ends before its summary."""
    for given in handed_keys(keys, outcomes):
        place = given["file"] or f"secret {given['secret']}"
        doubt = "" if given["valid"] else "; the next apply may delete it"
        note(f"access key {given['access_key']} for {given['user']}: {place}{doubt}")
