"""A scheduler and its workers as processes of this machine, and certificates for them."""

import os
import select
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from iamctl.cluster.address import TLS_CA, TLS_CERT, TLS_KEY

TESTS = Path(__file__).resolve().parents[1]
SECONDS = 120
"""How long a test waits for a process of a busy machine; a test that needs as long has failed."""


class Authority:
    """Signs certificates, and puts them into a folder."""

    def __init__(self, folder, name):
        from cryptography.hazmat.primitives.asymmetric import ec

        folder.mkdir()
        self.folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._name = self._named(name)
        self._write("ca", self._certificate(self._name, self._key.public_key(), is_authority=True))

    def variables(self, owner):
        """Return the environment of a process that is to be known as ``owner``."""
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(ec.SECP256R1())
        self._write(owner, self._certificate(self._named(owner), key.public_key(), is_authority=False))
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (self.folder / f"{owner}.key").write_bytes(pem)
        names = {TLS_CA: "ca.pem", TLS_CERT: f"{owner}.pem", TLS_KEY: f"{owner}.key"}
        return {variable: str(self.folder / name) for variable, name in names.items()}

    def _write(self, name, certificate):
        from cryptography.hazmat.primitives.serialization import Encoding

        (self.folder / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))

    def _named(self, name):
        from cryptography import x509

        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])

    def _certificate(self, subject, public, *, is_authority):
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes

        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )
        return builder.sign(self._key, hashes.SHA256())


@dataclass
class Served:
    """A process, the address it printed, and its log."""

    process: subprocess.Popen
    url: str
    log: Path
    workers: list = field(default_factory=list)


@contextmanager
def serving(role, url, folder, variables, *more):
    """Run a scheduler that listens on ``url`` or a worker of the one there, until the end of the context."""
    option = "--listen" if role == "scheduler" else "--scheduler"
    log = folder / f"{role}-{len(list(folder.iterdir()))}.log"
    environment = {**os.environ, **variables, "PYTHONPATH": str(TESTS), "TMPDIR": str(folder)}
    command = [sys.executable, "-m", "iamctl", "fleet", role, option, url, *more]
    with (
        log.open("w") as stderr,
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=stderr, text=True) as process,
    ):
        try:
            is_there, _, _ = select.select([process.stdout], [], [], SECONDS)
            line = process.stdout.readline() if is_there else ""
            assert line, log.read_text()
            yield Served(process, line.split()[-1], log)
        finally:
            process.kill()


def begun(started, lines):
    """Return the processes that noted themselves in a file, once it has so many lines."""
    end = time.monotonic() + SECONDS
    while not started.exists() or started.read_text().count("\n") < lines:
        assert time.monotonic() < end, "no worker began"
        time.sleep(0.05)
    return [int(line.split()[0]) for line in started.read_text().splitlines()]
