"""Writing a description in its one form."""

import html

from addon.description.pieces import Close, Open, Piece, Style

_MARK_ORDER = ("b", "i", "u", "s")


def write(pieces: list[Piece], *, room: int) -> tuple[str, bool]:
    """Return HTML of at most `room` characters, and whether anything was left out for that."""
    out: list[str] = []
    open_tags: list[str] = []
    after_line = False
    for piece in pieces:
        if isinstance(piece, Open):
            tags = f"<{piece.tag}></{piece.tag}>"
            if len(tags) > room:
                return "".join([*out, *_closing(open_tags)]), True
            room -= len(tags)
            open_tags.append(piece.tag)
            out.append(f"<{piece.tag}>")
            after_line = False
        elif isinstance(piece, Close):
            if piece.tag in open_tags:
                while open_tags:
                    tag = open_tags.pop()
                    out.append(f"</{tag}>")
                    if tag == piece.tag:
                        break
            after_line = False
        else:
            line = ("<br>" * max(piece.breaks, 1) if after_line else "") + "".join(
                _marked(text, style) for text, style in piece.runs
            )
            if len(line) > room:
                short = _shortened(piece.runs, room - 2 * len("<br>"))
                breaks = "<br>" if after_line and short else ""
                return "".join([*out, breaks, short, *_closing(open_tags)]), True
            room -= len(line)
            out.append(line)
            after_line = True
    return "".join([*out, *_closing(open_tags)]), False


def _closing(open_tags: list[str]) -> list[str]:
    return [f"</{tag}>" for tag in reversed(open_tags)]


def _shortened(runs: tuple[tuple[str, Style], ...], room: int) -> str:
    out = ""
    for text, style in runs:
        whole = _marked(text, style)
        if len(out) + len(whole) <= room:
            out += whole
            continue
        shorter = _beginning(text, room - len(out) - len(_marked("", style)))
        return out + (_marked(shorter, style) if shorter else "")
    return out


def _beginning(text: str, room: int) -> str:
    """As much of a text as fits once it is escaped."""
    for number, character in enumerate(text):
        room -= len(html.escape(character, quote=False))
        if room < 0:
            return text[:number].rstrip()
    return text


def _marked(text: str, style: Style) -> str:
    out = html.escape(text, quote=False)
    for mark in reversed(_MARK_ORDER):
        if mark in style.marks:
            out = f"<{mark}>{out}</{mark}>"
    if style.href:
        out = f'<a href="{html.escape(style.href)}">{out}</a>'
    return out
