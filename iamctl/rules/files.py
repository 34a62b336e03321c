"""What the loader reports while it reads the manifests and the policy documents that they hold or point to."""

from __future__ import annotations

from iamctl.model import Severity
from iamctl.rules import documented

documented(
    "IAM001",
    Severity.ERROR,
    "Files are UTF-8 text in plain YAML: no aliases, tags, tabs, invisible characters or repeated keys.",
    source="https://yaml.org/spec/1.2.2/",
)
documented(
    "IAM002",
    Severity.ERROR,
    "Values fit the schema of the manifests: known keys, the right types.",
    source="https://json-schema.org/draft/2020-12/json-schema-validation",
)
documented(
    "IAM003",
    Severity.ERROR,
    "What a manifest names is declared, once, and not removed at the same time.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
)
documented(
    "IAM004",
    Severity.WARN,
    "Files hold nothing that editors show otherwise than iamctl reads it.",
    source="https://www.unicode.org/reports/tr36/",
)
documented(
    "IAM101",
    Severity.ERROR,
    "No manifest puts a policy on a user; policies belong to groups.",
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
    "Policy documents of groups and managed policies name no Principal.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
)
