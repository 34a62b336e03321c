"""Commands of the pages run in warm processes."""

import pytest
import shown_output
from warm import warm


@pytest.fixture(scope="session", autouse=True)
def warm_commands():
    shown_output.PROGRAMS.insert(0, str(warm().programs))
    yield
    del shown_output.PROGRAMS[0]
