"""Random little accounts, and what shall become of them; the same generator for Hypothesis and for seeded figures."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from oracle_account import Account, Managed, Person, Team, arn_of, normal
from oracle_plans import World

KINDS = ("realistic", "adversarial", "quota")
AWS_POLICY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
GUARD = normal(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Deny",
            "NotAction": ["iam:GetUser", "sts:GetSessionToken"],
            "Resource": "*",
            "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
        },
    }
)
_ACTIONS = ("s3:a", "s3:b", "s3:c", "s3:*", "*", ["s3:a", "s3:b"], ["s3:b", "s3:d"], "s3:?")
_RESOURCES = ("*", "*", "*", "arn:aws:s3:::*", "arn:aws:s3:::x", "arn:aws:s3:::${aws:username}")
_TAGGED_RESOURCE = "arn:aws:s3:::${aws:PrincipalTag/team}"
_CONDITIONS = (
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    {"StringEquals": {"aws:PrincipalTag/team": "red"}},
    {"StringNotEquals": {"aws:PrincipalTag/team": ["red", "blue"]}},
    {"StringLike": {"aws:username": "u*"}},
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/people/*"}},
)


@dataclass(frozen=True)
class Taste:
    """How often things are drawn, as shares."""

    denies: float
    conditions: float
    edits: tuple[int, int]
    quota: int = 10
    reshuffles: bool = False


_TASTES = {
    "realistic": Taste(denies=0.15, conditions=0.15, edits=(1, 6)),
    "adversarial": Taste(denies=0.4, conditions=0.2, edits=(0, 3), reshuffles=True),
    "quota": Taste(denies=0.3, conditions=0.15, edits=(1, 5), quota=2),
}


def world(chance: random.Random, kind: str) -> World:
    """Return a random world of a kind; the same state of ``chance`` gives the same world."""
    return _Drawing(chance, _TASTES[kind]).world()


def _turn(items: frozenset[Any], item: Any) -> frozenset[Any]:
    return items ^ {item}


class _Drawing:
    def __init__(self, chance: random.Random, taste: Taste) -> None:
        self.chance = chance
        self.taste = taste

    def maybe(self, share: float) -> bool:
        return self.chance.random() < share

    def one(self, items: Iterable[Any]) -> Any:
        return self.chance.choice(sorted(items, key=str))

    def some(self, items: Iterable[Any], most: int) -> frozenset[Any]:
        listed = sorted(items)
        return frozenset(self.chance.sample(listed, self.chance.randint(0, min(most, len(listed)))))

    def document(self) -> str:
        statements = [self.statement() for _ in range(self.chance.choice((1, 1, 2, 2, 3)))]
        version = "2008-10-17" if self.maybe(0.03) else "2012-10-17"
        return normal({"Version": version, "Statement": statements})

    def statement(self) -> dict[str, Any]:
        effect = "Deny" if self.maybe(self.taste.denies) else "Allow"
        actions = "NotAction" if self.maybe(0.05) else "Action"
        statement = {
            "Effect": effect,
            actions: self.chance.choice(_ACTIONS),
            "Resource": self.chance.choice(_RESOURCES),
        }
        if self.maybe(0.05):
            statement["Resource"] = _TAGGED_RESOURCE
        if self.maybe(self.taste.conditions):
            statement["Condition"] = self.chance.choice(_CONDITIONS)
        return statement

    def boundary(self) -> str:
        """A document that lets a few things through, as boundaries mostly do."""
        actions = sorted(self.some(("s3:a", "s3:b", "s3:c", "s3:d", "ec2:*", "iam:*"), 4)) or ["s3:*"]
        statements = [{"Effect": "Allow", "Action": actions, "Resource": "*"}]
        return normal({"Version": "2012-10-17", "Statement": [*statements, *([self.statement()] * self.maybe(0.3))]})

    def inline(self, most: int) -> frozenset[tuple[str, str]]:
        return frozenset((f"i{number}", self.document()) for number in range(self.chance.randint(0, most)))

    def world(self) -> World:
        before = self.account()
        fixed = {user.uid for user in before.users.values() if self.maybe(0.15)}  # users out of scope
        after = self.reshuffled(before, fixed) if self.taste.reshuffles else before
        for _ in range(self.chance.randint(*self.taste.edits)):
            after = self.edited(after, before, fixed)
        after = self.within_quota(after, before, fixed)
        # iamctl takes a policy of AWS that it could not read for one without Denies
        unread = AWS_POLICY in before.aws and '"Deny"' not in before.aws[AWS_POLICY] and self.maybe(0.5)
        return World(before, after, frozenset({AWS_POLICY}) if unread else frozenset())

    def account(self) -> Account:
        policies = {}
        for number in range(self.chance.randint(1, 3)):
            last = self.chance.choice((1, 1, 4, 5))
            document = GUARD if number == 0 and self.maybe(0.5) else self.document()
            name = f"p{number}"
            policies[arn_of(name)] = Managed(name, document, tuple(range(1, last + 1)), last, last)
        bound = arn_of("b") if self.maybe(0.5) else None
        if bound:
            policies[bound] = Managed("b", self.boundary())
        aws = {AWS_POLICY: normal({"Version": "2012-10-17", "Statement": self.statement()})} if self.maybe(0.2) else {}
        arns = sorted({*policies, *aws})
        groups = {}
        for number in range(self.chance.randint(1, 4)):
            inline = self.inline(1) if self.maybe(0.4) else frozenset[tuple[str, str]]()
            groups[f"g{number}"] = Team(f"gid{number}", f"g{number}", "/", self.some(arns, 2), inline)
        gids = [team.gid for team in groups.values()]
        users = {f"u{number}": self.user(number, arns, gids) for number in range(self.chance.randint(1, 3))}
        for name, user in users.items():
            if bound and self.maybe(0.6):
                users[name] = replace(user, boundary=bound)
        roles = {}
        if self.maybe(0.2):
            bounds = self.one(arns) if self.maybe(0.3) else None
            roles["r"] = Person("role", "r", boundary=bounds, attached=self.some(arns, 1), inline=self.inline(1))
        return Account(users, groups, policies, roles, aws, self.taste.quota, self.taste.quota)

    def user(self, number: int, arns: Sequence[str], gids: Sequence[str]) -> Person:
        direct = self.maybe(0.3)
        return Person(
            f"uid{number}",
            f"u{number}",
            path=self.chance.choice(("/", "/", "/people/")),
            tags=frozenset({("team", self.chance.choice(("red", "blue")))}) if self.maybe(0.4) else frozenset(),
            boundary=self.one(arns) if self.maybe(0.1) else None,
            groups=self.some(gids, 2),
            attached=self.some(arns, 1) if direct else frozenset(),
            inline=self.inline(1) if direct else frozenset(),
            login=self.chance.choice((False, True, True, None)),
            keys=frozenset({(f"AKIA{number}", self.maybe(0.5))}) if self.maybe(0.2) else frozenset(),
            devices=frozenset({f"arn:aws:iam::123456789012:mfa/u{number}"}) if self.maybe(0.2) else frozenset(),
        )

    def reshuffled(self, account: Account, fixed: set[str]) -> Account:
        """Return the account with memberships, attachments and documents drawn anew."""
        for arn, policy in account.policies.items():
            if self.maybe(0.5):
                document = self.boundary() if policy.name == "b" else self.document()
                account = _with_policy(account, arn, replace(policy, document=document))
        arns = sorted({*account.policies, *account.aws})
        gids = [team.gid for team in account.groups.values()]
        for team in account.groups.values():
            if self.maybe(0.6):
                account = _with_team(account, replace(team, attached=self.some(arns, 2), inline=self.inline(1)))
        for user in account.users.values():
            if user.uid in fixed:
                continue
            changed = replace(user, groups=self.some(gids, 2))
            if self.maybe(0.5):
                changed = replace(changed, attached=frozenset(), inline=frozenset())
            if self.maybe(0.3):
                changed = replace(changed, boundary=self.chance.choice((None, *arns)))
            account = _with_user(account, changed)
        return account

    def edited(self, account: Account, before: Account, fixed: set[str]) -> Account:
        """Return the account with one more thing that somebody may ask for."""
        edit: Callable[[Account, set[str]], Account] = self.chance.choices(
            (
                self.toggle_membership,
                self.move,
                self.toggle_attachment,
                self.move_attachment,
                self.rewrite,
                self.toggle_inline,
                self.drop_direct,
                self.set_boundary,
                self.create_user,
                self.delete_user,
                self.create_group,
                self.delete_group,
                self.create_policy,
                self.delete_policy,
                self.rebind,
                self.rename_user,
                self.rename_group,
                self.toggle_login,
                self.drop_key,
            ),
            weights=(6, 4, 5, 2, 6, 4, 4, 4, 2, 2, 2, 2, 1, 1, 2, 1, 1, 4, 1),
        )[0]
        return edit(account, fixed)

    def own(self, account: Account, fixed: set[str]) -> Person | None:
        users = [user for user in account.users.values() if user.uid not in fixed]
        return self.chance.choice(users) if users else None

    def group(self, account: Account) -> Team | None:
        return self.chance.choice([*account.groups.values()]) if account.groups else None

    def arn(self, account: Account) -> str | None:
        arns = sorted({*account.policies, *account.aws})
        return self.chance.choice(arns) if arns else None

    def toggle_membership(self, account: Account, fixed: set[str]) -> Account:
        user, team = self.own(account, fixed), self.group(account)
        if not user or not team:
            return account
        return _with_user(account, replace(user, groups=_turn(user.groups, team.gid)))

    def move(self, account: Account, fixed: set[str]) -> Account:
        user, team = self.own(account, fixed), self.group(account)
        if not user or not user.groups or not team:
            return account
        return _with_user(account, replace(user, groups=user.groups - {self.one(user.groups)} | {team.gid}))

    def toggle_attachment(self, account: Account, fixed: set[str]) -> Account:
        team, arn = self.group(account), self.arn(account)
        return _with_team(account, replace(team, attached=_turn(team.attached, arn))) if team and arn else account

    def move_attachment(self, account: Account, fixed: set[str]) -> Account:
        team, other = self.group(account), self.group(account)
        if not team or not other or team == other or not team.attached:
            return account
        arn = self.one(team.attached)
        account = _with_team(account, replace(team, attached=team.attached - {arn}))
        return _with_team(account, replace(other, attached=other.attached | {arn}))

    def rewrite(self, account: Account, fixed: set[str]) -> Account:
        if not account.policies:
            return account
        arn = self.one(account.policies)
        document = self.boundary() if arn == arn_of("b") else self.document()
        return _with_policy(account, arn, replace(account.policies[arn], document=document))

    def toggle_inline(self, account: Account, fixed: set[str]) -> Account:
        team = self.group(account)
        return _with_team(account, replace(team, inline=self.inline(1))) if team else account

    def drop_direct(self, account: Account, fixed: set[str]) -> Account:
        users = [user for user in account.users.values() if user.uid not in fixed and (user.attached or user.inline)]
        if not users:
            return account
        user = self.chance.choice(users)
        which = "attached" if user.attached and (not user.inline or self.maybe(0.5)) else "inline"
        return _with_user(account, replace(user, **{which: frozenset()}))

    def set_boundary(self, account: Account, fixed: set[str]) -> Account:
        user, arn = self.own(account, fixed), self.arn(account)
        if not user:
            return account
        return _with_user(account, replace(user, boundary=None if user.boundary and self.maybe(0.4) else arn))

    def create_user(self, account: Account, fixed: set[str]) -> Account:
        name = f"n{len(account.users)}"
        if name in account.users:
            return account
        groups = self.some([team.gid for team in account.groups.values()], 2)
        bound = self.arn(account) if self.maybe(0.3) else None
        return _with_user(account, Person(f"new-{name}", name, groups=groups, boundary=bound))

    def delete_user(self, account: Account, fixed: set[str]) -> Account:
        user = self.own(account, fixed)
        if not user or user.login is None:  # what is not known cannot be taken away
            return account
        return replace(account, users={name: one for name, one in account.users.items() if one != user})

    def create_group(self, account: Account, fixed: set[str]) -> Account:
        name = f"m{len(account.groups)}"
        if name in account.groups:
            return account
        arns = {*account.policies, *account.aws}
        account = _with_team(account, Team(f"new-{name}", name, "/", self.some(arns, 2), self.inline(1)))
        user = self.own(account, fixed)
        return _with_user(account, replace(user, groups=user.groups | {f"new-{name}"})) if user else account

    def delete_group(self, account: Account, fixed: set[str]) -> Account:
        team = self.group(account)
        if not team or any(user.uid in fixed for user in account.members(team.gid)):
            return account
        for user in account.members(team.gid):
            account = _with_user(account, replace(user, groups=user.groups - {team.gid}))
        return replace(account, groups={name: one for name, one in account.groups.items() if one != team})

    def create_policy(self, account: Account, fixed: set[str]) -> Account:
        name, team = f"q{len(account.policies)}", self.group(account)
        if arn_of(name) in account.policies:
            return account
        account = _with_policy(account, arn_of(name), Managed(name, self.document()))
        return _with_team(account, replace(team, attached=team.attached | {arn_of(name)})) if team else account

    def delete_policy(self, account: Account, fixed: set[str]) -> Account:
        if not account.policies:
            return account
        arn = self.one(account.policies)
        untouchable = [person for person in account.people() if person.uid in fixed or person.uid == "role"]
        if any(arn in person.attached or arn == person.boundary for person in untouchable):
            return account
        for team in account.groups.values():
            account = _with_team(account, replace(team, attached=team.attached - {arn}))
        for user in account.users.values():
            bound = None if user.boundary == arn else user.boundary
            account = _with_user(account, replace(user, attached=user.attached - {arn}, boundary=bound))
        return replace(account, policies={key: one for key, one in account.policies.items() if key != arn})

    def toggle_login(self, account: Account, fixed: set[str]) -> Account:
        user = self.own(account, fixed)
        if not user or user.login is None:
            return account
        return _with_user(account, replace(user, login=not user.login))

    def drop_key(self, account: Account, fixed: set[str]) -> Account:
        users = [user for user in account.users.values() if user.uid not in fixed and user.keys]
        if not users:
            return account
        user = self.chance.choice(users)
        kept = frozenset((key, False) for key, is_active in user.keys if is_active)
        return _with_user(account, replace(user, keys=kept))

    def rebind(self, account: Account, fixed: set[str]) -> Account:
        user = self.own(account, fixed)
        if not user:
            return account
        if self.maybe(0.3):
            return _with_user(account, replace(user, path="/people/" if user.path == "/" else "/"))
        tags = self.chance.choice(({}, {"team": "red"}, {"team": "blue"}, {"team": "red", "color": "blue"}))
        return _with_user(account, replace(user, tags=frozenset(tags.items())))

    def rename_user(self, account: Account, fixed: set[str]) -> Account:
        user = self.own(account, fixed)
        if not user or not user.uid.startswith("uid"):
            return account
        users = {name: one for name, one in account.users.items() if one != user}
        name = f"v{user.uid[3:]}"
        return replace(account, users={**users, name: replace(user, name=name)})

    def rename_group(self, account: Account, fixed: set[str]) -> Account:
        team = self.group(account)
        if not team or not team.gid.startswith("gid"):
            return account
        groups = {name: one for name, one in account.groups.items() if one != team}
        name = f"h{team.gid[3:]}"
        return replace(account, groups={**groups, name: replace(team, name=name)})

    def within_quota(self, account: Account, before: Account, fixed: set[str]) -> Account:
        """Return the account with no more memberships and attachments than the quotas allow."""
        most = self.taste.quota
        for user in account.users.values():
            if len(user.groups) > most and user.uid not in fixed:
                account = _with_user(account, replace(user, groups=frozenset(sorted(user.groups)[:most])))
        for team in account.groups.values():
            if len(team.attached) > most:
                account = _with_team(account, replace(team, attached=frozenset(sorted(team.attached)[:most])))
        return account


def _with_user(account: Account, user: Person) -> Account:
    return replace(account, users={**account.users, user.name: user})


def _with_team(account: Account, team: Team) -> Account:
    return replace(account, groups={**account.groups, team.name: team})


def _with_policy(account: Account, arn: str, policy: Managed) -> Account:
    return replace(account, policies={**account.policies, arn: policy})
