"""Of whom the credential report does not tell enough, so that they must be asked for one by one."""

from __future__ import annotations

from iamctl.kinds import LoginProfile, User
from iamctl.kinds.credentials import Credentials
from iamctl.model import Resource


def is_password_in_doubt(user: User, made: frozenset[str], *, trusts_report: bool) -> bool:
    """Tell whether a user may have a password that nothing read so far tells of."""
    held = user.credentials
    if held.is_exact or held.has_password or user.name in made:
        return False
    return held.has_password is None or not trusts_report


def is_in_doubt(held: Credentials, user: User, profile: Resource | None) -> bool:
    """Tell whether what the report says of a user is not just what the manifest asks for."""
    if held.has_password is None or held.access_keys is None or held.has_mfa is None:
        return True
    wants_reissue = isinstance(profile, LoginProfile) and profile.reissue is not None
    active = sum(key.is_active for key in held.access_keys)
    has_limit = isinstance(profile, LoginProfile) and profile.max_session is not None and held.max_session is None
    is_about_keys = active > user.access_keys or bool(user.retired_keys) or user.rotation is not None
    return held.has_password != (profile is not None) or wants_reissue or has_limit or is_about_keys
