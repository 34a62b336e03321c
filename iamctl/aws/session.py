"""Sessions and clients: who calls, and what a client may be asked to do."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from copy import copy
from dataclasses import field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import boto3
import botocore.session
from botocore.config import Config
from botocore.configprovider import ConfiguredEndpointProvider
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import UnknownRegionError
from botocore.utils import parse_timestamp

from iamctl.aws.errors import AwsError, in_plain_words, one_line
from iamctl.aws.quick_parser import QuickParsers, leave_documents
from iamctl.aws.renewal import Renewal
from iamctl.aws.service_models import share_loader
from iamctl.aws.whole_answers import WholeAnswers
from iamctl.text.late_dataclass import dataclass

if TYPE_CHECKING:
    from botocore.model import OperationModel
    from types_boto3_iam import IAMClient
    from types_boto3_sts import STSClient

CONNECT_TIMEOUT_SECONDS = 5
READ_TIMEOUT_SECONDS = 20
"""Of a read; the largest page of IAM takes a few seconds. When it is over, iamctl reports the silence."""

IDENTIFY_TIMEOUT_SECONDS = 10
WRITE_TIMEOUT_SECONDS = 30
READ_ATTEMPTS = 10
IDENTIFY_ATTEMPTS = 4
MAX_CLOCK_DIFFERENCE = timedelta(minutes=5)
MAX_READERS = 16
"""Reads side by side."""
MAX_WRITERS = 32
"""Writes side by side, at the most."""

_READING = Config(
    connect_timeout=CONNECT_TIMEOUT_SECONDS,
    read_timeout=READ_TIMEOUT_SECONDS,
    retries={"mode": "adaptive", "total_max_attempts": READ_ATTEMPTS},
    max_pool_connections=MAX_READERS,
)
_IDENTIFYING = Config(
    connect_timeout=CONNECT_TIMEOUT_SECONDS,
    read_timeout=IDENTIFY_TIMEOUT_SECONDS,
    # the first request of all: where there is no network, say so within seconds
    retries={"mode": "standard", "total_max_attempts": IDENTIFY_ATTEMPTS},
)
_WRITING = Config(
    connect_timeout=CONNECT_TIMEOUT_SECONDS,
    read_timeout=WRITE_TIMEOUT_SECONDS,
    # a lost answer to a create would run it twice
    retries={"mode": "standard", "total_max_attempts": 1},
    max_pool_connections=MAX_WRITERS,
)
_READ_OPERATION = re.compile(r"(?:Get|List|Lookup|Generate|Describe)[A-Z]\w*|AssumeRole")
_CALLER_ARN = re.compile(r"arn:(?P<partition>aws[a-z0-9-]*):(?:iam|sts)::\d{12}:.+", re.DOTALL)
_DEFAULT_REGION = "us-east-1"
"""STS wants a region; this one belongs to the commercial partition, where IAM has its own."""


Session = boto3.Session
"""The credentials, region and settings of a caller; named here so that layers above need not know boto3."""


class ForbiddenCallError(RuntimeError):
    """Our own code asked a client for what that client must never do."""


@dataclass(frozen=True)
class Caller:
    """Who the credentials belong to, as STS says."""

    account_id: str
    arn: str
    partition: str
    is_root: bool
    clock_ahead: timedelta | None = field(default=None, compare=False)
    """How far the clock of this machine is ahead of AWS's; None if the answer had no date."""


def open_session(profile: str | None, region: str | None) -> Session:
    """Return a session of the caller's own credentials; nothing is asked of AWS yet.

    Raises:
        AwsError: the profile is not configured, or the configuration cannot be read.
    """
    _silence_wire_logs()
    with in_plain_words("sts", "GetCallerIdentity"):
        session = boto3.Session(profile_name=profile, region_name=region)
        if not session.region_name:  # as boto3 sets it; a second session takes as long as a client
            session._session.set_config_variable("region", _DEFAULT_REGION)  # noqa: SLF001
        share_loader(session)
        return session


def partition_of(session: Session) -> str:
    """Return the partition of the session's region, ``aws`` for a region that botocore does not know."""
    try:
        return str(session.get_partition_for_region(session.region_name))
    except UnknownRegionError:
        return "aws"


def _silence_wire_logs() -> None:
    """Keep request and response bodies, which hold credentials, out of any log whatever its level."""
    for name in ("boto3", "botocore", "urllib3"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def identify(session: Session, client: STSClient | None = None) -> Caller:
    """Return who calls, asked with ``client`` or a new one.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html

    Raises:
        AwsError: there are no credentials, or they are not good.
    """
    asked = client or identifying_client(session)
    with in_plain_words("sts", "GetCallerIdentity"):
        answer = asked.get_caller_identity()
    arn = answer["Arn"]
    match = _CALLER_ARN.fullmatch(arn)
    partition, is_root = match["partition"] if match else "", arn.endswith(":root")
    return Caller(answer["Account"], arn, partition, is_root, _clock_ahead(answer, datetime.now(UTC)))


def _clock_ahead(answer: Mapping[str, Any], now: datetime) -> timedelta | None:
    """Return how far ``now`` is ahead of the ``Date`` header of an answer that just came.

    https://www.rfc-editor.org/rfc/rfc9110#field.date
    """
    text = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date", "")
    try:
        return now - parsedate_to_datetime(text).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def check_clock(caller: Caller) -> None:
    """Refuse to go on with a clock that differs from AWS's by more than five minutes: dates decide what is applied.

    Raises:
        AwsError: it does.
    """
    ahead = caller.clock_ahead
    if ahead is not None and abs(ahead) > MAX_CLOCK_DIFFERENCE:
        minutes, side = int(abs(ahead).total_seconds() // 60), "ahead of" if ahead > timedelta() else "behind"
        raise AwsError(
            f"the clock of this machine is {minutes} minutes {side} AWS's, and dates in manifests decide what apply "
            "changes. Nothing was applied. Correct the clock and rerun"
        )


def assume(session: Session, role_arn: str, session_name: str) -> Session:
    """Return a session of the role, with the settings of ``session``; its credentials renew themselves.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html

    Raises:
        AwsError: the role cannot be assumed.
    """
    sts = identifying_client(session)

    def fetch() -> dict[str, str]:
        given = sts.assume_role(RoleArn=role_arn, RoleSessionName=session_name)["Credentials"]
        return {
            "access_key": given["AccessKeyId"],
            "secret_key": given["SecretAccessKey"],
            "token": given["SessionToken"],
            "expiry_time": given["Expiration"].isoformat(),
        }

    with in_plain_words("sts", "AssumeRole"):
        credentials = RefreshableCredentials.create_from_metadata(fetch(), fetch, "assume-role")
    # a copy keeps the profile, region, endpoints and hooks of the session, and leaves its credentials alone
    inner = copy(session._session)  # noqa: SLF001
    inner._credentials = credentials  # type: ignore[attr-defined]  # noqa: SLF001
    return boto3.Session(botocore_session=inner, region_name=session.region_name)


_reading: WeakKeyDictionary[Session, IAMClient] = WeakKeyDictionary()
_writing: WeakKeyDictionary[Session, IAMClient] = WeakKeyDictionary()


def reading_client(session: Session) -> IAMClient:
    """Return the session's one client for reads: it retries, and refuses every operation that could write.

    All that read side by side share it, and with it one rate: when AWS throttles one of them, all slow down.

    https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
    """
    if session not in _reading:
        session._session.register_component("response_parser_factory", QuickParsers(_moment))  # noqa: SLF001
        with in_plain_words("iam", "GetAccountAuthorizationDetails"):
            client: IAMClient = _client(session, "iam", _READING)
        leave_documents(client)
        watch_answers(session, client)
        client.meta.events.register_first("before-parameter-build.iam", _refuse_writes)
        _reading[session] = client
    return _reading[session]


def _moment(text: Any) -> datetime:
    """Return the moment that an answer tells: ISO 8601 in UTC, or any other form that botocore reads.

    botocore tries every form there is, and takes longer for that than for all other parsing.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_UserDetail.html
    """
    if isinstance(text, str) and text.endswith("Z"):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    return parse_timestamp(text)


def service_reader(session: Session, service: str, region: str | None = None) -> Any:
    """Return a new client of another service that retries, and refuses every operation that could write."""
    with in_plain_words(service, "List"):
        client = session.client(service, config=_READING, region_name=region or session.region_name)  # type: ignore[call-overload]
    watch_answers(session, client)
    name = client.meta.service_model.service_id.hyphenize()
    client.meta.events.register_first(f"before-parameter-build.{name}", _refuse_writes)
    return client


def writing_client(session: Session) -> IAMClient:
    """Return the session's one client for writes: it sends once, and refuses a user-scoped call that names no user."""
    if session not in _writing:
        with in_plain_words("iam", "GetUser"):
            client = session.client("iam", config=_WRITING)
        watch_answers(session, client)
        client.meta.events.register_last("before-parameter-build.iam", _refuse_missing_user)
        _writing[session] = client
    return _writing[session]


def service_writer(session: Session, service: str) -> Any:
    """Return a new client of another service that sends each request once."""
    with in_plain_words(service, "Put"):
        client = session.client(service, config=_WRITING, region_name=session.region_name)  # type: ignore[call-overload]
    watch_answers(session, client)
    return client


def identifying_client(session: Session) -> STSClient:
    """Return a new client of STS that tells who calls, retries for some seconds, and refuses what could write.

    Raises:
        AwsError: the configuration does not allow for one.
    """
    with in_plain_words("sts", "GetCallerIdentity"):
        client: STSClient = _client(session, "sts", _IDENTIFYING)
    watch_answers(session, client)
    client.meta.events.register_first("before-parameter-build.sts", _refuse_writes)
    return client


def _client(session: Session, service: str, config: Config) -> Any:
    """Return a new client.

    Raises:
        AwsError: the URL of its endpoint is not one.
    """
    try:
        client: Any = session.client(service, config=config, region_name=session.region_name or _DEFAULT_REGION)  # type: ignore[call-overload]
        parts = urlsplit(client.meta.endpoint_url)
        if not parts.hostname or parts.port == 0:
            raise ValueError(f"Invalid endpoint: {client.meta.endpoint_url}")
    except ValueError as error:
        name = service.upper()
        raise AwsError(
            f"the endpoint of {name} is not a valid URL ({one_line(error)}); correct AWS_ENDPOINT_URL, "
            f"AWS_ENDPOINT_URL_{name} or endpoint_url in the profile"
        ) from error
    return client


def watch_answers(session: Session, client: Any) -> None:
    """Let no answer of a client take for ever, and renew credentials once that AWS calls expired."""
    Renewal(session).watch(client)
    endpoint = client._endpoint  # noqa: SLF001 - the only way to a limit for a whole answer
    endpoint.http_session = WholeAnswers(endpoint.http_session)


def _refuse_writes(model: OperationModel, **_: Any) -> None:
    """Refuse what is no read, so that planning can never write."""
    if not _READ_OPERATION.fullmatch(model.name):
        raise ForbiddenCallError(f"{model.name} on a client that only reads")


def _refuse_missing_user(params: Mapping[str, Any], model: OperationModel, **_: Any) -> None:
    """Refuse a call without ``UserName``, which IAM would take as the caller, where the operation has one."""
    shape = model.input_shape
    if shape is None or "UserName" not in shape.members:
        return
    name = params.get("UserName")
    if not isinstance(name, str) or not name:
        raise ForbiddenCallError(f"{model.name} without a UserName")


def custom_endpoints(profile: str | None = None) -> Mapping[str, str]:
    """Return the endpoints that the environment or the profile sets in place of AWS's own for ``iam`` and ``sts``.

    https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html

    Raises:
        AwsError: the profile is not configured, or the configuration cannot be read.
    """
    with in_plain_words("sts", "GetCallerIdentity"):
        session = botocore.session.Session(profile=profile, include_builtin_handlers=False)  # they cost most of it
        if str(session.get_config_variable("ignore_configured_endpoint_urls")).lower() == "true":
            return {}
        full, scoped = session.full_config, session.get_scoped_config()
    found = {service: ConfiguredEndpointProvider(full, scoped, service).provide() for service in ("iam", "sts")}
    return {service: str(endpoint) for service, endpoint in found.items() if endpoint}
