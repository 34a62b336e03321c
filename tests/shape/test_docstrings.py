"""Every public class, function, method and property of iamctl has a docstring, its own or that of what it overrides."""

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from measure import undocumented  # noqa: E402


def test_every_public_name_is_documented():
    sources = sorted((ROOT / "iamctl").rglob("*.py"))

    assert undocumented({path: ast.parse(path.read_text(encoding="utf-8")) for path in sources}) == []


def test_a_missing_docstring_is_found():
    code = """
class Base:
    'Documented.'
    def told(self):
        'Documented.'
    def silent(self): ...
class Middle(Base):
    'Documented.'
class Below(Middle):
    'Documented.'
    def told(self): ...
    def silent(self): ...
    def own(self): ...
    def _private(self): ...
def function(): ...
class Silent(dict):
    def get(self): ...
"""

    found = [line.split()[1] for line in undocumented({Path("x.py"): ast.parse(code)})]

    assert found == ["silent", "silent", "own", "function", "Silent", "get"]
