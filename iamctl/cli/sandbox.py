"""The commands below ``iamctl sandbox``: the embedded IAM."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from iamctl.cli.application import App

sandbox_app = App(rich_markup_mode=None)


@sandbox_app.command(
    short_help="Serve the embedded IAM on a port of this machine.",
    epilog="Example: iamctl sandbox serve --file account.json --port 4566",
)
def serve(
    file: Annotated[
        Path, typer.Option("--file", metavar="FILE", help="Account to load: a snapshot. It is saved to FILE.")
    ],
    port: Annotated[
        int,
        typer.Option("--port", min=0, max=65535, metavar="N", help="Port on 127.0.0.1; 0 chooses a free one."),
    ] = 0,
    account_id: Annotated[
        str | None,
        typer.Option("--account-id", metavar="ID", help="AWS account id, if FILE does not exist yet."),
    ] = None,
) -> int:
    """Serve the embedded IAM of --sandbox to programs on this machine, with IAM's refusals, until Ctrl-C.

    Every program that accepts AWS_ENDPOINT_URL can use it, for example the AWS CLI, and iamctl plan and apply.
    Signatures are not checked, and every caller may do everything. FILE is saved after each pause and at the end.
    """
    from iamctl.commands.sandbox.serve import serve as run

    return run(file, account_id=account_id, port=port)
