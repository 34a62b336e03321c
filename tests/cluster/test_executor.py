"""The executor of a cluster: a scheduler and two workers as processes that prove by certificates who they are."""

import os
import signal
from contextlib import ExitStack
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="the extra 'fleet' is not installed")
pytest.importorskip("cryptography", reason="the extra 'sandbox' is not installed")

from cluster.processes import SECONDS, Authority, serving
from cluster.trivial import failing, twice, waiting, where

from iamctl.cluster import executor as executor_module
from iamctl.cluster.address import parse_address, tls_files
from iamctl.cluster.connection import open_cluster
from iamctl.model import IamctlError


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority") / "ours", "ours")


@pytest.fixture(scope="module")
def scheduler(authority, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster")
    with ExitStack() as stack:
        served = stack.enter_context(
            serving("scheduler", "tls://127.0.0.1:0", folder, authority.variables("scheduler"))
        )
        for name in ("one", "two"):
            stack.enter_context(serving("worker", served.url, folder, authority.variables(name)))
        yield served


def opened(url, variables, *, is_repeatable=True):
    address = parse_address(url)
    return open_cluster(address, tls_files(address, environment=variables), is_repeatable=is_repeatable)


def test_calls_are_made_on_both_workers(scheduler, authority):
    with opened(scheduler.url, authority.variables("client")) as cluster:
        futures = [cluster.executor.submit(twice, number) for number in range(20)]
        processes = {cluster.executor.submit(where).result(SECONDS) for _ in range(20)}

        assert [future.result(SECONDS) for future in futures] == [2 * number for number in range(20)]
        assert cluster.at_once == 2
        assert processes and os.getpid() not in processes
