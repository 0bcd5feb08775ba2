"""How an event stands, both sides of it, and when it takes place: values from values."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from addon.dashboard.agenda import entries
from addon.dashboard.sides import Person, sides
from addon.dashboard.standing import State, standing
from addon.store.event_lists import Detail
from addon.store.links import Link
from addon.store.users import Account, Connection
from addon.sync.base import SINGLE, Agreed, Base, Pair, Standing
from addon.sync.stored import to_json
from addon.sync.values import When

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WHEN = When(NOW + HOUR, NOW + 2 * HOUR, "Europe/Paris")

CONNECTION = Connection(
    workspace_id="w",
    workspace_name="Acme",
    kind="oauth",
    sealed="",
    expires_at=None,
    owner_id=None,
    owner_email=None,
    usable=True,
    generation=1,
)
ACCOUNT = Account("u", "sub", "ada@acme.test", None, CONNECTION, "active")
LINK = Link(
    id="link",
    user_id="u",
    workspace_id="w",
    calendar_id="ada@acme.test",
    event_id="event",
    ical_uid=None,
    livestorm_event_id="livestorm",
    livestorm_session_id="session",
    room_link="https://livestorm.test/room",
    title="Launch",
    starts_at=WHEN.start,
    timezone="Europe/Paris",
    template_title=None,
    state="active",
    placeholder=False,
    held=False,
    recurring=False,
    created_at=NOW,
    synced_at=NOW,
    dirty_at=None,
    next_at=None,
    trouble=None,
    unsynced=None,
)
TROUBLE: dict[str, Any] = {"kind": "permission", "until": NOW.isoformat()}


def detail(base: Base | None, **changes: Any) -> Detail:
    stored = to_json(base) if base else None
    return Detail(replace(LINK, **changes), stored, None, None, None)


@pytest.mark.parametrize(
    ("account", "link", "state"),
    [
        ({}, {}, State.SYNCED),
        ({}, {"synced_at": None}, State.PENDING),
        ({}, {"synced_at": None, "trouble": TROUBLE}, State.TROUBLE),
        ({}, {"held": True}, State.HELD),
        ({}, {"workspace_id": "other"}, State.OTHER_WORKSPACE),
        ({"grant": None}, {}, State.NOT_ACTIVATED),
        ({"grant": "off"}, {"trouble": TROUBLE}, State.NOT_ACTIVATED),
        ({"grant": "revoked"}, {}, State.GOOGLE_LOST),
        ({"connection": None, "grant": None}, {}, State.NOT_CONNECTED),
        ({"connection": replace(CONNECTION, usable=False)}, {}, State.LIVESTORM_LOST),
        ({"connection": None}, {"state": "unlinked"}, State.ENDED),
    ],
)
def test_what_keeps_an_event_from_being_the_same_is_told_first_things_first(
    account: dict[str, Any], link: dict[str, Any], state: State
) -> None:
    found = standing(replace(ACCOUNT, **account), replace(LINK, **link))
    assert found.state is state
    assert found.good == (state is State.SYNCED)
    assert found.since == (NOW if found.good else None)
    assert (found.trouble, found.until) == (
        ("permission", NOW) if state is State.TROUBLE else (None, None)
    )


def test_an_event_moves_while_a_job_is_to_come_and_not_while_it_pauses() -> None:
    assert not standing(ACCOUNT, LINK).outstanding
    assert standing(ACCOUNT, replace(LINK, dirty_at=NOW)).outstanding
    assert not standing(ACCOUNT, replace(LINK, dirty_at=NOW, next_at=NOW + HOUR)).outstanding


def test_both_sides_and_who_is_on_which() -> None:
    guests = {
        "both@x.test": Standing.BOTH,
        "speaker@x.test": Standing.SPEAKER,
        "refused@x.test": Standing.CALENDAR_ONLY,
        "kept@x.test": Standing.LIVESTORM_ONLY,
        "colleague@x.test": Standing.TEAM,
    }
    base = Base(
        title=Pair("Launch", "Launch (cut)"),
        description=Pair("<p>a</p>", "<p>b</p>"),
        minutes=Pair(60, 30),
        when=WHEN,
        occurrences={SINGLE: Agreed("session", WHEN, WHEN.start + HOUR, guests)},
    )
    unsynced = {"guests": [["refused@x.test", "refused"], ["late@x.test", "over_limit"]]}
    found = sides(to_json(base), unsynced)
    assert found.calendar is not None
    assert found.livestorm is not None
    assert (found.calendar.title, found.livestorm.title) == ("Launch", "Launch (cut)")
    assert (found.calendar.end, found.livestorm.end) == (
        WHEN.end,
        WHEN.start + HOUR + timedelta(minutes=30),
    )
    assert list(found.people) == [
        Person("late@x.test", in_calendar=True, in_livestorm=False, reason="over_limit"),
        Person("refused@x.test", in_calendar=True, in_livestorm=False, reason="refused"),
        Person("kept@x.test", in_calendar=False, in_livestorm=True),
        Person("both@x.test", in_calendar=True, in_livestorm=True),
        Person("speaker@x.test", in_calendar=True, in_livestorm=True),
    ]
    assert found.registered == 2
    assert sides(None, None).calendar is None


def test_a_series_is_on_each_of_its_dates_and_not_where_one_was_taken_out() -> None:
    week = timedelta(days=7)
    moved = replace(WHEN, start=WHEN.start + 2 * week + HOUR, end=WHEN.end + 2 * week + HOUR)
    known = {
        "20261124T100000Z": Agreed("one", WHEN),
        # The second date was taken out, the third moved by an hour.
        "20261208T100000Z": Agreed("three", moved),
        "20261215T100000Z": Agreed("four", WHEN.moved_to(WHEN.start + 3 * week)),
    }
    base = Base(when=WHEN, recurrence=("RRULE:FREQ=WEEKLY",), occurrences=known)
    found = entries(
        [detail(base, recurring=True)], start=NOW, end=NOW + timedelta(days=35), now=NOW
    )
    weeks = [0, 2, 3, 4]
    assert [one.start for one in found] == [
        WHEN.start + number * week + (HOUR if number == 2 else timedelta(0)) for number in weeks
    ]
    ended = entries(
        [detail(base, recurring=True, state="deleted")],
        start=NOW,
        end=NOW + timedelta(days=35),
        now=NOW,
    )
    assert [one.start for one in ended] == [WHEN.start]


def test_an_event_is_where_it_reaches_into_the_time_looked_at() -> None:
    day = date(2026, 11, 25)
    nine = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
    whole = When(nine, nine + timedelta(days=1), "Europe/Paris", day)
    cases = {
        "timed": detail(Base(when=WHEN)),
        "all day": detail(Base(when=whole)),
        "never compared": detail(None),
        "no date": detail(None, starts_at=None),
    }
    start, end = NOW + HOUR + timedelta(minutes=30), NOW + timedelta(days=10)
    found = {name: entries([one], start=start, end=end, now=NOW) for name, one in cases.items()}
    assert [(one.start, one.end, one.all_day) for one in found["timed"]] == [
        (WHEN.start, WHEN.end, False)
    ]
    assert [(one.start, one.end, one.all_day) for one in found["all day"]] == [
        (nine, datetime(2026, 11, 25, 23, 0, tzinfo=UTC), True)
    ]
    assert len(found["never compared"]) == 1
    assert found["no date"] == []
    assert entries(cases.values(), start=WHEN.end, end=WHEN.end + HOUR, now=NOW) == []
