"""Descriptions are HTML on both sides; nothing passes from one to the other uncleaned."""

import re

import nh3

TAGS = frozenset(
    {"a", "b", "blockquote", "br", "em", "h1", "h2", "h3", "i", "li", "ol", "p", "s", "strong"}
    | {"u", "ul"}
)
"""What Calendar's and Livestorm's editors both produce and show."""

MAX_LENGTH = 8192
"""Google Calendar keeps at most 8,192 characters of description."""

_MARKUP = re.compile(r"<(?:/?[a-zA-Z][^>]*|br\s*/?)>")


def clean(html: str) -> str:
    """Return `html` with nothing in it that could run, load or disguise anything.

    Text without any markup keeps its line breaks: Calendar stores what was typed in a plain
    field that way, and HTML would swallow them.
    """
    if not _MARKUP.search(html):
        html = html.strip().replace("\r\n", "\n").replace("\n", "<br>")
    return nh3.clean(
        html[: MAX_LENGTH * 2],
        tags=set(TAGS),
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    ).strip()
