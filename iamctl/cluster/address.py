"""The address of a cluster's scheduler, and the files that prove who connects."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path

from iamctl.model.failures import UsageError
from iamctl.text.late_dataclass import dataclass
from iamctl.text.late_pattern import late_pattern

ENGINE_PREFIX = "dask:"
DEFAULT_PORT = 8786
"""The port of a Dask scheduler: https://docs.dask.org/en/stable/deploying-cli.html"""

TLS_CA, TLS_CERT, TLS_KEY = "IAMCTL_FLEET_TLS_CA", "IAMCTL_FLEET_TLS_CERT", "IAMCTL_FLEET_TLS_KEY"

_ADDRESS = late_pattern(r"(tls|tcp)://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?")


@dataclass(frozen=True)
class ClusterAddress:
    """Where a scheduler listens. Without TLS that is a loopback address."""

    is_encrypted: bool
    host: str
    port: int

    @property
    def url(self) -> str:
        """The address as Dask writes it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'tls' if self.is_encrypted else 'tcp'}://{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


@dataclass(frozen=True)
class TlsFiles:
    """The authority, and the certificate and key of this side; all three are PEM files."""

    authority: Path
    certificate: Path
    key: Path


def is_cluster(engine: str) -> bool:
    """Tell whether an engine is the address of a cluster."""
    return engine.startswith(ENGINE_PREFIX)


def parse_address(text: str) -> ClusterAddress:
    """Return the address in ``dask:tls://HOST:PORT``; the prefix ``dask:`` may be missing.

    Raises:
        UsageError: it is not an address, or it is a plain one beyond this machine.
    """
    plain = text.removeprefix(ENGINE_PREFIX)
    match = _ADDRESS.fullmatch(plain)
    if match is None or int(match[3] or 0) > 65535:
        raise UsageError(f"{plain!r} is not the address of a scheduler; write tls://HOST:PORT")
    port = DEFAULT_PORT if match[3] is None else int(match[3])
    address = ClusterAddress(match[1] == "tls", match[2].strip("[]"), port)
    if not (address.is_encrypted or address.is_loopback):
        raise UsageError(
            f"{plain} is not encrypted: anyone on the network could run code on the workers. Use tls://, "
            "or 127.0.0.1 on one machine"
        )
    return address


def tls_files(
    address: ClusterAddress,
    authority: Path | None = None,
    certificate: Path | None = None,
    key: Path | None = None,
    *,
    environment: Mapping[str, str] = os.environ,
) -> TlsFiles | None:
    """Return the files for an address, each from its option or its variable; None without TLS.

    Raises:
        UsageError: one of them is missing, or cannot be read.
    """
    if not address.is_encrypted:
        return None
    found = []
    for given, variable in ((authority, TLS_CA), (certificate, TLS_CERT), (key, TLS_KEY)):
        path = given or (Path(environment[variable]) if environment.get(variable) else None)
        if path is None:
            raise UsageError(f"{address.url} needs TLS files; set {TLS_CA}, {TLS_CERT} and {TLS_KEY}")
        try:
            path.open("rb").close()
        except OSError as error:
            raise UsageError(f"{variable}: cannot read {path}: {error.strerror}") from error
        found.append(path)
    return TlsFiles(*found)
