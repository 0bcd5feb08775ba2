"""Livestorm refuses to delete something: for a moment, or for good."""

from datetime import UTC, datetime, timedelta

import pytest
from time_machine import TimeMachineFixture as TimeMachine

from sandbox.simulation import Fault
from tests.server.calls import CAMILLE
from tests.server.two_way import TwoWay, saved_room

EVENT = r"/v1/events/[^/]+$"
SESSION = r"/v1/sessions/[^/]+$"


def outage(two_way: TwoWay) -> None:
    """Let the next job fail, whatever it is about."""
    two_way.program.livestorm.faults.add(Fault(path=EVENT, method="GET", kind="status", times=3))


def refusals(two_way: TwoWay, path: str, times: int) -> None:
    fault = Fault(path=path, method="DELETE", kind="status", status=409, times=times)
    two_way.program.livestorm.faults.add(fault)


def try_again(two_way: TwoWay, time_machine: TimeMachine) -> None:
    time_machine.move_to(datetime.now(UTC) + timedelta(minutes=5))
    two_way.settle()


@pytest.mark.parametrize(("refused", "state"), [(1, "deleted"), (2, "unlinked")])
def test_only_a_second_refusal_to_delete_an_event_is_final(
    two_way: TwoWay, time_machine: TimeMachine, refused: int, state: str
) -> None:
    event_id, room = saved_room(two_way)
    two_way.settle()
    two_way.program.google.world.delete_event(CAMILLE, event_id)
    two_way.settle()
    outage(two_way)
    try_again(two_way, time_machine)
    assert two_way.link().failures == 1
    refusals(two_way, EVENT, refused)
    try_again(two_way, time_machine)
    assert two_way.link().state == "active"
    # Another failure between the two counts as neither of them.
    outage(two_way)
    try_again(two_way, time_machine)
    try_again(two_way, time_machine)
    assert two_way.link().state == state
    there = str(room["conferenceId"]) in two_way.program.livestorm.world.events
    assert there is (state == "unlinked")


@pytest.mark.parametrize(("refused", "kept"), [(1, []), (2, ["2027-03-17"])])
def test_only_a_second_refusal_to_delete_a_session_is_final(
    two_way: TwoWay, time_machine: TimeMachine, refused: int, kept: list[str]
) -> None:
    event_id, _ = saved_room(two_way, recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"])
    two_way.settle()
    two_way.program.google.world.delete_event(CAMILLE, f"{event_id}_20270317T140000Z")
    refusals(two_way, SESSION, refused)
    outage(two_way)
    two_way.settle()
    assert two_way.link().failures == 1
    for _ in range(3):
        try_again(two_way, time_machine)
    assert two_way.link().dirty_at is None
    sessions = two_way.program.livestorm.world.sessions
    assert [
        datetime.fromtimestamp(sessions[one].estimated_started_at, UTC).date().isoformat()
        for one in two_way.link().base["kept"]
    ] == kept
    assert two_way.link().base["refused"] == []
