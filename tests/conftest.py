"""What holds for the whole suite."""

from __future__ import annotations

import os
import signal

import pytest
from canaries import SEEN, files_with_a_password
from hypothesis import HealthCheck, settings

from iamctl.handover.delivery import Handover

settings.register_profile(
    "iamctl",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),  # one commit has one result there; other runs look for new examples
)
settings.load_profile("iamctl")
"""Time is measured in benchmarks/, never by a test: a busy machine makes no test fail."""


def pytest_configure():
    """Undo an ignored SIGINT: shells start background jobs so, and the processes that tests interrupt inherit it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def no_password_in_any_file(tmp_path_factory):
    """Search every file that the tests have written for each password that iamctl made in them."""
    make = Handover.__call__

    def remembering(self, name):
        made = make(self, name)
        SEEN.add(made)
        return made

    Handover.__call__ = remembering
    yield
    Handover.__call__ = make
    assert files_with_a_password(tmp_path_factory.getbasetemp()) == []
