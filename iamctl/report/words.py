"""Words for kinds and reasons; a kind without an entry gets words made of its noun."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from iamctl.kinds import AccessKey, ApiKey, LoginProfile, Membership, NewAccessKey, SigninSession, User
from iamctl.kinds.arn import policy_words
from iamctl.model import Action, Change, Reason, Resource, Why
from iamctl.model.transition import is_transition
from iamctl.text.counted import counted

REASONS: Mapping[Reason, str] = {
    Reason.DECLARED: "declared, not in the account",
    Reason.UNDECLARED: "in the account, not declared",
    Reason.DIFFERS: "differs: {fields}",
    Reason.RENAMED: "renamed from {name}",
    Reason.DELETED_WITH: "deleted with {by}",
    Reason.USER_UNDECLARED: "the user is not declared",
    Reason.GROUP_UNDECLARED: "the group is not declared",
    Reason.REMOVED: "listed under 'removed'{place}",
    Reason.EXPIRED: "expired {date}{place}",
    Reason.EXCEPTION_ENDED: "its exception ended on {date}{place}",
    Reason.BEGUN: "begins on {date}{place}",
    Reason.NOT_YET: "begins only on {date}{place}",
    Reason.USER_ENDED: "the user's 'until' {date} has passed{place}",
    Reason.IGNORED: "{by} is ignored by {rule}",
    Reason.LEFT_ALONE: "undeclared memberships are left alone",
    Reason.EXPIRED_LEFT_ALONE: "expired, but undeclared memberships are left alone",
    Reason.TOO_MANY_KEYS: "more active keys than access_keys allows",
    Reason.TOO_MANY_API_KEYS: "more API keys than api_keys allows",
    Reason.KEY_RETIRED: "listed under 'retire'",
    Reason.KEY_UNUSED: "inactive and unused for long enough",
    Reason.KEY_ACTIVE_AGAIN: "active again",
    Reason.KEY_DUE: "key {name} is {age} old: a second key is created and handed over",
    Reason.KEY_MISSING: "the user has no working key: one is created and handed over",
    Reason.KEY_REPLACED: "replaced by {name}, which is in use",
    Reason.KEY_INTERRUPTED: "created by an interrupted run; nobody has its secret",
    Reason.KEY_MAKES_ROOM: "inactive; iamctl will delete it to make room for the next rotation",
    Reason.KEY_NOTED: "the note of an interrupted creation is no longer needed",
    Reason.TOO_OLD: "reissued because it is older than {date}",
    Reason.CONSOLE_NOT_GRANTED: "console access is not granted",
}

PLAIN = frozenset({Reason.DECLARED, Reason.UNDECLARED, Reason.DIFFERS})
"""The reasons that repeat what stands beside them."""

VERBS: Mapping[Action, str] = {Action.CREATE: "gains", Action.UPDATE: "changes", Action.DELETE: "loses"}
"""What happens to a user, a group or a policy, before the label of what it gains or loses."""

VERBS_OF_KINDS: Mapping[str, Mapping[Action, str]] = {
    "membership": {Action.CREATE: "joins", Action.DELETE: "leaves"},
    "new-access-key": {Action.CREATE: "gets a", Action.UPDATE: "gets a", Action.DELETE: "finishes the"},
    "login-profile": {Action.CREATE: "gets a", Action.UPDATE: "gets a new", Action.DELETE: "loses the"},
}

SESSION_ONLY, KEEPS = ("max_session",), "keeps the"
"""The fields of a change that keeps the password, and how it reads."""

DRIFTS: Mapping[Action, str] = {
    Action.CREATE: "the {noun} {name} is missing",
    Action.UPDATE: "the {noun} {name} was changed by hand",
    Action.DELETE: "the {noun} {name} should not exist",
}
"""What was done by hand to a resource of its own, by the action that repairs it."""

DRIFTS_OF_PARTS: Mapping[Action, str] = {
    Action.CREATE: "the {noun} {name} of the {owner_kind} {owner} is missing",
    Action.UPDATE: "the {noun} {name} of the {owner_kind} {owner} was changed by hand",
    Action.DELETE: "someone added the {noun} {name} to the {owner_kind} {owner}",
}
"""The same for what belongs to a user or a group."""

MERGED: Mapping[Action, str] = {
    Action.CREATE: "will be created",
    Action.UPDATE: "will change",
    Action.DELETE: "will be deleted",
}
"""What the next apply does to a resource of its own."""

DRIFTS_OF_KINDS: Mapping[tuple[str, Action], str] = {
    ("membership", Action.CREATE): "{name} is missing from {owner}",
    ("membership", Action.DELETE): "someone added {name} to {owner}",
    ("group-policy", Action.CREATE): "the policy {name} is not attached to the group {owner}",
    ("group-policy", Action.DELETE): "someone attached the policy {name} to the group {owner}",
    ("user-policy", Action.DELETE): "someone attached the policy {name} directly to {owner}",
    ("user-inline-policy", Action.DELETE): "someone added the inline policy {name} directly to {owner}",
    ("login-profile", Action.CREATE): "{owner} has no password",
    ("login-profile", Action.DELETE): "someone gave {owner} a password",
    ("login-profile", Action.UPDATE): "someone changed how long sessions of {owner} last",
    ("signin-session", Action.DELETE): "{owner} has no password, but the sign-in session {name} is active",
    ("new-access-key", Action.CREATE): "{owner} has no access key that works",
    ("new-access-key", Action.UPDATE): "the creation of an access key of {owner} was interrupted",
    ("new-access-key", Action.DELETE): "the creation of an access key of {owner} was interrupted",
}

DRIFTS_OF_REASONS: Mapping[Reason, str] = {
    Reason.RENAMED: "the {noun} {old} is not renamed to {name} yet",
    Reason.EXPIRED: "the membership of {name} in {owner} ended on {date}",
    Reason.EXCEPTION_ENDED: "the exception for the {noun} {name} of {owner} ended on {date}; its removal is due",
    Reason.BEGUN: "the membership of {name} in {owner} begins on {date} and is due",
    Reason.NOT_YET: "{name} is in {owner} already, but the membership begins on {date}",
    Reason.TOO_MANY_KEYS: "the access key {name} of {owner} is active, but not allowed by access_keys",
    Reason.TOO_MANY_API_KEYS: "the API key {name} of {owner} works, but is not allowed by api_keys",
    Reason.KEY_RETIRED: "the access key {name} of {owner} is listed under 'retire', but not retired yet",
    Reason.KEY_ACTIVE_AGAIN: "the access key {name} of {owner} was activated by hand",
    Reason.KEY_UNUSED: "the access key {name} of {owner} was inactive for long enough and is due to be deleted",
    Reason.KEY_DUE: "the access key of {owner} is due for rotation",
    Reason.KEY_REPLACED: "the access key {name} of {owner} was replaced and is due to be deactivated",
    Reason.KEY_INTERRUPTED: "an interrupted run created the access key {name} of {owner}, and nobody has its secret",
    Reason.KEY_MAKES_ROOM: "the access key {name} of {owner} is inactive and prevents the next rotation",
    Reason.TOO_OLD: "the password of {owner} is older than {date} and due to be replaced",
}
"""The reasons that say more than the action does."""

INTERRUPTED = "an interrupted apply left the temporary policy {name} on {owner}; the next apply removes it"
USER_ENDED = "the user {name} ended on {date} and is due to be deleted"
PART_OF_USER_ENDED = "the user {owner} ended on {date}; the {noun} {name} is due"

NOT_DECLARED = "not declared"
READABLE = "can be read by {readers}"
INTO_AWS = "delivered to the secret {secret} of AWS Secrets Manager"
ON_TERMINAL = "anyone who sees the terminal of the apply"


def reason_text(change: Change) -> str:
    """Return why a change is made, in words; nothing where that is not known."""
    if change.why is None:
        return ""
    note = f"; reason: {change.why.note}" if change.why.note else ""
    return f"{why_text(change.why, change)}{note}"


def why_text(why: Why, change: Change | None = None) -> str:
    """Return a reason in words."""
    return REASONS[why.reason].format(
        by=why.by or "",
        name=why.by.name if why.by else "",
        date=why.date,
        age=counted(why.days, "day"),
        place=f" ({why.origin})" if why.origin else "",
        rule=why.rule,
        fields=", ".join(change.fields) if change else "",
    )


def member_why_text(why: Why | None) -> str:
    """Return why a membership ends or is left alone; nothing where there is no reason."""
    if why is None:
        return ""
    return NOT_DECLARED if why.reason is Reason.UNDECLARED else why_text(why)


def verb(change: Change) -> str:
    """Return what a change does to the subject of its resource, such as "joins"."""
    special = VERBS_OF_KINDS.get(change.address.kind, {})
    if change.fields == SESSION_ONLY:
        return KEEPS
    return special.get(change.action, VERBS[change.action])


def label(resource: Resource) -> str:
    """Return what is gained or lost, such as "inline policy logs", with what is known of it."""
    special = _LABELS.get(resource.kind)
    return special(resource) if special else f"{resource.noun} {_name(resource)}"


def drift_sentence(change: Change) -> str:
    """Return what differs from the manifests, as what somebody did by hand or what is due."""
    resource, why, owner = change.resource, change.why, change.resource.owner
    special = DRIFTS_OF_REASONS.get(why.reason) if why else None
    if why and why.reason is Reason.USER_ENDED:
        special = USER_ENDED if owner is None else PART_OF_USER_ENDED
    default = (DRIFTS if owner is None else DRIFTS_OF_PARTS)[change.action]
    if is_transition(change.address):
        special = INTERRUPTED
    return (special or DRIFTS_OF_KINDS.get((resource.kind, change.action)) or default).format(
        noun=resource.noun,
        name=_name(resource),
        old=change.before.address.name if change.before else "",
        owner=owner.name if owner else "",
        owner_kind=owner.kind if owner else "",
        date=why.date if why else "",
    )


def merged_sentence(change: Change) -> str:
    """Return what the next apply does, such as "alice leaves admins"."""
    resource, owner = change.resource, change.resource.owner
    if isinstance(resource, Membership):
        return f"{resource.user} {verb(change)} {label(resource)}"
    if owner is not None:
        return f"{owner.kind} {owner.name} {verb(change)} {label(resource)}"
    return f"{resource.noun} {_name(resource)} {MERGED[change.action]}"


def terms_texts(resource: Resource) -> Iterator[str]:
    """Yield on what terms a resource is made, beside its fields."""
    terms = resource.terms()
    if resource.kind == User.kind and (until := terms.get("until")):
        yield f"until {until}"
    if secret := terms.get("secret"):
        yield INTO_AWS.format(secret=secret)
    if terms.get("terminal"):
        yield READABLE.format(readers=ON_TERMINAL)
    elif readers := terms.get("readers"):
        yield READABLE.format(readers=", ".join(readers))


def _name(resource: Resource) -> str:
    """Return the name of a resource, of an attached policy as manifests name it, so that no other policy is taken for one of AWS."""
    arn: str | None = getattr(resource, "policy_arn", None)
    return policy_words(arn) if arn else resource.address.name


def _membership(membership: Membership) -> str:
    terms = _terms(membership)
    return f"{membership.group} ({terms})" if terms else membership.group


def terms_of_membership(change: Change) -> str:
    """Return until when and why a membership begins, or why it ends; nothing where a manifest gives no terms."""
    if isinstance(change.after, Membership):
        return _terms(change.after)
    is_plain = change.why is None or change.why.reason in PLAIN
    if change.why and change.why.reason is Reason.DELETED_WITH:
        return "the user will be deleted" if change.why.by and change.why.by.kind == "user" else ""
    note = f"; reason: {change.why.note}" if change.why and change.why.note else ""
    return note.removeprefix("; ") if is_plain or change.why is None else f"{_without_place(change.why)}{note}"


def membership_terms(membership: Membership) -> tuple[str, ...]:
    """Return until when and why a membership is declared, each as text."""
    until = (f"until {membership.until}",) if membership.until else ()
    return (*until, f"reason: {membership.why}") if membership.why else until


def _without_place(why: Why) -> str:
    return why_text(replace(why, origin=None))


def _terms(membership: Membership) -> str:
    return "; ".join(membership_terms(membership))


def _password(profile: LoginProfile) -> str:
    if profile.since is None and profile.used is None:
        return "password"
    known = [f"since {profile.since:%Y-%m-%d}"] if profile.since else []
    known.append(f"last used {profile.used:%Y-%m-%d}" if profile.used else "no known use")
    return f"password ({', '.join(known)})"


def _access_key(key: AccessKey) -> str:
    known = ["active" if key.is_active else "inactive"]
    if key.created:
        known.append(f"created {key.created:%Y-%m-%d}")
    if key.last_use:
        places = " in ".join(filter(None, (key.last_use.service, key.last_use.region)))
        known.append(f"last used {key.last_use.at:%Y-%m-%d}{f' ({places})' if places else ''}")
    else:
        known.append("no known use")
    if key.inactive_since:
        known.append(f"inactive since {key.inactive_since}")
    return f"access key {key.key_id} ({', '.join(known)})"


def _new_access_key(key: NewAccessKey) -> str:
    return "new access key" if key.is_created else "interrupted creation of an access key"


def _api_key(key: ApiKey) -> str:
    known = [key.held.service]
    if key.held.created:
        known.append(f"created {key.held.created:%Y-%m-%d}")
    if not key.held.is_active:
        known.append("inactive")
    known.append(f"until {key.held.expires:%Y-%m-%d}" if key.held.expires else "never expires")
    return f"API key {key.key_id} ({', '.join(known)})"


def _signin_session(session: SigninSession) -> str:
    known = [f"of {session.client}"] if session.client else []
    if session.issued:
        known.append(f"since {session.issued:%Y-%m-%d}")
    if session.expires:
        known.append(f"until {session.expires:%Y-%m-%d}")
    told = f" ({', '.join(known)})" if known else ""
    return f"sign-in session {session.arn}{told}"


_LABELS: Mapping[str, Callable[[Any], str]] = {
    "membership": _membership,
    "login-profile": _password,
    "access-key": _access_key,
    "new-access-key": _new_access_key,
    "api-key": _api_key,
    "signin-session": _signin_session,
}
