"""Which addresses of a scheduler are accepted, and where the files of TLS come from."""

import pytest

from iamctl.cluster.address import TLS_CA, TLS_CERT, TLS_KEY, is_cluster, parse_address, tls_files
from iamctl.model.failures import UsageError


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("dask:tls://scheduler.internal:9000", "tls://scheduler.internal:9000"),
        ("dask:tls://10.1.2.3", "tls://10.1.2.3:8786"),
        ("tls://[fd00::1]:8786", "tls://[fd00::1]:8786"),
        ("dask:tcp://127.0.0.1:8786", "tcp://127.0.0.1:8786"),
        ("tcp://[::1]:8786", "tcp://[::1]:8786"),
        ("tcp://localhost", "tcp://localhost:8786"),
    ],
)
def test_an_address(text, url):
    assert parse_address(text).url == url


@pytest.mark.parametrize("text", ["dask:", "tls://", "http://host:1", "tls://host:65536", "tls://a b", "tls://host/x"])
def test_what_is_not_an_address(text):
    with pytest.raises(UsageError, match="is not the address of a scheduler"):
        parse_address(text)


@pytest.mark.parametrize("host", ["10.1.2.3", "scheduler.internal", "0.0.0.0", "[::]", "127.0.0.1.example.org"])
def test_plain_tcp_beyond_this_machine_is_refused(host):
    with pytest.raises(UsageError, match="is not encrypted"):
        parse_address(f"dask:tcp://{host}:8786")


def test_only_a_cluster_has_the_prefix():
    assert is_cluster("dask:tls://host")
    assert not is_cluster("local")


def test_an_option_comes_before_its_variable(tmp_path):
    for name in ("ca", "cert", "key", "other"):
        (tmp_path / name).touch()
    environment = {TLS_CA: f"{tmp_path}/ca", TLS_CERT: f"{tmp_path}/cert", TLS_KEY: f"{tmp_path}/key"}

    found = tls_files(parse_address("tls://host"), certificate=tmp_path / "other", environment=environment)

    assert (found.authority, found.certificate, found.key) == tuple(tmp_path / name for name in ("ca", "other", "key"))


def test_tls_without_its_files_is_refused(tmp_path):
    address = parse_address("tls://host")

    with pytest.raises(UsageError, match=f"needs TLS files; set {TLS_CA}"):
        tls_files(address, environment={})
    with pytest.raises(UsageError, match="cannot read"):
        tls_files(address, *[tmp_path / "missing"] * 3, environment={})
    assert tls_files(parse_address("tcp://127.0.0.1"), environment={}) is None
