"""Find out from counts alone that the people of a session changed. Decides only.

Livestorm tells about removals neither by webhook nor by `updated_at`; all that moves is the
session's `registrants_count`, which a listing brings along. Of that, what Calendar's own guests
explain is taken off. What is left is the hosts and whoever registered without Calendar: a number
that stays, unless somebody was removed, or registered unseen.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from addon.sync.values import address

NORM_OF = 3
"""So many sessions have to agree before what they have in common counts as usual."""


@dataclass(frozen=True)
class Counted:
    """One session as listed: of which link, how many registrants, how many guests in Calendar."""

    link_id: str
    session_id: str
    registrants: int
    guests: int

    @property
    def others(self) -> int:
        """Registrants whom Calendar's guests do not explain; negative when some are missing."""
        return self.registrants - self.guests


def guests(seen: Any) -> frozenset[str]:
    """Return the addresses that an event as last seen invites and that could be registered."""
    attendees = seen.get("attendees") if isinstance(seen, Mapping) else None
    if not isinstance(attendees, list):
        return frozenset()
    found = (
        address(str(one.get("email", "")))
        for one in attendees
        if isinstance(one, Mapping)
        and one.get("responseStatus") != "declined"
        and not any(one.get(flag) is True for flag in ("resource", "organizer", "self"))
    )
    return frozenset(one for one in found if one is not None)


def entries(seen: Any) -> int:
    """Return how many entries the guest list of an event as last seen has."""
    attendees = seen.get("attendees") if isinstance(seen, Mapping) else None
    return len(attendees) if isinstance(attendees, list) else 0


def to_read(before: Mapping[str, int], counted: Sequence[Counted]) -> set[str]:
    """Return the links whose people have to be read.

    A session seen for the first time is as expected when it has as many others as most sessions
    of its workspace: usually none, or its owner.

    Args:
        before: Session id → others, as of the previous listing.
        counted: The sessions of links, as listed now.
    """
    usual = Counter(one.others for one in counted).most_common(1)
    norm = usual[0][0] if usual and usual[0][1] >= NORM_OF else None
    return {one.link_id for one in counted if one.others != before.get(one.session_id, norm)}
