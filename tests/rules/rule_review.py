"""Builds what rules look at from the short form of the case tables.

Names may hold a range, ``u[1-3]`` for u1, u2 and u3. A policy is ``own:path/name``, ``aws:Name`` or an ARN. A document
is the action that it allows, ``{size: N, blanks: M}`` for its number of characters and how many of them are blanks, or
all of it. With ``in_order: true`` the calls are put into their order, with ``transition: true`` with temporary policies. ``base`` holds the settings of the tree as it was
by account, ``was`` what its manifests declared, and ``allow_loosening: true`` lets ours be looser. ``assertions`` are
as in a manifest, but ``within: {file: DOCUMENT}``; ``asserts_live: true`` judges them on the live account.
"""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from iamctl.account.audit_facts import AuditFacts
from iamctl.account.live import Live, Role
from iamctl.account.root import RootUser
from iamctl.comparison.approval import with_approved_settings
from iamctl.comparison.diff import diff
from iamctl.comparison.scope import scope
from iamctl.comparison.settings_guard import stricter_of_both
from iamctl.kinds import (
    AccessKey,
    AccountSetting,
    ApiKey,
    Group,
    GroupInlinePolicy,
    GroupPolicy,
    LoginProfile,
    Membership,
    MfaDevice,
    Policy,
    User,
    UserInlinePolicy,
    UserPolicy,
    sections,
)
from iamctl.kinds.account_setting import full_policy
from iamctl.kinds.credentials import Credentials, HeldCredential, HeldKey, LastUse
from iamctl.kinds.rotation import RotationRule
from iamctl.kinds.session_limit import seconds_of
from iamctl.kinds.signin_session import SessionRead, Unread
from iamctl.manifests.assertions import AssertionReader
from iamctl.model import Address, Entry, Origin, State
from iamctl.model.approval_line import Approval, Approvals
from iamctl.model.settings import (
    AccessKeySettings,
    Base,
    Desired,
    IgnoreRule,
    Limit,
    MfaSettings,
    PolicyException,
    Secrets,
    Settings,
)
from iamctl.order import order
from iamctl.order.holdings import holdings
from iamctl.planning.reasons import reasons
from iamctl.policy import Document
from iamctl.rules import Review, check
from iamctl.text.moment import end_of

ACCOUNT = "123456789012"
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
KNOWN = Credentials(
    has_password=False,
    access_keys=(),
    has_mfa=False,
    mfa_devices=(),
    ssh_keys=(),
    certificates=(),
    service_credentials=(),
    is_exact=True,
)


def _used_key(name, *, days):
    return HeldKey(
        is_active=True, id=name, created=NOW - timedelta(days=60), last_use=LastUse(NOW - timedelta(days=days))
    )


def _keys(**days):
    """Return active keys, each made and last used so many days ago."""
    return tuple(
        HeldKey(
            is_active=True, id=name, created=NOW - timedelta(days=made), last_use=LastUse(NOW - timedelta(days=used))
        )
        for name, (made, used) in days.items()
    )


OLD, NEW = HeldKey(is_active=False, id="AKIAOLD"), HeldKey(is_active=True, id="AKIANEW")
CREDENTIALS = {
    "none": KNOWN,
    "password": replace(KNOWN, has_password=True),
    "key": replace(KNOWN, access_keys=(OLD, NEW)),
    "old key": replace(KNOWN, access_keys=(HeldKey(is_active=True, id="AKIAOLD", created=NOW - timedelta(days=123)),)),
    "unused key": replace(KNOWN, access_keys=(_used_key("AKIAUNUSED", days=46),)),
    "used key": replace(KNOWN, access_keys=(_used_key("AKIAUSED", days=30),)),
    "reported key": replace(
        KNOWN, access_keys=(HeldKey(is_active=True, created=NOW - timedelta(days=123)),), is_exact=False
    ),
    "rotated keys": replace(KNOWN, access_keys=_keys(AKIAOLDER=(400, 2), AKIANEWER=(20, 1))),
    "keys side by side": replace(KNOWN, access_keys=_keys(AKIAOLDER=(400, 1), AKIANEWER=(20, 2))),
    "inactive keys": replace(KNOWN, access_keys=tuple(replace(OLD, id=f"AKIA{number}") for number in range(2))),
    "new key": replace(KNOWN, access_keys=(HeldKey(is_active=True, id="AKIANEW", created=NOW - timedelta(days=45)),)),
    "forgotten keys": replace(
        KNOWN,
        access_keys=(
            HeldKey(is_active=False, id="AKIAMADE", created=NOW - timedelta(days=3000)),
            replace(_used_key("AKIAUSED", days=366), is_active=False, created=NOW - timedelta(days=3000)),
        ),
    ),
    "recent inactive key": replace(KNOWN, access_keys=(replace(_used_key("AKIAUSED", days=365), is_active=False),)),
    "new and old key": replace(KNOWN, access_keys=_keys(AKIAOLDER=(200, 11), AKIANEWER=(20, 1))),
    "new key that waits": replace(KNOWN, access_keys=_keys(AKIAOLDER=(200, 9), AKIANEWER=(20, 1))),
    "old key used last": replace(KNOWN, access_keys=_keys(AKIAOLDER=(200, 11), AKIANEWER=(20, 12))),
    "new key without use": replace(
        KNOWN,
        access_keys=(
            *_keys(AKIAOLDER=(200, 1)),
            HeldKey(is_active=True, id="AKIANEWER", created=NOW - timedelta(days=9)),
        ),
    ),
    "new key forgotten": replace(
        KNOWN,
        access_keys=(
            *_keys(AKIAOLDER=(200, 1)),
            HeldKey(is_active=True, id="AKIANEWER", created=NOW - timedelta(days=10)),
        ),
    ),
    "two keys of unknown use": replace(
        KNOWN,
        access_keys=tuple(replace(key, is_use_known=False) for key in _keys(AKIAOLDER=(200, 1), AKIANEWER=(9, 1))),
    ),
    "old and inactive key": replace(
        KNOWN,
        access_keys=(
            *_keys(AKIAOLDER=(200, 1)),
            HeldKey(is_active=False, id="AKIAIDLE", created=NOW - timedelta(days=300)),
        ),
    ),
    "inactive key": replace(KNOWN, access_keys=(OLD,)),
    "key of unknown use": replace(KNOWN, access_keys=(replace(NEW, is_use_known=False),)),
    "unknown": Credentials(has_password=True),
    "untold": Credentials(),
    "no password": Credentials(has_password=False),
    "everything": replace(
        KNOWN,
        has_password=True,
        password_since=NOW - timedelta(days=90),
        access_keys=(_used_key("AKIAUSED", days=30),),
        has_mfa=True,
        mfa_devices=(f"arn:aws:iam::{ACCOUNT}:mfa/phone",),
        ssh_keys=(HeldCredential("APKAONE", created=NOW - timedelta(days=20)),),
        certificates=(HeldCredential("CERTONE", is_active=False),),
        service_credentials=(
            HeldCredential("ACCAGIT", service="codecommit.amazonaws.com"),
            HeldCredential("ACCALOGS", service="logs.amazonaws.com", expires=NOW + timedelta(days=30)),
            HeldCredential("ACCAMODEL", service="bedrock.amazonaws.com"),
            HeldCredential("ACCAOVER", service="bedrock.amazonaws.com", expires=NOW - timedelta(days=1)),
        ),
    ),
}


def review(case):
    """Return the review of a case; at the stage ``manifests`` nothing live is in it.

    A line of ``approvals`` is a digest and words, or words alone for the digest of what the case needs.
    """
    needed = _review({**case, "approvals": ()}).approving if "approvals" in case else None
    return _review(case, needed)


def _review(case, needed=None):
    desired = Desired(
        settings=_settings(case.get("settings") or {}),
        partition="aws",
        state=State.of(_with_passwords_kept(_resources(case.get("desired") or {}), case)),
        ended=tuple(_memberships(case.get("ended") or {})),
        upcoming=tuple(_memberships(case.get("upcoming") or {})),
        removed={_address(text): Origin("removed.yaml", 1, 1) for text in case.get("removed", ())},
        base=_base(case, needed),
        assertions=_assertions(case.get("assertions") or {}),
        approvals=Approvals(tuple(_approvals(case.get("approvals") or (), needed))),
    )
    desired = with_approved_settings(desired)
    if case.get("at") in ("manifests", "declared"):
        return Review(desired, NOW)
    desired = stricter_of_both(desired)
    facts = {"account_id": ACCOUNT, "partition": "aws", **(case.get("facts") or {})}
    if "unassigned_devices" in facts:
        facts["unassigned_devices"] = frozenset(facts["unassigned_devices"])
    for name in ("missing_policies", "known_aws_policies", "unattachable_policies"):
        facts[name] = frozenset(map(arn, facts.get(name, ())))
    for name in ("role_policies", "role_boundaries"):
        facts[name] = {arn(policy): tuple(roles) for policy, roles in facts.get(name, {}).items()}
    facts["aws_documents"] = {arn(policy): document(text) for policy, text in facts.get("aws_documents", {}).items()}
    facts["facts"] = AuditFacts(**facts.pop("settings", {}))
    facts["session_reads"] = {
        name: SessionRead(Unread(why) if why else None, text)
        for name, (why, text) in facts.get("session_reads", {}).items()
    }
    facts["root"] = RootUser(**facts.get("root", {}))
    facts["roles"] = tuple(_role(*pair) for pair in facts.get("roles", {}).items())
    live = Live(state=State.of(_resources(case.get("live") or {})), **facts)
    scoped = scope(desired, live.state, NOW)
    changes = diff(scoped.live, scoped.desired, reasons(desired, scoped, NOW))
    if case.get("only_expired"):
        ended = {membership.address for membership in desired.ended}
        changes = tuple(change for change in changes if change.after is None and change.address in ended)
    allow_transition = case.get("transition", False)
    users = {str(user.address): user.name for user in desired.state.of_kind(User)} if allow_transition else {}
    is_ordered = case.get("in_order") or allow_transition
    ordered = order(changes, holdings(live, scoped.whole), users) if is_ordered else None
    allowed, allow_self = case.get("allowed") or {}, case.get("allow_self", False)
    asserts_live = case.get("asserts_live", False)
    allows = (allow_self, allow_transition)
    return Review(desired, NOW, live, scoped, changes, allowed, ordered, *allows, asserts_live=asserts_live)


def _with_passwords_kept(resources, case):
    """Yield the resources, and the passwords and keys that users have live, unless their case says otherwise."""
    entries = (case.get("desired") or {}).get("users") or {}
    silent = {name for name, value in _entries(entries) if not {"console", "access_keys"} & value.keys()}
    held = {
        user.name: user.credentials
        for user in _users((case.get("live") or {}).get("users") or {})
        if isinstance(user, User)
    }
    for resource in resources:
        kept = (
            held.get(resource.renamed_from or resource.name)
            if isinstance(resource, User) and resource.name in silent
            else None
        )
        if kept and not resource.credentials.has_password and kept.has_password:
            yield LoginProfile(user=resource.name)
        yield replace(resource, access_keys=2) if kept else resource


def findings(case, code):
    """Return what the rule ``code`` finds in a case."""
    return list(check(review(case), case.get("at", "plan"), frozenset({code})))


def arn(text):
    own, aws = f"arn:aws:iam::{ACCOUNT}:policy/", "arn:aws:iam::aws:policy/"
    return re.sub("^aws:", aws, re.sub("^own:", own, text))


def names(text):
    """Return the names that a text with a range stands for."""
    found = re.fullmatch(r"(.*)\[(\d+)-(\d+)\](.*)", text)
    if not found:
        return [text]
    return [f"{found[1]}{number}{found[4]}" for number in range(int(found[2]), int(found[3]) + 1)]


def document(value):
    if isinstance(value, str):
        return _allow(value, "*")
    if "Statement" in value:
        return Document.from_data(value)
    blanks = value.get("blanks", 0)
    frame = _allow("s3:*", "").size
    return _allow("s3:*", " " * blanks + "x" * (value["size"] - frame - blanks))


def _allow(action, resource):
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return Document.from_data({"Version": "2012-10-17", "Statement": [statement]})


def _resources(sections):
    yield from _users(sections.get("users") or {})
    yield from _groups(sections.get("groups") or {})
    yield from _memberships(sections.get("memberships") or {})
    for name, value in (sections.get("account") or {}).items():
        fields = full_policy(value) if name == "password_policy" else {name: value}
        yield AccountSetting(name=name, value=fields)
    for name, value in _entries(sections.get("policies") or {}):
        path = value.get("path", "/")
        yield Policy(
            name=name,
            path=path,
            document=document(value.get("document", "s3:GetObject")),
            description=value.get("description"),
            tags=value.get("tags"),
            arn=f"arn:aws:iam::{ACCOUNT}:policy{path}{name}",
        )


def _users(users):
    for name, value in _entries(users):
        plain = {key: value[key] for key in ("path", "tags", "renamed_from") if key in value}
        boundary = value.get("permissions_boundary")
        credentials = _credentials(value.get("credentials", "none"))
        keys = value.get("access_keys", {})
        keys = keys if isinstance(keys, dict) else {"count": keys}
        plain |= {"access_keys": keys["count"]} if keys else {}
        plain |= {"api_keys": value["api_keys"]} if "api_keys" in value else {}
        plain |= {"retired_keys": tuple(keys["retire"])} if "retire" in keys else {}
        plain |= {"rotation": RotationRule.of(keys.get("rotate"), None)}
        yield User(
            name=name, permissions_boundary=arn(boundary) if boundary else None, credentials=credentials, **plain
        )
        if credentials.has_password or value.get("console"):
            given = value["console"] if isinstance(value.get("console"), dict) else {}
            limit = seconds_of(given["max_session"]) if "max_session" in given else credentials.max_session
            facts = {"since": credentials.password_since, "used": credentials.password_used}
            facts |= {"age_recipient": value.get("age_recipient")}
            yield LoginProfile(user=name, reissue=given.get("reissue"), max_session=limit, **facts)
        for key in credentials.access_keys or ():
            if key.id:
                yield AccessKey(
                    user=name,
                    key_id=key.id,
                    is_active=key.is_active,
                    created=key.created,
                    last_use=key.last_use,
                    is_use_known=key.is_use_known,
                    inactive_since=value.get("inactive_since"),
                )
        for held in credentials.service_credentials or ():
            if held.is_api_key:
                yield ApiKey(user=name, key_id=held.id, held=held)
        for serial in credentials.mfa_devices or ():
            yield MfaDevice(user=name, serial=serial)
        for text in value.get("policies", ()):
            for policy in names(text):
                yield UserPolicy(user=name, policy_arn=arn(policy))
        for policy, written in value.get("inline_policies", {}).items():
            yield UserInlinePolicy(user=name, name=policy, document=document(written))


def _credentials(value):
    """Return the credentials of that name, or those of somebody with a password ``since`` a day and ``mfa`` or not."""
    if isinstance(value, str):
        return CREDENTIALS[value]
    since = datetime.fromisoformat(f"{value['since']}T10:00:00Z") if value.get("since") else None
    used = datetime.fromisoformat(f"{value['used']}T10:00:00Z") if value.get("used") else None
    return replace(
        KNOWN,
        has_password=value.get("password", True),
        password_since=since,
        password_used=used,
        is_password_use_known="used" in value,
        max_session=value.get("max_session"),
        has_mfa=value.get("mfa", False),
    )


def _groups(groups):
    for name, value in _entries(groups):
        yield Group(name=name, **{key: value[key] for key in ("path", "renamed_from") if key in value})
        for text in value.get("policies", ()):
            for policy in names(text):
                yield GroupPolicy(group=name, policy_arn=arn(policy))
        for text, written in value.get("inline_policies", {}).items():
            for policy in names(text):
                yield GroupInlinePolicy(group=name, name=policy, document=document(written))


def _role(name, value):
    inline = {policy: document(text) for policy, text in value.get("inline_policies", {}).items()}
    boundary = value.get("permissions_boundary")
    facts = {key: value[key] for key in ("path", "tags") if key in value}
    if "trust" in value:
        facts["trust"] = document(value["trust"])
    if "trusts" in value:
        kind = "Service" if value["trusts"].endswith(".amazonaws.com") else "AWS"
        statement = {"Effect": "Allow", "Principal": {kind: value["trusts"]}, "Action": "sts:AssumeRole"}
        facts["trust"] = Document.from_data({"Version": "2012-10-17", "Statement": [statement]})
    return Role(name, tuple(map(arn, value.get("policies", ()))), inline, arn(boundary) if boundary else None, **facts)


def _memberships(groups):
    for text, members in groups.items():
        for group in names(text):
            for member in members:
                until = member.get("until") if isinstance(member, dict) else None
                begins = member.get("from") if isinstance(member, dict) else None
                for user in names(member["user"] if isinstance(member, dict) else member):
                    yield Membership(group=group, user=user, until=until, begins=begins)


def _entries(section):
    pairs = section.items() if isinstance(section, dict) else ((name, None) for name in section)
    for text, value in pairs:
        for name in names(text):
            yield name, value or {}


def _base(case, needed):
    if "base" not in case:
        return None
    accounts = {name: _settings(value, name) for name, value in case["base"].items()}
    return Base(accounts, case.get("allow_loosening", False), _was(case, needed) if "was" in case else None)


def _approvals(texts, needed):
    for number, text in enumerate(texts, 1):
        digest, _, words = text.rpartition("sha256:")[2].partition(" ") if "sha256:" in text else ("", "", text)
        if not digest and needed is None:
            continue
        wanted = [one.digest for one in needed.wanted] if needed else []
        digest = f"sha256:{digest}" if digest else wanted[min(number, len(wanted)) - 1]
        yield Approval(digest, words, Origin("approvals.yaml", number, 3))


def _was(case, needed):
    """Return what the manifests of the base declared."""
    value = case["was"]
    return Desired(
        settings=_settings({}),
        partition="aws",
        state=State.of(_with_passwords_kept(_resources(value), {**case, "desired": value})),
        ended=tuple(_memberships(value.get("ended") or {})),
        assertions=_assertions(value.get("assertions") or {}),
        approvals=Approvals(tuple(_approvals(value.get("approvals") or (), needed))),
    )


class _References:
    def reference(self, entry, path):
        value = entry.value
        for step in path:
            value = value[step]
        return document(value)


def _assertions(entries):
    problems = []
    place = {(): Origin("assertions.yaml", 2, 3)}
    found = [Entry("assertions", name, value, place) for name, value in entries.items()]
    read = AssertionReader(_References(), problems.append).read(found, lambda _: True)
    assert not problems
    return read


def _settings(value, name="prod"):
    limits = {
        name: Limit(count=limit) if isinstance(limit, int) else Limit(share=float(limit.rstrip("%")) / 100)
        for name, limit in value.get("limits", {}).items()
    }
    return Settings(
        account_name=name,
        account_id=value.get("account_id", ACCOUNT),
        undeclared={sections()[name][0].kind: choice for name, choice in value.get("undeclared", {}).items()},
        ignore=tuple(map(_ignore_rule, value.get("ignore", ()))),
        ignore_tags=tuple(value.get("ignore_tags", ())),
        protect=tuple(value.get("protect", ())),
        secrets=Secrets(**value["secrets"]) if "secrets" in value else None,
        limits=limits,
        mfa=MfaSettings(**value.get("mfa", {})),
        access_keys=AccessKeySettings(**value.get("access_keys", {})),
        exceptions=tuple(
            PolicyException(
                address=_address(item["address"]),
                reason=item.get("reason", ""),
                until=end_of(item["until"]) if "until" in item else None,
                origin=Origin("iamctl.yaml", 9, 5),
            )
            for item in value.get("exceptions", ())
        ),
    )


def _ignore_rule(value):
    if isinstance(value, str):
        return IgnoreRule(address=value)
    return IgnoreRule(path=value.get("path"), tags=tuple(value.get("tag", {}).items()))


def _address(text):
    kind, _, rest = text.partition("/")
    return Address(kind, tuple(map(arn, rest.split("/", 1))) if kind.startswith("user-") else (rest,))
