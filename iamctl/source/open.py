"""Opens the live account that a command line names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from iamctl.model.failures import UsageError
from iamctl.model.settings import Settings
from iamctl.terminal.log import log_to_stderr
from iamctl.text.late_dataclass import dataclass

if TYPE_CHECKING:
    from iamctl.source.aws import CredentialReads
    from iamctl.source.live_source import LiveSource


@dataclass(frozen=True)
class SourceOptions:
    """What the command line says about the live account."""

    profile: str | None = None
    region: str | None = None
    snapshot: Path | None = None
    sandbox: Path | None = None
    credentials: CredentialReads = "auto"
    session_name: str | None = None
    """What sessions of assumed roles are called; None: after the purpose."""

    def __post_init__(self) -> None:
        if self.snapshot and self.sandbox:
            raise UsageError("--snapshot and --sandbox exclude each other; use only one of them")


@contextmanager
def open_source(
    options: SourceOptions, settings: Settings | None, purpose: Literal["plan", "apply"], now: datetime
) -> Iterator[LiveSource]:
    """Yield the live account, whose identity is that of ``settings`` before anything else is read.

    Raises:
        RefusedError: it is another account, or the caller is the root user.
    """
    log_to_stderr()
    if options.snapshot:
        from iamctl.source.snapshot import open_snapshot

        yield open_snapshot(options.snapshot, settings)
    elif options.sandbox:
        from iamctl.source.sandbox import open_sandbox_file

        with open_sandbox_file(
            options.sandbox,
            options.profile,
            settings,
            is_saved=purpose == "apply",
            credentials=options.credentials,
            now=now,
        ) as source:
            yield source
    else:
        from iamctl.source.aws import open_aws

        yield open_aws(
            options.profile,
            options.region,
            settings,
            role_for=purpose,
            credentials=options.credentials,
            now=now,
            session_name=options.session_name,
        )
