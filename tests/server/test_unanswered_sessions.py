"""Livestorm makes a session and its answer is lost: it is ours, whatever becomes of its date."""

from datetime import UTC, datetime, timedelta
from typing import Any

from time_machine import TimeMachineFixture as TimeMachine

from sandbox.simulation import Fault
from tests.server.calls import CAMILLE
from tests.server.two_way import TwoWay, saved_room

SECOND = datetime(2027, 3, 17, 14, tzinfo=UTC)


def unanswered_series(two_way: TwoWay) -> tuple[str, str]:
    """A weekly event whose second session Livestorm made, and whose answer was lost."""
    fault = Fault(path=r"/sessions$|/v1/sessions", method="POST", kind="drop_after", times=1)
    two_way.program.livestorm.faults.add(fault)
    event_id, room = saved_room(two_way, recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    two_way.settle()
    assert fault.hits == 1
    assert SECOND in planned(two_way, str(room["conferenceId"]))
    return event_id, str(room["conferenceId"])


def planned(two_way: TwoWay, livestorm_id: str) -> list[datetime]:
    """When an event's sessions are."""
    world = two_way.program.livestorm.world
    ids = world.events[livestorm_id].session_ids
    return sorted(
        datetime.fromtimestamp(world.sessions[one].estimated_started_at, UTC) for one in ids
    )


def try_again(two_way: TwoWay, time_machine: TimeMachine) -> None:
    time_machine.move_to(datetime.now(UTC) + timedelta(minutes=5))
    two_way.settle()
    assert two_way.link().dirty_at is None


def moment(at: datetime) -> dict[str, Any]:
    return {"dateTime": at.isoformat(), "timeZone": "Europe/Paris"}


def test_unanswered_session_follows_its_date_that_moved_meanwhile(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    event_id, livestorm_id = unanswered_series(two_way)
    later = SECOND + timedelta(hours=3)
    two_way.program.google.world.patch_event(
        CAMILLE,
        f"{event_id}_20270317T140000Z",
        {"start": moment(later), "end": moment(later + timedelta(hours=1))},
    )
    try_again(two_way, time_machine)
    assert planned(two_way, livestorm_id) == [
        SECOND - timedelta(days=7),
        later,
        SECOND + timedelta(days=7),
    ]


def test_unanswered_session_goes_with_its_date_that_was_cancelled_meanwhile(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    event_id, livestorm_id = unanswered_series(two_way)
    two_way.program.google.world.delete_event(CAMILLE, f"{event_id}_20270317T140000Z")
    try_again(two_way, time_machine)
    assert planned(two_way, livestorm_id) == [
        SECOND - timedelta(days=7),
        SECOND + timedelta(days=7),
    ]


def test_unanswered_session_that_was_never_made_is_asked_for_again(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    fault = Fault(path=r"/sessions$|/v1/sessions", method="POST", kind="drop_before", times=1)
    two_way.program.livestorm.faults.add(fault)
    _, room = saved_room(two_way, recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"])
    two_way.settle()
    try_again(two_way, time_machine)
    starts = planned(two_way, str(room["conferenceId"]))
    assert starts == [SECOND - timedelta(days=7), SECOND]
