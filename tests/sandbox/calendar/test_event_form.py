"""Forms of the page as bodies of Calendar API events."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sandbox.calendar.event_form import FormError, attendees, body_of, series_times
from sandbox.calendar.wall_time import WallTimeError

PARIS = ZoneInfo("Europe/Paris")
TIMED = {"allDay": False, "start": "2026-07-01T10:00", "end": "2026-07-01T11:00"}


def test_wall_times_carry_their_offset_and_zone() -> None:
    body = body_of(TIMED, PARIS)

    assert body["start"] == {"dateTime": "2026-07-01T10:00:00+02:00", "timeZone": "Europe/Paris"}
    assert body["end"]["dateTime"] == "2026-07-01T11:00:00+02:00"


def test_an_all_day_event_lasts_a_day_at_least() -> None:
    body = body_of({"allDay": True, "start": "2026-07-01", "end": "2026-07-01"}, PARIS)

    assert body["start"] == {"date": "2026-07-01"}
    assert body["end"] == {"date": "2026-07-02"}


def test_a_change_to_all_day_takes_the_times_away() -> None:
    form = {"allDay": True, "start": "2026-07-01", "end": "2026-07-02"}

    body = body_of(form, PARIS, current={"start": {"dateTime": "2026-07-01T10:00:00+02:00"}})

    assert body["start"] == {"date": "2026-07-01", "dateTime": None, "timeZone": None}


def test_a_patch_says_only_what_the_form_has() -> None:
    assert body_of({"title": "New"}, PARIS, current={"summary": "Old"}) == {"summary": "New"}


@pytest.mark.parametrize(
    ("repeat", "rule"), [("daily", "RRULE:FREQ=DAILY"), ("weekly", "RRULE:FREQ=WEEKLY")]
)
def test_repetitions_are_rules(repeat: str, rule: str) -> None:
    assert body_of({**TIMED, "repeat": repeat}, PARIS)["recurrence"] == [rule]


def test_an_event_that_stops_repeating_loses_its_rule() -> None:
    body = body_of({"repeat": "none"}, PARIS, current={"recurrence": ["RRULE:FREQ=DAILY"]})

    assert body == {"recurrence": None}


def test_guests_who_stay_keep_their_answers() -> None:
    current = {"attendees": [{"email": "Sam@acme.test", "responseStatus": "accepted"}]}

    assert attendees(["sam@acme.test", "new@acme.test"], current) == [
        {"email": "Sam@acme.test", "responseStatus": "accepted"},
        {"email": "new@acme.test"},
    ]


@pytest.mark.parametrize(
    "form",
    [
        {**TIMED, "end": "2026-07-01T09:00"},
        {"allDay": False, "start": "2026-07-01T10:00"},
        {**TIMED, "guests": ["not an address"]},
        {**TIMED, "guests": "sam@acme.test"},
        {**TIMED, "title": "x" * 1025},
        {**TIMED, "description": 5},
    ],
)
def test_wrong_forms_are_refused(form: dict[str, Any]) -> None:
    with pytest.raises(FormError):
        body_of(form, PARIS)


def test_a_time_that_is_none_is_refused() -> None:
    with pytest.raises(WallTimeError, match="tomorrow"):
        body_of({**TIMED, "start": "tomorrow"}, PARIS)


def test_a_series_moves_by_as_much_as_its_occurrence_did() -> None:
    form = {
        "originalStart": "2026-07-08T10:00",
        "allDay": False,
        "start": "2026-07-09T11:30",
        "end": "2026-07-09T12:00",
    }
    master = {"start": {"dateTime": "2026-07-01T08:00:00Z"}}

    moved = series_times(form, PARIS, master)

    assert (moved["start"], moved["end"]) == ("2026-07-02T11:30", "2026-07-02T12:00")
