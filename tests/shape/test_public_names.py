"""Every public function, class, method and property of iamctl is used in iamctl, or something outside calls it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from botocore import xform_name
from botocore.session import Session
from shape.sources import ROOT, SOURCES, nodes_of

REGISTERING = {"rule", "command", "callback", "control"}
"""Decorators that hand a function to whoever calls it."""
CALLED_FROM_OUTSIDE = {
    "iamctl/kinds/registry.py": {"including": "tests/kinds, which add kinds of their own"},
    "iamctl/sandbox/identity.py": {"get_current_account": "moto", "get_region_from_url": "moto"},
    "iamctl/sandbox/organization.py": {
        **dict.fromkeys(
            ("get_current_account", "get_region_from_url", "list_accounts", "organizations_backend"), "moto"
        )
    },
    "iamctl/sandbox/service.py": {
        "call_action": "moto",
        "execute_result": "moto",
        "get_current_account": "moto",
        "get_region_from_url": "moto",
    },
    "iamctl/sandbox/serving.py": {
        **dict.fromkeys(("do_POST", "do_GET", "do_PUT", "do_DELETE", "log_message"), "http.server")
    },
    "iamctl/source/served.py": {"service_actions": "socketserver"},
    "iamctl/sandbox/__init__.py": {"corrections_page": "tools/generate.py"},
}
"""Names by file, with who calls them."""


def trees():
    return {str(path.relative_to(ROOT)): nodes_of(path) for path in SOURCES}


def public(body) -> Iterator[tuple[str, ast.AST]]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body)


def used(nodes) -> Iterator[str]:
    """Yield the names that code mentions; an import or a definition alone is no use."""
    for node in nodes:
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.MatchClass):
            yield from node.kwd_attrs


def is_registered(node) -> bool:
    called = (decorator.func for decorator in node.decorator_list if isinstance(decorator, ast.Call))
    return any(getattr(func, "id", getattr(func, "attr", "")) in REGISTERING for func in called)


def operations():
    """Return the methods that a sandbox finds by the name of the requested operation."""
    return {xform_name(name) for name in Session().get_service_model("iam").operation_names}


def is_found_by_name(file, name) -> bool:
    """Tell whether a module is loaded by name and asked for this one: the commands, and the formats."""
    folder, module = Path(file).parent.name, Path(file).stem
    return (file.startswith("iamctl/commands/") and name == module) or (
        folder == "render" and name == f"render_{module}"
    )


def dead(sources):
    mentioned = {name for nodes in sources.values() for name in used(nodes)}
    answered = operations()
    return [
        f"{file}: {name}"
        for file, (tree, *_) in sources.items()
        for name, node in public(tree.body)
        if name not in mentioned
        and not is_registered(node)
        and not is_found_by_name(file, name)
        and not (file.startswith("iamctl/sandbox/") and name in answered)
        and name not in CALLED_FROM_OUTSIDE.get(file, {})
    ]


def test_no_public_name_is_dead():
    assert dead(trees()) == []


def test_the_list_of_outside_callers_names_what_is_there():
    sources = trees()

    for file, names in CALLED_FROM_OUTSIDE.items():
        assert names.keys() <= {name for name, _ in public(sources[file][0].body)}


def test_a_dead_name_is_found():
    code = (
        "from x import dead_import\n"
        "def dead_import(): ...\n"
        "@rule('IAM999')\ndef registered(): ...\n"
        "class Used:\n    @property\n    def dead_property(self): ...\n    def _private(self): ...\n"
        "Used()\n"
    )

    assert dead({"iamctl/x.py": tuple(ast.walk(ast.parse(code)))}) == [
        "iamctl/x.py: dead_import",
        "iamctl/x.py: dead_property",
    ]
