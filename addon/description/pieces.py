"""A description taken apart: blocks, and lines of words that look some way."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Style:
    """How words look. `marks`: of b, i, u and s; `href`: where a link leads."""

    href: str | None = None
    marks: frozenset[str] = frozenset()


PLAIN = Style()


@dataclass(frozen=True)
class Open:
    """A block begins: a list, an item, a quotation, a heading."""

    tag: str


@dataclass(frozen=True)
class Close:
    """A block ends."""

    tag: str


@dataclass(frozen=True)
class Line:
    """Words on one line; `breaks` line breaks stand before it when a line precedes it."""

    breaks: int
    runs: tuple[tuple[str, Style], ...]

    @property
    def text(self) -> str:
        """The words without their looks."""
        return "".join(text for text, _ in self.runs)


Piece: TypeAlias = Open | Close | Line
