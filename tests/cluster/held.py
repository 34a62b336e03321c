"""``iamctl fleet worker`` that stops at a place in an account and waits there, so that a test can kill it.

``HELD_AT`` is ``begin a1`` (before the account is read), ``write a1`` (after its first write) or ``end a1``. The worker
that comes there notes its process in the folder ``HELD_IN``, and goes on once that has a file ``go``.
"""

import os
import sys
import time
from pathlib import Path

from iamctl.cli.process import main
from iamctl.commands.fleet import worker

PLACE, _, ACCOUNT = os.environ["HELD_AT"].partition(" ")
FOLDER = Path(os.environ["HELD_IN"])


def hold():
    (FOLDER / f"held-{os.getpid()}").touch()
    while not (FOLDER / "go").exists():
        time.sleep(0.05)


def holding(carry_out):
    def held(task, blank, workspace):
        if task.account != ACCOUNT:
            return carry_out(task, blank, workspace)
        if PLACE == "begin":
            hold()
        if PLACE == "write":
            execute = workspace.live.execute

            def then_hold(call):
                execute(call)
                hold()

            object.__setattr__(workspace.live, "execute", then_hold)
        result = carry_out(task, blank, workspace)
        if PLACE == "end":
            hold()
        return result

    return held


if __name__ == "__main__":
    worker._COMMANDS = {name: holding(carry_out) for name, carry_out in worker._COMMANDS.items()}
    sys.exit(main())
