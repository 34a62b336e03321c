"""A password is in somebody's hands before AWS has it, and nowhere else."""

import io
import os
from pathlib import Path

import pyrage
import pytest
from pyrage import x25519

from iamctl.handover.delivery import EncryptedFiles, HandedOver, Handover, HandoverError, OnTerminal
from iamctl.handover.password import PasswordPolicy
from iamctl.model import Account, OutcomeStatus

ACCOUNT = Account("123456789012", "prod", "aws")
OPS, ALICE = x25519.Identity.generate(), x25519.Identity.generate()
OPS_KEY = str(OPS.to_public())
KEY = "console-password/alice"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(here, account=ACCOUNT, directory="handover", recipients=(OPS_KEY,)):
    own = {"Alice": str(ALICE.to_public())}
    return EncryptedFiles(account, Path(directory), "20261123T100000Z-7", recipients, own)


def opened(path, identity=OPS):
    return pyrage.decrypt(path.read_bytes(), [identity]).decode()


def test_a_file_tells_all_that_a_person_needs(here):
    password = Handover(files(here), PasswordPolicy())(KEY)

    assert opened(here / "handover/20261123T100000Z-7-alice.age") == (
        "Account:    prod (123456789012)\n"
        "Sign in at: https://123456789012.signin.aws.amazon.com/console\n"
        "User name:  alice\n"
        f"Password:   {password}\n"
        "\n"
        "The password must be changed at the first sign-in.\n"
    )


@pytest.mark.parametrize(
    ("partition", "host"),
    [("aws-us-gov", "signin.amazonaws-us-gov.com"), ("aws-cn", "signin.amazonaws.cn"), ("aws-iso", None)],
)
def test_people_sign_in_where_their_partition_is(here, partition, host):
    Handover(files(here, Account("123456789012", "prod", partition)), PasswordPolicy())(KEY)

    told = opened(here / "handover/20261123T100000Z-7-alice.age")
    assert f"https://123456789012.{host}/console" in told if host else "Sign in" not in told


def test_the_user_too_can_read_the_own_file(here):
    handover = Handover(files(here), PasswordPolicy())
    handover(KEY)
    handover("console-password/bob")

    assert opened(here / "handover/20261123T100000Z-7-alice.age", ALICE)
    with pytest.raises(pyrage.DecryptError):
        opened(here / "handover/20261123T100000Z-7-bob.age", ALICE)


def test_nobody_else_can_look(here):
    Handover(files(here), PasswordPolicy())(KEY)

    (path,) = (here / "handover").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_names_of_users_with_signs_are_names_of_files(here):
    name = "a_+=,.@-" * 16
    Handover(files(here), PasswordPolicy())(f"console-password/{name}")

    assert [path.name for path in (here / "handover").iterdir()] == [f"20261123T100000Z-7-{name}.age"]


@pytest.mark.parametrize("name", ["", "alice", "console-password/", "console-password/../x", "console-password/a b"])
def test_no_other_secret_is_made(here, name):
    with pytest.raises(HandoverError):
        Handover(files(here), PasswordPolicy())(name)

    assert not list(here.iterdir())


def test_a_second_password_takes_the_place_of_the_first(here):
    handover = Handover(files(here), PasswordPolicy())
    first, second = handover(KEY), handover(KEY)

    (path,) = (here / "handover").iterdir()
    assert second in opened(path)
    assert first not in opened(path)


@pytest.mark.parametrize(
    ("status", "left"),
    [
        (OutcomeStatus.DONE, True),
        (OutcomeStatus.UNKNOWN, None),
        (OutcomeStatus.FAILED, False),
        (OutcomeStatus.NOT_STARTED, False),
    ],
)
def test_a_file_stays_only_where_it_may_be_valid(here, status, left):
    handover = Handover(files(here), PasswordPolicy())
    handover(KEY)
    path = "handover/20261123T100000Z-7-alice.age"

    told = handover.finish({KEY: status})

    assert told == (() if left is False else (HandedOver("alice", path, left),))
    assert (here / path).exists() is (left is not False)


def test_an_end_that_nobody_told_leaves_the_file(here):
    handover = Handover(files(here), PasswordPolicy())
    handover(KEY)

    assert [told.valid for told in handover.finish({})] == [None]


def test_a_file_that_cannot_be_taken_back_is_named(here):
    handover = Handover(files(here), PasswordPolicy())
    handover(KEY)
    path = here / "handover/20261123T100000Z-7-alice.age"
    path.unlink()
    path.mkdir()

    assert [told.valid for told in handover.finish({KEY: OutcomeStatus.FAILED})] == [False]


def test_no_password_without_its_file(here):
    (here / "handover").write_text("a file, no folder")
    with pytest.raises(HandoverError, match=r"cannot be written.*No login profile was created"):
        Handover(files(here), PasswordPolicy())(KEY)


def test_no_link_leads_a_password_elsewhere(here):
    (here / "elsewhere").mkdir()
    (here / "handover").symlink_to("elsewhere")
    for directory in ("handover", "handover/deep"):
        with pytest.raises(HandoverError, match="handover is a symbolic link"):
            Handover(files(here, directory=directory), PasswordPolicy())(KEY)

    assert not list((here / "elsewhere").iterdir())


def test_fault_31_a_full_disk_leaves_no_part_of_a_file(here, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(HandoverError, match="No space left on device"):
        Handover(files(here), PasswordPolicy())(KEY)

    assert not list((here / "handover").iterdir())


def test_no_recipient_no_password(here):
    with pytest.raises(HandoverError, match="cannot be encrypted"):
        Handover(files(here, recipients=("age1x",)), PasswordPolicy())(KEY)

    assert not list(here.iterdir())


def test_a_terminal_shows_each_password_once():
    terminal = io.StringIO()
    handover = Handover(OnTerminal(ACCOUNT, terminal), PasswordPolicy())
    first, second = handover(KEY), handover(KEY)

    url = "https://123456789012.signin.aws.amazon.com/console"
    assert terminal.getvalue().splitlines() == [
        f"password for alice, must be changed at the first sign-in at {url}: {first}",
        f"password for alice, replacing the one above, must be changed at the first sign-in at {url}: {second}",
    ]
    assert handover.finish({KEY: OutcomeStatus.FAILED}) == (HandedOver("alice", None, valid=False),)


def test_a_terminal_that_is_gone_fails_the_call():
    terminal = io.StringIO()
    terminal.close()

    with pytest.raises(HandoverError, match="cannot be shown"):
        Handover(OnTerminal(ACCOUNT, terminal), PasswordPolicy())(KEY)


def test_what_fails_half_way_is_taken_back_at_once():
    class HalfWay:
        withdrawn = ()

        def deliver(self, user, password):
            raise HandoverError("the name is not on disk")

        def withdraw(self, user):
            self.withdrawn += (user,)
            return True

    delivery = HalfWay()
    handover = Handover(delivery, PasswordPolicy())

    with pytest.raises(HandoverError):
        handover(KEY)

    assert delivery.withdrawn == ("alice",)
    assert handover.finish({KEY: OutcomeStatus.FAILED}) == ()
