"""The boto3 session of a sandbox, and the wire that carries its requests to the embedded services."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from threading import Lock
from typing import Any

import boto3
import botocore.session
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HTTPHeaders
from botocore.config import Config
from botocore.endpoint import Endpoint
from botocore.loaders import Loader
from moto.core.botocore_stubber import MockRawResponse
from moto.core.model_instances import reset_model_data
from moto.core.request import normalize_request
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from iamctl.model import IamctlError
from iamctl.sandbox.account import Account, at
from iamctl.sandbox.account_facts import recorded_events, regional_answer
from iamctl.sandbox.identity import ACCESS_KEY_ID, SandboxTokenResponse
from iamctl.sandbox.load import load
from iamctl.sandbox.organization import SandboxOrganizationsResponse, organization_of
from iamctl.sandbox.service import SandboxResponse
from iamctl.sandbox.signin import PATHS

REGIONS = {
    "aws": "us-east-1",
    "aws-cn": "cn-north-1",
    "aws-us-gov": "us-gov-west-1",
    "aws-eusc": "eusc-de-east-1",
    "aws-iso": "us-iso-east-1",
    "aws-iso-b": "us-isob-east-1",
    "aws-iso-e": "eu-isoe-west-1",
    "aws-iso-f": "us-isof-south-1",
}
"""The region in which each partition keeps IAM; moto derives the partition from it."""

REGIONAL = {"account": "account", "access-analyzer": "access-analyzer", "accessanalyzer": "access-analyzer"}
"""Further services that answer one read of an audit, by the names that botocore has for them."""

SECRETS = frozenset({"secretsmanager", "secrets-manager"})
"""The names that botocore has for Secrets Manager."""

UNSET = (None, None, None, None)
"""A botocore setting that no file and no environment variable can set."""


class SandboxError(IamctlError):
    """A sandbox cannot be opened."""


class NetworkError(RuntimeError):
    """Something asked for AWS beyond IAM and STS, or after the sandbox was closed."""


class Wire:
    """Where the requests of a session go: the embedded services while the sandbox is open, nowhere after."""

    def __init__(self, account: Account, moment: datetime | None) -> None:
        self.account: Account | None = account
        self.moment = moment
        self.organization: Any = None
        self.lock = Lock()  # callers may use threads; the account is plain objects

    def __call__(self, event_name: str, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        """Answer a ``before-send`` event, named ``before-send.SERVICE.OPERATION``."""
        return self.answer(event_name.split(".")[1], request)

    def answer(self, service: str, request: AWSPreparedRequest) -> AWSResponse:
        """Return the answer of the embedded IAM or STS to a signed request.

        Raises:
            NetworkError: the sandbox is closed, or the request is for another service.
        """
        if self.account is None:
            raise NetworkError(f"{service} was called after the sandbox was closed")
        if service in REGIONAL or service == "cloudtrail":
            if service == "cloudtrail":
                text = recorded_events(self.account, json.loads(normalize_request(request).data or b"{}"))
            else:
                region = request.url.partition("//")[2].split(".")[1]
                text = regional_answer(self.account, REGIONAL[service], region)
            sent = HTTPHeaders.from_dict({"content-type": "application/json"})
            return AWSResponse(request.url, 200, sent, MockRawResponse(text.encode()))
        if service in SECRETS:
            return self._secrets_answer(request)
        if service == "signin":
            return self._signin_answer(request)
        response = self.response_of(service, self.account)
        plain = normalize_request(request)
        with self.lock, at(self.moment):
            status, headers, body = response._dispatch(plain, plain.raw_url, plain.headers)  # noqa: SLF001
        return AWSResponse(request.url, int(status), headers, MockRawResponse(body))

    def response_of(self, service: str, account: Account) -> Any:
        """Return what answers one request to a service.

        Raises:
            NetworkError: the sandbox does not have the service.
        """
        if service == "iam":
            return SandboxResponse(account)
        if service == "sts":
            return SandboxTokenResponse(account)
        if service != "organizations":
            raise NetworkError(f"the sandbox does not have {service}, only iam, sts and organizations")
        if self.organization is None:
            self.organization = organization_of(account)
        return SandboxOrganizationsResponse(account, self.organization)

    def _secrets_answer(self, request: AWSPreparedRequest) -> AWSResponse:
        """Return the answer of Secrets Manager."""
        assert self.account is not None
        plain, body = normalize_request(request), request.body
        target = plain.headers.get("X-Amz-Target", "").partition(".")[2]
        with self.lock:
            status, text = self.account.secrets.answer(target, body if isinstance(body, str | bytes) else None)
        sent = HTTPHeaders.from_dict({"content-type": "application/x-amz-json-1.1", "x-amzn-requestid": "request-id"})
        return AWSResponse(request.url, status, sent, MockRawResponse(text.encode()))

    def _signin_answer(self, request: AWSPreparedRequest) -> AWSResponse:
        """Return the answer of AWS Sign-In, whose requests name the operation in their path."""
        assert self.account is not None
        plain = normalize_request(request)
        with self.lock:
            status, text = self.account.sessions.answer(PATHS.get(plain.path, ""), plain.data)
        error = {} if status < 400 else {"x-amzn-errortype": json.loads(text)["__type"]}
        sent = HTTPHeaders.from_dict({"content-type": "application/json", "x-amzn-requestid": "request-id", **error})
        return AWSResponse(request.url, status, sent, MockRawResponse(text.encode()))


@cache
def shared_loader() -> Loader:
    """Return the loader of service models, shared because reading them takes most of the time to make a client."""
    loader: Loader = botocore.session.Session().get_component("data_loader")
    return loader


def boto_session(wire: Wire, region: str) -> boto3.Session:
    """Return a session with credentials of its own that no environment variable and no file changes."""
    session = botocore.session.Session(
        session_vars={
            "profile": UNSET,
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
        }
    )
    loader = shared_loader()
    session.register_component("data_loader", loader)
    session.set_default_client_config(Config(ignore_configured_endpoint_urls=True))  # type: ignore[call-arg]
    session.register("before-send", wire)  # type: ignore[arg-type]
    made = boto3.Session(
        botocore_session=session,
        region_name=region,
        aws_access_key_id=ACCESS_KEY_ID,
        aws_secret_access_key="sandbox",  # noqa: S106 - opens nothing
        aws_session_token="sandbox",  # noqa: S106 - opens nothing
    )
    loader.search_paths[:] = dict.fromkeys(loader.search_paths)  # each boto3 session adds its own folder once more
    return made


def loaded_account(snapshot: Mapping[str, Any], account_id: str, partition: str) -> Account:
    """Return the account that ``snapshot`` describes.

    Raises:
        SandboxError: there is no such partition, or the snapshot lacks what every user, group, role or policy has.
    """
    if partition not in REGIONS:
        raise SandboxError(f"unknown partition {partition!r}; use one of {', '.join(REGIONS)}")
    account = Account(REGIONS[partition], account_id)
    try:
        load(account, snapshot)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise SandboxError(
            f"the snapshot does not have the form of IAM's answers: {type(error).__name__} {error}"
        ) from error
    return account


@contextmanager
def sandbox_session(
    snapshot: Mapping[str, Any] | None,
    *,
    account_id: str,
    partition: str,
    short_pages: int | None,
    moment: datetime | None,
) -> Iterator[boto3.Session]:
    """Yield the session of a sandbox; see ``iamctl.sandbox.open_sandbox``."""
    with at(moment):
        account = loaded_account(snapshot or {}, account_id, partition)
    account.short_pages = short_pages
    wire = Wire(account, moment)
    outside = Endpoint._send  # type: ignore[attr-defined]  # noqa: SLF001

    def send(endpoint: Any, request: AWSPreparedRequest) -> AWSResponse:
        return wire.answer(endpoint._endpoint_prefix, request)  # noqa: SLF001

    dict.__setitem__(iam_backends[account_id], partition, account)
    Endpoint._send = send  # type: ignore[attr-defined]  # noqa: SLF001
    try:
        yield boto_session(wire, account.region_name)
    finally:
        Endpoint._send = outside  # type: ignore[attr-defined]  # noqa: SLF001
        wire.account = None
        for backends in (iam_backends, sts_backends):
            backends.pop(account_id, None)
        reset_model_data()
