"""The executor of a cluster: a scheduler and two workers as processes that prove by certificates who they are."""

import gc
import os
import signal
import socket
from contextlib import ExitStack
from dataclasses import replace

import pytest

pytest.importorskip("distributed", reason="the extra 'fleet' is not installed")
pytest.importorskip("cryptography", reason="the extra 'sandbox' is not installed")

import psutil
from cluster.processes import SECONDS, Authority, begun, serving
from cluster.trivial import failing, twice, waiting, where

from iamctl.cluster import connection
from iamctl.cluster import executor as executor_module
from iamctl.cluster import serving as cluster_serving
from iamctl.cluster.address import TLS_CA, parse_address, tls_files
from iamctl.cluster.connection import open_cluster
from iamctl.cluster.executor import SchedulerLostError
from iamctl.cluster.serving import serve_worker
from iamctl.model import IamctlError

LOG = ("--log-level", "info")
"""So that the tests of secrets search all that Dask logs."""

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module", autouse=True)
def _collected():
    """Collect what Dask leaves open here, and not in a later test of another module."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority") / "ours", "ours")


@pytest.fixture(scope="module")
def scheduler(authority, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster")
    with ExitStack() as stack:
        served = stack.enter_context(
            serving("scheduler", "tls://127.0.0.1:0", folder, authority.variables("scheduler"), *LOG)
        )
        served.workers += [
            stack.enter_context(serving("worker", served.url, folder, authority.variables(name), *LOG))
            for name in ("one", "two")
        ]
        yield served


def opened(url, variables, *, is_repeatable=True):
    address = parse_address(url)
    return open_cluster(address, tls_files(address, environment=variables), is_repeatable=is_repeatable)


def test_calls_are_made_on_the_workers(scheduler, authority):
    with opened(scheduler.url, authority.variables("client")) as cluster:
        futures = [cluster.executor.submit(twice, number) for number in range(20)]

        assert [future.result(SECONDS) for future in futures] == [2 * number for number in range(20)]
        assert cluster.at_once == 2
        assert cluster.executor.submit(where).result(SECONDS) != os.getpid()


def test_a_call_that_fails_says_no_more_than_its_kind(scheduler, authority):
    with opened(scheduler.url, authority.variables("client")) as cluster, pytest.raises(IamctlError) as caught:
        cluster.executor.submit(failing, "a secret").result(SECONDS)

    assert str(caught.value) == "the worker failed with ValueError"
    assert "a secret" not in "".join(path.read_text() for path in scheduler.log.parent.glob("*.log"))


def test_a_worker_refuses_a_call_of_another_version(scheduler, authority, monkeypatch):
    monkeypatch.setattr(executor_module, "__version__", "0.0.1")
    with (
        opened(scheduler.url, authority.variables("client")) as cluster,
        pytest.raises(IamctlError, match=r"but the task was made by 0\.0\.1; install the same version everywhere"),
    ):
        cluster.executor.submit(twice, 1).result(SECONDS)


def test_a_scheduler_of_another_version_is_refused(scheduler, authority, monkeypatch):
    monkeypatch.setattr(connection, "__version__", "0.0.1")
    with (
        pytest.raises(IamctlError, match=r"but this is 0\.0\.1; use the same version"),
        opened(scheduler.url, authority.variables("client")),
    ):
        pass


def test_a_client_without_tls_is_refused(scheduler):
    address = replace(parse_address(scheduler.url), is_encrypted=False)
    with pytest.raises(IamctlError, match="cannot connect to tcp://"), open_cluster(address, None, is_repeatable=True):
        pass


def test_a_client_of_another_authority_is_refused(scheduler, authority, tmp_path):
    other = Authority(tmp_path / "theirs", "theirs").variables("client")
    trusting_ours = {**other, TLS_CA: authority.variables("client")[TLS_CA]}

    for variables in (other, trusting_ours):
        with (
            pytest.raises(IamctlError, match="check that the same authority signed all certificates"),
            opened(scheduler.url, variables),
        ):
            pass


def test_each_process_listens_on_one_port_of_loopback_and_serves_no_page(scheduler):
    """A scheduler of Dask alone serves its state, and its logs, to everyone who asks."""
    for served in (scheduler, *scheduler.workers):
        connections = psutil.Process(served.process.pid).net_connections()
        listening = [one.laddr for one in connections if one.status == psutil.CONN_LISTEN]
        assert [address.ip for address in listening] == ["127.0.0.1"]
        with socket.create_connection(listening[0]) as plain:
            plain.sendall(b"GET /info/main/workers.html HTTP/1.0\r\n\r\n")
            assert not received(plain).startswith(b"HTTP")


def received(plain):
    try:
        return plain.recv(100)
    except ConnectionError:
        return b""


@pytest.mark.parametrize("is_repeatable", [pytest.param(True, marks=pytest.mark.exhaustive), False])
def test_a_worker_is_killed_in_a_call(scheduler, authority, tmp_path, is_repeatable):
    """A call that only reads is made again on another worker; one that changes an account never is."""
    started, go = tmp_path / "started", tmp_path / "go"
    with (
        serving("worker", scheduler.url, scheduler.log.parent, authority.variables("three")),
        opened(scheduler.url, authority.variables("client"), is_repeatable=is_repeatable) as cluster,
    ):
        future = cluster.executor.submit(waiting, started, go, 7)
        killed = begun(started, 1)[0]
        os.kill(killed, signal.SIGKILL)
        if is_repeatable:
            begun(started, 2)
            go.touch()
            assert future.result(SECONDS) == 7
        else:
            error = future.exception(SECONDS)
            go.touch()
            assert type(error).__name__ == "KilledWorker"
            assert cluster.executor.submit(twice, 4).result(SECONDS) == 8

    assert len(begun(started, 1)) == (2 if is_repeatable else 1)


@pytest.mark.exhaustive
def test_the_scheduler_dies_in_a_call(authority, tmp_path):
    """The call is lost, no later one waits for ever, and the worker ends."""
    logs, started, go = tmp_path / "logs", tmp_path / "started", tmp_path / "go"
    logs.mkdir()
    with (
        serving("scheduler", "tls://127.0.0.1:0", logs, authority.variables("four")) as served,
        serving("worker", served.url, logs, authority.variables("five")) as worker,
        opened(served.url, authority.variables("client")) as cluster,
    ):
        future = cluster.executor.submit(waiting, started, go, 7)
        begun(started, 1)
        served.process.kill()
        later = cluster.executor.submit(twice, 4)

        assert isinstance(future.exception(SECONDS), SchedulerLostError)
        assert isinstance(later.exception(SECONDS), SchedulerLostError)
        go.touch()
        worker.process.wait(SECONDS)
        assert f"lost the scheduler at {served.url}" in worker.log.read_text()


@pytest.mark.exhaustive
def test_a_worker_of_another_authority_is_refused(scheduler, authority, tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(cluster_serving, "_CONNECT_SECONDS", 5)
    other = Authority(tmp_path / "theirs", "theirs").variables("worker")
    files = tls_files(parse_address(scheduler.url), environment={**other, TLS_CA: authority.variables("x")[TLS_CA]})

    with pytest.raises(IamctlError, match="check that the scheduler runs, and that the same authority"):
        serve_worker(parse_address(scheduler.url), files, ready=lambda _: None, name=None, port=0)
