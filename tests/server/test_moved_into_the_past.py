"""An occurrence that was moved into the past, where Livestorm takes no session, is followed on."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.server.calls import CAMILLE
from tests.server.two_way import TwoWay, saved_room

FIRST = datetime(2027, 3, 10, 14, tzinfo=UTC)
SECOND, THIRD = FIRST + timedelta(days=7), FIRST + timedelta(days=14)


def planned(two_way: TwoWay, room: dict[str, Any]) -> list[datetime]:
    """When the sessions of a room are."""
    world = two_way.program.livestorm.world
    sessions = [world.sessions[one] for one in world.events[str(room["conferenceId"])].session_ids]
    return sorted(datetime.fromtimestamp(one.estimated_started_at, UTC) for one in sessions)


def move(two_way: TwoWay, occurrence_id: str, start: datetime) -> None:
    """Move an occurrence, and let it be compared more than once."""
    times = [
        {"dateTime": one.isoformat(), "timeZone": "Europe/Paris"}
        for one in (start, start + timedelta(hours=1))
    ]
    changes = {"start": times[0], "end": times[1]}
    two_way.program.google.world.patch_event(CAMILLE, occurrence_id, changes)
    two_way.settle()
    two_way.product.notices.touch(two_way.link().id)
    two_way.settle()


def test_session_of_a_single_event_follows_when_it_comes_back(two_way: TwoWay) -> None:
    event_id, room = saved_room(two_way)
    two_way.settle()
    move(two_way, event_id, datetime.now(UTC) - timedelta(hours=3))
    move(two_way, event_id, SECOND)
    assert planned(two_way, room) == [SECOND]


def moved_into_the_past(two_way: TwoWay) -> tuple[str, dict[str, Any]]:
    event_id, room = saved_room(two_way, recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    two_way.settle()
    occurrence_id = f"{event_id}_20270317T140000Z"
    move(two_way, occurrence_id, datetime.now(UTC) - timedelta(hours=3))
    assert planned(two_way, room) == [FIRST, SECOND, THIRD]
    assert "past_time" in two_way.link().unsynced["parts"]
    return occurrence_id, room


def test_its_session_follows_when_it_comes_back(two_way: TwoWay) -> None:
    occurrence_id, room = moved_into_the_past(two_way)
    later = SECOND + timedelta(hours=2)
    move(two_way, occurrence_id, later)
    assert planned(two_way, room) == [FIRST, later, THIRD]


def test_its_session_goes_when_it_is_cancelled(two_way: TwoWay) -> None:
    occurrence_id, room = moved_into_the_past(two_way)
    two_way.program.google.world.delete_event(CAMILLE, occurrence_id)
    two_way.settle()
    assert planned(two_way, room) == [FIRST, THIRD]
