"""What a call gives to somebody who is not its subject: by a group that they can fill, by a tag of whom they may manage."""

from world import world


def plan(before, after):
    with world() as account:
        account.reach(before)
        return account.plan(after)


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def group(*statements):
    return {"inline_policies": {"rights": document(*statements)}}


COMPUTE = {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}


def test_a_right_to_fill_a_group_goes_before_the_group_becomes_worth_joining():
    fill = {"Effect": "Allow", "Action": "iam:AddUserToGroup", "Resource": "arn:aws:iam::123456789012:group/oncall"}
    read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::artifacts/*"}
    tree = {"users": {"alice": None, "eve": None}, "memberships": {"oncall": ["alice"], "developers": ["eve"]}}
    before = {**tree, "groups": {"oncall": group(read), "developers": group(read, fill)}}
    after = {**tree, "groups": {"oncall": group(COMPUTE), "developers": group(read)}}

    written = [call.params["GroupName"] for call in plan(before, after).calls]

    assert written.index("developers") < written.index("oncall")


def test_between_two_calls_about_tags_nobody_may_do_what_neither_side_allows():
    keys = {"Effect": "Allow", "Action": "iam:CreateAccessKey", "Resource": "*"}
    web = {**keys, "Condition": {"StringEquals": {"aws:ResourceTag/team": "web"}}}
    locked = {**keys, "Effect": "Deny", "Condition": {"StringEquals": {"aws:ResourceTag/locked": "yes"}}}
    tree = {"groups": {"helpdesk": group(web, locked)}, "memberships": {"helpdesk": ["eve"]}}
    before = {**tree, "users": {"eve": None, "dan": {"tags": {"team": "web", "locked": "yes"}}}}
    after = {**tree, "users": {"eve": None, "dan": {"tags": {"team": "ops"}}}}

    found = plan(before, after)

    operations = [call.operation for call in found.calls]
    assert operations == ["TagUser", "UntagUser"] or any(one.rule == "IAM420" for one in found.findings)
