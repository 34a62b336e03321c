"""The example CI files, which are those that ``iamctl init`` writes."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STARTER = ROOT / "iamctl/commands/starter"


def example_files() -> dict[str, str]:
    """Return the text of each example by its path from the root."""
    found = sorted(path for name in ("github", "gitlab") for path in (STARTER / name).iterdir())
    return {f"examples/{path.relative_to(STARTER)}": path.read_text(encoding="utf-8") for path in found}
