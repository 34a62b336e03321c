"""What belongs to the account: certificates, analyzers, and tags that name an owner."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.audit import Weight, control
from iamctl.audit.audited import Audited
from iamctl.audit.frameworks import ids
from iamctl.audit.outcome import AwsCall, Fact, Failing, ManifestLine, Missing, Outcome, Undecided
from iamctl.model import Address
from iamctl.model.settings import OWN_TAG_PREFIX

_SECURITY_HUB = "https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html"
_EXTERNAL_ACCESS = frozenset({"ACCOUNT", "ORGANIZATION"})
"""The types of analyzers that find access from outside.

https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_AnalyzerSummary.html
"""


@control(
    "server-certificates",
    Weight.MEDIUM,
    ids(("1.19", "1.18", "2.18", "2.17"), hub=("IAM.26",), soc2=("CC6.7",), iso=("A.8.24",)),
    source=f"{_SECURITY_HUB}#iam-26",
)
def certificates_are_valid(account: Audited) -> Iterator[Outcome]:
    """IAM keeps no server certificate that has expired."""
    if account.facts.server_certificates is None:
        yield Undecided(Missing.SERVER_CERTIFICATES)
    for certificate in sorted(account.facts.server_certificates or (), key=lambda found: found.name):
        address = Address.of("server-certificate", certificate.name)
        if certificate.expires is None:
            yield Undecided(Missing.SERVER_CERTIFICATES, address)
        elif certificate.expires < account.now:
            cure = AwsCall("DeleteServerCertificate", {"ServerCertificateName": certificate.name})
            yield Failing(address, Fact.CERTIFICATE_EXPIRED, {"on": certificate.expires}, cure)


@control(
    "access-analyzer",
    Weight.LOW,
    ids(("1.20", "1.19", "2.19", "2.18"), hub=("IAM.28",), soc2=("CC7.2",), iso=("A.8.16",)),
    source=f"{_SECURITY_HUB}#iam-28",
)
def every_region_has_an_analyzer(account: Audited) -> Iterator[Outcome]:
    """Access Analyzer looks for access from outside in every enabled region."""
    if account.facts.analyzers is None:
        yield Undecided(Missing.ANALYZERS)
    for region, kinds in sorted((account.facts.analyzers or {}).items()):
        if not kinds & _EXTERNAL_ACCESS:
            yield Failing(Address.of("region", region), Fact.NO_ANALYZER)


@control(
    "owner-tags",
    Weight.LOW,
    ids(hub=("IAM.25",), soc2=("CC6.2",), iso=("A.5.9", "A.5.16")),
    source=f"{_SECURITY_HUB}#iam-25",
)
def users_have_owners(account: Audited) -> Iterator[Outcome]:
    """Every user has the tags of audit.owner_tags, or any tag if that is not set."""
    wanted = account.settings.audit.owner_tags
    for user in account.users:
        held = {key.lower() for key in user.tags if not key.lower().startswith(("aws:", OWN_TAG_PREFIX))}
        lacking = tuple(key for key in wanted if key.lower() not in held)
        if lacking or not (wanted or held):
            cure = ManifestLine(("users", user.name, "tags"), dict.fromkeys(lacking or ("owner",), "..."))
            yield Failing(user.address, Fact.NO_TAGS, {"tags": lacking} if lacking else {}, cure)
