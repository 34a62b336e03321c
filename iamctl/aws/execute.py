"""One AWS write, sent once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from threading import Lock
from typing import Any

from botocore import exceptions
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ProxyConnectionError,
    SSLError,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

from iamctl.aws.errors import (
    CLOCK_CODES,
    DENIED_CODES,
    EXPIRED_CODES,
    THROTTLING_CODES,
    UNKNOWN_CREDENTIALS_CODES,
    error_code,
    error_message,
    http_status,
    one_line,
)
from iamctl.aws.secret_store import PUT, SECRETS_MANAGER, put_secret_value
from iamctl.aws.session import Session, service_writer, writing_client
from iamctl.aws.signin import revoke_sessions, signin_writer
from iamctl.kinds.signin_session import REVOKE, SIGNIN
from iamctl.model import Call, CallError

_COMMON_REFUSALS = (
    DENIED_CODES
    | EXPIRED_CODES
    | UNKNOWN_CREDENTIALS_CODES
    | CLOCK_CODES
    | {
        "ConcurrentModification",  # not in the model of every operation that answers with it
        "EntityTemporarilyUnmodifiable",
        "IncompleteSignature",
        "InvalidAction",
        "InvalidInput",
        "InvalidParameterCombination",
        "InvalidParameterValue",
        "InvalidQueryParameter",
        "LimitExceeded",
        "MalformedQueryString",
        "MissingAction",
        "MissingAuthenticationToken",
        "MissingParameter",
        "NoSuchEntity",
        "OptInRequired",
        "ValidationError",
    }
)
"""Codes of any operation that mean that AWS changed nothing.

https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
"""

_NO_CREDENTIALS = (
    CredentialRetrievalError,
    getattr(exceptions, "LoginError", SSOError),  # of 'aws login', which older versions do not know
    NoCredentialsError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)
"""The provider of the credentials has none; all are told by the name of the first."""

_NEVER_SENT = (
    ConnectTimeoutError,
    EndpointConnectionError,
    ProxyConnectionError,
    ParamValidationError,
    *_NO_CREDENTIALS,
)
"""Exceptions raised before a request is sent."""


class Executor:
    """Sends calls with the credentials of one session, each exactly once."""

    def __init__(self, session: Session, watch: Callable[[Any], None] = lambda _: None) -> None:
        """``watch`` gets each further client before it is used."""
        self._iam = writing_client(session)
        self._methods = {operation: method for method, operation in self._iam.meta.method_to_api_mapping.items()}
        self._session = session
        self._watch = watch
        self._clients: dict[str, Any] = {}
        """The clients of other services, each made at the first call for it."""
        self._lock = Lock()

    def __call__(self, call: Call) -> Mapping[str, Any]:
        """Return AWS's answer to ``call``, whose parameters are final.

        Raises:
            CallError: AWS refused, or it is unknown whether AWS carried out the call.
        """
        if (call.service, call.operation) == (SECRETS_MANAGER, PUT):
            client = self._client(SECRETS_MANAGER, partial(service_writer, self._session, SECRETS_MANAGER))
            send = partial(put_secret_value, client)
        elif (call.service, call.operation) == (SIGNIN, REVOKE):
            client = self._client(SIGNIN, partial(signin_writer, self._session))
            send = partial(revoke_sessions, client)
        elif call.service == "iam" and call.operation in self._methods:
            client = self._iam
            send = getattr(client, self._methods[call.operation])
        else:
            raise CallError("UnknownOperation", f"{call.service}:{call.operation} is not an IAM operation")
        try:
            answer = send(**call.params)
        except ClientError as error:
            raise _answered(client, call.operation, error) from error
        except (BotoCoreError, ResponseParserError) as error:
            kind = CredentialRetrievalError if isinstance(error, _NO_CREDENTIALS) else type(error)
            raise CallError(kind.__name__, one_line(error), ambiguous=_may_have_arrived(error)) from error
        except (AttributeError, LookupError, TypeError, ValueError) as error:  # botocore's, on XML that is not IAM's
            raise CallError("UnreadableAnswer", "the response is not from AWS", ambiguous=True) from error
        if not answer.get("ResponseMetadata", {}).get("RequestId"):  # a page of a proxy, where IAM returns nothing else
            raise CallError("UnreadableAnswer", "the response is not from AWS", ambiguous=True)
        return {key: value for key, value in answer.items() if key != "ResponseMetadata"}

    def _client(self, service: str, make: Callable[[], Any]) -> Any:
        """Return the client of another service, made at the first call for it."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = make()
                self._watch(self._clients[service])
            return self._clients[service]


def _answered(client: Any, operation: str, error: ClientError) -> CallError:
    code, status = error_code(error), http_status(error)
    throttled = code in THROTTLING_CODES
    if error.operation_name != operation:  # the credentials of a role were to be renewed before anything was sent
        told = f"{error.operation_name}: {error_message(error)}"
        if throttled or code in EXPIRED_CODES | CLOCK_CODES:
            return CallError(code, told, throttled=throttled)
        return CallError(CredentialRetrievalError.__name__, f"{code}: {told}")
    is_refusal = 400 <= status < 500 and code in (_COMMON_REFUSALS | _refusals(client, operation))
    return CallError(code, error_message(error), ambiguous=not (throttled or is_refusal), throttled=throttled)


@cache
def _refusals(client: Any, operation: str) -> frozenset[str]:
    """Return the codes with which AWS says that it did not carry the operation out."""
    shapes = client.meta.service_model.operation_model(operation).error_shapes
    return frozenset(shape.metadata.get("error", {}).get("code", shape.name) for shape in shapes)


def _may_have_arrived(error: Exception) -> bool:
    """Return whether AWS may have carried out a request without a response."""
    if isinstance(error, SSLError):
        return "certificate verify failed" not in str(error).lower()
    return not isinstance(error, _NEVER_SENT)
