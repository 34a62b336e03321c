"""Operations on passwords, access keys, SSH keys, signing certificates and service-specific credentials."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from moto.iam.exceptions import (
    EntityAlreadyExists,
    IAMException,
    LimitExceededException,
    NoSuchEntity,
)

from iamctl.sandbox.account import LoginProfile, SandboxUser, now, unique_id
from iamctl.sandbox.operations import Operations
from iamctl.sandbox.paging import page
from iamctl.sandbox.quotas import refuse_above

if TYPE_CHECKING:
    from collections.abc import Callable

SERVICES = ("codecommit.amazonaws.com", "cassandra.amazonaws.com", "bedrock.amazonaws.com")
"""https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceSpecificCredential.html"""

MAX_SERVICE_CREDENTIALS = 2
"""Service-specific credentials of one user for one service.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceSpecificCredential.html
"""


class ServiceNotSupported(IAMException):  # type: ignore[misc]
    """IAM has no service-specific credentials for this service."""

    code = "NotSupportedService"


class CredentialOperations(Operations):
    """What a user can sign in or sign requests with, except MFA devices."""

    named_user: Callable[[], SandboxUser]

    def login_profile(self, user: SandboxUser) -> LoginProfile:
        """Return the login profile of a user.

        Raises:
            NoSuchEntity: the user has no password.
        """
        if user.login_profile is None:
            raise NoSuchEntity(f"Login Profile for User {user.name} cannot be found.")
        return user.login_profile

    def create_login_profile(self) -> dict[str, Any]:
        """CreateLoginProfile: return the login profile, without its password.

        Raises:
            EntityAlreadyExists: the user has a password.
        """
        user = self.named_user()
        if user.login_profile is not None:
            raise EntityAlreadyExists(f"Login Profile for user {user.name} already exists.")
        user.login_profile = LoginProfile(
            now(), bool(self.param("PasswordResetRequired")), self.param("MaxSigninSessionDuration")
        )
        return self.get_login_profile()

    def get_login_profile(self) -> dict[str, Any]:
        """GetLoginProfile: return the login profile.

        Raises:
            NoSuchEntity: the user has no password.
        """
        user = self.named_user()
        profile = self.login_profile(user)
        return {
            "LoginProfile": {
                "UserName": user.name,
                "CreateDate": profile.create_date,
                "PasswordResetRequired": profile.reset_required,
                **({"MaxSigninSessionDuration": profile.max_session} if profile.max_session else {}),
            }
        }

    def update_login_profile(self) -> None:
        """UpdateLoginProfile: change the limit of sessions, and whether the user must choose a password, which is not kept."""
        profile = self.login_profile(self.named_user())
        if self.param("PasswordResetRequired") is not None:
            profile.reset_required = self.param("PasswordResetRequired")
        if self.param("MaxSigninSessionDuration") is not None or self.param("ResetMaxSigninSessionDuration"):
            profile.max_session = self.param("MaxSigninSessionDuration")

    def delete_login_profile(self) -> None:
        """DeleteLoginProfile: remove the password.

        Raises:
            NoSuchEntity: the user has no password.
        """
        user = self.named_user()
        self.login_profile(user)
        user.login_profile = None

    def create_access_key(self) -> dict[str, Any]:
        """CreateAccessKey: return the new key with its secret; IAM shows the secret only here."""
        user = self.named_user()
        refuse_above(self.account, "AccessKeysPerUserQuota", "AccessKeysPerUser", len(user.access_keys) + 1)
        key = user.create_access_key(prefix="AKIA")
        key.create_date = now()
        self.account.access_keys[key.access_key_id] = key
        return {"AccessKey": access_key(user, key) | {"SecretAccessKey": key.secret_access_key}}

    def list_access_keys(self) -> dict[str, Any]:
        """ListAccessKeys: return a page of the user's keys, without secrets."""
        user = self.named_user()
        keys, marks = page(self, user.access_keys)
        return {"AccessKeyMetadata": [access_key(user, key) for key in keys]} | marks

    def named_key(self, user: SandboxUser) -> Any:
        """Return the access key of ``user`` that the request names.

        Raises:
            NoSuchEntity: the user has no such key.
        """
        for key in user.access_keys:
            if key.access_key_id == self.param("AccessKeyId"):
                return key
        raise NoSuchEntity(f"The Access Key with id {self.param('AccessKeyId')} cannot be found.")

    def update_access_key(self) -> None:
        """UpdateAccessKey: set the status, ``Active`` or ``Inactive``."""
        self.named_key(self.named_user()).status = self.param("Status")

    def delete_access_key(self) -> None:
        """DeleteAccessKey: remove the key from the user and from the account."""
        user = self.named_user()
        key = self.named_key(user)
        user.access_keys.remove(key)
        self.account.access_keys.pop(key.access_key_id, None)

    def get_access_key_last_used(self) -> dict[str, Any]:
        """GetAccessKeyLastUsed: return when, where and for what a key was used; ``N/A`` and no date for never.

        Raises:
            NoSuchEntity: there is no such key.
        """
        key = self.account.access_keys.get(self.param("AccessKeyId"))
        if key is None or key.user_name is None:
            raise NoSuchEntity(f"The Access Key with id {self.param('AccessKeyId')} cannot be found.")
        used = key.last_used
        last = {"Region": "N/A", "ServiceName": "N/A"}
        if used is not None:
            last = {"LastUsedDate": used.timestamp, "Region": used.region, "ServiceName": used.service}
        return {"UserName": key.user_name, "AccessKeyLastUsed": last}

    def list_ssh_public_keys(self) -> dict[str, Any]:
        """ListSSHPublicKeys: return a page of the user's keys, without their bodies."""
        user = self.named_user()
        keys, marks = page(self, user.ssh_public_keys)
        shown = [
            {
                "UserName": user.name,
                "SSHPublicKeyId": key.ssh_public_key_id,
                "Status": key.status,
                "UploadDate": key.upload_date,
            }
            for key in keys
        ]
        return {"SSHPublicKeys": shown} | marks

    def list_signing_certificates(self) -> dict[str, Any]:
        """ListSigningCertificates: return a page of the user's certificates."""
        user = self.named_user()
        held, marks = page(self, user.signing_certificates.values())
        shown = [
            {
                "UserName": user.name,
                "CertificateId": certificate.id,
                "CertificateBody": certificate.body,
                "Status": certificate.status,
                "UploadDate": certificate.upload_date,
            }
            for certificate in held
        ]
        return {"Certificates": shown} | marks

    def create_service_specific_credential(self) -> dict[str, Any]:
        """CreateServiceSpecificCredential: return the new credential with its password; IAM shows it only here.

        Raises:
            ServiceNotSupported: the service has no such credentials.
            LimitExceededException: the user has two for this service.
        """
        user, service = self.named_user(), self.param("ServiceName")
        if service not in SERVICES:
            raise ServiceNotSupported(f"The service {service} does not support service specific credentials.")
        held = [one for one in user.service_credentials.values() if one["ServiceName"] == service]
        if len(held) >= MAX_SERVICE_CREDENTIALS:
            raise LimitExceededException(
                f"Cannot exceed quota for ServiceSpecificCredentialsPerUser: {MAX_SERVICE_CREDENTIALS}"
            )
        credential = {
            "ServiceSpecificCredentialId": unique_id("ACCA"),
            "ServiceName": service,
            "ServiceUserName": f"{user.name}{f'+{len(held)}' if held else ''}-at-{self.account.account_id}",
            "Status": "Active",
            "CreateDate": now(),
        }
        user.service_credentials[credential["ServiceSpecificCredentialId"]] = credential
        shown = credential | {"UserName": user.name, "ServicePassword": secrets.token_urlsafe(32)}
        return {"ServiceSpecificCredential": shown}

    def list_service_specific_credentials(self) -> dict[str, Any]:
        """ListServiceSpecificCredentials: return a page for one user or, with ``AllUsers``, for all; no passwords."""
        wanted = self.param("ServiceName")
        users = [self.named_user()] if not self.param("AllUsers") else list(self.account.users.values())
        found = [
            credential | {"UserName": user.name}
            for user in users
            for credential in user.service_credentials.values()
            if wanted in {None, credential["ServiceName"]}
        ]
        held, marks = page(self, found)
        return {"ServiceSpecificCredentials": held} | marks

    def named_credential(self) -> dict[str, Any]:
        """Return the service-specific credential that the request names; changes to it are kept.

        Raises:
            NoSuchEntity: the user has no such credential.
        """
        wanted = self.param("ServiceSpecificCredentialId")
        credential = self.named_user().service_credentials.get(wanted)
        if credential is None:
            raise NoSuchEntity(f"No such credential {wanted} exists")
        return credential

    def update_service_specific_credential(self) -> None:
        """UpdateServiceSpecificCredential: set the status."""
        self.named_credential()["Status"] = self.param("Status")

    def reset_service_specific_credential(self) -> dict[str, Any]:
        """ResetServiceSpecificCredential: return the credential with a new password."""
        credential = self.named_credential() | {"UserName": self.named_user().name}
        return {"ServiceSpecificCredential": credential | {"ServicePassword": secrets.token_urlsafe(32)}}

    def delete_service_specific_credential(self) -> None:
        """DeleteServiceSpecificCredential: remove the credential from the user."""
        credential = self.named_credential()
        del self.named_user().service_credentials[credential["ServiceSpecificCredentialId"]]


def access_key(user: SandboxUser, key: Any) -> dict[str, Any]:
    """Return an access key as ListAccessKeys shows it, without its secret."""
    return {
        "UserName": user.name,
        "AccessKeyId": key.access_key_id,
        "Status": key.status,
        "CreateDate": key.create_date,
    }
