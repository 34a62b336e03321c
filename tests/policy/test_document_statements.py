"""Statements taken apart decide what their document decides, and their relations are said only when certain."""

import json
from pathlib import Path

import pytest
from effort import examples, first
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from policy_evaluator import decision, listed, matches

from iamctl.policy import Atom, Document, atoms_of, covers, overlaps

MODES = ("plain", "parts", "reach")
VARIABLE = "${aws:username}"

services = st.sampled_from(["s3", "iam", "S3", "s"])
names = st.lists(st.sampled_from(["Get", "get", "Put", "Object", "*", "?", "G"]), min_size=1, max_size=3).map("".join)
actions = st.just("*") | st.builds("{}:{}".format, services, names)
parts = st.sampled_from(["", "*", "a", "ab", "a*", "*b", "?", "a?", "**"])
ends = st.lists(st.sampled_from(["a", "b", "A", "*", "?", "/", ":", VARIABLE]), min_size=1, max_size=4).map("".join)
arns = st.builds(
    "arn:{}:{}:{}:{}:{}".format, st.sampled_from(["aws", "*"]), st.sampled_from(["s3", "iam"]), parts, parts, ends
)
short = st.sampled_from(["arn:aws:s3", "arn:aws:s3:*", "arn:aws:iam:a:*", "arn:aws:s3:a:b"])
odd = st.sampled_from([f"arn:aws:s3:{VARIABLE}:b:a", "arn:aws:s3:::${*}", "arn:aws:s3:::a${", "arn:aws:s3:::é"])
resources = st.just("*") | arns | arns | short | odd
texts = st.sampled_from(["a", "b", "A", "a*", "?", "true", VARIABLE])
scalars = texts | st.booleans() | st.integers(0, 2)
keys = st.sampled_from(
    ["aws:username", "AWS:UserName", "aws:RequestTag/K", "aws:requesttag/K", "aws:RequestTag/k", "s3:x"]
)
plain = ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "Bool"]
operators = st.sampled_from(
    [
        *plain,
        "Null",
        *(f"{name}IfExists" for name in plain),
        *(f"{many}:{name}" for many in ("ForAllValues", "ForAnyValue") for name in plain),
    ]
)


def one_or_many(values, smallest=1):
    return values | st.lists(values, min_size=smallest, max_size=3)


conditions = st.dictionaries(operators, st.dictionaries(keys, one_or_many(scalars, 0), max_size=2), max_size=2)


@st.composite
def blocks(draw, conditions=conditions):
    block = {
        "Effect": draw(st.sampled_from(["Allow", "Deny"])),
        draw(st.sampled_from(["Action", "Action", "NotAction"])): draw(one_or_many(actions)),
        draw(st.sampled_from(["Resource", "Resource", "NotResource"])): draw(one_or_many(resources)),
    }
    if draw(st.booleans()):
        block["Condition"] = draw(conditions)
    return block


versions = st.sampled_from(["2012-10-17", "2012-10-17", "2008-10-17"])
policies = st.builds(
    lambda version, block: {"Version": version, "Statement": block},
    versions,
    st.lists(blocks(), min_size=1, max_size=2),
)
values = st.sampled_from(["a", "b", "A", "true", "false", "1", "*", "a*", VARIABLE, "x:y"])
contexts = st.fixed_dictionaries(
    {},
    optional={
        "aws:username": values,
        "aws:requesttag/K": values | st.lists(values, max_size=2),
        "aws:requesttag/k": values,
        "s3:x": st.lists(values, max_size=2),
    },
)
fillings = st.sampled_from(["", "a", "b", "A", "ab", "x:y", "/", "a:b:c", "GetObject", "${aws:username}"])


def instance(draw, pattern, context):
    """A text that the pattern matches, more often than not."""
    variable = context.get("aws:username", VARIABLE)
    text = pattern.replace(VARIABLE, variable if isinstance(variable, str) and draw(st.booleans()) else VARIABLE)
    text = "".join(
        draw(fillings) if char == "*" else draw(st.sampled_from("aGb")) if char == "?" else char for char in text
    )
    return text.swapcase() if draw(st.integers(0, 9)) == 0 else text


@st.composite
def requests(draw, *policies):
    context = draw(contexts)
    blocks = [block for policy in policies for block in policy["Statement"]]
    actions = [action for block in blocks for action in listed(block.get("Action", block.get("NotAction")))]
    resources = [name for block in blocks for name in listed(block.get("Resource", block.get("NotResource")))]
    action = instance(draw, draw(st.sampled_from([*actions, "s3:Get*"])), context)
    resource = instance(draw, draw(st.sampled_from([*resources, "arn:aws:s3:::a"])), context)
    return action, resource, context


def rewritten(draw, policy):
    """The policy with one or more edits that may or may not keep its meaning."""
    text = json.dumps(policy)
    edits = [
        ("aws:RequestTag", "AWS:requesttag"),
        ("s3:Get", "S3:gET"),
        ("/K", "/k"),
        ("true", '"true"'),
        ("1", '"1"'),
        ("arn:aws:s3:::a", "arn:aws:s3:::A"),
    ]
    for before, after in draw(st.lists(st.sampled_from(edits), max_size=3)):
        text = text.replace(before, after) if draw(st.booleans()) else text.replace(after, before)
    try:
        changed = json.loads(text)
    except json.JSONDecodeError:
        return policy
    for block in changed["Statement"]:
        for element in set(block) - {"Effect", "Condition"}:
            items = listed(block[element])
            block[element] = draw(st.permutations(items)) + draw(st.lists(st.sampled_from(items), max_size=1))
        for name in (
            draw(st.lists(st.sampled_from(["Action", "Resource"]), max_size=1)) if draw(st.integers(0, 4)) == 0 else ()
        ):
            here, there = (name, f"Not{name}") if name in block else (f"Not{name}", name)
            block[there] = block.pop(here)
    changed["Statement"] = draw(st.permutations(changed["Statement"]))
    if draw(st.integers(0, 4)) == 0:
        changed.pop("Version")
    return changed


@settings(max_examples=examples(100))
@given(st.data())
def test_equal_documents_decide_every_request_the_same(data):
    policy = data.draw(policies)
    other = rewritten(data.draw, policy)
    if Document.from_data(policy) != Document.from_data(other):
        return
    event("other text" if policy != other else "same text")

    for _ in range(4):
        request = data.draw(requests(policy, other))
        for mode in MODES:
            assert decision(policy, request, mode) == decision(other, request, mode)


def as_block(atom):
    """An atom as a statement of a policy again."""
    condition = {}
    for operator, key, wanted in atom.condition:
        condition.setdefault(operator, {}).update({key: sorted(wanted)} if key else {})
    return {
        "Effect": atom.effect,
        "NotAction" if atom.negated_action else "Action": sorted(atom.actions),
        "NotResource" if atom.negated_resource else "Resource": sorted(atom.resources),
        "Condition": condition,
    }


@settings(max_examples=examples(100))
@given(st.data())
def test_atoms_decide_what_their_document_decides(data):
    policy = data.draw(policies)
    atoms = atoms_of(Document.from_data(policy))
    assume(all(atom.opaque is None for atom in atoms))
    together = policy | {"Statement": [as_block(atom) for atom in atoms]}

    assert len(set(atoms)) == len(atoms)
    for _ in range(4):
        request = data.draw(requests(policy))
        assert decision(policy, request) == decision(together, request)


few_conditions = st.sampled_from([{}, {"StringLike": {"s3:x": VARIABLE}}, {"Bool": {"s3:x": "true"}}])


def edited(draw, pattern):
    """A pattern that has something to do with ``pattern``, and often holds it."""
    start = draw(st.integers(0, len(pattern)))
    end = draw(st.integers(start, len(pattern)))
    filling = draw(st.sampled_from(["*", "*", "?", "a", pattern[start:end], pattern[start:end]]))
    return pattern[:start] + filling + pattern[end:]


@st.composite
def two_atoms(draw):
    """Two atoms, and each as a policy; mostly the second is an edit of the first."""
    first = draw(blocks(few_conditions))
    second = draw(blocks(few_conditions))
    if draw(st.integers(0, 5)):
        second = {element: value for element, value in first.items() if element != "Condition" or draw(st.booleans())}
        for element in set(second) - {"Effect", "Condition"}:
            name = element if draw(st.integers(0, 5)) else element.removeprefix("Not")
            second[name] = [edited(draw, pattern) for pattern in listed(second.pop(element))]
    found = []
    for block in (first, second):
        policy = {"Version": draw(versions), "Statement": [block]}
        atom = draw(st.sampled_from(atoms_of(Document.from_data(policy))))
        found.append((atom, policy | {"Statement": [as_block(atom)]}))
    assume(all(atom.opaque is None for atom, _ in found))
    return tuple(zip(*found, strict=True))


def is_matched(policy, request, mode):
    return matches(policy["Statement"][0], policy["Version"], request, mode)


@settings(max_examples=examples(100))
@given(st.data())
def test_what_is_covered_is_matched(data):
    (narrow, wide), (narrow_policy, wide_policy) = data.draw(two_atoms())
    if not covers(wide, narrow):
        return
    event("equal" if wide == narrow else "wider")

    for _ in range(4):
        request = data.draw(requests(narrow_policy, wide_policy))
        for mode in MODES:
            assert not is_matched(narrow_policy, request, mode) or is_matched(wide_policy, request, mode)


@settings(max_examples=examples(100))
@given(st.data())
def test_what_does_not_overlap_is_never_matched_by_both(data):
    (one, other), (one_policy, other_policy) = data.draw(two_atoms())
    if overlaps(one, other):
        return

    assert not overlaps(other, one)
    for _ in range(4):
        request = data.draw(requests(one_policy, other_policy))
        for mode in MODES:
            assert not (is_matched(one_policy, request, mode) and is_matched(other_policy, request, mode))


@given(two_atoms())
def test_every_atom_covers_and_an_overlap_goes_both_ways(pair):
    (one, other), _ = pair

    assert covers(one, one)
    assert overlaps(one, other) == overlaps(other, one)
    assert covers(Atom("Deny", frozenset("*"), frozenset("*")), one)


def atom(action="s3:GetObject", resource="*", version="2012-10-17", **elements):
    block = {"Effect": "Allow", "Action": action, "Resource": resource} | elements
    block = {element: value for element, value in block.items() if value is not ...}
    (found,) = atoms_of(Document.from_data({"Version": version, "Statement": block}))
    return found


MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
COVERS = [
    (atom("*"), atom("s3:GetObject")),
    (atom("S3:Get*"), atom("s3:getobject")),
    (atom("s3:Get*"), atom("s3:Get*Object")),
    (atom("s3:Get?bject"), atom("s3:GetObject")),
    (atom(resource="*"), atom(resource="arn:aws:s3:::b/*")),
    (atom(resource="arn:aws:s3:::b/*"), atom(resource=f"arn:aws:s3:::b/{VARIABLE}/*")),
    (atom(resource=f"arn:aws:s3:::b/{VARIABLE}*"), atom(resource=f"arn:aws:s3:::b/{VARIABLE}/x")),
    (atom(), atom(Condition=MFA)),
    (atom(Condition=MFA), atom(Effect="Deny", Condition=MFA)),
    (atom(Action=..., NotAction=["iam:GetUser", "sts:*"]), atom("iam:GetGroup")),
    (atom(Action=..., NotAction="iam:GetUser"), atom(Action=..., NotAction=["iam:Get*"])),
    (atom("*"), atom(Action=..., NotAction="iam:*")),
    (atom(Resource=..., NotResource="arn:aws:s3:::a/*"), atom(resource="arn:aws:s3:::b/*")),
]
NOT_COVERS = [
    (atom("s3:GetObject"), atom("s3:Get*")),
    (atom("s3:Get?"), atom("s3:Get*")),
    (atom(Condition=MFA), atom()),
    (atom(resource="arn:aws:s3:::B"), atom(resource="arn:aws:s3:::b")),
    (atom(resource="arn:aws:s3:*"), atom(resource="arn:aws:s3:::b")),
    (atom(resource=f"arn:aws:s3:::{VARIABLE}"), atom(resource=f"arn:aws:s3:::{VARIABLE}", version="2008-10-17")),
    (atom(resource="arn:aws:s3:::b/????????????????"), atom(resource=f"arn:aws:s3:::b/{VARIABLE}")),
    (atom(Action=..., NotAction="iam:*"), atom("iam:GetUser")),
    (atom(Action=..., NotAction="iam:*"), atom("*")),
    (atom("s3:*"), atom(Action=..., NotAction="iam:*")),
    (atom(resource="arn:aws:s3:::b"), atom(Resource=..., NotResource="arn:aws:s3:::a")),
    (atom(resource="arn:aws:s3:::b/?"), atom(resource=f"arn:aws:s3:::b/{VARIABLE}")),
    (atom(Resource=..., NotResource="arn:aws:s3:::a/*"), atom(resource="arn:aws:s3:::*")),
    (atom(Resource=..., NotResource=f"arn:aws:s3:::a/{VARIABLE}"), atom(resource="arn:aws:s3:::b")),
]
APART = [
    (atom("s3:*"), atom("iam:*")),
    (atom("s3:Get*"), atom("s3:Put*")),
    (atom("s3:*Tagging"), atom("s3:*Acl")),
    (atom("s3:Get?"), atom("s3:GetObject")),
    (atom(resource="arn:aws:s3:::a/*"), atom(resource="arn:aws:s3:::b/*")),
    (atom(Action=..., NotAction=["iam:*"]), atom("iam:GetUser")),
    (atom(Resource=..., NotResource="arn:aws:s3:::a*"), atom(resource="arn:aws:s3:::ab")),
]
MEET = [
    (atom("s3:*Tagging"), atom("s3:Get*")),
    (atom("*"), atom("iam:GetUser")),
    (atom(Condition=MFA), atom()),
    (atom(resource="arn:aws:iam::1:user/Alice"), atom(resource="arn:aws:iam::1:user/alice")),
    (atom(resource=f"arn:aws:s3:::{VARIABLE}"), atom(resource="arn:aws:s3:::b")),
    (atom(resource="arn:aws:s3"), atom(resource="arn:aws:s3:::b")),
    (atom(Action=..., NotAction="iam:*"), atom(Action=..., NotAction="s3:*")),
    (
        atom(Resource=..., NotResource=f"arn:aws:s3:::{VARIABLE}"),
        atom(resource=f"arn:aws:s3:::{VARIABLE}", version="2008-10-17"),
    ),
]


@pytest.mark.parametrize(("wide", "narrow"), COVERS)
def test_covers(wide, narrow):
    assert covers(wide, narrow)
    assert overlaps(wide, narrow)


@pytest.mark.parametrize(("wide", "narrow"), NOT_COVERS)
def test_covers_is_not_said_when_unsure(wide, narrow):
    assert not covers(wide, narrow)


@pytest.mark.parametrize(("one", "other"), APART)
def test_apart(one, other):
    assert not overlaps(one, other)
    assert not overlaps(other, one)


@pytest.mark.parametrize(("one", "other"), MEET)
def test_overlap_is_assumed_when_unsure(one, other):
    assert overlaps(one, other)
    assert overlaps(other, one)


def test_lists_are_taken_apart_and_negations_stay_whole():
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": ["s3:Get*", "S3:get*", "s3:Put*"], "Resource": ["*", "arn:aws:s3:::b"]},
            {"Effect": "Deny", "NotAction": ["iam:*", "sts:*"], "NotResource": ["*", "arn:aws:s3:::b"]},
        ],
    }

    found = atoms_of(Document.from_data(policy))

    assert len(found) == 5
    assert found == atoms_of(Document.from_data(policy | {"Statement": policy["Statement"][::-1]}))


def test_the_version_counts_only_where_a_variable_stands():
    assert atom(version="2008-10-17") == atom()
    assert atom(resource=f"arn:aws:s3:::{VARIABLE}", version="2008-10-17") != atom(resource=f"arn:aws:s3:::{VARIABLE}")


def test_what_cannot_be_told_is_allow_and_deny_and_overlaps_everything():
    allow, deny = atoms_of(Document.from_data({"Version": "2012-10-17", "Statement": {"Effect": "Permit"}}))

    assert (allow.effect, deny.effect) == ("Allow", "Deny")
    assert covers(allow, allow)
    assert not covers(atom("*"), allow)
    assert not covers(allow, atom())
    assert overlaps(allow, atom())
    assert atoms_of(Document.from_text("{")) != (allow, deny)


def test_a_trust_policy_is_opaque():
    block = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "123456789012"}}

    (found,) = atoms_of(Document.from_data({"Version": "2012-10-17", "Statement": block}))

    assert found.opaque is not None
    assert found.effect == "Allow"


MANAGED = Path(__file__).resolve().parents[2] / "../shared/data/policies/aws-managed-policies.jsonl"


@pytest.mark.skipif(not MANAGED.exists(), reason="the shared policy data is not here")
@pytest.mark.parametrize("step", first(1, [8, 1]))
def test_policies_managed_by_aws_are_taken_apart(step):
    lines = MANAGED.read_text().splitlines()[::step]
    documents = [Document.from_data(json.loads(line)["document"]) for line in lines]

    atoms = {found for document in documents for found in atoms_of(document)}

    assert all(found.opaque is None for found in atoms)
    assert len(atoms) > 40_000 // step
