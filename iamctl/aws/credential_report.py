"""The credential report: which passwords, keys and MFA devices the users of an account have, in one response."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from iamctl.account.shape import iso
from iamctl.aws.errors import IncompleteReadError, NoReportError
from iamctl.aws.page import ask
from iamctl.text.moment import start_of

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient

WAITS_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 30.0)
"""How long to wait before each further question for a report that AWS is still making; it says no time."""

ROOT = "<root_account>"
"""The name of the root user in the report."""

NOT_TOLD = frozenset({"", "N/A", "no_information", "not_supported"})
"""What stands in a cell that tells nothing.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
"""

KEY_SLOTS = ("access_key_1", "access_key_2")
_KEY_COLUMNS = ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
COLUMNS = (
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "mfa_active",
    *(f"{slot}_{column}" for slot in KEY_SLOTS for column in _KEY_COLUMNS),
)
"""The columns that are read, in any order; AWS may add others at any time."""

MORE_CREDENTIALS = "additional_credentials_info"
"""The column that says how many keys or certificates a user has beyond two; older reports do not have it."""

_KEY_CELLS = tuple(tuple(f"{slot}_{column}" for column in _KEY_COLUMNS) for slot in KEY_SLOTS)

_WAY_OUT = "run again, or read without it: --credentials exact"

Row = Sequence[str]
"""The cells of ``COLUMNS``, and that of ``MORE_CREDENTIALS`` at the end."""

_PLACES = {column: place for place, column in enumerate((*COLUMNS, MORE_CREDENTIALS))}


def read_credential_report(iam: IAMClient, sleep: Callable[[float], None]) -> dict[str, Any]:
    """Return the credential report as a snapshot holds it; AWS makes a new one at most every four hours.

    A user who was made later has no row in it, and one who went later still has.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateCredentialReport.html

    Raises:
        IncompleteReadError: the report does not become ready, or is not such as IAM writes.
        AwsError: AWS refuses it.
    """
    for seconds in (*WAITS_SECONDS, None):
        answer = _finished_report(iam)
        if answer is not None:
            return _told(answer)
        if seconds is not None:
            sleep(seconds)
    waited = f"{sum(WAITS_SECONDS):.0f} seconds"
    raise IncompleteReadError(f"AWS did not finish the credential report within {waited}; {_WAY_OUT}")


def _finished_report(iam: IAMClient) -> Mapping[str, Any] | None:
    """Return the answer that holds the report, or None while AWS makes one."""
    if ask(iam, "GenerateCredentialReport").get("State") != "COMPLETE":
        return None
    try:
        return ask(iam, "GetCredentialReport")
    except NoReportError:  # it expired meanwhile, or the next server does not have it yet
        return None


def _told(answer: Mapping[str, Any]) -> dict[str, Any]:
    generated = answer.get("GeneratedTime")
    if not isinstance(generated, datetime):
        raise _mistake("it has no creation time")
    return {"GeneratedTime": iso(generated), **report_facts(answer.get("Content") or b"")}


def report_facts(content: bytes) -> dict[str, Any]:
    """Return what a report tells of each user by name under ``users``, and of the root user under ``root``.

    What a cell does not tell is left out.

    Raises:
        IncompleteReadError: the text is not such as IAM writes, or is not all of it.
    """
    users: dict[str, dict[str, Any]] = {}
    for row in _rows(content):
        name = row[0]
        if name in users:
            raise _mistake(f"it contains the user {name!r} twice")
        users[name] = _facts(row)
    root = users.pop(ROOT, None)
    return {"users": dict(sorted(users.items())), **({"root": root} if root is not None else {})}


def _rows(content: bytes) -> Iterator[Row]:
    try:
        lines = [line for line in csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True) if line]
    except UnicodeDecodeError as error:
        raise _mistake("it is not valid UTF-8") from error
    except csv.Error as error:
        raise _mistake(f"it is not valid CSV ({error})") from error
    header = lines[0] if lines else []
    for column in COLUMNS:
        if header.count(column) != 1:
            raise _mistake(f"the column {column} is {'duplicate' if column in header else 'missing'}")
    more = header.index(MORE_CREDENTIALS) if MORE_CREDENTIALS in header else len(header)
    cells_of = itemgetter(*map(header.index, COLUMNS), more)
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(header):
            raise _mistake(f"row {number} has {len(line)} cells instead of {len(header)}")
        row: Row = cells_of([*line, ""])  # a report without the last column has nothing in it
        if not row[0]:
            raise _mistake(f"row {number} has no user name")
        yield row


def _facts(row: Row) -> dict[str, Any]:
    facts = {
        "Arn": _text(row, "arn"),
        "CreateDate": _moment(row, "user_creation_time"),
        "PasswordEnabled": _boolean(row, "password_enabled"),
        "PasswordLastUsed": _moment(row, "password_last_used"),
        "PasswordLastChanged": _moment(row, "password_last_changed"),
        "MFAActive": _boolean(row, "mfa_active"),
        "AccessKeys": _access_keys(row),
    }
    return _known(facts)


def _access_keys(row: Row) -> list[dict[str, Any]] | None:
    """Return the keys in both slots; None when a slot does not tell whether it holds one, or there are more keys."""
    if row[-1] not in NOT_TOLD:
        return None
    keys = []
    for active, last_rotated, last_used, region, service in _KEY_CELLS:
        is_active, rotated = _boolean(row, active), _moment(row, last_rotated)
        if is_active is None:
            return None
        if not is_active and rotated is None:
            continue
        used = {
            "LastUsedDate": _moment(row, last_used),
            "Region": _text(row, region),
            "ServiceName": _text(row, service),
        }
        status = "Active" if is_active else "Inactive"
        keys.append(_known({"Status": status, "LastRotated": rotated, "AccessKeyLastUsed": _known(used) or None}))
    return keys


def _known(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}


def _text(row: Row, column: str) -> str | None:
    text = row[_PLACES[column]]
    return None if text in NOT_TOLD else text


def _boolean(row: Row, column: str) -> bool | None:
    text = row[_PLACES[column]]
    if text in NOT_TOLD:
        return None
    lower = text.lower()
    if lower not in {"true", "false"}:
        raise _unreadable(row, column)
    return lower == "true"


def _moment(row: Row, column: str) -> str | None:
    text = row[_PLACES[column]]
    try:
        return None if text in NOT_TOLD else iso(start_of(text))
    except (ValueError, OverflowError) as error:
        raise _unreadable(row, column) from error


def _unreadable(row: Row, column: str) -> IncompleteReadError:
    return _mistake(f"{column} of {row[0]!r} is {row[_PLACES[column]][:100]!r}")


def _mistake(what: str) -> IncompleteReadError:
    return IncompleteReadError(f"the credential report cannot be read: {what}; {_WAY_OUT}")
