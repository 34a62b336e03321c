"""The four ways in which a manifest names a managed policy, and the ARN that each means."""

from __future__ import annotations

import re
from collections.abc import Mapping

from iamctl.kinds.arn import aws_policy_arn, customer_policy_arn, is_policy_arn, policy_account, policy_address
from iamctl.model import Address, Entry, Origin
from iamctl.text.nearest import nearest

_PATH_AND_NAME = re.compile(r"([\w.,+@=-]+/)*[\w.,+@=-]+", re.ASCII)
_PREFIXES = ("aws", "live")


class PolicyNameError(Exception):
    """A text that names no policy; the text of the error says why and what to write."""


class PolicyNames:
    """The policies that manifests of one account can name."""

    def __init__(
        self,
        partition: str,
        account_id: str,
        declared: Mapping[str, Entry],
        removed: Mapping[Address, Origin],
        *,
        is_whole: bool,
    ) -> None:
        """``declared`` holds the entries by lower-case name; ``is_whole`` is False when some may be missing."""
        self._partition = partition
        self._account_id = account_id
        self._declared = declared
        self._removed = removed
        self._is_whole = is_whole
        self.left_out = False
        """Whether a name was passed over, since it may stand in what could not be read."""

    def arn(self, text: str) -> str | None:
        """Return the ARN that a text means, or None where that cannot be told because a file is not readable.

        Raises:
            PolicyNameError: it names none.
        """
        if not text:
            raise PolicyNameError("the name of a policy is empty")
        if text.startswith("arn:"):
            return self._from_arn(text)
        prefix, colon, rest = text.partition(":")
        if not colon:
            return self._from_declared(text)
        if prefix not in _PREFIXES:
            near = nearest(prefix, _PREFIXES)
            raise PolicyNameError(
                f"{text!r} names no policy; " + (f"did you mean {near + ':' + rest!r}?" if near else _ways(rest))
            )
        if not _PATH_AND_NAME.fullmatch(rest):
            raise PolicyNameError(f"{text!r} names no policy; {prefix}: is followed by a name, or by a path and a name")
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
            raise PolicyNameError(f"policy {name!r} is declared as {entry.name!r}; spell it the same")
        path = entry.value.get("path", "/") if isinstance(entry.value, dict) else "/"
        return customer_policy_arn(self._partition, self._account_id, path if isinstance(path, str) else "/", name)

    def _from_live(self, text: str, rest: str) -> str:
        path, slash, name = rest.rpartition("/")
        declared = self._declared.get(name.lower())
        if declared is not None:
            raise PolicyNameError(
                f"policy {name!r} is declared at {declared.origin()}, so it is not another tool's; write {declared.name!r}"
            )
        self._refuse_removed(text, Address.of("policy", name))
        return customer_policy_arn(self._partition, self._account_id, f"/{path}{slash}", name)

    def _from_arn(self, text: str) -> str:
        owner = policy_account(text)
        if not is_policy_arn(text) or owner is None:
            raise PolicyNameError(
                f"{text!r} is no ARN of a managed policy, such as {aws_policy_arn('aws', 'ReadOnlyAccess')}"
            )
        partition = text.split(":")[1]
        if partition != self._partition:
            raise PolicyNameError(
                f"{text!r} is of partition {partition!r}; this account is in {self._partition!r}, and 'aws:' and 'live:' "
                "names fit any"
            )
        if owner not in {"aws", self._account_id}:
            raise PolicyNameError(
                f"{text!r} is of account {owner}; IAM attaches only policies of {self._account_id} and AWS"
            )
        address = policy_address(text)
        if address is not None:
            self._refuse_removed(text, address)
        return text

    def _refuse_removed(self, text: str, address: Address) -> None:
        place = self._removed.get(address)
        if place is not None:
            raise PolicyNameError(f"policy {text!r} is to be removed at {place}")


def _ways(name: str) -> str:
    return f"declare it under 'policies', or write 'aws:{name}' for AWS's own or 'live:{name}' for another tool's"
