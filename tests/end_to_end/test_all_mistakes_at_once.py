"""Mistakes of files and of rules come in one run, and no rule quotes a secret."""

from iamctl.cli.process import run_command_line

SETTINGS = 'version: 1\naccounts: {main: {id: "123456789012"}}\n'


def validate(directory, manifest, capsys):
    (directory / "iamctl.yaml").write_text(SETTINGS, encoding="utf-8")
    (directory / "iam.yaml").write_text(manifest, encoding="utf-8")
    code = run_command_line(["validate", str(directory)])
    captured = capsys.readouterr()
    return code, captured.out + captured.err


def test_what_the_loader_and_the_rules_find_stands_in_one_list(tmp_path, capsys):
    code, told = validate(tmp_path, "users:\n  alice: {pathh: /x/}\n  bob: {path: x}\n", capsys)

    assert code == 1
    assert "iam.yaml:2:11: error: user/alice: unknown key 'pathh'" in told
    assert "iam.yaml:3:3: error: user/bob: the path 'x'" in told
    assert "2 errors." in told


def test_that_names_stay_unchecked_is_said_after_the_errors(tmp_path, capsys):
    (tmp_path / "users.yaml").write_text("users:\n\talice: {}\n", encoding="utf-8")

    code, told = validate(tmp_path, "groups: {dev: }\nmemberships: {dev: [alice], ops: [alice]}\n", capsys)

    assert code == 1
    assert (
        told.count("names across files were not checked, because users.yaml:2:1 cannot be read; correct that first")
        == 1
    )
    assert told.index("users.yaml:2:1: error: a tab") < told.index("users.yaml:2:1: info: names across files")
    assert "1 error." in told


def test_a_folder_that_is_none_has_no_line(tmp_path, capsys):
    assert run_command_line(["validate", str(tmp_path / "nope")]) == 1

    assert capsys.readouterr().out.splitlines()[1].startswith("  error: the folder '")


def test_no_rule_looks_at_a_tree_with_a_secret(tmp_path, capsys):
    code, told = validate(tmp_path, "users:\n  alice: {tags: {key: AKIAIOSFODNN7EXAMPLE, x: 'a{'}}\n", capsys)

    assert code == 1
    assert "IAM002" in told
    assert "AKIAIOSFODNN7EXAMPLE" not in told
