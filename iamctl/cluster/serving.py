"""The scheduler and a worker of a cluster, each as a process that runs until it is stopped."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from collections.abc import Callable
from typing import Any

from distributed import Scheduler, Worker
from distributed.core import Status

from iamctl.cluster.address import ClusterAddress, TlsFiles
from iamctl.cluster.connection import METADATA, about_scheduler
from iamctl.cluster.settings import security
from iamctl.model import IamctlError

_CONNECT_SECONDS = 60
_POLL_SECONDS = 0.1

Ready = Callable[[str], None]
"""Is called once with the address at which a process listens."""


class _WithoutHttp:
    """Serves no page: Dask's pages have neither encryption nor a login, and show logs and calls."""

    def start_http_server(self, *_arguments: Any, **_options: Any) -> None:
        """Start nothing."""


class _Scheduler(_WithoutHttp, Scheduler):  # type: ignore[misc]
    """A scheduler without a page."""


class _Worker(_WithoutHttp, Worker):  # type: ignore[misc]
    """A worker without a page."""


def serve_scheduler(address: ClusterAddress, files: TlsFiles | None, ready: Ready) -> None:
    """Run a scheduler until SIGINT or SIGTERM.

    Raises:
        OSError: the address cannot be used.
    """
    asyncio.run(_scheduler(address, files, ready))


def serve_worker(address: ClusterAddress, files: TlsFiles | None, ready: Ready, *, name: str | None, port: int) -> bool:
    """Run a worker until SIGINT or SIGTERM, which let it finish its task; return False if it lost its scheduler.

    It works on one task at a time and is not restarted by anything: its process is the unit to supervise.

    Raises:
        IamctlError: the scheduler cannot be reached.
    """
    with tempfile.TemporaryDirectory(prefix="iamctl-worker-") as folder:
        return asyncio.run(_worker(address, files, ready, name=name, port=port, folder=folder))


async def _scheduler(address: ClusterAddress, files: TlsFiles | None, ready: Ready) -> None:
    stopped = _signalled()
    protocol = "tls" if address.is_encrypted else "tcp"
    scheduler = _Scheduler(
        host=address.host, port=address.port, protocol=protocol, security=security(files), dashboard=False
    )
    async with scheduler:
        scheduler.set_metadata([METADATA], about_scheduler())
        ready(scheduler.address)
        await stopped.wait()


async def _worker(
    address: ClusterAddress, files: TlsFiles | None, ready: Ready, *, name: str | None, port: int, folder: str
) -> bool:
    stopped = _signalled()
    worker = _Worker(
        address.url,
        security=security(files),
        name=name,
        host=address.host if address.is_loopback else None,  # otherwise Dask listens on every interface
        port=port,
        nthreads=1,
        memory_limit=0,
        local_directory=folder,
        death_timeout=_CONNECT_SECONDS,
    )
    try:
        await worker
    except (OSError, ValueError) as error:
        raise IamctlError(
            f"cannot connect to {address.url} within {_CONNECT_SECONDS} seconds ({type(error).__name__}); check that the "
            "scheduler runs, and that the same authority signed all certificates. --log-level info shows each attempt"
        ) from error
    ready(worker.address)
    gone = asyncio.ensure_future(worker.finished())
    asked = asyncio.ensure_future(stopped.wait())
    await asyncio.wait({gone, asked}, return_when=asyncio.FIRST_COMPLETED)
    if not asked.done():
        asked.cancel()
        return False
    await _finish(worker, gone)
    return True


async def _finish(worker: _Worker, gone: asyncio.Future[None]) -> None:
    """Take no other task, and close once the present one is done and its result was fetched.

    Dask's own graceful end gives a running task to another worker, while the thread here goes on.
    """
    worker.status = Status.paused
    while not gone.done() and (worker.state.executing or worker.data):  # noqa: ASYNC110 - Dask has no event for it
        await asyncio.sleep(_POLL_SECONDS)
    await worker.close()


def _signalled() -> asyncio.Event:
    """Return an event that is set by the first signal to stop; the second one ends the process."""
    event = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop(number: signal.Signals) -> None:
        event.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    return event
