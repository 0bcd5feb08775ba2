"""Taking a description apart."""

import re
import unicodedata
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import nh3

from addon.description.pieces import PLAIN, Close, Line, Open, Piece, Style

_MARKS = {
    "b": "b",
    "strong": "b",
    "i": "i",
    "em": "i",
    "u": "u",
    "ins": "u",
    "s": "s",
    "del": "s",
    "strike": "s",
}
_LEVELS = {"h1", "h2", "h3"}
_BLOCKS = {"ul", "ol", "li", "blockquote", *_LEVELS}
_HEADINGS = {"h4": "h3", "h5": "h3", "h6": "h3"}
_NEW_LINE = {"div", "tr", "section", "pre", "dt", "dd"}
_NEW_PARAGRAPH = {"p", "hr", "table"}

_READ = {"a", "br", "td", *_MARKS, *_BLOCKS, *_HEADINGS, *_NEW_LINE, *_NEW_PARAGRAPH}

MARKUP = re.compile(r"<(?:/?[a-zA-Z][^>]*|br\s*/?)>")
# C0 without tab, line feed and carriage return; DEL and C1; zero-width space and byte order mark.
# None can be seen, and one side or the other drops each of them.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\ufeff]")
_ADDRESS = re.compile(r"https?://[^\s<>\"]+")
_AFTER_ADDRESS = ".,;:!?)]}'’»"
_LINKED = re.compile(r"(?:https?://|mailto:)[^\s]+", re.IGNORECASE)
_REDIRECTOR = "www.google.com"
_BLANK_LINE = 2  # two line breaks in a row; more than one blank line is not kept


def read(text: str) -> list[Piece]:
    """Return the pieces of any text or HTML, without what could run, load or disguise."""
    text = _UNSEEN.sub("", text.encode("utf-8", "ignore").decode("utf-8"))
    if not MARKUP.search(text):
        text = text.strip().replace("\r\n", "\n").replace("\r", "\n").replace("\n", "<br>")
    reader = _Reader()
    reader.feed(
        nh3.clean(
            text,
            tags=_READ,
            attributes={"a": {"href"}},
            url_schemes={"http", "https", "mailto"},
            link_rel=None,
        )
    )
    reader.close()
    return reader.finished()


class _Reader(HTMLParser):
    """Takes cleaned HTML apart into blocks and lines."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[Piece] = []
        self._words: list[tuple[str, Style]] = []
        self._breaks = 0
        self._blocks: list[str] = []
        self._marks: list[str] = []
        self._hrefs: list[str | None] = []

    def finished(self) -> list[Piece]:
        self._end_line()
        return self._pieces

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = _HEADINGS.get(tag, tag)
        if tag in _MARKS:
            self._marks.append(_MARKS[tag])
        elif tag == "a":
            self._hrefs.append(_target(dict(attrs).get("href") or ""))
        elif tag in _BLOCKS:
            self._end_line()
            self._breaks = 0
            shown = self._belongs(tag)
            self._blocks.append(tag if shown else "")
            if shown:
                self._pieces.append(Open(tag))
        else:
            self._separate(tag)

    def handle_endtag(self, tag: str) -> None:
        tag = _HEADINGS.get(tag, tag)
        if tag in _MARKS:
            if _MARKS[tag] in self._marks:
                self._marks.remove(_MARKS[tag])
        elif tag == "a":
            if self._hrefs:
                self._hrefs.pop()
        elif tag in _BLOCKS:
            self._end_line()
            self._breaks = 0
            # The HTML was cleaned before, so that every block ends in its turn.
            if self._blocks and self._blocks.pop() == tag:
                self._end_block(tag)
        elif tag != "br":
            self._separate(tag)

    def handle_data(self, data: str) -> None:
        href = next((href for href in reversed(self._hrefs) if href), None)
        text, style = _UNSEEN.sub("", data), Style(href, frozenset(self._marks))
        if self._words and self._words[-1][1] == style:
            # A tag without effect stood between, perhaps in the middle of a web address.
            text = self._words.pop()[0] + text
        self._words.append((text, style))

    def _belongs(self, tag: str) -> bool:
        """Whether a block may begin here; elsewhere its next reader would close the outer one."""
        if tag == "li":
            return bool(self._blocks) and self._blocks[-1] in {"ul", "ol"}
        return not (tag in _LEVELS and any(block in _LEVELS for block in self._blocks))

    def _separate(self, tag: str) -> None:
        if tag == "td":
            self._words.append((" ", PLAIN))
            return
        self._end_line()
        if tag == "br":
            self._breaks += 1
        else:
            self._breaks = max(self._breaks, _BLANK_LINE if tag in _NEW_PARAGRAPH else 1)

    def _end_line(self) -> None:
        runs = _runs(self._words)
        self._words = []
        if runs:
            self._pieces.append(Line(min(self._breaks, _BLANK_LINE), runs))
            self._breaks = 0

    def _end_block(self, tag: str) -> None:
        for at in range(len(self._pieces) - 1, -1, -1):
            if self._pieces[at] == Open(tag):
                if at == len(self._pieces) - 1:
                    del self._pieces[at]  # empty
                else:
                    self._pieces.append(Close(tag))
                return


def _target(href: str) -> str | None:
    """Return where a link leads, None when that is nowhere outside the page."""
    href = _UNSEEN.sub("", href).strip()
    if not _LINKED.fullmatch(href):
        return None
    # Calendar's editor routes pasted links through Google, with a stamp that changes each time.
    try:
        parts = urlsplit(href)
        if parts.hostname == _REDIRECTOR and parts.path == "/url":
            real = parse_qs(parts.query).get("q", [""])[0]
            return real if _LINKED.fullmatch(real) else href
    except ValueError:
        return href
    return href


def _runs(pieces: list[tuple[str, Style]]) -> tuple[tuple[str, Style], ...]:
    """Join the words of a line: single spaces, the same style written once.

    A space takes the style of the words around it when they share one, and none otherwise: whether
    an editor puts it before or after the end of bold cannot be seen.
    """
    runs: list[tuple[str, Style]] = []
    spaced = False
    for text, style in pieces:
        for part in re.split(r"(\s+)", text):
            if not part:
                continue
            if part.isspace():
                spaced = True
                continue
            for word, its_style in _linked(part, style):
                if spaced and runs:
                    shared = runs[-1][1] == its_style
                    _join(runs, " ", its_style if shared else PLAIN)
                spaced = False
                _join(runs, word, its_style)
    return tuple((unicodedata.normalize("NFC", text), style) for text, style in runs)


def _join(runs: list[tuple[str, Style]], text: str, style: Style) -> None:
    if runs and runs[-1][1] == style:
        runs[-1] = (runs[-1][0] + text, style)
    else:
        runs.append((text, style))


def _linked(word: str, style: Style) -> list[tuple[str, Style]]:
    """Make the links of the web addresses in a word, as editors do."""
    parts: list[tuple[str, Style]] = []
    found = None if style.href else _ADDRESS.search(word)
    while found:
        address = found[0].rstrip(_AFTER_ADDRESS)
        parts.append((word[: found.start()], style))
        parts.append((address, replace(style, href=_target(address))))
        word = word[found.start() + len(address) :]
        found = _ADDRESS.search(word)
    parts.append((word, style))
    return [(text, its_style) for text, its_style in parts if text]
