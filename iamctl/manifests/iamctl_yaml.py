"""Reads iamctl.yaml: the settings of each account, and which files and variables belong to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field, fields, replace
from typing import Any

from iamctl.handover.recipient import recipient_doubt, recipient_problem
from iamctl.kinds import KINDS, listed_sections, parse_address, removal_limits, root_kinds
from iamctl.manifests.accounts_file import AccountsFile
from iamctl.manifests.audit_settings import audit_settings
from iamctl.manifests.folder import SETTINGS_FILE
from iamctl.manifests.node import MappingNode, Node, Path, Places, ScalarNode
from iamctl.manifests.organization import SelectedAccount, read_waves, selected_accounts
from iamctl.manifests.schema import ASSERTIONS, iamctl_yaml_schema, section_names, shape_of
from iamctl.manifests.shape import Subject, shape_findings
from iamctl.manifests.values import typed
from iamctl.model import Address, Finding, Origin, Severity, UndeclaredPolicy
from iamctl.model.lock import LockSettings
from iamctl.model.organization import OrganizationAccount
from iamctl.model.settings import (
    DEFAULT_HANDOVER,
    AccessKeySettings,
    AuditSettings,
    IgnoreRule,
    LeaverSettings,
    Limit,
    MfaSettings,
    PolicyException,
    Secrets,
    Settings,
)
from iamctl.text.late_dataclass import dataclass
from iamctl.text.late_pattern import late_pattern
from iamctl.text.moment import end_of
from iamctl.text.nearest import did_you_mean, either

_ROLE_ACCOUNT = late_pattern(r"arn:[^:]*:iam::([0-9]{12}):role/")
_EXCEPTION_KINDS = ("user-policy", "user-inline-policy")
_SHARED = (
    *("scope", "protect", "limits", "mfa", "access_keys", "leavers", "audit"),
    *("exceptions", "defaults", "secrets", "lock"),
    ASSERTIONS,
)


@dataclass(frozen=True)
class Account:
    """One account of the tree."""

    settings: Settings
    listed: tuple[tuple[str, Origin], ...] | None
    """The files and folders that the account lists; None for all."""
    variables: Mapping[str, str]
    user_defaults: MappingNode | None
    """The defaults of users, before variables are replaced."""
    assertions: MappingNode | None = None
    """The assertions in iamctl.yaml, before variables are replaced; read with those of the manifests."""
    listed_in: OrganizationAccount | None = None
    """What the accounts file states of it; None for an account listed by hand."""


@dataclass(frozen=True)
class SettingsFile:
    """The content of iamctl.yaml, as far as it could be read, and its mistakes."""

    accounts: Mapping[str, Account]
    findings: tuple[Finding, ...]
    unselected: tuple[OrganizationAccount, ...] = ()
    """The accounts of the organization that iamctl does not manage."""


@dataclass(frozen=True)
class _Shared:
    """What accounts have in common that set the same of what the whole file may set as well."""

    account: Account
    where: Mapping[str, Path]
    """The place of each setting of ``_SHARED``: that of the account, or that of the whole file."""
    origins: Mapping[Path, Origin | None]
    """Where settings stand; None for what is left out everywhere."""


def settings_file(root: MappingNode, organization: AccountsFile | None = None) -> SettingsFile:
    """Return the accounts of iamctl.yaml and of the organization; a part that does not match the schema counts as absent."""
    return _Reader(root, organization).read()


@dataclass
class _Reader:
    root: MappingNode
    organization: AccountsFile | None = None
    findings: list[Finding] = field(default_factory=list)
    bad: set[Path] = field(default_factory=set)
    known_places: dict[Path, Origin | None] = field(default_factory=dict)
    """The place of each setting that was asked for, or of the nearest one around it; accounts share most of them."""

    of_all: _Shared | None = None
    """The settings of all accounts that set nothing of their own."""

    def __post_init__(self) -> None:
        self.places = Places(SETTINGS_FILE, ScalarNode("", True, 1, 1), self.root)

    def read(self) -> SettingsFile:
        value = self.value()
        self.findings += shape_findings("settings", value, Subject("", self.places, of_manifests=section_names()))
        self.bad = {tuple(problem.instance_path) for problem in shape_of("settings").problems(value)}
        accounts = _mapping(value.get("accounts"))
        names = [name for name, account in accounts.items() if isinstance(account, dict)]
        found = {name: self.account(name, accounts[name], value) for name in names}
        self.check_ids(found)
        by_hand = {account.settings.account_id: name for name, account in found.items()}
        selected = selected_accounts(self, value, self.organization, by_hand)
        if selected.accounts:
            template = self.account("", {}, value)
            found |= {one.account.account_name: self.filled(template, one) for one in selected.accounts}
        found = self.in_waves(found, value)
        return SettingsFile(found, tuple(dict.fromkeys(self.findings)), selected.unselected)

    def filled(self, template: Account, selected: SelectedAccount) -> Account:
        """Return an account of the organization; ``template`` has the settings that all of them share."""
        one = selected.account
        role = self.place("organization", "role")
        origins: dict[Path, Origin] = {
            ("id",): one.origin or role,
            ("assume_role",): role,
            ("manifests",): self.place("selections"),
        }
        settings = replace(
            template.settings,
            account_name=one.account_name,
            account_id=one.account_id,
            assume_role=selected.roles,
            manifests=tuple(text for text, _ in selected.listed) or None,
            ou=one.ou,
            tags=one.tags,
            account_state=one.state,
            origins={**template.settings.origins, **origins},
        )
        return replace(template, settings=settings, listed=selected.listed, variables=selected.variables, listed_in=one)

    def in_waves(self, accounts: Mapping[str, Account], value: Mapping[str, Any]) -> dict[str, Account]:
        """Return the accounts with their waves."""
        file = self.organization
        is_whole = file is None or (file.is_whole and "selections" in value)
        waves = read_waves(self, value, [one.settings for one in accounts.values()], is_whole=is_whole)
        found = {}
        for name, account in accounts.items():
            settings = account.settings
            rule = waves.of(settings) or settings.wave
            found[name] = account if rule is settings.wave else replace(account, settings=replace(settings, wave=rule))
        return found

    def value(self) -> dict[str, Any]:
        """Return the typed content; variables work only in manifests and in ``defaults``, which apply to manifests."""
        schema = iamctl_yaml_schema()
        properties = schema["properties"]
        value = {}
        for name, (_, node) in self.root.pairs.items():
            if name == "accounts" and isinstance(node, MappingNode):
                one = properties["accounts"]["additionalProperties"]
                value[name] = {key: self.parts(account, one) for key, (_, account) in node.pairs.items()}
            else:
                value[name] = self.typed(name, node, properties.get(name, {}))
        return value

    def typed(self, name: str, node: Node, schema: Mapping[str, Any]) -> Any:
        """Return the value of a setting; assertions are read and checked with those of the manifests."""
        if name == ASSERTIONS and isinstance(node, MappingNode):
            return {}
        return typed(node, schema, self.fill_of(name))

    def parts(self, node: Node, schema: Mapping[str, Any]) -> Any:
        if not isinstance(node, MappingNode):
            return typed(node, schema, self.refuse_braces)
        known = schema["properties"]
        return {name: self.typed(name, part, known.get(name, {})) for name, (_, part) in node.pairs.items()}

    def fill_of(self, name: str) -> Any:
        return _unfilled if name in {"defaults", "organization"} else self.refuse_braces

    def refuse_braces(self, node: ScalarNode) -> str:
        message = "variables work only in manifests and in 'defaults'; replace this with the value"
        self.report(message, Origin(SETTINGS_FILE, node.line, node.column))
        return node.text

    def part(self, path: Path, value: Any) -> Any:
        """Return a part of the file, or None if it does not match its schema."""
        return None if any(bad[: len(path)] == path for bad in self.bad) else value

    def items(self, path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
        """Yield path and value of the list items that match their schema."""
        for index, item in enumerate(value if isinstance(value, list) else ()):
            if self.part((*path, index), item) is not None:
                yield (*path, index), item

    def report(self, message: str, origin: Origin) -> None:
        self.findings.append(Finding("IAM003", Severity.ERROR, message, origin=origin))

    def place(self, *path: str | int) -> Origin:
        while path not in self.places:
            path = path[:-1]
        return self.places[path]

    def account(self, name: str, value: Mapping[str, Any], whole: Mapping[str, Any]) -> Account:
        """Return an account; all that set nothing of their own have the same settings, which are read once."""
        own: Path = ("accounts", name)
        if not value.keys().isdisjoint(_SHARED):
            shared = self.shared(own, value, whole)
        else:
            shared = self.of_all = self.of_all or self.shared(own, {}, whole)
        account_id = self.part((*own, "id"), value.get("id")) or ""
        listed = tuple(
            (text, self.place(*path)) for path, text in self.items((*own, "manifests"), value.get("manifests"))
        )
        account, secrets = self.places.key(own), value["secrets"] if "secrets" in value else whole.get("secrets")
        origins = {setting: place or account for setting, place in shared.origins.items()}
        origins |= {(key,): self.nearest((*own, key)) or account for key in ("id", "assume_role", "manifests")}
        settings = replace(
            shared.account.settings,
            account_name=name,
            account_id=account_id,
            assume_role=self.roles(self.part((*own, "assume_role"), value.get("assume_role")), account_id, own),
            secrets=self.secrets(secrets, shared.where["secrets"], account_id),
            manifests=tuple(text for text, _ in listed) or None,
            origins=origins,
        )
        variables = _mapping(value.get("variables"))
        if "partition" in variables:
            message = "the variable 'partition' is reserved for iamctl; choose another name"
            self.report(message, self.places.key((*own, "variables", "partition")))
        texts = {key: text for key, text in variables.items() if isinstance(text, str)}
        return replace(shared.account, settings=settings, listed=listed or None, variables=texts)

    def shared(self, own: Path, value: Mapping[str, Any], whole: Mapping[str, Any]) -> _Shared:
        """Return the settings that an account may share with others; without ``secrets``, whose check knows the account."""
        where = {key: (*own, key) if key in value else (key,) for key in _SHARED}
        held = {key: value[key] if key in value else whole.get(key) for key in _SHARED}
        scope, at = _mapping(held["scope"]), where["scope"]
        limits = _mapping(self.part(where["limits"], held["limits"]))
        settings = Settings(
            account_name="",
            account_id="",
            undeclared=_by_kind(_mapping(self.part((*at, "undeclared"), scope.get("undeclared")))),
            ignore=self.ignore(scope.get("ignore"), (*at, "ignore")),
            ignore_tags=tuple(item for _, item in self.items((*at, "ignore_tags"), scope.get("ignore_tags"))),
            protect=self.protect(held["protect"], where["protect"]),
            limits={**removal_limits(), **{key: _limit(limit) for key, limit in limits.items()}},
            mfa=MfaSettings(**_mapping(self.part(where["mfa"], held["mfa"]))),
            access_keys=AccessKeySettings(**_mapping(self.part(where["access_keys"], held["access_keys"]))),
            leavers=LeaverSettings(**_mapping(self.part(where["leavers"], held["leavers"]))),
            audit=self.audit(held["audit"], where["audit"]),
            exceptions=self.exceptions(held["exceptions"], where["exceptions"]),
            lock=_lock(self.part(where["lock"], held["lock"])),
        )
        defaults = self.mapping(*where["defaults"], "users") if self.part(where["defaults"], True) else None
        account = Account(settings, None, {}, defaults, self.mapping(*where[ASSERTIONS]))
        return _Shared(account, where, self.origins(where, held))

    def origins(self, where: Mapping[str, Path], held: Mapping[str, Any]) -> dict[Path, Origin | None]:
        """Return the places of the settings that ``iamctl.comparison.settings_guard`` compares, as ``nearest`` does."""
        at = where["scope"]
        found: dict[Path, Path] = {(key,): where[key] for key in ("protect", "exceptions", "secrets", "lock", "audit")}
        found |= {("limits", name): (*where["limits"], name) for name in removal_limits()}
        found |= {("scope", "undeclared", name): (*at, "undeclared", name) for name in listed_sections()}
        for section, kind in (("mfa", MfaSettings), ("access_keys", AccessKeySettings), ("secrets", Secrets)):
            found |= {(section, item.name): (*where[section], item.name) for item in fields(kind)}
        for setting in (("scope", "ignore"), ("scope", "ignore_tags"), ("secrets", "recipients")):
            section, name = setting
            items = self.items((*where[section], name), _mapping(held[section]).get(name))
            found |= {(*setting, index): place for index, (place, _) in enumerate(items)}
        return {setting: self.nearest(path) for setting, path in found.items()}

    def nearest(self, path: Path) -> Origin | None:
        """Return the place of a setting, else of the nearest setting around it; None where that is the account."""
        if path not in self.known_places:
            around = path
            while around and around not in self.places:
                around = around[:-1]
            self.known_places[path] = self.places[around] if around else None
        return self.known_places[path]

    def mapping(self, *path: str | int) -> MappingNode | None:
        node: Node | None = self.root
        for step in path:
            node = node.get(str(step)) if isinstance(node, MappingNode) else None
        return node if isinstance(node, MappingNode) else None

    def roles(self, value: Any, account_id: str, own: Path) -> dict[str, str]:
        roles: dict[str, str] = {"plan": value, "apply": value} if isinstance(value, str) else _mapping(value)
        for command, arn in roles.items():
            match = _ROLE_ACCOUNT.match(arn)
            if match and account_id and match[1] != account_id:
                place = self.place(*own, "assume_role", *(() if isinstance(value, str) else (command,)))
                self.report(
                    f"the role belongs to account {match[1]}, not to {account_id}; name one of {account_id}", place
                )
        return roles

    def ignore(self, rules: Any, path: Path) -> tuple[IgnoreRule, ...]:
        kinds = [kind.kind for kind in root_kinds()]
        found = []
        for place, rule in self.items(path, rules):
            if isinstance(rule, str):
                self.check_address(rule, kinds, self.place(*place))
                found.append(IgnoreRule(address=rule))
            elif "path" in rule:
                found.append(IgnoreRule(path=rule["path"]))
            else:
                found.append(IgnoreRule(tags=tuple(rule["tag"].items())))
        return tuple(found)

    def protect(self, patterns: Any, path: Path) -> tuple[str, ...]:
        found = tuple(self.items(path, patterns))
        for place, pattern in found:
            self.check_address(pattern, [kind.kind for kind in KINDS], self.place(*place))
        return tuple(pattern for _, pattern in found)

    def exceptions(self, entries: Any, path: Path) -> tuple[PolicyException, ...]:
        found: dict[Address, PolicyException] = {}
        for place, entry in self.items(path, entries):
            origin = self.place(*place, "address")
            address = parse_address(entry["address"])
            if not self.check_address(entry["address"], _EXCEPTION_KINDS, origin) or address is None:
                continue
            until = end_of(entry["until"]) if "until" in entry else None
            exception = PolicyException(address, entry.get("reason", ""), until, origin)
            if found.setdefault(address, exception) is not exception:
                self.report(f"{address} already has an exception at {found[address].origin}; keep one", origin)
        return tuple(found.values())

    def audit(self, value: Any, path: Path) -> AuditSettings:
        held = _mapping(value)
        entries = self.items((*path, "accept"), held.get("accept"))
        tags = (tag for _, tag in self.items((*path, "owner_tags"), held.get("owner_tags")))
        return audit_settings(entries, tags, self.place, self.report)

    def secrets(self, value: Any, path: Path, account_id: str) -> Secrets | None:
        if not isinstance(value, dict):
            return None
        recipients = tuple(self.items((*path, "recipients"), value.get("recipients")))
        for place, text in recipients:
            if problem := recipient_problem(text):
                self.findings.append(Finding("IAM002", Severity.ERROR, problem, origin=self.place(*place)))
            elif doubt := recipient_doubt(text, account_id):
                self.findings.append(Finding("IAM002", Severity.WARN, doubt, origin=self.place(*place)))
        return Secrets(
            self.part((*path, "deliver"), value.get("deliver")) or "age",
            self.part((*path, "directory"), value.get("directory")) or DEFAULT_HANDOVER,
            tuple(text for _, text in recipients),
        )

    def check_address(self, text: str, kinds: list[str] | tuple[str, ...], place: Origin) -> bool:
        kind = text.partition("/")[0]
        if kind in kinds and parse_address(text) is not None:
            return True
        if kind in kinds:
            self.report(f"{text!r} is not a complete address; write {kind!r}, '/' and the name", place)
        else:
            words = did_you_mean(kind, kinds) if "/" in text else ""
            self.report(f"{text!r} is not a valid address here; write {either(kinds)}, '/' and the name{words}", place)
        return False

    def check_ids(self, accounts: Mapping[str, Account]) -> None:
        first: dict[str, str] = {}
        for name, account in accounts.items():
            account_id = account.settings.account_id
            if account_id and first.setdefault(account_id, name) != name:
                message = f"account {first[account_id]!r} also has the id {account_id}; list each account once"
                self.report(message, self.place("accounts", name, "id"))
            several = len(accounts) > 1 or self.organization is not None
            if several and account.listed is None and ("accounts", name, "manifests") not in self.places:
                message = f"account {name!r} has no 'manifests'; with several accounts, each must list its own"
                self.report(message, self.place("accounts", name))


def _unfilled(node: ScalarNode) -> str:
    return node.text


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _lock(value: Any) -> LockSettings | None:
    if not isinstance(value, dict):
        return None
    return LockSettings(value["s3"], value.get("owner", ""))


def _by_kind(choices: Mapping[str, UndeclaredPolicy]) -> dict[str, UndeclaredPolicy]:
    """Return by kind what is set by section."""
    return {kind.kind: choices[name] for name, (kind, _) in listed_sections().items() if name in choices}


def _limit(value: int | str) -> Limit:
    return Limit(count=value) if isinstance(value, int) else Limit(share=float(value.rstrip("%")) / 100)
