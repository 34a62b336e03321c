"""A sandbox file keeps the AWS-managed policies that it describes, whatever the package knows of them."""

import json

import pytest
from command_line import ACCOUNT, run, write_tree

NEW, UNUSED, UNKNOWN = (f"arn:aws:iam::aws:policy/{name}" for name in ("FreshOfAws", "FreshToo", "NotDescribed"))


def document(action):
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}


def described(arn, action, attached=1):
    version = {"VersionId": "v3", "IsDefaultVersion": True, "Document": document(action)}
    name = arn.rsplit("/", 1)[1]
    return {
        "PolicyName": name,
        "Arn": arn,
        "AttachmentCount": attached,
        "DefaultVersionId": "v3",
        "PolicyVersionList": [version],
    }


@pytest.fixture
def file(tmp_path):
    attached = [{"PolicyArn": arn, "PolicyName": arn.rsplit("/", 1)[1]} for arn in (NEW, UNKNOWN)]
    group = {"GroupName": "g", "Path": "/", "AttachedManagedPolicies": attached}
    user = {"UserName": "u", "Path": "/", "GroupList": ["g"]}
    snapshot = {
        "account": {"id": ACCOUNT, "partition": "aws"},
        "UserDetailList": [user],
        "GroupDetailList": [group],
        "RoleDetailList": [],
        "Policies": [described(NEW, "s3:GetObject"), described(UNUSED, "s3:PutObject", attached=0)],
    }
    path = tmp_path / "account.json"
    path.write_text(json.dumps(snapshot))
    return path


def test_it_loads_saves_and_loads_again_with_the_documents(file, tmp_path):
    names = ["aws:FreshOfAws", "aws:NotDescribed"]
    groups = {"g": {"policies": names}, "h": {"policies": ["aws:FreshToo"]}}
    manifests = {"users": {"u": {}}, "groups": groups, "memberships": {"g": ["u"], "h": []}}
    tree = write_tree(tmp_path / "iam", manifests)

    applied = run("apply", str(tree), "--sandbox", str(file), "--yes", cwd=tmp_path)

    assert applied.returncode == 0, applied.stderr
    saved = json.loads(file.read_text())
    found = {policy["Arn"]: policy["PolicyVersionList"][0]["Document"] for policy in saved["Policies"]}
    assert found == {NEW: document("s3:GetObject"), UNUSED: document("s3:PutObject")}
    assert not any("AttachmentCount" in policy for policy in saved["Policies"])

    groups["h"]["policies"] = []
    write_tree(tmp_path / "iam", manifests)
    run("apply", str(tree), "--sandbox", str(file), "--yes", cwd=tmp_path)
    groups["h"]["policies"] = ["aws:FreshToo"]
    write_tree(tmp_path / "iam", manifests)
    again = run("apply", str(tree), "--sandbox", str(file), "--yes", cwd=tmp_path)

    assert again.returncode == 0, again.stderr
    assert len(json.loads(file.read_text())["Policies"]) == 2
