"""All sessions of a process read the service models of AWS once."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from botocore.exceptions import UnknownServiceError
from botocore.loaders import JSONFileLoader, Loader

from iamctl.aws import service_models
from iamctl.aws.check import _service
from iamctl.aws.session import assume, open_session, reading_client


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    for name, value in {
        "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_DATA_PATH", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    service_models.data_loader.cache_clear()


def loader_of(session):
    return session._session.get_component("data_loader")


def test_all_sessions_have_one_loader():
    one, two = open_session(None, "us-east-1"), open_session(None, "eu-central-1")

    assert loader_of(one) is loader_of(two) is service_models.data_loader(None)
    assert one.region_name != two.region_name


def test_sessions_of_a_role_have_it_too(monkeypatch):
    session = open_session(None, "us-east-1")

    class Tokens:
        def assume_role(self, **_):

            moment = datetime(2099, 1, 1, tzinfo=UTC)
            return {
                "Credentials": {"AccessKeyId": "A", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": moment}
            }

    monkeypatch.setattr("iamctl.aws.session.identifying_client", lambda _: Tokens())
    role = assume(session, "arn:aws:iam::123456789012:role/x", "iamctl")

    assert loader_of(role) is loader_of(session)


def test_the_second_session_reads_no_model_and_no_folder_twice(monkeypatch):
    read = []
    load_file = JSONFileLoader.load_file
    monkeypatch.setattr(JSONFileLoader, "load_file", lambda self, path: read.append(path) or load_file(self, path))
    reading_client(open_session(None, "us-east-1"))
    first, read[:] = [*read], []
    folders = [*service_models.data_loader(None).search_paths]

    reading_client(open_session(None, "us-east-1"))

    assert first
    assert read == []
    assert service_models.data_loader(None).search_paths == folders


def test_the_check_of_calls_reads_no_model_of_its_own():
    session = open_session(None, "us-east-1")
    model = loader_of(session).load_service_model("iam", "service-2")
    _service.cache_clear()

    assert _service("iam")._service_description is model


def test_another_folder_of_models_has_a_loader_of_its_own(monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))

    other = loader_of(open_session(None, "us-east-1"))

    assert other is not service_models.data_loader(None)
    assert str(tmp_path) in other.search_paths


@pytest.mark.parametrize("type_name", ["service-2", "endpoint-rule-set-1", "waiters-2", "resources-1"])
@pytest.mark.parametrize("service", ["iam", "sts", "signin", "sso-oidc", "organizations", "nosuchservice"])
def test_the_same_models_are_found_as_by_botocore(service, type_name):
    def loaded(loader):
        try:
            return loader.load_service_model(service, type_name)
        except UnknownServiceError:
            return UnknownServiceError

    assert loaded(service_models.data_loader(None)) == loaded(Loader())


def test_a_folder_without_models_is_no_service(monkeypatch, tmp_path):
    (tmp_path / "made-up" / "2026-11-29").mkdir(parents=True)

    with pytest.raises(UnknownServiceError, match=r"Unknown service: 'made-up'\. Valid service names are: .*\biam\b"):
        service_models.data_loader(str(tmp_path)).load_service_model("made-up", "service-2")


def test_a_client_looks_into_the_folders_of_its_own_services(monkeypatch):
    seen = []
    listdir = os.listdir
    monkeypatch.setattr(os, "listdir", lambda path: seen.append(str(path)) or listdir(path))
    reading_client(open_session(None, "us-east-1"))

    assert {Path(path).name for path in seen if f"{os.sep}data{os.sep}" in path} == {"iam"}
