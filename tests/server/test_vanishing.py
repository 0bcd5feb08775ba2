"""What looks like a deletion in Livestorm and is none leaves the calendar alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from time_machine import TimeMachineFixture as TimeMachine

from addon.store.tables import history, links
from sandbox.livestorm.changes import events, sessions
from sandbox.simulation import Fault
from tests.server.calls import CAMILLE
from tests.server.two_way import TwoWay, saved_room

HTML = "<html><body><h1>404 Not Found</h1>nginx</body></html>"
RETIRED = '{"errors": [{"title": "Gone", "detail": "v1 was retired", "code": "410"}]}'
UNKNOWN = '{"errors": [{"title": "Not found", "detail": "Not found", "code": "404"}]}'
ONE_EVENT = r"^/v1/events/[^/]+$"


def rows(two_way: TwoWay) -> list[Any]:
    """The links, oldest first."""
    with two_way.product.engine.connect() as connection:
        return list(connection.execute(sa.select(links).order_by(links.c.created_at)))


def compare(two_way: TwoWay) -> None:
    """Compare every link now, as "Sync now" does."""
    for row in rows(two_way):
        two_way.product.notices.touch(row.id, at_once=True)
    two_way.settle()


def compare_past_the_grace(two_way: TwoWay, time_machine: TimeMachine) -> None:
    """Compare, and again when the deletion's grace is over."""
    compare(two_way)
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=61))
    compare(two_way)


def states(two_way: TwoWay, event_ids: list[str]) -> set[str]:
    """How Calendar has the events."""
    world = two_way.program.google.world
    return {world.event(CAMILLE, one)["status"] for one in event_ids}


def delete_in_livestorm(two_way: TwoWay, room: dict[str, Any]) -> None:
    """Delete the event of a room, as a person does."""
    world = two_way.program.livestorm.world
    event = world.events[str(room["conferenceId"])]
    workspace = world.workspace_of(event.id)
    assert workspace is not None
    events.delete_event(world, workspace, event)


def saved_rooms(two_way: TwoWay, count: int) -> tuple[list[str], list[dict[str, Any]]]:
    """Make several synced events."""
    made = [saved_room(two_way, summary=f"Event {number}") for number in range(count)]
    two_way.settle()
    return [event_id for event_id, _ in made], [room for _, room in made]


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/v1/", 404, HTML),
        ("/v1/", 410, RETIRED),
        ("/v1/", 404, UNKNOWN),
        (ONE_EVENT, 404, HTML),
        (ONE_EVENT, 410, RETIRED),
        (ONE_EVENT, 404, UNKNOWN),
    ],
)
def test_answer_that_is_not_about_the_event_deletes_nothing(
    two_way: TwoWay, time_machine: TimeMachine, path: str, status: int, body: str
) -> None:
    [event_id], [room] = saved_rooms(two_way, 1)
    two_way.program.livestorm.faults.add(
        Fault("status", path, method="GET", status=status, body=body, times=None)
    )
    compare_past_the_grace(two_way, time_machine)
    assert states(two_way, [event_id]) == {"confirmed"}
    link = two_way.link()
    assert (link.state, link.trouble is not None) == ("active", True)
    time_machine.move_to(datetime.now(UTC) + timedelta(days=2))
    compare(two_way)
    assert two_way.link().state == "active"
    two_way.program.livestorm.faults.clear()
    two_way.program.google.world.patch_event(CAMILLE, event_id, {"summary": "Still a pair"})
    compare(two_way)
    event = two_way.program.livestorm.world.events[str(room["conferenceId"])]
    assert event.title == "Still a pair"
    assert two_way.link().trouble is None


def test_events_hidden_from_the_person_are_not_deleted(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    event_ids, _ = saved_rooms(two_way, 2)
    first = rows(two_way)[0].id
    two_way.program.livestorm.switches.events_visible = False
    two_way.product.notices.touch(first, at_once=True)
    two_way.settle()
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=61))
    two_way.product.notices.touch(first, at_once=True)
    two_way.settle()
    assert states(two_way, event_ids) == {"confirmed"}
    assert rows(two_way)[0].trouble["kind"] == "vanished"


def test_several_that_vanish_together_are_held_and_then_let_go(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    event_ids, rooms = saved_rooms(two_way, 3)
    for room in rooms:
        delete_in_livestorm(two_way, room)
    compare_past_the_grace(two_way, time_machine)
    assert states(two_way, event_ids) == {"confirmed"}
    assert {row.trouble["kind"] for row in rows(two_way)} == {"vanished"}
    card = two_way.program.addon(
        "/addon/event", event={"calendar": {"calendarId": CAMILLE, "id": event_ids[0]}}
    ).text
    assert "Livestorm does not find this event" in card
    time_machine.move_to(datetime.now(UTC) + timedelta(days=1))
    two_way.settle()
    assert states(two_way, event_ids) == {"confirmed"}
    assert {row.state for row in rows(two_way)} == {"unlinked"}
    with two_way.product.engine.connect() as connection:
        ends = connection.execute(
            sa.select(history.c.detail).where(history.c.what == "unlinked")
        ).scalars()
        assert {detail["why"] for detail in ends} == {"livestorm_vanished"}


def test_sessions_that_vanish_together_are_held(two_way: TwoWay, time_machine: TimeMachine) -> None:
    event_ids, rooms = saved_rooms(two_way, 3)
    world = two_way.program.livestorm.world
    for room in rooms:
        session = world.sessions[str(room["parameters"][1]["value"])]
        workspace = world.workspace_of(session.event_id)
        assert workspace is not None
        sessions.delete_session(world, workspace, session)
    compare_past_the_grace(two_way, time_machine)
    assert states(two_way, event_ids) == {"confirmed"}
    assert {row.trouble["kind"] for row in rows(two_way)} == {"vanished"}


def test_few_of_many_are_deleted(two_way: TwoWay, time_machine: TimeMachine) -> None:
    event_ids, rooms = saved_rooms(two_way, 7)
    for room in rooms[:3]:
        delete_in_livestorm(two_way, room)
    compare_past_the_grace(two_way, time_machine)
    assert states(two_way, event_ids[:3]) == {"cancelled"}
    assert states(two_way, event_ids[3:]) == {"confirmed"}


def test_last_event_of_a_workspace_is_deleted(two_way: TwoWay, time_machine: TimeMachine) -> None:
    [event_id], [room] = saved_rooms(two_way, 1)
    delete_in_livestorm(two_way, room)
    world = two_way.program.livestorm.world
    workspace = world.workspace_of(next(iter(world.events)))
    while workspace is not None:
        for event in list(workspace.events.values()):
            events.delete_event(world, workspace, event)
        workspace = world.workspace_of(next(iter(world.events), ""))
    compare_past_the_grace(two_way, time_machine)
    assert states(two_way, [event_id]) == {"cancelled"}
    assert two_way.link().state == "deleted"
