"""Random YAML texts in every style that the loader takes, with comments that know what they are about.

Names and texts are unique in a text, so that a line tells what stands on it. ``comments`` maps the text of a comment to
the name that must stand beside it, or below it, as long as what it is about stays as it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st

from iamctl.manifests.spans import Leaf

ODD_TEXTS = (
    "a, b",
    "x: y",
    "{{ env }}",
    "#no",
    "- x",
    "é ü",
    "yes",
    "0123",
    "a'b",
    'a"b',
    "arn:aws:iam::1:user/x",
    "*",
)


@dataclass(frozen=True)
class Comment:
    """What a comment is about: its name, and all of it."""

    head: str
    about: object
    is_above: bool


@dataclass
class Written:
    """A text, what it says, and its comments."""

    draw: object
    names: int = 0
    comments: dict[str, Comment] = field(default_factory=dict)

    def name(self, letter):
        self.names += 1
        return f"{letter}{self.names}"

    def chance(self, percent):
        return self.draw(st.integers(0, 99)) < percent

    def leaf(self):
        if self.chance(15):
            return Leaf(self.draw(st.sampled_from(["true", "1", "null"])), True)
        odd = self.draw(st.sampled_from(ODD_TEXTS)) if self.chance(30) else ""
        return Leaf(f"{odd} {self.name('v')}".strip())

    def tree(self, depth):
        kind = self.draw(st.sampled_from(["leaf", "dict", "list"] if depth else ["leaf"]))
        if kind == "leaf":
            return self.leaf()
        number = self.draw(st.integers(0, 4))
        if kind == "list":
            return [self.tree(depth - 1) for _ in range(number)]
        return {self.name("k"): self.tree(depth - 1) for _ in range(number)}

    def root(self):
        return {self.name("k"): self.tree(3) for _ in range(self.draw(st.integers(1, 4)))}

    def changed(self, value, depth=3):
        """Return the tree with random edits; what is not touched is the same object."""
        if isinstance(value, Leaf) or (not value and self.chance(50)):
            return self.tree(1) if self.chance(25) else value
        if isinstance(value, dict):
            kept = {key: self.changed(below, depth - 1) for key, below in value.items() if not self.chance(15)}
            more = self.draw(st.integers(0, 2)) if self.chance(25) else 0
            return kept | {self.name("k"): self.tree(max(0, depth - 1)) for _ in range(more)}
        kept = [self.changed(item, depth - 1) for item in value if not self.chance(15)]
        for _ in range(self.draw(st.integers(0, 2)) if self.chance(25) else 0):
            kept.insert(self.draw(st.integers(0, len(kept))), self.tree(max(0, depth - 1)))
        return kept

    def comment(self, head, about, *, is_above):
        if head is None or not self.chance(30):
            return ""
        text = f"# {self.name('c')}."
        self.comments[text] = Comment(head, about, is_above)
        return text

    def scalar(self, leaf, *, is_inside=False):
        if leaf.is_typed:
            return leaf.text
        quotes = self.draw(st.sampled_from(["plain", "single", "double"]))
        is_plain = leaf.text.isalnum() and leaf.text not in {"yes", "0123"}
        if quotes == "plain" and is_plain:
            return leaf.text
        return (
            "'" + leaf.text.replace("'", "''") + "'"
            if quotes == "single"
            else '"' + leaf.text.replace('"', '\\"') + '"'
        )

    def flow(self, value, indent):
        """Return a value in braces or brackets, on one line or on several."""
        if isinstance(value, Leaf):
            return self.scalar(value, is_inside=True)
        marks = "{}" if isinstance(value, dict) else "[]"
        pairs = value.items() if isinstance(value, dict) else ((None, item) for item in value)
        texts = [((f"{key}: " if key else "") + self.flow(below, indent + 2), (key, below)) for key, below in pairs]
        if not texts or self.chance(60):
            space = " " * self.draw(st.integers(0, 1)) if texts else ""
            return marks[0] + space + ", ".join(text for text, _ in texts) + space + marks[1]
        lines = [marks[0]]
        for number, (text, (key, below)) in enumerate(texts):
            comma = "," if number < len(texts) - 1 or self.chance(30) else ""
            head, about = head_of(key, below), (key, below)
            if above := self.comment(head, about, is_above=True):
                lines.append(" " * (indent + 2) + above)
            beside = "" if "\n" in text else self.comment(head, about, is_above=False)
            lines.append(f"{' ' * (indent + 2)}{text}{comma}{'  ' if beside else ''}{beside}")
        return "\n".join([*lines, " " * indent + marks[1]])

    def block(self, value, indent):
        """Return the lines of a value that is not empty, each entry or item on lines of its own."""
        lines = []
        pairs = value.items() if isinstance(value, dict) else ((None, item) for item in value)
        for key, below in pairs:
            head, about = head_of(key, below), (key, below)
            start = " " * indent + (f"{key}:" if key else "-")
            if self.chance(15):
                lines.append("")
            if above := self.comment(head, about, is_above=True):
                lines.append(" " * indent + above)
            is_block = not isinstance(below, Leaf) and below and self.chance(60)
            if is_block and key is None and isinstance(below, dict):
                first, *rest = self.block(below, indent + 2)
                while not first.strip() or first.strip().startswith("#"):
                    lines.append(first if not first.strip() else " " * indent + first.strip())
                    first, *rest = rest
                    self.comments.pop(lines[-1].strip(), None)
                lines += [f"{start} {first.lstrip()}", *rest]
            elif is_block and key is not None:
                beside = self.comment(head, about, is_above=False)
                step = self.draw(st.sampled_from([2, 4] + [0] * isinstance(below, list)))
                lines += [f"{start}{' ' if beside else ''}{beside}", *self.block(below, indent + step)]
            else:
                text = self.flow(below, indent)
                beside = "" if "\n" in text else self.comment(head, about, is_above=False)
                lines.append(f"{start} {text}{'  ' if beside else ''}{beside}")
        return lines


def head_of(key, value):
    """Return the name that a line begins with; None for what has none, such as a number in a list."""
    if key is not None:
        return key
    if isinstance(value, Leaf):
        return None if value.is_typed else value.text.split()[-1]
    if isinstance(value, dict):
        return next(iter(value), None)
    return next((head for item in value if (head := head_of(None, item))), None)


def parts(value):
    """Yield all that a comment may be about: entries and items."""
    if isinstance(value, Leaf):
        return
    for key, below in value.items() if isinstance(value, dict) else ((None, item) for item in value):
        yield key, below
        yield from parts(below)


def beside(comment, text):
    """Return what stands before a comment on its line, or on the next line that is none; without dash and comma."""
    lines = text.splitlines()
    (number,) = [number for number, line in enumerate(lines) if comment in line]
    while lines[number].lstrip().startswith("#"):
        number += 1
    return lines[number].split("# c")[0].strip().removesuffix(",").strip("- ")


@st.composite
def edited_texts(draw):
    """Draw a text, what it says, what it shall say, and its comments."""
    written = Written(draw)
    root = written.root()
    lines = written.block(root, 0)
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    text = "\n".join(lines).replace("\n", newline) + (newline if written.chance(80) else "")
    wanted = written.changed(root)
    return text, root, wanted, written.comments
