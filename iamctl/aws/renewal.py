"""Renews credentials that AWS calls expired although they are still good by their own date."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

from botocore.credentials import RefreshableCredentials
from botocore.exceptions import CredentialRetrievalError

from iamctl.aws.errors import EXPIRED_CODES

if TYPE_CHECKING:
    import boto3

_ASKED = "iamctl_renewal"
_LAST_SHARE = 0.25
"""Of the time of short-lived credentials; then they are renewed."""


class Renewal:
    """Has a request sent again with new credentials, once, where AWS refused it since its credentials had expired.

    The refusal says that nothing was done, so that a write may be sent again, too.
    """

    def __init__(self, session: boto3.Session) -> None:
        self._session = session
        self._lock = Lock()
        self._given: set[str] = set()
        """The keys that came from a renewal; they are not renewed for a refusal again."""

    def watch(self, client: Any) -> None:
        """Look at every request of a client before it is signed, and at every answer."""
        service = client.meta.service_model.service_id.hyphenize()
        client.meta.events.register_first(f"request-created.{service}", self._check)
        client.meta.events.register(f"needs-retry.{service}", self._again)

    def _check(self, **_: Any) -> None:
        """Raise an error of botocore's own where a provider gives credentials that have expired.

        botocore renews credentials that have less than a quarter of an hour left; those that never have more would be
        others for each request, so that no answer of STS would be about them. They are used for most of their time.
        """
        found = self._session.get_credentials()
        if not isinstance(found, RefreshableCredentials):
            return
        credentials: Any = found
        access_key(credentials)
        if credentials.refresh_needed():  # although it could just have been renewed
            left = (credentials._expiry_time - credentials._time_fetcher()).total_seconds()  # noqa: SLF001
            credentials._advisory_refresh_timeout = left * _LAST_SHARE  # noqa: SLF001
            credentials._mandatory_refresh_timeout = left * _LAST_SHARE / 2  # noqa: SLF001

    def _again(self, response: Any, request_dict: dict[str, Any], **_: Any) -> int | None:
        """Return after how many seconds botocore sends a request again, None where it does not."""
        code = response[1].get("Error", {}).get("Code") if response else None
        context = request_dict["context"]
        if code not in EXPIRED_CODES or context.get(_ASKED):
            return None
        context[_ASKED] = True
        return 0 if self._is_renewed() else None

    def _is_renewed(self) -> bool:
        """Renew the credentials where their provider can, and return whether it is worth another try."""
        found = self._session.get_credentials()
        if not isinstance(found, RefreshableCredentials):
            return False
        credentials: Any = found
        with self._lock:
            if credentials.get_frozen_credentials().access_key not in self._given:
                credentials._expiry_time = credentials._time_fetcher()  # noqa: SLF001 - as if the time were over
                try:
                    self._given.add(credentials.get_frozen_credentials().access_key)
                except RuntimeError:  # the new ones have expired as well
                    return False
        return True


def access_key(credentials: Any) -> str:
    """Return the access key of credentials, which are renewed before where it is time.

    Raises:
        CredentialRetrievalError: the provider gives credentials that have expired; botocore raises none of its own.
    """
    try:
        return str(credentials.get_frozen_credentials().access_key)
    except RuntimeError as error:
        raise CredentialRetrievalError(provider=credentials.method, error_msg=str(error)) from error
