"""A connection to the scheduler of a cluster, for the length of a run."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from iamctl import __version__
from iamctl.cluster.address import ClusterAddress, TlsFiles
from iamctl.cluster.executor import ClusterExecutor
from iamctl.cluster.settings import configure, security
from iamctl.model import IamctlError
from iamctl.text.late_dataclass import dataclass

if TYPE_CHECKING:
    from distributed import Client

METADATA = "iamctl"
"""Where a scheduler keeps what a client has to know about it."""

_CONNECT_SECONDS = 20
_WORKER_SECONDS = 60


@dataclass(frozen=True)
class Cluster:
    """An executor, and how many calls its workers carry out at the same time."""

    executor: Executor
    at_once: int


def about_scheduler() -> dict[str, Any]:
    """Return what a scheduler that iamctl started keeps about itself."""
    return {"version": __version__, "allowed_failures": 0}


@contextmanager
def open_cluster(address: ClusterAddress, files: TlsFiles | None, *, is_repeatable: bool) -> Iterator[Cluster]:
    """Yield the cluster; at its end all calls are done. Calls that change an account are not repeatable.

    Raises:
        UsageError: Dask is not installed.
        IamctlError: the scheduler cannot be reached, is of another version, or has no worker.
    """
    configure()
    client = _connected(address, files)
    try:
        executor = ClusterExecutor(client, is_repeatable=is_repeatable)
        yield Cluster(executor, _threads(client, address))
        executor.shutdown()
    finally:
        client.close()


def _connected(address: ClusterAddress, files: TlsFiles | None) -> Client:
    from distributed import Client

    try:
        client = Client(address.url, security=security(files), timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:  # TimeoutError is an OSError
        hint = "; check that the same authority signed all certificates" if address.is_encrypted else ""
        raise IamctlError(f"cannot connect to {address.url}: {_reason(error)}{hint}") from error
    found = client.get_metadata([METADATA], default=None)
    if found == about_scheduler():
        return client
    client.close()
    if found is None:
        raise IamctlError(f"{address.url} was not started by 'iamctl fleet scheduler', so it may run an apply twice")
    raise IamctlError(f"{address.url} has iamctl {found['version']}, but this is {__version__}; use the same version")


def _threads(client: Client, address: ClusterAddress) -> int:
    try:
        client.wait_for_workers(1, timeout=_WORKER_SECONDS)
    except TimeoutError as error:
        raise IamctlError(f"{address.url} has no worker; start one with 'iamctl fleet worker'") from error
    return sum(client.nthreads().values())


def _reason(error: BaseException) -> str:
    """Return the innermost cause in a few words; Dask wraps the refusal of a certificate twice."""
    while error.__cause__ is not None:
        error = error.__cause__
    return " ".join(str(error).split())[:200] or type(error).__name__
