"""What manifests state of assertions, as facts."""

from datetime import UTC, datetime

from manifest_trees import declare, write_tree

from iamctl.model import Origin
from iamctl.model.assertion import Exempt, Expected, Forbid, Level, NoWayTo, Requests, Require, Within

MANIFEST = """
assertions:
  no-iam:
    forbid:
      actions: ["iam:*"]
      but_actions: ["iam:Get*"]
      access: [permissions, write]
      resources: ["arn:aws:iam::{{ account.id }}:*"]
      when: {"aws:ViaAWSService": "false"}
    when: {"aws:MultiFactorAuthPresent": [absent, false]}
    except: [group/admins, {address: user/x, until: 2026-12-01, reason: move}]
    until: 2026-12-24
    severity: warn
    existing: refuse
    strict: true
    reason: SEC-1
  all: {require: {when: {"aws:SourceIp": 10.0.0.1}}}
  below: {who: [role/ci-*], within: {file: p.json}}
  no-way: {no_way_to: [administrator, role/x]}
"""
CEILING = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'


def _end(text):
    return datetime.fromisoformat(f"{text}T23:59:59.999999Z").astimezone(UTC)


def test_assertions_are_facts_by_name(tmp_path):
    root = write_tree(tmp_path, {"a.yaml": MANIFEST, "p.json": CEILING})

    found = declare(root).assertions

    assert [one.name for one in found] == ["all", "below", "no-iam", "no-way"]
    everything, below, no_iam, no_way = found
    assert everything.about == Require(Requests(when=(Expected("aws:SourceIp", ("10.0.0.1",)),)))
    assert isinstance(below.about, Within)
    assert (below.about.file, below.about.reference.data["Statement"][0]["Action"]) == ("p.json", "s3:*")
    assert (below.who, no_way.about) == (("role/ci-*",), NoWayTo(("administrator", "role/x")))
    assert no_iam.about == Forbid(
        Requests(
            actions=("iam:*",),
            but_actions=("iam:Get*",),
            access=(Level.PERMISSIONS, Level.WRITE),
            resources=("arn:aws:iam::123456789012:*",),
            when=(
                Expected("aws:MultiFactorAuthPresent", ("false",), absent=True),
                Expected("aws:ViaAWSService", ("false",)),
            ),
        )
    )
    assert no_iam.exempt == (
        Exempt("group/admins", _end("2026-12-24")),
        Exempt("user/x", _end("2026-12-01"), "move"),
    )
    assert (no_iam.severity, no_iam.existing, no_iam.strict, no_iam.reason) == ("warn", "refuse", True, "SEC-1")
    assert no_iam.place("except", 1, "until") == Origin("a.yaml", 11, 53)


def test_the_digest_covers_the_reference_of_an_assertion(tmp_path):
    one = declare(write_tree(tmp_path / "a", {"a.yaml": MANIFEST, "p.json": CEILING})).digest
    other = declare(write_tree(tmp_path / "b", {"a.yaml": MANIFEST, "p.json": CEILING.replace("s3", "sqs")})).digest

    assert one != other
