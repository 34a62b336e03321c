"""The embedded IAM behind a port: other processes use it as AWS, and its file holds what they did."""

import http.client
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from effort import first
from serving import serving

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/end_to_end"))

from command_line import ACCOUNT, account, command, environment, group, run, save, user, write_tree  # noqa: E402

import iamctl.source.served as served_module  # noqa: E402
from iamctl.source.served import open_served  # noqa: E402

DEVICE = "arn:aws:iam::123456789012:mfa/dave"


@contextmanager
def served(path, **more):
    with open_served(path, more.get("account_id"), 0) as server, serving(server):
        yield server


def variables(server):
    return {
        "AWS_ENDPOINT_URL": server.url,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_REGION": "us-east-1",
    }


def test_other_processes_plan_and_apply_against_the_port_and_the_file_has_the_result(tmp_path):
    path = save(tmp_path / "account.json", account([user("ann")]))
    tree = write_tree(tmp_path / "iam", {"users": {"ann": {"tags": {"team": "pay"}}, "bob": {}}})
    with served(path) as server:
        applied = run("apply", tree, "--yes", cwd=tmp_path, **variables(server))
        planned = run("plan", tree, "--detailed-exitcode", cwd=tmp_path, **variables(server))

    assert (applied.returncode, planned.returncode) == (0, 0), applied.stderr + planned.stderr
    saved = json.loads(path.read_text())
    assert {one["UserName"]: one["Tags"] for one in saved["UserDetailList"]} == {
        "ann": [{"Key": "team", "Value": "pay"}],
        "bob": [],
    }
    assert run("plan", tree, "--sandbox", path, "--detailed-exitcode", cwd=tmp_path).returncode == 0


def test_it_refuses_what_iam_refuses(tmp_path):
    path = save(tmp_path / "account.json", account([user("ann", ["team"])], [group("team")]))
    before = path.read_bytes()
    with served(path) as server:
        answer = asked(server, b"Action=DeleteUser&UserName=ann&Version=2010-05-08")
        writes = server.writes

    assert (answer.status, b"DeleteConflict" in answer.content, writes) == (409, True, 0)
    assert path.read_bytes() == before


SIGNED = "AWS4-HMAC-SHA256 Credential=sandbox/20261129/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"


def asked(server, body, service="iam", host=None, method="POST", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=20)
    sent = {"Authorization": SIGNED.format(service), "Content-Type": "application/x-www-form-urlencoded", **headers}
    connection.request(method, "/", body, sent | ({"Host": host} if host else {}))
    answer = connection.getresponse()
    answer.content = answer.read()
    connection.close()
    return answer


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ({"host": "attacker.example"}, 403, b"AccessDenied"),
        ({"Authorization": "none"}, 403, b"MissingAuthenticationToken"),
        ({"service": "ec2"}, 400, b"InvalidAction"),
        ({"service": "s3"}, 501, b"NotImplemented"),
        ({"service": "s3", "method": "PUT"}, 501, b"NotImplemented"),
        ({"body": b"Action=NoSuchThing&Version=2010-05-08"}, 400, b"InvalidAction"),
        ({"body": b"x" * 1_000_001}, 413, b""),
        ({"method": "GET"}, 501, b""),
    ],
)
def test_requests_that_are_not_from_a_client_of_iam_are_refused(tmp_path, how, status, code):
    path = save(tmp_path / "account.json", account([]))
    with served(path) as server:
        answer = asked(server, **{"body": b"Action=ListUsers&Version=2010-05-08", **how})
        again = asked(server, b"Action=ListUsers&Version=2010-05-08")

    assert answer.status == status
    assert code in answer.content
    assert again.status == 200


def test_a_client_that_goes_away_in_the_middle_of_a_request_leaves_no_traceback(tmp_path, capfd):
    path = save(tmp_path / "account.json", account([user("ann")]))
    with served(path) as server:
        gone = socket.create_connection((server.server_address[0], server.server_port))
        gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closing resets the connection
        gone.sendall(b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\nAction=")
        time.sleep(0.2)
        gone.close()
        assert asked(server, "Action=ListUsers&Version=2010-05-08").status == 200
        time.sleep(0.2)

    assert "Traceback" not in "".join(capfd.readouterr())


def test_it_saves_while_it_is_idle(tmp_path, monkeypatch):
    monkeypatch.setattr(served_module, "IDLE_SECONDS", 0.0)
    path = tmp_path / "account.json"
    with open_served(path, ACCOUNT, 0) as server:
        answering = threading.Thread(target=server.handle_request)
        answering.start()
        asked(server, b"Action=CreateUser&UserName=ann&Version=2010-05-08")
        answering.join()
        server.service_actions()
        saved = json.loads(path.read_text())

    assert [one["UserName"] for one in saved["UserDetailList"]] == ["ann"]


@pytest.mark.parametrize("number", first(1, [signal.SIGTERM, signal.SIGINT]))
def test_a_signal_ends_it_cleanly_and_saves(tmp_path, number):
    words = command("sandbox", "serve", "--file", "account.json", "--account-id", ACCOUNT)
    process = subprocess.Popen(
        words, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        first = process.stdout.readline()
        url = first.split(" on ")[1].split(" ")[0]
        exported = process.stdout.readline().split()[1:]
        tree = write_tree(tmp_path / "iam", {"users": {"ann": {}}})
        given = dict(word.split("=", 1) for word in exported + process.stdout.readline().split()[1:])
        applied = run("apply", tree, "--yes", cwd=tmp_path, **given)
        os.kill(process.pid, number)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()

    assert given["AWS_ENDPOINT_URL"] == url
    assert (applied.returncode, process.returncode) == (0, 0), said
    assert "Traceback" not in said
    assert [one["UserName"] for one in json.loads((tmp_path / "account.json").read_text())["UserDetailList"]] == ["ann"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--file", "none.json"], "set the account of a new one with --account-id"),
        (["--file", "none.json", "--account-id", "12"], "not an account id"),
        (["--file", "account.json", "--account-id", "210987654321"], "is of account 123456789012"),
        (["--file", "no/account.json"], "does not exist"),
        (["--file", "account.json", "--port", "70000"], "65535"),
        (["--file", "account.json", "--port", "{taken}"], "choose another with --port"),
    ],
)
def test_what_cannot_be_served_is_wrong_usage(tmp_path, words, said):
    save(tmp_path / "account.json", account([]))
    with served(tmp_path / "account.json") as server:
        given = [word.format(taken=server.server_port) for word in words]
        done = run("sandbox", "serve", *given, cwd=tmp_path)

    assert done.returncode == 64
    assert said in done.stderr


def test_a_sandbox_keeps_devices_of_nobody_when_it_changes_nothing_of_a_user(tmp_path):
    many = [user(f"u{number}") for number in range(30)]  # more than are always read one by one
    path = save(
        tmp_path / "account.json", account(many, [group("team")], virtual_mfa_devices=[{"SerialNumber": DEVICE}])
    )
    tree = write_tree(tmp_path / "iam", {"groups": {"team": {"path": "/x/"}}, "memberships": {"team": []}})
    applied = run("apply", tree, "--sandbox", path, "--yes", cwd=tmp_path)

    assert applied.returncode == 0, applied.stderr
    assert json.loads(path.read_text())["virtual_mfa_devices"] == [{"SerialNumber": DEVICE}]


def test_a_client_that_asks_whether_to_send_its_content_is_told_at_once(tmp_path):
    path = save(tmp_path / "account.json", account([user("ann")]))
    with served(path) as server, socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 100 Continue\r\n")

        client.sendall(b"x")
        answer = client.recv(10_000)

    head, _, content = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 403")
    assert b"MissingAuthenticationToken" in content, "headers and content are one piece"
