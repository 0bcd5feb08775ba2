"""What both sides, and the history, say of an event that was made a moment ago."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from time_machine import TimeMachineFixture as TimeMachine

from addon.store.tables import history, links
from sandbox.livestorm.changes import events, sessions
from sandbox.livestorm.records import Event
from sandbox.simulation import Fault
from tests.server.calls import CAMILLE, ask_for_room, calendar_event, connect
from tests.server.two_way import TwoWay, activate, begin, saved_room
from tests.support.program import Program

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What is decided here does not depend on the kind; test_two_way_sync.py goes through both."""


def livestorm_of(two_way: TwoWay, room: dict[str, Any]) -> Event:
    return two_way.program.livestorm.world.events[str(room["conferenceId"])]


def told(two_way: TwoWay) -> list[str]:
    """What the history has, oldest first."""
    with two_way.product.engine.connect() as connection:
        rows = connection.execute(sa.select(history.c.what).order_by(history.c.id))
        return [row.what for row in rows]


@pytest.mark.parametrize(
    ("on_length", "length", "lines"),
    [
        ("ignore", 30, ["created"]),
        ("400", 30, ["created"]),
        ("accept", 60, ["created", "length"]),
    ],
)
def test_history_of_a_fresh_event_has_only_what_was_done(
    two_way: TwoWay, on_length: Any, length: int, lines: list[str]
) -> None:
    """What Livestorm does with a length that it is sent, nobody knows."""
    two_way.program.livestorm.switches.estimated_duration_write = on_length
    event_id = calendar_event(two_way.program)
    room = ask_for_room(two_way.program, event_id)
    two_way.program.google.world.attach_conference(CAMILLE, event_id, room)
    two_way.settle()
    assert two_way.link().synced_at is not None
    assert livestorm_of(two_way, room).estimated_duration == length
    assert told(two_way) == lines


@pytest.mark.parametrize("locale", ["en", "fr", "de", "es"])
def test_event_without_title_stays_so_in_calendar(two_way: TwoWay, locale: str) -> None:
    half = {"dateTime": "2027-03-10T15:30:00+01:00", "timeZone": "Europe/Paris"}
    event_id = calendar_event(two_way.program, summary="", end=half)
    room = ask_for_room(two_way.program, event_id, locale=locale)
    made = livestorm_of(two_way, room).title
    two_way.program.google.world.attach_conference(CAMILLE, event_id, room)
    two_way.settle()
    assert two_way.link().synced_at is not None
    assert not two_way.program.google.world.event(CAMILLE, event_id).get("summary")
    assert livestorm_of(two_way, room).title == made
    assert told(two_way) == ["created"]


def test_stand_ins_of_a_room_picked_before_saving_are_replaced_and_no_loss(
    two_way: TwoWay,
) -> None:
    world = two_way.program.google.world
    event_id = world.reserve_event_id(CAMILLE)
    room = ask_for_room(two_way.program, event_id, locale="fr")
    calendar_event(two_way.program, id=event_id)
    world.attach_conference(CAMILLE, event_id, room)
    two_way.settle()
    event = livestorm_of(two_way, room)
    assert event.title == "Launch webinar"
    session = two_way.program.livestorm.world.sessions[event.session_ids[0]]
    start = datetime(2027, 3, 10, 14, tzinfo=UTC)
    assert session.estimated_started_at == start.timestamp()
    assert sorted(told(two_way)) == ["created", "description", "start", "title"]


MOVED = datetime(2027, 3, 12, 9, tzinfo=UTC)


def pass_time(time_machine: TimeMachine, seconds: float) -> None:
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=seconds))


def edit_in_livestorm(
    two_way: TwoWay,
    room: dict[str, Any],
    changes: dict[str, Any] | None = None,
    start: datetime | None = None,
) -> None:
    """Edit as a person does in the dashboard."""
    world, event = two_way.program.livestorm.world, livestorm_of(two_way, room)
    workspace = world.workspace_of(event.id)
    assert workspace is not None
    if changes:
        events.update_event(world, workspace, event, changes)
    if start is not None:
        session = world.sessions[event.session_ids[0]]
        sessions.update_session(
            world, workspace, session, {"estimated_started_at": int(start.timestamp())}
        )


def delete_in_livestorm(two_way: TwoWay, room: dict[str, Any]) -> None:
    world, event = two_way.program.livestorm.world, livestorm_of(two_way, room)
    workspace = world.workspace_of(event.id)
    assert workspace is not None
    events.delete_event(world, workspace, event)


def overwritten(two_way: TwoWay) -> list[tuple[str, str, str]]:
    """The values that gave way: whose, of what, and which."""
    with two_way.product.engine.connect() as connection:
        rows = connection.execute(
            sa.select(history).where(history.c.what == "overwritten").order_by(history.c.id)
        )
        return [(row.side, row.detail["change"], row.detail["value"]) for row in rows]


def test_edits_in_livestorm_before_the_first_comparison_are_carried(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    event_id, room = saved_room(two_way, description="As planned")
    pass_time(time_machine, 60)
    edit_in_livestorm(
        two_way,
        room,
        {"title": "Better", "description": "<p>In better words</p>", "estimated_duration": 45},
        MOVED,
    )
    two_way.settle()
    calendar = two_way.program.google.world.event(CAMILLE, event_id)
    assert calendar["summary"] == "Better"
    assert "In better words" in calendar["description"]
    assert datetime.fromisoformat(calendar["start"]["dateTime"]) == MOVED
    assert datetime.fromisoformat(calendar["end"]["dateTime"]) == MOVED + timedelta(minutes=45)
    event = livestorm_of(two_way, room)
    assert (event.title, event.description) == ("Better", "<p>In better words</p>")
    assert overwritten(two_way) == [("calendar", "description", "As planned")]
    assert two_way.link().base.get("made") is None


def test_of_edits_on_both_sides_before_the_first_comparison_the_newer_counts(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    event_id, room = saved_room(two_way, description="As planned")
    pass_time(time_machine, 60)
    edit_in_livestorm(two_way, room, {"description": "<p>In better words</p>"}, MOVED)
    pass_time(time_machine, 60)
    two_way.program.google.world.patch_event(
        CAMILLE,
        event_id,
        {
            "description": "In the best words",
            "start": {"dateTime": "2027-03-11T10:00:00+01:00", "timeZone": "Europe/Paris"},
            "end": {"dateTime": "2027-03-11T11:00:00+01:00", "timeZone": "Europe/Paris"},
        },
    )
    two_way.settle()
    event = livestorm_of(two_way, room)
    session = two_way.program.livestorm.world.sessions[event.session_ids[0]]
    assert event.description == "In the best words"
    assert session.estimated_started_at == datetime(2027, 3, 11, 9, tzinfo=UTC).timestamp()
    assert sorted(overwritten(two_way)) == [
        ("livestorm", "description", "In better words"),
        ("livestorm", "start", MOVED.isoformat()),
    ]


def test_description_emptied_in_calendar_before_the_first_comparison_stays_empty(
    two_way: TwoWay,
) -> None:
    event_id, room = saved_room(two_way, description="Not for everybody")
    two_way.program.google.world.patch_event(CAMILLE, event_id, {"description": ""})
    two_way.settle()
    assert not livestorm_of(two_way, room).description
    assert not two_way.program.google.world.event(CAMILLE, event_id).get("description")


def test_deletion_in_livestorm_before_the_first_comparison_is_one_like_any_other(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    event_id, room = saved_room(two_way)
    pass_time(time_machine, 60)
    delete_in_livestorm(two_way, room)
    two_way.settle()
    assert two_way.program.google.world.event(CAMILLE, event_id)["status"] == "confirmed"
    pass_time(time_machine, 61)
    two_way.settle()
    assert two_way.program.google.world.event(CAMILLE, event_id)["status"] == "cancelled"
    assert two_way.link().state == "deleted"
    assert "lost_with_deletion" not in told(two_way)


def test_deletion_of_the_only_session_before_the_first_comparison_is_one_too(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    event_id, room = saved_room(two_way)
    world, event = two_way.program.livestorm.world, livestorm_of(two_way, room)
    workspace = world.workspace_of(event.id)
    assert workspace is not None
    sessions.delete_session(world, workspace, world.sessions[event.session_ids[0]])
    two_way.settle()
    pass_time(time_machine, 61)
    two_way.settle()
    assert two_way.program.google.world.event(CAMILLE, event_id)["status"] == "cancelled"


def test_event_saved_after_its_room_was_deleted_stays(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    """Whoever saves it then wants it."""
    world = two_way.program.google.world
    event_id = world.reserve_event_id(CAMILLE)
    room = ask_for_room(two_way.program, event_id)
    delete_in_livestorm(two_way, room)
    calendar_event(two_way.program, id=event_id)
    world.attach_conference(CAMILLE, event_id, room)
    two_way.settle()
    pass_time(time_machine, 61)
    two_way.settle()
    assert world.event(CAMILLE, event_id)["status"] == "confirmed"
    assert two_way.link().state == "unlinked"


def test_what_was_deleted_in_livestorm_before_activation_stays_in_calendar(
    program: Program, time_machine: TimeMachine
) -> None:
    two_way = begin(program)
    connect(program)
    event_id, room = saved_room(two_way)
    assert two_way.link().held
    delete_in_livestorm(two_way, room)
    activate(program)
    with two_way.product.engine.begin() as connection:
        user = connection.execute(sa.select(links.c.user_id)).scalar_one()
    two_way.product.syncing.include_held(user)
    two_way.settle()
    pass_time(time_machine, 61)
    two_way.settle()
    assert program.google.world.event(CAMILLE, event_id)["status"] == "confirmed"
    assert two_way.link().state == "unlinked"


def test_edits_of_both_sides_before_activation_are_carried_both(
    program: Program, time_machine: TimeMachine
) -> None:
    two_way = begin(program)
    connect(program)
    event_id, room = saved_room(two_way, description="As planned")
    pass_time(time_machine, 60)
    edit_in_livestorm(two_way, room, start=MOVED)
    program.google.world.patch_event(CAMILLE, event_id, {"description": "In better words"})
    activate(program)
    with two_way.product.engine.begin() as connection:
        user = connection.execute(sa.select(links.c.user_id)).scalar_one()
    two_way.product.syncing.include_held(user)
    two_way.settle()
    assert livestorm_of(two_way, room).description == "In better words"
    calendar = program.google.world.event(CAMILLE, event_id)
    assert datetime.fromisoformat(calendar["start"]["dateTime"]) == MOVED
    assert overwritten(two_way) == []


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("status", [422, 503])
def test_title_changed_in_calendar_is_not_taken_back_after_a_first_comparison_that_failed(
    two_way: TwoWay,
    time_machine: TimeMachine,
    status: int,
    known: bool,
) -> None:
    event_id, room = saved_room(two_way)
    if not known:  # as of an event that was adopted
        with two_way.product.engine.begin() as connection:
            connection.execute(sa.update(links).values(base=None))
    two_way.program.google.world.patch_event(CAMILLE, event_id, {"summary": "Renamed"})
    two_way.program.livestorm.faults.add(
        Fault("status", path=r"/v1/events/[^/]+$", method="PATCH", status=status, times=3)
    )
    two_way.settle()
    assert two_way.link().trouble is not None
    two_way.program.livestorm.faults.clear()
    pass_time(time_machine, 3600)
    two_way.settle()
    assert two_way.program.google.world.event(CAMILLE, event_id)["summary"] == "Renamed"
    assert livestorm_of(two_way, room).title == "Renamed"
