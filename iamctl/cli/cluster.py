"""``iamctl fleet scheduler`` and ``iamctl fleet worker``: the processes of a cluster."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class LogLevel(StrEnum):
    """What Dask logs to stderr."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


TlsCa = Annotated[
    Path | None,
    typer.Option(
        "--tls-ca",
        envvar="IAMCTL_FLEET_TLS_CA",
        metavar="FILE",
        help="Authority that signed all certificates of the cluster.",
    ),
]
TlsCert = Annotated[
    Path | None,
    typer.Option("--tls-cert", envvar="IAMCTL_FLEET_TLS_CERT", metavar="FILE", help="Certificate of this process."),
]
TlsKey = Annotated[
    Path | None,
    typer.Option("--tls-key", envvar="IAMCTL_FLEET_TLS_KEY", metavar="FILE", help="Private key of this process."),
]
DaskLog = Annotated[LogLevel, typer.Option("--log-level", help="What Dask logs to stderr.")]


def scheduler(
    listen: Annotated[
        str,
        typer.Option("--listen", metavar="URL", help="Where to listen: tls://HOST:PORT; plain tcp only on 127.0.0.1."),
    ],
    tls_ca: TlsCa = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    log_level: DaskLog = LogLevel.ERROR,
) -> int:
    """Run a Dask scheduler for --engine dask:URL with the settings that iamctl needs, until Ctrl-C or SIGTERM.

    It never gives a task of a dead worker to another one, serves no dashboard, and accepts only peers whose
    certificate is signed by --tls-ca. Anyone who has such a certificate can run code on the scheduler and the workers.
    """
    from iamctl.commands.cluster import TlsOptions
    from iamctl.commands.cluster import scheduler as run

    return run(listen, TlsOptions(tls_ca, tls_cert, tls_key), log_level=log_level.value)


def worker(
    scheduler: Annotated[
        str, typer.Option("--scheduler", metavar="URL", help="Address of the scheduler: tls://HOST:PORT.")
    ],
    tls_ca: TlsCa = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="Name of the worker (default: its address).")
    ] = None,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, metavar="N", help="Port to listen on; 0 chooses a free one.")
    ] = 0,
    log_level: DaskLog = LogLevel.ERROR,
) -> int:
    """Run a worker of iamctl fleet, until Ctrl-C or SIGTERM; it finishes its account first.

    A worker works on one account at a time: start several. It needs no repository. It uses the AWS credentials of its
    own environment to assume the role of each account. It exits with 1 when it loses the scheduler: have it restarted.
    """
    from iamctl.commands.cluster import TlsOptions
    from iamctl.commands.cluster import worker as run

    return run(scheduler, TlsOptions(tls_ca, tls_cert, tls_key), name=name, port=port, log_level=log_level.value)
