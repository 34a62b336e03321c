"""Prints figures about the size and shape of a checkout: ``python tools/measure.py [ROOT]``."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from layers import layers

SMALL = 40
"""A module with fewer lines than this is small."""

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def measure(root: Path) -> dict[str, str]:
    """Return each figure, as text, by its name; ``root`` is the folder that contains pyproject.toml."""
    package = root / "iamctl"
    sources = {path: path.read_text(encoding="utf-8") for path in sorted(package.rglob("*.py"))}
    trees = {path: ast.parse(text) for path, text in sources.items()}
    lines = {path: text.count("\n") for path, text in sources.items()}
    modules = [path for path in sources if not path.name.startswith("__")]
    names = [name for tree in trees.values() for name, _ in public_definitions(tree.body)]
    own = sum(ast.get_docstring(name) is not None for name in names)
    documented = len(names) - len(undocumented(trees))
    code, tests, cases = sum(lines.values()), _lines(root, "*.py"), _lines(root, "*.yaml")
    up = sorted(set(arrows_up(trees, root)))
    return {
        "files": str(len(sources)),
        "lines": f"{code:,}",
        "modules at the root": str(sum(path.parent == package for path in modules)),
        "packages at the root": str(len(list(package.glob("*/__init__.py")))),
        "packages": str(len(list(package.glob("*/**/__init__.py")))),
        "arrows up": ", ".join([str(len(up)), *(f"{importer} -> {imported}" for importer, imported in up)]),
        "public names documented": f"{_share(documented, len(names))}, {_share(own, len(names))} without inherited ones",
        "test to code lines": f"{tests / max(code, 1):.2f} ({(tests + cases) / max(code, 1):.2f} with YAML cases)",
        f"modules under {SMALL} lines": str(sum(lines[path] < SMALL for path in modules)),
        "lines of the largest file": str(max(lines.values(), default=0)),
    }


def public_definitions(
    body: Iterable[ast.stmt], owner: ast.ClassDef | None = None
) -> Iterator[tuple[Definition, ast.ClassDef | None]]:
    """Yield public classes and functions, and public methods and properties of such classes with their class."""
    for node in body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield node, owner
            if isinstance(node, ast.ClassDef):
                yield from public_definitions(node.body, node)


def undocumented(trees: Mapping[Path, ast.Module]) -> list[str]:
    """Return ``path:line name`` of each public name without a docstring, its own or that of the method it overrides."""
    everything = [node for tree in trees.values() for node in ast.walk(tree)]
    classes = {node.name: node for node in everything if isinstance(node, ast.ClassDef)}
    return [
        f"{path}:{node.lineno} {node.name}"
        for path, tree in trees.items()
        for node, owner in public_definitions(tree.body)
        if not (ast.get_docstring(node) or (owner and _inherits_docstring(node.name, owner, classes)))
    ]


def _inherits_docstring(name: str, owner: ast.ClassDef, classes: Mapping[str, ast.ClassDef]) -> bool:
    """Tell whether a base class within iamctl documents the method; ``help`` shows its docstring for the override."""
    for base in owner.bases:
        found = classes.get(base.id) if isinstance(base, ast.Name) else None
        if found is None or found is owner:
            continue
        methods = [node for node in found.body if isinstance(node, Definition) and node.name == name]
        if any(map(ast.get_docstring, methods)) or _inherits_docstring(name, found, classes):
            return True
    return False


def arrows_up(trees: dict[Path, ast.Module], root: Path) -> Iterator[tuple[str, str]]:
    """Yield module and package for each import of a layer above, or beside in the same layer; of types, too."""
    floor = {package: number for number, layer in enumerate(layers(root)) for package in layer}
    for path, tree in trees.items():
        parts = path.relative_to(root).with_suffix("").parts
        own = parts[1]
        for imported in _imported(tree):
            if own in floor and imported in floor and imported != own and floor[imported] <= floor[own]:
                yield ".".join(parts), imported


def _imported(tree: ast.Module) -> Iterator[str]:
    """Yield the top-level packages and modules of iamctl that a module imports."""
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            top, *below = name.split(".")
            if top == "iamctl" and below:
                yield below[0]


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / max(whole, 1):.1%})"


def _lines(root: Path, pattern: str) -> int:
    return sum(path.read_text(encoding="utf-8").count("\n") for path in (root / "tests").rglob(pattern))


if __name__ == "__main__":
    for name, figure in measure(Path(sys.argv[1] if sys.argv[1:] else ".").resolve()).items():
        print(f"{name:26}{figure}")
