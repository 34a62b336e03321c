"""The account of the embedded IAM as the oracle of the order of calls sees it."""

from __future__ import annotations

from oracle_account import Account, Managed, Person, Team, normal


def seen(account, uids):
    """Return the account; users whose ids are not among ``uids`` are known by their names, as new ones."""
    # what is created again after a crash has another id, and is the same to everybody

    def person(user):
        return Person(
            uids.get(user.id, f"new-{user.name}"),
            user.name,
            user.path or "/",
            frozenset(user.tag_values.items()),
            user.boundary["PermissionsBoundaryArn"] if user.boundary else None,
            frozenset(group.name for group in user.groups),
            frozenset(user.managed_policies),
            frozenset((name, normal(text)) for name, text in user.policies.items()),
            user.login_profile is not None,
            frozenset((key.access_key_id, key.status == "Active") for key in user.access_keys),
            frozenset(user.mfa_devices),
        )

    def role(one):
        return Person(
            "role",
            one.name,
            one.path or "/",
            boundary=one.permissions_boundary_arn,
            attached=frozenset(one.managed_policies),
            inline=frozenset((name, normal(text)) for name, text in one.policies.items()),
        )

    def team(group):
        return Team(
            group.name,
            group.name,
            group.path or "/",
            frozenset(group.managed_policies),
            frozenset((name, normal(text)) for name, text in group.policies.items()),
        )

    def managed(policy):
        numbers = tuple(sorted(int(version.version_id[1:]) for version in policy.versions))
        default = int(policy.default_version_id[1:])
        document = next(one.document for one in policy.versions if one.version_id == policy.default_version_id)
        return Managed(policy.name, normal(document), numbers, default, max(numbers))

    every = account.managed_policies.values()
    return Account(
        {user.name: person(user) for user in account.users.values()},
        {group.name: team(group) for group in account.groups.values()},
        {policy.arn: managed(policy) for policy in every if not policy.aws_managed},
        {one.name: role(one) for one in account.roles.values()},
        {policy.arn: normal(policy.versions[-1].document) for policy in every if policy.aws_managed},
    )


def orphans(account):
    """Return what belongs to nothing: devices of nobody, policies that nobody holds, keys of nobody."""
    devices = set(account.virtual_mfa_devices) - {one for user in account.users.values() for one in user.mfa_devices}
    users = set(account.users)
    keys = {key.access_key_id for key in account.access_keys.values() if key.user_name and key.user_name not in users}
    return devices | keys
