"""The partition is known only from the account: offline, an ARN of any partition is no mistake."""

from command_line import run, write_tree

ARN = "arn:aws-cn:iam::aws:policy/ReadOnlyAccess"
MANIFESTS = {"groups": {"dev": {"policies": [ARN]}}, "memberships": {"dev": []}}
SNAPSHOT = (
    '{"format": "iamctl-snapshot/1", "account": {"id": "123456789012", "partition": "%s"}, '
    '"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}'
)


def test_validate_and_members_take_an_arn_of_any_partition(tmp_path):
    tree = write_tree(tmp_path / "iam", MANIFESTS)

    checked = run("validate", str(tree), cwd=tmp_path)
    listed = run("members", str(tree), "--declared", cwd=tmp_path)

    assert (checked.returncode, checked.stderr) == (0, "")
    assert "valid: " in checked.stdout
    assert listed.returncode == 0


def test_plan_takes_the_partition_of_the_account(tmp_path):
    tree = write_tree(tmp_path / "iam", MANIFESTS)
    (tmp_path / "account.json").write_text(SNAPSHOT % "aws-cn")

    done = run("plan", str(tree), "--sandbox", "account.json", cwd=tmp_path)

    assert "ReadOnlyAccess" in done.stdout
    assert (done.returncode, done.stderr) == (0, "")


def test_plan_refuses_an_arn_of_another_partition_than_the_accounts(tmp_path):
    tree = write_tree(tmp_path / "iam", MANIFESTS)
    (tmp_path / "account.json").write_text(SNAPSHOT % "aws")

    done = run("plan", str(tree), "--sandbox", "account.json", cwd=tmp_path)

    assert done.returncode == 1
    assert "belongs to partition 'aws-cn', but this account is in 'aws'" in done.stdout + done.stderr


def test_a_mistake_of_another_kind_is_an_error_all_the_same(tmp_path):
    tree = write_tree(tmp_path / "iam", {"groups": {"dev": {"policies": [ARN, "nope"]}}, "memberships": {"dev": []}})

    done = run("validate", str(tree), cwd=tmp_path)

    assert done.returncode == 1
    assert "policy 'nope' is not declared" in done.stdout
    assert "aws-cn" not in done.stdout
