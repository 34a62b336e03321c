"""What holds for the whole suite."""

from __future__ import annotations

import gc
import os
import signal

import pytest
from canaries import SEEN, files_with_a_password
from effort import choose, examples
from fast_sessions import share_what_sessions_make
from hypothesis import HealthCheck, settings
from warm import keep_commands

from iamctl.handover.delivery import Handover
from iamctl.handover.keys import KeyHandover

"""Time is measured in benchmarks/, never by a test: a busy machine makes no test fail."""


def pytest_configure(config):
    """Choose how many examples laws try, look for garbage seldom, and undo an ignored SIGINT.

    Shells ignore SIGINT for background jobs, and the processes that tests interrupt inherit that.
    """
    gc.set_threshold(500_000, 20, 50)  # nearly all values live as long as their test, and few are cycles
    choose(config.option.markexpr)
    settings.register_profile(
        "iamctl",
        deadline=None,
        max_examples=examples(100),
        suppress_health_check=[HealthCheck.too_slow],
        derandomize=bool(os.environ.get("CI")),  # one commit has one result there; other runs look for new examples
    )
    settings.load_profile("iamctl")
    keep_commands()
    share_what_sessions_make()
    os.fsync = lambda _: None  # it takes milliseconds each time; that files are flushed is a test of its own
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Look for no garbage while tests are collected: there is next to none, and it takes a quarter of that time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish():
    """Never look for garbage in what the collection of the tests made."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def no_password_in_any_file(tmp_path_factory):
    """Search every file that the tests have written for each password and access key that iamctl received in them."""
    make, receive = Handover.__call__, KeyHandover.received

    def remembering(self, name):
        made = make(self, name)
        SEEN.add(made)
        return made

    def receiving(self, call, answer):
        SEEN.update(filter(None, [answer.get("AccessKey", {}).get("SecretAccessKey")]))
        return receive(self, call, answer)

    Handover.__call__, KeyHandover.received = remembering, receiving
    yield
    Handover.__call__, KeyHandover.received = make, receive
    assert files_with_a_password(tmp_path_factory.getbasetemp()) == []
