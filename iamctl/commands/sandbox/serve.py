"""``iamctl sandbox serve``: the embedded IAM behind a port."""

from __future__ import annotations

import errno
import sys
from pathlib import Path

from iamctl.model.failures import UsageError
from iamctl.terminal.log import log_to_stderr
from iamctl.terminal.show import note
from iamctl.text.counted import counted
from iamctl.text.visible import visible


def serve(path: Path, *, account_id: str | None, port: int) -> int:
    """Serve the account in a file until Ctrl-C or SIGTERM, which are the way to end it; return 0.

    Raises:
        UsageError: the sandbox cannot run here, or the port is taken.
        IamctlError: the file cannot be used.
    """
    from iamctl.source.served import open_served

    log_to_stderr()
    try:
        with open_served(path, account_id, port) as server:
            for line in (
                f"serving {path} on {server.url} for programs on this machine; Ctrl-C stops and saves",
                f"export AWS_ENDPOINT_URL={server.url} AWS_REGION={server.region}",
                "export AWS_ACCESS_KEY_ID=sandbox AWS_SECRET_ACCESS_KEY=sandbox",
            ):
                sys.stdout.write(f"{visible(line)}\n")
            sys.stdout.flush()
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                note("stopping")
    except OSError as error:
        if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
            raise
        raise UsageError(f"port {port} cannot be used: {error.strerror}; choose another with --port") from error
    note(f"{path}: {counted(server.writes, 'write')}")
    return 0
