"""What a series' occurrences have of their own is noted before the series gets another length."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from addon.google.events import Moment, parse
from addon.sync.actions import PatchCalendar, RestoreOccurrence
from addon.sync.base import Base
from addon.sync.calendar_side import CalendarSide, OwnCalendar, calendar_side
from addon.sync.differing import at_risk, set_back
from tests.addon.sync.calendar_model import Json, event
from tests.addon.sync.world import World, met

FIRST = datetime(2026, 3, 4, 8, tzinfo=UTC)
SECOND = FIRST + timedelta(days=7)
KEY = "20260311T080000Z"
NOW = FIRST - timedelta(days=1)
LONGER = (PatchCalendar(end=Moment(FIRST + timedelta(minutes=90), "UTC")),)
SERIES = {
    **event(FIRST, recurrence=["RRULE:FREQ=WEEKLY"]),
    "location": "Room 1",
    "attendees": [{"email": "ada@partner.test"}],
}


def stamp(instant: datetime) -> dict[str, str]:
    return {"dateTime": instant.isoformat(), "timeZone": "UTC"}


def exception(**values: Any) -> Json:
    """The second occurrence as Calendar sends it: what the series has, but for `values`."""
    shared = {key: value for key, value in SERIES.items() if key not in {"id", "recurrence"}}
    return {
        **shared,
        "id": "exception",
        "recurringEventId": SERIES["id"],
        "originalStartTime": stamp(SECOND),
        "start": stamp(SECOND),
        "end": stamp(SECOND + timedelta(hours=1)),
        **values,
    }


def side(*exceptions: Json) -> CalendarSide:
    return calendar_side(
        parse(SERIES, fallback_timezone="UTC"),
        livestorm_event_id="room",
        own=OwnCalendar(primary=True, addresses=frozenset()),
        exceptions=[parse(one, fallback_timezone="UTC") for one in exceptions],
    )


def noted(*exceptions: Json, now: datetime = NOW) -> dict[str, Any]:
    return dict(at_risk(LONGER, side(*exceptions), SERIES, exceptions, now))


def test_only_what_is_its_own_is_noted() -> None:
    assert noted(exception(summary="Another", location=None)) == {
        KEY: {"summary": "Another", "location": None}
    }


def test_a_time_of_its_own_is_noted_whole_and_takes_a_day_away() -> None:
    later = {"start": stamp(SECOND + timedelta(hours=3)), "end": stamp(SECOND + timedelta(hours=4))}
    own = noted(exception(**later))[KEY]
    assert own == {part: {**value, "date": None} for part, value in later.items()}


def test_a_length_of_its_own_is_noted() -> None:
    own = noted(exception(end=stamp(SECOND + timedelta(minutes=15))))[KEY]
    assert set(own) == {"start", "end"}


def test_guests_of_its_own_are_noted_unless_some_are_hidden() -> None:
    nobody, some = exception(attendees=None), [{"email": "bob@partner.test"}]
    assert noted(nobody) == {KEY: {"attendees": []}}
    assert noted(exception(attendees=some)) == {KEY: {"attendees": some}}
    assert noted(exception(attendees=some, attendeesOmitted=True)) == {KEY: {}}


def test_a_cancelled_date_is_noted_until_it_is_over() -> None:
    gone = exception(status="cancelled")
    assert noted(gone) == {KEY: None}
    assert noted(gone, now=SECOND + timedelta(days=2)) == {}


@pytest.mark.parametrize("action", [PatchCalendar(title="Another"), PatchCalendar(KEY, end=None)])
def test_nothing_is_noted_while_the_series_keeps_its_time(action: PatchCalendar) -> None:
    one = exception(summary="Another")
    assert at_risk((action,), side(one), SERIES, [one], NOW) == {}


def lengthened() -> World:
    """A series that both sides agree on, and of which an occurrence was noted."""
    world = met(event(FIRST, recurrence=["RRULE:FREQ=WEEKLY"]), occurrence_sessions=3)
    world.base = replace(world.base, differing={KEY: None})
    return world


def test_what_is_gone_is_given_back_before_anything_else() -> None:
    world = lengthened()
    world.livestorm.title = "Renamed meanwhile"
    assert world.plan().actions == (RestoreOccurrence(KEY, None),)


def test_what_is_still_there_is_forgotten() -> None:
    base = Base(differing={KEY: None}, recurrence=("RRULE:FREQ=WEEKLY",))
    assert set_back(base, side(exception(status="cancelled"))) == ()
    assert set_back(base, side()) == (RestoreOccurrence(KEY, None),)
    world = met(event(FIRST, recurrence=["RRULE:FREQ=WEEKLY"]))
    assert world.plan().base.differing == {}


def test_a_series_that_somebody_moved_is_left_as_it_is() -> None:
    base = Base(differing={KEY: None}, recurrence=("RRULE:FREQ=WEEKLY",))
    moved = met(event(FIRST + timedelta(hours=1))).base.when
    assert set_back(replace(base, when=moved), side()) == ()
    assert set_back(replace(base, recurrence=("RRULE:FREQ=DAILY",)), side()) == ()
    assert set_back(base, replace(side(), read_only=True)) == ()
