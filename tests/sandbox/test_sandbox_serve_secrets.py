"""Secrets Manager behind the port of a sandbox: the keys of a rotation go there, and come out as they went in."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "end_to_end"))

from command_line import account, run, save, user, write_tree
from test_sandbox_serve import asked, served, variables

ROTATED = {
    "access_keys": {"count": 1, "rotate": {"every": "80d", "overlap": "10d", "deliver": "secretsmanager:ci/key"}}
}


def secrets(server, operation, **params):
    target = {"X-Amz-Target": f"secretsmanager.{operation}", "Content-Type": "application/x-amz-json-1.1"}
    answer = asked(server, json.dumps(params), service="secretsmanager", **target)
    return answer.status, json.loads(answer.content)


def test_a_rotation_puts_its_key_into_a_secret_that_another_program_reads(tmp_path):
    path = save(tmp_path / "account.json", account([user("ci")]))
    tree = write_tree(tmp_path / "iam", {"users": {"ci": ROTATED}})
    with served(path) as server:
        applied = run("apply", tree, "--yes", cwd=tmp_path, **variables(server))
        status, secret = secrets(server, "GetSecretValue", SecretId="ci/key")

    assert (applied.returncode, status) == (0, 200), applied.stdout + applied.stderr
    (key,) = json.loads(path.read_text())["credentials"]["ci"]["AccessKeyMetadata"]
    stored = json.loads(secret["SecretString"])
    assert (stored["UserName"], stored["AccessKeyId"]) == ("ci", key["AccessKeyId"])
    assert stored["SecretAccessKey"] not in path.read_text() + applied.stdout + applied.stderr


@pytest.mark.parametrize(
    ("operation", "params", "code"),
    [
        ("GetSecretValue", {"SecretId": "empty"}, "ResourceNotFoundException"),
        ("GetSecretValue", {}, "InvalidParameterException"),
        ("PutSecretValue", {"SecretId": "a", "ClientRequestToken": "0" * 32}, "InvalidParameterException"),
        ("DeleteSecret", {"SecretId": "a"}, "InvalidRequestException"),
    ],
)
def test_what_secrets_manager_refuses_is_an_error_in_json(tmp_path, operation, params, code):
    with served(save(tmp_path / "account.json", account([]))) as server:
        status, answer = secrets(server, operation, **params)

    assert (status, answer["__type"]) == (400, code)


def test_a_request_that_is_not_json_is_refused(tmp_path):
    with served(save(tmp_path / "account.json", account([]))) as server:
        answer = asked(server, b"\xff[", service="secretsmanager", **{"X-Amz-Target": "secretsmanager.PutSecretValue"})

    assert (answer.status, json.loads(answer.content)["__type"]) == (400, "SerializationException")
