"""CI as it runs: steps of the action and of the workflows, in a repository, with a GitHub on loopback."""

import pytest
from ci_world import Repository
from fake_github import fake_github


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """Return a repository to copy: Git takes longer to make one than a test to use it."""
    return Repository(tmp_path_factory.mktemp("template"))


@pytest.fixture
def repository(tmp_path, template):
    return Repository(tmp_path, template)


@pytest.fixture
def github():
    with fake_github() as served:
        yield served
