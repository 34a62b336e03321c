"""``iamctl fleet scheduler`` and ``iamctl fleet worker``: the processes of a cluster."""

from __future__ import annotations

import errno
import sys
from pathlib import Path
from typing import TextIO

from iamctl.cluster.address import TlsFiles, parse_address, tls_files
from iamctl.cluster.settings import configure
from iamctl.model.failures import UsageError
from iamctl.terminal.log import log_to_stderr
from iamctl.terminal.show import note
from iamctl.text.late_dataclass import dataclass
from iamctl.text.visible import visible

LOST_SCHEDULER = 1


@dataclass(frozen=True)
class TlsOptions:
    """What the command line says about the files of TLS."""

    authority: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    def files(self, address: str) -> TlsFiles | None:
        """Return the files for an address; None without TLS."""
        return tls_files(parse_address(address), self.authority, self.certificate, self.key)


def scheduler(listen: str, tls: TlsOptions, *, log_level: str) -> int:
    """Run a scheduler until it is stopped; return 0.

    Raises:
        UsageError: the address or the files cannot be used.
    """
    address, files = parse_address(listen), tls.files(listen)
    configure(log_level)
    from iamctl.cluster.serving import serve_scheduler

    try:
        serve_scheduler(address, files, lambda url: _ready(f"scheduler listens on {url}", sys.stdout))
    except OSError as error:
        if error.errno not in {errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL}:
            raise
        raise UsageError(f"{listen} cannot be used: {error.strerror}; choose another with --listen") from error
    return 0


def worker(scheduler: str, tls: TlsOptions, *, name: str | None, port: int, log_level: str) -> int:
    """Run a worker until it is stopped; return 0, or 1 if it lost its scheduler.

    Raises:
        UsageError: the address or the files cannot be used.
        IamctlError: the scheduler cannot be reached.
    """
    address, files = parse_address(scheduler), tls.files(scheduler)
    configure(log_level)
    log_to_stderr()
    from iamctl.cluster.serving import serve_worker

    ready = sys.stdout
    sys.stdout = sys.stderr  # tasks print nothing that counts
    try:
        was_stopped = serve_worker(
            address, files, lambda url: _ready(f"worker listens on {url}", ready), name=name, port=port
        )
    finally:
        sys.stdout = ready
    if was_stopped:
        return 0
    note(f"lost the scheduler at {address.url}; restart this worker")
    return LOST_SCHEDULER


def _ready(text: str, stream: TextIO) -> None:
    stream.write(f"{visible(text)}\n")
    stream.flush()
