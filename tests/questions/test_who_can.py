"""``iamctl access who-can``: who is named and in how far, of whom it is proved that they may not, and roles."""

import jsonschema
import pytest
from questions.asked import IAM, MFA, account, allow, deny, managed, person, role, team

from iamctl.schema import access_who_can_schema

GET = ("s3:GetObject", "arn:aws:s3:::logs/*")
GUARD = deny("*", Condition={"BoolIfExists": {MFA: "false"}})
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
OPS = f"{IAM}role/ops"
ASSUME = ("sts:AssumeRole", OPS)
EC2 = {"Service": "ec2.amazonaws.com"}


def hows(data):
    """Return in how far each person may."""
    jsonschema.Draft202012Validator(access_who_can_schema()).validate(data)
    return {person: one["how"] for one in data["answers"] for person in one["people"]}


@pytest.mark.parametrize(
    ("statements", "how"),
    [
        ([allow("s3:GetObject")], "always"),
        ([allow("*")], "always"),
        ([allow("s3:GetObject", "arn:aws:s3:::logs/a*"), allow("s3:Get*", "arn:aws:s3:::log?/*")], "always"),
        ([allow("s3:GetObject"), GUARD], "with-mfa"),
        ([allow("s3:GetObject", Condition={"Bool": {MFA: "true"}})], "with-mfa"),
        ([allow("s3:GetObject", "arn:aws:s3:::logs/a")], "in-part"),
        ([allow("s3:GetObject"), deny("s3:*", "arn:aws:s3:::logs/secret/*")], "in-part"),
        ([allow("s3:GetObject", Condition={"StringEquals": {"s3:ExistingObjectTag/a": "b"}})], "in-part"),
        ([allow("s3:PutObject")], None),
        ([allow("s3:GetObject", "arn:aws:s3:::other/*")], None),
        ([allow("s3:GetObject"), deny("s3:Get*")], None),
        ([], None),
    ],
)
def test_in_how_far_somebody_may(answer, statements, how):
    data = answer(account(person("pat", *statements)), "who-can", *GET)

    assert hows(data) == ({"user/pat": how} if how else {})
    assert data["nobody_else"] == (0 if how else 1)


@pytest.mark.parametrize(("stated", "how"), [("absent", None), ("false", None), ("true", "always")])
def test_a_question_that_states_mfa(answer, stated, how):
    data = answer(account(person("pat", allow("s3:GetObject"), GUARD)), "who-can", *GET, "--when", f"{MFA}={stated}")

    assert hows(data) == ({"user/pat": how} if how else {})
    assert data["question"]["when"] == {MFA: [] if stated == "absent" else [stated]}


@pytest.mark.parametrize(("address", "how"), [("10.1.2.3", "always"), ("192.0.2.1", None)])
def test_a_question_about_an_address(answer, address, how):
    inside = allow("s3:GetObject", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})

    data = answer(account(person("pat", inside)), "who-can", *GET, "--when", f"aws:SourceIp={address}")

    assert hows(data) == ({"user/pat": how} if how else {})
    asked = [when["values"] for one in data["answers"] for row in one["rows"] for when in row["when"]]
    assert asked == ([["10.0.0.0/8"]] if how else [])


def test_a_boundary_limits_what_somebody_may(answer):
    bound = f"{IAM}policy/bound"
    held = account(
        person("pat", allow("*"), boundary=bound),
        person("sam", allow("*")),
        policies=[managed("bound", allow("s3:GetObject", "arn:aws:s3:::logs/a/*"))],
    )

    data = answer(held, "who-can", *GET)

    assert hows(data) == {"user/pat": "in-part", "user/sam": "always"}
    (row,) = data["answers"][1]["rows"]
    assert row["resources"] == ["arn:aws:s3:::logs/a/*"]
    assert [one["policy"] for one in row["sources"]] == ["user-inline-policy/pat/own"]


def test_somebody_may_for_whom_a_variable_is_meant(answer):
    crew = team("crew", allow("s3:GetObject", "arn:aws:s3:::logs/${aws:username}"))
    held = account(person("pat", groups=["crew"]), person("sam", groups=["crew"]), groups=[crew])

    assert hows(answer(held, "who-can", "s3:GetObject", "arn:aws:s3:::logs/pat")) == {"user/pat": "always"}
    data = answer(held, "who-can", *GET)
    assert hows(data) == {"user/pat": "in-part", "user/sam": "in-part"}
    witnesses = [row["witness"]["resource"] for one in data["answers"] for row in one["rows"]]
    assert witnesses == ["arn:aws:s3:::logs/pat", "arn:aws:s3:::logs/sam"]


def test_people_of_whom_a_variable_means_the_same_are_together(answer):
    crew = team("crew", allow("iam:ChangePassword", f"{IAM}user/${{aws:username}}"))
    held = account(person("pat", groups=["crew"]), person("sam", groups=["crew"]), groups=[crew])

    (both,) = answer(held, "who-can", "iam:ChangePassword")["answers"]

    assert both["people"] == ["user/pat", "user/sam"]
    assert both["rows"][0]["witness"]["resource"] == f"{IAM}user/${{aws:username}}"


def test_an_unknown_document_is_never_a_proof(answer):
    held = account(
        person("pat", policies=[READ_ONLY]),
        person("sam", allow("s3:*"), policies=[READ_ONLY]),
        person("eve", deny("s3:*"), policies=[READ_ONLY]),
        person("zoe"),
    )

    data = answer(held, "who-can", *GET)

    assert hows(data) == {"user/sam": "always", "user/pat": "possibly"}
    assert all(one["unknown"] == ["aws:ReadOnlyAccess"] for one in data["answers"])
    assert data["nobody_else"] == 2


def test_who_may_only_by_unusual_requests_is_no_proof(answer):
    held = account(person("pat", allow("s3:GetObject", "arn:aws:ec2:*:*:instance/*")))

    data = answer(held, "who-can", "s3:GetObject")

    assert (data["answers"], data["unusual"], data["nobody_else"]) == ([], ["user/pat"], 0)


@pytest.mark.parametrize(
    ("trusted", "statements", "how", "left"),
    [
        ({"AWS": f"{IAM}user/pat"}, (), "named", "nobody_else"),
        ({"AWS": f"{IAM}user/pat"}, (deny("sts:*"),), None, "nobody_else"),
        ({"AWS": f"{IAM}root"}, (), None, "nobody_else"),
        ({"AWS": f"{IAM}root"}, (allow("sts:AssumeRole"),), "always", "nobody_else"),
        (EC2, (allow("sts:AssumeRole"),), None, "untrusted"),
    ],
)
def test_to_assume_a_role_its_trust_policy_must_allow_it(answer, trusted, statements, how, left):
    data = answer(account(person("pat", *statements), roles=[role("ops", trusted)]), "who-can", *ASSUME)

    assert hows(data) == ({"user/pat": how} if how else {})
    assert (data["untrusted"] == ["user/pat"]) == (left == "untrusted")


def test_a_role_that_may_says_who_may_assume_it(ask, answer):
    held = account(
        person("pat"),
        person("sam", allow("sts:AssumeRole", OPS)),
        person("eve", allow("sts:AssumeRole", f"{IAM}role/other")),
        roles=[
            role("ops", {"AWS": [f"{IAM}root", f"{IAM}user/pat"]}, allow("s3:GetObject")),
            role("ci", EC2, allow("s3:GetObject")),
        ],
    )

    data = answer(held, "who-can", *GET)
    _, out, _ = ask(held, "who-can", *GET)

    assert hows(data) == {"role/ci": "always", "role/ops": "always"}
    assert data["assumed_by"] == {"role/ci": {}, "role/ops": {"user/pat": "yes", "user/sam": "yes"}}
    assert "  role ci can be assumed by no user or role of this account\n" in out
    assert "  role ops can be assumed by pat, sam\n" in out


def test_the_answer_in_words(ask):
    crew = team("crew", allow("s3:GetObject", "arn:aws:s3:::logs/a/*", Sid="Part"))
    held = account(
        person("ann", allow("*"), GUARD),
        person("bob", groups=["crew"]),
        person("cy", groups=["crew"]),
        person("dan", policies=[READ_ONLY]),
        person("eve"),
        groups=[crew],
    )

    code, out, err = ask(held, "who-can", *GET)

    assert (code, err) == (0, "")
    assert out == (
        "Who can s3:GetObject on arn:aws:s3:::logs/* in 123456789012, as it is now\n"
        "  ann: always, with MFA\n"
        "      by user-inline-policy/ann/own on user/ann\n"
        "  bob, cy: in part\n"
        "      s3 read: GetObject on arn:aws:s3:::logs/a/*\n"
        "          by group-inline-policy/crew/own on group/crew\n"
        "  dan: possibly\n"
        "      depends on aws:ReadOnlyAccess (document unknown)\n"
        "  Nobody else: proved for 1 user or role.\n"
        "\n"
        "Counted: policies of groups, users and roles, boundaries, trust policies of roles. "
        "Not counted: SCPs, RCPs, session policies, policies of resources.\n"
    )


@pytest.mark.parametrize(
    ("held", "last"),
    [
        (account(person("pat")), "  Nobody: proved for 1 user or role.\n"),
        (account(), "  Nobody: there are no users and roles.\n"),
        (account(person("pat", allow("*"))), "  There are no other users and roles.\n"),
    ],
)
def test_the_last_line_says_what_is_proved(ask, held, last):
    assert last in ask(held, "who-can", *GET)[1]


def test_several_actions_and_patterns_are_one_question(answer):
    held = account(person("pat", allow("iam:CreateUser")), person("sam", allow("sqs:*")), person("eve"))

    data = answer(held, "who-can", "iam:*", "sqs:sendmessage")

    assert hows(data) == {"user/pat": "in-part", "user/sam": "in-part"}
    assert data["question"]["actions"] == ["iam:*", "sqs:SendMessage"]


def test_what_everybody_may_is_said_so(answer):
    assert hows(answer(account(person("pat")), "who-can", "sts:GetCallerIdentity")) == {"user/pat": "always"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["s3:GetObjekt"], "did you mean 's3:GetObject'?"),
        (["arn:aws:s3:::logs/*"], "an action is missing before 'arn:aws:s3:::logs/*'"),
        (["arn:aws:s3:::x", *GET], "'arn:aws:s3:::x' is a resource; give one resource, after the actions"),
        (["s3:GetObject", "arn:aws"], "arn:aws"),
        (["s3:GetObject", "--when", "aws:SourceIp=home"], "--when: aws:SourceIp cannot be home"),
    ],
)
def test_a_question_that_cannot_be_asked_says_how_to_ask_it(ask, words, message):
    done = ask(account(person("pat")), "who-can", *words)

    assert done[0] == 64
    assert message in done[2]


def test_hostile_names_are_escaped(ask):
    held = account(person("pat", {**allow("s3:GetObject"), "Resource": "arn:aws:s3:::logs/\x1b[31m\u202e*"}))

    _, out, _ = ask(held, "who-can", *GET)

    assert "\x1b" not in out
    assert "\u202e" not in out
