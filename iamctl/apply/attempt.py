"""One call on its way: what is sent, how often it was refused, and whether it is sent again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import Any

from iamctl.apply.params import Secrets, resolved
from iamctl.apply.read_back import can_read_back, is_repeatable_at_once
from iamctl.apply.retry import EXISTING, MAX_ATTEMPTS, is_passing, made_names, used_names, wait_seconds
from iamctl.model import Call, CallError, Outcome, OutcomeStatus
from iamctl.text.late_dataclass import dataclass

MORE_PASSWORDS = 3
"""How many more are made when the password policy of the account refuses one."""

_OTHER_PASSWORD = frozenset({"PasswordPolicyViolation", "PasswordPolicyViolationException"})


@dataclass
class Attempt:
    """A call that is under way, or put off after a refusal."""

    call: Call
    secrets: Secrets
    final: Call = field(init=False)
    """The call with the results and secrets in it."""
    count: int = 0
    """How often it was refused."""
    passwords: int = 0
    """How many of these refusals asked for another password."""
    first_refused_at: float | None = None
    last_error: CallError | None = None
    again_at: float = 0.0
    is_lost: bool = False
    """Whether an answer was lost, so that the call may have been carried out."""

    def resolve(self, results: Mapping[int, Mapping[str, Any]]) -> None:
        """Put results and new secrets into what is sent.

        Raises:
            UnresolvedParameterError: a parameter is not there.
        """
        self.final = replace(self.call, params=resolved(self.call.params, results, self.secrets))

    def again(self, error: CallError, at: float, results: Mapping[int, Mapping[str, Any]]) -> None:
        """Note that the call is sent again, with another password where the refusal asks for it.

        Raises:
            UnresolvedParameterError: that cannot be made.
        """
        self.last_error, self.again_at = error, at
        self.count += 1
        if is_about_password(error):
            self.passwords += 1
            self.resolve(results)

    def loses(self, error: CallError) -> bool:
        """Return whether what became of the call has to be read, after ``error`` or an earlier one."""
        if error.ambiguous and can_read_back(self.call):
            self.is_lost = True
            return True
        return self.is_lost and error.code in EXISTING

    @property
    def reason(self) -> str:
        """What is sent again, and after which refusal."""
        code = self.secrets.hidden(self.last_error.code) if self.last_error else ""
        return f"{self.call.operation} again: {code}"

    def outcome_of(self, error: CallError, status: OutcomeStatus | None = None) -> Outcome:
        """Return the outcome of a call that is not sent again after ``error``."""
        found = status or (OutcomeStatus.UNKNOWN if error.ambiguous else OutcomeStatus.FAILED)
        return Outcome(self.call, found, self.secrets.hidden(error.message), self.secrets.hidden(error.code))

    def without_secrets(self, error: BaseException) -> BaseException:
        """Return an exception of ours to be shown: itself, or another one if it would show a secret."""
        if self.secrets.are_in(error):
            return RuntimeError(f"{type(error).__name__} with a secret in it, which is not shown")
        return error


def is_about_password(error: CallError) -> bool:
    """Return whether AWS refused a password that it would accept if it were another one."""
    return error.code in _OTHER_PASSWORD and not error.ambiguous


@dataclass(frozen=True)
class Retries:
    """Decides which calls are sent again."""

    patience_seconds: float
    random: Callable[[], float]

    def wait(
        self,
        attempt: Attempt,
        error: CallError,
        now: float,
        *,
        is_new: Callable[[], bool],
        has_room: Callable[[], bool],
    ) -> float | None:
        """Return for how long to wait before ``attempt`` is sent again, None where it is not.

        ``is_new`` tells whether the call is on something that this run created, which may not be visible yet, and
        ``has_room`` whether it removed what refuses the call.
        """
        if attempt.count + 1 >= MAX_ATTEMPTS:
            return None
        if is_about_password(error):
            return 0.0 if attempt.secrets and attempt.passwords < MORE_PASSWORDS else None
        if not is_passing(error, is_new=is_new, has_room=has_room):
            return None
        if attempt.first_refused_at is None:
            attempt.first_refused_at = now
        wait = wait_seconds(attempt.count, self.random)
        return wait if now - attempt.first_refused_at + wait <= self.patience_seconds else None

    def wait_to_look(self, attempt: Attempt, now: float, spread_seconds: float) -> float | None:
        """Return for how long to wait before reading what became of ``attempt``, None where that took too long.

        The first look is at once, but where a second call would make a second object: then AWS has to show the first.
        """
        if attempt.first_refused_at is None:
            attempt.first_refused_at = now
        if attempt.count + 1 >= MAX_ATTEMPTS or now - attempt.first_refused_at > self.patience_seconds:
            return None
        if not is_repeatable_at_once(attempt.call):
            return max(spread_seconds, wait_seconds(attempt.count, self.random))
        return wait_seconds(attempt.count, self.random) if attempt.count else 0.0

    def is_on_something_new(self, call: Call, outcomes: Mapping[int, Outcome]) -> bool:
        """Return whether a call mentions something that a call of this run, which it needs, has created."""
        used, seen, open_needs = used_names(call), set[int](), list(call.needs)
        while open_needs:
            index = open_needs.pop()
            if index in seen:
                continue
            seen.add(index)
            needed = outcomes[index].call
            if made_names(needed) & used:
                return True
            open_needs.extend(needed.needs)
        return False
