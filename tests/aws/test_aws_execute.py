import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from aws_faults import error_answer, fail_first, http_answer, lose_answer, offline_session
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import (
    BotoCoreError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
    SSLError,
)
from call_counts import count_calls

from iamctl.aws.errors import UnreachableError
from iamctl.aws.execute import Executor
from iamctl.aws.read import read_snapshot
from iamctl.aws.same_caller import SameCaller, SameReader
from iamctl.aws.session import ForbiddenCallError, assume, identify, writing_client
from iamctl.model import Call, CallError
from iamctl.sandbox import open_sandbox

URL = "http://127.0.0.1/"


@pytest.fixture
def session():
    with open_sandbox(None, account_id="123456789012") as session:
        yield session


def create(name="alice"):
    return Call(0, "iam", "CreateUser", {"UserName": name})


def users(session):
    now = datetime(2026, 11, 23, tzinfo=UTC)
    return [user["UserName"] for user in read_snapshot(session, identify(session), now=now)["UserDetailList"]]


def test_a_write_is_carried_out_and_answered(session):
    answer = Executor(session)(create())

    assert answer["User"]["UserName"] == "alice"
    assert "ResponseMetadata" not in answer
    assert users(session) == ["alice"]


def test_a_refusal_is_told_with_its_code(session):
    execute = Executor(session)
    execute(create())

    with pytest.raises(CallError) as caught:
        execute(create())

    assert (caught.value.code, caught.value.ambiguous, caught.value.throttled) == ("EntityAlreadyExists", False, False)
    assert "alice" in caught.value.message


@pytest.mark.parametrize(
    ("answer", "code", "ambiguous", "throttled"),
    [
        (error_answer("Throttling", "Rate exceeded"), "Throttling", False, True),
        (error_answer("RequestLimitExceeded", status=503), "RequestLimitExceeded", False, True),
        (error_answer("TooManyRequestsException", status=429), "TooManyRequestsException", False, True),
        (error_answer("LimitExceeded", "Cannot exceed quota", 409), "LimitExceeded", False, False),
        (error_answer("ConcurrentModification", status=409), "ConcurrentModification", False, False),
        (error_answer("AccessDenied", status=403), "AccessDenied", False, False),
        (error_answer("ExpiredToken", status=403), "ExpiredToken", False, False),
        (error_answer("ValidationError"), "ValidationError", False, False),
        (error_answer("ServiceFailure", status=500), "ServiceFailure", True, False),
        (error_answer("AccessDenied", status=500), "AccessDenied", True, False),
        (error_answer("FutureException"), "FutureException", True, False),
        (http_answer(502, "<html>Bad Gateway</html>", "text/html"), "502", True, False),
        (http_answer(503, ""), "503", True, False),
        (http_answer(200, "<CreateUserRes"), "ResponseParserError", True, False),
        (http_answer(200, "<html>Sign in to the network</html>", "text/html"), "UnreadableAnswer", True, False),
    ],
)
def test_fault_37_only_what_aws_surely_did_not_do_is_not_ambiguous(session, answer, code, ambiguous, throttled):
    execute = Executor(session)
    given = fail_first(writing_client(session), "CreateUser", answer, times=99)

    with pytest.raises(CallError) as caught:
        execute(create())

    assert (caught.value.code, caught.value.ambiguous, caught.value.throttled) == (code, ambiguous, throttled)
    assert len(given) == 1


@pytest.mark.parametrize(
    ("error", "ambiguous"),
    [
        (ConnectTimeoutError(endpoint_url=URL), False),
        (EndpointConnectionError(endpoint_url=URL), False),
        (SSLError(endpoint_url=URL, error="[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"), False),
        (SSLError(endpoint_url=URL, error="EOF occurred in violation of protocol"), True),
        (ReadTimeoutError(endpoint_url=URL), True),
        (ConnectionClosedError(endpoint_url=URL), True),
        (NoCredentialsError(), False),
        (BotoCoreError(), True),
    ],
)
def test_fault_33_a_request_without_an_answer_is_sent_once(session, error, ambiguous):
    execute = Executor(session)
    given = fail_first(writing_client(session), "CreateUser", error, times=99)

    with pytest.raises(CallError) as caught:
        execute(create())

    assert caught.value.ambiguous == ambiguous
    assert len(given) == 1


def test_a_lost_answer_leaves_one_user_and_is_ambiguous(session):
    counts = count_calls(session)
    lose_answer(writing_client(session), "CreateUser", ReadTimeoutError(endpoint_url=URL))

    with pytest.raises(CallError) as caught:
        Executor(session)(create())

    assert caught.value.ambiguous
    assert counts["CreateUser"] == 1
    assert users(session) == ["alice"]


@pytest.mark.parametrize(
    ("code", "throttled"), [("AccessDenied", False), ("FutureException", False), ("Throttling", True)]
)
def test_fault_29_a_role_that_cannot_be_renewed_means_that_nothing_was_sent(no_pauses, session, code, throttled):
    answers = iter([None] + [error_answer(code, "no", 403)] * 9)  # the first goes through
    session.events.register_first("before-send.sts.AssumeRole", lambda **_: next(answers))
    assumed = assume(session, "arn:aws:iam::123456789012:role/iamctl-apply", "iamctl")
    execute, counts = Executor(assumed), count_calls(assumed)
    credentials = assumed.get_credentials()
    credentials._expiry_time = credentials._time_fetcher()  # as if the hour were over

    with pytest.raises(CallError, match=f"{code}: AssumeRole: no") as caught:
        execute(create())

    assert (caught.value.ambiguous, caught.value.throttled) == (False, throttled)
    assert caught.value.code == ("Throttling" if throttled else "CredentialRetrievalError")
    assert counts["CreateUser"] == 0


def renewable(*keys, hours=1):
    """Return a session whose provider gives credentials with these keys, one after the other, each good for an hour."""
    left = list(keys)

    def fetch():
        given = left.pop(0) if len(left) > 1 else left[0]
        end = (datetime.now(UTC) + timedelta(hours=hours)).isoformat()
        return {"access_key": given, "secret_key": "x", "token": "x", "expiry_time": end}

    found = offline_session()
    found._session._credentials = RefreshableCredentials.create_from_metadata(fetch(), fetch, "test")
    return found


def refusing(client, *keys):
    """Answer to each write like AWS that calls some credentials expired; return the keys that were sent."""
    sent = []

    def answer(request, **_):
        header = request.headers["Authorization"]
        key = re.search("Credential=([^/]+)/", header.decode() if isinstance(header, bytes) else header)[1]
        sent.append(key)
        if key in keys:
            return error_answer("ExpiredToken", "it has expired", 403)
        return http_answer(200, CREATED)

    client.meta.events.register_first("before-send.iam", answer)
    return sent


CREATED = (
    '<CreateUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><CreateUserResult><User><Path>/</Path>'
    "<UserName>alice</UserName></User></CreateUserResult><ResponseMetadata><RequestId>r-1</RequestId>"
    "</ResponseMetadata></CreateUserResponse>"
)


def test_fault_29_credentials_that_aws_calls_expired_are_renewed_once_and_the_write_is_sent_again():
    session = renewable("OLD", "NEW")
    execute, sent = Executor(session), refusing(writing_client(session), "OLD")

    assert execute(create())["User"]["UserName"] == "alice"
    assert execute(create())["User"]["UserName"] == "alice"
    assert sent == ["OLD", "NEW", "NEW"]


def test_writes_side_by_side_renew_the_credentials_once():
    session = renewable("OLD", "NEW", "NEWER")
    execute, sent = Executor(session), refusing(writing_client(session), "OLD")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(execute, [create()] * 4))

    assert "NEWER" not in sent


@pytest.mark.parametrize("keys", [("OLD",), ("OLD", "WORSE")], ids=["the same again", "expired ones again"])
def test_fault_29_credentials_that_stay_expired_are_refused_after_one_renewal(keys):
    session = renewable(*keys)
    execute, sent = Executor(session), refusing(writing_client(session), *keys)

    with pytest.raises(CallError, match="ExpiredToken: it has expired"):
        execute(create())

    assert sent == ["OLD", keys[-1]]


def test_fault_29_credentials_of_a_quarter_of_an_hour_last_for_more_than_one_request():
    """botocore renews what has less than 15 minutes left before each request, so that no answer of STS would be about it."""
    session = renewable(*(f"KEY{number}" for number in range(50)), hours=0.25)
    asked = []
    session.events.register_first("before-send.sts", lambda **_: asked.append(1) or http_answer(200, IDENTITY))
    same_caller = SameCaller(session, identify(session))
    same_caller.watch(writing_client(session))
    execute, sent = Executor(session, same_caller.watch), refusing(writing_client(session))

    for _ in range(10):
        execute(create())

    assert len(set(sent)) == 1
    assert len(asked) == 2


IDENTITY = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    "<Arn>arn:aws:iam::123456789012:user/ci</Arn><UserId>AIDA</UserId><Account>123456789012</Account>"
    "</GetCallerIdentityResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
)


def test_a_provider_that_gives_expired_credentials_is_an_error_in_words():
    session = renewable("OLD", hours=-1)
    sent = refusing(writing_client(session))

    with pytest.raises(CallError, match="the refreshed credentials are still expired") as caught:
        Executor(session)(create())
    with pytest.raises(UnreachableError, match="AWS credentials cannot be fetched"):
        identify(session)

    assert (caught.value.ambiguous, sent) == (False, [])


def test_credentials_that_expire_at_the_end_of_a_read_are_an_error_in_words():
    session = renewable("OLD")
    session.events.register_first("before-send.sts", lambda **_: http_answer(200, IDENTITY))
    reader = SameReader(session, identify(session))
    session._session._credentials._refresh_using = renewable("NEW", hours=-1)._session._credentials._refresh_using
    session._session._credentials._expiry_time = datetime.now(UTC) - timedelta(seconds=1)

    with pytest.raises(UnreachableError, match="the refreshed credentials are still expired"):
        reader.check()


def test_credentials_that_nobody_renews_are_refused_at_once():
    session = offline_session()
    execute, sent = Executor(session), refusing(writing_client(session), "x")

    with pytest.raises(CallError, match="ExpiredToken: it has expired"):
        execute(create())

    assert sent == ["x"]


def test_parameters_that_do_not_fit_are_refused_before_anything_is_sent(session):
    counts = count_calls(session)

    with pytest.raises(CallError) as caught:
        Executor(session)(Call(0, "iam", "CreateUser", {"UserName": "a", "Nope": 1}))

    assert not caught.value.ambiguous
    assert not counts


@pytest.mark.parametrize(("service", "operation"), [("iam", "NoSuchThing"), ("s3", "CreateUser"), ("iam", "close")])
def test_only_operations_of_iam_are_sent(session, service, operation):
    with pytest.raises(CallError, match="is not an IAM operation"):
        Executor(session)(Call(0, service, operation, {}))


def test_a_user_scoped_call_without_a_user_is_our_bug_and_never_sent(session):
    counts = count_calls(session)

    with pytest.raises(ForbiddenCallError):
        Executor(session)(Call(0, "iam", "DeleteLoginProfile", {}))
    assert not counts


def test_the_words_of_aws_are_one_bounded_line(session):
    hostile = "x&#10;::set-env name=A::&#x1b;[31m&#x202e;" + "y" * 5000
    fail_first(writing_client(session), "CreateUser", error_answer("AccessDenied", hostile, 403))

    with pytest.raises(CallError) as caught:
        Executor(session)(create())

    assert caught.value.message.isprintable()
    assert len(caught.value.message) <= 500
