"""Calls as commands of the AWS CLI: its own names, and quotes that a shell takes off again."""

import json
import shlex

import botocore.session
from botocore import xform_name
from hypothesis import given
from hypothesis import strategies as st

from iamctl.aws_commands import aws_command
from iamctl.model import Call


def test_every_operation_and_parameter_has_the_name_that_the_aws_cli_gives_it():
    model = botocore.session.Session().get_service_model("iam")
    for operation in model.operation_names:
        shape = model.operation_model(operation).input_shape
        params = dict.fromkeys(shape.members if shape else (), "x")
        words = aws_command(Call(0, "iam", operation, params)).split()
        assert words[:3] == ["aws", "iam", xform_name(operation, "-")]
        assert words[3::2] == [f"--{xform_name(name, '-')}" for name in params]


@given(st.text(min_size=1), st.dictionaries(st.text(min_size=1), st.text(), min_size=1))
def test_a_shell_reads_back_what_was_given(name, tags):
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    words = shlex.split(aws_command(Call(0, "iam", "TagUser", {"UserName": name, "Tags": listed})))

    assert words[:5] == ["aws", "iam", "tag-user", "--user-name", name]
    assert json.loads(words[6]) == listed


def test_flags_lists_and_secrets():
    params = {"UserName": "alice", "Password": {"$secret": "console-password/alice"}, "PasswordResetRequired": True}
    untag = Call(1, "iam", "UntagUser", {"UserName": "alice", "TagKeys": ["a b", "c"]})

    assert aws_command(Call(0, "iam", "CreateLoginProfile", params)) == (
        'aws iam create-login-profile --user-name alice --password "$PASSWORD" --password-reset-required'
    )
    assert aws_command(untag) == "aws iam untag-user --user-name alice --tag-keys 'a b' c"
