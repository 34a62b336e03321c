"""The limits of a manifest tree: of each file, and of the whole tree. Real trees stay far below them."""

from __future__ import annotations

from iamctl.text.late_dataclass import dataclass

MAX_FILE_BYTES = 1_048_576
"""Of one file, 1 MiB."""

MAX_TREE_BYTES = 64 * MAX_FILE_BYTES
"""Of all manifests, and with them of the policy documents of one account: 64 MiB."""

MAX_FILES = 10_000
"""Manifests in a tree."""

MAX_ENTRIES = 200_000
"""Files and folders below a tree, whether they are manifests or not."""

MAX_FOLDER_DEPTH = 32
MAX_DEPTH = 32
"""Levels of lists and mappings in a YAML file."""

MAX_NODES = 200_000
"""Keys and values of a YAML file."""

MAX_TREE_NODES = 3_000_000
"""Keys and values of all YAML files: about 1 GB of memory. IAM's largest account with 10 groups per user has 500,000."""

MAX_KEY_CHARACTERS = 256
MAX_SCALAR_CHARACTERS = 65_536

MAX_FINDINGS = 20
"""Mistakes of one kind reported per file; more would not help."""

MAX_MESSAGES = 5_000
"""Mistakes reported for a tree: as many as GitHub shows of one run.

https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

MAX_MESSAGE_CHARACTERS = 2_000
"""Of one mistake: a message quotes values, and a value may have 65,536 characters."""


class TooMuchError(Exception):
    """The tree exceeds a limit; the message says which and what to do."""


@dataclass
class Budget:
    """What may still be read of a tree."""

    bytes: int = MAX_TREE_BYTES
    nodes: int = MAX_TREE_NODES

    def spend(self, size: int, nodes: int = 0) -> None:
        """Count a file of ``size`` bytes with that many YAML nodes.

        Raises:
            TooMuchError: the tree is too large with this file.
        """
        self.bytes -= size
        self.nodes -= nodes
        if self.bytes < 0:
            raise TooMuchError(
                f"with this file, the tree has more than {MAX_TREE_BYTES // MAX_FILE_BYTES} MiB; split it into several, and pass each as DIR"
            )
        if self.nodes < 0:
            raise TooMuchError(
                f"with this file, the tree has more than {MAX_TREE_NODES:,} YAML values; split it into several, and pass each as DIR"
            )
