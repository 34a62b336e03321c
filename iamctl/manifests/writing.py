"""What kinds ask for while they write their entries to a manifest: names of policies, texts and files of documents."""

from __future__ import annotations

import re
from collections.abc import Mapping

from iamctl.account.live import Live
from iamctl.kinds import Policy
from iamctl.kinds.arn import aws_policy_arn, customer_policy_arn
from iamctl.manifests.yaml_text import without_variables
from iamctl.model import State
from iamctl.policy import Document
from iamctl.policy.names import policy_path_error
from iamctl.text.late_pattern import late_pattern

_RESERVED = late_pattern(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE | re.DOTALL)
"""Devices, whatever follows the first point.

https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file
"""


class Writing:
    """How the manifests of one account name things, and the documents that its entries point to."""

    def __init__(self, live: Live, declared: State) -> None:
        self._documents: dict[str, Document] = {}
        self._declared = {policy.arn: policy.name for policy in declared.of_kind(Policy)}
        self._live = {policy.arn for policy in live.state.of_kind(Policy) if policy_path_error(policy.path) is None}
        self._aws = aws_policy_arn(live.partition, "")
        self._own = customer_policy_arn(live.partition, live.account_id, "/", "")

    @property
    def documents(self) -> Mapping[str, Document]:
        """The documents by the path of their file."""
        return self._documents

    def take_documents(self) -> Mapping[str, Document]:
        """Return the documents by the path of their file, and forget them."""
        found, self._documents = self._documents, {}
        return found

    def policy_name(self, arn: str) -> str:
        """Return how manifests name the managed policy with this ARN."""
        if arn in self._declared:
            return self._declared[arn]
        if arn.startswith(self._aws):
            return without_variables(f"aws:{arn.removeprefix(self._aws)}")
        if arn in self._live and arn.startswith(self._own):
            return without_variables(f"live:{arn.removeprefix(self._own)}")
        return without_variables(arn)

    def text(self, text: str) -> str:
        """Return ``text`` as a manifest writes it, so that no part of it is read as a variable."""
        return without_variables(text)

    def document_file(self, document: Document, *path: str) -> str:
        """Return the path of a file for ``document``; ``path`` names its folders and the file."""
        *folders, name = map(file_name, path)
        file = "/".join((*folders, f"{name}.json"))
        self._documents[file] = document
        return file


def file_name(name: str) -> str:
    """Return the file or folder name for a name that IAM takes.

    Nearly always that is the name itself. A ``~``, which no such name holds, stands before what would be hidden, an
    option or a device, and after a point at the end, which some systems drop. Two names of IAM, which differ by more
    than case, so never share a file, also where file names are told apart without case.
    """
    before = "~" if name.startswith((".", "-")) or _RESERVED.fullmatch(name) else ""
    after = "~" if name.endswith(".") else ""
    return f"{before}{name}{after}"
