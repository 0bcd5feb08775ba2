"""A series that gets another length from Livestorm keeps what its dates have of their own.

Whether Calendar sets them back then is not documented: both readings are lived through.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.google.series import instances
from tests.server import sync_rig
from tests.server.calls import CAMILLE
from tests.server.sync_people import People, instant_of
from tests.server.sync_rig import Incident, Rig
from tests.support.program import Program

DAILY = ["RRULE:FREQ=DAILY;COUNT=5"]
DAY = timedelta(days=1)
LATER = timedelta(hours=2)
GUEST, OTHER = "nadia@partner.test", "omar@partner.test"
READINGS = ["drop_exceptions", "keep_exceptions"]

WRITES = 6
"""Which call of the job, counted from 0, gives the series its length: before it the series and its
exceptions, the room and the people of four sessions are read."""

CALLS = [WRITES, 7, 11]
"""At which calls something happens: that one, the reading after it, and the first that restores."""

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def settings_environment(settings_environment: dict[str, str]) -> dict[str, str]:
    """Every date of the series has a session."""
    return {**settings_environment, "OCCURRENCE_SESSIONS": "10"}


@pytest.fixture
def rig(program: Program) -> Iterator[Rig]:
    """Both sides, the worker and the clock."""
    with sync_rig.rig(program) as made:
        yield made


def instance(people: People, number: int) -> str:
    """The id of an occurrence that the series has, counted from 0."""
    return str(people.upcoming(5)[number]["id"])


def mangled(rig: Rig, reading: Any) -> tuple[People, datetime]:
    """Five dates: the second called off, the third renamed and with a guest more, the fourth moved.

    Returns who did so, and when the first date is.
    """
    rig.begin()
    rig.google.switches.series_time_change = reading
    people = People(rig)
    people.make(24, 60, DAILY, [GUEST])
    assert people.life is not None
    rig.product.notices.touch(rig.link(people.life.livestorm_id).id)
    rig.settle()
    rig.look_at_livestorm()
    dates = people.upcoming(5)
    first, world = instant_of(dates[0]["start"]), rig.google.world
    surprise = {
        "summary": "With a surprise",
        "location": "Room 7",
        "attendees": [*dates[2]["attendees"], {"email": OTHER}],
    }
    start = first + 3 * DAY + LATER
    moved = {"start": moment(start), "end": moment(start + timedelta(hours=1))}
    world.delete_event(CAMILLE, dates[1]["id"])
    world.patch_event(CAMILLE, dates[2]["id"], surprise)
    world.patch_event(CAMILLE, dates[3]["id"], moved)
    rig.settle()
    return people, first


def moment(instant: datetime) -> dict[str, str]:
    return {"dateTime": instant.isoformat(), "timeZone": "Europe/Paris"}


def is_whole(people: People, first: datetime) -> None:
    """The series is longer, and its dates are what people made of them, on both sides."""
    dates = people.upcoming(6)
    wanted = [first, first + 2 * DAY, first + 3 * DAY + LATER, first + 4 * DAY]
    assert [instant_of(one["start"]) for one in dates] == wanted
    begins = [one.estimated_started_at for one in people.planned()]
    assert [datetime.fromtimestamp(one, UTC) for one in begins] == wanted
    lengths = [instant_of(one["end"]) - instant_of(one["start"]) for one in dates]
    assert lengths[0] == lengths[3] == timedelta(minutes=90)
    renamed = dates[1]
    assert (renamed["summary"], renamed["location"]) == ("With a surprise", "Room 7")
    guests = [{one["email"] for one in date["attendees"]} & {GUEST, OTHER} for date in dates]
    assert guests == [{GUEST}, {GUEST, OTHER}, {GUEST}, {GUEST}]


@pytest.mark.parametrize("reading", READINGS)
def test_dates_keep_what_they_have_of_their_own(rig: Rig, reading: str) -> None:
    people, first = mangled(rig, reading)
    people.livestorm_length(90)
    rig.look_at_livestorm()
    rig.settle()
    is_whole(people, first)
    assert people.life is not None
    assert rig.base(people.life.livestorm_id).differing == {}


@sqlite_only
@pytest.mark.parametrize("kind", ["dies after", "answer lost"])
def test_they_keep_it_whatever_happens_in_between(rig: Rig, kind: str) -> None:
    for at in CALLS:
        people, first = mangled(rig, "drop_exceptions")
        people.livestorm_length(90)
        rig.look_at_livestorm()
        rig.run_jobs([Incident(at, kind)])
        rig.quiet()
        is_whole(people, first)


@sqlite_only
def test_what_somebody_brings_back_meanwhile_stays(rig: Rig) -> None:
    """Calendar refused the length: what is missing afterwards was taken back by a person."""
    people, first = mangled(rig, "keep_exceptions")
    calendar = rig.google.state.calendars[CAMILLE]
    assert people.life is not None
    people.livestorm_length(90)
    rig.look_at_livestorm()
    rig.run_jobs([Incident(WRITES, "throttled")])
    assert rig.base(people.life.livestorm_id).differing == {}
    off = next(
        one.resource
        for one in instances(calendar, calendar.events[people.life.event_id], limit=10)
        if one.resource["status"] == "cancelled"
    )
    rig.google.world.undelete_event(CAMILLE, off["id"])
    rig.quiet()
    assert first + DAY in [instant_of(one["start"]) for one in people.upcoming(6)]
