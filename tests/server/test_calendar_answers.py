"""What Calendar's documentation leaves open: each reading is lived through."""

from datetime import UTC, datetime, timedelta

import pytest
from time_machine import TimeMachineFixture as TimeMachine

from sandbox.google import TEAM_CALENDAR, GoogleSimulator
from sandbox.livestorm import LivestormSimulator
from tests.server.calls import CAMILLE, ask_for_room, calendar_event, connect
from tests.server.two_way import TwoWay, activate, begin, saved_room
from tests.support.program import Program
from tests.support.running import running


def connected(program: Program) -> TwoWay:
    """Camille is connected and has activated."""
    rig = begin(program)
    connect(program)
    activate(program)
    return rig


@pytest.fixture
def two_way(program: Program) -> TwoWay:
    return connected(program)


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


@pytest.mark.parametrize("setting", ["moved", "deleted"])
@pytest.mark.parametrize("moved", [False, True])
def test_cancelled_event_without_details_is_what_the_setting_says(
    *,
    settings_environment: dict[str, str],
    google: GoogleSimulator,
    livestorm: LivestormSimulator,
    time_machine: TimeMachine,
    setting: str,
    moved: bool,
) -> None:
    """What was moved to a calendar that is known is found whatever the setting says."""
    environment = settings_environment | {"CANCELLED_WITHOUT_DETAILS": setting}
    with running(environment, google, livestorm) as program:
        two_way = connected(program)
        google.switches.deleted_event = google.switches.tombstones = "id_only"
        event_id, room = saved_room(two_way)
        elsewhere = calendar_event(program, account=TEAM_CALENDAR)
        ask_for_room(program, elsewhere, calendar_id=TEAM_CALENDAR)
        two_way.settle()
        if moved:
            google.world.move_event(CAMILLE, event_id, TEAM_CALENDAR)
        else:
            google.world.delete_event(CAMILLE, event_id)
        two_way.settle()
        assert str(room["conferenceId"]) in livestorm.world.events
        time_machine.move_to(datetime.now(UTC) + timedelta(seconds=61))
        two_way.settle()
        deleted = setting == "deleted" and not moved
        assert (str(room["conferenceId"]) in livestorm.world.events) is not deleted
