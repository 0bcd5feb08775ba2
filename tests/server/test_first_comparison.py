"""What both sides, and the history, say of an event that was made a moment ago."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from addon.store.tables import history
from sandbox.livestorm.records import Event
from tests.server.calls import CAMILLE, ask_for_room, calendar_event, connect
from tests.server.two_way import TwoWay, activate, begin
from tests.support.program import Program


@pytest.fixture
def two_way(program: Program) -> TwoWay:
    """Camille is connected and has activated."""
    rig = begin(program)
    connect(program)
    activate(program)
    return rig


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
