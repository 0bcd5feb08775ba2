"""Two-way sync from end to end: both simulators, real HTTP, both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from time_machine import TimeMachineFixture as TimeMachine

from addon.store import links
from addon.store.tables import history
from sandbox.google import TEAM_CALENDAR
from sandbox.livestorm.changes import events, people, sessions
from sandbox.livestorm.records import Event, Session
from sandbox.simulation import Fault
from tests.server.calls import CAMILLE, ask_for_room, calendar_event, connect
from tests.server.two_way import TwoWay, activate, saved_room


def livestorm_of(two_way: TwoWay, room: dict[str, Any]) -> tuple[Event, Session]:
    """The Livestorm event and session of a room."""
    world = two_way.program.livestorm.world
    event = world.events[str(room["conferenceId"])]
    return event, world.sessions[str(room["parameters"][1]["value"])]


def told(two_way: TwoWay, what: str) -> list[Any]:
    """What the history says of one kind."""
    with two_way.product.engine.connect() as connection:
        chosen = sa.select(history.c.detail).where(history.c.what == what)
        return list(connection.execute(chosen).scalars())


def starting(session: Session) -> int:
    return session.estimated_started_at


def test_edits_in_calendar_reach_livestorm(two_way: TwoWay) -> None:
    event_id, room = saved_room(two_way)
    two_way.settle()
    event, session = livestorm_of(two_way, room)
    world = two_way.program.google.world
    world.patch_event(
        CAMILLE,
        event_id,
        {
            "summary": "Renamed",
            "description": "New words",
            "start": {"dateTime": "2027-03-11T10:00:00+01:00", "timeZone": "Europe/Paris"},
            "end": {"dateTime": "2027-03-11T11:00:00+01:00", "timeZone": "Europe/Paris"},
        },
    )
    two_way.settle()
    assert event.title == "Renamed"
    assert event.description == "New words"
    start = datetime(2027, 3, 11, 9, tzinfo=UTC).timestamp()
    assert session.estimated_started_at == start


def test_event_that_is_saved_long_after_its_room_was_picked_is_kept_in_sync(
    two_way: TwoWay,
) -> None:
    event_id = calendar_event(two_way.program)
    room = ask_for_room(two_way.program, event_id)
    # Everything is compared while the event is still open in the editor, without its room.
    assert two_way.settle()
    two_way.program.google.world.attach_conference(CAMILLE, event_id, room)
    two_way.program.google.world.patch_event(CAMILLE, event_id, {"summary": "Renamed"})
    assert two_way.settle()
    event, _ = livestorm_of(two_way, room)
    assert event.title == "Renamed"
    assert two_way.link().dirty_at is None


def test_edits_in_livestorm_reach_calendar(two_way: TwoWay) -> None:
    event_id, room = saved_room(two_way)
    two_way.settle()
    world = two_way.program.livestorm.world
    event, session = livestorm_of(two_way, room)
    workspace = world.workspace_of(event.id)
    assert workspace is not None
    events.update_event(world, workspace, event, {"title": "From Livestorm"})
    start = datetime(2027, 3, 12, 9, tzinfo=UTC)
    sessions.update_session(
        world, workspace, session, {"estimated_started_at": int(start.timestamp())}
    )
    two_way.poll_livestorm()
    two_way.settle()
    calendar = two_way.program.google.world.event(CAMILLE, event_id)
    assert calendar["summary"] == "From Livestorm"
    assert datetime.fromisoformat(calendar["start"]["dateTime"]) == start
    assert calendar["conferenceData"]["conferenceId"] == room["conferenceId"]
    # The echo of it has not been compared again: lists show it all the same.
    link = two_way.link()
    assert (link.title, link.starts_at) == ("From Livestorm", start)


def test_nothing_is_written_once_both_are_the_same(two_way: TwoWay) -> None:
    event_id, _ = saved_room(two_way)
    two_way.settle()
    world = two_way.program.google.world
    world.patch_event(CAMILLE, event_id, {"summary": "Renamed"})
    two_way.settle()
    two_way.poll_livestorm()
    two_way.settle()
    two_way.program.google.clear_log()
    two_way.program.livestorm.clear_log()
    two_way.poll_livestorm()
    two_way.settle()
    writes = [c for c in two_way.program.livestorm.log if c.method != "GET"]
    writes += [c for c in two_way.program.google.log if c.method in {"PATCH", "PUT", "DELETE"}]
    assert writes == []


def test_guests_become_registrants_and_back(two_way: TwoWay) -> None:
    event_id, room = saved_room(two_way)
    two_way.settle()
    two_way.poll_livestorm()
    google = two_way.program.google.world
    google.patch_event(
        CAMILLE, event_id, {"attendees": [{"email": f"guest{n}@partner.test"} for n in range(3)]}
    )
    two_way.settle()
    two_way.program.livestorm.settle()
    two_way.settle()
    world = two_way.program.livestorm.world
    event, session = livestorm_of(two_way, room)
    registered = {r.person.email for r in session.registrations.values()}
    assert {f"guest{n}@partner.test" for n in range(3)} <= registered
    workspace = world.workspace_of(event.id)
    assert workspace is not None
    people.register(
        world,
        workspace,
        session,
        {"email": "new@partner.test", "first_name": "New", "last_name": "One"},
    )
    two_way.program.livestorm.settle()
    two_way.settle()
    attendees = google.event(CAMILLE, event_id)["attendees"]
    assert "new@partner.test" in {one["email"] for one in attendees}
    # Scenario 50: whom the program adds gets no invitation of Google's beside Livestorm's mail.
    assert "new@partner.test" not in {mail.to for mail in two_way.program.google.outbox}


def test_group_address_is_registered_once_and_the_card_warns(two_way: TwoWay) -> None:
    """Scenario 52."""
    event_id, room = saved_room(two_way)
    two_way.settle()
    google = two_way.program.google.world
    group = {"email": "product-team@acme.co"}
    google.patch_event(CAMILLE, event_id, {"attendees": [group, {"email": "ada@partner.test"}]})
    two_way.settle()
    two_way.program.livestorm.settle()
    two_way.settle()
    _, session = livestorm_of(two_way, room)
    registered = sorted(one.person.email for one in session.registrations.values())
    assert [one for one in registered if "team" in one or "ada" in one] == [
        "ada@partner.test",
        "product-team@acme.co",
    ]
    event = {"calendar": {"calendarId": CAMILLE, "id": event_id}}
    card = two_way.program.addon("/addon/event", event=event).text
    assert "product-team@acme.co" in card
    assert "group address" in card
    assert "ada@partner.test" not in card


def test_deactivating_stops_everything(two_way: TwoWay) -> None:
    event_id, room = saved_room(two_way)
    two_way.settle()
    link = two_way.link()
    two_way.product.syncing.deactivated(link.user_id)
    two_way.program.google.world.patch_event(CAMILLE, event_id, {"summary": "Not carried"})
    two_way.settle()
    event, _ = livestorm_of(two_way, room)
    assert event.title == "Launch webinar"
    activate(two_way.program)
    two_way.settle()
    assert event.title == "Not carried"


def test_token_that_livestorm_refuses_is_renewed_at_once(two_way: TwoWay) -> None:
    event_id, room = saved_room(two_way)
    two_way.settle()
    simulator = two_way.program.livestorm
    simulator.faults.add(Fault("status", status=401, method="PATCH", path="/v1/events/"))
    two_way.program.google.world.patch_event(CAMILLE, event_id, {"summary": "Carried"})
    two_way.settle()
    event, _ = livestorm_of(two_way, room)
    assert event.title == "Carried"
    assert two_way.link().trouble is None


def test_answer_of_calendar_that_is_cut_off_is_asked_for_again(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    event_id, room = saved_room(two_way)
    two_way.settle()
    world = two_way.program.livestorm.world
    event, _ = livestorm_of(two_way, room)
    workspace = world.workspace_of(event.id)
    assert workspace is not None
    events.update_event(world, workspace, event, {"title": "From Livestorm"})
    # All attempts of the HTTP library at this one call.
    google = two_way.program.google
    google.faults.add(Fault("truncated", method="PATCH", path=f"/events/{event_id}", times=4))
    two_way.product.notices.touch(two_way.link().id)
    two_way.settle()
    assert two_way.link().trouble["kind"] == "google_down"
    time_machine.move_to(datetime.now(UTC) + timedelta(minutes=1))
    google.faults.clear()
    two_way.settle()
    assert google.world.event(CAMILLE, event_id)["summary"] == "From Livestorm"
    assert two_way.link().trouble is None


def test_connecting_again_carries_what_was_noticed_without(two_way: TwoWay) -> None:
    event_id, room = saved_room(two_way)
    two_way.settle()
    world = two_way.program.livestorm.world
    world.grants.revoke_user(world.member(CAMILLE)[1].user_id)
    google = two_way.program.google.world
    google.patch_event(CAMILLE, event_id, {"summary": "While Livestorm said no"})
    two_way.settle()
    google.patch_event(CAMILLE, event_id, {"description": "Still no"})
    two_way.settle()
    connect(two_way.program)
    two_way.settle()
    event, _ = livestorm_of(two_way, room)
    assert (event.title, event.description) == ("While Livestorm said no", "Still no")


def test_deletion_in_calendar_reaches_livestorm_after_its_grace(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    event_id, room = saved_room(two_way)
    two_way.settle()
    two_way.program.google.world.delete_event(CAMILLE, event_id)
    two_way.settle()
    world = two_way.program.livestorm.world
    assert str(room["conferenceId"]) in world.events
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=61))
    two_way.settle()
    assert str(room["conferenceId"]) not in world.events
    assert two_way.link().state == "deleted"


def test_event_that_livestorm_will_not_delete_is_let_go(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    event_id, room = saved_room(two_way)
    two_way.settle()
    two_way.program.livestorm.switches.delete_event = "refuse"
    two_way.program.google.world.delete_event(CAMILLE, event_id)
    two_way.settle()
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=61))
    two_way.settle()
    assert two_way.link().trouble["kind"] == "livestorm_refused"
    time_machine.move_to(datetime.now(UTC) + timedelta(minutes=1))
    two_way.settle()
    assert str(room["conferenceId"]) in two_way.program.livestorm.world.events
    assert two_way.link().state == "unlinked"
    assert told(two_way, "unlinked") == [{"why": "deletion_refused"}]
    assert two_way.settle() == 0


@pytest.mark.parametrize("guests", [0, 2])
def test_session_that_livestorm_will_not_delete_is_kept(
    two_way: TwoWay, time_machine: TimeMachine, guests: int
) -> None:
    """The history says so, and everything else is carried as before."""
    people = [{"email": f"guest{number}@partner.test"} for number in range(guests)]
    event_id, room = saved_room(two_way, recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"], attendees=people)
    two_way.settle()
    two_way.program.livestorm.switches.delete_session = "refuse_host"
    google = two_way.program.google.world
    google.delete_event(CAMILLE, f"{event_id}_20270317T140000Z")
    two_way.settle()
    assert two_way.link().trouble["kind"] == "livestorm_refused"
    time_machine.move_to(datetime.now(UTC) + timedelta(minutes=1))
    two_way.settle()
    link = two_way.link()
    assert (link.state, link.dirty_at, link.trouble) == ("active", None, None)
    assert told(two_way, "session_refused") == [{"occurrence": "20270317T140000Z"}]
    google.patch_event(CAMILLE, event_id, {"summary": "Renamed"})
    two_way.settle()
    event, _ = livestorm_of(two_way, room)
    assert (event.title, len(event.session_ids)) == ("Renamed", 3)
    deletions = [c for c in two_way.program.livestorm.log if c.method == "DELETE"]
    two_way.product.notices.touch(link.id)
    two_way.settle()
    assert [c for c in two_way.program.livestorm.log if c.method == "DELETE"] == deletions


def test_deletion_taken_back_within_its_grace_deletes_nothing(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    event_id, room = saved_room(two_way)
    two_way.settle()
    two_way.program.google.world.delete_event(CAMILLE, event_id)
    two_way.settle()
    two_way.program.google.world.undelete_event(CAMILLE, event_id)
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=61))
    two_way.settle()
    assert str(room["conferenceId"]) in two_way.program.livestorm.world.events
    assert two_way.link().state == "active"


def test_deletion_taken_back_unseen_deletes_nothing(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    """The message about it was lost: Calendar is asked once more before anything is deleted."""
    event_id, room = saved_room(two_way)
    two_way.settle()
    google = two_way.program.google
    google.world.delete_event(CAMILLE, event_id)
    two_way.settle()
    google.switches.push_drop_percent = 100
    google.world.undelete_event(CAMILLE, event_id)
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=61))
    two_way.settle()
    assert str(room["conferenceId"]) in two_way.program.livestorm.world.events
    assert two_way.link().state == "active"


def test_event_moved_out_of_sight_keeps_its_room(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    """Scenario 28: all that is left in the old calendar is an id."""
    event_id, room = saved_room(two_way)
    two_way.settle()
    two_way.program.google.world.move_event(CAMILLE, event_id, TEAM_CALENDAR)
    two_way.settle()
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=61))
    two_way.settle()
    assert str(room["conferenceId"]) in two_way.program.livestorm.world.events
    assert two_way.link().state == "unlinked"


def test_deletion_in_livestorm_reaches_calendar_after_its_grace(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    event_id, room = saved_room(two_way)
    two_way.settle()
    world = two_way.program.livestorm.world
    event, _ = livestorm_of(two_way, room)
    workspace = world.workspace_of(event.id)
    assert workspace is not None
    events.delete_event(world, workspace, event)
    two_way.product.notices.touch(two_way.link().id)
    two_way.settle()
    google = two_way.program.google.world
    assert google.event(CAMILLE, event_id)["status"] == "confirmed"
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=61))
    two_way.settle()
    assert google.event(CAMILLE, event_id)["status"] == "cancelled"


def test_event_that_took_place_is_kept(two_way: TwoWay, time_machine: TimeMachine) -> None:
    event_id, room = saved_room(two_way)
    two_way.settle()
    world = two_way.program.livestorm.world
    event, session = livestorm_of(two_way, room)
    workspace = world.workspace_of(event.id)
    assert workspace is not None
    sessions.start_session(world, workspace, session)
    two_way.program.google.world.delete_event(CAMILLE, event_id)
    two_way.settle()
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=61))
    two_way.settle()
    assert event.id in world.events
    assert two_way.link().state == "unlinked"


def test_occurrences_of_a_series_get_sessions_of_their_own(two_way: TwoWay) -> None:
    _, room = saved_room(two_way, recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])
    two_way.settle()
    event, _ = livestorm_of(two_way, room)
    starts = sorted(
        datetime.fromtimestamp(one.estimated_started_at, UTC)
        for one in two_way.program.livestorm.world.sessions.values()
        if one.event_id == event.id
    )
    # The clocks change on 28 March: the wall time stays, the instant moves.
    assert starts == [
        datetime(2027, 3, 10, 14, tzinfo=UTC),
        datetime(2027, 3, 17, 14, tzinfo=UTC),
        datetime(2027, 3, 24, 14, tzinfo=UTC),
        datetime(2027, 3, 31, 13, tzinfo=UTC),
    ]


@pytest.mark.parametrize("occurrences", [1, 3])
def test_session_deleted_in_livestorm_is_noticed_without_any_notification(
    two_way: TwoWay, time_machine: TimeMachine, occurrences: int
) -> None:
    """Neither a webhook nor an `updated_at` tells: all that shows is that it is not listed."""
    several = {"recurrence": [f"RRULE:FREQ=WEEKLY;COUNT={occurrences}"]}
    event_id, room = saved_room(two_way, **(several if occurrences > 1 else {}))
    two_way.settle()
    two_way.poll_livestorm()
    two_way.settle()
    world = two_way.program.livestorm.world
    event, _ = livestorm_of(two_way, room)
    workspace = world.workspace_of(event.id)
    assert workspace is not None
    world.switches.delete_session = "delete"
    first = min((world.sessions[one] for one in event.session_ids), key=starting)
    time_machine.move_to(datetime.now(UTC) + timedelta(minutes=20))
    sessions.delete_session(world, workspace, first)
    two_way.poll_livestorm()
    two_way.settle()
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=61))
    two_way.settle()
    cancelled = [
        one
        for one in two_way.program.google.world.events(CAMILLE, deleted=True)
        if one["status"] == "cancelled"
    ]
    assert [one["id"] for one in cancelled] == [
        event_id if occurrences == 1 else f"{event_id}_20270310T140000Z"
    ]


def test_guests_of_a_cancelled_occurrence_stay_registered_for_the_others(two_way: TwoWay) -> None:
    """Livestorm may remove from all sessions whom we remove from one."""
    switches = two_way.program.livestorm.switches
    switches.remove_person_scope = "event"
    switches.job_seconds = 0
    guests = [{"email": f"guest{number}@partner.test"} for number in range(2)]
    event_id, room = saved_room(two_way, recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"], attendees=guests)
    two_way.settle()
    google = two_way.program.google.world
    google.delete_event(CAMILLE, f"{event_id}_20270317T140000Z")
    two_way.settle()
    event, _ = livestorm_of(two_way, room)
    world = two_way.program.livestorm.world
    registered = [len(world.sessions[one].participants) for one in event.session_ids]
    assert registered == [2, 2]


def test_whoever_registered_for_one_date_stays_when_its_series_moves(two_way: TwoWay) -> None:
    """Calendar drops the date's own guest list, which is the only one that has them."""
    two_way.program.livestorm.switches.job_seconds = 0
    event_id, room = saved_room(two_way, recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    two_way.settle()
    two_way.poll_livestorm()
    world, google = two_way.program.livestorm.world, two_way.program.google.world
    event, session = livestorm_of(two_way, room)
    workspace = world.workspace_of(event.id)
    assert workspace is not None
    people.register(world, workspace, session, {"email": "ada@partner.test"})
    two_way.poll_livestorm()
    two_way.settle()

    def guests(occurrence: str) -> set[str]:
        found = google.event(CAMILLE, f"{event_id}_{occurrence}")["attendees"]
        return {one["email"] for one in found} - {CAMILLE}

    assert guests("20270310T140000Z") == {"ada@partner.test"}
    moved = {
        end: {"dateTime": f"2027-03-10T{hour}:00:00+01:00", "timeZone": "Europe/Paris"}
        for end, hour in (("start", 17), ("end", 18))
    }
    google.patch_event(CAMILLE, event_id, moved)
    two_way.settle()
    assert session.estimated_started_at == datetime(2027, 3, 10, 16, tzinfo=UTC).timestamp()
    assert len(session.participants) == 1
    assert guests("20270310T160000Z") == {"ada@partner.test"}


def test_answers_that_do_not_name_the_event_of_a_session_are_read(two_way: TwoWay) -> None:
    two_way.program.livestorm.switches.session_names_event = False
    event_id, room = saved_room(two_way, recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"])
    two_way.settle()
    two_way.program.google.world.patch_event(
        CAMILLE,
        event_id,
        {
            "start": {"dateTime": "2027-03-10T16:00:00+01:00", "timeZone": "Europe/Paris"},
            "end": {"dateTime": "2027-03-10T17:00:00+01:00", "timeZone": "Europe/Paris"},
        },
    )
    two_way.settle()
    event, session = livestorm_of(two_way, room)
    assert session.estimated_started_at == datetime(2027, 3, 10, 15, tzinfo=UTC).timestamp()
    assert len(event.session_ids) == 2
    assert two_way.link().trouble is None


def test_allowance_that_was_bought_is_noticed_when_somebody_presses_sync_now(
    two_way: TwoWay,
) -> None:
    event_id, room = saved_room(two_way)
    two_way.settle()
    simulator = two_way.program.livestorm
    weeks = 14 * 24 * 3600
    simulator.faults.add(Fault("status", "/v1/", status=429, retry_after=weeks, times=None))
    two_way.program.google.world.patch_event(CAMILLE, event_id, {"summary": "Waits"})
    two_way.settle()
    link = two_way.link()
    assert link.trouble["kind"] == "rate_limited"
    assert link.next_at <= datetime.now(UTC) + timedelta(minutes=75)
    simulator.faults.clear()
    whole = links.get(two_way.product.engine, link.id)
    assert whole is not None
    two_way.product.syncing.ask(whole)
    two_way.settle()
    event, _ = livestorm_of(two_way, room)
    assert event.title == "Waits"


def test_next_occurrence_comes_into_view_with_time(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    """Ten occurrences have sessions; when the first is over, the eleventh gets one."""
    _, room = saved_room(two_way, recurrence=["RRULE:FREQ=DAILY"])
    two_way.settle()
    event, _ = livestorm_of(two_way, room)
    assert len(event.session_ids) == 10
    time_machine.move_to(datetime(2027, 3, 10, 15, 1, tzinfo=UTC))
    two_way.noticing.sweep.links()
    two_way.settle()
    world = two_way.program.livestorm.world
    starts = {world.sessions[one].estimated_started_at for one in event.session_ids}
    assert datetime(2027, 3, 20, 14, tzinfo=UTC).timestamp() in starts


def test_conflict_is_read_again_and_loses_nothing(two_way: TwoWay) -> None:
    """Scenario 31: both sides are edited within a minute."""
    event_id, room = saved_room(two_way)
    two_way.settle()
    two_way.poll_livestorm()
    event, _ = livestorm_of(two_way, room)
    world = two_way.program.livestorm.world
    workspace = world.workspace_of(event.id)
    assert workspace is not None
    events.update_event(world, workspace, event, {"title": "Livestorm's title"})
    two_way.program.google.world.patch_event(CAMILLE, event_id, {"description": "Calendar's words"})
    two_way.poll_livestorm()
    two_way.settle()
    calendar = two_way.program.google.world.event(CAMILLE, event_id)
    assert (calendar["summary"], calendar["description"]) == (
        "Livestorm's title",
        "Calendar's words",
    )
    assert (event.title, event.description) == ("Livestorm's title", "Calendar's words")


def test_room_taken_off_and_picked_again_is_the_same(two_way: TwoWay) -> None:
    event_id, room = saved_room(two_way)
    two_way.settle()
    google = two_way.program.google.world
    google.remove_conference(CAMILLE, event_id)
    two_way.settle()
    assert two_way.link().state == "unlinked"
    again = ask_for_room(two_way.program, event_id)
    assert again["conferenceId"] == room["conferenceId"]
    google.attach_conference(CAMILLE, event_id, again)
    google.patch_event(CAMILLE, event_id, {"summary": "Together again"})
    two_way.settle()
    event, _ = livestorm_of(two_way, room)
    assert event.title == "Together again"


def test_room_deleted_by_sync_is_made_anew_when_picked_again(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    event_id, room = saved_room(two_way)
    two_way.settle()
    google = two_way.program.google.world
    google.delete_event(CAMILLE, event_id)
    two_way.settle()
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=61))
    two_way.settle()
    assert room["conferenceId"] not in two_way.program.livestorm.world.events
    google.undelete_event(CAMILLE, event_id)
    again = ask_for_room(two_way.program, event_id)
    assert again["conferenceId"] in two_way.program.livestorm.world.events


def test_room_picked_again_days_later_waits_until_the_event_is_saved(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    event_id, room = saved_room(two_way)
    two_way.settle()
    google = two_way.program.google.world
    google.remove_conference(CAMILLE, event_id)
    two_way.settle()
    time_machine.move_to(datetime.now(UTC) + timedelta(hours=25))
    again = ask_for_room(two_way.program, event_id)
    assert again["conferenceId"] == room["conferenceId"]
    # Compared while the event is still open in the editor.
    assert two_way.settle()
    assert two_way.link().state == "active"
    google.attach_conference(CAMILLE, event_id, again)
    google.patch_event(CAMILLE, event_id, {"summary": "Together again"})
    two_way.settle()
    event, _ = livestorm_of(two_way, room)
    assert event.title == "Together again"


def test_series_that_took_place_and_is_deleted_reminds_nobody_of_what_was_called_off(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    event_id, room = saved_room(
        two_way,
        recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"],
        attendees=[{"email": "ada@partner.test"}],
    )
    two_way.settle()
    two_way.program.livestorm.settle()
    two_way.settle()
    world = two_way.program.livestorm.world
    event, session = livestorm_of(two_way, room)
    workspace = world.workspace_of(event.id)
    assert workspace is not None
    sessions.start_session(world, workspace, session)
    two_way.program.google.world.delete_event(CAMILLE, event_id)
    two_way.settle()
    assert len(event.session_ids) == 3
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=61))
    two_way.settle()
    assert event.id in world.events
    assert event.session_ids == [session.id]
    assert two_way.link().state == "unlinked"


@pytest.mark.parametrize(
    ("fault", "kept"),
    [
        (Fault("status", status=422, method="PATCH", times=1), 0),
        (Fault("drop_after", method="PATCH", times=1), 1),
        (Fault("status", status=500, method="PATCH", times=1), 1),
    ],
)
def test_value_that_gives_way_is_noted_unless_the_write_was_refused(
    two_way: TwoWay, time_machine: TimeMachine, fault: Fault, kept: int
) -> None:
    """What may have been overwritten is kept; what was not, is not said to be."""
    event_id, room = saved_room(two_way)
    two_way.settle()
    world = two_way.program.livestorm.world
    event, _ = livestorm_of(two_way, room)
    workspace = world.workspace_of(event.id)
    assert workspace is not None
    events.update_event(world, workspace, event, {"title": "Livestorm's"})
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=5))
    two_way.program.google.world.patch_event(CAMILLE, event_id, {"summary": "Calendar's"})
    two_way.program.livestorm.faults.add(fault)
    two_way.settle()
    assert two_way.link().trouble is not None
    assert [one["value"] for one in told(two_way, "overwritten")] == ["Livestorm's"][:kept]
    time_machine.move_to(datetime.now(UTC) + timedelta(minutes=5))
    two_way.settle()
    assert event.title == "Calendar's"
    assert [one["value"] for one in told(two_way, "overwritten")] == ["Livestorm's"]


def test_note_of_a_refused_write_leaves_an_older_one_alone(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    event_id, room = saved_room(two_way)
    two_way.settle()
    world = two_way.program.livestorm.world
    event, _ = livestorm_of(two_way, room)
    workspace = world.workspace_of(event.id)
    assert workspace is not None
    for number in range(2):
        if number:
            fault = Fault("status", status=422, method="PATCH", times=1)
            two_way.program.livestorm.faults.add(fault)
        events.update_event(world, workspace, event, {"title": "Livestorm's"})
        time_machine.move_to(datetime.now(UTC) + timedelta(seconds=5))
        changes = {"summary": f"Calendar's, {number}"}
        two_way.program.google.world.patch_event(CAMILLE, event_id, changes)
        two_way.settle()
        assert [one["value"] for one in told(two_way, "overwritten")] == ["Livestorm's"]


def test_session_that_stays_although_its_date_was_removed_is_told_on_the_card(
    two_way: TwoWay,
) -> None:
    """Only somebody who looked into the history would know that people are still expected."""
    event_id, room = saved_room(two_way, recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    two_way.settle()
    world = two_way.program.livestorm.world
    event, _ = livestorm_of(two_way, room)
    workspace = world.workspace_of(event.id)
    assert workspace is not None
    removed = world.sessions[event.session_ids[1]]
    two_way.program.google.world.delete_event(CAMILLE, f"{event_id}_20270317T140000Z")
    people.register(world, workspace, removed, {"email": "own@partner.test"})
    two_way.settle()
    assert removed.id in world.sessions
    opened = {"calendar": {"calendarId": CAMILLE, "id": event_id}}
    for locale, words in {
        "en": "but stays in Livestorm",
        "fr": "mais elle reste dans Livestorm",
        "de": "bleibt aber in Livestorm",
        "es": "pero se conserva en Livestorm",
    }.items():
        card = two_way.program.addon("/addon/event", event=opened, locale=locale)
        assert words in str(card.json())
    world.switches.delete_session = "delete"
    sessions.delete_session(world, workspace, removed)
    two_way.product.notices.touch(two_way.link().id)
    two_way.settle()
    assert "session_kept" not in two_way.link().unsynced["parts"]
