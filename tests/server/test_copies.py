"""A copy that shares a room keeps it, whatever becomes of the event it was copied from."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from time_machine import TimeMachineFixture as TimeMachine

from sandbox.livestorm.changes import events
from tests.server.calls import CAMILLE
from tests.server.two_way import TwoWay, saved_room

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What is decided here does not depend on the kind; test_two_way_sync.py goes through both."""

GRACE = timedelta(seconds=61)

WEEKLY = ["RRULE:FREQ=WEEKLY;COUNT=6"]

RACES = pytest.mark.parametrize("listed_before", [True, False])
"""Whether a list shows the copy before the original is deleted, or both at once."""


@RACES
def test_copy_takes_over_from_its_deleted_original(
    two_way: TwoWay, time_machine: TimeMachine, listed_before: bool
) -> None:
    google = two_way.program.google.world
    event_id, room = saved_room(two_way)
    two_way.settle()
    copy = google.duplicate_event(CAMILLE, event_id)
    later = google.duplicate_event(CAMILLE, event_id)
    if listed_before:
        two_way.settle()
    google.delete_event(CAMILLE, event_id)
    settle_after_grace(two_way, time_machine)
    kept_in_sync(two_way, room, copy["id"])
    # The room goes from copy to copy, and with the last one.
    google.delete_event(CAMILLE, copy["id"])
    settle_after_grace(two_way, time_machine)
    kept_in_sync(two_way, room, later["id"])
    google.delete_event(CAMILLE, later["id"])
    settle_after_grace(two_way, time_machine)
    assert str(room["conferenceId"]) not in two_way.program.livestorm.world.events


def test_copy_takes_nothing_over_from_an_original_that_is_back(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    """That it was deleted was listed; the message that it is back was lost."""
    google = two_way.program.google
    event_id, room = saved_room(two_way)
    two_way.settle()
    google.world.duplicate_event(CAMILLE, event_id)
    google.world.delete_event(CAMILLE, event_id)
    two_way.settle()
    google.switches.push_drop_percent = 100
    google.world.undelete_event(CAMILLE, event_id)
    settle_after_grace(two_way, time_machine)
    google.switches.push_drop_percent = 0
    kept_in_sync(two_way, room, event_id)


def test_copy_that_is_gone_or_has_another_room_takes_over_nothing(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    google = two_way.program.google.world
    event_id, room = saved_room(two_way)
    two_way.settle()
    gone, switched = (google.duplicate_event(CAMILLE, event_id)["id"] for _ in range(2))
    two_way.settle()
    google.delete_event(CAMILLE, gone)
    google.switch_to_meet(CAMILLE, switched)
    google.delete_event(CAMILLE, event_id)
    settle_after_grace(two_way, time_machine)
    assert two_way.link().state == "deleted"
    assert str(room["conferenceId"]) not in two_way.program.livestorm.world.events


def test_second_half_of_a_series_takes_over_from_its_first(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    google = two_way.program.google.world
    event_id, room = saved_room(two_way, recurrence=WEEKLY)
    two_way.settle()
    second = google.split_event(CAMILLE, f"{event_id}_20270324T140000Z", {"summary": "Second half"})
    two_way.settle()
    google.delete_event(CAMILLE, event_id)
    settle_after_grace(two_way, time_machine)
    kept_in_sync(two_way, room, second["id"])
    world = two_way.program.livestorm.world
    starts = sorted(
        datetime.fromtimestamp(one.estimated_started_at, UTC).date().isoformat()
        for one in world.sessions.values()
        if one.event_id == room["conferenceId"]
    )
    assert starts == ["2027-03-24", "2027-03-31", "2027-04-07", "2027-04-14"]


def settle_after_grace(two_way: TwoWay, time_machine: TimeMachine) -> None:
    two_way.settle()
    time_machine.move_to(datetime.now(UTC) + GRACE)
    two_way.settle()


def kept_in_sync(two_way: TwoWay, room: dict[str, Any], event_id: str) -> None:
    """The link follows the event, and edits go both ways."""
    world = two_way.program.livestorm.world
    event = world.events[str(room["conferenceId"])]
    google = two_way.program.google.world
    link = two_way.link()
    assert (link.state, link.event_id) == ("active", event_id)
    google.patch_event(CAMILLE, event_id, {"summary": f"Renamed {event_id}"})
    two_way.settle()
    assert event.title == f"Renamed {event_id}"
    workspace = world.workspace_of(event.id)
    assert workspace is not None
    events.update_event(world, workspace, event, {"title": f"Edited {event_id}"})
    two_way.product.notices.touch(link.id)
    two_way.settle()
    assert google.event(CAMILLE, event_id)["summary"] == f"Edited {event_id}"
