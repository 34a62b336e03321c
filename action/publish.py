#!/usr/bin/env python3
"""Shows the report of a run: in the step summary, in the one comment of a pull request, in the one issue of drift.

    publish.py print|summary|comment|issue|outputs

``outputs`` tells later steps which plan was made.

A report that cannot be shown is a warning: the exit code is that of iamctl, and the report is among the artifacts.
"""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

MAX_COMMENT_CHARACTERS = 62_000
"""GitHub takes 65,536 in a comment or an issue; a report of iamctl, of at most 60,000, keeps room for what we add."""

MAX_SUMMARY_CHARACTERS = 250_000
"""GitHub takes 1024 KiB in a summary, and a character has up to four bytes.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary
"""

ENDS = {
    "0": "done",
    "1": "error",
    "2": "there are changes",
    "3": "refused",
    "4": "partly applied: run it again",
    "5": "the plan is stale, or another apply runs",
    "64": "wrong usage",
    "130": "interrupted",
}
ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~-]+)+")
TIMEOUT_SECONDS = 30
PER_PAGE = 100


class PublishError(Exception):
    """GitHub does not take the report."""


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """The token goes to the address that the runner names, and to no other."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow nothing."""


def main(where: str) -> None:
    """Show the report of the run that the environment tells."""
    if where == "outputs":
        told = outputs(json.loads(read("plan.json")))
        sys.stdout.write("".join(f"{name}={value}\n" for name, value in told.items()))
    elif where == "print":
        sys.stdout.write(body(MAX_SUMMARY_CHARACTERS))
    elif where == "summary":
        with Path(os.environ["GITHUB_STEP_SUMMARY"]).open("a", encoding="utf-8") as file:
            file.write(body(MAX_SUMMARY_CHARACTERS) + "\n")
    elif where == "comment":
        comment(body(MAX_COMMENT_CHARACTERS))
    elif where == "issue":
        issue(body(MAX_COMMENT_CHARACTERS))


def outputs(plan: dict[str, Any]) -> dict[str, object]:
    """Return what later steps are to know of a plan, or of the plans of many accounts."""
    if "fleet_digest" in plan:
        return {
            "plan-digest": plan["fleet_digest"] or "",
            "changes": plan["outcomes"]["changes"],
            "risks": len(plan["risks"]),
            "refused": plan["outcomes"]["refused"],
        }
    summary = plan["summary"]
    return {
        "plan-digest": plan["plan_digest"],
        "changes": len(plan["changes"]),
        "risks": summary["risks"],
        "refused": summary["refused"],
        "approve": json.dumps(plan["approve"]),
        "truncated": str(plan["truncated"]).lower(),
    }


def body(limit: int) -> str:
    """Return the marker, what was run and how it ended, and the report or else the errors, within ``limit``."""
    code = os.environ.get("IAMCTL_EXIT_CODE") or "1"
    head = f"{marker()}\n## {title()}: {ENDS.get(code, 'ended')} ({code})\n\n{commit()}{page()}"
    errors, report = (read(name) for name in ("errors.txt", "report.md"))
    report = re.sub(r"\A<!-- iamctl-[^\n]* -->\n", "", report)  # ours stands above already
    if errors.strip():
        fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", errors)), 3)
        report += f"\n{fence}text\n{errors.rstrip()}\n{fence}\n"
    return shortened(head + report, limit, "plan.json" if read("plan.json") else "report.md")


def commit() -> str:
    """Return which commit the report is about, so that an old comment shows its age; nothing where it is not known."""
    told = event().get("pull_request", {}).get("head", {}).get("sha") or os.environ.get("GITHUB_SHA", "")
    return f"Commit {told[:12]}.\n\n" if re.fullmatch("[0-9a-f]{40,64}", str(told)) else ""


def page() -> str:
    """Return where the page of the run is; nothing where there is none."""
    if not read("page.html"):
        return ""
    told, job = os.environ, os.environ.get("CI_JOB_URL", "")
    server, repository, run = (told.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    if ADDRESS.fullmatch(job):
        return f"[The page]({job}/artifacts/file/iamctl-page.html) shows people, groups and access in a browser.\n\n"
    if ADDRESS.fullmatch(f"{server}/{repository}") and run.isdecimal():
        address = f"{server}/{repository}/actions/runs/{run}#artifacts"
        return f"`page.html`, an artifact of [this run]({address}), shows people, groups and access in a browser.\n\n"
    return ""


def marker() -> str:
    """Return the line by which the comment of the run before is found, out of which no name can break."""
    return f"<!-- iamctl-{os.environ['IAMCTL_COMMAND']} {quote(os.environ.get('IAMCTL_ACCOUNT', ''), safe='')} -->"


def title() -> str:
    """Return what was run, as Markdown."""
    account = os.environ.get("IAMCTL_ACCOUNT", "")
    command = f"iamctl {os.environ['IAMCTL_COMMAND'].replace('fleet-', 'fleet ')}"
    return f"{command} of {account}" if re.fullmatch(r"[\w-]+", account) else command


def read(name: str) -> str:
    """Return a file of the run, nothing where there is none."""
    path = Path(os.environ["IAMCTL_FOLDER"], name)
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def shortened(text: str, limit: int, whole: str) -> str:
    """Return the text, or as many of its first lines as fit, with what they opened closed and which file is whole."""
    if len(text) <= limit:
        return text
    lines, kept, room = text.splitlines(), list[str](), limit - 1000
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    opened = None
    for line in kept:
        found = re.match("`{3,}", line)
        if found and opened is None:
            opened = found[0]
        elif opened is not None and line.rstrip() == opened:
            opened = None
    end = [opened] if opened else []
    count = sum(line.count("<details") - line.count("</details>") for line in kept)
    end += ["", *["</details>"] * max(0, min(count, 50))]
    left = len(lines) - len(kept)
    return "\n".join(
        [*kept, *end, "", f"{left} more lines are left out; the artifact `{whole}` of this run has all.", ""]
    )


def comment(text: str) -> None:
    """Write the comment of the pull request: the one of the run before, where there is one."""
    number = event().get("pull_request", {}).get("number")
    if not isinstance(number, int):
        raise PublishError("this run is not about a pull request")
    for found in pages(f"/issues/{number}/comments?"):
        if is_ours(found):
            request("PATCH", f"/issues/comments/{int(found['id'])}", {"body": text})
            return
    request("POST", f"/issues/{number}/comments", {"body": text})


def issue(text: str) -> None:
    """Open or update the issue while something is to tell, and close it when all is as it should be."""
    open_issues = pages("/issues?state=open&")
    found = next((each for each in open_issues if "pull_request" not in each and is_ours(each)), None)
    if os.environ.get("IAMCTL_EXIT_CODE") == "0":
        if found:
            request("PATCH", f"/issues/{int(found['number'])}", {"body": text, "state": "closed"})
    elif found:
        request("PATCH", f"/issues/{int(found['number'])}", {"body": text})
    else:
        request("POST", "/issues", {"title": title(), "body": text})


def is_ours(entry: dict[str, Any]) -> bool:
    """Tell whether an entry has our marker and our author: anybody may write a marker."""
    author = os.environ.get("IAMCTL_AUTHOR") or "github-actions[bot]"
    return str(entry.get("body") or "").startswith(marker()) and (entry.get("user") or {}).get("login") == author


def event() -> dict[str, Any]:
    """Return what happened, as GitHub tells it."""
    path = os.environ.get("GITHUB_EVENT_PATH")
    told: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8")) if path else {}
    return told


def pages(path: str) -> Iterator[dict[str, Any]]:
    """Yield the entries of a listing."""
    page = 1
    while True:
        entries = request("GET", f"{path}per_page={PER_PAGE}&page={page}")
        yield from entries
        if len(entries) < PER_PAGE:
            return
        page += 1


def request(method: str, path: str, data: dict[str, Any] | None = None) -> Any:
    """Return GitHub's answer.

    Raises:
        PublishError: there is none that says yes.
    """
    url = f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}{path}"
    if urlsplit(url).scheme != "https" and urlsplit(url).hostname != "127.0.0.1":
        raise PublishError("the address of the API is not https")
    asked = urllib.request.Request(url, method=method, data=json.dumps(data).encode() if data else None)  # noqa: S310
    asked.add_header("Accept", "application/vnd.github+json")
    asked.add_header("Content-Type", "application/json")
    asked.add_unredirected_header("Authorization", f"Bearer {os.environ['GITHUB_TOKEN']}")
    try:
        with urllib.request.build_opener(NoRedirect).open(asked, timeout=TIMEOUT_SECONDS) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise PublishError(f"GitHub answers {error.code} to {method}; see the permissions of the job") from error
    except (OSError, ValueError) as error:
        raise PublishError(f"GitHub does not answer to {method}: {type(error).__name__}") from error


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except PublishError as error:
        sys.stdout.write(f"::warning::the report is not shown in the {sys.argv[1]}: {error}\n")
