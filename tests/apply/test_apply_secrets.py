"""Secrets are made for one call, made again where the password policy refuses them, and kept nowhere."""

import os
import signal
import traceback

import pytest
from apply_world import LOST, THROTTLED, Forever, Scripted, call, in_order, lines, make_journal, play, statuses

from iamctl.apply.params import HIDDEN
from iamctl.apply.retry import MAX_ATTEMPTS
from iamctl.model import CallError, IamctlError

PASSWORDS = [f"canary-{number}-{'x' * 12}" for number in range(9)]
LOGIN = call(1, "CreateLoginProfile", [0], UserName="u0", Password={"$secret": "console-password/u0"})


class Maker:
    def __init__(self):
        self.made = []

    def __call__(self, name):
        assert name == "console-password/u0"
        self.made.append(PASSWORDS[len(self.made)])
        return self.made[-1]


def refused(code="PasswordPolicyViolation", message="no", **how):
    return CallError(code, message, **how)


def played(tmp_path, *faults, secret=None, **how):
    journal, execute, maker = make_journal(tmp_path), Scripted(c1=list(faults)), secret or Maker()
    outcomes = in_order(play(tmp_path, [call(0), LOGIN], execute, secret=maker, journal=journal, **how))
    written = journal.path.read_text() + repr(outcomes) + repr(execute.sent)
    assert not any(password in written for password in PASSWORDS)
    return outcomes, execute, maker, lines(journal)


def sent(execute):
    return [str(found.params["Password"]) for found in execute.sent if found.index == 1]


def test_a_secret_is_sent_and_not_kept(tmp_path):
    outcomes, execute, _, _ = played(tmp_path, None)

    assert statuses(outcomes) == ["done", "done"]
    assert sent(execute) == PASSWORDS[:1]


def test_fault_30_a_password_that_the_policy_refuses_is_made_anew_three_times(tmp_path):
    outcomes, execute, _, told = played(tmp_path, refused(), refused(), refused(), None)

    assert statuses(outcomes) == ["done", "done"]
    assert sent(execute) == PASSWORDS[:4]
    assert [(line["code"], line["wait_seconds"]) for line in told if line.get("event") == "retry"] == [
        ("PasswordPolicyViolation", 0.0)
    ] * 3


def test_fault_30_a_policy_that_refuses_every_password_fails_the_call(tmp_path):
    outcomes, execute, _, _ = played(tmp_path, Forever(refused()))

    assert statuses(outcomes) == ["done", "failed"]
    assert len(sent(execute)) == 4


def test_a_policy_that_refuses_the_password_of_the_last_attempt_fails_the_call(tmp_path):
    outcomes, execute, _, _ = played(tmp_path, *[THROTTLED] * (MAX_ATTEMPTS - 1), refused(), random=lambda: 0.0)

    assert statuses(outcomes) == ["done", "failed"]
    assert len(sent(execute)) == MAX_ATTEMPTS


def test_a_call_that_is_sent_again_keeps_its_secret(tmp_path):
    outcomes, execute, _, _ = played(tmp_path, THROTTLED, refused(), THROTTLED, None)

    assert statuses(outcomes) == ["done", "done"]
    assert sent(execute) == [PASSWORDS[0], PASSWORDS[0], PASSWORDS[1], PASSWORDS[1]]


def test_a_lost_answer_makes_no_second_secret(tmp_path):
    outcomes, execute, _, _ = played(tmp_path, LOST)

    assert statuses(outcomes) == ["done", "unknown"]
    assert sent(execute) == PASSWORDS[:1]


def test_calls_without_a_secret_are_not_sent_again_for_the_policy(tmp_path):
    execute = Scripted(c0=[Forever(refused())])

    outcomes = in_order(play(tmp_path, [call(0)], execute))

    assert statuses(outcomes) == ["failed"]
    assert len(execute.sent) == 1


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("the password {0} is too weak", f"the password {HIDDEN} is too weak"),
        ("{0}{0}", HIDDEN * 2),
        ("cut inside {0:.9}…", f"cut inside {HIDDEN}"),
        ("cut inside {0:.4}", f"cut inside {HIDDEN}"),
        ("nothing in it…", "nothing in it…"),
    ],
)
@pytest.mark.parametrize("is_ambiguous", [True, False])
def test_no_message_keeps_a_secret(tmp_path, message, kept, is_ambiguous):
    fault = refused("Rubbish" + PASSWORDS[0], message.format(PASSWORDS[0]), ambiguous=is_ambiguous)

    outcomes, _, _, told = played(tmp_path, fault)

    assert outcomes[1].error == kept
    assert outcomes[1].code == "Rubbish" + HIDDEN
    assert told[-2]["error"] == kept


def test_messages_about_the_last_secret_hide_the_first_one_too(tmp_path):
    faults = [refused(message=password) for password in (*PASSWORDS[:3], PASSWORDS[1])]

    outcomes, _, _, _ = played(tmp_path, *faults)

    assert outcomes[1].error == HIDDEN


def test_a_secret_that_cannot_be_made_fails_what_needs_it(tmp_path):
    def secret(name):
        raise IamctlError("handover: no space left")

    outcomes, execute, _, _ = played(tmp_path, None, secret=secret)

    assert statuses(outcomes) == ["done", "failed"]
    assert (outcomes[1].code, outcomes[1].error) == ("SecretNotMade", "handover: no space left")
    assert execute.indexes == [0]


def test_an_interrupt_between_two_secrets_ends_the_run(tmp_path):
    def interrupted():
        os.kill(os.getpid(), signal.SIGINT)
        return refused()

    maker = Maker()
    running = play(tmp_path, [call(0), LOGIN], Scripted(c1=[interrupted]), secret=maker)

    with pytest.raises(IamctlError, match="interrupted"):
        list(running)

    assert len(maker.made) == 1


def test_our_own_bug_shows_no_secret(tmp_path):
    bug = ValueError(f"cannot send {PASSWORDS[0]}")

    with pytest.raises(RuntimeError, match="ValueError with a secret in it") as caught:
        played(tmp_path, bug)

    assert PASSWORDS[0] not in "".join(traceback.format_exception(caught.value))


def test_a_bug_that_shows_no_secret_is_told_as_it_is(tmp_path):
    with pytest.raises(ValueError, match="plain"):
        played(tmp_path, ValueError("plain"))
