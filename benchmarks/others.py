"""What other tools need for the account of 500 users: measured by the study behind this project, not in this run.

The same generated account served by an emulated IAM on loopback; requests counted at its end, CPU of the tool's own
processes (user and system), in 2026. Where a figure is None the study did not measure it.
"""

from __future__ import annotations

from dataclasses import dataclass

USERS = 500


@dataclass(frozen=True)
class Other:
    """One tool on the work of this benchmark."""

    name: str
    apply_calls: int | None
    plan_calls: int
    plan_cpu_seconds: float


OTHERS = (
    Other("Terraform", 3002, 1301, 9.0),
    Other("iambic", 2353, 3303, 15.0),
    Other("miam", 1752, 502, 1.5),
    Other("iamy (Go)", None, 6, 0.1),
)
