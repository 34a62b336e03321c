"""Secrets are found in documents, names and comments as in values, and no finding quotes one."""

import pytest
from manifest_trees import NOW, findings, write_tree

from iamctl.manifests import read_tree
from iamctl.model import ManifestError

KEY_ID = "AKIA" + "QXLTR5NBVM2ZHD7C"
SECRET = "pX9" + "vR2/kQm8ZsT1wYb4Nc7Hd0Lf3Gj6Ua+EoKiPr"
PRIVATE = "-----BEGIN OPENSSH " + "PRIVATE KEY-----"
KEY_FOUND = "there is an access key ID in plain text; remove it, and deactivate the key if its secret was here too"
SECRET_FOUND = "there is a secret access key in plain text; remove it and deactivate the key"
PRIVATE_FOUND = "there is a private key in plain text; remove it and generate a new pair"
POLICY = "policies: {p: {file: p.json}}\n"


def document(sid, *, action="s3:GetObject"):
    return (
        '{"Version": "2012-10-17", "Statement": [{\n'
        f' "Sid": "{sid}", "Effect": "Allow",\n "Action": "{action}", "Resource": "*"}}]}}\n'
    )


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a.yaml": POLICY, "p.json": document(KEY_ID)}, f"p.json:2:2: IAM002 {KEY_FOUND}"),
        ({"a.yaml": POLICY, "p.json": document(KEY_ID)[:-4]}, f"p.json:1:1: IAM002 {KEY_FOUND}"),
        ({"a.yaml": POLICY, "p.json": document(PRIVATE)}, f"p.json:2:2: IAM002 {PRIVATE_FOUND}"),
        (
            {"a.yaml": POLICY.replace("json", "yaml"), "p.yaml": f"Version: 2012-10-17\n# {KEY_ID}\nStatement: []\n"},
            f"p.yaml:2:1: IAM002 {KEY_FOUND}",
        ),
        ({"a.yaml": f"users: {{alice: }}  # her key: {KEY_ID}\n"}, f"a.yaml:1:19: IAM002 {KEY_FOUND}"),
        ({"a.yaml": f"users:\n  # {PRIVATE}\n  alice:\n"}, f"a.yaml:2:3: IAM002 {PRIVATE_FOUND}"),
        (
            {"a.yaml": "users:\n  alice:\n    # password: 'hunter2hunter2'\n"},
            "a.yaml:3:5: IAM002 there is a plain-text secret under 'password' in a comment; remove it and change the secret",
        ),
        ({"a.yaml": f"groups: {{{KEY_ID}: {{members: open}}}}\n"}, f"a.yaml:1:10: IAM002 {KEY_FOUND}"),
        ({"a.yaml": f"users: {{alice: }}\n  {KEY_ID}: x\n"}, f"a.yaml:1:1: IAM002 {KEY_FOUND}"),
    ],
)
def test_a_secret_is_found_wherever_it_is(tmp_path, files, expected):
    found = findings(write_tree(tmp_path, files))

    assert expected in found
    assert not any(word in line for line in found for word in (KEY_ID, PRIVATE, "hunter2"))


def test_the_secret_beside_a_key_in_comments_is_found_as_well(tmp_path):
    found = findings(write_tree(tmp_path, {"a.yaml": f"users: {{alice: }}\n# {KEY_ID}\n# {SECRET}\n"}))

    assert found == [f"a.yaml:2:1: IAM002 {KEY_FOUND}", f"a.yaml:3:1: IAM002 {SECRET_FOUND}"]


def test_a_pair_in_an_inline_document_is_found(tmp_path):
    text = (
        "groups:\n  dev:\n    members: open\n    inline_policies:\n      p:\n        Version: 2012-10-17\n"
        f"        Statement:\n        - {{Effect: Allow, Action: s3:GetObject, Resource: [{KEY_ID}, '{SECRET}']}}\n"
    )

    found = findings(write_tree(tmp_path, {"a.yaml": text}))

    assert [line.partition("IAM002 ")[2] for line in found if "IAM002" in line] == [KEY_FOUND, SECRET_FOUND]
    assert not any(SECRET in line or KEY_ID in line for line in found)


@pytest.mark.parametrize(
    "text",
    [
        "users: {alice: }  # password: see the vault entry 17\n",
        "users: {alice: }  # secrets: {deliver: age1}\n",
        "users: {alice: }  # password_policy: strict2024\n",
        "users: {alice: {tags: {note: 'x # password: changed-by-herself'}}}\n",
        f"users: {{alice: }}  # x{KEY_ID}x\n",
        "users: {alice: }\n# AKIA and ASIA begin ids; commit 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12\n",
    ],
)
def test_words_about_secrets_are_none(tmp_path, text):
    assert findings(write_tree(tmp_path, {"a.yaml": text})) == []


def test_secrets_are_kept_back_where_no_account_can_be_read(tmp_path):
    twice = f"users: {{{KEY_ID}: , {KEY_ID}: }}\n"

    with pytest.raises(ManifestError) as caught:
        read_tree(write_tree(tmp_path, {"iamctl.yaml": "x: y\n", "a.yaml": twice}))

    messages = [finding.message for finding in caught.value.findings]
    assert KEY_FOUND in messages
    assert not any(KEY_ID in message for message in messages)


def test_neither_message_nor_address_quotes_a_name_that_is_a_key(tmp_path):
    tree = read_tree(write_tree(tmp_path, {"a.yaml": f"users: {{bob: , {KEY_ID}: {{path: x}}}}\n"}))

    with pytest.raises(ManifestError) as caught:
        tree.declare("prod", now=NOW)

    assert KEY_ID.lower() not in str(caught.value.findings).lower()
    assert caught.value.beside is None
