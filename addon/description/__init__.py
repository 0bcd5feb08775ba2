"""Descriptions are HTML on both sides; nothing passes from one to the other uncleaned.

Both editors rewrite what they are given: one writes `<b>` where the other writes `<strong>`, one
wraps everything in `<p>`, one turns addresses into links. `clean` gives every such spelling the
same form, so that comparing two cleaned descriptions compares what they say.
"""

import html

from addon.description.pieces import Close, Line, Open, Piece
from addon.description.reading import MARKUP, read
from addon.description.writing import write

__all__ = ["FOOTER_CLOSES", "FOOTER_OPENS", "MAX_LENGTH", "clean", "whole", "with_footer", "words"]

MAX_LENGTH = 8192
"""Google Calendar keeps at most 8,192 characters of description."""

_READ = MAX_LENGTH * 4
"""Markup takes more room than what it says; beyond this nothing could be kept anyway."""

FOOTER_OPENS = "⎯⎯⎯ Livestorm ⎯⎯⎯"
FOOTER_CLOSES = "⎯⎯⎯⎯⎯⎯⎯⎯⎯"
"""The lines around what we add to a description ourselves. They are text, because text is what
survives every editor, and differ from each other, so that a half-deleted footer cannot make the
person's own words look like ours."""


def clean(text: str) -> str:
    """Return a description in its one form, with nothing in it that could run, load or disguise.

    Text without any markup keeps its line breaks: Calendar stores what was typed in a plain
    field that way, and HTML would swallow them. What we added ourselves (`with_footer`) is left
    out. At most `MAX_LENGTH` characters; never raises; cleaning twice changes nothing.
    """
    cleaned, was_cut = _form(text)
    # A cut may leave a space or a break at the end, which only a second look removes.
    return _form(cleaned)[0] if was_cut else cleaned


def whole(text: str) -> str:
    """Return a description cleaned like any, with what Calendar has no room for; see `clean`."""
    return _form(text, room=_READ)[0]


def words(cleaned: str) -> str:
    """Return what a cleaned description says, without how it looks."""
    return " ".join(html.unescape(MARKUP.sub(" ", cleaned)).split())


def with_footer(cleaned: str, footer: str) -> str:
    """Return a cleaned description followed by words of our own (HTML that `clean` would keep).

    `clean` takes them off again, so that they neither multiply nor reach the other side. Where
    both do not fit into `MAX_LENGTH`, the person's words come first and ours are left out.
    """
    if not footer:
        return cleaned
    ours = f"{FOOTER_OPENS}<br>{footer}<br>{FOOTER_CLOSES}"
    both = f"{cleaned}<br><br>{ours}" if cleaned else ours
    return both if len(both) <= MAX_LENGTH else cleaned


def _form(text: str, room: int = MAX_LENGTH) -> tuple[str, bool]:
    return write(_without_footer(read(text[:_READ])), room=room)


def _without_footer(pieces: list[Piece]) -> list[Piece]:
    kept: list[Piece] = []
    opened: int | None = None
    for piece in pieces:
        text = piece.text if isinstance(piece, Line) else None
        if text == FOOTER_OPENS:
            opened = len(kept)
        elif text == FOOTER_CLOSES:
            if opened is not None:
                # Blocks that began inside still end outside, so only lines are taken out.
                kept[opened:] = [piece for piece in kept[opened:] if not isinstance(piece, Line)]
            opened = None
        else:
            kept.append(piece)
    return kept if len(kept) == len(pieces) else _without_empty_blocks(kept)


def _without_empty_blocks(pieces: list[Piece]) -> list[Piece]:
    kept: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Close) and kept and kept[-1] == Open(piece.tag):
            kept.pop()
        else:
            kept.append(piece)
    return kept
