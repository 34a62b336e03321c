"""What AWS's consoles and other tools make and go on changing: an import ignores it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import field
from fnmatch import fnmatchcase
from typing import Any

from iamctl.account.live import Live
from iamctl.kinds import Policy, User
from iamctl.model import Address, Resource
from iamctl.text.late_dataclass import dataclass
from iamctl.text.late_pattern import late_pattern

_TERRAFORM_TAGS = "https://developer.hashicorp.com/terraform/tutorials/aws/aws-default-tags"
_SES = "https://docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html"


@dataclass(frozen=True)
class Maker:
    """Someone who makes users, groups or policies and is known by their names or tags."""

    words: str
    """Who manages what matches, as a sentence without its end."""
    source: str
    address: str = ""
    """A pattern as under ``ignore``; empty where tags tell."""
    tag: tuple[str, str] | None = None
    """Expressions that key and value of a tag match as a whole, in lower case."""


MAKERS = (
    Maker("the console of Amazon SES makes these users for SMTP", _SES, "user/ses-smtp-user.*"),
    Maker("the console of Amazon SES puts its users into this group", _SES, "group/AWSSESSendingGroupDoNotRename"),
    Maker(
        "the console of Amazon Bedrock makes these users for long-term API keys",
        "https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys-generate.html",
        "user/BedrockAPIKey-*",
    ),
    Maker(
        "Terraform gives such names to policies without a name of their own",
        "https://github.com/hashicorp/terraform-provider-aws/blob/main/website/docs/r/iam_policy.html.markdown",
        "policy/terraform-20[0-9][0-9]*",
    ),
    Maker(
        "tags say that a stack of CloudFormation manages this",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html",
        tag=(r"aws:cloudformation:stack-(id|name)", r".*"),
    ),
    Maker("tags say that Terraform manages this", _TERRAFORM_TAGS, tag=(r"managed[-_ ]?(by|with)", r".*terraform.*")),
    Maker("tags say that Terraform manages this", _TERRAFORM_TAGS, tag=(r"terraform", r"true|yes|1")),
)
"""Who is known, each with the page that says so. The names of users for Bedrock are assumed: only public code has them."""


_PLAIN = late_pattern(r"[*A-Za-z0-9_.:/-]+")
"""Values of tags that stand under ``ignore`` as they are."""


@dataclass(frozen=True)
class Elsewhere:
    """What an import ignores since others manage it, rule by rule."""

    entries: tuple[Any, ...] = ()
    """The entries of ``scope.ignore``: patterns of addresses, or a tag."""
    words: str = ""
    addresses: tuple[Address, ...] = ()


@dataclass(frozen=True)
class OwnedElsewhere:
    """All that others manage, and which of it an import brings in nevertheless."""

    rules: tuple[Elsewhere, ...] = ()
    unmatched: tuple[str, ...] = ()
    """Patterns of ``--include`` that match nothing of it."""
    addresses: frozenset[Address] = field(default_factory=frozenset)


NOTHING = OwnedElsewhere()


def owned_elsewhere(
    live: Live, include: Iterable[str], owned: Mapping[Address, str], apart: Collection[Address]
) -> OwnedElsewhere:
    """Return what of the account others manage, by ``MAKERS`` and by ``owned``, except ``apart`` and what ``include`` names."""
    patterns = tuple(include)
    found: defaultdict[tuple[str, str, tuple[str, str] | None], list[Resource]] = defaultdict(list)
    used: set[str] = set()
    roots = (one for one in live.state if one.owner is None and one.address not in apart)
    for resource in sorted(roots, key=lambda one: one.address.rank):
        if key := _rule_of(resource, owned):
            found[key].append(resource)
    rules = []
    for (words, pattern, tag), resources in found.items():
        wanted = {
            one.address: [text for text in patterns if fnmatchcase(str(one.address).lower(), text.lower())]
            for one in resources
        }
        used.update(text for texts in wanted.values() for text in texts)
        ignored = [one.address for one in resources if not wanted[one.address]]
        is_whole = len(ignored) == len(resources)
        if ignored:
            rules.append(Elsewhere(_entries(ignored, pattern, tag, is_whole=is_whole), words, tuple(ignored)))
    return OwnedElsewhere(
        tuple(rules),
        tuple(text for text in patterns if text not in used),
        frozenset(address for rule in rules for address in rule.addresses),
    )


def _rule_of(resource: Resource, owned: Mapping[Address, str]) -> tuple[str, str, tuple[str, str] | None] | None:
    """Return who manages a resource, with the pattern or the tag that says so; None if nobody else does."""
    if words := owned.get(resource.address):
        return words, "", None
    for maker in MAKERS:
        if maker.address and fnmatchcase(str(resource.address).lower(), maker.address.lower()):
            return maker.words, maker.address, None
        if maker.tag and (tag := next(_tags(resource, *maker.tag), None)):
            # plans do not read the tags of policies
            is_sayable = isinstance(resource, User) and _PLAIN.fullmatch(tag[1])
            return maker.words, "", tag if is_sayable else None
    return None


def _tags(resource: Resource, key: str, value: str) -> Iterator[tuple[str, str]]:
    tags = resource.tags if isinstance(resource, (User, Policy)) else None
    for name, text in sorted((tags or {}).items()):
        if re.fullmatch(key, name.lower()) and re.fullmatch(value, text.lower(), re.DOTALL):
            yield name, "*" if value == ".*" else text


def _entries(ignored: list[Address], pattern: str, tag: tuple[str, str] | None, *, is_whole: bool) -> tuple[Any, ...]:
    if is_whole and pattern:
        return (pattern,)
    if is_whole and tag:
        return ({"tag": {tag[0]: tag[1]}},)
    return tuple(ignored)
