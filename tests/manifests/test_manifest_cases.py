"""Case tables: trees of manifests and every line that is said about them."""

from pathlib import Path

import pytest
from case_files import read_cases
from manifest_trees import findings, findings_of_tree, write_tree

CASES = {
    f"{path.stem}.{name}": case
    for path in sorted((Path(__file__).parent / "cases").glob("*.yaml"))
    for name, case in read_cases(path).items()
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_mistake_of_a_tree_is_told_with_its_place(case, tmp_path):
    files = case["files"] if isinstance(case["files"], dict) else {"a.yaml": case["files"]}
    root = write_tree(tmp_path, files)

    found = findings(root, account=case.get("account"), partition=case.get("partition", "aws"))

    assert found == case.get("says", "").splitlines()
    if "says_of_tree" in case:
        assert findings_of_tree(root) == case["says_of_tree"].splitlines()
