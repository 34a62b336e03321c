"""The first minutes: what init writes validates, plans and hurts nobody."""

import pytest
import yaml
from command_line import ACCOUNT, ROOT, account, run, save, user
from terminal import on_terminal

SAY = ("--account-id", ACCOUNT)
GITHUB = {f".github/workflows/iam-{name}.yml" for name in ("plan", "apply", "expire", "drift")}


def files(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


FOLDERS, NAMES = ("iam", ".", "infra/iam", "people of prod"), ("main", "yes", "prod-eu.1")


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        pytest.param(folder, name, marks=[] if row % len(NAMES) == column else [pytest.mark.exhaustive])
        for row, folder in enumerate(FOLDERS)
        for column, name in enumerate(NAMES)
    ],
)
def test_the_tree_validates_and_an_empty_account_takes_it(here, tmp_path, folder, name):
    begun = here("init", folder, *SAY, "--account", name)
    checked = here("validate", folder)
    planned = here("plan", folder, "--account", name, "--sandbox", "account.json")
    applied = here("apply", folder, "--account", name, "--sandbox", "account.json", "--yes")
    again = here("plan", folder, "--account", name, "--sandbox", "account.json", "--detailed-exitcode")

    assert [done.returncode for done in (begun, checked, planned, applied, again)] == [0] * 5, begun.stderr
    assert (checked.stdout, checked.stderr) == ("valid: 3 resources.\n", "")


def test_an_account_with_people_in_it_loses_nothing(here, tmp_path):
    save(tmp_path / "live.json", account([user("alice"), user("bob")]))
    here("init", *SAY)
    planned = here("plan", "iam", "--snapshot", "live.json")

    assert planned.returncode == 0
    assert "0 to update, 0 to delete" in planned.stdout


def test_the_commented_example_can_be_taken_as_it_is(here, tmp_path):
    here("init", *SAY)
    users = tmp_path / "iam/users.yaml"
    lines = users.read_text().splitlines()
    start = lines.index("# users:")
    example = [line.removeprefix("# ") for line in lines[start:-1]]
    users.write_text("\n".join(example) + "\n")
    members = tmp_path / "iam/memberships.yaml"
    members.write_text(members.read_text().replace("everyone: []", "everyone: [alice]"))
    settings = tmp_path / "iam/iamctl.yaml"
    settings.write_text(settings.read_text() + "secrets: {deliver: terminal}\n")

    planned = here("plan", "iam", "--sandbox", "account.json", "--format", "json")

    assert planned.returncode == 0, planned.stdout
    assert '"user/alice"' in planned.stdout


@pytest.mark.parametrize(("ci", "written"), [("github", GITHUB), ("gitlab", {".gitlab-ci.yml"}), ("none", set())])
def test_ci_files_name_the_account_and_the_folder(here, tmp_path, ci, written):
    done = here("init", "infra/iam", *SAY, "--account", "prod", "--ci", ci)

    found = {path for path in files(tmp_path) if not path.startswith("infra/")}
    assert done.returncode == 0
    assert found == written | {".gitignore"}
    for path in written:
        data = yaml.safe_load((tmp_path / path).read_text())
        named = data.get("env") or data["variables"]
        assert {"ACCOUNT": "prod", "DIRECTORY": "infra/iam"}.items() <= named.items()


@pytest.mark.parametrize("name", ["plan", "apply", "expire", "drift"])
def test_the_github_examples_are_what_init_writes(here, tmp_path, name):
    here("init", *SAY, "--ci", "github")

    assert (tmp_path / f".github/workflows/iam-{name}.yml").read_text() == (
        ROOT / f"examples/github/{name}.yml"
    ).read_text()


def test_the_gitlab_example_is_what_init_writes(here, tmp_path):
    here("init", *SAY, "--ci", "gitlab")

    assert (tmp_path / ".gitlab-ci.yml").read_text() == (ROOT / "examples/gitlab/.gitlab-ci.yml").read_text()


@pytest.mark.parametrize("there", ["iam/users.yaml", "iam/team.yml", ".github/workflows/iam-plan.yml"])
def test_nothing_is_written_over(here, tmp_path, there):
    (tmp_path / there).parent.mkdir(parents=True)
    (tmp_path / there).write_text("mine\n")

    done = here("init", *SAY, "--ci", "github")

    assert done.returncode == 1
    assert files(tmp_path) == {there: "mine\n"}
    assert done.stderr == f"error: {there} exists already, and init never overwrites a file; nothing was written\n"


def test_mistakes_in_manifests_that_exist_already_come_first(here, tmp_path):
    (tmp_path / "iam").mkdir()
    (tmp_path / "iam/iamctl.yaml").write_text("mine\n")

    done = here("init", *SAY, "--ci", "github")

    assert done.returncode == 1
    assert "iamctl.yaml:1:1: error: expected version and accounts" in done.stdout + done.stderr
    assert files(tmp_path) == {"iam/iamctl.yaml": "mine\n"}


@pytest.mark.parametrize(("ci", "file"), [("github", ".github/workflows/iam-plan.yml"), ("gitlab", ".gitlab-ci.yml")])
def test_jobs_of_several_accounts_work_on_all_of_them(here, tmp_path, ci, file):
    (tmp_path / "iam").mkdir()
    accounts = 'accounts: {dev: {id: "111111111111", manifests: []}, prod: {id: "222222222222", manifests: []}}\n'
    (tmp_path / "iam/iamctl.yaml").write_text(f"version: 1\n{accounts}")

    done = here("init", "iam", "--ci", ci)

    assert done.returncode == 0, done.stderr
    text = (tmp_path / file).read_text()
    assert '  ACCOUNT: ""\n  SELECT: "*" #' in text


@pytest.mark.parametrize("link", [".github", ".github/workflows", "infra", "infra/iam"])
def test_nothing_is_written_through_a_link(here, tmp_path, link):
    repository, outside = tmp_path / "repository", tmp_path / "outside"
    outside.mkdir()
    (repository / link).parent.mkdir(parents=True)
    (repository / link).symlink_to(outside)

    done = run("init", "infra/iam", *SAY, "--ci", "github", cwd=repository)

    assert done.returncode == 1
    assert done.stderr == (
        f"error: {link} is a symbolic link; files are written only inside the directory itself. Nothing was written\n"
    )
    assert files(tmp_path) == {}


def test_a_folder_elsewhere_may_be_reached_through_a_link(here, tmp_path):
    (tmp_path / "repository").mkdir()
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")

    done = run("init", str(tmp_path / "link/iam"), *SAY, cwd=tmp_path / "repository")

    assert done.returncode == 0
    assert (tmp_path / "real/iam/iamctl.yaml").is_file()


def test_a_gitignore_that_is_there_stays_and_is_spoken_of(here, tmp_path):
    (tmp_path / ".gitignore").write_text("mine\n")

    done = here("init", *SAY)

    assert (tmp_path / ".gitignore").read_text() == "mine\n"
    assert "Add .iamctl/ and handover/ to .gitignore." in done.stdout


@pytest.mark.parametrize(
    ("ignored", "said"),
    [
        (".iamctl\n/handover/\n", ""),
        ("handover/\n", "Add .iamctl/ to .gitignore."),
        ("# .iamctl/\nhandover/x\n", "Add "),
    ],
)
def test_only_what_a_gitignore_lacks_is_spoken_of(here, tmp_path, ignored, said):
    (tmp_path / ".gitignore").write_text(ignored)

    done = here("init", *SAY)

    assert done.returncode == 0
    assert said in done.stdout if said else "gitignore" not in done.stdout


def test_beside_other_jobs_of_gitlab_there_is_a_way_out(here, tmp_path):
    (tmp_path / ".gitlab-ci.yml").write_text("mine\n")

    done = here("init", *SAY, "--ci", "gitlab")

    assert done.returncode == 1
    assert "nothing was written; use '--ci none', then copy the jobs of examples/gitlab/.gitlab-ci.yml" in done.stderr
    assert files(tmp_path) == {".gitlab-ci.yml": "mine\n"}


@pytest.mark.parametrize("ci", ["github", "gitlab"])
def test_files_for_ci_go_to_the_root_of_the_repository(tmp_path, ci):
    (tmp_path / ".git").mkdir()
    below = tmp_path / "infra/aws"
    below.mkdir(parents=True)

    refused = run("init", *SAY, "--ci", ci, cwd=below)

    assert refused.returncode == 64
    assert f"run 'iamctl init infra/aws/iam --ci {ci}' there" in refused.stderr
    assert files(tmp_path) == {}
    assert run("init", *SAY, "--ci", "none", cwd=below).returncode == 0
    assert run("init", "iam", *SAY, "--ci", ci, cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ([], "--account-id is missing"),
        (["--account-id", "1234"], "'1234' is not an account id"),
        (["--account-id", "१२३४५६७८९०१२"], "is not an account id"),
        ([*SAY, "--account", "a: b"], "'a: b' is not a valid name"),
        ([*SAY, "--account", "-x"], "'-x' is not a valid name"),
        (["a b", *SAY, "--ci", "github"], "CI files cannot contain the path 'a b'"),
        (["../iam", *SAY, "--ci", "gitlab"], "CI files cannot contain the path '../iam'"),
        (["/iam", *SAY, "--ci", "gitlab"], "CI files cannot contain the path '/iam'"),
    ],
)
def test_what_cannot_be_is_wrong_usage(here, tmp_path, words, what):
    done = here("init", *words)

    assert done.returncode == 64
    assert what in done.stderr
    assert files(tmp_path) == {}


def test_a_terminal_is_asked_for_what_is_not_said(tmp_path):
    code, screen = on_terminal("init", cwd=tmp_path, answer="1234-5678-9012\ngithub\n", until="twelve digits")

    assert code == 0, screen
    assert 'id: "123456789012"' in (tmp_path / "iam/iamctl.yaml").read_text()
    assert files(tmp_path).keys() >= GITHUB


def test_the_lines_to_type_next_work(tmp_path):
    begun = run("init", *SAY, cwd=tmp_path)
    typed = [line.split("#")[0].split()[1:] for line in begun.stdout.splitlines() if line.startswith("  iamctl")]

    assert [words[0] for words in typed] == ["validate", "plan", "plan"]
    assert [run(*words, cwd=tmp_path).returncode for words in typed[:2]] == [0, 0]


def test_ci_files_are_added_to_manifests_that_exist_already(here, tmp_path):
    save(tmp_path / "live.json", account([user("alice")]))
    imported = here("import", "iam", "--snapshot", "live.json", "--account", "prod")
    workflows = tmp_path / ".github/workflows"
    workflows.mkdir(parents=True)
    (workflows / "iam-plan.yml").write_text("mine\n")
    done = here("init", "iam", "--ci", "github")
    again = here("init", "iam", "--ci", "github")

    assert "iamctl init iam --ci github" in imported.stdout
    assert (tmp_path / ".gitignore").read_text() == ".iamctl/\nhandover/\n"
    assert done.returncode == 0, done.stderr
    assert "kept .github/workflows/iam-plan.yml, which exists already" in done.stdout
    assert (workflows / "iam-plan.yml").read_text() == "mine\n"
    assert yaml.safe_load((workflows / "iam-apply.yml").read_text())["env"]["ACCOUNT"] == "prod"
    assert again.returncode == 1
    assert "exist already" in again.stderr
