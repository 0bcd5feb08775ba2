"""What Calendar's documentation leaves open: each reading is lived through."""

from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from time_machine import TimeMachineFixture as TimeMachine

from sandbox.google import TEAM_CALENDAR, GoogleSimulator
from sandbox.livestorm import LivestormSimulator
from sandbox.livestorm.changes import events
from sandbox.livestorm.changes import sessions as change_sessions
from sandbox.livestorm.records import Session
from sandbox.simulation import Fault
from tests.server.calls import CAMILLE, SAM, ask_for_room, calendar_event, connect
from tests.server.two_way import TwoWay, activate, begin, saved_room
from tests.support.program import Program
from tests.support.running import running

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What is decided here does not depend on the kind; test_two_way_sync.py goes through both."""


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


@pytest.mark.parametrize("moved", [False, True])
def test_grant_that_lists_calendars_tells_a_deletion_from_a_move(
    *, program: Program, time_machine: TimeMachine, moved: bool
) -> None:
    """The team calendar has no event of ours: it is known from the list of calendars alone."""
    google, livestorm = program.google, program.livestorm
    google.switches.whole_calendar_granted = True
    two_way = connected(program)
    google.switches.deleted_event = google.switches.tombstones = "id_only"
    event_id, room = saved_room(two_way)
    two_way.settle()
    if moved:
        google.world.move_event(CAMILLE, event_id, TEAM_CALENDAR)
    else:
        google.world.delete_event(CAMILLE, event_id)
    two_way.settle()
    assert str(room["conferenceId"]) in livestorm.world.events
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=61))
    two_way.settle()
    if not moved:
        assert str(room["conferenceId"]) not in livestorm.world.events
        return
    assert two_way.link().calendar_id == TEAM_CALENDAR
    google.world.patch_event(TEAM_CALENDAR, event_id, {"summary": "Renamed"})
    two_way.settle()
    assert livestorm.world.events[str(room["conferenceId"])].title == "Renamed"


@pytest.mark.parametrize("answer", ["404", "410"])
def test_deletion_that_a_list_has_shown_is_carried_although_calendar_has_forgotten_the_event(
    two_way: TwoWay, time_machine: TimeMachine, answer: Literal["404", "410"]
) -> None:
    google = two_way.program.google
    google.switches.deleted_event = answer
    event_id, room = saved_room(two_way)
    two_way.settle()
    google.world.delete_event(CAMILLE, event_id)
    two_way.settle()
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=61))
    two_way.settle()
    assert str(room["conferenceId"]) not in two_way.program.livestorm.world.events


def test_events_without_etags_are_written_all_the_same(two_way: TwoWay) -> None:
    google, livestorm = two_way.program.google, two_way.program.livestorm.world
    google.switches.etags_told = False
    event_id, room = saved_room(two_way)
    two_way.settle()
    event = livestorm.events[str(room["conferenceId"])]
    events.update_event(livestorm, livestorm.workspace, event, {"title": "Renamed"})
    two_way.product.notices.touch(two_way.link().id)
    two_way.settle()
    assert google.world.event(CAMILLE, event_id)["summary"] == "Renamed"


def all_day(two_way: TwoWay, calendar_id: str) -> Session:
    """Save an event of one day with a room; return its session."""
    google = two_way.program.google.world
    days = {"start": {"date": "2027-03-10"}, "end": {"date": "2027-03-11"}}
    event_id = calendar_event(two_way.program, account=calendar_id, **days)
    room = ask_for_room(two_way.program, event_id, calendar_id=calendar_id)
    google.attach_conference(calendar_id, event_id, room)
    return two_way.program.livestorm.world.sessions[room["parameters"][1]["value"]]


def nine_in(zone: str) -> float:
    return datetime(2027, 3, 10, 9, tzinfo=ZoneInfo(zone)).timestamp()


def test_day_is_nine_in_the_morning_before_its_calendar_was_ever_listed(two_way: TwoWay) -> None:
    session = all_day(two_way, CAMILLE)
    assert two_way.run_jobs()
    assert session.estimated_started_at == nine_in("Europe/Paris")


def test_day_is_that_of_the_calendar_where_the_person_is_elsewhere(program: Program) -> None:
    """Nobody activated, so no list has named the zone, and nothing would put it right."""
    two_way = begin(program)
    connect(program)
    google = program.google.world
    sydney = google.add_calendar(CAMILLE, "Sydney", time_zone="Australia/Sydney")
    session = all_day(two_way, sydney)
    assert session.estimated_started_at == nine_in("Australia/Sydney")
    assert two_way.link().timezone == "Australia/Sydney"
    # Calendar may refuse to list it: the room is made all the same.
    program.google.faults.add(Fault("status", r"/events$", method="GET", status=403, times=None))
    session = all_day(two_way, google.add_calendar(CAMILLE, "Tokyo", time_zone="Asia/Tokyo"))
    assert session.estimated_started_at == nine_in("Europe/Paris")


def test_day_of_an_event_saved_after_its_room_is_that_of_the_calendar(program: Program) -> None:
    connect(program)
    google = program.google.world
    sydney = google.add_calendar(CAMILLE, "Sydney", time_zone="Australia/Sydney")
    event_id = google.reserve_event_id(sydney)
    room = ask_for_room(program, event_id, calendar_id=sydney)
    days = {"start": {"date": "2027-03-10"}, "end": {"date": "2027-03-11"}}
    calendar_event(program, account=sydney, id=event_id, **days)
    google.attach_conference(sydney, event_id, room)
    program.addon("/addon/event", event={"calendar": {"calendarId": sydney, "id": event_id}})
    session = program.livestorm.world.sessions[room["parameters"][1]["value"]]
    assert session.estimated_started_at == nine_in("Australia/Sydney")


def test_day_stays_the_same_after_activating_anew(two_way: TwoWay) -> None:
    """The calendar, with its zone, is forgotten until it is listed again."""
    sydney = two_way.program.google.world.add_calendar(
        CAMILLE, "Sydney", time_zone="Australia/Sydney"
    )
    session = all_day(two_way, sydney)
    two_way.settle()
    assert session.estimated_started_at == nine_in("Australia/Sydney")
    two_way.product.syncing.deactivated(two_way.link().user_id)
    activate(two_way.program)
    assert two_way.run_jobs()
    assert session.estimated_started_at == nine_in("Australia/Sydney")


def test_lost_right_to_write_is_told_and_tried_again_after_a_day(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    google, livestorm = two_way.program.google.world, two_way.program.livestorm.world
    calendar_id = google.add_calendar(SAM, "Shared")
    google.share(calendar_id, CAMILLE, "writer")
    event_id = calendar_event(two_way.program, account=calendar_id)
    room = ask_for_room(two_way.program, event_id, calendar_id=calendar_id)
    google.attach_conference(calendar_id, event_id, room)
    two_way.settle()
    google.share(calendar_id, CAMILLE, "reader")
    event = livestorm.events[room["conferenceId"]]
    workspace = livestorm.workspace_of(event.id)
    assert workspace is not None
    events.update_event(livestorm, workspace, event, {"title": "From Livestorm"})
    two_way.poll_livestorm()
    two_way.settle()
    link = two_way.link()
    assert (link.trouble, link.failures, link.dirty_at) == (None, 0, None)
    assert "read_only" in link.unsynced["parts"]
    # What Calendar says is carried all the same.
    google.patch_event(calendar_id, event_id, {"description": "Still carried"})
    two_way.settle()
    assert event.description == "Still carried"
    assert event.title == "From Livestorm"
    google.share(calendar_id, CAMILLE, "writer")
    time_machine.move_to(datetime.now(UTC) + timedelta(days=1, minutes=1))
    two_way.noticing.sweep.links()
    two_way.settle()
    assert google.event(calendar_id, event_id)["summary"] == "From Livestorm"
    assert "read_only" not in two_way.link().unsynced["parts"]


@pytest.mark.parametrize("all_day", [False, True])
@pytest.mark.parametrize("answered", ["honoured", "ignored", "after an empty page"])
def test_session_moves_its_own_occurrence_however_it_is_found(
    two_way: TwoWay, answered: str, all_day: bool
) -> None:
    google, world = two_way.program.google, two_way.program.livestorm.world
    google.switches.original_start_filter = "ignored" if answered == "ignored" else "honoured"
    day = {"start": {"date": "2027-03-10"}, "end": {"date": "2027-03-11"}} if all_day else {}
    event_id, room = saved_room(two_way, recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"], **day)
    two_way.settle()
    google.switches.empty_pages = answered == "after an empty page"
    sessions = [world.sessions[one] for one in world.events[str(room["conferenceId"])].session_ids]
    [_, second, _] = sorted(sessions, key=lambda one: one.estimated_started_at)
    later = second.estimated_started_at + 86_400
    change = {"estimated_started_at": later}
    change_sessions.update_session(world, world.workspace, second, change)
    two_way.poll_livestorm()
    two_way.settle()
    moved = [one for one in google.world.events(CAMILLE) if one.get("recurringEventId") == event_id]
    starts = [(one["originalStartTime"], one["start"]) for one in moved]
    assert len(starts) == 1
    original, start = starts[0]
    shown = [one.get("date") or one["dateTime"][:10] for one in (original, start)]
    assert shown == ["2027-03-17", "2027-03-18"]
