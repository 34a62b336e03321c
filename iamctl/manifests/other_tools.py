"""Words of other tools in manifests: what iamctl calls the same, and which tool a file looks like."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from iamctl.text.nearest import meant

_SAME: dict[str, str] = {
    "managed_policies": "policies",
    "managedpolicies": "policies",
    "managed_policy_arns": "policies",
    "managedpolicyarns": "policies",
    "attached_policies": "policies",
    "attachedmanagedpolicies": "policies",
    "customer_managed_policies": "policies",
    "inlinepolicies": "inline_policies",
    "group_policies": "inline_policies",
    "members": "memberships",
    "group_memberships": "memberships",
    "boundary": "permissions_boundary",
    "permission_boundary": "permissions_boundary",
    "permissionsboundary": "permissions_boundary",
    "policy_document": "document",
    "policydocument": "document",
    "login_profile": "console",
    "loginprofile": "console",
}
"""What other tools, and AWS itself, call something that iamctl has: their word in lower case to ours."""

_SIGNS: tuple[tuple[str, frozenset[str]], ...] = (
    ("CloudFormation", frozenset({"AWSTemplateFormatVersion", "Resources"})),
    ("IAMbic", frozenset({"template_type", "template_schema_url", "iambic_managed"})),
    ("Kubernetes or Crossplane", frozenset({"apiVersion"})),
    ("Terraform", frozenset({"resource", "terraform"})),
    ("iamctl snapshot", frozenset({"UserDetailList", "GroupDetailList", "credential_report"})),
    ("iamy", frozenset({"Groups", "Policies", "InlinePolicies", "Tags", "AssumeRolePolicyDocument"})),
)
"""Keys at the top of a file by which a tool is known; the first that fits."""


def meant_word(word: str, known: Iterable[str]) -> str:
    """Return the end of a message about an unknown word: what iamctl calls the same thing, or what may be meant."""
    words = tuple(known)
    same = _SAME.get(word.lower())
    return f"; iamctl calls this {same!r}" if same in words else meant(word, words)


def looks_like(keys: Collection[str]) -> str:
    """Return the end of a message: which tool a file with these keys at its top is from, or nothing."""
    found = next((tool for tool, signs in _SIGNS if signs & set(keys)), None)
    return f" This looks like a file of {found}; 'iamctl import' writes manifests from the account" if found else ""
