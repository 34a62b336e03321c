"""An account behind ``iamctl sandbox serve`` for pages, whose lock is held by a run that was killed."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

MARK = "<!-- served -->"
"""From here on, the commands of a page reach the account of ``account.json`` by AWS_ENDPOINT_URL."""

HOLDER = {
    "format": "iamctl-lock/1",
    "account": "123456789012",
    "run": "20261129T101500Z-5e1f00d4c0de",
    "holder": "arn:aws:sts::123456789012:assumed-role/iamctl-apply/ci",
    "where": "https://github.com/example/iam/actions/runs/1234567",
    "taken_at": "2026-11-29T10:15:00Z",
    "expires_at": "2026-11-29T10:18:00Z",
    "valid_seconds": 180,
    "nonce": "0",
}


@contextmanager
def served(folder: Path) -> Iterator[dict[str, str]]:
    """Yield the variables with which programs reach the account that ``folder`` has in ``account.json``."""
    from iamctl.account.snapshot_file import load_snapshot
    from iamctl.sandbox import open_sandbox
    from iamctl.sandbox.serving import SandboxServer

    snapshot = load_snapshot(folder / "account.json")
    with open_sandbox(snapshot, account_id=HOLDER["account"]) as session, SandboxServer(session) as server:
        key = ("my-bucket", f"iamctl/{HOLDER['account']}.json")
        server.buckets.objects[key] = (json.dumps(HOLDER).encode(), datetime.now(UTC))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield {
                "AWS_ENDPOINT_URL": server.url,
                "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": "sandbox",
                "AWS_SECRET_ACCESS_KEY": "sandbox",
            }
        finally:
            server.shutdown()
            thread.join()
