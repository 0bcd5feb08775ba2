"""Whatever people write in calendars and in Livestorm, cards stay whole."""

import html
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards import (
    Apart,
    ApartReason,
    EventTime,
    EventUrls,
    EventView,
    GuestReason,
    InSync,
    Linked,
    NoLivestorm,
    NotConnected,
    Problem,
    ProblemKind,
    SomeoneElses,
    Stopped,
    TemplateProblem,
    TemplateProblemKind,
    TemplateView,
    UnsyncedGuest,
    connect_card,
    error_card,
    event_card,
    notified,
    synced_notice,
    template_notice,
    updated,
)
from cards.widgets import MAX_NAME, bold, clean, escape, labelled, paragraph
from tests.cards.google_messages import parse_card, parse_response, widgets_of
from tests.cards.samples import MOMENT, ROOM, URLS, ZONE, panel

# Lone surrogates arrive from JSON as "\ud800", so they are part of "any text".
ANY_CHARACTER = st.characters(exclude_categories=())
NASTY = st.sampled_from(
    [
        "<b>",
        "</b>",
        '<a href="https://evil.example">',
        "&",
        "&amp;",
        "&lt;",
        "{0}",
        "{title}",
        "%s",
        "\n",
        "\u202e",
        "\u2066",
        "\ud800",
        "\x00",
        "  ",
        "👩‍👩‍👧",
        "é",
    ]
)
# Few pieces, repeated: long texts without the time that drawing them would take.
TEXT = st.builds(
    lambda pieces, times: "".join(pieces) * times,
    st.lists(st.one_of(NASTY, st.text(ANY_CHARACTER, max_size=8)), max_size=4),
    st.sampled_from([1, 1, 200]),
)
LANGUAGE = st.sampled_from(["en", "fr"])

# What Google's markup is made of here; anything else in angle brackets would be an injection.
OWN_TAGS = re.compile(r"</?b>|<font color=\"#[0-9a-f]{6}\">|</font>")


def _marked_up(card: dict[str, Any]) -> list[str]:
    """The texts of a card that Google reads as markup."""
    texts = [section["header"] for section in card["sections"] if "header" in section]
    for widget in widgets_of(card):
        for kind in ("textParagraph", "decoratedText"):
            if kind in widget:
                texts.append(widget[kind]["text"])
    return texts


def _check(card: dict[str, Any]) -> None:
    parse_card(card)
    json.dumps(card).encode("utf-8")
    for text in _marked_up(card):
        plain = OWN_TAGS.sub("", text)
        assert not re.search("[<>]", plain), text
        assert not re.search("&(?!(?:amp|lt|gt);)", plain), text
    for text in _strings(card):
        assert not re.search("[\x00-\x1f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text), text


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, (dict, list)):
        children = value.values() if isinstance(value, dict) else value
        return [text for child in children for text in _strings(child)]
    return []


@given(
    LANGUAGE, st.builds(TemplateView, TEXT, TEXT), TEXT, TEXT, st.sampled_from(TemplateProblemKind)
)
def test_panel(
    language: str, template: TemplateView, typed: str, name: str, kind: TemplateProblemKind
) -> None:
    why = TemplateProblem(kind, reference="7f3a9c")
    _check(panel(language, template=template, workspace_name=name or None))
    _check(panel(language, template=template, why=why, typed=typed))
    parse_response(updated(panel(language), template_notice(language, template)))


@given(LANGUAGE, TEXT, TEXT, TEXT, st.lists(TEXT.filter(str.strip), max_size=8))
def test_event(language: str, title: str, other: str, link: str, emails: list[str]) -> None:
    guests = tuple(UnsyncedGuest(email, GuestReason.REFUSED) for email in emails)
    states = (
        NoLivestorm(other, title),
        SomeoneElses(other, link),
        NotConnected(link),
        Apart(ApartReason.ANOTHER_EVENTS, link),
        Linked(link, InSync(MOMENT), link, title, unsynced_guests=guests),
        Linked(ROOM, Stopped(Problem(ProblemKind.LIVESTORM_REFUSED, detail=other))),
    )
    for state in states:
        view = EventView(state, title=title, time=EventTime(MOMENT), zone=other)
        _check(event_card(language, view, urls=URLS))
        sync = state.sync if isinstance(state, Linked) else None
        parse_response(notified(synced_notice(language, sync)))


@given(TEXT, TEXT, TEXT, st.sampled_from(ProblemKind))
def test_errors(locale: str, detail: str, reference: str, kind: ProblemKind) -> None:
    stopped = Linked(ROOM, Stopped(Problem(kind, MOMENT, detail)))
    _check(event_card(locale, EventView(stopped, zone=detail), urls=URLS))
    _check(error_card(locale, reference=reference))
    _check(connect_card(locale, connect_url=str(URLS.connect), lost=True))


@given(
    LANGUAGE,
    st.datetimes(timezones=st.just(UTC), min_value=datetime(1, 1, 3)),  # noqa: DTZ001
    st.timedeltas(),
    st.booleans(),
)
def test_any_time_can_be_shown(
    language: str, starts_at: datetime, length: Any, all_day: bool
) -> None:
    try:
        ends_at = starts_at + length
    except OverflowError:
        ends_at = None
    view = EventView(NoLivestorm(), time=EventTime(starts_at, ends_at, all_day), zone=ZONE)
    _check(event_card(language, view, urls=URLS))


@given(
    st.text(min_size=1, max_size=100).filter(
        lambda text: text.isprintable() and text == text.strip()
    )
)
def test_escaped_text_shows_exactly_the_text(text: str) -> None:
    shown = re.sub(" {2,}", " ", text)
    assert html.unescape(escape(shown)) == shown
    assert html.unescape(paragraph(text)["textParagraph"]["text"]) == shown
    assert html.unescape(OWN_TAGS.sub("", bold(text))) == shown


def test_markup_is_escaped_and_plain_fields_are_not() -> None:
    widget = labelled("Q & A <live>", top="Q & A <live>")["decoratedText"]
    assert widget["text"] == "Q &amp; A &lt;live&gt;"
    assert widget["topLabel"] == "Q & A <live>"


@given(TEXT, st.integers(1, 200))
def test_cleaning_keeps_within_the_limit_and_is_done_once(text: str, limit: int) -> None:
    shown = clean(text, limit)
    assert len(shown) <= limit
    assert clean(shown, limit) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Plain", "Plain"),
        ("  Two \r\n lines  ", "Two lines"),
        ("Tab\there", "Tab here"),
        ("L’été à 14\u00a0h\u202f!", "L’été à 14\u00a0h\u202f!"),
        ("👩‍👩‍👧 family", "👩‍👩‍👧 family"),
        ("abc\u202egnp.exe", "abc gnp.exe"),
        ("half \ud83d a pair", "half a pair"),
        ("x" * 121, "x" * 119 + "…"),
        ("x" * 120, "x" * 120),
    ],
)
def test_cleaning(text: str, shown: str) -> None:
    assert clean(text, MAX_NAME) == shown


@pytest.mark.parametrize("url", ["/addon/template", "http://calendar.example/addon/template"])
def test_a_button_that_leads_nowhere_is_a_defect(url: str) -> None:
    urls = EventUrls(sync=url, integration=url)
    with pytest.raises(ValueError, match="the URL must be absolute"):
        event_card("en", EventView(NoLivestorm()), urls=urls)
