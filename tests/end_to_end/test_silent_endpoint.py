"""An endpoint that accepts and never answers is reported soon, also where nobody watches a terminal."""

import re
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress

import pytest
from command_line import environment, write_tree

from iamctl.aws import session
from iamctl.aws.watch import Answer
from iamctl.source.watched import Reading

RUN = """
from botocore.config import Config
from iamctl.aws import session
session._IDENTIFYING = Config(read_timeout=0.3, retries={"mode": "standard", "total_max_attempts": 2})
from iamctl.cli.process import main
main()
"""


@contextmanager
def silent_endpoint():
    held = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        over = threading.Event()

        def accept():
            while not over.is_set():
                with suppress(TimeoutError):
                    held.append(server.accept()[0])

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            over.set()
            thread.join()
            for connection in held:
                connection.close()


def test_fault_33_silence_is_reported_without_a_terminal_before_the_error(tmp_path):
    tree = write_tree(tmp_path / "iam", {"users": {"alice": {}}})
    with silent_endpoint() as url:
        keys = {"AWS_ACCESS_KEY_ID": "ASIAIAMCTLSANDBOX234", "AWS_SECRET_ACCESS_KEY": "x", "AWS_REGION": "us-east-1"}
        done = subprocess.run(
            [sys.executable, "-c", RUN, "plan", str(tree)],
            cwd=tmp_path,
            env=environment(AWS_ENDPOINT_URL=url, **keys),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    first, last = done.stderr.splitlines()
    assert re.fullmatch(r"AWS has not answered sts:GetCallerIdentity for \d+ s \(ReadTimeoutError\)", first)
    assert last.startswith("error: AWS cannot be reached for sts:GetCallerIdentity (Read timeout")
    assert done.returncode == 1


@pytest.mark.parametrize("config", [session._IDENTIFYING, session._READING])
def test_fault_33_a_read_that_is_not_answered_is_reported_within_30_seconds(config):
    assert config.connect_timeout + config.read_timeout < 30


def test_many_silent_reads_are_one_warning(caplog):
    reading = Reading()

    for _ in range(16):
        reading(Answer("iam", "ListMFADevices", 20.0, None, "ReadTimeoutError", "", {}))
    reading(Answer("iam", "ListMFADevices", 0.1, None, "EndpointConnectionError", "", {}))

    assert [record.getMessage() for record in caplog.records] == [
        "AWS has not answered iam:ListMFADevices for 20 s (ReadTimeoutError)"
    ]
