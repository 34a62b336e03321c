"""Running iamctl as people do: a process with arguments, files, an environment and perhaps a terminal."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from unittest import mock

import yaml
from botocore.endpoint import Endpoint
from botocore.httpsession import URLLib3Session
from warm import OneByOne, no_cold_variables, warm

from iamctl.cli.process import run_command_line
from iamctl.commands.fleet import engine, processes
from iamctl.kinds import removal_limits

ROOT = Path(__file__).resolve().parents[2]
ACME = ROOT / "examples/acme"
ACCOUNT = "123456789012"
NOW = "2026-11-23"
DAY = "2026-01-31T10:00:00Z"
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
NO_CREDENTIALS = {"LoginProfile": None} | {
    fact: []
    for fact in ("AccessKeyMetadata", "MFADevices", "SSHPublicKeys", "Certificates", "ServiceSpecificCredentials")
}
UNLIMITED = dict.fromkeys(removal_limits(), 1000)

_SENDS = Endpoint._send

# Whatever else the machine sets is its own: CI services, terminals and shells each change what a command shows.
PASSED_ON = ("HOME", "LD_LIBRARY_PATH", "PATH", "TMPDIR")


def environment(**more):
    """Return an environment in which no AWS account, no colour, no terminal and no CI is set."""
    plain = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    fixed = {
        "PYTHONPATH": str(ROOT),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return {**plain, **fixed, **more}


def command(*words):
    return [sys.executable, "-m", "iamctl", *map(str, words)]


def run(*words, cwd, text=True, **env):
    """Run a command without a terminal and return it, finished; its stderr is no traceback.

    It runs in this process, or in a warm one where two sandboxes would be open here.
    """
    if runs_here(words, env):
        return _checked(run_here(words, cwd, environment(**env)), text=text)
    return run_warm(*words, cwd=cwd, text=text, **env)


def run_warm(*words, cwd, text=True, **env):
    """Run a command as ``run`` does, but in a process of its own that a warm one forks."""
    done = warm().run(words, cwd=cwd, env=environment(**env))
    return _checked(done, text=text)


def runs_here(words, env):
    """Return whether a command can run in this process: beside an open sandbox only what sends its requests elsewhere."""
    is_alone = Endpoint._send is _SENDS or "AWS_ENDPOINT_URL" in env
    return is_alone and threading.current_thread() is threading.main_thread()


def run_here(words, cwd, env):
    """Run a command in this process and return what a finished process would be, its streams as bytes."""
    no_cold_variables(env)
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace", write_through=True) for _ in range(2))
    with (
        contextlib.chdir(cwd),
        mock.patch.dict(os.environ, env, clear=True),
        Path(os.devnull).open(encoding="utf-8") as nothing,
        mock.patch.multiple(sys, stdin=nothing, stdout=out, stderr=err, argv=["iamctl", *map(str, words)]),
        mock.patch.multiple(tempfile, tempdir=None),
        mock.patch.object(Endpoint, "_send", _send_past(Endpoint._send)),
        mock.patch.object(processes, "Processes", OneByOne),
        mock.patch.object(engine, "default_jobs", return_value=1),
        _signals_kept(),
        _connections_closed(),
    ):
        time.tzset()
        code = run_command_line([str(word) for word in words])
    time.tzset()
    return subprocess.CompletedProcess(["iamctl", *words], code, out.buffer.getvalue(), err.buffer.getvalue())


def _send_past(sandbox):
    """Return what sends requests to a port of this machine although an open sandbox catches all of its process."""

    def send(endpoint, request):
        return (_SENDS if request.url.startswith("http://127.0.0.1:") else sandbox)(endpoint, request)

    return send


@contextlib.contextmanager
def _connections_closed():
    """Close the connections of all clients that a run makes; the collector would find them open in a later test."""
    make, made = URLLib3Session.__init__, []

    def remember(session, *args, **options):
        make(session, *args, **options)
        made.append(session)

    with mock.patch.object(URLLib3Session, "__init__", remember):
        try:
            yield
        finally:
            for session in made:
                session.close()


@contextlib.contextmanager
def _signals_kept():
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def run_cold(*words, cwd, text=True, **env):
    """Run a command as ``run`` does, but start an interpreter for it."""
    done = subprocess.run(
        command(*words),
        cwd=cwd,
        env=environment(**env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )
    return _checked(done, text=text)


def _checked(done, *, text):
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    if text:
        done.stdout, done.stderr = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
    return done


def write_tree(folder, manifests, **settings):
    """Write a manifest tree of one account, ``iamctl.yaml`` and ``iam.yaml``."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = {"version": 1, "accounts": {"test": {"id": ACCOUNT}}, **settings}
    (folder / "iamctl.yaml").write_text(yaml.safe_dump(whole, sort_keys=False), encoding="utf-8")
    text = manifests if isinstance(manifests, str) else yaml.safe_dump(manifests, sort_keys=False)
    (folder / "iam.yaml").write_text(text, encoding="utf-8")
    return folder


def user(name, groups=(), **more):
    return {
        "UserName": name,
        "UserId": f"AIDA{name.upper():X<17}",
        "Path": "/",
        "Arn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
        "CreateDate": DAY,
        "GroupList": list(groups),
        "UserPolicyList": [],
        "AttachedManagedPolicies": [],
        "Tags": [],
        **more,
    }


def group(name, **more):
    return {
        "GroupName": name,
        "GroupId": f"AGPA{name.upper():X<17}",
        "Path": "/",
        "Arn": f"arn:aws:iam::{ACCOUNT}:group/{name}",
        "CreateDate": DAY,
        "GroupPolicyList": [],
        "AttachedManagedPolicies": [],
        **more,
    }


def account(users=(), groups=(), **more):
    """Return a snapshot in which nobody has passwords, keys or devices unless ``credentials`` says so."""
    held = {entry["UserName"]: NO_CREDENTIALS for entry in users} | more.pop("credentials", {})
    return {
        "format": "iamctl-snapshot/1",
        "taken_at": DAY,
        "account": {"id": ACCOUNT, "partition": "aws"},
        "UserDetailList": list(users),
        "GroupDetailList": list(groups),
        "RoleDetailList": [],
        "Policies": [],
        "credentials": held,
        **more,
    }


def save(path, data):
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def acme(folder):
    """Copy the example into ``folder``: the tree as ``iam``, the account beside it."""
    shutil.copytree(ACME, folder / "iam")
    (folder / "iam/account.json").rename(folder / "account.json")
    return folder
