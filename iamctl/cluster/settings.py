"""How Dask is set up wherever iamctl uses it: nothing is retried, shown, spilled to disk or served over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from iamctl.cluster.address import TlsFiles
from iamctl.model.failures import UsageError

if TYPE_CHECKING:
    from distributed import Security

NO_WORKERS_SECONDS = 300
"""How long a task waits for a worker after the last one is gone."""

_SETTINGS: Mapping[str, Any] = {
    "distributed.scheduler.allowed-failures": 0,
    "distributed.scheduler.work-stealing": False,
    "distributed.scheduler.no-workers-timeout": f"{NO_WORKERS_SECONDS}s",
    "distributed.scheduler.http.routes": [],
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.admin.tick.limit": "60s",
    "distributed.comm.timeouts.connect": "20s",
    "distributed.comm.retry.count": 0,
}


def configure(log_level: str = "critical") -> None:
    """Set Dask up for this process.

    Raises:
        UsageError: Dask is not installed.
    """
    try:
        import dask.config
    except ImportError as error:
        raise UsageError("a cluster needs Dask; install iamctl with its extra: '.[fleet]'") from error
    levels = {"distributed": log_level, "distributed.client": log_level, "tornado": "critical"}
    dask.config.set({**_SETTINGS, "logging": levels})


def security(files: TlsFiles | None) -> Security:
    """Return how both sides prove who they are: by a certificate of the same authority, or not at all on loopback."""
    from distributed import Security

    if files is None:
        return Security(require_encryption=False)
    certificate, key = str(files.certificate), str(files.key)
    return Security(
        require_encryption=True,
        tls_ca_file=str(files.authority),
        **{f"tls_{role}_cert": certificate for role in ("client", "scheduler", "worker")},
        **{f"tls_{role}_key": key for role in ("client", "scheduler", "worker")},
    )
