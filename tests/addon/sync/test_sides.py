"""Reading both sides: everything they may say becomes a value, and nothing makes it fail."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addon.google.events import parse
from addon.livestorm.resources import FieldSpec, Person
from addon.sync.calendar_side import (
    CalendarSide,
    ConferenceState,
    Presence,
    calendar_side,
    own_calendar,
)
from addon.sync.livestorm_side import SessionState, registrants
from addon.sync.values import Role, canonical
from tests.addon.sync.calendar_model import EVENT, NOW, ORGANIZER, OWN, all_day, event
from tests.addon.sync.livestorm_model import person
from tests.addon.sync.world import new_world


def read(
    body: dict[str, Any], *exceptions: dict[str, Any], zone: str = "Europe/Paris"
) -> CalendarSide:
    return calendar_side(
        parse(body, fallback_timezone=zone),
        livestorm_event_id=EVENT,
        own=OWN,
        exceptions=[parse(one, fallback_timezone=zone) for one in exceptions],
    )


def test_a_deleted_event_may_be_nothing_but_its_id() -> None:
    """Scenario 20."""
    side = read({"id": "event1", "status": "cancelled"})
    assert side.presence is Presence.DELETED
    assert side.value is None
    assert side.own_copy is None


def test_an_event_that_cannot_be_found_is_not_a_deleted_one() -> None:
    side = calendar_side(None, livestorm_event_id=EVENT, own=OWN)
    assert side.presence is Presence.NOT_FOUND


@pytest.mark.parametrize(
    ("organizer", "own"),
    [
        ({"email": ORGANIZER, "self": True}, True),
        ({"email": "sam@acme.test"}, False),
        ({"email": "sam@acme.test", "self": False}, False),
        ({"email": "CAMILLE@Acme.test"}, True),
        (None, True),
    ],
)
def test_whose_copy_it_is(organizer: object, own: bool | None) -> None:
    """Scenarios 55, 61: on a guest's calendar the event is not ours to carry."""
    assert read(event(organizer=organizer)).own_copy is own


TEAM = "c_1@group.calendar.google.com"


@pytest.mark.parametrize(
    ("calendar_id", "email", "organizer", "own"),
    [
        ("primary", ORGANIZER, {"email": ORGANIZER}, True),
        ("primary", ORGANIZER, {"email": "sam@acme.test"}, False),
        ("primary", ORGANIZER, None, True),
        ("primary", None, {"email": ORGANIZER}, False),
        (ORGANIZER, None, {"email": ORGANIZER}, True),
        (ORGANIZER.upper(), ORGANIZER, {"email": ORGANIZER}, True),
        (TEAM, ORGANIZER, {"email": TEAM}, True),
        (TEAM, ORGANIZER, {"email": ORGANIZER}, False),
        (TEAM, ORGANIZER, None, None),
    ],
)
def test_organizer_without_self_is_known_by_the_calendars_address(
    calendar_id: str, email: str | None, organizer: object, own: bool | None
) -> None:
    side = calendar_side(
        parse(event(organizer=organizer), fallback_timezone="Europe/Paris"),
        livestorm_event_id=EVENT,
        own=own_calendar(calendar_id, email),
    )
    assert side.own_copy is own


def test_deleted_event_without_organizer_is_nobodys() -> None:
    """Its details are gone: it may have been moved out of sight."""
    gone = event(organizer=None, status="cancelled")
    assert read(gone).own_copy is None


@pytest.mark.parametrize(
    ("data", "state"),
    [
        ({"conferenceId": EVENT}, ConferenceState.OURS),
        (
            {"parameters": {"addOnParameters": {"parameters": {"livestorm_event_id": EVENT}}}},
            ConferenceState.OURS,
        ),
        (
            {"entryPoints": [{"uri": f"https://app.livestorm.co/p/{EVENT}/live?s=1"}]},
            ConferenceState.OURS,
        ),
        ({"conferenceId": "abc-defg-hij"}, ConferenceState.ANOTHER),
        ({"entryPoints": [{}], "parameters": None}, ConferenceState.ANOTHER),
        ({}, ConferenceState.NONE),
        (None, ConferenceState.NONE),
    ],
)
def test_whose_conference_it_carries(data: object, state: ConferenceState) -> None:
    assert read(event(conferenceData=data)).conference is state


def test_who_is_who_on_a_guest_list() -> None:
    side = read(
        event(
            attendees=[
                {"email": ORGANIZER, "organizer": True, "self": True},
                {"email": "Ada@Partner.test", "displayName": "Ada King  Lovelace"},
                {"email": "room@resource.calendar.google.com", "resource": True},
                {"email": "c_1@group.calendar.google.com"},
                {"email": "no@partner.test", "responseStatus": "declined"},
                {"email": "not an address"},
                "nonsense",
            ]
        )
    )
    assert side.value is not None
    guests = side.value.guests
    assert {address: one.role for address, one in guests.items()} == {
        ORGANIZER: Role.ORGANIZER,
        "ada@partner.test": Role.ATTENDEE,
        "room@resource.calendar.google.com": Role.RESOURCE,
        "c_1@group.calendar.google.com": Role.RESOURCE,
        "no@partner.test": Role.ATTENDEE,
    }
    ada = guests["ada@partner.test"]
    assert (ada.first_name, ada.last_name) == ("Ada", "King Lovelace")
    assert guests["no@partner.test"].declined
    assert side.attendee_count == 6


def test_times_are_read_whatever_their_spelling() -> None:
    """Scenario 47: the zone of an event need not be its calendar's."""
    tokyo = event(NOW, zone="Asia/Tokyo")
    value = read(tokyo, zone="America/New_York").value
    assert value is not None
    assert value.when is not None
    assert (value.when.start, value.when.timezone, value.minutes) == (NOW, "Asia/Tokyo", 60)


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles", "UTC"])
def test_an_all_day_event_is_at_nine_in_the_zone_of_the_calendar(zone: str) -> None:
    """Scenario 45."""
    value = read(all_day("2026-03-10", "2026-03-12"), zone=zone).value
    assert value is not None
    when = value.when
    assert when is not None
    assert when.date_of(when.start) == when.day
    assert parse(all_day("2026-03-10", "2026-03-12"), fallback_timezone=zone).start is not None
    assert (when.end - when.start) == timedelta(days=2)
    assert value.minutes is None


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ({"dateTime": "2026-03-10T09:00:00Z"}, {"dateTime": "2026-03-10T09:00:00Z"}),
        ({"dateTime": "2026-03-10T09:00:00Z"}, {"dateTime": "2026-03-10T08:00:00Z"}),
        ({"dateTime": "2026-03-10T09:00:00Z"}, None),
    ],
)
def test_an_event_without_length_has_none(start: object, end: object) -> None:
    """Scenario 49."""
    value = read(event() | {"start": start, "end": end}).value
    assert value is not None
    assert value.when is not None
    assert value.minutes is None


@pytest.mark.parametrize(
    "end", [None, {"date": "2026-03-10"}, {"dateTime": "2026-03-10T10:00:00Z"}]
)
def test_an_all_day_event_lasts_a_day_at_least(end: object) -> None:
    value = read(event() | {"start": {"date": "2026-03-10"}, "end": end}).value
    assert value is not None
    assert value.when is not None
    assert value.when.end - value.when.start == timedelta(days=1)


def test_a_truncated_guest_list_is_known_to_be_one() -> None:
    assert not read(event(attendeesOmitted=True)).guests_complete


def test_exceptions_are_known_by_their_original_start() -> None:
    """Scenario 36: in whatever order and form they come; a cancelled one has only its identity."""
    side = read(
        event(NOW, recurrence=["RRULE:FREQ=DAILY"]),
        {
            "id": "anything",
            "status": "cancelled",
            "recurringEventId": "event1",
            "originalStartTime": {"dateTime": "2026-03-03T17:00:00+09:00"},
        },
        event(NOW + timedelta(days=5), id="x")
        | {
            "recurringEventId": "event1",
            "originalStartTime": {"dateTime": "2026-03-04T08:00:00Z"},
        },
        {"id": "no original start", "status": "cancelled"},
    )
    assert sorted(side.exceptions) == ["20260303T080000Z", "20260304T080000Z"]
    assert side.exceptions["20260303T080000Z"].cancelled
    moved = side.exceptions["20260304T080000Z"].when
    assert moved is not None
    assert moved.start == NOW + timedelta(days=5)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("upcoming", SessionState.UPCOMING),
        ("live", SessionState.LIVE),
        ("past", SessionState.OVER),
        ("past_not_started", SessionState.MISSED),
        ("canceled", SessionState.CANCELLED),
    ],
)
def test_what_became_of_a_session(status: str, state: SessionState) -> None:
    world = new_world()
    world.session.status = status
    assert world.livestorm.read().sessions["session-1"].state is state


def test_who_is_who_among_registrants() -> None:
    found = registrants(
        [
            person("Ada@Partner.test"),
            person("sam@acme.test", role="team_member"),
            person("speaker@partner.test", speaker=True),
            person("1772+uuid@unknown.livestorm.co"),
            Person(id="x", role="participant", email=None, first_name=None, last_name=None),
        ]
    )
    assert {address: one.role for address, one in found.items()} == {
        "ada@partner.test": Role.ATTENDEE,
        "sam@acme.test": Role.TEAM,
        "speaker@partner.test": Role.SPEAKER,
    }


def test_a_form_without_address_field_is_seen() -> None:
    world = new_world()
    world.livestorm.form = (FieldSpec("first_name", "text", True, False, 0, ()),)
    assert not world.livestorm.read().takes_addresses
    world.livestorm.form = ()
    assert world.livestorm.read().takes_addresses


json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(
        [
            *("2026-03-10", "2026-03-10T09:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31"),
            *("confirmed", "cancelled", "Europe/Paris", "RRULE:FREQ=DAILY", "a@b.test", "\ud800"),
        ]
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
moments = st.fixed_dictionaries({}, optional={"date": json, "dateTime": json, "timeZone": json})
resources = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("id", "status", "summary", "description", "updated", "iCalUID"), json),
        "start": moments | json,
        "end": moments | json,
        "originalStartTime": moments | json,
        "recurrence": st.lists(json, max_size=3) | json,
        "organizer": st.fixed_dictionaries({"email": json, "self": json}) | json,
        "attendees": st.lists(
            st.fixed_dictionaries({"email": json}, optional={"displayName": json}) | json,
            max_size=3,
        )
        | json,
        "conferenceData": st.dictionaries(
            st.sampled_from(["conferenceId", "parameters", "entryPoints", "conferenceSolution"]),
            json,
        )
        | json,
    },
)


@given(resources, st.lists(resources, max_size=2))
def test_no_event_resource_makes_reading_fail(
    body: dict[str, Any], exceptions: list[dict[str, Any]]
) -> None:
    side = read(body, *exceptions)
    if side.value is not None:
        assert canonical(side.value) == side.value


def test_instants_of_both_sides_are_in_utc() -> None:
    world = new_world()
    calendar, livestorm = world.calendar.read(), world.livestorm.read()
    assert calendar.value is not None
    assert calendar.value.when is not None
    assert calendar.value.when.start.tzinfo is UTC
    assert livestorm.sessions["session-1"].start == datetime(2026, 3, 4, 8, tzinfo=UTC)
