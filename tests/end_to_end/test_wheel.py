"""The wheel holds all that a command needs, and nothing of the checkout is beside it."""

import subprocess
import sys
import zipfile

from command_line import ROOT, environment


def test_a_wheel_works_by_itself(tmp_path):
    words = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path, ROOT]
    subprocess.run([sys.executable, *words], check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("iamctl-*.whl")
    alone = tmp_path / "alone"
    zipfile.ZipFile(wheel).extractall(alone)

    def run(*words):
        done = subprocess.run(
            [sys.executable, "-m", "iamctl", *words],
            cwd=tmp_path,
            env=environment(PYTHONPATH=str(alone)),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert (
        str(alone)
        in subprocess.run(
            [sys.executable, "-c", "import iamctl; print(iamctl.__file__)"],
            cwd=tmp_path,
            env=environment(PYTHONPATH=str(alone)),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )
    run("init", "iam", "--account-id", "123456789012", "--ci", "github")
    assert "valid: 3 resources" in run("validate", "iam")
    assert "Plan for main" in run("plan", "iam", "--sandbox", "account.json")
    assert '"$schema"' in run("schema", "users")
    names = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {name for name in names if not name.endswith(".dist-info")} == {"iamctl"}
