"""The fault matrix of docs/explanation/reliability.md, with the tests beside each row."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

_TEST_OF_FAULT = re.compile(r"^def test_fault_([0-9]+)_", re.MULTILINE)
BEGIN, END = "<!-- Written by make generate. -->", "<!-- End of what make generate writes. -->"

FAULTS = {
    1: (
        "an MFA guard is detached during an apply",
        "reads it right before each call that relies on it; the call fails",
    ),
    2: ("one revocation of a leaver fails", "sends the other revocations all the same"),
    3: ("credentials switch to another account", "sends nothing with them and ends the run"),
    4: ("something that was removed comes back", "reads again 15 seconds later and fails with exit code 4"),
    5: ("killed between deactivating and deleting an MFA device", "deletes the device with its user in the next plan"),
    6: ("the read after the calls fails once", "reads again"),
    7: ("AWS shows removals late", "waits for `DeleteConflict` and `LimitExceeded` on what it emptied"),
    8: ("reads are 20 seconds old", "reads for up to a minute, and does not call it drift"),
    9: (
        "two applies at the same time",
        "with `lock`: ends the second one with exit code 5; without: plans again right before the first write",
    ),
    10: ("it is removed by another user first", "counts the removal as done"),
    11: ("one of five users cannot be created", "finishes the other four"),
    12: ("a proxy answers instead of AWS, or byte by byte", "reports an error within a minute, never success"),
    13: ("an active key that is no longer allowed", "deactivates it before its user joins a group"),
    14: ("an answer is lost", "reads what became of the call: done, sent again, or another one's"),
    15: (
        "an older commit is applied during a newer one",
        "with `lock`: ends the second one with exit code 5; the shipped CI jobs that write share one concurrency group",
    ),
    16: ("several people join the group with the guard", "lets all of them join first, and waits once"),
    17: ("a password is reissued together with a grant", "replaces the password first"),
    18: ("refusals for ever", "warns after 10 seconds and gives up after `--patience`"),
    19: ("killed before or after any write", "finishes with the next apply; no state on the way gives access"),
    20: ("edits, kills, lost answers and time in any order", "keeps the promises, and two applies reach the manifests"),
    21: ("pages are short or empty, or an item is on two pages", "reads to the end, or again; else plans nothing"),
    22: ("a plan was made from old reads", "reads again right before the first write and stops with exit code 5"),
    23: ("Ctrl-C or SIGTERM, once or twice", "finishes the calls under way, or none; exit code 130"),
    24: ("AWS does not show yet what this run created", "sends the call again for up to two minutes"),
    25: (
        "`ConcurrentModification`, `EntityTemporarilyUnmodifiable`, throttling once",
        "sends the call again after a random pause, and fewer calls side by side",
    ),
    26: (
        "AWS refuses a call for good: a quota, a denied write, a name that exists, a document",
        "reports it once; sends neither the call again nor what needs it",
    ),
    27: (
        "the lock cannot be taken, is lost, or is that of a run that died",
        "sends nothing more; takes over a lock three minutes after its last renewal",
    ),
    28: ("a read is denied", "plans nothing and names the action"),
    29: (
        "credentials expire, or can no longer be renewed",
        "renews them once where their provider can; else ends the run",
    ),
    30: ("the password policy refuses a password", "makes up to three others; else leaves the user without one"),
    31: ("the disk is full or cannot be written", "sends nothing that the journal does not have"),
    32: (
        "a journal is cut off, damaged or of another program",
        "never needs one for an apply; `journal` skips the lines",
    ),
    33: (
        "no network, no answer, TLS or DNS errors",
        "waits no longer than its limits; sends again what was not sent for up to two minutes",
    ),
    34: ("the clock is wrong by more than five minutes", "applies nothing"),
    35: ("the credential report is late, damaged or gone", "asks again for a while; else plans nothing"),
    36: ("a saved plan is cut off or from another version", "refuses it with the reason"),
    37: ("an error code that nobody knows", "treats the answer as lost"),
    38: ("nobody reads the output any more", "prints to stderr what matters and keeps its exit code"),
}


def with_faults(page: str, root: Path) -> str:
    """Return the page with a fresh matrix."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{_matrix(root)}\n\n{END}{after}"


def _matrix(root: Path) -> str:
    tests = tests_of_faults(root)
    lines = ["| no. | fault | what iamctl does | tests |", "| --- | --- | --- | --- |"]
    for number, (fault, answer) in FAULTS.items():
        named = ", ".join(f"{count} in `{path}`" for path, count in sorted(tests[number].items()))
        lines.append(f"| {number} | {fault} | {answer} | {named} |")
    return "\n".join(lines)


def tests_of_faults(root: Path) -> dict[int, dict[str, int]]:
    """Return how many tests each file has for each fault, by the number in their names."""
    found: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for path in sorted((root / "tests").rglob("test_*.py")):
        name = str(path.relative_to(root / "tests"))
        for number in _TEST_OF_FAULT.findall(path.read_text(encoding="utf-8")):
            found[int(number)][name] = found[int(number)].get(name, 0) + 1
    return found
