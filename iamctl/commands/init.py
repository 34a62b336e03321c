"""``iamctl init``: create starter manifests and CI files."""

from __future__ import annotations

import pkgutil
import shlex
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path, PurePosixPath

from iamctl.commands.new_files import write_new
from iamctl.commands.workspace import open_tree
from iamctl.model import IamctlError
from iamctl.model.failures import UsageError
from iamctl.terminal.prompt import typed
from iamctl.text.late_pattern import late_pattern
from iamctl.text.visible import visible

TREE = ("README.md", "groups.yaml", "memberships.yaml", "policies.yaml", "users.yaml", "iamctl.yaml")
"""The files of the tree; ``iamctl.yaml``, without which there is no tree, comes last."""

_GITLAB_CI = ".gitlab-ci.yml"
_BESIDE_GITLAB_CI = (
    f"; use '--ci none', then copy the jobs of examples/gitlab/{_GITLAB_CI} of iamctl into yours, or copy that file "
    "beside it and list it under 'include:'"
)

CI_FILES: Mapping[str, Mapping[str, str]] = {
    "github": {
        f".github/workflows/iam-{name}.yml": f"github/{name}.yml" for name in ("plan", "apply", "expire", "drift")
    },
    "gitlab": {_GITLAB_CI: "gitlab/.gitlab-ci.yml"},
    "none": {},
}
"""The files at the root of the repository for each CI, and the starter file of each."""

_ACCOUNT_ID = late_pattern("[0-9]{12}")
_ACCOUNT_NAME = late_pattern("[A-Za-z][A-Za-z0-9._-]{0,63}")
"""One word in YAML, in a shell and in Markdown, and never a number or a flag."""

_PLACE = late_pattern(r"[A-Za-z0-9_.][A-Za-z0-9_.-]*(/[A-Za-z0-9_.][A-Za-z0-9_.-]*)*")
_GIT_IGNORE = ".gitignore"


def init(directory: Path | None, *, account_id: str | None, account: str, ci: str | None) -> int:
    """Write the files, and print the next commands.

    Raises:
        UsageError: an option is missing and there is no terminal, or is invalid; or no CI would read its files here.
        IamctlError: one of the files exists already; nothing was written then.
    """
    folder = directory or Path("iam")
    if (folder / "iamctl.yaml").is_file() and ci not in {None, "none"}:
        return _add_ci(folder, str(ci))
    if not _ACCOUNT_NAME.fullmatch(account):
        raise UsageError(
            f"--account {account!r} is not a valid name; use a letter, then letters, digits, dots, dashes or underscores"
        )
    wanted = _account_id(account_id)
    system = ci or _asked_for_ci()
    files = starter_files(folder, account_id=wanted, account=account, ci=system)
    _check_root(folder, system)
    _check_new(folder, files)
    write_new(Path(), files)
    sys.stdout.write("".join(f"{visible(line)}\n" for line in _next_lines(folder, wanted, system, files)))
    return 0


def _add_ci(folder: Path, ci: str) -> int:
    """Write the CI files that manifests which exist already lack; an existing file stays as it is.

    If the manifests have several accounts, each job works on all of them in one run.

    Raises:
        IamctlError: no file is missing.
    """
    accounts = list(open_tree(folder).accounts)
    _check_root(folder, ci)
    wanted = {**_ci_files(folder, accounts[0] if len(accounts) == 1 else None, ci), **ignored_files(folder)}
    files = {path: text for path, text in wanted.items() if not (Path(path).exists() or Path(path).is_symlink())}
    if not files:
        raise IamctlError(f"{_existing(wanted)}, and init never overwrites a file; nothing was written")
    write_new(Path(), files)
    lines = [f"wrote {path}" for path in files]
    lines += [f"kept {path}, which exists already" for path in wanted if path not in files]
    lines += ["", *_ci_lines(ci, files)]
    sys.stdout.write("".join(f"{visible(line)}\n" for line in lines))
    return 0


def _ci_files(folder: Path, account: str | None, ci: str) -> dict[str, str]:
    """Return path and text of each CI file, for one account or for all.

    Raises:
        UsageError: CI files cannot name the folder.
    """
    inside = PurePosixPath(folder.as_posix())
    if ci != "none" and not (_PLACE.fullmatch(str(inside)) and ".." not in inside.parts):
        raise UsageError(
            f"CI files cannot contain the path {str(folder)!r}; run init at the root of the repository, with a folder "
            "below it whose name has only letters, digits, dots, dashes and underscores"
        )
    return {path: _naming(_text(source), account, str(inside)) for path, source in CI_FILES[ci].items()}


def ignored_files(folder: Path) -> dict[str, str]:
    """Return the .gitignore for journals and passwords; none where one exists or the folder is elsewhere."""
    if folder.is_absolute() or ".." in folder.parts or Path(_GIT_IGNORE).exists():
        return {}
    return {_GIT_IGNORE: _text("gitignore")}


def starter_files(folder: Path, *, account_id: str, account: str, ci: str) -> dict[str, str]:
    """Return path and text of each file, for a manifest tree in ``folder``.

    Raises:
        UsageError: CI files cannot name the folder.
    """
    files = {**_ci_files(folder, account, ci), **ignored_files(folder)}
    for name in TREE:
        files[str(folder / name)] = _text(f"tree/{name}")
    settings = str(folder / "iamctl.yaml")
    files[settings] = (
        files[settings]
        .replace("  main:\n", f'  "{account}":\n' if account != "main" else "  main:\n")
        .replace("000000000000", account_id)
    )
    return files


def _naming(text: str, account: str | None, folder: str) -> str:
    """Return a CI file for this account, or for all, and this folder; both are quoted so that YAML reads them as text."""
    for variable, example, value in (("ACCOUNT", "main", account or ""), ("DIRECTORY", "iam", folder)):
        if value != example:
            text = text.replace(f"  {variable}: {example}\n", f'  {variable}: "{value}"\n')
    return text if account else text.replace('  SELECT: ""', '  SELECT: "*"')


def _text(source: str) -> str:
    return (pkgutil.get_data("iamctl.commands", f"starter/{source}") or b"").decode("utf-8")


def _account_id(given: str | None) -> str:
    if given is not None:
        if not _ACCOUNT_ID.fullmatch(given):
            raise UsageError(f"--account-id {given!r} is not an account id, which has twelve digits")
        return given
    if not _is_terminal():
        raise UsageError("--account-id is missing; use the twelve digits that `aws sts get-caller-identity` prints")
    while True:
        answer = _answer("AWS account id (twelve digits): ").replace("-", "")
        if _ACCOUNT_ID.fullmatch(answer):
            return answer


def _asked_for_ci() -> str:
    """Return the CI that the user chooses; ``none`` without a terminal."""
    while _is_terminal():
        answer = _answer(f"Files for CI, one of {', '.join(CI_FILES)} [none]: ") or "none"
        if answer in CI_FILES:
            return answer
    return "none"


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _answer(question: str) -> str:
    sys.stderr.write(question)
    sys.stderr.flush()
    line = typed()
    if not line:
        raise IamctlError("no answer was given; nothing was written")
    return line.strip()


def _check_root(folder: Path, ci: str) -> None:
    """Refuse files for CI below the root of a Git repository, where neither GitHub nor GitLab reads them."""
    here = Path.cwd()
    root = next((place for place in (here, *here.parents) if (place / ".git").exists()), here)
    if ci != "none" and root != here:
        tree = shlex.quote((here.relative_to(root) / folder).as_posix())
        raise UsageError(
            f"CI reads its files only at the root of the repository, which is {str(root)!r}; run "
            f"'iamctl init {tree} --ci {ci}' there, or use '--ci none' here; nothing was written"
        )


def _check_new(folder: Path, files: Mapping[str, str]) -> None:
    """Refuse if one of the files exists, or the folder has YAML that would become manifests."""
    there = [path for path in files if Path(path).exists() or Path(path).is_symlink()]
    there += [str(path) for path in sorted(folder.glob("*.y*ml")) if str(path) not in files]
    if there:
        way_out = _BESIDE_GITLAB_CI if _GITLAB_CI in there else ""
        raise IamctlError(f"{_existing(there)}, and init never overwrites a file; nothing was written{way_out}")


def _existing(paths: Collection[str]) -> str:
    """Return that files exist: "a.yaml exists already", "a.yaml, b.yaml exist already"."""
    return f"{', '.join(paths)} {'exists' if len(paths) == 1 else 'exist'} already"


def _not_ignored() -> list[str]:
    """Return the folders that must not be committed and that .gitignore does not list."""
    try:
        lines = Path(_GIT_IGNORE).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = {line.strip().strip("/") for line in lines}
    return [line for line in _text("gitignore").splitlines() if line.strip("/") not in named]


def _next_lines(folder: Path, account_id: str, ci: str, files: Mapping[str, str]) -> Iterator[str]:
    for path in files:
        yield f"wrote {path}"
    tree = shlex.quote(str(folder))
    yield ""
    yield f"Next: write your people into {folder / 'users.yaml'} and {folder / 'memberships.yaml'}, then run"
    yield f"  iamctl validate {tree}"
    yield f"  iamctl plan {tree} --sandbox account.json    # against an account in a file"
    yield f"  iamctl plan {tree}                           # against {account_id}, with your AWS credentials; only reads"
    yield "If the account has users already: iamctl import NEW_FOLDER writes manifests for them."
    yield from _ci_lines(ci, files)


def _ci_lines(ci: str, files: Mapping[str, str]) -> Iterator[str]:
    if _GIT_IGNORE not in files and (missing := _not_ignored()):
        yield f"Add {' and '.join(missing)} to {_GIT_IGNORE}."
    if ci == "github":
        yield "Replace OWNER/iamctl@COMMIT in .github/workflows/iam-*.yml by your copy of iamctl and its full commit."
    if ci != "none":
        yield "The roles, variables and environments that CI needs: docs/how-to/ci.md of iamctl."
