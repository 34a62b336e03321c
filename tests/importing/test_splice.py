"""Edits of single texts: JSON in an unusual layout, what cannot be edited, and long lists."""

import json

import pytest

from iamctl.manifests.document_edit import edited_document, raw_of
from iamctl.manifests.edited_tree import EditedTree
from iamctl.manifests.spans import Leaf, spans
from iamctl.manifests.splice import SpliceError, splice

ODD_JSON = """{ "Version": "2012-10-17",
  "Statement": [
    { "Effect": "Allow", "Action": [ "s3:Get*", "s3:List*" ], "Resource": "*" },
    { "Effect": "Deny",  "Action": "s3:Put*", "Resource": "arn:aws:s3:::{{ env }}-*" }
  ] }
"""


def test_json_in_an_unusual_layout_keeps_it():
    live = json.loads(ODD_JSON.replace("{{ env }}", "prod"))
    live["Statement"][0]["Action"] = ["s3:List*", "s3:Get*", "s3:Head*"]
    root = spans(ODD_JSON, is_json=True)

    edited = splice(
        ODD_JSON, edited_document(root.raw, live, lambda text: text.replace("{{ env }}", "prod")), is_json=True
    )

    assert edited == ODD_JSON.replace('"s3:List*" ]', '"s3:List*", "s3:Head*" ]')


def test_statements_with_the_same_meaning_stay_as_they_are():
    declared = raw_of({"Statement": {"Effect": "Allow", "Action": "S3:GetObject", "Resource": ["*"]}})
    live = {"Statement": [{"Effect": "Allow", "Action": ["s3:getobject"], "Resource": "*"}]}

    assert edited_document(declared, live, str) == declared


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("k: | # why\n  text\n", {"k": Leaf("other")}), ("? k\n: [a]\n", {"k": {"a": Leaf("b")}, "l": Leaf("c")})],
)
def test_what_cannot_be_edited_is_left_with_the_steps_to_do_by_hand(text, wanted):
    with pytest.raises(SpliceError):
        splice(text, wanted)

    tree = EditedTree({"a.yaml": text.encode(), "b.yaml": b"x: y\n"}, ())
    for key, value in wanted.items():
        tree.set("a.yaml", (key,), value)
    tree.set("b.yaml", ("x",), Leaf("z"))
    files, by_hand = tree.texts()

    assert files == {"b.yaml": b"x: z\n"}
    assert len(by_hand["a.yaml"]) == len(wanted)


def test_long_lists_are_edited_in_a_few_steps():
    names = [f"user{number}" for number in range(5000)]
    text = "memberships:\n  all:\n" + "".join(f"    - {name}  # {name}\n" for name in names)
    wanted = [name for number, name in enumerate(names) if number % 1000 != 7] + ["mallory"]

    edited = splice(text, {"memberships": {"all": list(map(Leaf, wanted))}})

    assert edited.splitlines()[2:] == [*(f"    - {name}  # {name}" for name in wanted[:-1]), "    - mallory"]
