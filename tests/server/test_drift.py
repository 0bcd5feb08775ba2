"""What only a sweep finds is counted as drift: a notification was lost."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from addon import clock, correlation, observations
from addon.observations import LinkCompared, Observation
from addon.store.tables import calendars
from tests.server import two_way
from tests.server.calls import CAMILLE, connect
from tests.server.two_way import TwoWay
from tests.support.program import Program

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def told() -> Iterator[list[LinkCompared]]:
    """The comparisons that are told while the test runs."""
    heard: list[LinkCompared] = []

    def hear(observation: Observation) -> None:
        if isinstance(observation, LinkCompared):
            heard.append(observation)

    observations.listen(hear)
    yield heard
    observations._listeners.remove(hear)


def sweep(rig: TwoWay) -> None:
    """A sweep of calendars, as its schedule begins it, long after the latest list."""
    with rig.product.engine.begin() as connection:
        long_ago = clock.now() - timedelta(hours=1)
        connection.execute(sa.update(calendars).values(listed_at=long_ago))
    with correlation.working_for(correlation.begun_by("sweep-calendars")):
        rig.noticing.sweep.calendars()


def test_changes_that_only_a_sweep_finds_are_drift(
    program: Program, told: list[LinkCompared]
) -> None:
    rig = two_way.begin(program)
    connect(program)
    two_way.activate(program)
    event_id, _ = two_way.saved_room(rig)
    rig.settle()
    calendar = program.google.world

    calendar.patch_event(CAMILLE, event_id, {"summary": "Told by a push"})
    rig.settle()
    program.google.switches.push_drop_percent = 100
    sweep(rig)
    rig.settle()
    assert frozenset({"calendar"}) in [one.sides for one in told]
    assert not any(one.swept and one.sides for one in told), "the sweep found nothing"

    told.clear()
    calendar.patch_event(CAMILLE, event_id, {"summary": "Told by nobody"})
    assert rig.settle() == 0
    sweep(rig)
    assert rig.settle() == 1
    [found] = told
    assert (found.outcome, found.sides, found.swept) == ("carried", frozenset({"calendar"}), True)
