"""What the loader reports while it reads the manifests and their policy documents."""

from __future__ import annotations

from iamctl.model import Severity
from iamctl.rules import documented

documented(
    "IAM001",
    Severity.ERROR,
    "Files are UTF-8 text in plain YAML, without aliases, tags, tabs, invisible characters or duplicate keys.",
    source="https://yaml.org/spec/1.2.2/",
)
documented(
    "IAM002",
    Severity.ERROR,
    "Values match the manifest schema: known keys and correct types.",
    source="https://json-schema.org/draft/2020-12/json-schema-validation",
)
documented(
    "IAM003",
    Severity.ERROR,
    "Everything that a manifest refers to is declared, exactly once, and not removed at the same time.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
)
documented(
    "IAM004",
    Severity.WARN,
    "Files contain nothing that an editor displays differently from what iamctl reads.",
    source="https://www.unicode.org/reports/tr36/",
)
documented(
    "IAM101",
    Severity.ERROR,
    "No manifest attaches a policy to a user; policies belong to groups.",
    source="https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-2",
)
documented(
    "IAM301",
    Severity.ERROR,
    "Policy documents are strict JSON and follow IAM's grammar.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html",
)
documented(
    "IAM302",
    Severity.ERROR,
    "Policy documents of groups and managed policies have no Principal.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
)
