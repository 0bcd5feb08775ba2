"""News about people in Livestorm reach Calendar, whatever goes wrong on the way."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from time_machine import TimeMachineFixture as TimeMachine

from sandbox.google.fault_shapes import calendar_fault
from sandbox.livestorm.changes import events, people
from sandbox.livestorm.records import Session
from sandbox.simulation import Fault
from tests.server.calls import CAMILLE, ask_for_room, calendar_event, connect
from tests.server.two_way import TwoWay, activate, begin, saved_room
from tests.support.program import Program

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What is decided here does not depend on the kind; test_two_way_sync.py goes through both."""

ADA = "ada@partner.test"
CROWD = [f"guest{number}@partner.test" for number in range(6)]
"""More than may leave at once without being doubted."""

Room = dict[str, Any]


@pytest.fixture
def two_way(program: Program) -> TwoWay:
    """Camille is connected and has activated; registrations in bulk take no time."""
    rig = begin(program)
    program.livestorm.switches.job_seconds = 0
    connect(program)
    assert "integration is activated" in activate(program).text
    return rig


def session_of(two_way: TwoWay, room: Room) -> Session:
    """The session that was made with a room."""
    return two_way.program.livestorm.world.sessions[str(room["parameters"][1]["value"])]


def registers(two_way: TwoWay, room: Room, *addresses: str) -> None:
    """People register on Livestorm's page, and its webhooks say so."""
    world, session = two_way.program.livestorm.world, session_of(two_way, room)
    for email in addresses:
        people.register(world, world.workspace, session, {"email": email})
    assert two_way.program.livestorm.settle()


def unregisters(two_way: TwoWay, room: Room, addresses: Sequence[str]) -> None:
    """Somebody removes registrants in Livestorm, and a look at the counts finds out."""
    world, session = two_way.program.livestorm.world, session_of(two_way, room)
    for email in addresses:
        person = world.workspace.person_by_email(email)
        assert person is not None
        people.unregister(world, world.workspace, session, person, whole_event=False)
    two_way.product.notices.touch(two_way.link().id)


def registered(two_way: TwoWay, room: Room) -> set[str]:
    """Who is registered and not of the team."""
    return {
        one.person.email
        for one in session_of(two_way, room).registrations.values()
        if one.role == "participant"
    }


def invited(two_way: TwoWay, event_id: str) -> set[str]:
    """Who is on the guest list, without Camille."""
    event = two_way.program.google.world.event(CAMILLE, event_id)
    return {one["email"] for one in event.get("attendees", [])} - {CAMILLE}


def met(two_way: TwoWay, **values: Any) -> tuple[str, Room]:
    """A room that was compared, and whose webhooks are there."""
    event_id, room = saved_room(two_way, **values)
    two_way.settle()
    two_way.poll_livestorm()
    two_way.settle()
    return event_id, room


FAULTS = {
    "quota": calendar_fault("quotaExceeded", method="PATCH", times=None),
    "rate": calendar_fault("rateLimitExceeded", method="PATCH", status=429, times=None),
    "outage": Fault("status", status=503, method="PATCH", path="/calendar/v3/", times=None),
    "no answer": Fault("drop_before", method="PATCH", path="/calendar/v3/", times=None),
    "edited": Fault("status", status=412, method="PATCH", path="/calendar/v3/", times=None),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_51_who_registers_while_calendar_takes_no_guests_is_added_later(
    two_way: TwoWay, time_machine: TimeMachine, fault: str
) -> None:
    event_id, room = met(two_way)
    google = two_way.program.google
    google.faults.add(FAULTS[fault])
    registers(two_way, room, ADA)
    two_way.settle()
    assert two_way.link().trouble is not None
    google.faults.clear()
    time_machine.move_to(datetime.now(UTC) + timedelta(hours=2))
    two_way.settle()
    assert invited(two_way, event_id) == {ADA}
    assert registered(two_way, room) == {ADA}
    assert two_way.link().trouble is None


def test_51_words_pass_while_calendar_takes_no_guests(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    event_id, room = met(two_way)
    google, world = two_way.program.google, two_way.program.livestorm.world
    google.faults.add(replace(FAULTS["quota"], contains='"attendees"'))
    event = world.events[str(room["conferenceId"])]
    events.update_event(world, world.workspace, event, {"title": "From Livestorm"})
    registers(two_way, room, ADA)
    two_way.settle()
    assert google.world.event(CAMILLE, event_id)["summary"] == "From Livestorm"
    assert invited(two_way, event_id) == set()
    assert two_way.link().trouble["kind"] == "google_quota"
    google.faults.clear()
    time_machine.move_to(datetime.now(UTC) + timedelta(hours=2))
    two_way.settle()
    assert invited(two_way, event_id) == {ADA}


def test_who_is_removed_while_calendar_is_down_is_removed_later(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    event_id, room = met(two_way, attendees=[{"email": one} for one in CROWD[:2]])
    google = two_way.program.google
    google.faults.add(FAULTS["outage"])
    unregisters(two_way, room, CROWD[:1])
    two_way.settle()
    google.faults.clear()
    time_machine.move_to(datetime.now(UTC) + timedelta(hours=2))
    two_way.settle()
    assert invited(two_way, event_id) == {CROWD[1]}
    assert registered(two_way, room) == {CROWD[1]}


def test_who_registers_while_livestorm_takes_no_changes_is_added_later(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    """The job is broken off before it comes to Calendar."""
    event_id, room = met(two_way)
    livestorm = two_way.program.livestorm
    livestorm.faults.add(Fault("status", status=503, method="PATCH", times=None))
    two_way.program.google.world.patch_event(CAMILLE, event_id, {"summary": "Renamed"})
    registers(two_way, room, ADA)
    two_way.settle()
    assert invited(two_way, event_id) == set()
    livestorm.faults.clear()
    time_machine.move_to(datetime.now(UTC) + timedelta(hours=2))
    two_way.settle()
    assert invited(two_way, event_id) == {ADA}


def test_everybody_removed_at_once_is_believed_after_a_while(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    event_id, room = met(two_way, attendees=[{"email": one} for one in CROWD])
    unregisters(two_way, room, CROWD)
    two_way.settle()
    assert invited(two_way, event_id) == set(CROWD)
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=61))
    two_way.settle()
    assert invited(two_way, event_id) == set()


def test_everybody_back_within_that_while_stays(two_way: TwoWay, time_machine: TimeMachine) -> None:
    event_id, room = met(two_way, attendees=[{"email": one} for one in CROWD])
    unregisters(two_way, room, CROWD)
    two_way.settle()
    registers(two_way, room, *CROWD)
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=61))
    two_way.settle()
    assert invited(two_way, event_id) == set(CROWD)
    assert registered(two_way, room) == set(CROWD)


def test_people_who_cannot_be_read_hold_up_nobody_and_nothing_else(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    event_id, room = met(two_way)
    livestorm, google = two_way.program.livestorm, two_way.program.google.world
    world = livestorm.world
    livestorm.faults.add(Fault("status", status=503, method="GET", path="/people$", times=None))
    registers(two_way, room, ADA)
    event = world.events[str(room["conferenceId"])]
    events.update_event(world, world.workspace, event, {"title": "From Livestorm"})
    google.patch_event(
        CAMILLE, event_id, {"description": "New", "attendees": [{"email": "bob@partner.test"}]}
    )
    two_way.settle()
    assert google.event(CAMILLE, event_id)["summary"] == "From Livestorm"
    assert event.description == "New"
    assert registered(two_way, room) == {ADA, "bob@partner.test"}
    link = two_way.link()
    assert "registrants" in link.unsynced["parts"]
    assert link.trouble["kind"] == "livestorm_down"
    livestorm.faults.clear()
    time_machine.move_to(datetime.now(UTC) + timedelta(hours=2))
    two_way.settle()
    assert invited(two_way, event_id) == {ADA, "bob@partner.test"}
    assert "registrants" not in two_way.link().unsynced["parts"]


def test_people_who_cannot_be_read_hold_up_no_deletion(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    event_id, room = met(two_way)
    livestorm = two_way.program.livestorm
    livestorm.faults.add(Fault("status", status=503, method="GET", path="/people$", times=None))
    registers(two_way, room, ADA)
    two_way.program.google.world.delete_event(CAMILLE, event_id)
    two_way.settle()
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=61))
    two_way.settle()
    assert str(room["conferenceId"]) not in livestorm.world.events


def test_more_registrants_than_are_ever_read_are_named_and_cost_nothing(two_way: TwoWay) -> None:
    event_id, room = met(two_way)
    livestorm, session = two_way.program.livestorm, session_of(two_way, room)
    world = livestorm.world
    tells, world.announce = world.announce, lambda *_: None
    for number in range(5001):
        people.register(world, world.workspace, session, {"email": f"g{number}@partner.test"})
    world.announce = tells
    event = world.events[str(room["conferenceId"])]
    events.update_event(world, world.workspace, event, {"title": "Crowded"})
    livestorm.clear_log()
    for title in ("Crowded", "Crowded still"):
        events.update_event(world, world.workspace, event, {"title": title})
        two_way.product.notices.touch(two_way.link().id)
        two_way.settle()
        assert two_way.program.google.world.event(CAMILLE, event_id)["summary"] == title
        assert "registrants" in two_way.link().unsynced["parts"]
        assert two_way.link().trouble is None
    assert [one.path for one in livestorm.log if "people" in one.path] == []


def test_one_address_that_livestorm_refuses_keeps_nobody_else_out(two_way: TwoWay) -> None:
    livestorm = two_way.program.livestorm
    livestorm.faults.add(
        Fault("status", status=422, method="POST", path="/people", contains=CROWD[2], times=None)
    )
    _, room = met(two_way, attendees=[{"email": one} for one in CROWD])
    assert registered(two_way, room) == set(CROWD) - {CROWD[2]}
    assert two_way.link().unsynced["guests"] == [[CROWD[2], "refused"]]
    assert two_way.link().trouble is None
    livestorm.clear_log()
    two_way.product.notices.touch(two_way.link().id)
    two_way.settle()
    assert [one.path for one in livestorm.log if one.method == "POST"] == []


def reads_of_people(two_way: TwoWay) -> list[str]:
    """The calls that asked Livestorm for people, by path."""
    log = two_way.program.livestorm.log
    return [one.path for one in log if one.method == "GET" and one.path.endswith("/people")]


def test_popular_page_is_read_at_a_pace(two_way: TwoWay, time_machine: TimeMachine) -> None:
    event_id, room = met(two_way)
    livestorm, session = two_way.program.livestorm, session_of(two_way, room)
    world = livestorm.world
    tells, world.announce = world.announce, lambda *_: None
    for number in range(260):
        people.register(world, world.workspace, session, {"email": f"g{number:03}@partner.test"})
    world.announce = tells
    registers(two_way, room, ADA)
    two_way.settle()
    assert len(invited(two_way, event_id)) == 200
    livestorm.clear_log()
    for number in range(10):
        registers(two_way, room, f"late{number}@partner.test")
        two_way.settle()
    assert [one.path for one in livestorm.log] == []
    # Fields are not held up meanwhile, and have nobody read either.
    google = two_way.program.google.world
    google.patch_event(CAMILLE, event_id, {"summary": "Popular"})
    two_way.settle()
    assert world.events[str(room["conferenceId"])].title == "Popular"
    assert reads_of_people(two_way) == []
    unregisters(two_way, room, ["g000@partner.test"])
    time_machine.move_to(datetime.now(UTC) + timedelta(hours=6, minutes=1))
    two_way.noticing.sweep.links()
    two_way.settle()
    assert "g000@partner.test" not in invited(two_way, event_id)
    # Calendar has put Camille on the list as well, who counts.
    assert len(invited(two_way, event_id)) == 199
    assert len(reads_of_people(two_way)) == 6


def test_registration_for_one_session_has_only_that_one_read(two_way: TwoWay) -> None:
    _, room = met(two_way, recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])
    registers(two_way, room, ADA)
    two_way.settle()
    two_way.program.livestorm.clear_log()
    registers(two_way, room, "bob@partner.test")
    two_way.settle()
    assert reads_of_people(two_way) == [f"/v1/sessions/{session_of(two_way, room).id}/people"]
    assert two_way.link().unsynced["registered"] == 2


def test_registrant_whom_calendar_does_not_keep_stays_registered(two_way: TwoWay) -> None:
    event_id, room = met(two_way)
    google = two_way.program.google
    google.switches.guests_dropped = "partner.test"
    registers(two_way, room, ADA, "bob@else.test")
    two_way.settle()
    google.clear_log()
    two_way.product.notices.touch(two_way.link().id)
    two_way.settle()
    assert [one for one in google.log if one.method == "PATCH"] == []
    assert registered(two_way, room) == {ADA, "bob@else.test"}
    assert invited(two_way, event_id) == {"bob@else.test"}
    assert two_way.link().unsynced["guests"] == [[ADA, "not_kept"]]
    card = two_way.program.addon(
        "/addon/event", event={"calendar": {"calendarId": CAMILLE, "id": event_id}}
    ).text
    assert "did not take the address" in card


def test_who_registers_before_the_first_comparison_becomes_a_guest(two_way: TwoWay) -> None:
    event_id, room = saved_room(two_way)
    # The webhooks of another event of the workspace are there already.
    two_way.poll_livestorm()
    registers(two_way, room, ADA)
    two_way.settle()
    assert invited(two_way, event_id) == {ADA}


def test_who_registers_before_the_event_is_saved_becomes_a_guest(two_way: TwoWay) -> None:
    event_id = calendar_event(two_way.program)
    room = ask_for_room(two_way.program, event_id)
    two_way.poll_livestorm()
    registers(two_way, room, ADA)
    two_way.settle()
    two_way.program.google.world.attach_conference(CAMILLE, event_id, room)
    two_way.settle()
    assert invited(two_way, event_id) == {ADA}
