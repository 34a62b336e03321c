"""The column ``services`` of a review: what the access engine says that users and groups may use, by access level."""

import csv
import io

import pytest

DEPLOY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ["s3:PutObject", "logs:GetLogEvents"], "Resource": "*"},
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"},
        {"Effect": "Deny", "Action": "logs:*", "Resource": "*"},
    ],
}
BOUNDARY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
NARROW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}]}


def case(**alice):
    return {
        "users": {"alice": {"groups": ["devs"], **alice}},
        "groups": {"devs": {"inline": {"deploy": DEPLOY}}},
    }


@pytest.fixture
def services(review):
    def run(told):
        code, out = review("export", case=told)
        assert code == 0
        text = out[out.index("key,") :]
        return {row["key"]: row["services"] for row in csv.DictReader(io.StringIO(text))}

    return run


def test_services_are_listed_by_access_level_without_what_is_denied(services):
    told = "permissions management: iam; write: s3"

    assert services(case()) == {"user/alice": told, "membership/devs/alice": told}


def test_what_a_user_has_directly_is_no_part_of_the_group(services):
    found = services(case(inline={"own": NARROW}))

    assert found["membership/devs/alice"] == "permissions management: iam; write: s3"
    assert found["user/alice"] == (
        "permissions management: ec2, iam; write: ec2, s3; tagging: ec2; read: ec2; list: ec2"
    )


def test_an_administrator_may_use_everything(services):
    everybody = {"users": {"alice": {"attached": ["aws:AdministratorAccess"]}}}

    assert services(everybody) == {"user/alice": "all services at every level"}


def test_many_services_are_counted(services):
    found = services(case(attached=["aws:AdministratorAccess"]))["user/alice"]

    assert found.startswith("permissions management: acm-pca, ")
    assert ", logs" not in found
    assert "; write: " in found
    assert found.count(" more") == 5


def test_a_policy_that_is_not_known_is_named_and_never_counts_as_nothing(services):
    assert (
        services(case(attached=["aws:SecurityAudit"]))["user/alice"]
        == "permissions management: iam; write: s3; policies not read: aws:SecurityAudit"
    )


def test_a_boundary_limits_the_user_and_not_the_row_of_the_group(services):
    told = case()
    told["policies"] = {"own:bound": BOUNDARY}
    told["users"]["alice"]["boundary"] = "own:bound"

    found = services(told)

    assert found == {"user/alice": "write: s3", "membership/devs/alice": "permissions management: iam; write: s3"}
