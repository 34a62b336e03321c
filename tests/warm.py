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
import marshal
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from concurrent.futures import Executor, Future
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 11, 23, tzinfo=UTC)
OF_A_CLUSTER = "iamctl.cluster."
"""Modules that import Dask, which is an extra, and starts threads that no fork has; processes of a cluster are cold."""
DECIDED_AT_START = ("LANG", "LC_", "PYTHON", "TYPER_")

IAMCTL = ("-I", "-m", "iamctl")
"""What is before the arguments of iamctl on a command line of Python."""

_CLIENT = """#!{python} -IS
import _signal, _socket, marshal, posix, sys  # built in: json and socket take longer to import than Python to start
server = _socket.socket(_socket.AF_UNIX)
server.connect({place!r})
asked = marshal.dumps(({before!r} + sys.argv[1:], posix.getcwdb(), posix.environ))
streams = b"".join(number.to_bytes(4, sys.byteorder) for number in (0, 1, 2))
server.sendmsg([len(asked).to_bytes(4, "big")], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)])
server.sendall(asked)
def said():
    line = b""
    while not line.endswith(b"\\n"):
        line += server.recv(1)
    return int(line)
process = said()
for number in (_signal.SIGINT, _signal.SIGTERM):
    _signal.signal(number, lambda number, _: posix.kill(process, number))
code = said()
posix._exit(code if code >= 0 else 128 - code)
"""
"""A program for the PATH that has a warm process do the work, on its own streams, and passes signals on."""


def no_cold_variables(env):
    """Refuse an environment with variables that only an interpreter reads, at its start."""
    own = [name for name in env if name.startswith(DECIDED_AT_START) and name != "PYTHONPATH"]
    assert not own, f"only a cold process reads {own}"


class Warm:
    """The process that forks, and programs for it; it ends when this process does.

    ``programs`` is a folder for the PATH with ``iamctl``; ``python`` runs ``-I -m iamctl`` and ``-I SCRIPT``, with arguments.
    """

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="iamctl-warm-")
        self._place = str(Path(self._folder.name, "socket"))
        self.programs = Path(self._folder.name, "bin")
        self.programs.mkdir()
        self._program("iamctl", before=IAMCTL)
        self.python = self._program("python", before=())
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

    def _program(self, name, *, before):
        """Write a program that runs Python with words before its arguments, and return its path."""
        path = (self.programs if before else self.programs.parent) / name
        path.write_text(_CLIENT.format(python=sys.executable, place=self._place, before=[*before]))
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
            named = {os.fsencode(name): os.fsencode(text) for name, text in env.items()}
            asked = marshal.dumps(([*IAMCTL, *map(str, words)], os.fsencode(cwd), named))
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
    running, (ended, ends) = {}, os.pipe()
    for end in (ended, ends):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(ends, warn_on_full_buffer=False)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{place}.new")
        listening.listen(64)
        Path(f"{place}.new").rename(place)
        while True:
            ready, _, _ = select.select([listening, sys.stdin, ended], [], [])
            if ended in ready:
                os.read(ended, 4096)
                answer(running, os.WNOHANG)
            if listening in ready:
                asking, _ = listening.accept()
                asked, streams = received(asking)
                process = os.fork() if asked else 0
                if asked and not process:
                    for one in (listening, asking, *running.values()):
                        one.close()
                    return forked(*asked, streams)
                if process:
                    running[process] = asking
                    with contextlib.suppress(OSError):  # who asked may be gone by now
                        asking.sendall(b"%d\n" % process)
                for stream in streams:
                    os.close(stream)
            elif sys.stdin in ready:
                break
    answer(running, 0)
    return None


def answer(running, how):
    """Send the codes of processes that have ended to those who asked for them; wait for all unless ``how`` says no."""
    while running:
        process, status = os.waitpid(-1, how)
        if not process:
            break
        with running.pop(process) as asking, contextlib.suppress(OSError):
            asking.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def received(asking):
    """Return the arguments, folder and environment of a request, None of one that was cut off, and its streams."""
    head, streams, _, _ = socket.recv_fds(asking, 4, 3)
    left, parts = int.from_bytes(head, "big"), []
    while left and (part := asking.recv(left)):
        parts.append(part)
        left -= len(part)
    return (marshal.loads(b"".join(parts)) if head and not left else None), streams


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
    importlib.import_module("urllib.request")  # for the scripts of the action
    for script in (ROOT / "action").glob("*.py"):
        compiled(script.read_text(encoding="utf-8"))
    assert "typer.rich_utils" not in sys.modules, "it reads the environment when it is imported"
    gc.collect()
    gc.freeze()


def forked(words, folder, environment, streams):
    """Make this process one with these streams, folder and variables, and return its arguments."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environb.clear()
    os.environb.update(environment)
    time.tzset()
    tempfile.tempdir = None
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0)), encoding="utf-8")
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "w")), encoding="utf-8")
    sys.stderr = io.TextIOWrapper(
        io.BufferedWriter(io.FileIO(2, "w")), encoding="utf-8", errors="backslashreplace", line_buffering=True
    )
    return tuple(words)


@functools.cache
def compiled(script):
    """Return the code of a script by its text: copies of a repository have the same."""
    return compile(script, "script", "exec", dont_inherit=True)


def run(words):
    """Run a command line of Python and end, without the work of taking an interpreter down."""
    code = 1
    try:
        if words[:3] == IAMCTL:
            from iamctl.cli.process import main

            sys.argv = ["iamctl", *words[3:]]
            main(sys.argv[1:])
        else:
            isolated, script, *_ = words
            assert isolated == "-I", words
            sys.argv, sys.modules["__main__"] = [*words[1:]], ModuleType("__main__")
            exec(compiled(Path(script).read_text(encoding="utf-8")), vars(sys.modules["__main__"]))
            code = 0
    except SystemExit as ended:
        code = ended.code
        if isinstance(code, str):
            sys.stderr.write(f"{code}\n")
        code = code if isinstance(code, int) else int(code is not None)
    except BaseException:  # noqa: BLE001 - a traceback and 1, as an interpreter ends
        traceback.print_exc()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


if __name__ == "__main__":
    asked = serve(sys.argv[1])
    if asked is not None:
        run(asked)
