"""What AWS answers, told as it comes: operation, time and outcome, and never what was sent or received."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from iamctl.account.shape import SECTIONS
from iamctl.aws.session import Session
from iamctl.text.late_dataclass import dataclass

_CODE = re.compile(r"[A-Za-z]+(\.[A-Za-z]+)*")
_REQUEST_ID = re.compile("[0-9A-Za-z]{8}(-[0-9A-Za-z]{4}){3}-[0-9A-Za-z]{12}")
"""The form of AWS's ids; an answer that echoes a password in place of one is not told."""


@dataclass(frozen=True)
class Answer:
    """One answer, or the lack of one; a call that is sent again has several."""

    service: str
    operation: str
    seconds: float
    status: int | None
    """Of HTTP; None: no answer came."""
    problem: str
    """An error code of AWS's or the name of an exception; empty: none."""
    request_id: str
    counts: Mapping[str, int]
    """How many users, groups, roles and policies are in it."""


def watch(session: Session, tell: Callable[[Answer], None]) -> None:
    """Tell each answer that clients get which the session makes from now on, from whichever thread it comes in."""
    began = threading.local()

    def before(**_: Any) -> None:
        began.at = time.monotonic()

    def after(
        event_name: str,
        response_dict: Mapping[str, Any] | None = None,
        parsed_response: Mapping[str, Any] | None = None,
        exception: BaseException | None = None,
        **_: Any,
    ) -> None:
        service, operation = event_name.split(".")[1:3]
        parsed: Mapping[str, Any] = parsed_response or {}
        error: Mapping[str, Any] = parsed.get("Error") or {}
        found = str(error.get("Code", "")) or (type(exception).__name__ if exception else "")
        about: Mapping[str, Any] = parsed.get("ResponseMetadata") or {}
        told_id = str(about.get("RequestId", ""))
        tell(
            Answer(
                service,
                operation,
                time.monotonic() - getattr(began, "at", time.monotonic()),
                response_dict["status_code"] if response_dict else None,
                found if _CODE.fullmatch(found) else "unnamed error" if found else "",
                told_id if _REQUEST_ID.fullmatch(told_id) else "",
                {section: len(parsed.get(section) or ()) for section in SECTIONS if section in parsed},
            )
        )

    session.events.register_first("before-send", before)
    session.events.register_last("response-received", after)
