"""The quick parser of answers: the same as botocore's for every operation, and whatever the XML is like."""

import gzip
import json
import re
from functools import cache
from pathlib import Path
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

import botocore
import pytest
from botocore.model import ServiceModel
from botocore.parsers import QueryParser, ResponseParserError
from hypothesis import given
from hypothesis import strategies as st

from iamctl.account.shape import _unquoted, decoded_document
from iamctl.aws.quick_parser import QuickParser, QuickParsers
from iamctl.aws.session import _moment, reading_client
from iamctl.sandbox import open_sandbox

NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/"
TEXTS = {"integer": "7", "long": "7", "boolean": "true", "timestamp": "2026-11-29T10:00:00Z", "blob": "YWI="}
QUICK = QuickParser(timestamp_parser=_moment)
SLOW = QueryParser(timestamp_parser=_moment)


@cache
def model(service):
    folder = next(iter((Path(botocore.__file__).parent / "data" / service).iterdir()))
    return ServiceModel(json.loads(gzip.open(folder / "service-2.json.gz").read()), service)


def xml(shape, name, draw, depth=0):
    """Return a node with all that a shape may have inside, as far as ``draw`` wants it."""
    match shape.type_name:
        case "structure":
            inner = "".join(
                xml(member, member.serialization.get("name", key), draw, depth + 1) * draw(key)
                for key, member in shape.members.items()
            )
        case "list":
            item = shape.member.serialization.get("name", "member")
            number = min(draw("list"), 2 if depth < 3 else 1)
            inner = "".join(xml(shape.member, item, draw, depth + 1) for _ in range(number))
        case "map":
            pair = xml(shape.key, "key", draw) + xml(shape.value, "value", draw)
            inner = f"<entry>{pair}</entry>"
        case kind:
            inner = TEXTS.get(kind, escape(f"a <{name}> & b") if draw("text") else "")
            if kind == "boolean" and not draw("text"):
                inner = "false"
    return f"<{name}>{inner}</{name}>"


def answer(operation, draw, *, namespace=NAMESPACE, more=""):
    shape = operation.output_shape
    result = ""
    if shape is not None:
        wrapper = shape.serialization.get("resultWrapper", "")
        inner = xml(shape, wrapper or "Result", draw)
        result = inner if wrapper else inner.removeprefix("<Result>").removesuffix("</Result>")
    space = f' xmlns="{namespace}"' if namespace else ""
    head = f"<{operation.name}Response{space}>"
    about = "<ResponseMetadata><RequestId>one</RequestId></ResponseMetadata>"
    return {
        "body": f"{head}{result}{more}{about}</{operation.name}Response>".encode(),
        "headers": {},
        "status_code": 200,
    }


def parsed(parser, response, shape):
    try:
        told = repr(parser.parse(response, shape))  # with the order of keys
        return re.sub(r" at 0x\w+>", ">", told)  # botocore returns a node where a text comes twice
    except (ResponseParserError, KeyError, TypeError, AttributeError, ValueError) as error:
        return type(error)


def assert_alike(operation, response):
    assert parsed(QUICK, response, operation.output_shape) == parsed(SLOW, response, operation.output_shape)


@pytest.mark.parametrize("service", ["iam", "sts"])
@pytest.mark.parametrize("times", [0, 1, 2])
def test_every_answer_is_read_as_botocore_reads_it(service, times):
    for name in model(service).operation_names:
        operation = model(service).operation_model(name)
        assert_alike(operation, answer(operation, lambda key: times if key in {"list", "text"} else min(times, 1)))


@given(data=st.data())
def test_any_answer_is_read_as_botocore_reads_it(data):
    """Nodes that are missing, empty, unknown, or there twice; with a namespace or without."""
    names = ["GetAccountAuthorizationDetails", "ListUsers", "GetAccountSummary", "GetCredentialReport", "GetUser"]
    operation = model("iam").operation_model(data.draw(st.sampled_from(names)))
    numbers = data.draw(st.lists(st.sampled_from([0, 1, 1, 1, 2]), min_size=5, max_size=20))
    drawn = iter(numbers * 10_000)
    namespace = data.draw(st.sampled_from([NAMESPACE, ""]))
    more = data.draw(st.sampled_from(["", "<New>1</New>", "<!-- none --><?none ?>"]))
    assert_alike(operation, answer(operation, lambda _: next(drawn), namespace=namespace, more=more))


ODD = {
    "metadata": {"protocol": "query", "endpointPrefix": "x", "serviceId": "x", "apiVersion": "x"},
    "operations": {"Odd": {"name": "Odd", "output": {"shape": "Odd", "resultWrapper": "OddResult"}}},
    "shapes": {
        "Odd": {
            "type": "structure",
            "members": {
                "Renamed": {"shape": "Text", "locationName": "Other"},
                "Flat": {"shape": "Flat"},
                "Union": {"shape": "Union"},
                "Again": {"shape": "Odd"},
                "Header": {"shape": "Text", "location": "header", "locationName": "x"},
                "Plain": {"shape": "Plain"},
            },
        },
        "Plain": {
            "type": "structure",
            "members": {"Renamed": {"shape": "Text", "locationName": "Other"}, "Again": {"shape": "Plain"}},
        },
        "Flat": {"type": "list", "flattened": True, "member": {"shape": "Text", "locationName": "item"}},
        "Union": {"type": "structure", "union": True, "members": {"One": {"shape": "Text"}}},
        "Text": {"type": "string"},
    },
}
"""What IAM and STS do not have."""


@pytest.mark.parametrize(
    "inner",
    [
        "<Other>x</Other>",
        "<item>x</item><item>y</item>",
        "<item>x</item>",
        "<Union><One>x</One></Union>",
        "<Union><New>x</New></Union>",
        "<Again><Other>x</Other><Again/></Again>",
        "<Header>x</Header>",
        "<Plain><Other>x</Other><Again><Other/></Again></Plain>",
    ],
)
def test_shapes_of_other_services_are_read_as_botocore_reads_them(inner):
    operation = ServiceModel(ODD, "odd").operation_model("Odd")
    body = f"<OddResponse><OddResult>{inner}</OddResult></OddResponse>"

    assert_alike(operation, {"body": body.encode(), "headers": {"x": "y"}, "status_code": 200})


@pytest.mark.parametrize("body", ["", "<html>", "<html><p>x</p></html>", "<ListUsersResponse/>", "{}"])
def test_what_is_not_from_aws_is_refused_as_by_botocore(body):
    operation = model("iam").operation_model("ListUsers")
    response = {"body": body.encode(), "headers": {}, "status_code": 200}

    assert_alike(operation, response)
    assert isinstance(parsed(QUICK, response, operation.output_shape), type)


def test_errors_are_read_as_by_botocore():
    body = (
        "<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>x</Message></Error></ErrorResponse>"
    )
    operation = model("iam").operation_model("GetUser")
    response = {"body": body.encode(), "headers": {}, "status_code": 404}

    assert_alike(operation, response)


def test_other_protocols_keep_their_parser():
    parsers = QuickParsers(_moment)

    assert type(parsers.create_parser("query")) is QuickParser
    assert type(parsers.create_parser("json")).__name__ == "JSONParser"


def test_documents_of_a_whole_account_stay_text_and_others_are_decoded():
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
    with open_sandbox(None, account_id="123456789012") as session:
        session.client("iam").create_group(GroupName="g")
        session.client("iam").put_group_policy(GroupName="g", PolicyName="p", PolicyDocument=json.dumps(document))
        iam = reading_client(session)
        told = iam.get_account_authorization_details()["GroupDetailList"][0]["GroupPolicyList"][0]["PolicyDocument"]

        assert isinstance(told, str)
        assert decoded_document(told) == document
        assert iam.get_group_policy(GroupName="g", PolicyName="p")["PolicyDocument"] == document


@given(st.text(alphabet='%2AaBbCc03579DEF{}"é *\n'))
def test_texts_are_unquoted_as_by_the_standard_library(text):
    assert _unquoted(text) == unquote(text)
    assert _unquoted(quote(text, safe="")) == text
