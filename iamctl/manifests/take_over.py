"""Files that make another tool let go of what it manages, without deleting it."""

from __future__ import annotations

import json
import shlex
from collections import defaultdict
from collections.abc import Iterable, Mapping

from iamctl.manifests.owned_resource import OwnedResource, Tool
from iamctl.text.late_pattern import late_pattern

FOLDER = "take-over"
"""The folder of these files in an imported tree; none of them is a manifest."""

STEPS = f"{FOLDER}/README.md"
"""The file with what to do, in its order."""
_REMOVED = f"{FOLDER}/removed.tf"
_STATE = f"{FOLDER}/terraform-state-rm.sh"
_RETAIN = f"{FOLDER}/retain.json"

_KEY = late_pattern(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')
_CONFIGURED = late_pattern(r"(module\.[A-Za-z0-9_-]+\.)*[a-z0-9_]+\.[A-Za-z0-9_-]+")

_TERRAFORM = f"""\
## Terraform

1. Merge the manifests. A plan from them is empty, so nothing changes yet. Change nothing in the manifests until step 4.
2. Copy `{_REMOVED}` into the root module, and delete the `resource` blocks that it names. It needs Terraform 1.7 or later.
   `{_STATE}`, if it exists, has the instances of which Terraform keeps others; run its commands instead.
   https://developer.hashicorp.com/terraform/language/block/removed
3. Run `terraform plan`. It must destroy nothing; then run `terraform apply`.
4. Run `iamctl plan`. It must be empty. From now on, change the manifests.
"""
_CLOUDFORMATION = f"""\
## CloudFormation

1. Merge the manifests. A plan from them is empty, so nothing changes yet. Change nothing in the manifests until step 4.
2. Add the policies in `{_RETAIN}` to these resources in the template, and update the stack.
   https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
3. Delete these resources from the template, and update the stack again. It must report DELETE_SKIPPED for each of them.
4. Run `iamctl plan`. It must be empty. From now on, change the manifests.
"""


def take_over_files(taken: Iterable[OwnedResource], others: Iterable[OwnedResource]) -> dict[str, str]:
    """Return the files by path: what makes tools let go of ``taken`` and keep ``others``, and the steps in their order."""
    found = tuple(taken)
    terraform = [one for one in found if one.tool is Tool.TERRAFORM]
    stacks = [one for one in found if one.tool is Tool.CLOUDFORMATION]
    files: dict[str, str] = {}
    steps = "# Take over from other tools\n\nThe other tool lets go first; it deletes nothing.\n"
    if terraform:
        files |= _terraform(terraform, {_configured(one.name) for one in others if one.tool is Tool.TERRAFORM})
        steps += f"\n{_TERRAFORM}"
    if stacks:
        files[_RETAIN] = _retain(stacks)
        steps += f"\n{_CLOUDFORMATION}"
    return {**files, STEPS: steps} if files else {}


def _configured(name: str) -> str:
    """Return the address of a resource without the keys of its instances."""
    return _KEY.sub("", name)


def _terraform(taken: list[OwnedResource], kept: set[str]) -> dict[str, str]:
    blocks = sorted(
        {place for one in taken if _CONFIGURED.fullmatch(place := _configured(one.name)) and place not in kept}
    )
    left = sorted(one.name for one in taken if _configured(one.name) not in blocks)
    files = {}
    if blocks:
        files[_REMOVED] = "".join(
            f"removed {{\n  from = {place}\n\n  lifecycle {{\n    destroy = false\n  }}\n}}\n\n" for place in blocks
        )
        files[_REMOVED] = files[_REMOVED].rstrip("\n") + "\n"
    if left:
        files[_STATE] = "#!/bin/sh\nset -e\n" + "".join(f"terraform state rm {shlex.quote(name)}\n" for name in left)
    return files


def _retain(taken: list[OwnedResource]) -> str:
    """Return what to add to the resources of templates, stack by stack."""
    stacks: defaultdict[str, dict[str, Mapping[str, str]]] = defaultdict(dict)
    for one in sorted(taken, key=lambda found: (found.stack, found.name)):
        stacks[one.stack or "stack"][one.name] = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    data = {stack: {"Resources": resources} for stack, resources in stacks.items()}
    return json.dumps(data, indent=2, ensure_ascii=True) + "\n"
