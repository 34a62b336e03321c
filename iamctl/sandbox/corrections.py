"""What the sandbox does as AWS does and moto does not, with the source of each fact."""

from __future__ import annotations


def page() -> str:
    """Return the page "What the sandbox corrects" as Markdown."""
    return "# What the sandbox corrects\n"
