"""What most commands begin with: the manifests of one account, and the live account beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from iamctl.comparison.approval import with_approved_settings
from iamctl.manifests import Tree, find_tree, read_tree, tree_in
from iamctl.model import IamctlError, ManifestError, Severity
from iamctl.model.failures import UsageError
from iamctl.model.settings import Base, Desired, Settings
from iamctl.rules import Review, by_place, check
from iamctl.text.late_dataclass import dataclass
from iamctl.text.late_pattern import late_pattern
from iamctl.text.moment import is_date, start_of

if TYPE_CHECKING:
    from iamctl.manifests.base import BaseTree
    from iamctl.source.live_source import LiveSource
    from iamctl.source.open import SourceOptions


_PARTITION = late_pattern(r"arn:(aws[a-z0-9-]*):iam::")
"""Of a role; the role of an organization may leave it open."""


class BaseManifestError(ManifestError):
    """The manifests of ``--base`` have mistakes, not those of the tree."""


class InactiveError(IamctlError):
    """The account is not active in its organization, so that nothing can be planned there."""


@dataclass(frozen=True)
class Workspace:
    """What the manifests say of an account, the account itself, and the time at which they are compared."""

    desired: Desired
    live: LiveSource
    now: datetime


@contextmanager
def open_workspace(
    directory: Path | None,
    options: SourceOptions,
    *,
    account: str | None,
    now: datetime,
    purpose: Literal["plan", "apply"] = "plan",
    base: Path | None = None,
    allow_loosening: bool = False,
) -> Iterator[Workspace]:
    """Yield the manifests in ``directory`` and the live account that they are for.

    The manifests are checked before AWS is asked for anything, and again if the account is not in the partition
    ``aws``. With ``base``, the stricter settings of both trees apply.

    Raises:
        ManifestError: the manifests have mistakes; a ``BaseManifestError``: those of ``base`` have.
        UsageError: the account is not in iamctl.yaml, or options exclude each other.
        InactiveError: the account is not active in its organization.
        RefusedError: the credentials are those of another account, or of the root user.
    """
    from iamctl.comparison.settings_guard import stricter_of_both
    from iamctl.source.open import open_source

    tree = open_tree(directory)
    was = open_base(base, tree, allow_loosening=allow_loosening)
    settings = tree.account(account)
    check_active(settings)
    desired, is_sure = _declared_offline(tree, settings.account_name, now)
    with open_source(options, settings, purpose, now) as live:
        if live.partition != desired.partition or not is_sure:
            desired = declared(tree, settings.account_name, live.partition, now)
        was = with_manifests(was, base_tree(base), settings, desired.partition, now)
        yield Workspace(stricter_of_both(with_approved_settings(replace(desired, base=was))), live, now)


def check_active(settings: Settings) -> None:
    """Return if the account can be planned.

    Raises:
        InactiveError: the accounts file lists it in another state than ``ACTIVE``.
    """
    if settings.is_active:
        return
    raise InactiveError(
        f"account {settings.account_name!r} is {settings.account_state} in its organization, so iamctl skips it; if that "
        f"changed, run 'iamctl fleet discover' ({settings.origin_of('id')})"
    )


def _declared_offline(tree: Tree, account: str, now: datetime) -> tuple[Desired, bool]:
    """Return what the manifests say, and False if that is so only in another partition than ``aws``."""
    try:
        return declared(tree, account, "aws", now), True
    except ManifestError:
        return declared(tree, account, "aws", now, any_partition=True), False


def declared_accounts(
    tree: Tree,
    now: datetime,
    names: Iterable[str] | None = None,
    *,
    base: Base | None = None,
    base_directory: Path | None = None,
) -> Iterator[tuple[str, Desired | ManifestError]]:
    """Yield each account of ``names``, by default all of the tree, with what ``plan`` compares with the live account.

    An account whose manifests have mistakes is yielded with its error, and hinders no other one. The tree is read once.
    The partition is that of the account's roles, by default ``aws``; where the live account is in another one, the
    state that is yielded must not be used. With a base, the stricter settings of both trees apply.

    Raises:
        AccountError: one of ``names`` is not in iamctl.yaml.
    """
    from iamctl.comparison.settings_guard import stricter_of_both

    before = base_tree(base_directory)
    wanted = [tree.account(name) for name in names] if names is not None else list(tree.accounts.values())
    for settings in wanted:
        try:
            desired = _declared_in_its_partition(tree, settings, now)
        except ManifestError as error:
            yield settings.account_name, error
        else:
            was = with_manifests(base, before, settings, desired.partition, now)
            yield settings.account_name, stricter_of_both(with_approved_settings(replace(desired, base=was)))
        if len(wanted) > 1:
            tree.release(settings.account_name)


def _declared_in_its_partition(tree: Tree, settings: Settings, now: datetime) -> Desired:
    found = filter(None, map(_PARTITION.match, settings.assume_role.values()))
    match = next(found, None)
    if match:
        return declared(tree, settings.account_name, match[1], now)
    return _declared_offline(tree, settings.account_name, now)[0]


def with_manifests(
    base: Base | None, tree: BaseTree | None, settings: Settings, partition: str, now: datetime
) -> Base | None:
    """Return the base of one account, with what its manifests in ``tree`` declare for it; None without a base."""
    if base is None or tree is None:
        return base
    from iamctl.comparison.settings_guard import narrowed

    return replace(narrowed(base, settings), desired=tree.declared(settings, partition=partition, now=now))


def base_tree(directory: Path | None) -> BaseTree | None:
    """Return the manifests that ``--base`` names, or None without it."""
    if directory is None:
        return None
    from iamctl.manifests.base import BaseTree

    return BaseTree(tree_in(directory))


def open_tree(directory: Path | None) -> Tree:
    """Return the manifest tree of a command line."""
    return read_tree(find_tree(directory))


def open_base(directory: Path | None, tree: Tree, *, allow_loosening: bool) -> Base | None:
    """Return the settings of the tree that ``--base`` names, or None without it.

    Raises:
        UsageError: ``--allow-loosening`` without a base, or the base is the tree itself.
        BaseManifestError: the folder does not exist, or its iamctl.yaml has mistakes.
    """
    if directory is None:
        if allow_loosening:
            raise UsageError("--allow-loosening needs --base, the manifests that the settings are compared with")
        return None
    from iamctl.manifests.base import read_base

    found = tree_in(directory)
    if found.is_dir() and found.samefile(tree.root):
        raise UsageError("--base is the manifest directory itself; use a checkout of the base branch")
    try:
        return Base(read_base(found), loosening_allowed=allow_loosening)
    except ManifestError as error:
        raise BaseManifestError(error.findings) from error


def declared(
    tree: Tree,
    account: str,
    partition: str,
    now: datetime,
    base: Base | None = None,
    *,
    any_partition: bool = False,
) -> Desired:
    """Return what the manifests say about an account, with the warnings of the rules that need no live state.

    With ``any_partition`` the partition is a guess, and ARNs of another one are no mistakes. With ``base``, settings that are looser than there are errors.

    Raises:
        ManifestError: the files have mistakes, or a rule finds an error in them; all of them at once.
    """
    try:
        desired = _with_base(tree.declare(account, partition=partition, now=now, any_partition=any_partition), base)
    except ManifestError as error:
        beside = error.beside and _with_base(error.beside, base)
        more = check(Review(beside, now), "manifests") if beside else ()
        raise ManifestError(by_place(error.findings + more), beside) from error
    findings = by_place(desired.findings + check(Review(desired, now), "manifests"))
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise ManifestError(findings, desired)
    return replace(desired, findings=findings) if findings else desired


def _with_base(desired: Desired, base: Base | None) -> Desired:
    return desired if base is None else with_approved_settings(replace(desired, base=base))


def moment(text: str | None) -> datetime:
    """Return the time that ``--now`` names: for a date the start of that day in UTC, without it the present.

    Raises:
        UsageError: the text is neither a date nor an RFC 3339 time with an offset.
    """
    if text is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        if is_date(text) or datetime.fromisoformat(text).tzinfo is not None:
            return start_of(text)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"--now {text!r} is not a date (2026-12-31) or RFC 3339 time (2026-12-31T18:00:00Z)"
        ) from error
    raise UsageError(f"--now {text!r} has no offset; add Z for UTC")
