"""The privates of boto3, botocore and moto that are read or replaced, each with the shape that it must have.

When one of these tests fails after an update, the code that it names must be looked at before the bound is raised.
"""

import inspect
from copy import copy

import boto3
import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.configprovider import ConfiguredEndpointProvider
from botocore.credentials import Credentials, RefreshableCredentials
from botocore.endpoint import Endpoint
from botocore.handlers import json_decode_policies
from botocore.parsers import QueryParser, ResponseParserFactory
from moto.core.model_instances import reset_model_data
from moto.core.responses import BaseResponse
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends
from urllib3 import HTTPResponse

ROW = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "none"}


@pytest.fixture
def session():
    return boto3.Session(region_name="us-east-1", **ROW)


def test_a_boto3_session_has_its_botocore_session_in_session(session):
    """aws/session.py: assume, open_session, reading_client."""
    assert isinstance(session._session, botocore.session.Session)


def test_a_copy_of_a_botocore_session_has_credentials_of_its_own(session):
    """aws/session.py: assume."""
    inner = copy(session._session)
    inner._credentials = Credentials("AKIAOTHER", "none")

    assert inner.get_credentials().access_key == "AKIAOTHER"
    assert session.get_credentials().access_key == "AKIAEXAMPLE"


def test_refreshable_credentials_are_made_from_metadata_and_a_function():
    """aws/session.py: assume."""
    parameters = list(inspect.signature(RefreshableCredentials.create_from_metadata).parameters)

    assert parameters[:3] == ["metadata", "refresh_using", "method"]


def test_refreshable_credentials_whose_time_is_over_are_made_anew():
    """aws/renewal.py: Renewal."""
    end = "2099-01-01T00:00:00Z"
    made = [{"access_key": key, "secret_key": "x", "token": "x", "expiry_time": end} for key in ("OLD", "NEW")]
    found = RefreshableCredentials.create_from_metadata(made[0], lambda: made[1], "test")
    assert found.get_frozen_credentials().access_key == "OLD"

    found._expiry_time = found._time_fetcher()

    assert found.get_frozen_credentials().access_key == "NEW"
    assert not found.refresh_needed()

    found._advisory_refresh_timeout = found._mandatory_refresh_timeout = 10**12

    assert found.refresh_needed()


def test_the_parser_factory_takes_a_parser_of_timestamps(session):
    """aws/quick_parser.py: QuickParsers."""
    factory = session._session.get_component("response_parser_factory")
    assert isinstance(factory, ResponseParserFactory)

    factory.set_parser_defaults(timestamp_parser=lambda text: f"read {text}")
    assert factory.create_parser("query")._timestamp_parser("x") == "read x"


def test_the_parser_of_queries_reads_each_structure_with_one_method():
    """aws/quick_parser.py: QuickParser, which ``test_quick_parser.py`` compares with it."""
    assert list(inspect.signature(QueryParser._handle_structure).parameters) == ["self", "shape", "node"]
    assert list(inspect.signature(QueryParser._parse_shape).parameters) == ["self", "shape", "node"]


def test_botocore_decodes_the_documents_of_iam_with_one_handler(session):
    """aws/quick_parser.py: leave_documents."""
    handlers = session.client("iam").meta.events._emitter._handlers.prefix_search("after-call.iam.GetGroupPolicy")

    assert json_decode_policies in handlers


def test_the_provider_of_endpoints_takes_two_configurations_and_a_service():
    """aws/session.py: custom_endpoints."""
    provider = ConfiguredEndpointProvider({}, {"endpoint_url": "http://127.0.0.1"}, "iam")

    assert provider.provide() == "http://127.0.0.1"


def test_every_request_goes_through_send_of_an_endpoint(monkeypatch, session):
    """sandbox/session.py: sandbox_session."""
    sent = []

    def send(endpoint, request):
        sent.append(endpoint._endpoint_prefix)
        raise RuntimeError("sent")

    monkeypatch.setattr(Endpoint, "_send", send)
    for ask in (session.client("iam").get_user, session.client("sts").get_caller_identity):
        with pytest.raises(RuntimeError, match="sent"):
            ask()

    assert sent == ["iam", "sts"]


def test_send_of_an_endpoint_takes_one_request():
    """sandbox/session.py: sandbox_session."""
    assert list(inspect.signature(Endpoint._send).parameters) == ["self", "request"]


def test_an_answer_is_read_piece_by_piece_and_kept_where_botocore_looks_for_it(session):
    """aws/whole_answers.py: WholeAnswers; urllib3 has read1 from 2.2 on."""
    assert callable(session.client("iam")._endpoint.http_session.send)
    assert callable(HTTPResponse(b"").read1)
    assert callable(HTTPResponse(b"").release_conn)
    answer = AWSResponse("https://iam.amazonaws.com", 200, {}, HTTPResponse(b"not this"))
    answer._content = b"this"
    assert answer.content == b"this"


def test_a_response_of_moto_is_dispatched_from_request_url_and_headers():
    """sandbox/session.py: Wire.answer."""
    assert list(inspect.signature(BaseResponse._dispatch).parameters) == ["self", "request", "full_url", "headers"]


def test_the_backends_of_moto_are_dictionaries_by_account_and_partition():
    """sandbox/session.py: sandbox_session."""
    for backends in (iam_backends, sts_backends):
        assert isinstance(backends, dict)
        assert isinstance(backends["123456789012"], dict)
        assert "aws" in backends["123456789012"].regions
        backends.pop("123456789012")
    assert list(inspect.signature(reset_model_data).parameters) == []
