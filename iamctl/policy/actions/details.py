"""The access level of each action and the formats of the ARNs that it acts on; read when the first proof needs them."""

from __future__ import annotations

import pkgutil
import zlib
from enum import Enum
from functools import cache

from iamctl.policy.actions import catalogue
from iamctl.text.late_dataclass import dataclass

_GZIP = 16 + zlib.MAX_WBITS
_NONE = "-"


class Level(Enum):
    """What an action does to its resource, the riskiest first; the value is its letter in ``details.txt.gz``.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html
    """

    PERMISSIONS = "P"
    WRITE = "W"
    TAGGING = "T"
    READ = "R"
    LIST = "L"


@dataclass(frozen=True)
class ServiceDetails:
    """The actions of one service in AWS's spelling, with the letters of their levels and their ARN formats.

    ``types`` has one entry per action: the numbers of its formats, separated by commas; an empty one acts on no
    resource.
    """

    prefix: str
    actions: tuple[str, ...]
    levels: str
    types: tuple[str, ...]
    formats: tuple[str, ...]

    def formats_of(self, position: int) -> tuple[str, ...]:
        """Return the ARN formats of an action, such as ``arn:${Partition}:s3:::${BucketName}``; none for none."""
        numbers = self.types[position]
        return tuple(self.formats[int(number)] for number in numbers.split(",")) if numbers else ()


@cache
def details() -> tuple[ServiceDetails, ...]:
    """Return the details of every service of the catalogue, in its order."""
    packed = pkgutil.get_data(__name__, "details.txt.gz") or b""
    lines = zlib.decompress(packed, _GZIP).decode("ascii").splitlines()
    return tuple(_service(line) for line in lines if not line.startswith("#"))


def _service(line: str) -> ServiceDetails:
    prefix, levels, types, *formats = line.split(" ")
    return ServiceDetails(
        prefix,
        tuple(catalogue().services[prefix].split()),
        levels.replace(_NONE, ""),
        tuple(types.replace(_NONE, "").split(";")),
        tuple(formats),
    )
