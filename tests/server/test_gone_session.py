"""A session deleted in Livestorm is missed by the next look at its workspace."""

import pytest

from sandbox.livestorm.changes import sessions
from tests.server.two_way import TwoWay, saved_room

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize("count", [1, 4])
def test_session_that_was_deleted_is_missed(two_way: TwoWay, count: int) -> None:
    """Its event is as before, and so are the sessions that are left."""
    series = {} if count == 1 else {"recurrence": [f"RRULE:FREQ=WEEKLY;COUNT={count}"]}
    _, room = saved_room(two_way, **series)
    two_way.settle()
    for _ in range(2):
        two_way.poll_livestorm()
        two_way.settle()
    world = two_way.program.livestorm.world
    of_event = [one for one in world.sessions.values() if one.event_id == room["conferenceId"]]
    assert len(of_event) == count
    sessions.delete_session(world, world.workspace, of_event[-1])
    assert of_event[-1].id not in world.sessions
    two_way.poll_livestorm()
    link = two_way.link()
    assert link.dirty_seq > link.synced_seq
