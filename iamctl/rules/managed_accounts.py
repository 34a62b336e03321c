"""What a change does to the accounts of a tree: which are no longer managed, and how many may fail in a wave."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from iamctl.model import Finding, Origin, Severity
from iamctl.model.plan import MANAGED_ACCOUNTS as RULE
from iamctl.model.settings import Settings
from iamctl.model.wave import WaveRule
from iamctl.rules import documented
from iamctl.text.counted import counted, listed

_NAMED = 5
_SETTINGS = "iamctl.yaml"

documented(
    RULE,
    Severity.WARN,
    "A change that stops managing accounts, or lets more of them fail in a wave than the base, is named.",
    source="https://docs.aws.amazon.com/whitepapers/latest/organizing-your-aws-environment/organizing-your-aws-environment.html",
)


def managed_account_findings(before: Mapping[str, Settings], now: Mapping[str, Settings]) -> Iterator[Finding]:
    """Yield what the accounts of a tree lack of those in the base, and waves that let more accounts fail."""
    yield from lost_accounts(before, now)
    yield from (finding for _, finding in looser_waves(before, now))


def lost_accounts(before: Mapping[str, Settings], now: Mapping[str, Settings]) -> Iterator[Finding]:
    """Yield the finding about the accounts of the base that a tree no longer has, if there are any."""
    ids = {account.account_id for account in now.values()}
    lost = [f"{name!r} ({account.account_id})" for name, account in before.items() if account.account_id not in ids]
    if lost:
        verb = "is" if len(lost) == 1 else "are"
        message = (
            f"{counted(len(lost), 'account')} of the base {verb} no longer managed: {listed(lost, _NAMED)}; nothing in "
            "them is removed, and no plan or drift report checks them any more"
        )
        yield Finding(RULE, Severity.WARN, message, origin=Origin(_SETTINGS, 1, 1))


def looser_waves(before: Mapping[str, Settings], now: Mapping[str, Settings]) -> Iterator[tuple[str, Finding]]:
    """Yield the waves that let more accounts fail than in the base, with the finding about each.

    A wave is compared with the one of its name, and with each one whose accounts are all in waves that let more fail:
    a new name is no way around the comparison.
    """
    waves = {account.wave.name: account.wave.max_failures for account in before.values()}
    left = _left_behind(before, now)
    for name, most in {account.wave.name: account.wave.max_failures for account in now.values()}.items():
        message = f"the next wave begins although {counted(most, 'account')} of wave {name!r} failed"
        if most > waves.get(name, most):
            told = f"{message}, instead of {waves[name]}"
        elif name in left:
            old, accounts = left[name]
            verb = "was" if len(accounts) == 1 else "were"
            told = f"{message}, instead of {waves[old]}: in the base, {listed(accounts, _NAMED)} {verb} in wave {old!r}"
        else:
            continue
        yield name, Finding(RULE, Severity.WARN, told, origin=Origin(_SETTINGS, 1, 1))


def _left_behind(before: Mapping[str, Settings], now: Mapping[str, Settings]) -> dict[str, tuple[str, list[str]]]:
    """Return by wave the strictest wave of the base that has no account left in a wave as strict, and its accounts there."""
    was = {account.account_id: account.wave for account in before.values()}
    members: defaultdict[WaveRule, list[Settings]] = defaultdict(list)
    for account in now.values():
        if old := was.get(account.account_id):
            members[old].append(account)
    found: dict[str, tuple[str, list[str]]] = {}
    for old in sorted(members, key=lambda rule: (-rule.max_failures, rule.name)):  # the strictest is left
        if all(one.wave.max_failures > old.max_failures for one in members[old]):
            for name in {one.wave.name for one in members[old]}:
                found[name] = (old.name, [repr(one.account_name) for one in members[old] if one.wave.name == name])
    return found
