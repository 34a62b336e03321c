"""Whatever stands in the files of a tree, the answer is a desired state or a list of findings, never a traceback."""

import copy
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from manifest_trees import declare, findings, write_tree

from iamctl.manifests.tree import AccountError

TREE = {
    "iamctl.yaml": {
        "version": 1,
        "accounts": {
            "prod": {
                "id": "123456789012",
                "manifests": ["a.yaml", "b"],
                "variables": {"x": "y"},
                "assume_role": {"plan": "x"},
            }
        },
        "defaults": {"users": {"path": "/x/", "tags": {"a": "{{ x }}"}, "permissions_boundary": "p"}},
        "scope": {"undeclared": {"users": "remove"}, "ignore": ["user/x", {"path": "/a/"}, {"tag": {"a": "b"}}]},
        "protect": ["user/a"],
        "limits": {"users": 3, "groups": "10%"},
        "exceptions": [{"address": "user-policy/a/b", "until": "2026-12-31"}],
    },
    "a.yaml": {
        "users": {"alice": {"path": "/x/", "tags": {"a": "b"}, "permissions_boundary": "p", "renamed_from": "al"}},
        "groups": {
            "dev": {
                "policies": ["p", "aws:X"],
                "members": "open",
                "inline_policies": {"i": {"file": "d.json"}, "j": {"Version": "x"}},
            }
        },
        "memberships": {"dev": ["alice", {"user": "bob", "until": "2026-12-31"}]},
        "policies": {"p": {"file": "d.json", "tags": {"a": "b"}}, "q": {"document": {"Statement": []}}},
        "removed": ["user/dave"],
    },
    "b/b.yaml": {"users": {"bob": {}}, "memberships": {"dev": ["bob"]}},
    "d.json": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "{{ x }}"}]},
}
NAMES = (
    "alice",
    "Alice",
    "bob",
    "dev",
    "p",
    "",
    "{{ x }}",
    "{{ nope }}",
    "user/alice",
    "group/dev",
    "a.yaml",
    "..",
    "file",
    "document",
    "2026-01-01",
)
OTHERS = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 10**20) | st.sampled_from(NAMES) | st.floats(),
    lambda below: st.lists(below, max_size=2) | st.dictionaries(st.sampled_from(NAMES), below, max_size=2),
    max_leaves=3,
)


def _places(value, path=()):
    yield path
    if isinstance(value, (dict, list)):
        for key, below in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _places(below, (*path, key))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_damaged_trees_end_in_a_state_or_in_findings(data, tmp_path):
    files = copy.deepcopy(TREE)
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from([place for place in _places(files) if place]))
        holder = files
        for step in path[:-1]:
            holder = holder[step]
        if isinstance(holder, dict) and len(path) > 1 and data.draw(st.booleans()):
            holder[data.draw(st.sampled_from(NAMES))] = holder.pop(path[-1])
        else:
            holder[path[-1]] = data.draw(OTHERS)
    write_tree(tmp_path, {name: json.dumps(content, indent=1) for name, content in files.items()})

    try:
        said = findings(tmp_path)
        whole = said or declare(tmp_path).digest
    except AccountError:  # the damage made several accounts of one, and none was named
        return

    assert whole
    assert not any("\n" in line for line in said)
