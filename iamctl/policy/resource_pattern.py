"""Checks the resources of an identity policy: ``*`` or an ARN with wildcards."""

from __future__ import annotations

from iamctl.text.late_pattern import late_pattern

_PARTITION = late_pattern(r"aws(-[a-z0-9-]+)?")
_WILDCARD = late_pattern(r"[*?]|\$\{")
_PLACEHOLDER = late_pattern(r"arn:([$&]+\{[^}]*\}?)")
_REGIONAL_S3 = ("accesspoint", "access-grants", "async-request", "job", "storage-lens")


def resource_error(resource: str) -> str | None:
    """Return why IAM refuses ``resource`` in an identity policy, or None.

    Only what IAM is known to refuse: unknown services and resource types pass.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    if resource == "*":
        return None
    parts = resource.split(":", 5)
    if len(parts) < 2:
        return f"{resource!r} is neither '*' nor an ARN such as 'arn:aws:s3:::bucket/*'"
    if parts[0] != "arn":
        return f"{resource!r} does not begin with 'arn:'"
    if placeholder := _PLACEHOLDER.match(resource):
        return (
            f"{placeholder[1]!r} in {resource!r} is not a partition, and IAM replaces no variables there; "
            f"write {'arn:{{ partition }}' + resource[placeholder.end() :]!r}"
        )
    if not _WILDCARD.search(parts[1]) and not _PARTITION.fullmatch(parts[1]):
        return (
            f"{parts[1]!r} in {resource!r} is not a partition; write '{{{{ partition }}}}', aws, aws-cn or aws-us-gov"
        )
    if len(parts) < 3 or not parts[2]:
        return f"{resource!r} has no service; write arn:partition:service:region:account:resource"
    if "*" in parts[2] or "?" in parts[2]:
        return f"the service in {resource!r} may not contain wildcards; name one service, or use '*' for every resource"
    if len(parts) < 6:
        return _short_error(resource)
    if parts[2] == "iam":
        return _iam_error(resource, parts)
    if parts[2] == "s3":
        return _s3_error(parts)
    return None


def _short_error(resource: str) -> str | None:
    """IAM fills missing parts with ``*`` after a short ARN, but not where some of them are empty."""
    if "::" not in resource:
        return None
    return f"{resource!r} has too few parts; write arn:partition:service:region:account:resource"


def _iam_error(resource: str, parts: list[str]) -> str | None:
    region, name = parts[3], parts[5]
    if region and not _WILDCARD.search(region):
        return f"IAM resources have no region; write {_without_region(parts)!r}"
    if "/" not in name and name != "root" and not _WILDCARD.search(name):
        return f"the IAM resource in {resource!r} needs its type, for example 'user/alice' or 'role/deploy'"
    return None


def _s3_error(parts: list[str]) -> str | None:
    region, name = parts[3], parts[5]
    if not region or _WILDCARD.search(region) or _WILDCARD.match(name):
        return None
    if name.partition("/")[0].startswith(_REGIONAL_S3):
        return None
    return f"S3 buckets have no region in their ARN; write {_without_region(parts)!r}"


def _without_region(parts: list[str]) -> str:
    return ":".join((*parts[:3], "", *parts[4:]))
