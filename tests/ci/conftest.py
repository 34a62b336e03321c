"""CI as it runs: steps of the action and of the workflows, in a repository, with a GitHub on loopback."""

import pytest
from ci_world import Repository
from fake_github import fake_github


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path)


@pytest.fixture
def github():
    with fake_github() as served:
        yield served
