"""A warning about a statement names the file, the line and the column at which the statement stands."""

INLINE = """\
groups:
  dev:
    policies: [deploy, boundary]
    inline_policies:
      all:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Action: "*", Resource: "*"}
memberships: {dev: []}
policies:
  deploy: {file: policies/deploy.json}
  boundary:
    document:
      Version: "2012-10-17"
      Statement:
        - {Sid: Fine, Effect: Allow, Action: "s3:GetObject", Resource: "*"}
        - {Sid: Wide, Effect: Allow, NotAction: "iam:*", Resource: "*"}
"""
DEPLOY = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
    {"Effect": "Allow", "Action": ["s3:GetObjct", "ec2:*"], "Resource": "*"}
  ]
}
"""


def test_warnings_of_statements_stand_where_the_statements_do(here, tmp_path):
    (tmp_path / "policies").mkdir()
    (tmp_path / "iamctl.yaml").write_text('version: 1\naccounts: {prod: {id: "123456789012"}}\n')
    (tmp_path / "tree.yaml").write_text(INLINE)
    (tmp_path / "policies/deploy.json").write_text(DEPLOY)

    said = here("validate")

    assert said.returncode == 0
    told = [line.split(" (")[0].strip() for line in said.stdout.splitlines() if "warning" in line]
    assert told == [
        "policies/deploy.json:5:5: warning: policy/deploy: statement",
        "policies/deploy.json:5:5: warning: policy/deploy: statement",
        "tree.yaml:7:9: warning: group-inline-policy/dev/all: statement",
        "tree.yaml:16:11: warning: policy/boundary: statement Wide",
    ]
