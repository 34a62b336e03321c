"""A repository with manifests, and the steps of CI that run in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import yaml
from expressions import filled, value
from fake_github import REPOSITORY, TOKEN
from warm import warm

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = 'version: 1\naccounts: {main: {id: "123456789012"}}\n'
ALICE = "users: {alice: {}}\ngroups: {devs: {}}\nmemberships: {devs: [alice]}\n"
BOB = "users: {alice: {}, bob: {}}\ngroups: {devs: {}}\nmemberships: {devs: [alice, bob]}\n"
PASSWORDS = SETTINGS + (
    "secrets: {deliver: age, directory: handover, "
    "recipients: [age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p]}\n"
)
"""Settings with which passwords are written to files; the key is the one of age's own examples."""

_STUB = """#!/bin/sh
# what `python -m venv` makes, but with the packages of the tests, and a pip that only says what it was asked for
if [ "$1 $2 $3 $4" = "-I -m venv --clear" ]; then
    rm -rf "$5" && mkdir -p "$5/bin" "$5/packages"
    cp "$0" "$5/bin/python"
elif [ "$1 $2 $3" = "-I -m pip" ]; then
    echo "$*" >> "$(dirname "$0")/../pip.txt"
elif [ "$1 $2" = "-I -c" ]; then
    echo "$(dirname "$0")/../packages"
else
    exec {python} "$@"
fi
"""


class Repository:
    """A Git repository in ``folder``, beside which the files of a runner are; a copy of ``template`` if there is one."""

    def __init__(self, folder, template=None):
        self.folder = folder / "repository"
        self.temp = folder / "temp"
        self.temp.mkdir()
        self.python = folder / "python"
        self.runs(warm().python)
        self.outside = folder
        if template:
            shutil.copytree(template.folder, self.folder)
            self.first = template.first
        else:
            self.folder.mkdir()
            self.git("init", "--quiet", "--initial-branch=main", "--template=")
            self.first = self.commit(ALICE)

    def runs(self, python):
        """Have the steps run a Python, which is a warm one unless a test says otherwise."""
        self.python.write_text(_STUB.replace("{python}", str(python)))
        self.python.chmod(0o755)

    def git(self, *words):
        identity = ["-c", "user.name=ci", "-c", "user.email=ci@example.com", "-c", "commit.gpgsign=false"]
        done = subprocess.run(
            ["git", *identity, *words], cwd=self.folder, capture_output=True, text=True, check=True, env=plain()
        )
        return done.stdout.strip()

    def write(self, path, text):
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def commit(self, manifests, settings=SETTINGS, folder="iam"):
        self.write(f"{folder}/iamctl.yaml", settings)
        self.write(f"{folder}/people.yaml", manifests)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "change")
        return self.git("rev-parse", "HEAD")

    def pull_request(self, *changed, **more):
        """Make a branch with a change, check out the merge as GitHub does, and return the event."""
        base = self.git("rev-parse", "HEAD")
        self.git("checkout", "--quiet", "-b", "change")
        head = self.commit(*changed, **more)
        self.git("checkout", "--quiet", "--detach", base)
        self.git("merge", "--quiet", "--no-ff", "--message", "merge", head)
        return {"pull_request": {"number": 7, "head": {"sha": head}, "base": {"sha": base}}}

    def environment(self, event=None, **more):
        """Return the environment of a runner, new files for outputs and summary in it."""
        for name in ("event.json", "output", "summary.md"):
            (self.outside / name).write_text(json.dumps(event or {}) if name == "event.json" else "")
        return plain() | {
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_EVENT_PATH": str(self.outside / "event.json"),
            "GITHUB_OUTPUT": str(self.outside / "output"),
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_STEP_SUMMARY": str(self.outside / "summary.md"),
            "RUNNER_TEMP": str(self.temp),
            **more,
        }

    def bash(self, script, env):
        """Run a step as GitHub does, and return the finished process with its outputs."""
        output = Path(env["GITHUB_OUTPUT"])
        output.write_text("")
        step = self.outside / "step.sh"
        step.write_text(script)
        words = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(step)]
        done = subprocess.run(
            words,
            cwd=self.folder,
            env=env,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert "Traceback" not in done.stderr, done.stderr
        done.outputs = dict(line.split("=", 1) for line in output.read_text().splitlines())
        return done


def with_passwords(*names):
    """Return manifests of users who sign in to the console."""
    users = ", ".join(f"{name}: {{console: true}}" for name in names)
    members = f"memberships: {{everyone: [{', '.join(names)}]}}\n"
    guard = "groups: {everyone: {policies: [mfa]}}\npolicies: {mfa: {builtin: require-mfa/1}}\n"
    return f"users: {{{users}}}\n{guard}{members}"


def links_into(repository, handover):
    """Put links to a secret, and old files, where a run leaves its journal and passwords."""
    secret = repository.outside / "secret.txt"
    secret.write_text("secret of the job")
    for folder, ending in ((".iamctl/journal", "jsonl"), (handover, "age")):
        repository.write(f"{folder}/old.{ending}", "of another run")
        (repository.folder / folder / f"x.{ending}").symlink_to(secret)
        (repository.folder / folder / f"y.{ending}").symlink_to(repository.outside)


def tree_of(folder):
    """Return what an upload of a folder takes along: it follows links."""
    found = {}
    for here, _, names in os.walk(folder, followlinks=True):
        for path in (Path(here, name) for name in names):
            found[str(path.relative_to(folder))] = path.read_bytes()
    return found


def plain():
    """Return an environment without AWS, GitHub, GitLab, and Git settings of this machine."""
    kept = {
        name: text
        for name, text in os.environ.items()
        if not name.startswith(("AWS_", "IAMCTL_", "GITHUB_", "RUNNER_", "CI_", "GIT_", "PYTHON"))
    }
    return kept | {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }


@cache
def loaded(path):
    """Return a YAML file of CI, which no test may change; ``on`` is no boolean there."""
    return yaml.load((ROOT / path).read_text(encoding="utf-8"), yaml.BaseLoader)


def run_action(repository, github, event, /, **inputs):
    """Run all steps of action.yml and return how it ended, what its steps said and what it handed to other actions."""
    action = loaded("action.yml")
    known = {name: given.get("default", "") for name, given in action["inputs"].items()}
    unknown = {name.replace("_", "-"): text for name, text in inputs.items()}
    assert known.keys() >= unknown.keys()
    steps = {"python": {"outputs": {"python-path": str(repository.python)}}}
    contexts = {"github": {"token": TOKEN, "job": "iam", "run_attempt": "1"}, "steps": steps}
    contexts["inputs"] = {name: filled(text, contexts) for name, text in (known | unknown).items()}
    env = repository.environment(event, GITHUB_API_URL=github.url)
    used, said, codes = {}, "", []
    for step in action["runs"]["steps"]:
        is_run = (
            value(step.get("if", "always()"), contexts)
            if codes == [0] * len(codes) or "always()" in step.get("if", "")
            else ""
        )
        if not is_run:
            continue
        if "uses" in step:
            used.setdefault(step["uses"].split("@")[0], []).append(
                {name: filled(text, contexts) for name, text in step.get("with", {}).items()}
            )
            continue
        more = {name: filled(text, contexts) for name, text in step.get("env", {}).items()}
        done = repository.bash(step["run"], env | more)
        steps[step["id"]] = {"outputs": done.outputs}
        said += done.stdout + done.stderr
        codes.append(done.returncode)
    summary = (repository.outside / "summary.md").read_text(encoding="utf-8")
    outputs = {name: filled(told["value"], contexts) for name, told in action["outputs"].items()}
    code = next(filter(None, codes), 0)
    return SimpleNamespace(code=code, said=said, summary=summary, used=used, steps=steps, outputs=outputs)


def copy_of_iamctl(folder):
    """Return a repository with the files that CI takes from iamctl's, and its commit."""
    for name in ("action", "requirements"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    words = ["-c", "user.name=ci", "-c", "user.email=ci@example.com", "-c", "commit.gpgsign=false"]
    for rest in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "iamctl"]):
        subprocess.run(["git", *words, *rest], cwd=folder, env=plain(), check=True, capture_output=True)
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=folder, env=plain(), check=True, capture_output=True, text=True
    )
    return head.stdout.strip()
