"""The four ways to name a managed policy in a manifest, and the ARN that each means."""

from __future__ import annotations

import re
from collections.abc import Mapping

from iamctl.kinds.arn import aws_policy_arn, customer_policy_arn, is_policy_arn, policy_account, policy_address
from iamctl.model import Address, Entry, Origin
from iamctl.text.late_pattern import late_pattern
from iamctl.text.nearest import nearest

_PATH_AND_NAME = late_pattern(r"([\w.,+@=-]+/)*[\w.,+@=-]+", re.ASCII)
_PREFIXES = ("aws", "live")


class PolicyNameError(Exception):
    """A text that does not name a policy; the message says why and what to write."""


class PolicyNames:
    """The policies that the manifests of one account can name."""

    def __init__(
        self,
        partition: str,
        account_id: str,
        declared: Mapping[str, Entry],
        removed: Mapping[Address, Origin],
        *,
        is_whole: bool,
        any_partition: bool = False,
    ) -> None:
        """``declared`` maps lower-case names to entries; ``is_whole`` is False if some may be missing.

        With ``any_partition`` the partition of the account is unknown, so ARNs may be in any.
        """
        self._any_partition = any_partition
        self._partition = partition
        self._account_id = account_id
        self._declared = declared
        self._removed = removed
        self._is_whole = is_whole
        self.left_out = False
        """Whether a name was skipped because it may be in a file that could not be read."""

    def arn(self, text: str) -> str | None:
        """Return the ARN that a text means, or None if that is unknown because a file could not be read.

        Raises:
            PolicyNameError: it does not name a policy.
        """
        if not text:
            raise PolicyNameError("the policy name is empty; write a name")
        if text.startswith("arn:"):
            return self._from_arn(text)
        prefix, colon, rest = text.partition(":")
        if not colon:
            return self._from_declared(text)
        if prefix not in _PREFIXES:
            near = nearest(prefix, _PREFIXES)
            raise PolicyNameError(
                f"{text!r} is not a policy name; " + (f"did you mean {near + ':' + rest!r}?" if near else _ways(rest))
            )
        if not _PATH_AND_NAME.fullmatch(rest):
            raise PolicyNameError(f"{text!r} is not a policy name; write a name, or a path and a name, after {prefix}:")
        if prefix == "aws":
            return aws_policy_arn(self._partition, rest)
        return self._from_live(text, rest)

    def _from_declared(self, name: str) -> str | None:
        entry = self._declared.get(name.lower())
        if entry is None:
            if not self._is_whole:
                self.left_out = True
                return None
            self._refuse_removed(name, Address.of("policy", name))
            near = nearest(name[:256], (known.name for known in self._declared.values()))
            raise PolicyNameError(
                f"policy {name!r} is not declared; " + (f"did you mean {near!r}?" if near else _ways(name))
            )
        if entry.name != name:
            raise PolicyNameError(f"policy {name!r} is declared as {entry.name!r}; use the same spelling")
        path = entry.value.get("path", "/") if isinstance(entry.value, dict) else "/"
        return customer_policy_arn(self._partition, self._account_id, path if isinstance(path, str) else "/", name)

    def _from_live(self, text: str, rest: str) -> str:
        path, slash, name = rest.rpartition("/")
        declared = self._declared.get(name.lower())
        if declared is not None:
            raise PolicyNameError(
                f"policy {name!r} is declared at {declared.origin()}, so another tool does not own it; write {declared.name!r}"
            )
        self._refuse_removed(text, Address.of("policy", name))
        return customer_policy_arn(self._partition, self._account_id, f"/{path}{slash}", name)

    def _from_arn(self, text: str) -> str:
        owner = policy_account(text)
        if not is_policy_arn(text) or owner is None:
            raise PolicyNameError(
                f"{text!r} is not the ARN of a managed policy, for example {aws_policy_arn('aws', 'ReadOnlyAccess')}"
            )
        partition = text.split(":")[1]
        if partition != self._partition and not self._any_partition:
            raise PolicyNameError(
                f"{text!r} belongs to partition {partition!r}, but this account is in {self._partition!r}; names that begin "
                "with 'aws:' or 'live:' work in both"
            )
        if owner not in {"aws", self._account_id}:
            raise PolicyNameError(
                f"{text!r} belongs to account {owner}; IAM attaches only policies of {self._account_id} and AWS"
            )
        address = policy_address(text)
        if address is not None:
            self._refuse_removed(text, address)
        return text

    def _refuse_removed(self, text: str, address: Address) -> None:
        place = self._removed.get(address)
        if place is not None:
            raise PolicyNameError(f"policy {text!r} is listed under 'removed' at {place}; keep one")


def _ways(name: str) -> str:
    return f"declare it under 'policies', or write 'aws:{name}' for an AWS policy or 'live:{name}' for another tool's"
