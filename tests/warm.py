"""Processes of iamctl without their start-up: forked from one that has imported everything.

A warm process has its own arguments, folder, environment, streams and exit code, like one that a shell starts.
Only what an interpreter decides at its start is not its own: the hash seed and the locale. Tests of those, and of
signals and start-up, start a cold one. ``python tests/warm.py SOCKET`` is the process that forks.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import importlib
import io
import json
import logging
import os
import pkgutil
import select
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from concurrent.futures import Executor, Future
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 11, 23, tzinfo=UTC)
OF_A_CLUSTER = "iamctl.cluster."
"""Modules that import Dask, which is an extra, and starts threads that no fork has; processes of a cluster are cold."""
DECIDED_AT_START = ("LANG", "LC_", "PYTHON", "TYPER_")

_CLIENT = """#!{python} -IS
import json, os, signal, socket, sys
server = socket.socket(socket.AF_UNIX)
server.connect({place!r})
asked = json.dumps([sys.argv[{first}:], os.getcwd(), dict(os.environ)]).encode()
socket.send_fds(server, [len(asked).to_bytes(4, "big")], [0, 1, 2])
server.sendall(asked)
said = server.makefile()
process = int(said.readline())
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda number, _: os.kill(process, number))
code = int(said.readline())
os._exit(code if code >= 0 else 128 - code)
"""
"""A program for the PATH that has a warm process do the work, on its own streams, and passes signals on."""


def no_cold_variables(env):
    """Refuse an environment with variables that only an interpreter reads, at its start."""
    own = [name for name in env if name.startswith(DECIDED_AT_START) and name != "PYTHONPATH"]
    assert not own, f"only a cold process reads {own}"


class Warm:
    """The process that forks, and programs for it; it ends when this process does.

    ``programs`` is a folder for the PATH with ``iamctl``; ``python`` is what takes ``-I -m iamctl`` before its arguments.
    """

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="iamctl-warm-")
        self._place = str(Path(self._folder.name, "socket"))
        self.programs = Path(self._folder.name, "bin")
        self.programs.mkdir()
        self._program("iamctl", first=1)
        self.python = self._program("python-I-m-iamctl", first=4)
        plain = {name: text for name, text in os.environ.items() if not name.startswith((*DECIDED_AT_START, "AWS_"))}
        self._server = subprocess.Popen(
            [sys.executable, __file__, self._place],
            env=plain | {"PYTHONPATH": str(ROOT)},
            cwd=self._folder.name,
            stdin=subprocess.PIPE,
        )
        while not Path(self._place).exists():
            assert self._server.poll() is None, "the process that forks has ended"
            time.sleep(0.01)
        atexit.register(self.close)

    def _program(self, name, *, first):
        """Write a program that runs iamctl with its arguments from ``first`` on, and return its path."""
        path = self.programs / name
        path.write_text(_CLIENT.format(python=sys.executable, place=self._place, first=first))
        path.chmod(0o755)
        return path

    def run(self, words, *, cwd, env, timeout=120, started=lambda process: None):
        """Run a command line with nothing on stdin and return the finished process, its streams as bytes.

        ``started`` is called with its id.
        """
        no_cold_variables(env)
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, socket.socket(socket.AF_UNIX) as server:
            server.settimeout(timeout)
            server.connect(self._place)
            asked = json.dumps([[str(word) for word in words], str(cwd), env]).encode()
            with Path(os.devnull).open("rb") as nothing:
                streams = [stream.fileno() for stream in (nothing, out, err)]
                socket.send_fds(server, [len(asked).to_bytes(4, "big")], streams)
            server.sendall(asked)
            with server.makefile() as said:
                started(int(said.readline()))
                code = int(said.readline())
            texts = []
            for stream in (out, err):
                stream.seek(0)
                texts.append(stream.read())
        return subprocess.CompletedProcess(["iamctl", *words], code, *texts)

    def close(self):
        """End the process that forks."""
        self._server.stdin.close()
        self._server.wait()
        self._folder.cleanup()


_warm = []


def warm():
    """Return the one process that forks, started when it is first wanted."""
    if not _warm:
        _warm.append(Warm())
    return _warm[0]


class OneByOne(Executor):
    """Runs each account of a fleet in this process; each process of ``Processes`` starts an interpreter."""

    def __init__(self, jobs, log_level=logging.ERROR, *, is_repeatable=True):
        self._level = log_level

    def hurry(self):
        """Do nothing: no task is under way."""

    def submit(self, fn, /, *args, **kwargs):
        future, log = Future(), logging.getLogger("iamctl")
        own = log.level
        log.setLevel(self._level)
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - as an executor does
            future.set_exception(error)
        finally:
            log.setLevel(own)
        return future


def serve(place):
    """Fork for each request on a socket until stdin ends; return the arguments in the fork, and None at the end."""
    import_everything()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{place}.new")
        listening.listen(64)
        Path(f"{place}.new").rename(place)
        while True:
            ready, _, _ = select.select([listening, sys.stdin], [], [])
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG) != (0, 0):
                    pass
            if sys.stdin in ready:
                break
            asking, _ = listening.accept()
            with asking:
                if os.fork() == 0:
                    listening.close()
                    return forked(asking)
    with contextlib.suppress(ChildProcessError):
        while os.wait():
            pass
    return None


def keep_commands():
    """Let one object stand for the command line in every run of this process; Typer makes it anew each time."""
    import typer.main

    if not hasattr(typer.main.get_command, "cache_info"):
        typer.main.get_command = functools.cache(typer.main.get_command)


def import_everything():
    """Import iamctl and what it imports late, and plan the example once: service models, schemas and policies are read."""
    import moto.moto_api._internal
    from fast_sessions import share_what_sessions_make

    share_what_sessions_make()
    for found in pkgutil.walk_packages([str(ROOT / "iamctl")], "iamctl."):
        if not found.name.startswith(OF_A_CLUSTER):
            importlib.import_module(found.name)
    import typer.main

    from iamctl.aws.session import identify
    from iamctl.cli.app import app
    from iamctl.commands.fleet import engine, processes
    from iamctl.commands.propose import propose
    from iamctl.commands.workspace import Workspace, declared, open_tree
    from iamctl.sandbox import open_sandbox
    from iamctl.source.aws import AwsSource
    from iamctl.source.live_source import Waits

    example = ROOT / "examples/acme"
    snapshot = json.loads((example / "account.json").read_text(encoding="utf-8"))
    with open_sandbox(snapshot, account_id="111122223333") as session:
        live = AwsSource(session, identify(session), credentials="exact", now=NOW, waits=Waits())
        propose(Workspace(declared(open_tree(example), "acme", "aws", NOW), live, NOW))
    keep_commands()
    typer.main.get_command(app)
    processes.Processes = OneByOne
    engine.default_jobs = lambda *, waits_for_aws: 1
    os.fsync = lambda _: None  # that journals are flushed to the disk is a test of its own
    os.register_at_fork(after_in_child=moto.moto_api._internal.mock_random.seed)
    assert "typer.rich_utils" not in sys.modules, "it reads the environment when it is imported"
    gc.collect()
    gc.freeze()


def forked(asking):
    """Fork once more, and return the arguments in the fork that is to run them; this one waits and answers."""
    head, streams, _, _ = socket.recv_fds(asking, 4, 3)
    left, parts = int.from_bytes(head, "big"), []
    while left:
        parts.append(asking.recv(left))
        left -= len(parts[-1])
    words, folder, environment = json.loads(b"".join(parts))
    running = os.fork()
    if running:
        asking.sendall(b"%d\n" % running)
        for stream in streams:
            os.close(stream)
        code = os.waitstatus_to_exitcode(os.waitpid(running, 0)[1])
        asking.sendall(b"%d\n" % code)
        os._exit(0)
    asking.close()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    tempfile.tempdir = None
    sys.argv = ["iamctl", *words]
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0)), encoding="utf-8")
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "w")), encoding="utf-8")
    sys.stderr = io.TextIOWrapper(
        io.BufferedWriter(io.FileIO(2, "w")), encoding="utf-8", errors="backslashreplace", line_buffering=True
    )
    return words


def run(words):
    """Run a command line and end, without the work of taking an interpreter down."""
    from iamctl.cli.process import main

    code = 1
    try:
        main(words)
    except SystemExit as ended:
        code = ended.code
    except BaseException:  # noqa: BLE001 - a traceback and 1, as an interpreter ends
        traceback.print_exc()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


if __name__ == "__main__":
    asked = serve(sys.argv[1])
    if asked is not None:
        run(asked)
