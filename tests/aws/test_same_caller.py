"""The check of the account beside the writes: when STS is asked, and which writes its answers let pass."""

from types import SimpleNamespace

import pytest

from iamctl.aws import same_caller
from iamctl.aws.errors import AwsError
from iamctl.aws.same_caller import ASKED_AFTER, CHECKED_EVERY, CredentialsRenewedError, SameCaller
from iamctl.aws.session import Caller, identify
from iamctl.model.failures import RefusedError
from iamctl.sandbox import open_sandbox

ACCOUNT = "123456789012"
PLANNED, OTHER = (
    Caller(account, f"arn:aws:iam::{account}:user/ci", "aws", is_root=False) for account in (ACCOUNT, "210987654321")
)


class World:
    """An STS whose answers come when a test wants them, and writes with whatever key a test signs them."""

    def __init__(self, session, monkeypatch):
        self.answers = []
        self.asked = 0
        self.waiting = []
        monkeypatch.setattr(same_caller, "identify", self.identify)
        self.same = SameCaller(session, PLANNED, self.waiting.append)
        self.signed_by = "K1"

    def identify(self, *_):
        self.asked += 1
        self.same._note_key(signed(self.signed_by))
        answer = self.answers.pop(0) if self.answers else PLANNED
        if isinstance(answer, Exception):
            raise answer
        return answer

    def write(self, times=1, key="K1"):
        for _ in range(times):
            self.same._before_send(signed(key))

    def answer(self):
        self.waiting.pop(0)()


def signed(key):
    return SimpleNamespace(headers={"Authorization": f"AWS4-HMAC-SHA256 Credential={key}/20261124/us-east-1/iam/x"})


@pytest.fixture
def session():
    with open_sandbox(None, account_id=ACCOUNT) as session:
        yield session


@pytest.fixture
def world(session, monkeypatch):
    return World(session, monkeypatch)


def test_the_next_question_is_asked_beside_the_writes(world):
    world.write(ASKED_AFTER - 1)
    assert (world.asked, len(world.waiting)) == (1, 0)

    world.write(CHECKED_EVERY - ASKED_AFTER + 1)
    assert (world.asked, len(world.waiting)) == (1, 1), "asked once, and no write waited for the answer"


def test_an_answer_counts_from_the_moment_of_its_question(world):
    """The writes between question and answer count: 30 until the question, 15 until its answer, 35 until a wait."""
    between = 15
    world.write(ASKED_AFTER + between)
    world.answer()
    assert world.same._last.writes == between

    world.write(CHECKED_EVERY - between)
    assert len(world.waiting) == 1
    assert not world.same._may_pass("K1")


def test_a_write_beyond_the_fiftieth_waits_for_the_answer(world, monkeypatch):
    world.write(CHECKED_EVERY)
    question = world.same._open
    waits = []

    def wait():
        waits.append(world.same._last.writes)
        world.answer()

    monkeypatch.setattr(question.answered, "wait", wait)
    world.write()

    assert waits == [CHECKED_EVERY]
    assert world.same._last is question
    assert question.writes == CHECKED_EVERY - ASKED_AFTER + 1


@pytest.mark.parametrize(
    ("answer", "kind"), [(OTHER, RefusedError), (AwsError("AWS throttled sts:GetCallerIdentity"), AwsError)]
)
def test_fault_3_an_early_answer_that_is_not_good_stops_the_next_write(world, answer, kind):
    world.write(ASKED_AFTER + 1)
    world.answers = [answer]
    world.answer()

    for _ in range(2):
        with pytest.raises(kind):
            world.write()
    assert world.asked == 2, "an answer about these credentials stays"


def test_an_answer_that_never_came_to_be_is_an_error_of_the_next_write(world):
    world.write(ASKED_AFTER)
    world.answers = [ZeroDivisionError()]
    world.answer()

    with pytest.raises(ZeroDivisionError):
        world.write()


def test_fault_3_renewed_credentials_wait_for_an_answer_of_their_own(world):
    world.write(3)
    world.signed_by = "K2"
    world.answers = [OTHER]

    with pytest.raises(RefusedError, match=OTHER.arn):
        world.write(key="K2")
    with pytest.raises(RefusedError):
        world.write(key="K2")


def test_an_answer_is_about_the_credentials_that_signed_the_question(world):
    """They are renewed between a write and the question beside it: the answer lets nothing pass with the old ones."""
    world.write(ASKED_AFTER)
    world.signed_by = "K2"
    world.answer()
    asked = world.asked
    world.write(key="K2")
    assert world.asked == asked, "the answer is about the renewed ones"

    with pytest.raises(CredentialsRenewedError):
        world.write(key="K1")


def test_a_question_about_old_credentials_says_nothing_about_renewed_ones(world):
    world.write(ASKED_AFTER)
    world.answers = [AwsError("the AWS credentials have expired")]
    world.answer()
    world.signed_by = "K2"

    world.write(key="K2")


def test_few_questions_are_asked(world):
    for _ in range(1_000):
        world.write()
        if len(world.waiting) and world.same._open.writes >= 10:
            world.answer()

    assert world.asked <= 1 + 1_000 / ASKED_AFTER


def test_a_question_is_answered_where_no_thread_can_be_started(session, monkeypatch):
    def no_thread(_):
        raise RuntimeError("can't start new thread")

    asked = []
    monkeypatch.setattr(same_caller, "identify", lambda *_: asked.append(1) or PLANNED)
    same = SameCaller(session, PLANNED, no_thread)
    for _ in range(ASKED_AFTER + 1):
        same._before_send(signed("K1"))

    assert len(asked) == 2


def test_the_key_of_a_question_is_that_of_its_signature(session):
    same = SameCaller(session, identify(session))
    same._check(session.get_credentials().access_key)

    assert same._last.key == session.get_credentials().access_key
    with pytest.raises(CredentialsRenewedError):
        same._check("ASIANOTTHATONE222222")
