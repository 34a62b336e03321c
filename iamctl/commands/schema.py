"""``iamctl schema``: print a JSON Schema."""

from __future__ import annotations

import json
import sys

from iamctl.commands.schemas import all_schemas
from iamctl.model.failures import UsageError


def schema(name: str | None) -> int:
    """Print one schema, or the names of all."""
    schemas = all_schemas()
    if name is None:
        sys.stdout.write("".join(f"{known}\n" for known in sorted(schemas)))
        return 0
    if name not in schemas:
        raise UsageError(f"there is no schema {name!r}; one of {', '.join(sorted(schemas))}")
    sys.stdout.write(json.dumps(schemas[name], indent=2, ensure_ascii=True) + "\n")
    return 0
