"""Calls as commands of the AWS CLI: its own names, and quotes that a shell takes off again."""

import json
import shlex

import botocore.session
import pytest
from botocore import xform_name
from hypothesis import given
from hypothesis import strategies as st

from iamctl.model import Call
from iamctl.report.aws_cli import aws_command


def test_every_operation_and_parameter_has_the_name_that_the_aws_cli_gives_it():
    model = botocore.session.Session().get_service_model("iam")
    for operation in model.operation_names:
        shape = model.operation_model(operation).input_shape
        params = dict.fromkeys(shape.members if shape else (), "x")
        words = aws_command(Call(0, "iam", operation, params)).split()
        assert words[:3] == ["aws", "iam", xform_name(operation, "-")]
        assert words[3::2] == [f"--{xform_name(name, '-')}" for name in params]


HOSTILE = (
    "--profile=evil",
    "--user-name=boss",
    "--endpoint-url=https://evil.example",
    "-",
    "file:///etc/passwd",
    "fileb://x",
    "FILE://x",
    "http://169.254.169.254/",
    "https://evil.example",
    "@x",
    "'; id; '",
    "$(id)",
    "[x",
    " {",
)
VALUES = st.one_of(st.sampled_from(HOSTILE), st.text(min_size=1))
LIVE = ("-", "@", "file://", "fileb://", "http://", "https://")


def read_back(command):
    """Return the parameters of a command as the AWS CLI reads them: options, then the words that are none."""
    words = shlex.split(command)
    if words[3] == "--cli-input-json":
        assert len(words) == 5
        return json.loads(words[4])
    params = {}
    for word in words[3:]:
        if word.startswith("-"):
            assert word not in params
            found = params[word] = []
        else:
            assert not word.startswith(LIVE)
            found.append(word)
    return params


@given(VALUES, st.dictionaries(VALUES, st.one_of(VALUES, st.just("")), min_size=1))
def test_the_aws_cli_reads_back_what_was_given(name, tags):
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    params = read_back(aws_command(Call(0, "iam", "TagUser", {"UserName": name, "Tags": listed})))

    if "--user-name" in params:
        params = {"UserName": params["--user-name"][0], "Tags": json.loads(params["--tags"][0])}
    assert params == {"UserName": name, "Tags": listed}


@given(VALUES, st.lists(VALUES, min_size=1))
def test_the_aws_cli_reads_back_lists(name, keys):
    params = read_back(aws_command(Call(0, "iam", "UntagUser", {"UserName": name, "TagKeys": keys})))

    if "--user-name" in params:
        assert not any(key.lstrip().startswith(("[", "{")) for key in keys)
        params = {"UserName": params["--user-name"][0], "TagKeys": params["--tag-keys"]}
    assert params == {"UserName": name, "TagKeys": keys}


@pytest.mark.parametrize("name", [value for value in HOSTILE if value.lower().startswith(LIVE)])
def test_what_the_aws_cli_would_take_for_something_else_is_in_json(name):
    user = Call(0, "iam", "CreateUser", {"UserName": name, "Path": "/x/"})
    tag = Call(0, "iam", "TagUser", {"UserName": "alice", "Tags": [{"Key": "k", "Value": name}]})
    untag = Call(0, "iam", "UntagUser", {"UserName": "alice", "TagKeys": ["k", name]})

    assert aws_command(user) == f"""aws iam create-user --cli-input-json '{{"UserName":"{name}","Path":"/x/"}}'"""
    assert aws_command(tag).startswith("aws iam tag-user --cli-input-json '{")
    assert aws_command(untag).startswith("aws iam untag-user --cli-input-json '{")


def test_a_secret_is_never_in_json():
    params = {"UserName": "--profile=evil", "Password": {"$secret": "x"}, "PasswordResetRequired": True}

    assert aws_command(Call(0, "iam", "CreateLoginProfile", params)) == (
        "aws iam create-login-profile --cli-input-json "
        """'{"UserName":"--profile=evil","PasswordResetRequired":true}' --password "$PASSWORD\""""
    )


def test_flags_lists_and_secrets():
    params = {"UserName": "alice", "Password": {"$secret": "console-password/alice"}, "PasswordResetRequired": True}
    untag = Call(1, "iam", "UntagUser", {"UserName": "alice", "TagKeys": ["a b", "c"]})

    assert aws_command(Call(0, "iam", "CreateLoginProfile", params)) == (
        'aws iam create-login-profile --user-name alice --password "$PASSWORD" --password-reset-required'
    )
    assert aws_command(untag) == "aws iam untag-user --user-name alice --tag-keys 'a b' c"
