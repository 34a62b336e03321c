"""Every public class, function, method and property of iamctl has a docstring, its own or that of what it overrides."""

import ast
import sys
from pathlib import Path

from shape.sources import ROOT, SOURCES, tree_of

sys.path.insert(0, str(ROOT / "tools"))

from measure import undocumented


def test_every_public_name_is_documented():
    assert undocumented({path: tree_of(path) for path in SOURCES}) == []


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
