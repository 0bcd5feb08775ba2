"""Typed builders for the part of Google's card JSON that the cards use.

The shapes are those of google.apps.card.v1 in lowerCamelCase JSON
(developers.google.com/workspace/add-ons/reference/rpc/google.apps.card.v1).
Every builder cleans, shortens and, where Google reads markup, escapes what it is
given, so that a text from a calendar or from Livestorm can be passed as it came.
A mistake of ours (a relative button URL, four buttons in a row) is a ValueError.

Widgets in use: ``textParagraph``, ``decoratedText``, ``textInput``, ``buttonList``.
"""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from typing import Any, TypeAlias
from urllib.parse import urlsplit

JsonObject: TypeAlias = dict[str, Any]
"""A JSON object ready for `json.dumps`."""

Card: TypeAlias = JsonObject
"""One card in google.apps.card.v1 JSON."""

MAX_WIDGETS = 100
"""Widgets in a whole card (developers.google.com/workspace/add-ons/concepts/restrictions)."""

MAX_BUTTONS_IN_ROW = 3
"""From the add-on style guide; a fourth wraps badly in the 300 px side panel."""

MAX_LABEL = 25
"""Characters in a button: two such buttons still fit the 300 px side panel unshortened."""

MAX_TEXT = 600
"""Characters of one text: about twelve lines of the side panel, more is not read."""

MAX_NAME = 120
"""Characters of a title, name or address from outside: about three lines of the panel."""

MAX_INPUT = 1300
"""Characters prefilled in an input: the longest link Google takes in conference data."""

MAX_PARAMETER = 1024
"""Characters of an action parameter; Google gives no figure, its conference data has this one."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

# Controls (line breaks too) and lone surrogates, which JSON for Google's parser
# cannot carry, and the overrides and isolates that let a title turn our own
# words around. Joiners stay: emoji and several scripts need them.
_UNSHOWABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]+"
)
_SPACES = re.compile(" {2,}")
_QUERY = re.compile("[?#]")


class Markup(str):
    """Text that is already in Google's card markup; builders do not escape it again."""

    __slots__ = ()


_BLANK = Markup("–")


class Colour(Enum):
    """Text colours with at least 4.5:1 contrast on the white of the side panel."""

    GOOD = "#137333"
    WAITING = "#8f4700"
    BAD = "#b3261e"


class Icon(Enum):
    """The built-in icons in use (google.apps.card.v1.Icon.known_icon)."""

    VIDEO = "VIDEO_CAMERA"
    CLOCK = "CLOCK"
    TEXT = "DESCRIPTION"
    PEOPLE = "MULTIPLE_PEOPLE"
    PERSON = "PERSON"
    TEMPLATE = "BOOKMARK"
    WORKSPACE = "MEMBERSHIP"


class OpenAs(Enum):
    """How a link opens (google.apps.card.v1.OpenLink.open_as)."""

    FULL_SIZE = "FULL_SIZE"
    OVERLAY = "OVERLAY"


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """`text` without what cannot be shown, at most `limit` characters, on one line."""
    # Twice the limit is enough to look at: what follows is cut off anyway.
    shown = text[: limit * 2]
    # Nearly every text is printable as it is, and asking costs a tenth of replacing.
    if not shown.isprintable():
        shown = _UNSHOWABLE.sub(" ", shown)
    if "  " in shown:
        shown = _SPACES.sub(" ", shown)
    shown = shown.strip()
    return shown if len(shown) <= limit else shown[: limit - 1].rstrip() + "…"


def escape(text: str) -> Markup:
    """`text` as markup that shows exactly `text`."""
    return Markup(html.escape(text, quote=False))


def markup(text: str, limit: int = MAX_TEXT) -> Markup:
    """`text` as it is when it is markup already, else cleaned, shortened and escaped.

    A blank text becomes a dash: an empty widget looks like a mistake.
    """
    if isinstance(text, Markup):
        return text or _BLANK
    return escape(clean(text, limit)) or _BLANK


def bold(text: str) -> Markup:
    """`text` in bold."""
    return Markup(f"<b>{markup(text)}</b>")


def coloured(text: str, colour: Colour) -> Markup:
    """`text` in a colour; the words alone must already say what the colour says."""
    return Markup(f'<font color="{colour.value}">{markup(text)}</font>')


def is_openable(url: str) -> bool:
    """Whether a card may open or call `url`: https, or plain http to this very machine."""
    if not url.isprintable() and _UNSHOWABLE.search(url):
        return False
    # What follows the path differs from card to card, and says nothing of where the URL leads.
    return " " not in url and _leads_somewhere(_QUERY.split(url, maxsplit=1)[0])


@lru_cache(maxsize=1024)  # Our own pages, over and over; the bound is for the others.
def _leads_somewhere(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    )


def require_url(url: str, limit: int | None = None) -> str:
    """`url` itself, when a card or a conference may carry it.

    Raises:
        ValueError: It is relative, not https (http is fine on loopback), or over `limit`.
    """
    if not is_openable(url):
        # Without the URL: it may carry a one-use ticket, and errors are logged.
        raise ValueError("the URL must be absolute and https, or http to this machine")
    if limit is not None and len(url) > limit:
        raise ValueError(f"the URL has {len(url)} characters, {limit} are allowed")
    return url


def paragraph(text: str) -> JsonObject:
    """A paragraph of text."""
    return {"textParagraph": {"text": markup(text)}}


def labelled(
    text: str,
    *,
    top: str | None = None,
    bottom: str | None = None,
    icon: Icon | None = None,
) -> JsonObject:
    """A text that wraps, with a small label above and below and an icon before it.

    `text` is markup or plain text. The labels are plain to Google (it cuts them to
    one line), so they are cleaned and never escaped.
    """
    decorated: JsonObject = {"text": markup(text), "wrapText": True}
    if top is not None:
        decorated["topLabel"] = clean(top, MAX_NAME)
    if bottom is not None:
        decorated["bottomLabel"] = clean(bottom, MAX_NAME)
    if icon is not None:
        decorated["startIcon"] = {"knownIcon": icon.value}
    return {"decoratedText": decorated}


def text_input(name: str, *, label: str, hint: str | None = None, value: str = "") -> JsonObject:
    """A one-line input whose value arrives as ``formInputs[name]``."""
    field: JsonObject = {"name": name, "label": clean(label, MAX_NAME), "type": "SINGLE_LINE"}
    if hint is not None:
        field["hintText"] = clean(hint, MAX_NAME)
    if value:
        field["value"] = clean(value, MAX_INPUT)
    return {"textInput": field}


def call(function: str, parameters: Mapping[str, str] | None = None) -> JsonObject:
    """An ``onClick`` that posts the card's inputs to the absolute URL `function`."""
    action: JsonObject = {"function": require_url(function)}
    if parameters:
        action["parameters"] = [
            {"key": key, "value": clean(value, MAX_PARAMETER)} for key, value in parameters.items()
        ]
    return {"action": action}


def open_link(
    url: str, *, open_as: OpenAs = OpenAs.FULL_SIZE, reload_on_close: bool = False
) -> JsonObject:
    """An ``onClick`` that opens a page.

    Args:
        url: Absolute; https, or http to this machine.
        open_as: A new tab, or a window over Calendar.
        reload_on_close: Run the add-on again when that window closes. With
            `OpenAs.OVERLAY` Calendar also blocks the panel until then.
    """
    link: JsonObject = {"url": require_url(url), "openAs": open_as.value}
    if reload_on_close:
        link["onClose"] = "RELOAD"
    return {"openLink": link}


def button(text: str, on_click: JsonObject, *, filled: bool = False) -> JsonObject:
    """A button; `filled` for the one thing the card is there for."""
    if len(text) > MAX_LABEL:
        raise ValueError(f"a button of {len(text)} characters is cut off: {text!r}")
    return {"text": text, "onClick": on_click, "type": "FILLED" if filled else "OUTLINED"}


def button_row(buttons: Sequence[JsonObject]) -> JsonObject:
    """One to three buttons side by side."""
    if not 1 <= len(buttons) <= MAX_BUTTONS_IN_ROW:
        raise ValueError(f"a row has 1 to {MAX_BUTTONS_IN_ROW} buttons, got {len(buttons)}")
    return {"buttonList": {"buttons": list(buttons)}}


def section(widgets: Iterable[JsonObject], *, header: str | None = None) -> JsonObject:
    """A group of widgets, set off from the next by a line."""
    result: JsonObject = {"widgets": list(widgets)}
    if header is not None:
        result["header"] = markup(header, MAX_NAME)
    return result


def card(
    sections: Iterable[JsonObject],
    *,
    title: str,
    subtitle: str | None = None,
    logo_url: str | None = None,
) -> Card:
    """A whole card. Sections without widgets are left out.

    Raises:
        ValueError: The card has no widget or more than `MAX_WIDGETS`.
    """
    kept = [each for each in sections if each["widgets"]]
    count = sum(len(each["widgets"]) for each in kept)
    if not 1 <= count <= MAX_WIDGETS:
        raise ValueError(f"a card has 1 to {MAX_WIDGETS} widgets, got {count}")
    header: JsonObject = {"title": clean(title, MAX_NAME)}
    if subtitle is not None:
        header["subtitle"] = clean(subtitle, MAX_NAME)
    if logo_url is not None:
        header["imageUrl"] = require_url(logo_url)
        header["imageType"] = "SQUARE"
        header["imageAltText"] = "Livestorm"
    return {"header": header, "sections": kept}
