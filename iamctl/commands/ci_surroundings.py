"""What the CI system says of a run: the commit whose files a report links to, and where the whole report is kept."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from iamctl.manifests import find_tree
from iamctl.report.blocks import Report, SourceLinks, linked
from iamctl.text.late_pattern import late_pattern

ARTIFACT = "IAMCTL_ARTIFACT"
"""The variable in which a CI job names the artifact that has the whole report."""

_ADDRESS = late_pattern(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~-]+)*")
_COMMIT = late_pattern(r"[0-9a-f]{40,64}")
_NAME = late_pattern(r"[\w .-]{1,200}", re.ASCII)


def in_ci(report: Report, directory: Path | None, environment: Mapping[str, str] | None = None) -> Report:
    """Return the report with links to the manifests and the name of the artifact, where CI tells them."""
    told = os.environ if environment is None else environment
    if links := source_links(told, find_tree(directory)):
        report = linked(report, links)
    name = told.get(ARTIFACT, "")
    return replace(report, whole_in=f"the artifact {name}") if _NAME.fullmatch(name) else report


def source_links(environment: Mapping[str, str], tree: Path) -> SourceLinks | None:
    """Return where the files below ``tree`` are at the commit of a run on GitHub or GitLab; None elsewhere.

    https://docs.github.com/en/actions/reference/workflows-and-actions/variables
    https://docs.gitlab.com/ci/variables/predefined_variables/
    """
    if environment.get("GITHUB_REPOSITORY"):
        address = f"{environment.get('GITHUB_SERVER_URL', '')}/{environment['GITHUB_REPOSITORY']}"
        commit, root, blob = environment.get("GITHUB_SHA", ""), environment.get("GITHUB_WORKSPACE", ""), "blob"
    else:
        address, commit = environment.get("CI_PROJECT_URL", ""), environment.get("CI_COMMIT_SHA", "")
        root, blob = environment.get("CI_PROJECT_DIR", ""), "-/blob"
    if not (_ADDRESS.fullmatch(address) and _COMMIT.fullmatch(commit) and root):
        return None
    below = os.path.relpath(tree.resolve(), Path(root).resolve())
    if below.partition(os.sep)[0] == os.pardir:
        return None
    folder = "" if below == os.curdir else f"{quote(Path(below).as_posix(), errors='backslashreplace')}/"
    return SourceLinks(f"{address}/{blob}/{commit}/{folder}")
