import logging

import pytest
from aws_faults import error_answer, fail_first, offline_session
from botocore.exceptions import (
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoRegionError,
    PartialCredentialsError,
    ProxyConnectionError,
    ReadTimeoutError,
    SSLError,
    SSOTokenLoadError,
)
from botocore.parsers import ResponseParserError
from botocore.utils import parse_timestamp
from call_counts import count_calls

from iamctl.aws.errors import AwsError, in_plain_words
from iamctl.aws.page import ask
from iamctl.aws.session import (
    Caller,
    ForbiddenCallError,
    _moment,
    assume,
    custom_endpoints,
    identify,
    identifying_client,
    open_session,
    reading_client,
    writing_client,
)
from iamctl.sandbox import open_sandbox

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/iamctl-plan"


@pytest.fixture
def session():
    with open_sandbox(None, account_id=ACCOUNT) as session:
        yield session


def test_the_caller_is_told_with_account_and_partition(session):
    assert identify(session) == Caller(
        ACCOUNT, f"arn:aws:sts::{ACCOUNT}:assumed-role/iamctl-sandbox/cli", "aws", is_root=False
    )


@pytest.mark.parametrize(
    ("arn", "partition", "is_root"),
    [
        ("arn:aws:iam::123456789012:root", "aws", True),
        ("arn:aws-cn:iam::123456789012:user/root", "aws-cn", False),
        ("arn:aws-us-gov:sts::123456789012:assumed-role/root/x", "aws-us-gov", False),
        ("arn:aws:sts::123456789012:federated-user/root", "aws", False),
    ],
)
def test_only_the_root_user_is_root(arn, partition, is_root):
    session = offline_session()
    answer = {"Account": ACCOUNT, "Arn": arn, "UserId": "x", "ResponseMetadata": {}}
    session.events.register("before-call.sts", lambda **_: (type("Answer", (), {"status_code": 200}), answer))

    caller = identify(session)

    assert (caller.partition, caller.is_root) == (partition, is_root)


def test_an_assumed_role_is_another_caller_and_leaves_the_session_alone(session):
    assumed = assume(session, ROLE, "iamctl")

    assert identify(assumed).arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/iamctl-plan/iamctl"
    assert identify(session).arn.endswith("iamctl-sandbox/cli")
    assert assumed.region_name == session.region_name


def test_the_credentials_of_a_role_renew_themselves(session):
    counts = count_calls(session)
    credentials = assume(session, ROLE, "iamctl").get_credentials()
    first = credentials.get_frozen_credentials()

    credentials._expiry_time = credentials._time_fetcher()  # as if the hour were over
    second = credentials.get_frozen_credentials()

    assert counts["AssumeRole"] == 2
    assert first.access_key != second.access_key


def test_clients_have_the_promised_timeouts_and_attempts():
    session = offline_session()
    for client, seconds, attempts in ((reading_client(session), 20, 10), (writing_client(session), 30, 1)):
        config = client.meta.config
        assert (config.connect_timeout, config.read_timeout) == (5, seconds)
        assert config.retries["total_max_attempts"] == attempts
    assert reading_client(session) is reading_client(session)
    assert writing_client(session) is writing_client(session)


def test_a_reading_client_refuses_every_operation_that_is_no_read(session):
    reading = reading_client(session)
    counts = count_calls(session)

    for operation in writing_client(session).meta.service_model.operation_names:
        if not operation.startswith(("Get", "List", "Generate")):
            with pytest.raises(ForbiddenCallError):
                reading._make_api_call(operation, {})
    assert not counts


def test_a_client_for_identities_reads_and_assumes_roles_and_no_more(session):
    for operation in ("DecodeAuthorizationMessage", "AssumeRoleWithSAML", "AssumeRoot"):
        with pytest.raises(ForbiddenCallError):
            identifying_client(session)._make_api_call(operation, {})


def test_a_writing_client_refuses_every_user_scoped_operation_without_a_user(session):
    writing = writing_client(session)
    model = writing.meta.service_model
    scoped = [name for name in model.operation_names if takes_user(model.operation_model(name))]

    for operation in scoped:
        for missing in ({}, {"UserName": ""}, {"UserName": None}, {"UserName": 1}):
            with pytest.raises(ForbiddenCallError):
                writing._make_api_call(operation, missing)
    optional = [name for name in scoped if "UserName" not in model.operation_model(name).input_shape.required_members]
    assert {"DeleteLoginProfile", "DeactivateMFADevice", "UpdateAccessKey", "CreateAccessKey"} <= set(optional)
    assert len(optional) >= 20


def takes_user(operation):
    return operation.input_shape is not None and "UserName" in operation.input_shape.members


def test_clients_take_the_endpoint_of_the_environment(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_IAM", "http://127.0.0.1:9")
    session = offline_session()

    assert reading_client(session).meta.endpoint_url == "http://127.0.0.1:9"
    assert writing_client(session).meta.endpoint_url == "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (EndpointConnectionError(endpoint_url="https://x/?Signature=abc"), r"AWS cannot be reached .* run again"),
        (ConnectTimeoutError(endpoint_url="https://x/"), "AWS cannot be reached"),
        (ReadTimeoutError(endpoint_url="https://x/"), "AWS cannot be reached"),
        (ProxyConnectionError(proxy_url="http://user:pw@proxy"), "the proxy did not respond"),
        (SSLError(endpoint_url="https://x/", error="certificate verify failed"), "AWS_CA_BUNDLE"),
        (NoRegionError(), "pass --region"),
        (
            PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
            "the AWS credentials are incomplete",
        ),
        (SSOTokenLoadError(error_msg="x"), "aws sso login"),
        (CredentialRetrievalError(provider="process", error_msg="x"), "cannot be fetched"),
        (ResponseParserError("<html>"), "cannot be read"),
    ],
)
def test_what_keeps_aws_from_answering_is_told_in_plain_words(error, text):
    with pytest.raises(AwsError, match=text) as caught, in_plain_words("iam", "GetAccountSummary"):
        raise error

    assert "abc" not in str(caught.value)
    assert "user:pw" not in str(caught.value)


def test_no_credentials_say_how_to_sign_in():
    with pytest.raises(AwsError, match=r"no AWS credentials were found; sign in .*aws sso login"):
        identify(open_session(None, None))


def test_an_unknown_profile_says_where_profiles_are_listed():
    with pytest.raises(AwsError, match=r"the AWS profile 'nope' is not configured; run 'aws configure list-profiles'"):
        open_session("nope", None)


def test_a_broken_configuration_is_an_error_without_a_traceback(tmp_path):
    (tmp_path / "aws-config").write_text("[profile\nx")

    with pytest.raises(AwsError, match="the AWS configuration cannot be read"):
        open_session(None, None)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("AccessDenied", r"AWS denied sts:AssumeRole; allow it"),
        ("ExpiredToken", r"the AWS credentials have expired; sign in again"),
        ("InvalidClientTokenId", r"AWS does not know these credentials .*--region"),
        ("RequestExpired", r"check the clock"),
        ("FutureException", r"AWS refused sts:AssumeRole: FutureException"),
    ],
)
def test_a_refused_role_is_told_in_plain_words(session, code, text):
    session.events.register_first("before-send.sts.AssumeRole", lambda **_: error_answer(code, "no", 403))

    with pytest.raises(AwsError, match=text):
        assume(session, ROLE, "iamctl")


def test_the_words_of_aws_become_one_bounded_line(session):
    client = reading_client(session)
    hostile = "x&#10;::set-env name=A::&#x202e;" + "y" * 2000
    fail_first(client, "GetAccountSummary", error_answer("AccessDenied", hostile, 403))

    with pytest.raises(AwsError) as caught:
        ask(client, "GetAccountSummary")

    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 700
    assert "AWS denied iam:GetAccountSummary" in str(caught.value)


def test_debug_logs_of_botocore_stay_silent():
    logging.getLogger("botocore").setLevel(logging.DEBUG)

    open_session(None, None)

    for name in ("boto3", "botocore", "botocore.endpoint", "urllib3"):
        assert not logging.getLogger(name).isEnabledFor(logging.ERROR)


@pytest.mark.parametrize(
    ("name", "services"),
    [("AWS_ENDPOINT_URL", ["iam", "sts"]), ("AWS_ENDPOINT_URL_IAM", ["iam"]), ("AWS_ENDPOINT_URL_STS", ["sts"])],
)
def test_an_endpoint_of_the_environment_is_told(monkeypatch, name, services):
    assert custom_endpoints() == {}

    monkeypatch.setenv(name, "http://127.0.0.1:5000")

    assert custom_endpoints() == dict.fromkeys(services, "http://127.0.0.1:5000")


@pytest.mark.parametrize("url", ["here", "http://", "http://[::1", "http://127.0.0.1:99999"])
@pytest.mark.parametrize(("service", "client"), [("STS", identifying_client), ("IAM", reading_client)])
def test_an_endpoint_that_is_no_url_is_an_error_that_names_the_setting(monkeypatch, url, service, client):
    monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", url)

    with pytest.raises(AwsError, match=f"the endpoint of {service} is not a valid URL .*AWS_ENDPOINT_URL_{service}"):
        client(offline_session())


def test_an_endpoint_of_a_profile_is_told_unless_it_is_ignored(monkeypatch, tmp_path):
    (tmp_path / "aws-config").write_text(
        "[profile local]\nservices = here\n[services here]\niam =\n  endpoint_url = http://127.0.0.1:7\n"
    )

    assert custom_endpoints() == {}
    assert custom_endpoints("local") == {"iam": "http://127.0.0.1:7"}
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    assert custom_endpoints("local") == {}


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-31T10:00:00Z",
        "2024-01-31T10:00:00.123Z",
        "2024-01-31T11:00:00+01:00",
        "Wed, 31 Jan 2024 10:00:00 GMT",
        1706695200,
        "1706695200",
    ],
)
def test_times_are_read_as_botocore_reads_them(text):
    assert _moment(text) == parse_timestamp(text)


def test_a_text_that_is_no_time_is_no_time():
    with pytest.raises(ValueError, match="timestamp"):
        _moment("tomorrowZ")
