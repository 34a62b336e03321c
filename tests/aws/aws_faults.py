"""Faults and canned answers for botocore clients, put in through its own hooks."""

from functools import cache
from types import SimpleNamespace

import boto3
import botocore.session
from botocore.awsrequest import AWSResponse

from iamctl.aws.session import reading_client


@cache
def loader():
    return botocore.session.Session().get_component("data_loader")


def offline_session():
    """Return a session with credentials that open nothing; service models are read once for all of them."""
    session = botocore.session.Session()
    session.register_component("data_loader", loader())
    return boto3.Session("x", "y", region_name="us-east-1", botocore_session=session)


class Body:
    def __init__(self, content):
        self.content = content

    def stream(self, **_):
        return iter([self.content])


def http_answer(status, body, content_type="text/xml"):
    return AWSResponse("http://127.0.0.1/", status, {"content-type": content_type}, Body(body.encode()))


def error_answer(code, message="no", status=400):
    return http_answer(
        status,
        f'<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>{code}</Code>'
        f"<Message>{message}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>",
    )


def fail_first(client, operation, fault, times=1):
    """Give ``fault`` (an answer or an error to raise) to the first requests of an operation; the others go through."""
    given = []

    def hook(**_):
        if len(given) >= times:
            return None
        given.append(fault)
        if isinstance(fault, BaseException):
            raise fault
        return fault

    service = client.meta.service_model.service_name
    client.meta.events.register_first(f"before-send.{service}.{operation}", hook)
    return given


def lose_answer(client, operation, error):
    """Let one request of an operation reach the service and lose its answer."""
    given = []

    def hook(**_):
        if not given:
            given.append(error)
            raise error

    client.meta.events.register(f"after-call.iam.{operation}", hook)


def answering(session, answers):
    """Return the session's reading client, which takes its answers from ``answers``: operation to data, or to a
    function from parameters to data; data with an ``Error`` is an error answer."""
    client = reading_client(session)

    def hook(model, params, context, **_):
        answer = answers[model.name]
        data = answer(dict(params["body"])) if callable(answer) else answer
        status = 400 if "Error" in data else 200
        return SimpleNamespace(status_code=status), {**data, "ResponseMetadata": {"HTTPStatusCode": status}}

    client.meta.events.register("before-call.iam", hook)
    return client
