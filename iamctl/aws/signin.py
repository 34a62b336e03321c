"""Sign-in sessions of users: the reads of a plan, and the revocation of one session.

https://docs.aws.amazon.com/boto3/latest/reference/services/signin.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from botocore.exceptions import UnknownServiceError

from iamctl.aws.errors import AwsError, code_of, in_plain_words, one_line
from iamctl.aws.service_models import data_loader
from iamctl.aws.session import Session, service_reader, service_writer
from iamctl.kinds.signin_session import PARTITION, REVOKE, SIGNIN, Unread, user_of
from iamctl.model import CallError

if TYPE_CHECKING:
    from botocore.awsrequest import AWSRequest

    from iamctl.model.snapshot import Snapshot, SnapshotAccount

LIST = "ListSessions"
_ONE_BY_ONE = 5
"""Up to so many users are asked about one by one; sessions of more are picked from those of the account."""
_MOST_RESULTS = 100
_PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds before each further try of a throttled read; botocore does not know the code."""
_THROTTLED = "TooManyRequestsError"
_NOT_FOUND = frozenset({"RESOURCE_NOT_FOUND", "ResourceNotFound", "ResourceNotFoundException"})


@cache
def knows_sessions() -> bool:
    """Return whether this version of botocore can list sign-in sessions; 1.44.8 and later can."""
    try:
        model = data_loader(None).load_service_model(SIGNIN, "service-2")
    except UnknownServiceError:
        return False
    return bool({LIST, REVOKE} <= model["operations"].keys())


def signin_reader(session: Session) -> Any:
    """Return a new client that lists sessions."""
    return _at_its_endpoint(service_reader(session, SIGNIN))


def signin_writer(session: Session) -> Any:
    """Return a new client that revokes sessions, each request once."""
    return _at_its_endpoint(service_writer(session, SIGNIN))


def _at_its_endpoint(client: Any) -> Any:
    """Return the client, with requests that go where its settings say: the rules of the service ignore an endpoint URL."""
    found = urlsplit(client.meta.endpoint_url)
    if found.hostname and found.hostname.startswith(f"{SIGNIN}."):
        return client

    def redirect(request: AWSRequest, **_: Any) -> None:
        path = urlsplit(request.url).path
        request.url = urlunsplit((found.scheme, found.netloc, found.path.rstrip("/") + path, "", ""))

    client.meta.events.register_first(f"request-created.{SIGNIN}", redirect)  # before it is signed
    return client


def with_signin_sessions(
    snapshot: Snapshot, session: Session, names: Iterable[str], now: datetime, sleep: Callable[[float], None]
) -> Snapshot:
    """Return the snapshot with the active sessions of these users, or why they could not be read.

    Users with a path are found among the sessions of the account: the patterns of the service know no path.
    """
    wanted = sorted(names)
    try:
        found = _sessions(snapshot, session, wanted, now, sleep)
    except AwsError as error:
        found = {name: {"Unread": Unread.FAILED.value, "Text": str(error)} for name in wanted}
    return {**snapshot, "signin_sessions": {**snapshot.get("signin_sessions", {}), **found}}


def _sessions(
    snapshot: Snapshot, session: Session, names: list[str], now: datetime, sleep: Callable[[float], None]
) -> dict[str, dict[str, Any]]:
    account = snapshot["account"]
    reason = Unread.PARTITION if account["partition"] != PARTITION else None
    if reason or not knows_sessions():
        return {name: {"Unread": (reason or Unread.BOTOCORE).value} for name in names}
    paths = {user["UserName"]: user.get("Path", "/") for user in snapshot["UserDetailList"]}
    arns = {name: f"arn:{PARTITION}:iam::{account['id']}:user/{name}" for name in names}
    if len(names) > _ONE_BY_ONE or any(paths.get(name, "/") != "/" for name in names):
        arns = {"": f"arn:{PARTITION}:iam::{account['id']}:*"}
    client = signin_reader(session)
    listed = [one for arn in arns.values() for one in _pages(client, arn, sleep)]
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    by_name = {name.lower(): name for name in names}
    for one in listed:
        owner = by_name.get(user_of(one["principalArn"], account["id"]).lower())
        if owner and one.get("status", "ACTIVE") == "ACTIVE" and one["expiresAt"] > now.timestamp():
            found[owner].append(dict(one))
    return {
        name: {"Sessions": sorted(sessions, key=lambda one: str(one["sessionArn"]))} for name, sessions in found.items()
    }


def sessions_of_users(
    account: SnapshotAccount, session: Session, sleep: Callable[[float], None]
) -> list[dict[str, Any]]:
    """Return the active sessions of all users of the account, also of users who do not exist any more, by ARN.

    Raises:
        AwsError: they cannot be read.
    """
    if account["partition"] != PARTITION:
        raise AwsError("AWS Sign-In lists none in this partition")
    if not knows_sessions():
        raise AwsError("this version of botocore does not know them; install boto3 1.44.8 or later")
    listed = _pages(signin_reader(session), f"arn:{PARTITION}:iam::{account['id']}:*", sleep)
    found = [
        dict(one)
        for one in listed
        if one.get("status", "ACTIVE") == "ACTIVE" and user_of(one["principalArn"], account["id"])
    ]
    return sorted(found, key=lambda one: str(one["sessionArn"]))


def _pages(client: Any, arn: str, sleep: Callable[[float], None]) -> list[Mapping[str, Any]]:
    """Return the active sessions that an ARN selects, of all pages."""
    params: dict[str, Any] = {"principalArn": arn, "status": "ACTIVE", "maxResults": _MOST_RESULTS}
    found: list[Mapping[str, Any]] = []
    while True:
        page = _page(client, params, sleep)
        found += page["items"]
        token = page.get("nextToken")
        if not token:
            return found
        if token == params.get("nextToken"):
            raise AwsError(f"{SIGNIN}:{LIST} gives the same page again and again; run again")
        params["nextToken"] = token


def _page(client: Any, params: Mapping[str, Any], sleep: Callable[[float], None]) -> Mapping[str, Any]:
    for pause in (*_PAUSES, None):
        try:
            with in_plain_words(SIGNIN, LIST):
                answer: Mapping[str, Any] = client.list_sessions(**params)
                return {"items": answer["items"], "nextToken": answer.get("nextToken")}
        except AwsError as error:
            if pause is None or code_of(error) != _THROTTLED:
                raise
            sleep(pause)
    raise AssertionError("the last try returns or raises")


def revoke_sessions(client: Any, **params: Any) -> Mapping[str, Any]:
    """Revoke sessions and return the answer; a session that no longer exists is revoked.

    Raises:
        CallError: a session was not revoked.
    """
    answer: Mapping[str, Any] = client.batch_revoke_sessions(**params)
    errors = answer["errors"]
    failed = [one for one in errors if one["code"] not in _NOT_FOUND]
    if failed:
        raise CallError(one_line(failed[0]["code"]), one_line("; ".join(str(one["message"]) for one in failed)))
    told = {one["sessionArn"] for one in (*answer["revokedSessions"], *errors)}
    if not told.issuperset(params["sessionArns"]):
        raise CallError("SessionNotNamed", "AWS did not say what became of the session", ambiguous=True)
    return answer
