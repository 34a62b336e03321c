"""The lines of a text, found from offsets into it."""

from __future__ import annotations


class Lines:
    """Where lines begin and end, and what stands beside a place on its line."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.newline = "\r\n" if "\r\n" in text else "\n"
        """How the lines end."""

    def begin(self, at: int) -> int:
        """Return where the line of a place begins."""
        return self._text.rfind("\n", 0, at) + 1

    def end(self, at: int) -> int:
        """Return where the line of a place ends, before the characters that end it."""
        end = self._text.find("\n", at)
        if end < 0:
            return len(self._text)
        return end - 1 if self._text[end - 1 : end] == "\r" and end > at else end

    def next(self, at: int) -> int:
        """Return where the next line begins."""
        end = self._text.find("\n", at)
        return len(self._text) if end < 0 else end + 1

    def number(self, at: int) -> int:
        """Return the number of the line of a place, from 0."""
        return self._text.count("\n", 0, at)

    def column(self, at: int) -> int:
        """Return how many characters stand before a place on its line."""
        return at - self.begin(at)

    def rest(self, at: int) -> str:
        """Return what follows a place on its line."""
        return self._text[at : self.end(at)]

    def stands_alone(self, at: int) -> bool:
        """Return whether nothing but blanks stands before a place on its line."""
        return not self._text[self.begin(at) : at].strip()

    def with_comments(self, at: int) -> int:
        """Return where the line of a place begins, or the comment lines right above it that are indented as far."""
        begin, column = self.begin(at), self.column(at)
        while begin:
            above = self.begin(begin - 1)
            line = self._text[above : begin - 1]
            if not line.lstrip(" ").startswith("#") or len(line) - len(line.lstrip(" ")) != column:
                break
            begin = above
        return begin

    def dash(self, at: int, column: int) -> int:
        """Return where the dash of an item of a list is that stands so many characters from the left."""
        begin = self.begin(at)
        while self._text[begin + column : begin + column + 1] != "-" or begin + column > at:
            if not begin:
                return at
            begin = self.begin(begin - 1)
        return begin + column

    def comma(self, at: int) -> int | None:
        """Return where the comma is that follows a place, beyond blanks and comments; None where something else does."""
        while at < len(self._text):
            character = self._text[at]
            if character == ",":
                return at
            if character == "#":
                at = self.end(at)
            elif not character.isspace():
                return None
            at += 1
        return None
