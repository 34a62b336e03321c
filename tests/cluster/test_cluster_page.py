"""What the page on clusters says to type works, and what it says is refused is refused."""

import re
import shlex
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="the extra 'fleet' is not installed")

from cluster.processes import SECONDS, begun, serving
from cluster.trivial import twice, waiting

from iamctl.cli.process import run_command_line
from iamctl.cluster.address import TLS_CA, TLS_CERT, TLS_KEY, parse_address, tls_files
from iamctl.cluster.connection import open_cluster

PAGE = Path(__file__).resolve().parents[2] / "docs/how-to/cluster.md"
BLOCKS = re.findall(r"^```bash\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.mark.parametrize(
    ("engine", "reason"),
    [
        ("dask:tcp://10.1.2.3:8786", "is not encrypted"),
        ("dask:tls://scheduler.internal", f"needs TLS files; set {TLS_CA}"),
        ("dask:nowhere", "is not the address of a scheduler"),
        ("ray", "is not an engine; use local or dask:tls://HOST:PORT"),
    ],
)
def test_an_engine_that_cannot_be_used_is_wrong_usage(tmp_path, monkeypatch, capsys, engine, reason):
    monkeypatch.chdir(tmp_path)
    for variable in (TLS_CA, TLS_CERT, TLS_KEY):
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / "iamctl.yaml").write_text('version: 1\naccounts: {a: {id: "000000000001", manifests: []}}\n')

    assert run_command_line(["fleet", "plan", ".", "--snapshot", ".", "--engine", engine]) == 64
    assert reason in capsys.readouterr().err


def test_the_page_names_options_that_the_commands_have(capsys):
    words = [shlex.split(line) for block in BLOCKS for line in block.splitlines() if line.startswith("iamctl fleet")]
    assert {tuple(each[1:3]) for each in words} >= {("fleet", "scheduler"), ("fleet", "worker"), ("fleet", "plan")}
    for each in words:
        run_command_line([*each[1:3], "--help"])
        text = capsys.readouterr().out
        assert not [word for word in each if word.startswith("--") and word not in text]


@pytest.mark.exhaustive
def test_certificates_made_as_the_page_says_make_a_cluster(tmp_path):
    """A worker that is stopped in an account finishes it first."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    (block,) = [block for block in BLOCKS if "openssl" in block]
    subprocess.run(["bash", "-euc", block], cwd=tmp_path, check=True, capture_output=True, timeout=SECONDS)
    assert oct((tmp_path / "client.key").stat().st_mode & 0o777) == "0o600"

    def variables(owner):
        names = {TLS_CA: "ca.pem", TLS_CERT: f"{owner}.pem", TLS_KEY: f"{owner}.key"}
        return {variable: str(tmp_path / name) for variable, name in names.items()}

    started, go, logs = tmp_path / "started", tmp_path / "go", tmp_path / "logs"
    logs.mkdir()
    with (
        serving("scheduler", "tls://127.0.0.1:0", logs, variables("scheduler")) as scheduler,
        serving("worker", scheduler.url, logs, variables("worker")) as worker,
    ):
        address = parse_address(scheduler.url)
        files = tls_files(address, environment=variables("client"))
        with open_cluster(address, files, is_repeatable=False) as cluster:
            assert cluster.executor.submit(twice, 2).result(SECONDS) == 4
            future = cluster.executor.submit(waiting, started, go, 7)
            begun(started, 1)
            worker.process.send_signal(signal.SIGTERM)
            go.touch()
            assert future.result(SECONDS) == 7
        assert worker.process.wait(SECONDS) == 0
        scheduler.process.send_signal(signal.SIGTERM)
        assert scheduler.process.wait(SECONDS) == 0
        assert scheduler.log.read_text() == worker.log.read_text() == ""
