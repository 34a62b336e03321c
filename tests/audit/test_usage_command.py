"""``iamctl audit --usage``: what groups allow and their members used, what could not be asked, and how often AWS is."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from audit_accounts import ACCOUNT
from jsonschema import Draft202012Validator

from iamctl.audit.usage import group_usage
from iamctl.cli.process import run_command_line
from iamctl.commands.usage import Jobs
from iamctl.model import IamctlError
from iamctl.sandbox import open_sandbox
from iamctl.schema import usage_schema

ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["ec2:*", "sqs:Get*"], "Resource": "*"}]}
INLINE = [{"PolicyName": "work", "PolicyDocument": ALLOW}]
USED = {"alice": {"sqs": "2026-10-01T10:00:00Z", "s3": "2026-11-01T10:00:00Z"}, "bob": {"sqs": "2026-11-02T10:00:00Z"}}


def account(**more):
    arn = f"arn:aws:iam::{ACCOUNT}"
    users = {"alice": ["dev", "readers"], "bob": ["dev"], "carol": ["dev"]}
    return {
        "account": {"id": ACCOUNT, "partition": "aws"},
        "UserDetailList": [{"UserName": name, "GroupList": groups} for name, groups in users.items()],
        "GroupDetailList": [
            {"GroupName": "dev", "Arn": f"{arn}:group/dev", "GroupPolicyList": INLINE},
            {"GroupName": "readers", "Arn": f"{arn}:group/readers"},
            {"GroupName": "unstaffed", "Arn": f"{arn}:group/unstaffed", "GroupPolicyList": INLINE},
        ],
        "RoleDetailList": [],
        "Policies": [],
        "usage": USED,
        **more,
    }


@pytest.fixture
def usage(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "iamctl.yaml").write_text(f'version: 1\naccounts: {{prod: {{id: "{ACCOUNT}"}}}}\n')
    (tmp_path / "iam.yaml").write_text("removed: []\n")

    def command(*words, live=None):
        (tmp_path / "a.json").write_text(json.dumps(live or account()))
        source = () if "--snapshot" in words else ("--sandbox", "a.json")
        code = run_command_line(["audit", "--usage", *source, "--now", "2026-11-29T10:00:00Z", *words])
        return code, capsys.readouterr()

    return command


def test_each_group_has_what_it_allows_and_what_its_members_used(usage):
    code, told = usage()

    lines = [text.strip() for text in told.out.splitlines()]
    assert code == 0
    assert "dev allows 2 services; its 3 members used 1 in 400 days" in lines
    assert "not used: ec2" in lines
    assert "used: sqs (2026-11-02 by bob)" in lines
    assert "readers allows no service" in lines
    assert lines[lines.index("Groups without members") + 1] == "unstaffed"
    assert lines[-1] == "2 groups with members: 1 allows services that no member used; 4 calls for this."


def test_the_other_formats_say_the_same(usage):
    data = json.loads(usage("--format", "json")[1].out)
    rows = list(csv.DictReader(io.StringIO(usage("--format", "csv")[1].out)))

    Draft202012Validator(usage_schema()).validate(data)
    assert [(one["group"], one["members"], one["allowed"], one["used"]) for one in data["groups"]] == [
        ("dev", 3, 2, 1),
        ("readers", 1, 0, 0),
    ]
    assert [(row["group"], row["service"], row["last_used"]) for row in rows] == [
        ("dev", "ec2", ""),
        ("dev", "sqs", "2026-11-02T10:00:00Z"),
        ("readers", "", ""),
    ]
    assert "dev allows 2 services; its 3 members used 1 in 400 days" in usage("--format", "markdown")[1].out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--snapshot", "a.json"), "a snapshot cannot answer"),
        (("--format", "sarif"), "--usage prints text, json, csv or markdown, not sarif"),
        (("--framework", "cis-7"), "--usage judges no controls; omit --framework"),
    ],
)
def test_what_usage_cannot_do_is_wrong_usage(usage, words, message):
    code, told = usage(*words)
    assert (code, message in told.err) == (64, True)


def test_a_file_with_wrong_times_is_refused(usage):
    code, told = usage(live=account(usage={"alice": {"s3": "yesterday"}}))
    assert (code, "usage['alice'].s3 is not a time of the form" in told.err) == (1, True)


class Answers:
    """Answers calls from a list for each operation, and notes them."""

    def __init__(self, **answers):
        self.left = {name: list(given) for name, given in answers.items()}
        self.asked = []

    def __call__(self, operation, params):
        self.asked.append(operation)
        found = self.left[operation].pop(0)
        if isinstance(found, Exception):
            raise found
        return found


DONE = {
    "JobStatus": "COMPLETED",
    "ServicesLastAccessed": [
        {
            "ServiceNamespace": "sqs",
            "ServiceName": "Amazon SQS",
            "LastAuthenticated": datetime(2026, 11, 2, tzinfo=UTC),
        },
        {"ServiceNamespace": "ec2", "ServiceName": "Amazon EC2"},
    ],
}
RUNNING = {"JobStatus": "IN_PROGRESS"}
FAILED = {"JobStatus": "FAILED", "Error": {"Code": "Broken", "Message": "try later"}}


def asked(jobs, answers, groups=("dev",)):
    slept = []
    ask = Answers(GenerateServiceLastAccessedDetails=jobs, GetServiceLastAccessedDetails=answers)
    work = Jobs(ask, slept.append)
    return work.usage({name: (f"arn:{name}", 3) for name in groups}), slept, work.calls, ask.asked


def test_a_job_in_progress_is_asked_again_and_every_call_counts():
    (found,), slept, calls, _ = asked([{"JobId": "j"}], [RUNNING, RUNNING, DONE])

    assert [one.namespace for one in found.services] == ["ec2", "sqs"]
    assert ([one.namespace for one in found.used], [one.namespace for one in found.unused]) == (["sqs"], ["ec2"])
    assert (slept, calls) == ([1.0, 2.0], 4)


def test_all_jobs_start_before_the_first_is_read():
    _, _, _, order = asked([{"JobId": "a"}, {"JobId": "b"}], [DONE, DONE], ("dev", "ops"))
    assert order == ["GenerateServiceLastAccessedDetails"] * 2 + ["GetServiceLastAccessedDetails"] * 2


@pytest.mark.parametrize(
    ("jobs", "answers", "problem"),
    [
        ([IamctlError("iam:GenerateServiceLastAccessedDetails: access denied")], [], "access denied"),
        ([None], [], "does not know the group"),
        ([{"JobId": "j"}], [FAILED], "the job failed: Broken try later"),
        ([{"JobId": "j"}], [RUNNING] * 20, "still in progress after two minutes"),
        ([{"JobId": "j"}], [IamctlError("iam:GetServiceLastAccessedDetails: access denied")], "access denied"),
    ],
)
def test_a_group_that_cannot_be_asked_has_the_reason_and_the_others_go_on(jobs, answers, problem):
    dev, ops = asked([*jobs, {"JobId": "o"}], [*answers[:9], DONE], ("dev", "ops"))[0]

    assert problem in dev.problem
    assert (dev.services, len(ops.services), ops.problem) == ((), 2, "")


def test_a_denied_read_makes_the_exit_code_1(usage, monkeypatch):
    def denied(self, operation, params):
        raise IamctlError(f"iam:{operation}: access denied")

    monkeypatch.setattr("iamctl.commands.usage.Jobs._called", denied)
    code, told = usage()
    assert (code, "dev: iam:GenerateServiceLastAccessedDetails: access denied" in told.out) == (1, True)


def test_the_sandbox_lists_services_by_pages_and_forgets_a_group_that_is_gone():
    with open_sandbox(account(), account_id=ACCOUNT) as session:
        iam = session.client("iam")
        job = iam.generate_service_last_accessed_details(Arn=f"arn:aws:iam::{ACCOUNT}:group/dev")["JobId"]
        first = iam.get_service_last_accessed_details(JobId=job, MaxItems=1)
        second = iam.get_service_last_accessed_details(JobId=job, MaxItems=1, Marker=first["Marker"])
        names = [one["ServiceNamespace"] for page in (first, second) for one in page["ServicesLastAccessed"]]
        missing = []
        for arn in (f"arn:aws:iam::{ACCOUNT}:group/nobody", f"arn:aws:iam::{ACCOUNT}:user/alice"):
            with pytest.raises(iam.exceptions.NoSuchEntityException):
                iam.generate_service_last_accessed_details(Arn=arn)
            missing.append(arn)

    assert (names, len(missing)) == (["ec2", "sqs"], 2)


def test_services_are_in_order_and_unknown_fields_do_not_matter():
    found = group_usage("dev", 3, {**DONE, "Job": "x"})
    assert [(one.namespace, one.name) for one in found.services] == [("ec2", "Amazon EC2"), ("sqs", "Amazon SQS")]
