"""What the manifests of one account declare, and all mistakes in them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any

from iamctl.handover.recipient import recipient_doubt, recipient_problem
from iamctl.kinds import KINDS, Membership, declared_resources
from iamctl.manifests.assertions import AssertionReader
from iamctl.manifests.bounds import MAX_MESSAGE_CHARACTERS, MAX_MESSAGES, Budget
from iamctl.manifests.document_files import DocumentFiles
from iamctl.manifests.documents import Documents
from iamctl.manifests.folder import APPROVALS_FILE, SETTINGS_FILE, byte_order
from iamctl.manifests.iamctl_yaml import Account
from iamctl.manifests.manifest import Content, Filler, Manifest
from iamctl.manifests.moment import at_the_moment
from iamctl.manifests.node import MappingNode
from iamctl.manifests.policy_name import PolicyNameError, PolicyNames
from iamctl.manifests.references import References
from iamctl.manifests.schema import ASSERTIONS, iamctl_yaml_schema
from iamctl.manifests.secret import KEPT_BACK, Secret
from iamctl.manifests.values import Variables, typed
from iamctl.model import Address, Entry, Finding, ManifestError, Origin, Resource, Severity, State
from iamctl.model.approval_line import Approvals
from iamctl.model.assertion import Assertion
from iamctl.model.settings import Desired
from iamctl.policy import Document
from iamctl.text.counted import listed
from iamctl.text.late_dataclass import dataclass

_NAMED = 3
"""How many files one message names."""


@dataclass(frozen=True)
class Given:
    """What was read for one account: its settings, its manifests, and the findings so far."""

    documents: DocumentFiles
    budget: Budget
    """What the policy documents of the account may still take."""
    account: Account
    settings_data: bytes
    approvals_data: bytes
    approvals: Approvals
    manifests: tuple[Manifest, ...]
    findings: tuple[Finding, ...]
    secrets: tuple[Secret, ...]
    lost: tuple[Origin, ...]
    """Where files of the account could not be read or found, in addition to their own findings."""


def declare(given: Given, *, partition: str, now: datetime, any_partition: bool = False) -> Desired:
    """Return the desired state of an account.

    Raises:
        ManifestError: there are mistakes; it carries all of them, and what is declared besides.
    """
    declaration = Declaration(given, partition, any_partition=any_partition)
    resources = tuple(declaration.resources())
    assertions = declaration.assertions()
    findings = declaration.findings()
    settings = given.account.settings
    timed = at_the_moment(resources, now, settings.leavers.delete_after_days)
    desired = Desired(
        settings=settings,
        partition=partition,
        state=State.of(timed.desired),
        ended=timed.ended,
        upcoming=timed.upcoming,
        removed=dict(sorted(declaration.references.removed.items())),
        digest_of=declaration.digest(),
        findings=findings,
        assertions=assertions,
        approvals=given.approvals,
    )
    if any(finding.severity == Severity.ERROR for finding in findings):
        # a rule may quote a value, so no rule sees a tree that contains a secret
        raise ManifestError(findings, beside=None if declaration.secrets() else desired)
    return desired


class Declaration:
    """The manifests of one account as the kinds read them; mistakes are collected, not raised."""

    def __init__(self, given: Given, partition: str, *, any_partition: bool = False) -> None:
        settings = given.account.settings
        self.account_id = settings.account_id
        self.partition = partition
        self._given = given
        self._findings = list(given.findings)
        self._variables = variables_of(given.account, partition)
        content = self._content = Content(lost=list(given.lost))
        for manifest in given.manifests:
            self._findings += manifest.loaded.findings
            content.add(manifest, self._variables, self._findings.append)
        if (node := given.account.assertions) is not None:
            content.add_assertions(SETTINGS_FILE, node, self._variables, self._findings.append)
        self.references = References(content, self._findings.append)
        self.references.check()
        self._policies = PolicyNames(
            partition,
            settings.account_id,
            self.references.declared["policies"],
            self.references.removed,
            is_whole=content.is_whole,
            any_partition=any_partition,
        )
        self._documents = Documents(given.documents, self._variables, self._findings.append, given.budget)
        self._defaults = self._user_defaults()
        self._entries: dict[str, tuple[Entry, ...]] = {}

    def resources(self) -> Iterator[Resource]:
        """Yield the resources by kind and address; if two have the same address, the first, and a finding."""
        self._findings += _recipient_findings(self.entries("users"), self.account_id)
        found: dict[Address, Resource] = {}
        for resource in declared_resources(self):
            first = found.setdefault(resource.address, resource)
            if first is not resource and not isinstance(resource, Membership):  # reported with the references
                message = f"{resource.address} is already declared at {first.origin}; keep one"
                self._refuse(message, resource.origin, resource.address)
        of_kinds: dict[str, list[Resource]] = {kind.kind: [] for kind in KINDS}
        for address in sorted(found):
            of_kinds[address.kind].append(found[address])
        yield from chain.from_iterable(of_kinds.values())

    def assertions(self) -> tuple[Assertion, ...]:
        """Return the assertions by name; only those without mistakes."""
        reader = AssertionReader(self._documents, self._findings.append)
        return reader.read(self._content.entries[ASSERTIONS], self._content.is_entry_whole)

    def entries(self, section: str) -> Iterable[Entry]:
        """Return the entries of a section, users with the defaults of iamctl.yaml; of two with one name, the first."""
        if section not in self._entries:
            entries = self.references.first_entries(section)
            filled = map(self._with_defaults, entries) if section == "users" and self._defaults else entries
            self._entries[section] = tuple(filled)
        return self._entries[section]

    def policy_arn(self, entry: Entry, *path: str | int) -> str | None:
        """Return the ARN of the policy named at ``path``; None, and a finding, if the name is wrong."""
        text: Any = entry.value
        for step in path:
            text = text[step]
        place = entry.origin(*path)
        if path == ("permissions_boundary",) and path not in entry.origins:
            place = self._default_place("permissions_boundary") or place
        try:
            return self._policies.arn(text)
        except PolicyNameError as problem:
            self._refuse(str(problem), place)
            return None

    def document(self, entry: Entry, *path: str | int) -> Document | None:
        """Return the document of a policy, or of the inline policy at ``path``; None, and a finding, if it is wrong."""
        return self._documents.inline(entry, path) if path else self._documents.managed(entry)

    def findings(self) -> tuple[Finding, ...]:
        """Return all findings, each once, by file, line and column; none contains a secret."""
        if self.references.left_out or self._policies.left_out:
            self._findings.append(_not_checked(self._content.lost))
        unsure = {finding.origin for finding in self._findings if finding.rule == "IAM003"}
        found = {
            (finding.rule, finding.message, finding.origin): finding
            for finding in reversed(self._findings)
            if not (finding.rule == "IAM301" and finding.origin in unsure)  # an unknown variable is reported once
        }
        return told(found.values(), self.secrets())

    def secrets(self) -> tuple[Secret, ...]:
        """Return the secrets in iamctl.yaml, the manifests and the documents that were read so far."""
        return *self._given.secrets, *self._documents.secrets

    def digest(self) -> Callable[[], str]:
        """Return what computes ``sha256:…`` of iamctl.yaml, approvals.yaml, the manifests and the files they name."""
        files = {SETTINGS_FILE: self._given.settings_data, **self._documents.files}
        if one := self._given.account.listed_in:
            files |= {one.origin.path if one.origin else "": json.dumps(one.to_json(), sort_keys=True).encode()}
        files |= {APPROVALS_FILE: data} if (data := self._given.approvals_data) else {}
        files |= {manifest.path: manifest.data for manifest in self._given.manifests}
        return partial(_digest, files)

    def _refuse(self, message: str, place: Origin | None, address: Address | None = None) -> None:
        self._findings.append(Finding("IAM003", Severity.ERROR, message, address, place))

    def _user_defaults(self) -> Mapping[str, Any]:
        node = self._given.account.user_defaults
        if node is None:
            return {}
        schema = iamctl_yaml_schema()["properties"]["defaults"]["properties"]["users"]
        filled: dict[str, Any] = typed(node, schema, Filler(SETTINGS_FILE, self._variables, self._findings.append).fill)
        return filled

    def _default_place(self, key: str) -> Origin | None:
        node = self._given.account.user_defaults
        value = node.get(key) if isinstance(node, MappingNode) else None
        return Origin(SETTINGS_FILE, value.line, value.column) if value else None

    def _with_defaults(self, entry: Entry) -> Entry:
        own = entry.value or {}
        value = {**self._defaults, **own}
        if "tags" in self._defaults and "tags" in own:
            keys = {key.lower() for key in own["tags"]}
            given = {key: text for key, text in self._defaults["tags"].items() if key.lower() not in keys}
            value["tags"] = {**given, **own["tags"]}
        return replace(entry, value=value)


def _digest(files: Mapping[str, bytes]) -> str:
    """Return ``sha256:…`` of files by path; line endings do not count."""
    import hashlib  # loads OpenSSL

    digest = hashlib.sha256()
    for path in sorted(files, key=byte_order):
        data = files[path].replace(b"\r\n", b"\n")
        digest.update(b"%d %s %d\n" % (len(path.encode()), path.encode(), len(data)) + data)
    return f"sha256:{digest.hexdigest()}"


def _recipient_findings(users: Iterable[Entry], account_id: str) -> Iterator[Finding]:
    for user in users:
        text = (user.value or {}).get("age_recipient")
        if not text:
            continue
        address, place = Address.of("user", user.name), user.origin("age_recipient")
        if problem := recipient_problem(text):
            yield Finding("IAM002", Severity.ERROR, problem, address, place)
        elif doubt := recipient_doubt(text, account_id):
            yield Finding("IAM002", Severity.WARN, doubt, address, place)


def _not_checked(lost: Iterable[Origin]) -> Finding:
    """Return that names were not checked, so that the mistakes found so far are not taken for all."""
    places = sorted(
        {place.path: place for place in sorted(lost, key=_place_order, reverse=True)}.values(), key=_place_order
    )
    message = (
        f"names across files were not checked, because {listed(places, _NAMED)} cannot be read; correct that first"
    )
    return Finding("IAM003", Severity.INFO, message, origin=places[0])


def _place_order(place: Origin) -> tuple[bytes, int, int]:
    return byte_order(place.path), place.line, place.column


def variables_of(account: Account, partition: str) -> Variables:
    """Return the variables that the manifests of an account can use."""
    own = {
        "account.id": account.settings.account_id,
        "account.name": account.settings.account_name,
        "partition": partition,
    }
    return Variables({**account.variables, **own})


def finding_order(finding: Finding) -> tuple[bytes, int, int, str, str]:
    """Return the sort key of a finding: file, line, column, rule, message."""
    origin = finding.origin or Origin("", 0, 0)
    return *_place_order(origin), finding.rule, finding.message


def told(findings: Iterable[Finding], secrets: Iterable[Secret]) -> tuple[Finding, ...]:
    """Return the findings and those of the secrets by file, line and column; none contains a secret, or is very long.

    Of more than ``MAX_MESSAGES`` the errors come first, and the last one says how many are left out.
    """
    hidden = tuple(secrets)
    places = {secret.finding.origin for secret in hidden}
    texts = sorted({secret.text for secret in hidden if len(secret.text) > 3}, key=len, reverse=True)
    safe = (_without(finding, texts) for finding in findings if finding.origin not in places)
    return _bounded(sorted(dict.fromkeys((*safe, *(secret.finding for secret in hidden))), key=finding_order))


def _bounded(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    kept = [*findings]
    if len(kept) > MAX_MESSAGES:
        errors = [finding for finding in kept if finding.severity == Severity.ERROR]
        kept = [*errors, *(finding for finding in kept if finding.severity != Severity.ERROR)][:MAX_MESSAGES]
        weight = Severity.ERROR if errors else Severity.WARN
        message = f"{len(findings) - MAX_MESSAGES:,} more findings are left out; correct these first"
        kept.append(Finding("IAM001", weight, message, origin=kept[-1].origin))
    return tuple(_shortened(finding) for finding in kept)


def _shortened(finding: Finding) -> Finding:
    message = finding.message
    if len(message) <= MAX_MESSAGE_CHARACTERS:
        return finding
    return replace(finding, message=f"{message[: MAX_MESSAGE_CHARACTERS - 1]}…")


def _without(finding: Finding, secrets: Sequence[str]) -> Finding:
    message = finding.message
    for secret in secrets:
        message = message.replace(secret, KEPT_BACK)
    address = finding.address
    if address and any(secret.lower() in str(address).lower() for secret in secrets):
        address = None
    return (
        finding
        if (message, address) == (finding.message, finding.address)
        else replace(finding, message=message, address=address)
    )
