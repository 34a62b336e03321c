"""A git repository of manifests with a clock of its own."""

import os
import subprocess
from datetime import UTC, datetime

START = datetime(2026, 11, 1, tzinfo=UTC)


class Repository:
    """A repository with a clock, whose commits have no date of this machine."""

    def __init__(self, folder):
        self.folder, self.now = folder, START

    def git(self, *words):
        day = f"{self.now:%Y-%m-%dT%H:%M:%SZ}"
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            "GIT_AUTHOR_NAME": "erin",
            "GIT_AUTHOR_EMAIL": "erin@example.com",
            "GIT_COMMITTER_NAME": "bot",
            "GIT_COMMITTER_EMAIL": "bot@example.com",
            "GIT_AUTHOR_DATE": day,
            "GIT_COMMITTER_DATE": day,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
        }
        done = subprocess.run(["git", *words], cwd=self.folder, env=environment, capture_output=True, check=True)
        return done.stdout.decode().strip()

    def commit(self, subject, text=None, *, at):
        self.now = at
        if text is not None:
            (self.folder / "iam/iam.yaml").write_text(text)
        self.git("add", "iam")
        self.git("commit", "--quiet", "--allow-empty", "--message", subject)
        return self.git("rev-parse", "HEAD")
