"""The login profile of a user: the password for the console."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from iamctl.kinds.credentials import held_credentials
from iamctl.kinds.session_limit import DURATIONS, duration_text, seconds_of
from iamctl.kinds.user import User
from iamctl.model import Address, Declares, Operations, Phase, Reason, RemovalLimit, Resource, State, Step, Why
from iamctl.model.access_change import LoginChange
from iamctl.text.late_dataclass import dataclass
from iamctl.text.moment import start_of
from iamctl.text.once import once

if TYPE_CHECKING:
    from iamctl.model.settings import Secrets, Settings
    from iamctl.model.snapshot import Snapshot

_RESET = {"ResetMaxSigninSessionDuration": True}


@dataclass(frozen=True, kw_only=True)
class LoginProfile(Resource):
    """A password; what it is, is made while applying and never known afterwards.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateLoginProfile.html
    """

    kind: ClassVar[str] = "login-profile"
    title: ClassVar[str] = "Passwords"
    noun: ClassVar[str] = "password"
    operations: ClassVar[Operations] = Operations(
        create=("CreateLoginProfile",), update=("UpdateLoginProfile",), delete=("DeleteLoginProfile",)
    )
    limit: ClassVar[RemovalLimit | None] = RemovalLimit("passwords")
    parts_in_address: ClassVar[int | None] = 1
    """A user has one password."""
    reference_fields: ClassVar[Mapping[str, str]] = {"user": "user"}
    owner_field: ClassVar[str | None] = "user"
    manifest_schema: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "users": {
            "properties": {
                "console": {
                    "type": ["boolean", "object"],
                    "additionalProperties": False,
                    "minProperties": 1,
                    "properties": {
                        "reissue": {
                            "type": "string",
                            "format": "iamctl-until",
                            "description": "From this day (UTC) or RFC 3339 time on, a password that is older is "
                            "replaced, once.",
                            "examples": ["2026-12-01"],
                        },
                        "max_session": {
                            "type": "string",
                            "pattern": DURATIONS,
                            "x-iamctl-message": "write hours (1h to 2160h), days (1d to 90d), or none",
                            "description": "How long a sign-in session of the user lasts at most; `none`: no limit. "
                            "Compared only where it is given; otherwise a limit in the account stays, also when the "
                            "password is replaced.",
                            "examples": ["12h"],
                        },
                    },
                    "default": False,
                    "description": "Whether the user may sign in to the console with a password.",
                    "examples": [True, {"reissue": "2026-12-01"}, {"max_session": "12h"}],
                },
                "age_recipient": {
                    "type": "string",
                    "description": "The user's own public key, of age or of SSH: they can then read the file with "
                    "their first password, too.",
                    "examples": ["age16q83y6wh0fwkpzuf327f8kgc47gnr7sp4sdylt27eh7wzmy8u3usm998mn"],
                },
            }
        }
    }

    user: str
    reissue: str | None = None
    """The day from which on the password must be; None once it is."""
    max_session: int | None = None
    """How many seconds a sign-in session lasts at most; None where the manifest says nothing, or nothing live is known."""
    age_recipient: str | None = field(default=None, compare=False)
    """The public key of the user, who can then read the file with the password."""
    readers: tuple[str, ...] = field(default=(), compare=False)
    """Who can read the password that is made: public keys in short."""
    is_shown: bool = field(default=False, compare=False)
    """Whether the password is shown on the terminal of the apply."""
    since: datetime | None = field(default=None, compare=False)
    used: datetime | None = field(default=None, compare=False)

    @once
    def address(self) -> Address:
        return Address.of(self.kind, self.user)

    @property
    def last_used(self) -> datetime | None:
        return self.used

    @classmethod
    def declared(cls, manifests: Declares) -> Iterator[Self]:
        for entry in manifests.entries("users"):
            console = (entry.value or {}).get("console")
            if console:
                given = console if isinstance(console, Mapping) else {}
                yield cls(
                    user=entry.name,
                    reissue=given.get("reissue"),
                    max_session=seconds_of(given["max_session"]) if "max_session" in given else None,
                    age_recipient=entry.value.get("age_recipient"),
                    origin=entry.origin("console"),
                )

    @classmethod
    def live(cls, snapshot: Snapshot) -> Iterator[Self]:
        for name, held in held_credentials(snapshot):
            if held.has_password:
                limit = held.max_session
                yield cls(user=name, max_session=limit, since=held.password_since, used=held.password_used)

    def aligned(self, live: Self) -> Self:
        return replace(self, max_session=live.max_session) if self.max_session is None else self

    @classmethod
    def resolved_against_live(cls, desired: State, live: State, now: datetime, settings: Settings) -> Iterator[Self]:
        """Yield the passwords that are declared, but for users of whom nobody knows whether they have one."""
        for declared in desired.of_kind(cls):
            user = live.get(Address.of("user", declared.user))
            if isinstance(user, User) and user.credentials.has_password is None:
                continue
            secrets = settings.secrets
            shown = secrets is not None and secrets.deliver == "terminal"
            profile = replace(declared, readers=readers_of(secrets, declared.age_recipient), is_shown=shown)
            found = live.get(profile.address)
            held = found if isinstance(found, cls) else None
            yield profile if profile.is_due(held, now) else profile.beside(held)

    def is_due(self, live: Self | None, now: datetime) -> bool:
        """Tell whether ``reissue`` asks for another password than the live one."""
        if self.reissue is None or live is None or live.since is None:
            return False
        return live.since < start_of(self.reissue) <= now

    def beside(self, live: Self | None) -> Self:
        """Return the profile that an existing password fulfils; a limit that is unknown there is not compared."""
        is_unknown = live is not None and live.max_session is None
        return replace(self, reissue=None, max_session=None if is_unknown else self.max_session)

    def to_json(self) -> dict[str, Any]:
        limit = {"max_session": duration_text(self.max_session)} if self.max_session else {}
        return {"user": self.user, **({"reissue": self.reissue} if self.reissue else {}), **limit}

    def identity(self) -> Mapping[str, Any]:
        return {"since": self.since.isoformat() if self.since else None}

    def terms(self) -> Mapping[str, Any]:
        if self.is_shown:
            return {"terminal": True}
        return {"readers": list(self.readers)} if self.readers else {}

    def cause(self, after: Resource | None) -> Why | None:
        if isinstance(after, LoginProfile):
            return Why(Reason.TOO_OLD, date=after.reissue) if after.reissue else None
        return Why(Reason.CONSOLE_NOT_GRANTED)

    def beside_calls(self) -> Mapping[str, Any]:
        return {"age_recipient": self.age_recipient}

    def create_steps(self) -> Iterator[Step]:
        params = {
            "UserName": self.user,
            "Password": {"$secret": f"console-password/{self.user}"},
            "PasswordResetRequired": True,
            **({"MaxSigninSessionDuration": self.max_session} if self.max_session else {}),
        }
        yield self._step("CreateLoginProfile", params, Phase.GRANT, after=True)

    def update_steps(self, after: Self) -> Iterator[Step]:
        """Yield the old password's end and the new one: a password that leaked is of no more use to anybody.

        A limit of sessions alone is set on the password that there is.
        """
        if not after.reissue:
            limit = {"MaxSigninSessionDuration": after.max_session} if after.max_session else _RESET
            yield Step("UpdateLoginProfile", {"UserName": self.user, **limit}, Phase.CHANGE, uses=self.references)
            return
        for step in (*self.delete_steps(), *after.create_steps()):
            effects = (LoginChange(self.user, after=step.operation == "CreateLoginProfile", again=True),)
            yield replace(step, phase=Phase.GRANT, effects=effects)

    def delete_steps(self) -> Iterator[Step]:
        yield self._step("DeleteLoginProfile", {"UserName": self.user}, Phase.LOCK, after=False)

    def _step(self, operation: str, params: dict[str, Any], phase: Phase, *, after: bool) -> Step:
        return Step(operation, params, phase, uses=self.references, effects=(LoginChange(self.user, after=after),))


def readers_of(secrets: Secrets | None, own: str | None) -> tuple[str, ...]:
    """Return who can read a password that is delivered so, as public keys in short; ``own`` is that of the user."""
    if secrets is None or secrets.deliver == "terminal":
        return ()
    return tuple(sorted({_short(key) for key in (*secrets.recipients, *([own] if own else ()))}))


def _short(key: str) -> str:
    """Return a public key so that it can be told from every other: one of SSH by its fingerprint, as OpenSSH has it.

    https://man.openbsd.org/ssh-keygen.1#l
    """
    import hashlib  # loads OpenSSL

    kind, _, rest = key.partition(" ")
    if not rest:
        return kind
    try:
        body = base64.b64decode(rest.split()[0], validate=True)
    except ValueError:
        return key
    return f"{kind} SHA256:{base64.b64encode(hashlib.sha256(body).digest()).decode().rstrip('=')}"
