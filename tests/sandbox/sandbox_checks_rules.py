"""Checks of names, tags, quotas and documents."""

import json

from sandbox_checks import (
    ALLOW,
    check,
    enable,
    group,
    of_size,
    policy,
    refused,
    statement,
    user,
)

DOCUMENT = json.dumps(ALLOW)


@check("user-name-case")
def user_case(iam):
    user(iam, "Alice")
    refused("EntityAlreadyExists", iam.create_user, UserName="alice", Path="/people/")


@check("group-name-case")
def group_case(iam):
    group(iam, "Dev")
    refused("EntityAlreadyExists", iam.create_group, GroupName="DEV")


@check("policy-name-case")
def policy_case(iam):
    policy(iam, "Deploy")
    refused("EntityAlreadyExists", iam.create_policy, PolicyName="deploy", PolicyDocument=DOCUMENT)


@check("policy-name-path")
def policy_path(iam):
    policy(iam, "deploy", Path="/team/")
    refused("EntityAlreadyExists", iam.create_policy, PolicyName="deploy", PolicyDocument=DOCUMENT)


@check("document-partition")
def document_partition(iam):
    for element in ("Resource", "NotResource"):
        other = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Deny", "Action": "s3:*", element: "arn:aws-cn:s3:::a"}],
        }
        refused("MalformedPolicyDocument", iam.create_policy, PolicyName="p", PolicyDocument=json.dumps(other))
    any_one = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "arn:*:s3:::a"}]}
    policy(iam, "any", any_one)


@check("user-name-characters")
def user_characters(iam):
    refused("ValidationError", iam.create_user, UserName="al ice")
    refused("ValidationError", iam.create_user, UserName="al/ice")
    user(iam, "a+=,.@_-1")


@check("user-name-not-ascii")
def user_ascii(iam):
    refused("ValidationError", iam.create_user, UserName="müller")


@check("user-name-newline")
def user_newline(iam):
    refused("ValidationError", iam.create_user, UserName="alice\n")


@check("user-name-length")
def user_length(iam):
    refused("ValidationError", iam.create_user, UserName="a" * 65)
    user(iam, "a" * 64)


@check("user-path-form")
def user_path(iam):
    refused("ValidationError", iam.create_user, UserName="u", Path="people")
    refused("ValidationError", iam.create_user, UserName="u", Path="/people")
    user(iam, Path="/people/at work/".replace(" ", "-"))


@check("group-name-characters")
def group_characters(iam):
    refused("ValidationError", iam.create_group, GroupName="dev ops")


@check("group-name-length")
def group_length(iam):
    refused("ValidationError", iam.create_group, GroupName="g" * 129)
    group(iam, "g" * 128)


@check("group-path-form")
def group_path(iam):
    refused("ValidationError", iam.create_group, GroupName="g", Path="teams/")


@check("policy-name-characters")
def policy_characters(iam):
    refused("ValidationError", iam.create_policy, PolicyName="a b", PolicyDocument=DOCUMENT)


@check("policy-path-form")
def policy_path_form(iam):
    refused("ValidationError", iam.create_policy, PolicyName="p", PolicyDocument=DOCUMENT, Path="/a!/")


@check("policy-description-length")
def description(iam):
    refused("ValidationError", iam.create_policy, PolicyName="p", PolicyDocument=DOCUMENT, Description="x" * 1001)


@check("inline-policy-name-characters")
def inline_name(iam):
    group(iam)
    refused("ValidationError", iam.put_group_policy, GroupName="g", PolicyName="a/b", PolicyDocument=DOCUMENT)


@check("new-user-name-characters")
def new_name(iam):
    user(iam)
    refused("ValidationError", iam.update_user, UserName="u", NewUserName="a b")


def tags(**values):
    return [{"Key": key, "Value": value} for key, value in values.items()]


@check("tag-reserved")
def reserved(iam):
    user(iam)
    refused("ValidationError", iam.tag_user, UserName="u", Tags=[{"Key": "aws:x", "Value": ""}])


@check("tag-characters")
def tag_characters(iam):
    user(iam)
    refused("ValidationError", iam.tag_user, UserName="u", Tags=tags(a="<b>"))
    iam.tag_user(UserName="u", Tags=tags(a="Ünï côde_.:/=+-@"))


@check("tag-value-length")
def tag_value(iam):
    user(iam)
    refused("ValidationError", iam.tag_user, UserName="u", Tags=tags(a="x" * 257))


@check("tag-count")
def tag_count(iam):
    user(iam, Tags=[{"Key": f"k{n}", "Value": ""} for n in range(50)])
    iam.tag_user(UserName="u", Tags=tags(k0="again"))
    refused("LimitExceeded", iam.tag_user, UserName="u", Tags=tags(k50=""))


@check("tag-duplicate")
def tag_duplicate(iam):
    refused("InvalidInput", iam.create_user, UserName="u", Tags=tags(team="a", Team="b"))


@check("tag-case-user")
def tag_case_user(iam):
    user(iam, Tags=tags(team="a"))
    iam.tag_user(UserName="u", Tags=tags(Team="b"))
    assert [tag["Value"] for tag in iam.list_user_tags(UserName="u")["Tags"]] == ["b"]
    iam.untag_user(UserName="u", TagKeys=["TEAM"])
    assert iam.list_user_tags(UserName="u")["Tags"] == []


@check("tag-case-policy")
def tag_case_policy(iam):
    arn = policy(iam, Tags=tags(team="a", Team="b"))
    assert len(iam.get_policy(PolicyArn=arn)["Policy"]["Tags"]) == 2


@check("quota-groups-per-user")
def groups_per_user(iam):
    user(iam)
    for n in range(11):
        group(iam, f"g{n}")
    for n in range(10):
        iam.add_user_to_group(GroupName=f"g{n}", UserName="u")
    iam.add_user_to_group(GroupName="g9", UserName="u")
    refused("LimitExceeded", iam.add_user_to_group, GroupName="g10", UserName="u")


@check("quota-policies-per-user")
def policies_per_user(iam):
    user(iam)
    arns = [policy(iam, f"p{n}") for n in range(11)]
    for arn in [*arns[:10], arns[0]]:
        iam.attach_user_policy(UserName="u", PolicyArn=arn)
    refused("LimitExceeded", iam.attach_user_policy, UserName="u", PolicyArn=arns[10])


@check("quota-policies-per-group")
def policies_per_group(iam):
    group(iam)
    arns = [policy(iam, f"p{n}") for n in range(11)]
    for arn in [*arns[:10], arns[0]]:
        iam.attach_group_policy(GroupName="g", PolicyArn=arn)
    refused("LimitExceeded", iam.attach_group_policy, GroupName="g", PolicyArn=arns[10])


@check("quota-policy-size")
def policy_size(iam):
    refused("LimitExceeded", iam.create_policy, PolicyName="p", PolicyDocument=of_size(6145))
    iam.create_policy(PolicyName="p", PolicyDocument=of_size(6144))


@check("quota-version-size")
def version_size(iam):
    refused("LimitExceeded", iam.create_policy_version, PolicyArn=policy(iam), PolicyDocument=of_size(6145))


@check("quota-user-inline-size")
def user_inline(iam):
    user(iam)
    iam.put_user_policy(UserName="u", PolicyName="a", PolicyDocument=of_size(1048))
    refused("LimitExceeded", iam.put_user_policy, UserName="u", PolicyName="b", PolicyDocument=of_size(1001))
    iam.put_user_policy(UserName="u", PolicyName="b", PolicyDocument=of_size(1000))


@check("quota-group-inline-size")
def group_inline_size(iam):
    group(iam)
    iam.put_group_policy(GroupName="g", PolicyName="a", PolicyDocument=of_size(3120))
    refused("LimitExceeded", iam.put_group_policy, GroupName="g", PolicyName="b", PolicyDocument=of_size(2001))
    iam.put_group_policy(GroupName="g", PolicyName="b", PolicyDocument=of_size(2000))


@check("quota-mfa-devices")
def mfa_devices(iam):
    user(iam)
    for n in range(8):
        enable(iam, "u", f"GAKT1234567{n}")
    refused("LimitExceeded", enable, iam=iam, name="u", serial="GAKT12345678")


def malformed(iam, document):
    refused("MalformedPolicyDocument", iam.create_policy, PolicyName="p", PolicyDocument=json.dumps(document))


@check("document-principal")
def principal(iam):
    malformed(iam, statement(Principal="*"))
    malformed(iam, statement(Principal={"AWS": "*"}))


@check("document-not-principal")
def not_principal(iam):
    group(iam)
    document = json.dumps(statement(NotPrincipal="*"))
    refused("MalformedPolicyDocument", iam.put_group_policy, GroupName="g", PolicyName="i", PolicyDocument=document)


@check("document-version-principal")
def version_principal(iam):
    document = json.dumps(statement(Principal="*"))
    refused("MalformedPolicyDocument", iam.create_policy_version, PolicyArn=policy(iam), PolicyDocument=document)


@check("document-sid")
def sid(iam):
    malformed(iam, statement(Sid="not allowed"))
    malformed(iam, statement(Sid="not-allowed"))
    policy(iam, document=statement(Sid="Allowed1"))


@check("document-action")
def action(iam):
    malformed(iam, statement(Action="s3:Get Object"))
    policy(iam, document=statement(Action=["s3:Get*", "*", "execute-api:Invoke?"]))


@check("document-characters")
def characters(iam):
    document = json.dumps(statement(Resource="arn:aws:s3:::b\u202e"), ensure_ascii=False)
    refused("ValidationError", iam.create_policy, PolicyName="p", PolicyDocument=document)


@check("document-old-version")
def old_version(iam):
    group(iam)
    document = statement() | {"Version": "2008-10-17"}
    iam.put_group_policy(GroupName="g", PolicyName="i", PolicyDocument=json.dumps(document))
    assert iam.get_group_policy(GroupName="g", PolicyName="i")["PolicyDocument"] == document
    malformed(iam, document)


@check("document-no-version")
def no_version(iam):
    user(iam)
    document = {"Statement": statement()["Statement"]}
    iam.put_user_policy(UserName="u", PolicyName="i", PolicyDocument=json.dumps(document))
    assert iam.get_user_policy(UserName="u", PolicyName="i")["PolicyDocument"] == document
