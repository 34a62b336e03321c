"""The wheel holds all that a command needs, and nothing of the checkout is beside it."""

import subprocess
import sys
import zipfile

from command_line import ROOT, environment

COMMANDS = """
import iamctl
from iamctl.cli.process import run_command_line
print(iamctl.__file__)
assert run_command_line("init iam --account-id 123456789012 --ci github".split()) == 0
assert run_command_line("validate iam".split()) == 0
assert run_command_line("plan iam --sandbox account.json".split()) == 0
assert run_command_line("schema users".split()) == 0
"""


def test_a_wheel_works_by_itself(tmp_path):
    build = f"import hatchling.build; hatchling.build.build_wheel({str(tmp_path)!r})"  # as pip asks for it
    subprocess.run([sys.executable, "-c", build], cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("iamctl-*.whl")
    alone = tmp_path / "alone"
    zipfile.ZipFile(wheel).extractall(alone)

    done = subprocess.run(
        [sys.executable, "-c", COMMANDS],
        cwd=tmp_path,
        env=environment(PYTHONPATH=str(alone)),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    for told in (str(alone), "valid: 3 resources", "Plan for main", '"$schema"'):
        assert told in done.stdout
    names = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {name for name in names if not name.endswith(".dist-info")} == {"iamctl"}
