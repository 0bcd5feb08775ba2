"""What the new Livestorm event is to look like, decided from values alone."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addon.conference.draft import (
    MAX_TITLE,
    PLACEHOLDER_AFTER,
    SOONEST,
    SOONEST_AFTER_REFUSAL,
    carries,
    draft_event,
    later,
    room_link,
    slug,
)
from addon.google.events import CalendarEvent, parse
from addon.livestorm import EventDraft
from addon.store.users import Template

NOW = datetime(2027, 3, 10, 14, 20, 30, 500, tzinfo=UTC)
MARK = "0123456789abcdef"
TEMPLATE = Template(event_id="template-1", title="Template")


def calendar_event(**values: object) -> CalendarEvent:
    body = {
        "id": "e1",
        "summary": "Launch",
        "start": {"dateTime": "2027-05-10T15:00:00+02:00", "timeZone": "Europe/Paris"},
        **values,
    }
    return parse(body, fallback_timezone="Europe/Paris")


def drafted(event: CalendarEvent | None, template: Template | None = None) -> EventDraft:
    return draft_event(
        event,
        template=template,
        owner_id="owner-1",
        mark=MARK,
        now=NOW,
        placeholder_title="Untitled event",
        fallback_timezone="America/New_York",
    )


def test_everybody_may_speak_unless_a_template_decides() -> None:
    plain, templated = drafted(calendar_event()), drafted(calendar_event(), TEMPLATE)
    assert (plain.everyone_can_speak, plain.copy_from_event_id) == (True, None)
    assert (templated.everyone_can_speak, templated.copy_from_event_id) == (None, "template-1")
    # Title, time and owner are Calendar's either way.
    assert templated.title == plain.title == "Launch"
    assert templated.session == plain.session
    assert templated.owner_id == plain.owner_id == "owner-1"


@pytest.mark.parametrize("empty", ["", "  ", "<p></p>", "<script>x</script>", "<!-- -->"])
def test_an_empty_description_leaves_the_templates_own(empty: str) -> None:
    assert drafted(calendar_event(description=empty), TEMPLATE).description is None


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("  Launch ", "Launch"),
        ("", "Untitled event"),
        (" \n", "Untitled event"),
        (None, "Untitled event"),
        (5, "Untitled event"),
        ("x" * 300, "x" * MAX_TITLE),
        ("é😀", "é😀"),
    ],
)
def test_titles(title: object, expected: str) -> None:
    assert drafted(calendar_event(summary=title)).title == expected


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (NOW + timedelta(days=1), NOW + timedelta(days=1)),
        (NOW + SOONEST * 2, NOW + SOONEST * 2),
        # Livestorm takes no past, and whole seconds are all it shows.
        (NOW - timedelta(days=400), NOW.replace(microsecond=0) + SOONEST),
        (NOW, NOW.replace(microsecond=0) + SOONEST),
    ],
)
def test_the_past_begins_as_soon_as_livestorm_accepts(start: datetime, expected: datetime) -> None:
    body = {"dateTime": start.astimezone(timezone(timedelta(hours=5))).isoformat()}
    session = drafted(calendar_event(start=body)).session
    assert session.starts_at == expected
    assert session.timezone == "Europe/Paris"
    again = later(drafted(calendar_event(start=body)), NOW)
    assert again.session.starts_at == NOW + SOONEST_AFTER_REFUSAL


def test_an_event_that_is_not_saved_gets_the_next_full_hour() -> None:
    for event in (None, calendar_event(start=None), calendar_event(start={"dateTime": "soon"})):
        session = drafted(event).session
        assert (session.starts_at.minute, session.starts_at.second) == (0, 0)
        assert PLACEHOLDER_AFTER < session.starts_at - NOW <= timedelta(hours=1) + PLACEHOLDER_AFTER
        assert session.timezone == "America/New_York"


@given(st.text(), st.from_regex("[0-9a-f]{16}", fullmatch=True))
def test_any_title_makes_a_slug_that_carries_the_mark(title: str, mark: str) -> None:
    made = slug(title, mark)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", made)
    assert len(made) <= 100
    assert carries(made, mark)
    assert carries(f"{made}-2", mark), "Livestorm adds to a slug that is taken"
    assert not carries(made, "f" * 16 if mark != "f" * 16 else "0" * 16)


def test_only_our_own_mark_is_carried() -> None:
    assert not carries(None, MARK)
    assert not carries("", MARK)
    assert not carries(MARK, MARK), "without its prefix it may be anything"


def test_only_an_event_known_to_be_single_has_the_link_of_its_session() -> None:
    link = "https://app.livestorm.co/p/e1/live?s=s1"
    event = "https://app.livestorm.co/p/e1/live"
    assert room_link(link, single=False, per_session=False) == event
    assert room_link(link, single=True, per_session=False) == link
    assert room_link(link, single=False, per_session=True) == link
