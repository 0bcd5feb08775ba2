"""From plans and outcomes to lines of a link's history. Pure."""

from collections.abc import Sequence

from addon.store.syncing import HistoryLine
from addon.sync.actions import Action, Note, UpdateLivestormEvent, Why
from addon.sync.outcome import Outcome
from addon.sync.words import Change, NoteKind, Side


def lines_of_notes(notes: Sequence[Note]) -> list[HistoryLine]:
    """What would be lost, whole; `digest` tells a note that was stored before."""
    return [
        HistoryLine(
            side=note.side.value,
            what=note.kind.value,
            detail={
                "change": note.change.value if note.change else None,
                "value": note.value,
                "occurrence": note.occurrence,
                "digest": note.digest,
            },
        )
        for note in notes
    ]


def lines_of_writes(actions: Sequence[Action], outcomes: Sequence[Outcome]) -> list[HistoryLine]:
    """What was carried from which side, for everything that was done; and what could not be."""
    return [*_carried(actions, outcomes), *_kept(actions, outcomes)]


def notes_in_vain(
    notes: Sequence[Note], actions: Sequence[Action], outcomes: Sequence[Outcome]
) -> list[Note]:
    """Return the notes of values that would have given way, and certainly have not.

    Args:
        notes: Of the plan.
        actions: Of the plan.
        outcomes: Of its actions, in their order; fewer when it was broken off, the others not
            having been tried.
    """
    tried = dict(enumerate(outcomes))
    standing = {
        (why.side, why.change, getattr(action, "occurrence", ""))
        for number, action in enumerate(actions)
        if (outcome := tried.get(number)) is not None and not outcome.refused_whole
        for why in getattr(action, "why", ())
        if not outcome.done or _was_taken(why, action, outcome)
    }
    return [
        note
        for note in notes
        if note.kind is NoteKind.OVERWRITTEN
        and (note.side.other, note.change, note.occurrence) not in standing
    ]


def _kept(actions: Sequence[Action], outcomes: Sequence[Outcome]) -> list[HistoryLine]:
    return [
        HistoryLine(
            side=Side.LIVESTORM.value,
            what=outcome.kept.value,
            detail={"occurrence": getattr(action, "occurrence", "")},
        )
        for action, outcome in zip(actions, outcomes, strict=False)
        if outcome.kept is not None
    ]


def _carried(actions: Sequence[Action], outcomes: Sequence[Outcome]) -> list[HistoryLine]:
    return [
        HistoryLine(
            side=why.side.value,
            what=why.change.value,
            detail={
                "before": why.before,
                "after": why.after,
                "occurrence": getattr(action, "occurrence", ""),
            },
        )
        for action, outcome in zip(actions, outcomes, strict=False)
        if outcome.done
        for why in getattr(action, "why", ())
        if _was_taken(why, action, outcome)
    ]


def _was_taken(why: Why, action: Action, outcome: Outcome) -> bool:
    """Whether a side kept what it was given.

    Livestorm may answer a length with its own, and either side may not take somebody.
    """
    if why.change is Change.GUEST_ADDED:
        return why.after not in outcome.failed | outcome.refused
    if not isinstance(action, UpdateLivestormEvent) or why.change is not Change.LENGTH:
        return True
    return outcome.livestorm is None or outcome.livestorm.minutes == action.minutes
