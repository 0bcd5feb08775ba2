"""Where a deleted Calendar event went: the answer to `LookForMoved`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from addon.sync.calendar_side import ConferenceState


@dataclass(frozen=True)
class Candidate:
    """A Calendar event with the iCalUID or the conference of the deleted one.

    Attributes:
        own_copy: Its calendar organizes it.
        linked: It belongs to another link already.
    """

    calendar_id: str
    event_id: str
    ical_uid: str | None
    conference: ConferenceState
    cancelled: bool
    own_copy: bool
    linked: bool
    created: datetime | None = None


def find_moved(ical_uid: str | None, candidates: Sequence[Candidate]) -> Candidate | None:
    """Return the event that the link is to follow.

    Moving an event to another calendar keeps its iCalUID. Failing that, an event that carries the
    same room took it over from the deleted one, as a copy made before deleting the original does;
    of several the oldest. Without our room an event is not ours, whatever its iCalUID. As long as
    the original lives, nobody asks: copies never take its room.
    """
    ours = [
        one
        for one in candidates
        if one.conference is ConferenceState.OURS
        and one.own_copy
        and not one.cancelled
        and not one.linked
    ]
    same = [one for one in ours if ical_uid and one.ical_uid == ical_uid]
    latest = datetime.max.replace(tzinfo=UTC)
    oldest = sorted(
        same or ours, key=lambda one: (one.created or latest, one.calendar_id, one.event_id)
    )
    return oldest[0] if oldest else None
