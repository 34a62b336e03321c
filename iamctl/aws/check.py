"""Checks offline whether IAM accepts calls, from botocore's service model and IAM's documented syntax."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from iamctl.aws.service_models import data_loader
from iamctl.kinds import Group, GroupInlinePolicy, Policy, User
from iamctl.kinds.arn import is_policy_arn
from iamctl.kinds.signin_session import REVOKE, SIGNIN
from iamctl.model import Call
from iamctl.policy.names import (
    described,
    description_error,
    name_error,
    path_error,
    policy_path_error,
    tag_errors,
)
from iamctl.policy.parse import MAX_CHARACTERS

if TYPE_CHECKING:
    from botocore.model import OperationModel, ServiceModel, Shape
    from botocore.validate import ParamValidator

_READ_OPERATION = re.compile(r"(?:Get|List|Generate|Simulate)[A-Z]\w*")
_BESIDE_IAM = frozenset({("secretsmanager", "PutSecretValue"), (SIGNIN, REVOKE)})
"""The operations of other services that a plan may contain."""
_NOT_IN_DOCUMENTS = re.compile("[^\t\n\r\u0020-\u00ff]")
_VERSION_ID = re.compile(r"v[1-9][0-9]*(?:\.[A-Za-z0-9-]*)?")
_SERIAL_NUMBER = re.compile(r"[\w+=/:,.@-]{9,256}", re.ASCII)
_ID = re.compile(r"\w{16,128}", re.ASCII)
_SAMPLE_TEXT = "Sample-1_sample-2_sample-3"
_SAMPLES: Mapping[str, Any] = {"boolean": True, "integer": 1, "long": 1, "float": 1.0, "double": 1.0}


def check_calls(calls: Sequence[Call]) -> tuple[str, ...]:
    """Return what IAM would refuse in the form of ``calls``, in their order; nothing when all is well.

    A ``$secret`` or ``$result`` counts as a sample of the type that stands there. Whether a call makes sense in the
    account is not judged. The texts hold names as they are, shown with ``repr``.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
    """
    by_index = {call.index: call for call in calls}
    return tuple(f"call {call.index} ({call.operation}): {text}" for call in calls for text in _texts(call, by_index))


@cache
def _service(name: str) -> ServiceModel:
    """Return botocore's model of a service; a session would load all of botocore for it."""
    from botocore.model import ServiceModel

    return ServiceModel(data_loader(None).load_service_model(name, "service-2"), name)


def has_session_limits() -> bool:
    """Return whether this version of botocore knows how long a sign-in session of a user lasts; 1.44.8 and later do."""
    return "MaxSigninSessionDuration" in _service("iam").shape_for("LoginProfile").members  # type: ignore[attr-defined]


@cache
def _operation(service: str, name: str) -> OperationModel | None:
    """Return the model of an operation; None if iamctl never sends it."""
    if service != "iam" and (service, name) not in _BESIDE_IAM:
        return None
    return _service(service).operation_model(name) if name in _service(service).operation_names else None


@cache
def _validator() -> ParamValidator:
    from botocore.validate import ParamValidator

    return ParamValidator()


def _texts(call: Call, by_index: Mapping[int, Call]) -> Iterator[str]:
    operation = _operation(call.service, call.operation)
    if operation is None or _READ_OPERATION.fullmatch(call.operation):
        yield f"{call.service}:{call.operation} is not an IAM write operation"
        return
    shape = operation.input_shape
    if shape is None:
        return
    texts: list[str] = []
    sampled = _sampled(call.params, shape, call, by_index, texts)
    yield from texts
    report = _validator().validate(sampled, shape)
    if report.has_errors():
        yield " ".join(report.generate_report().split())
        return
    if "UserName" in shape.members and not sampled.get("UserName"):
        yield "UserName is missing, so IAM would use the caller"
    for name, value in call.params.items():
        if name in _RULES and not _is_reference(value):
            yield from (f"{name}: {text}" for text in _RULES[name](call.operation, value) if text)


def _is_reference(value: Any) -> bool:
    return isinstance(value, Mapping) and (value.keys() == {"$secret"} or value.keys() == {"$result"})


def _sampled(value: Any, shape: Shape, call: Call, by_index: Mapping[int, Call], texts: list[str]) -> Any:
    """Return ``value`` with samples in the place of references; what is wrong on the way goes to ``texts``."""
    if _is_reference(value):
        texts += _reference_errors(value, shape, call, by_index)
        return _SAMPLES.get(shape.type_name, _SAMPLE_TEXT)
    if shape.metadata.get("sensitive") and isinstance(value, str):
        texts.append("the plan contains a secret")
    if isinstance(value, Mapping) and shape.type_name == "structure":
        members: Mapping[str, Shape] = shape.members  # type: ignore[attr-defined]
        return {
            name: _sampled(part, members[name], call, by_index, texts) if name in members else part
            for name, part in value.items()
        }
    if isinstance(value, list | tuple) and shape.type_name == "list":
        return [_sampled(part, shape.member, call, by_index, texts) for part in value]  # type: ignore[attr-defined]
    if isinstance(value, str) and (allowed := shape.metadata.get("enum")) and value not in allowed:
        texts.append(f"{value!r} is not one of {', '.join(allowed)}")
    return value


def _reference_errors(
    value: Mapping[str, Any], shape: Shape, call: Call, by_index: Mapping[int, Call]
) -> Iterator[str]:
    if "$secret" in value:
        if not isinstance(value["$secret"], str) or not value["$secret"]:
            yield "a $secret has no name"
        if not shape.metadata.get("sensitive"):
            yield "a $secret is used for a parameter that is not secret"
        return
    reference = value["$result"]
    if not isinstance(reference, Mapping) or reference.keys() != {"call", "path"}:
        yield "a $result does not have the form {'call': 3, 'path': 'PolicyVersion.VersionId'}"
        return
    source = by_index.get(reference["call"])
    if source is None or source.index not in call.needs:
        yield f"the result of call {reference['call']} is used, but the call is not in needs"
        return
    operation = _operation(source.service, source.operation)
    found: Any = operation.output_shape if operation else None
    for part in str(reference["path"]).split("."):
        found = getattr(found, "members", {}).get(part)
    if found is None or found.type_name != shape.type_name:
        yield f"{source.operation} does not return a matching {reference['path']!r}"


def _user_name(operation: str, name: str) -> Iterator[str | None]:
    yield name_error("user", name, User.longest_name if operation == "CreateUser" else User.longest_live_name)


def _new_user_name(_: str, name: str) -> Iterator[str | None]:
    yield name_error("user", name, User.longest_name)


def _group_name(_: str, name: str) -> Iterator[str | None]:
    yield name_error("group", name, Group.longest_name)


def _policy_name(operation: str, name: str) -> Iterator[str | None]:
    kind = Policy if operation == "CreatePolicy" else GroupInlinePolicy
    yield name_error(kind.noun, name, kind.longest_name)


def _path(operation: str, path: str) -> Iterator[str | None]:
    yield policy_path_error(path) if operation == "CreatePolicy" else path_error(path)


def _tags(operation: str, tags: Sequence[Mapping[str, str]]) -> Iterator[str | None]:
    """Yield what is wrong with tags; keys of a policy differ by case, those of a user do not.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
    """
    keys = [tag["Key"] if operation.endswith("Policy") else tag["Key"].lower() for tag in tags]
    yield from (f"duplicate key {key!r}" for key in sorted({key for key in keys if keys.count(key) > 1}))
    yield from tag_errors({tag["Key"]: tag["Value"] for tag in tags})


def _description(_: str, description: str) -> Iterator[str | None]:
    yield description_error(description)


def _document(_: str, document: str) -> Iterator[str | None]:
    if len(document) > MAX_CHARACTERS:
        yield f"the document has {len(document)} characters; IAM allows at most {MAX_CHARACTERS}"
    if strange := _NOT_IN_DOCUMENTS.search(document):
        yield f"the document contains {described(strange[0])}; IAM allows U+0020 to U+00FF, tab and line ends"


def _policy_arn(_: str, arn: str) -> Iterator[str | None]:
    if len(arn) > 2048 or not arn.isascii() or not arn.isprintable() or not is_policy_arn(arn):
        yield f"{arn[:200]!r} is not the ARN of a managed policy"


def _matching(pattern: re.Pattern[str]) -> Callable[[str, str], Iterator[str | None]]:
    def check(_: str, text: str) -> Iterator[str | None]:
        if not pattern.fullmatch(text):
            yield f"{text[:200]!r} does not match {pattern.pattern}"

    return check


_RULES: Mapping[str, Callable[[str, Any], Iterator[str | None]]] = {
    "UserName": _user_name,
    "NewUserName": _new_user_name,
    "GroupName": _group_name,
    "NewGroupName": _group_name,
    "PolicyName": _policy_name,
    "Path": _path,
    "NewPath": _path,
    "Tags": _tags,
    "Description": _description,
    "PolicyDocument": _document,
    "PolicyArn": _policy_arn,
    "PermissionsBoundary": _policy_arn,
    "VersionId": _matching(_VERSION_ID),
    "SerialNumber": _matching(_SERIAL_NUMBER),
    "AccessKeyId": _matching(_ID),
    "SSHPublicKeyId": _matching(_ID),
    "CertificateId": _matching(_ID),
    "ServiceSpecificCredentialId": _matching(_ID),
}
"""What botocore's model does not know, by parameter: it has no maximum, no pattern, no character set."""
