"""How many calls of a fresh apply run one after the other: a handful, however many users there are."""

import pytest
from test_call_counts import NOW

from benchmarks.generated import ACCOUNT_ID, AWS_POLICIES, Size, write_tree
from iamctl.account.live import Live
from iamctl.commands.workspace import declared, open_tree
from iamctl.model import State
from iamctl.order import order
from iamctl.planning.plan import compare
from iamctl.policy import Document

LONGEST = {"CreateGroup": 1, "PutGroupPolicy": 2, "AddUserToGroup": 4, "AttachGroupPolicy": 5}
"""The longest chain that ends with a call: who joins two groups joins one after the other, since each of them denies."""


def longest_chains(calls):
    """Return for each operation how many calls run one after the other up to the last of its calls."""
    lengths, found = {}, {}
    for call in calls:
        lengths[call.index] = 1 + max((lengths[need] for need in call.needs), default=0)
        found[call.operation] = max(found.get(call.operation, 0), lengths[call.index])
    return found


def fresh_calls(users, folder):
    """Return the calls that make the account of the benchmark; AWS's own policies in it only allow, and are known."""
    write_tree(folder / "iam", Size(users), drifted=False)
    statement = {"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": "*"}
    known = Document.from_data({"Version": "2012-10-17", "Statement": [statement]})
    documents = {f"arn:aws:iam::aws:policy/{name}": known for name in AWS_POLICIES}
    live = Live(ACCOUNT_ID, "aws", State.of(()), aws_documents=documents)
    compared = compare(declared(open_tree(folder / "iam"), "bench", "aws", NOW), live, NOW)
    return order(compared.changes, compared.holdings).calls


@pytest.mark.parametrize("users", [50, 200, pytest.param(500, marks=pytest.mark.exhaustive)])
def test_the_longest_chain_of_a_fresh_apply_does_not_grow_with_the_users(users, tmp_path):
    calls = fresh_calls(users, tmp_path)

    assert len(calls) == Size(users).objects_and_edges
    found = longest_chains(calls)
    assert {name: found[name] for name in LONGEST} == LONGEST
    assert max(found.values()) == max(LONGEST.values())
