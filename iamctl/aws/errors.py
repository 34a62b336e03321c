"""Translates botocore's errors into plain words with a fix."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConfigNotFound,
    ConfigParseError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    ProxyConnectionError,
    SSLError,
    SSOError,
    TokenRetrievalError,
)
from botocore.exceptions import ConnectionError as BotoConnectionError
from botocore.parsers import ResponseParserError

from iamctl.model import IamctlError

MAX_MESSAGE_CHARACTERS = 500
"""Enough for AWS's longest refusal with its ARNs; the rest of a text is cut."""

DENIED_CODES = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"})
EXPIRED_CODES = frozenset({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"})
UNKNOWN_CREDENTIALS_CODES = frozenset(
    {"InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure", "SignatureDoesNotMatch"}
)
CLOCK_CODES = frozenset({"RequestExpired", "RequestTimeTooSkewed"})
THROTTLING_CODES = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "TooManyRequests",
        "TooManyRequestsError",
        "BandwidthLimitExceeded",
        "SlowDown",
        "PriorRequestNotComplete",
        "TransactionInProgressException",
    }
)
"""Codes that refuse a request for its rate alone. ``LimitExceeded`` is IAM's word for a quota and is not among them.

https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
"""


NO_REPORT_CODES = frozenset({"ReportNotPresent", "ReportExpired", "ReportInProgress"})
"""https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetCredentialReport.html#API_GetCredentialReport_Errors"""


class AwsError(IamctlError):
    """AWS could not be reached, or refused a request, or sent an invalid response."""


class UnreachableError(AwsError):
    """The account cannot be worked on just now: no credentials, no role, no network, or throttled for too long."""


class IncompleteReadError(AwsError):
    """A read is not provably complete."""


class NoReportError(AwsError):
    """There is no credential report just now: none was made, it expired, or it is being made."""


class NoSuchEntityError(AwsError):
    """IAM reports that the requested entity does not exist."""


def one_line(text: object) -> str:
    """Return a text of AWS's as one bounded line of printable characters; it stays untrusted."""
    line = " ".join("".join(character if character.isprintable() else " " for character in str(text)).split())
    return line if len(line) <= MAX_MESSAGE_CHARACTERS else line[: MAX_MESSAGE_CHARACTERS - 1] + "…"


def error_code(error: ClientError) -> str:
    """Return the code of an error answer, in AWS's words; it stays untrusted."""
    return one_line(error.response.get("Error", {}).get("Code") or "Unknown")[:100]


def code_of(error: AwsError) -> str:
    """Return AWS's code behind an error, empty where AWS did not answer."""
    cause = error.__cause__
    return error_code(cause) if isinstance(cause, ClientError) else ""


def error_message(error: ClientError) -> str:
    """Return AWS's message of an error on one line, empty if there is none."""
    return one_line(error.response.get("Error", {}).get("Message") or "")


def http_status(error: ClientError) -> int:
    """Return the HTTP status of an error answer, 0 when it is not known."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return status if isinstance(status, int) else 0


@contextmanager
def in_plain_words(service: str, operation: str) -> Iterator[None]:
    """Turn botocore's errors of one request into errors that say what to do.

    Raises:
        NoSuchEntityError: IAM does not know what was asked for.
        NoReportError: there is no credential report just now.
        UnreachableError: there are no good credentials, AWS does not answer, or it throttles for too long.
        AwsError: anything else that went wrong between us and AWS.
    """
    action = f"{service}:{operation}"
    try:
        yield
    except ClientError as error:
        raise _answered(action, error) from error
    except ResponseParserError as error:
        raise AwsError(f"the response to {action} cannot be read, so its result is unknown; run again") from error
    except BotoCoreError as error:
        raise UnreachableError(_unanswered(action, error)) from error
    except (AttributeError, LookupError, TypeError, ValueError) as error:  # botocore's, on XML that is not AWS's
        raise AwsError(
            f"the response to {action} is not from AWS, perhaps a page of a proxy; check HTTPS_PROXY and NO_PROXY"
        ) from error


def _answered(action: str, error: ClientError) -> AwsError:
    code, message = error_code(error), error_message(error)
    asked = f"sts:{error.operation_name}" if error.operation_name == "AssumeRole" else action
    said = f" (AWS: {message})" if message else ""
    if code in {"NoSuchEntity", "NoSuchEntityException"}:
        return NoSuchEntityError(f"{asked}: {message or code}")
    if code in NO_REPORT_CODES:
        return NoReportError(f"{asked}: {message or code}")
    if code in DENIED_CODES:
        kind = UnreachableError if asked.startswith("sts:") else AwsError
        return kind(f"AWS denied {asked}; allow it in a policy of the caller, or use other credentials{said}")
    if code in EXPIRED_CODES:
        return UnreachableError(
            f"the AWS credentials have expired; sign in again, for example with 'aws sso login'{said}"
        )
    if code in UNKNOWN_CREDENTIALS_CODES:
        return UnreachableError(
            f"AWS does not know these credentials ({code}); check AWS_PROFILE or --profile, and --region for an "
            "account outside the commercial partition"
        )
    if code in CLOCK_CODES:
        return AwsError(f"AWS refused the timestamp of the request ({code}); check the clock of this machine")
    if code in THROTTLING_CODES:
        return UnreachableError(f"AWS throttled {asked} for too long ({code}); run again later")
    return AwsError(f"AWS refused {asked}: {code}{': ' + message if message else ''}")


def _unanswered(action: str, error: BotoCoreError) -> str:
    sign_in = "sign in (for example with 'aws sso login'), set AWS_PROFILE or pass --profile"
    if isinstance(error, NoCredentialsError):
        return f"no AWS credentials were found; {sign_in}"
    if isinstance(error, PartialCredentialsError):
        return f"the AWS credentials are incomplete ({one_line(error)}); {sign_in}"
    if isinstance(error, ProfileNotFound):
        name = error.kwargs.get("profile")
        return f"the AWS profile {name!r} is not configured; run 'aws configure list-profiles' to list the profiles"
    if isinstance(error, SSOError | TokenRetrievalError):
        return "the AWS sign-in has expired; sign in again with 'aws sso login'"
    if isinstance(error, CredentialRetrievalError):
        return f"AWS credentials cannot be fetched ({one_line(error)}); {sign_in}"
    if isinstance(error, ConfigParseError | ConfigNotFound):
        return f"the AWS configuration cannot be read: {one_line(error)}"
    if isinstance(error, NoRegionError):
        return "no AWS region is set; pass --region or set AWS_REGION"
    if isinstance(error, SSLError):
        return f"the TLS connection for {action} failed ({one_line(error)}); check AWS_CA_BUNDLE"
    if isinstance(error, ProxyConnectionError):
        return f"the proxy did not respond for {action}; check HTTPS_PROXY and NO_PROXY"
    if isinstance(error, BotoConnectionError | EndpointConnectionError | ConnectTimeoutError | HTTPClientError):
        return (
            f"AWS cannot be reached for {action} ({_without_query(one_line(error))}); check the network and run again"
        )
    return f"{action} failed: {one_line(error)}"


def _without_query(text: str) -> str:
    """Return the text without the query of any URL in it, where a signature could stand."""
    return re.sub(r"\?\S*", "", text)
