"""What Calendar's documentation leaves open: each reading is lived through."""

from datetime import UTC, datetime, timedelta

import pytest
from time_machine import TimeMachineFixture as TimeMachine

from sandbox.google import TEAM_CALENDAR
from tests.server.calls import CAMILLE, ask_for_room, calendar_event, connect
from tests.server.two_way import TwoWay, activate, begin, saved_room
from tests.support.program import Program


@pytest.fixture
def two_way(program: Program) -> TwoWay:
    """Camille is connected and has activated."""
    rig = begin(program)
    connect(program)
    activate(program)
    return rig


@pytest.mark.parametrize("organizer_self", [True, False])
@pytest.mark.parametrize("calendar_id", [CAMILLE, TEAM_CALENDAR])
def test_own_event_is_known_with_or_without_self(
    two_way: TwoWay, organizer_self: bool, calendar_id: str
) -> None:
    google = two_way.program.google
    google.switches.organizer_self = organizer_self
    event_id = calendar_event(two_way.program, account=calendar_id)
    room = ask_for_room(two_way.program, event_id, calendar_id=calendar_id)
    google.world.attach_conference(calendar_id, event_id, room)
    two_way.settle()
    google.world.patch_event(calendar_id, event_id, {"summary": "Renamed"})
    two_way.settle()
    event = two_way.program.livestorm.world.events[str(room["conferenceId"])]
    assert event.title == "Renamed"
    assert two_way.link().state == "active"


def test_deletion_is_carried_although_calendar_leaves_self_out(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    google = two_way.program.google
    google.switches.organizer_self = False
    event_id, room = saved_room(two_way)
    two_way.settle()
    google.world.delete_event(CAMILLE, event_id)
    two_way.settle()
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=61))
    two_way.settle()
    assert str(room["conferenceId"]) not in two_way.program.livestorm.world.events
