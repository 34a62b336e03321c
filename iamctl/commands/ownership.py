"""What ``import`` asks of other tools: what they manage, and how they let go of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from iamctl.account.live import Live
from iamctl.manifests.owned_cloudformation import by_tags, stack_resources
from iamctl.manifests.owned_resource import OwnedResource, Ownership, Tool, joined
from iamctl.manifests.owned_terraform import terraform
from iamctl.manifests.take_over import take_over_files
from iamctl.model import Address, State
from iamctl.model.failures import UsageError
from iamctl.text.counted import counted, listed
from iamctl.text.late_dataclass import dataclass


@dataclass(frozen=True)
class Owners:
    """Which tools ``--owned-by`` names, and whether iamctl takes over from them."""

    sources: tuple[tuple[Tool, Path | None], ...] = ()
    takes_over: bool = False

    @classmethod
    def of(cls, texts: Iterable[str], *, takes_over: bool) -> Owners:
        """Return what the options say.

        Raises:
            UsageError: a text names no tool, or no file where the tool needs one; or nobody is to be taken over from.
        """
        found = tuple(map(_source, texts))
        if takes_over and not found:
            raise UsageError("--take-over needs --owned-by, which says from which tool")
        return cls(found, takes_over)

    def read(self, account_id: str) -> Ownership:
        """Return what the files say.

        Raises:
            IamctlError: a file cannot be read, or is another one.
        """
        return joined(
            terraform(path, account_id) if tool is Tool.TERRAFORM else stack_resources(path, account_id)
            for tool, path in self.sources
            if path is not None
        )

    def with_tags(self, known: Ownership, live: Live) -> Ownership:
        """Return what the files say and, where CloudFormation is named, what tags in the account say."""
        is_asked = any(tool is Tool.CLOUDFORMATION for tool, _ in self.sources)
        if not is_asked:
            return known
        told = {root for one in known.resources for root in one.roots}
        tagged = (one for one in by_tags(live).resources if not told & set(one.roots))
        return joined([known, Ownership(tuple(tagged))])


NO_OWNERS = Owners()


def _source(text: str) -> tuple[Tool, Path | None]:
    word, _, file = text.partition(":")
    if word == "terraform" and file:
        return Tool.TERRAFORM, Path(file)
    if word == "cloudformation" and (file or text == word):
        return Tool.CLOUDFORMATION, Path(file) if file else None
    raise UsageError(
        f"--owned-by {text!r} is not terraform:FILE, cloudformation or cloudformation:FILE; FILE is the output of "
        "'terraform show -json' or 'aws cloudformation list-stack-resources'"
    )


def files_of(known: Ownership, declared: Collection[Address], live: State) -> dict[str, str]:
    """Return the files that make tools let go of what the manifests declare."""
    taken = [one for one in known.resources if any(_is_declared(root, declared, live) for root in one.roots)]
    names = {(one.tool, one.stack, one.name) for one in taken}
    return take_over_files(taken, [one for one in known.resources if (one.tool, one.stack, one.name) not in names])


def _is_declared(root: Address, declared: Collection[Address], live: State) -> bool:
    found = live.get(root)
    return found is not None and found.address in declared


def ownership_lines(known: Ownership, live: State) -> Iterator[str]:
    """Yield, for each tool, how many of its resources are of the account, and what has no counterpart."""
    here, missing, foreign = (_by_tool(part) for part in (known.known(live), known.missing(live), known.foreign()))
    for tool in Tool:
        parts = (
            (here[tool], "of this account"),
            (missing[tool], "not in it"),
            (foreign[tool], "without a counterpart"),
        )
        total = sum(len(found) for found, _ in parts)
        if not total:
            continue
        sums = " + ".join(f"{len(found):,} {words}" for found, words in parts if found)
        yield f"{tool}: {counted(total, 'resource')} = {sums}"
        for found, words in parts[1:]:
            by_kind: defaultdict[str, list[str]] = defaultdict(list)
            for one in found:
                by_kind[one.kind].append(one.name)
            for kind in sorted(by_kind):
                yield f"  {words}: {len(by_kind[kind]):,} {kind}: {listed(sorted(by_kind[kind]))}"


def _by_tool(resources: Iterable[OwnedResource]) -> defaultdict[Tool, list[OwnedResource]]:
    found: defaultdict[Tool, list[OwnedResource]] = defaultdict(list)
    for one in resources:
        found[one.tool].append(one)
    return found
