"""A good tree becomes the desired state, whatever the order of its files, and accounts are told apart."""

import os
import pickle
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from manifest_trees import NOW, SETTINGS, declare, findings, write_tree

from iamctl.kinds import Group, GroupInlinePolicy, GroupPolicy, Membership, User
from iamctl.manifests import AccountError, find_tree, read_tree
from iamctl.model import Address, ManifestError
from iamctl.model.settings import Limit

GOOD = {
    "iamctl.yaml": """\
version: 1
accounts:
  prod:
    id: 012345678901
    variables: {env: prod, tricky: '", "Effect": "Deny'}
    assume_role: {plan: "arn:aws:iam::012345678901:role/p", apply: "arn:aws:iam::012345678901:role/a"}
defaults:
  users: {path: /people/, tags: {Team: none, env: "{{ env }}"}, permissions_boundary: boundary}
scope:
  undeclared: {users: remove}
  ignore: [user/svc-*, {path: /service/}, {tag: {managed-by: terraform}}]
  ignore_tags: ["hr:*"]
protect: [user/break-glass]
limits: {users: 3, groups: 50%}
exceptions:
  - {address: user-inline-policy/ses-smtp/SES, reason: SES, until: 2027-03-31}
""",
    "users.yaml": """\
users:
  alice:
    path: /x/{{ env }}/
    tags: {team: payments, id: 012, name: "{{ account.name }} {{{{ x }} ${aws:username}"}
  bob: {renamed_from: robert, permissions_boundary: "aws:PowerUserAccess"}
  carol:
removed: [user/dave, group/legacy]
""",
    "groups/g.yml": """\
groups:
  developers:
    path: /teams/
    policies: [deploy, "aws:job-function/Billing", "live:team/logs"]
    inline_policies:
      own:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Action: "sts:AssumeRole", Resource: "arn:{{ partition }}:iam::{{ account.id }}:role/x"}]
      file: {file: ../policies/deploy.json}
  all: {members: open}
  none:
""",
    "m/one.yaml": """\
memberships:
  developers:
    - alice
    - {user: bob, until: 2026-11-23, reason: cover}
    - {user: carol, until: 2026-11-22}
  all: [alice]
  none: []
""",
    "m/two.yaml": "memberships: {all: [bob]}\n",
    "p.yaml": """\
policies:
  deploy: {description: Deploy, file: policies/deploy.json, tags: {a: b}}
  boundary: {path: /b/, document: {Version: 2012-10-17, Statement: {Effect: Allow, Action: "*", Resource: "*"}}}
""",
    "policies/deploy.json": """\
{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*",
 "Resource": ["arn:aws:s3:::{{ env }}/${aws:username}"], "Condition": {"StringEquals": {"aws:PrincipalTag/x": "{{ tricky }}"}}}]}
""",
}
BOUNDARY = "arn:aws:iam::012345678901:policy/b/boundary"


@pytest.fixture
def good(tmp_path):
    return write_tree(tmp_path, GOOD)


def test_users_are_declared_with_defaults_and_variables(good):
    desired = declare(good)

    assert desired.state.of_kind(User) == (
        User(
            name="alice",
            path="/x/prod/",
            tags={"env": "prod", "team": "payments", "id": "012", "name": "prod {{ x }} ${aws:username}"},
            permissions_boundary=BOUNDARY,
        ),
        User(
            name="bob",
            path="/people/",
            tags={"Team": "none", "env": "prod"},
            permissions_boundary="arn:aws:iam::aws:policy/PowerUserAccess",
        ),
        User(name="carol", path="/people/", tags={"Team": "none", "env": "prod"}, permissions_boundary=BOUNDARY),
    )
    assert desired.state.get(Address.of("user", "bob")).renamed_from == "robert"
    assert str(desired.state.get(Address.of("user", "alice")).origin) == "users.yaml:2:3"


def test_groups_and_their_policies_are_declared(good):
    state = declare(good).state

    assert [(group.name, group.path) for group in state.of_kind(Group)] == [
        ("all", "/"),
        ("developers", "/teams/"),
        ("none", "/"),
    ]
    assert [attached.policy_arn for attached in state.of_kind(GroupPolicy)] == [
        "arn:aws:iam::012345678901:policy/deploy",
        "arn:aws:iam::012345678901:policy/team/logs",
        "arn:aws:iam::aws:policy/job-function/Billing",
    ]
    file, own = state.of_kind(GroupInlinePolicy)
    assert own.document.data["Statement"][0]["Resource"] == "arn:aws:iam::012345678901:role/x"
    assert str(own.origin) == "groups/g.yml:6:7"
    assert file.document == state.get(Address.of("policy", "deploy")).document


def test_a_variable_never_breaks_out_of_its_text(good):
    policy = declare(good).state.get(Address.of("policy", "deploy"))

    assert policy.document.data == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "s3:*",
                "Resource": ["arn:aws:s3:::prod/${aws:username}"],
                "Condition": {"StringEquals": {"aws:PrincipalTag/x": '", "Effect": "Deny'}},
            }
        ],
    }
    assert (policy.description, policy.tags) == ("Deploy", {"a": "b"})
    assert policy.arn == "arn:aws:iam::012345678901:policy/deploy"


def test_memberships_end_with_their_day(good):
    def members(now):
        desired = declare(good, now=now)
        return [str(member.address) for member in desired.state.of_kind(Membership)], [
            str(member.address) for member in desired.ended
        ]

    others = ["membership/all/alice", "membership/all/bob", "membership/developers/alice"]
    assert members(NOW) == ([*others, "membership/developers/bob"], ["membership/developers/carol"])
    midnight = datetime(2026, 11, 24, tzinfo=UTC)
    assert members(midnight - timedelta(seconds=1))[1] == ["membership/developers/carol"]
    assert members(midnight)[1] == ["membership/developers/bob", "membership/developers/carol"]


def test_a_membership_lasts_through_the_moment_that_it_names(tmp_path):
    root = write_tree(
        tmp_path,
        {"a.yaml": "users: {a: }\ngroups: {g: }\nmemberships: {g: [{user: a, until: '2026-11-23T11:00:00+01:00'}]}\n"},
    )

    assert declare(root, now=NOW).ended == ()
    assert len(declare(root, now=NOW + timedelta(microseconds=1)).ended) == 1


def test_removed_addresses_keep_their_places(good):
    assert {str(address): str(place) for address, place in declare(good).removed.items()} == {
        "group/legacy": "users.yaml:7:22",
        "user/dave": "users.yaml:7:11",
    }


def test_settings_are_read(good):
    settings = declare(good).settings

    assert settings.account_id == "012345678901"
    assert settings.assume_role == {
        "plan": "arn:aws:iam::012345678901:role/p",
        "apply": "arn:aws:iam::012345678901:role/a",
    }
    assert settings.undeclared_of(User) == "remove"
    assert settings.undeclared_of(Membership) == "remove"
    assert [str(rule) for rule in settings.ignore] == ["user/svc-*", "path /service/", "tag managed-by=terraform"]
    assert (settings.ignore_tags, settings.protect) == (("hr:*",), ("user/break-glass",))
    assert (settings.limits["users"], settings.limits["groups"]) == (Limit(count=3), Limit(share=0.5))
    assert settings.limits["policies"] == Limit(share=0.1)
    assert [str(exception.address) for exception in settings.exceptions] == ["user-inline-policy/ses-smtp/SES"]


def test_another_partition_changes_the_arns(good):
    state = declare(good, partition="aws-cn").state

    assert "arn:aws-cn:iam::aws:policy/job-function/Billing" in {a.policy_arn for a in state.of_kind(GroupPolicy)}


def test_the_digest_covers_all_files_and_no_line_ends(tmp_path):
    def digest(changed=None, text=None):
        root = tmp_path / str(len(list(tmp_path.iterdir())))
        return declare(write_tree(root, {**GOOD, **({changed: text} if changed else {})})).digest

    first = digest()
    assert first.startswith("sha256:")
    assert digest() == first
    for path, text in GOOD.items():
        assert digest(path, text.replace("\n", "\r\n")) == first
        assert digest(path, text + "\n") != first
    assert digest("notes.txt", "x") == first


ACCOUNTS = {
    "iamctl.yaml": """\
version: 1
accounts:
  prod: {id: "123456789012", manifests: [shared, prod.yaml], variables: {env: prod}, protect: [user/root]}
  dev:
    id: "210987654321"
    manifests: [./shared/, dev]
    variables: {env: dev}
    scope: {ignore: [user/x]}
    limits: {users: 9}
    defaults: {users: {path: /dev/}}
scope: {undeclared: {users: remove}}
protect: [user/a, user/b]
limits: {groups: 9}
defaults: {users: {tags: {a: b}}}
""",
    "shared/a.yaml": "users: {alice: {tags: {env: '{{ env }}'}}}\npolicies: {p: {file: '../docs/{{ env }}.yaml'}}\n",
    "prod.yaml": "users: {bob: }\n",
    "dev/b.yaml": "users: {bob: , carol: {pathh: x}}\n",
    "docs/prod.yaml": "Version: 2012-10-17\nStatement: {Effect: Allow, Action: '*', Resource: '*'}\n",
    "docs/dev.yaml": "Version: 2012-10-17\nStatement: {Effect: Deny, Action: '*', Resource: '*'}\n",
}


def test_a_file_serves_several_accounts(tmp_path):
    root = write_tree(tmp_path, ACCOUNTS)

    desired = declare(root, account="prod")

    assert [(user.name, user.tags) for user in desired.state.of_kind(User)] == [
        ("alice", {"a": "b", "env": "prod"}),
        ("bob", {"a": "b"}),
    ]
    assert findings(root, account="dev") == [
        "dev/b.yaml:1:24: IAM002 unknown key 'pathh' of user 'carol'; did you mean 'path'?"
    ]


def test_what_an_account_says_replaces_what_stands_above(tmp_path):
    accounts = read_tree(write_tree(tmp_path, ACCOUNTS)).accounts

    assert list(accounts) == ["prod", "dev"]
    assert tuple(accounts[name].undeclared_of(User) for name in ("prod", "dev")) == ("remove", "report")
    assert (accounts["prod"].protect, accounts["dev"].protect) == (("user/root",), ("user/a", "user/b"))
    assert (accounts["prod"].limits["groups"], accounts["dev"].limits["groups"]) == (Limit(count=9), Limit(share=0.1))


def test_defaults_of_an_account_replace_those_above(tmp_path):
    good = write_tree(tmp_path, {**ACCOUNTS, "dev/b.yaml": "users: {bob: }\n"})

    assert declare(good, account="dev").state.get(Address.of("user", "bob")) == User(name="bob", path="/dev/")


def test_an_account_is_named_where_there_are_several(tmp_path):
    tree = read_tree(write_tree(tmp_path, ACCOUNTS))

    with pytest.raises(AccountError, match="select one with --account: prod, dev") as caught:
        tree.account(None)
    assert caught.value.exit_code == 64
    with pytest.raises(AccountError, match="no account 'prd'; did you mean 'prod'"):
        tree.account("prd")
    with pytest.raises(AccountError, match="no account 'zzz'; its accounts are prod, dev"):
        tree.account("zzz")
    assert tree.account("dev").account_id == "210987654321"


def test_the_only_account_needs_no_name(good):
    assert read_tree(good).account(None).account_name == "prod"


def test_the_tree_is_found_where_iamctl_yaml_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_tree(None) == Path()
    assert find_tree(Path("x")) == Path("x")
    (tmp_path / "iam").mkdir()
    (tmp_path / "iam/iamctl.yaml").touch()
    assert find_tree(None) == Path("iam")
    (tmp_path / "iamctl.yaml").touch()
    assert find_tree(None) == Path()


def test_the_order_of_files_does_not_matter(tmp_path):
    one = declare(write_tree(tmp_path / "1", GOOD)).state
    moved = {{"users.yaml": "z.yaml", "p.yaml": "a.yaml"}.get(path, path): text for path, text in GOOD.items()}
    two = declare(write_tree(tmp_path / "2", moved)).state

    assert list(one.resources) == list(two.resources)
    assert one == two


def test_neither_hash_seed_nor_locale_matter(tmp_path):
    broken = {
        **GOOD,
        "b.yaml": "users: {alice: {zz: 1, yy: 2}, eve: {policies: []}}\nfoo: 1\nmemberships: {x: [b, a]}\n",
    }
    root = write_tree(tmp_path, broken)
    program = "import sys; sys.path.insert(0, sys.argv[1]); import manifest_trees, pathlib; print(*manifest_trees.findings(pathlib.Path(sys.argv[2])), sep='\\n')"

    def said(**environment):
        command = [sys.executable, "-c", program, str(Path(__file__).parent), str(root)]
        return subprocess.run(command, check=True, capture_output=True, env={**os.environ, **environment}).stdout

    first = said(PYTHONHASHSEED="1", LC_ALL="C")
    assert first
    assert said(PYTHONHASHSEED="2", LC_ALL="C.UTF-8") == first


def test_reading_imports_nothing_that_is_slow():
    program = "import sys, iamctl.manifests as m; m.schemas(); print(*{'boto3', 'botocore', 'moto', 'deepdiff', 'rich', 'jsonschema', 'jsonschema_rs'} & set(sys.modules))"

    assert (
        subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.strip() == ""
    )


def test_warnings_come_with_a_good_state(tmp_path):
    desired = declare(write_tree(tmp_path, {"a.yaml": "\ufeffusers: {alice: }\n"}))

    assert [finding.rule for finding in desired.findings] == ["IAM004"]
    assert Address.of("user", "alice") in desired.state


def test_a_warning_hides_no_missing_names(tmp_path):
    found = findings(write_tree(tmp_path, {"a.yaml": "\ufeffgroups: {g: }\n", "x.YAML": ""}))

    assert "a.yaml:1:10: IAM003 group 'g' has no entry in 'memberships'; if it has no members, write 'g: []'" in found


def test_a_thousand_unknown_names_are_told_quickly(tmp_path):
    users = "".join(f"  user-{number}: {{}}\n" for number in range(1000))
    members = ", ".join(f"usr-{number}" for number in range(1000))
    root = write_tree(tmp_path, {"a.yaml": f"users:\n{users}groups: {{g: }}\nmemberships: {{g: [{members}]}}\n"})

    found = findings(root)

    assert len(found) == 1000
    assert "did you mean" in found[0]


def test_secrets_are_in_no_finding(tmp_path):
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    text = f"users:\n  alice: {{password: hunter2hunter2, tags: {{id: AKIAIOSFODNN7EXAMPLE, x: {secret}}}}}\ngroups: {{g: {{policies: [hunter2hunter2, {secret}], members: open}}}}\n"

    found = "\n".join(findings(write_tree(tmp_path, {"a.yaml": text})))

    assert found.count("IAM002 ") == found.count("plain-text secret") + found.count("in plain text") == 3
    assert not any(word in found for word in ("hunter2", "AKIAIOS", secret))


def test_mistakes_in_settings_do_not_hide_those_in_manifests(tmp_path):
    root = write_tree(tmp_path, {"iamctl.yaml": "x: y\n", "a.yaml": "users: [\n", "b.yaml": "users: *x\n"})

    with pytest.raises(ManifestError) as caught:
        read_tree(root)

    assert {finding.origin.path for finding in caught.value.findings} == {"a.yaml", "b.yaml", "iamctl.yaml"}


def test_a_folder_without_settings_is_no_tree_and_nothing_below_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    trees = [f"{name}/iamctl.yaml" for name in ("b", "c/d", "c/e", "f", "g", "h", ".x", "i/j/k")]
    write_tree(Path(), {"iamctl.yaml": None, "a.yaml": "users: [\n", **dict.fromkeys(trees, "x: [\n")})

    def said(folder):
        with pytest.raises(ManifestError) as caught:
            read_tree(Path(folder))
        return [finding.message for finding in caught.value.findings]

    assert said(".") == ["there is no iamctl.yaml here; did you mean 'b', 'f', 'g', 'h' or 'c/d'?"]
    assert said("c") == ["there is no iamctl.yaml here; did you mean 'c/d' or 'c/e'?"]
    assert said("c/../i") == ["there is no iamctl.yaml here; did you mean 'c/../i/j/k'?"]


def test_a_reason_has_an_end(tmp_path):
    told = {
        "iamctl.yaml": f"{SETTINGS}exceptions:\n- {{address: user-policy/x/y, reason: {'x' * 501}}}\n",
        "a.yaml": "users: {alice: , bob: }\ngroups: {dev: }\nmemberships:\n  dev:\n"
        f"  - {{user: alice, reason: {'x' * 60_000}}}\n  - {{user: bob, reason: {'x' * 500}}}\n",
    }

    assert findings(write_tree(tmp_path, told)) == [
        "a.yaml:5:27: IAM002 expected at most 500 characters for 'reason' of the members of 'dev', found 60,000",
        "iamctl.yaml:4:38: IAM002 expected at most 500 characters for 'exceptions.reason', found 501",
    ]


def test_another_process_gets_the_digest_and_no_file(tmp_path):
    desired = declare(write_tree(tmp_path, {**GOOD, "zoe.yaml": f"# {'x' * 50_000}\nusers: {{zoe: {{}}}}\n"}))

    data = pickle.dumps(desired)

    assert len(data) < 20_000
    sent = pickle.loads(data)
    assert (sent, replace(sent, ended=()).digest) == (desired, desired.digest)
    assert desired.digest.startswith("sha256:")


def test_accounts_that_set_nothing_of_their_own_share_what_was_read_once(tmp_path):
    lines = [f'  {name}: {{id: "{number:012}", manifests: [{name}]}}' for number, name in enumerate("abc", 1)]
    lines[1] = lines[1].replace("}", ", limits: {users: 1}}")
    settings = "\n".join(["version: 1", "protect: [user/root-*]", "accounts:", *lines, ""])
    first, own, last = read_tree(write_tree(tmp_path, {"iamctl.yaml": settings})).accounts.values()

    assert first.protect is last.protect
    assert first.limits is last.limits
    assert (own.limits["users"].count, last.limits["users"].count) == (1, None)
    assert (first.account_id, last.account_id) == ("000000000001", "000000000003")
    places = [str(one.origin_of(*path)) for one in (first, own, last) for path in (("protect",), ("limits", "users"))]
    assert places == [
        *("iamctl.yaml:2:1", "iamctl.yaml:4:3"),
        *("iamctl.yaml:2:1", "iamctl.yaml:5:59"),
        *("iamctl.yaml:2:1", "iamctl.yaml:6:3"),
    ]
