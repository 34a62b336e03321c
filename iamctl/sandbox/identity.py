"""STS of a sandbox: who calls, and roles to assume, always in the sandbox's own account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult
from moto.sts.models import AssumedRole, sts_backends
from moto.sts.responses import TokenResponse

if TYPE_CHECKING:
    from iamctl.sandbox.account import Account

ACCESS_KEY_ID = "ASIAIAMCTLSANDBOX234"
OPERATOR = "AROAIAMCTLSANDBOX2345:cli"


class SandboxTokenResponse(TokenResponse):  # type: ignore[misc]
    """One request to STS."""

    def __init__(self, account: Account) -> None:
        super().__init__()
        self.account = account

    def get_current_account(self) -> str:
        """Return the id of the sandbox's account, regardless of the caller."""
        return str(self.account.account_id)

    def get_region_from_url(self, request: Any, full_url: str) -> str:
        """Return the region of the sandbox's account, whatever address was called."""
        del request, full_url
        return str(self.account.region_name)

    def assume_role(self) -> ActionResult:
        """Return credentials for a session of any role, whether it exists or not."""
        key = self.account.create_temp_access_key()
        key.role_arn = self._get_param("RoleArn")
        role = AssumedRole(
            account_id=self.account.account_id,
            region_name=self.account.region_name,
            access_key=key,
            role_session_name=self._get_param("RoleSessionName"),
            role_arn=key.role_arn,
            policy=self._get_param("Policy"),
            duration=self._get_int_param("DurationSeconds", 3600),
            external_id=self._get_param("ExternalId"),
        )
        backend = sts_backends[self.account.account_id][self.account.partition]
        backend.assumed_roles.append(role)
        user = {"AssumedRoleId": role.user_id, "Arn": role.arn}
        return ActionResult({"Credentials": role, "AssumedRoleUser": user, "PackedPolicySize": 6})

    def get_caller_identity(self) -> ActionResult:
        """GetCallerIdentity: return the sandbox's own role, or the role that the caller's credentials belong to."""
        if self.get_access_key() != ACCESS_KEY_ID:
            return super().get_caller_identity()
        arn = f"arn:{self.account.partition}:sts::{self.account.account_id}:assumed-role/iamctl-sandbox/cli"
        return ActionResult({"UserId": OPERATOR, "Account": self.account.account_id, "Arn": arn})
