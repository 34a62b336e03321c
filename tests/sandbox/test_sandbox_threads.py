"""The embedded IAM is made for one thread, whatever apply sends side by side."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from iamctl.account.needs import Needs
from iamctl.model import Call
from iamctl.source.file_credentials import FileCredentials
from iamctl.source.live_source import Waits
from iamctl.source.sandbox import SandboxSource, open_sandbox_file

NOW = datetime(2026, 11, 23, tzinfo=UTC)


class Crowded:
    """An IAM that notes how many requests it was given at the same time."""

    account_id, partition, caller_arn, waits, is_shared = "111122223333", "aws", None, Waits(), False

    def __init__(self):
        self.inside = self.most = 0

    def execute(self, call):
        self.inside += 1
        self.most = max(self.most, self.inside)
        time.sleep(0.002)
        self.inside -= 1
        return {}

    def ask(self, operation, params):
        return self.execute(None)


def test_writes_and_reads_between_them_are_one_at_a_time():
    crowded = Crowded()
    source = SandboxSource(crowded, Path("account.json"), FileCredentials({}))

    with ThreadPoolExecutor(8) as threads:
        for number in range(24):
            threads.submit(source.execute, Call(number, "iam", "CreateUser", {"UserName": f"u{number}"}))
            threads.submit(source.ask, "GetUser", {"UserName": "u0"})

    assert crowded.most == 1


def test_users_made_side_by_side_are_all_there(tmp_path):
    path = tmp_path / "account.json"
    path.write_text(
        '{"account": {"id": "111122223333", "partition": "aws"}, "UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}'
    )
    with open_sandbox_file(path, None, None, is_saved=False, credentials="auto", now=NOW) as source:
        calls = [Call(number, "iam", "CreateUser", {"UserName": f"u{number}"}) for number in range(60)]
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(source.execute, calls))
        users = source.fetch(Needs())["UserDetailList"]

    assert {user["UserName"] for user in users} == {call.params["UserName"] for call in calls}
