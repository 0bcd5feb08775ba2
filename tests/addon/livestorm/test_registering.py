"""A bulk registration that does not end keeps its place for a moment only."""

from collections.abc import Callable

from addon.livestorm import EventDraft, Workspace
from addon.sync.registering import PATIENCE_SECONDS, Registering
from addon.sync.values import Guest
from sandbox.livestorm import LivestormSimulator


def test_slow_job_is_left_to_the_next_comparison(
    workspace: Workspace, simulator: LivestormSimulator, draft: Callable[..., EventDraft]
) -> None:
    simulator.switches.job_seconds = 3600.0
    session = workspace.create_event(draft()).sessions[0]
    people = [Guest(f"guest{n}@partner.test") for n in range(5)]
    slept: list[float] = []
    outcome = Registering(workspace, session.id, sleep=slept.append).register(people)
    assert sum(slept) <= PATIENCE_SECONDS < 20
    assert outcome.failed == frozenset(guest.address for guest in people)
