"""From plans and outcomes to lines of a link's history. Pure."""

from collections.abc import Sequence

from addon.store.syncing import HistoryLine
from addon.sync.actions import Action, Note
from addon.sync.outcome import Outcome
from addon.sync.words import Change


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
    """What was carried from which side, for everything that was done."""
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
        if not (why.change is Change.GUEST_ADDED and why.after in outcome.failed | outcome.refused)
    ]
