"""What is told of AWS's answers: all that helps, and nothing that came or went."""

import pytest

from iamctl.aws.session import reading_client, writing_client
from iamctl.aws.watch import watch
from iamctl.sandbox import open_sandbox


@pytest.fixture
def session():
    with open_sandbox(None, account_id="123456789012") as opened:
        yield opened


def test_each_answer_is_told_with_what_came(session):
    told = []
    watch(session, told.append)
    reading_client(session).get_account_authorization_details(Filter=["User"])
    iam = writing_client(session)
    iam.create_user(UserName="alice")
    with pytest.raises(iam.exceptions.EntityAlreadyExistsException):
        iam.create_user(UserName="alice")

    assert [(each.service, each.operation, each.status, each.problem) for each in told] == [
        ("iam", "GetAccountAuthorizationDetails", 200, ""),
        ("iam", "CreateUser", 200, ""),
        ("iam", "CreateUser", 409, "EntityAlreadyExists"),
    ]
    assert told[0].counts["UserDetailList"] == 0
    assert all(0 <= each.seconds < 60 for each in told)
    assert "alice" not in str(told)


@pytest.mark.parametrize("code", ["Xk3-password_with_4_kinds", "a" * 19 + "1", "<html>", "x\ny"])
def test_a_code_that_is_none_of_awss_is_not_told(session, code):
    told = []
    watch(session, told.append)
    session.events.emit(
        "response-received.iam.CreateLoginProfile",
        response_dict={"status_code": 400},
        parsed_response={"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"RequestId": code}},
        context={},
        exception=None,
    )

    (answer,) = told
    assert answer.problem == "unnamed error"
    assert code not in str(answer)


def test_an_id_of_a_request_is_told(session):
    told = []
    watch(session, told.append)
    session.events.emit(
        "response-received.iam.GetUser",
        response_dict=None,
        parsed_response={"ResponseMetadata": {"RequestId": "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE1"}},
        exception=TimeoutError("with a secret"),
    )

    (answer,) = told
    assert (answer.status, answer.problem) == (None, "TimeoutError")
    assert answer.request_id == "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE1"
