"""The access level of each action and the formats of the ARNs that it acts on; read when the first proof needs them."""

from __future__ import annotations

import pkgutil
import zlib
from collections.abc import Mapping
from enum import Enum
from functools import cache, cached_property

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
    """The actions of one service, with the letters of their levels and their ARN formats; the texts are split on demand."""

    prefix: str
    levels: str
    _actions: str
    _types: str
    _formats: str

    @cached_property
    def actions(self) -> tuple[str, ...]:
        """The names of the actions in AWS's spelling."""
        return tuple(self._actions.split())

    @cached_property
    def types(self) -> tuple[str, ...]:
        """The numbers of each action's formats, separated by commas; an empty one acts on no resource."""
        return tuple(self._types.split(";"))

    @cached_property
    def formats(self) -> tuple[str, ...]:
        """The formats of the service."""
        return tuple(self._formats.split())

    def formats_of(self, position: int) -> tuple[str, ...]:
        """Return the ARN formats of an action, such as ``arn:${Partition}:s3:::${BucketName}``; none for none."""
        numbers = self.types[position]
        return tuple(self.formats[int(number)] for number in numbers.split(",")) if numbers else ()


@cache
def details() -> tuple[ServiceDetails, ...]:
    """Return the details of every service of the catalogue, in its order."""
    packed = pkgutil.get_data(__name__, "details.txt.gz") or b""
    lines = zlib.decompress(packed, _GZIP).decode("ascii").rstrip("\n").split("\n")
    names = catalogue().services
    return tuple(_service(line, names) for line in lines if not line.startswith("#"))


def _service(line: str, names: Mapping[str, str]) -> ServiceDetails:
    prefix, levels, types, *formats = line.split(" ", 3)
    return ServiceDetails(
        prefix, levels.replace(_NONE, ""), names[prefix], types.replace(_NONE, ""), formats[0] if formats else ""
    )
