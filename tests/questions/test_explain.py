"""``iamctl access explain``: the decision, what each statement says, and what is missing."""

import jsonschema
import pytest
from questions.asked import IAM, MFA, account, allow, deny, managed, person, policy, role, team

from iamctl.schema import access_explain_schema

GET = ("s3:GetObject", "arn:aws:s3:::logs/x")
GUARD = deny("*", Condition={"BoolIfExists": {MFA: "false"}})
BOUNDARY = f"{IAM}policy/bound"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def allowing(name, action="s3:GetObject", **more):
    return person(name, allow(action), **more)


@pytest.mark.parametrize(
    ("who", "decision", "lacking"),
    [
        (allowing("pat"), "allowed", []),
        (person("pat"), "not-allowed", ["not-allowed"]),
        (person("pat", allow("s3:*", "arn:aws:s3:::other/*")), "not-allowed", ["not-allowed"]),
        (person("pat", allow("s3:*"), deny("s3:Get*")), "denied", ["denied"]),
        (person("pat", deny("s3:Get*")), "denied", ["denied", "not-allowed"]),
        (allowing("pat", boundary=BOUNDARY), "outside-boundary", ["outside-boundary"]),
        (person("pat", boundary=BOUNDARY), "not-allowed", ["not-allowed", "outside-boundary"]),
        (
            person("pat", allow("ec2:RunInstances"), boundary=BOUNDARY),
            "not-allowed",
            ["not-allowed", "outside-boundary"],
        ),
        (allowing("pat", policies=[READ_ONLY]), "unknown", []),
        (person("pat", policies=[READ_ONLY]), "unknown", []),
        (person("pat", deny("s3:*"), policies=[READ_ONLY]), "denied", ["denied"]),
        (person("pat", allow("s3:*", Condition={"StringEquals": {"s3:x": "1"}})), "not-allowed", ["not-allowed"]),
        (person("pat", allow("s3:*", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})), "unknown", []),
        (person("pat", allow("s3:*", "arn:aws:s3:::logs/${aws:username}")), "not-allowed", ["not-allowed"]),
        (person("x", allow("s3:*", "arn:aws:s3:::logs/${aws:username}")), "allowed", []),
    ],
)
def test_the_decision_and_everything_that_is_lacking(answer, who, decision, lacking):
    data = answer(account(who, policies=[managed("bound", allow("ec2:*"))]), "explain", who["UserName"], *GET)

    assert (data["decision"], data["lacking"]) == (decision, lacking)
    jsonschema.Draft202012Validator(access_explain_schema()).validate(data)


def test_each_statement_about_the_action_says_whether_it_applies(ask):
    crew = team("crew", allow("s3:*", "arn:aws:s3:::other/*", Sid="Other"), allow("ec2:*"), GUARD)
    held = account(
        allowing("pat", groups=["crew"], boundary=BOUNDARY), groups=[crew], policies=[managed("bound", allow("*"))]
    )

    code, out, err = ask(held, "explain", "pat", *GET)

    assert (code, err) == (0, "")
    assert out == (
        "Access of pat in 123456789012, as it is now\n"
        "  s3:GetObject on arn:aws:s3:::logs/x, signed in with MFA\n"
        "  Allowed by user-inline-policy/pat/own on user/pat (statement 1)\n"
        "  Without MFA, with an access key: denied by group-inline-policy/crew/own on group/crew (statement 3)\n"
        "\n"
        "Statements about s3:GetObject\n"
        "  Allow in user-inline-policy/pat/own on user/pat (statement 1): applies\n"
        "  Allow in the boundary policy/bound on user/pat (statement 1): applies\n"
        "  Deny in group-inline-policy/crew/own on group/crew (statement 3): condition does not hold\n"
        f"      BoolIfExists {MFA} = false does not hold: {MFA} is true\n"
        "  Allow in group-inline-policy/crew/own on group/crew (statement Other): other resource\n"
        "      it is about arn:aws:s3:::other/*\n"
        "\n"
        "Counted: policies of groups, users and roles, boundaries, trust policies of roles. "
        "Not counted: SCPs, RCPs, session policies, policies of resources.\n"
    )


def test_what_is_missing_names_every_change_that_is_needed(ask):
    stamped = allow("s3:*", Condition={"StringEquals": {"aws:CalledViaFirst": "athena.amazonaws.com"}})
    held = account(person("pat", stamped, GUARD, boundary=BOUNDARY), policies=[managed("bound", allow("ec2:*"))])

    _, out, _ = ask(held, "explain", "pat", *GET, "--when", f"{MFA}=absent")

    own = "user-inline-policy/pat/own on user/pat"
    assert out.partition("What is missing\n")[2].partition("\n\n")[0].splitlines() == [
        f"  a change of the Deny in {own} (statement 2), or a request that does not meet BoolIfExists {MFA} = false",
        f"  a request with StringEquals aws:CalledViaFirst = athena.amazonaws.com, which {own} (statement 1) allows",
        "  or an Allow of s3:GetObject on arn:aws:s3:::logs/x in a policy of user/pat",
        "  an Allow of s3:GetObject on arn:aws:s3:::logs/x in the permissions boundary of user/pat",
    ]


def test_a_request_that_depends_on_an_unknown_document_or_value_says_so(ask):
    inside = deny("*", Condition={"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}})
    held = account(person("pat", allow("s3:*"), inside, policies=[READ_ONLY]))

    _, out, _ = ask(held, "explain", "pat", *GET)

    assert (
        "  Unknown: user-inline-policy/pat/own on user/pat (statement 1) allows it, but the result depends on "
        "the document of aws:ReadOnlyAccess on user/pat, the value of aws:SourceIp\n"
    ) in out
    assert "What is not known\n  the document of aws:ReadOnlyAccess on user/pat\n  the value of aws:SourceIp\n" in out
    assert "  state it with --when aws:SourceIp=VALUE\n" in out


@pytest.mark.parametrize(("address", "decision"), [("10.1.2.3", "allowed"), ("192.0.2.1", "denied")])
def test_when_states_a_key(answer, address, decision):
    inside = deny("*", Condition={"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}})

    data = answer(
        account(person("pat", allow("s3:*"), inside)), "explain", "pat", *GET, "--when", f"aws:sourceip={address}"
    )

    assert data["decision"] == decision
    assert data["request"]["context"]["aws:SourceIp"] == [address]


def test_a_request_that_states_mfa_is_answered_once(answer):
    held = account(person("pat", allow("s3:*"), GUARD))

    with_mfa = answer(held, "explain", "pat", *GET)
    without = answer(held, "explain", "pat", *GET, "--when", f"{MFA}=absent")

    assert (with_mfa["decision"], with_mfa["without_mfa"]["decision"]) == ("allowed", "denied")
    assert (without["decision"], without["without_mfa"]) == ("denied", None)
    assert without["request"]["context"][MFA] == []


def test_a_key_that_is_stated_to_be_absent_is_shown(ask):
    _, out, _ = ask(account(person("pat", allow("s3:*"), GUARD)), "explain", "pat", *GET, "--when", f"{MFA}=absent")

    assert "  s3:GetObject on arn:aws:s3:::logs/x, without MFA\n" in out


@pytest.mark.parametrize(
    ("trusted", "statements", "decision"),
    [
        ({"AWS": f"{IAM}user/pat"}, (), "allowed"),
        ({"AWS": f"{IAM}root"}, (), "not-allowed"),
        ({"AWS": f"{IAM}root"}, (allow("sts:AssumeRole"),), "allowed"),
        ({"AWS": f"{IAM}user/eve"}, (allow("sts:AssumeRole"),), "not-trusted"),
        ({"Service": "ec2.amazonaws.com"}, (allow("sts:AssumeRole"),), "not-trusted"),
    ],
)
def test_to_assume_a_role_its_trust_policy_must_allow_it(answer, trusted, statements, decision):
    held = account(person("pat", *statements), roles=[role("ops", trusted)])

    assert answer(held, "explain", "pat", "sts:AssumeRole", f"{IAM}role/ops")["decision"] == decision


def test_a_role_is_asked_about_by_its_address(answer):
    held = account(roles=[role("ops", {"Service": "ec2.amazonaws.com"}, allow("s3:GetObject"))])

    data = answer(held, "explain", "role/ops", *GET)

    assert (data["person"], data["decision"]) == ("role/ops", "allowed")


def test_what_aws_denies_to_everybody_has_no_remedy(ask):
    _, out, _ = ask(
        account(person("pat", allow("*"))),
        *("explain", "pat", "iam:CreatePolicyVersion", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
    )

    assert "  Denied by AWS itself, for everybody\n" in out
    assert "What is missing\n  nothing: AWS denies this to everybody\n" in out


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["pa", *GET], 1, "no user 'pa' in the account; did you mean 'pat'?"),
        (["zoe", *GET], 1, "no user 'zoe' in the account; use --planned for a user that the plan creates"),
        (["role/none", *GET], 1, "no role 'none' in the account"),
        (["pat", "s3:GetObjekt", GET[1]], 64, "did you mean 's3:GetObject'?"),
        (["pat", "s3:Get*", GET[1]], 64, "'s3:Get*' is a pattern, but one request has one action"),
        (["pat", "s3", GET[1]], 64, "'s3'"),
        (["pat", "s3:GetObject", "arn:aws:s3:::logs/*"], 64, "is a pattern, but one request has one resource"),
        (["pat", "s3:GetObject"], 64, "s3:GetObject acts on a resource; give its ARN, in the form arn:"),
        (["pat", *GET, "--when", "x"], 64, "--when 'x' is not of the form KEY=VALUE"),
        (["pat", *GET, "--when", "a:b=1", "--when", "a:b=absent"], 64, "a:b is absent and has a value"),
        (["pat", *GET, "--declared", "--planned"], 64, "--declared and --planned exclude each other"),
    ],
)
def test_a_question_that_cannot_be_asked_says_how_to_ask_it(ask, words, code, message):
    done = ask(account(person("pat")), "explain", *words)

    assert done[0] == code
    assert message in done[2]


def test_an_action_without_resource_needs_none(answer):
    assert (
        answer(account(allowing("pat", "iam:ListUsers")), "explain", "pat", "iam:ListUsers")["request"]["resource"]
        == "*"
    )


def test_a_resource_of_an_undocumented_form_is_answered_with_a_warning(ask):
    code, out, _ = ask(account(allowing("pat")), "explain", "pat", "s3:GetObject", "arn:aws:ec2:::instance/i-1")

    assert code == 0
    assert "AWS does not document that s3:GetObject acts on such a resource" in out


def test_hostile_names_are_escaped(ask):
    held = account(person("pat", {**allow("s3:GetObject"), "Sid": "a\u202e\x1b[31m"}))

    _, out, _ = ask(held, "explain", "pat", *GET)

    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "(statement a\\u{202E}\\u{001B}[31m)" in out


def test_markdown_has_the_same_sections(ask):
    _, out, _ = ask(account(allowing("pat")), "explain", "pat", *GET, "--format", "markdown")

    assert out.startswith("### Access of pat in ")
    assert "### Statements about `s3:GetObject`" in out


def test_policies_of_an_old_version_have_no_variables(answer):
    old = policy(allow("s3:*", "arn:aws:s3:::logs/${aws:username}"), version="2008-10-17")
    who = person("x", UserPolicyList=[{"PolicyName": "own", "PolicyDocument": old}])

    assert answer(account(who), "explain", "x", *GET)["decision"] == "not-allowed"
