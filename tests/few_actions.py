"""A short list of actions, numbered as the engine numbers all of them."""

from iamctl.access.row import Grant, Kind, Level, When

LEVELS = {
    "iam:AttachUserPolicy": "permissions",
    "iam:CreateUser": "write",
    "iam:GetUser": "read",
    "iam:TagUser": "tagging",
    "kms:Decrypt": "write",
    "logs:FilterLogEvents": "read",
    "logs:DescribeLogGroups": "list",
    "s3:DeleteObject": "write",
    "s3:GetObject": "read",
    "s3:ListBucket": "list",
    "s3:PutBucketPolicy": "permissions",
    "s3:PutObject": "write",
    "sns:Publish": "write",
    "sqs:SendMessage": "write",
    "sts:AssumeRole": "permissions",
}
NAMES = sorted(LEVELS)


class FewActions:
    """Fifteen actions that are known, and one that AWS may add."""

    known = (1 << len(NAMES)) - 1

    @property
    def powerful(self):
        return self.bits("iam:AttachUserPolicy", "iam:CreateUser", "sts:AssumeRole")

    def bits(self, *names):
        return sum(1 << NAMES.index(name) for name in names)

    def matching(self, *patterns):
        found = {name for name in NAMES for pattern in patterns if name.startswith(pattern.rstrip("*"))}
        return self.bits(*found)

    def names(self, bits):
        return tuple(name for number, name in enumerate(NAMES) if bits >> number & 1)

    def of_services(self, bits):
        found = {}
        for number, name in enumerate(NAMES):
            if bits >> number & 1:
                service = name.partition(":")[0]
                found[service] = found.get(service, 0) | 1 << number
        return found

    def of_level(self, level: Level):
        return self.bits(*(name for name, found in LEVELS.items() if found == level.value))


ACTIONS = FewActions()


def grant(written):
    """Return the grant that a table describes."""
    return Grant(
        actions=ACTIONS.matching(*written["actions"]),
        resources=tuple(written.get("resources", ["*"])),
        excepted=tuple(written.get("except", [])),
        when=tuple(When(key, operator, tuple(values)) for key, (operator, *values) in written.get("when", {}).items()),
        is_partial="apart" in written,
        apart=tuple((key, tuple(values)) for key, values in written.get("apart", {}).items()),
        within=tuple(written.get("within", [])),
        kind=Kind(written.get("kind", "new")),
        is_exact=written.get("exact", True),
        up_to=written.get("up_to", 0),
    )
