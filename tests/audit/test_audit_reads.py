"""What an audit reads: each fact as the account has it, and a denied read as what it is."""

import pytest
from audit_accounts import ACCOUNT, snapshot
from botocore.awsrequest import AWSResponse

from iamctl.account.audit_facts import AuditFact
from iamctl.account.shape import SECTIONS
from iamctl.aws import session as aws_session
from iamctl.aws.audit_facts import with_audit_facts
from iamctl.sandbox import open_sandbox

FACTS = {
    "AccountAliases": ["acme"],
    "PasswordPolicy": {"MinimumPasswordLength": 12, "RequireSymbols": True, "PasswordReusePrevention": 5},
    "ServerCertificates": [{"ServerCertificateName": "web", "Expiration": "2027-01-01T00:00:00Z"}],
    "Analyzers": {"eu-west-1": ["ACCOUNT"], "us-east-1": []},
    "OrganizationsFeatures": ["RootSessions"],
    "RootVirtualMFADevices": [f"arn:aws:iam::{ACCOUNT}:mfa/root-account-mfa-device"],
    "SigninSessions": [
        {
            "sessionArn": f"arn:aws:signin:us-east-1:{ACCOUNT}:session/{number}",
            "principalArn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
            "status": "ACTIVE",
            "clientType": "CLI",
            "issuedAt": 1795168800,
            "expiresAt": 1795514400,
        }
        for number, name in enumerate(("alice", "dave"))
    ],
}
USERS = {
    "alice": {
        "password": {"since": "2026-01-01"},
        "mfa": True,
        "keys": {"AKIAIOSFODNN7EXAMPL1": {"since": "2026-01-01"}},
    }
}
READS = {
    "GetAccountPasswordPolicy": AuditFact.PASSWORD_POLICY,
    "ListServerCertificates": AuditFact.SERVER_CERTIFICATES,
    "ListOrganizationsFeatures": AuditFact.ORGANIZATIONS_FEATURES,
    "ListVirtualMFADevices": AuditFact.VIRTUAL_DEVICES,
    "GenerateCredentialReport": AuditFact.CREDENTIAL_REPORT,
    "ListServiceSpecificCredentials": AuditFact.CREDENTIALS,
    "ListAccessKeys": AuditFact.CREDENTIALS,
    "ListUsers": AuditFact.CREDENTIALS,
    "ListRegions": AuditFact.ANALYZERS,
    "ListAnalyzers": AuditFact.ANALYZERS,
    "ListSessions": AuditFact.SIGNIN_SESSIONS,
}


XML = (
    "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error>"
    "<RequestId>r</RequestId></ErrorResponse>"
)


class Body:
    def __init__(self, text):
        self.content = text.encode()

    def stream(self, **_):
        return iter([self.content])


def denial(event_name, **_):
    if ".iam." in event_name:
        return AWSResponse("http://127.0.0.1/", 403, {"content-type": "text/xml"}, Body(XML))
    headers = {"content-type": "application/json", "x-amzn-errortype": "AccessDeniedException"}
    return AWSResponse("http://127.0.0.1/", 403, headers, Body('{"message": "no"}'))


def deny(session, operation):
    """Refuse an operation of any service; hooks of a session are those of its clients made later."""
    session.events.register_first(f"before-send.*.{operation}", denial)


def read(facts, *denied, partition="aws"):
    case = {"users": USERS, "audit": facts, "SummaryMap": {"AccountMFAEnabled": 1}}
    with open_sandbox(snapshot(case), account_id=ACCOUNT) as session:
        for operation in denied:
            deny(session, operation)
        start = {
            **{section: [] for section in SECTIONS},
            "UserDetailList": snapshot(case)["UserDetailList"],
            "account": {"id": ACCOUNT, "partition": partition},
        }
        return with_audit_facts(start, session, [fact.value for fact in AuditFact], lambda _: None)


def test_every_fact_is_read_as_the_account_has_it():
    found = read(FACTS)

    policy = {key: found["audit"]["PasswordPolicy"][key] for key in FACTS["PasswordPolicy"]}
    assert {**found["audit"], "PasswordPolicy": policy} == {**FACTS, "Unread": {}}
    assert found["credential_report"]["users"]["alice"]["PasswordEnabled"]
    assert found["credentials"]["alice"]["AccessKeyMetadata"][0]["AccessKeyId"] == "AKIAIOSFODNN7EXAMPL1"
    assert [device["UserName"] for device in found["virtual_mfa_devices"]] == ["alice"]


def test_an_account_with_nothing_of_its_own_is_known_to_have_nothing():
    found = read({"Analyzers": {"us-east-1": []}})["audit"]

    assert found == {
        "AccountAliases": [],
        "PasswordPolicy": None,
        "ServerCertificates": [],
        "Analyzers": {"us-east-1": []},
        "OrganizationsFeatures": None,
        "RootVirtualMFADevices": [],
        "SigninSessions": [],
        "Unread": {},
    }


@pytest.mark.parametrize(("operation", "fact"), READS.items())
def test_a_denied_read_is_recorded_and_the_others_go_on(operation, fact):
    found = read(FACTS, operation)

    assert list(found["audit"]["Unread"]) == [fact]
    assert found["audit"]["Unread"][fact].startswith("AWS denied ")
    assert operation in found["audit"]["Unread"][fact]
    assert fact not in found["audit"]
    others = {name for name in FACTS if name != fact}
    assert others <= found["audit"].keys()


def test_clients_of_other_services_refuse_to_write():
    with open_sandbox(None, account_id=ACCOUNT) as session:
        client = aws_session.service_reader(session, "accessanalyzer", "us-east-1")

        with pytest.raises(aws_session.ForbiddenCallError):
            client.create_analyzer(analyzerName="a", type="ACCOUNT")
