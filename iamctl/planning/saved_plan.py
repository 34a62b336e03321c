"""Plans in files: what was approved, read strictly, and never carried out from there."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from iamctl.model import IamctlError, Plan
from iamctl.model.approval import ApprovedPlan
from iamctl.planning.promise import digest, promised_calls

FORMAT = "iamctl-saved-plan/1"

MAX_BYTES = 128 * 1_048_576
"""Of a file: 128 MiB. The plan of an account of 5,000 new users has a tenth of that."""

MAX_DEPTH = 64
"""Levels of lists and objects; the deepest plan has about 20."""

_AGAIN = "Save the plan again with 'iamctl plan --out FILE'"
_COVERED = {"ids": dict, "terms": dict, "gained": dict, "risks": list}
_ROWS = ("risks", "declared")
_DIGESTS = "section_digests"


class SavedPlanError(IamctlError):
    """A saved plan cannot be used; the message names the file, the place and the fix."""


class _Mistake(ValueError):  # noqa: N818 - never leaves this module
    """What is wrong with a file, without its name."""


def saved_plan(plan: Plan, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ``plan --out`` saves: ``data``, the JSON of the plan, with all that its digest covers.

    Each part has a digest of its own, so that a reader can name the part that was edited.
    """
    covers = {key: value for key, value in plan.covered.items() if key not in {"account", "partition", "calls"}}
    whole = {**data, "format": FORMAT, "covers": covers}
    return {**whole, _DIGESTS: {key: digest(value) for key, value in whole.items()}}


def load_saved_plan(path: Path, version: str) -> ApprovedPlan:
    """Return what was approved, from a file that ``plan --out`` of the same version of iamctl wrote.

    Raises:
        SavedPlanError: the file cannot be read, is not a whole saved plan, was edited, or is of another version.
    """
    try:
        text = _read(path)
        data = json.loads(text, object_pairs_hook=_strict_object, parse_constant=_refuse_constant)
        _check_depth(data)
        return _approved(str(path), data, version)
    except OSError as error:
        raise SavedPlanError(f"{path}: the saved plan cannot be read: {error.strerror}") from error
    except json.JSONDecodeError as error:
        place = f"{path}:{error.lineno}:{error.colno}"
        raise SavedPlanError(f"{place}: not valid JSON ({error.msg}); the file may be truncated. {_AGAIN}") from error
    except _Mistake as error:
        raise SavedPlanError(f"{path}: {error}") from error
    except (ValueError, RecursionError) as error:
        raise SavedPlanError(f"{path}: not valid JSON, or nested too deeply. {_AGAIN}") from error


def _read(path: Path) -> str:
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _Mistake("not a regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            found = file.read(MAX_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(found) > MAX_BYTES:
        raise _Mistake(f"larger than {MAX_BYTES // 1_048_576} MiB, so not a saved plan")
    if not found.strip():
        raise _Mistake(f"the file is empty. {_AGAIN}")
    try:
        return found.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _Mistake(f"not valid UTF-8 at byte {error.start}. {_AGAIN}") from error


def _strict_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _Mistake(f"duplicate key {next(key for key in keys if keys.count(key) > 1)!r}, so the file was edited")
    return found


def _refuse_constant(text: str) -> Any:
    raise _Mistake(f"{text} is not valid JSON")


def _check_depth(data: Any) -> None:
    """Refuse values that are nested deeper than any plan."""
    level = [data]
    for _ in range(MAX_DEPTH):
        level = [below for value in level for below in _below(value)]
        if not level:
            return
    raise _Mistake(f"nested deeper than {MAX_DEPTH} levels, so not a saved plan")


def _below(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _approved(file: str, data: Any, version: str) -> ApprovedPlan:
    _check_kind(data)
    _check_edits(data)
    if data.get("iamctl_version") != version:
        raise _Mistake(
            f"saved by iamctl {data.get('iamctl_version')}, but this is iamctl {version}. {_AGAIN} of this version"
        )
    account, covers, calls = data.get("account"), data.get("covers"), data.get("calls")
    is_whole = (
        isinstance(account, dict)
        and all(isinstance(account.get(key), str) for key in ("id", "partition"))
        and isinstance(covers, dict)
        and all(isinstance(covers.get(key), kind) for key, kind in _COVERED.items())
        and all(_is_rows(covers.get(key, [])) for key in _ROWS)
        and _is_texts(covers.get("unchanged", []))
        and isinstance(calls, list)
        and all(_is_call(call) for call in calls)
    )
    if not is_whole:
        raise _Mistake(f"account, calls or covers is missing or has the wrong type. {_AGAIN}")
    assert isinstance(account, dict)
    assert isinstance(covers, dict)
    promised = {"account": account["id"], "partition": account["partition"], "calls": promised_calls(calls)}
    covered = {**promised, **covers}
    if data.get("plan_digest") != digest(covered):
        raise _Mistake(f"plan_digest does not belong to the calls in this file, so the file was edited. {_AGAIN}")
    return ApprovedPlan(
        file, account["id"], account["partition"], str(data.get("created_at")), data["plan_digest"], covered
    )


def _check_kind(data: Any) -> None:
    found = data.get("format") if isinstance(data, dict) else None
    if found == FORMAT:
        return
    if found == "iamctl-plan/1":
        raise _Mistake(f"the output of 'plan --format json' cannot be applied. {_AGAIN}")
    raise _Mistake(
        f"the format is {found!r} instead of {FORMAT!r}. {_AGAIN}" if found else f"not a saved plan. {_AGAIN}"
    )


def _check_edits(data: Mapping[str, Any]) -> None:
    """Refuse a file in which a part is not what was saved."""
    written = data.get(_DIGESTS)
    if not isinstance(written, dict):
        raise _Mistake(f"{_DIGESTS} is missing, so the file was edited. {_AGAIN}")
    found = {key: digest(value) for key, value in data.items() if key != _DIGESTS}
    edited = sorted(key for key in {*found, *written} if found.get(key) != written.get(key))
    if edited:
        raise _Mistake(f"edited after it was saved: {', '.join(edited)}. {_AGAIN}")


def _is_rows(rows: Any) -> bool:
    return isinstance(rows, list) and all(isinstance(row, list) and len(row) > 1 for row in rows)


def _is_texts(names: Any) -> bool:
    return isinstance(names, list) and all(isinstance(name, str) for name in names)


def _is_call(call: Any) -> bool:
    return (
        isinstance(call, dict)
        and isinstance(call.get("index"), int)
        and all(isinstance(call.get(key), str) for key in ("service", "operation"))
        and isinstance(call.get("params"), dict)
    )
