"""What a plan comes to, as far as it was carried out. Pure."""

from addon.sync.actions import (
    DeleteCalendar,
    DeleteLivestormEvent,
    DeleteSession,
    PatchCalendar,
    RestoreOccurrence,
    Unlink,
    Unregister,
)
from addon.sync.base import SINGLE, Base, Standing
from addon.sync.outcome import Outcome
from addon.sync.plan import Plan


def ends_something(decided: Plan) -> bool:
    """Whether something would be deleted, or the link end, because of what Calendar says."""
    ends = (DeleteLivestormEvent, DeleteSession, Unlink)
    return any(isinstance(one, ends) for one in decided.actions)


def unsettles(decided: Plan, base: Base) -> bool:
    """Whether what was carried out makes more to do.

    Other occurrences may be the next ones now, whoever was unregistered from one session may have
    left the others as well, and what differed from a series may have been set back.
    """
    moved = any(
        isinstance(one, PatchCalendar) and one.occurrence != SINGLE and one.start is not None
        for one in decided.actions
    )
    restored = any(isinstance(one, RestoreOccurrence) for one in decided.actions)
    removed = any(isinstance(one, Unregister | DeleteSession) for one in decided.actions)
    unsure = any(Standing.UNSURE in one.guests.values() for one in base.occurrences.values())
    # Of an event that was called off first the sessions go, then the link ends.
    called_off = decided.calendar is None and any(
        isinstance(one, DeleteSession) for one in decided.actions
    )
    return moved or called_off or restored or bool(base.differing) or (removed and unsure)


def ending(decided: Plan, outcomes: list[Outcome]) -> tuple[str, str] | None:
    """Whether the link ends with this plan: its new state, and why."""
    for action, outcome in zip(decided.actions, outcomes, strict=False):
        if isinstance(action, Unlink):
            return "unlinked", action.reason.value
        if outcome.unlink is not None:
            return "unlinked", outcome.unlink.value
        if isinstance(action, DeleteLivestormEvent) and outcome.done:
            return "deleted", "deleted_in_calendar"
        if isinstance(action, DeleteCalendar) and action.occurrence == SINGLE and outcome.done:
            return "deleted", "deleted_in_livestorm"
    return None
