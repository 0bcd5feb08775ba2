"""How soon the people of Livestorm sessions may be read again. Decides only.

Reading a session costs a call for every 50 registrants, and each registration on a popular page
would have all of them read. The reckoning is in docs/livestorm-budget.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from addon.livestorm.protocol import PAGE_SIZE
from addon.sync.base import Agreed
from addon.sync.rules import GUEST_LIMIT, OCCURRENCE_SESSIONS

AT_ONCE = OCCURRENCE_SESSIONS
"""Calls that are spent as soon as there is news: a page of each session of a series, or 500
registrants of one."""

AT_ONCE_FULL = GUEST_LIMIT // PAGE_SIZE
"""The same while the guest list has no room: more registrants than there is room for cannot be
added, and only somebody's leaving would be carried."""

MOST_PEOPLE = 5000
"""What a list is read to the end of, 100 pages (`addon.livestorm.gate.MAX_PAGES`): reading more
registrants would take more than a hundredth of the workspace's month."""

PAUSE_PER_CALL = timedelta(hours=1)
"""What costs more waits so long for each of its calls: whatever the number of registrants, that is
720 calls in 30 days at most, 7 % of the allowance."""


@dataclass(frozen=True)
class Read:
    """A session's registrants, and when they were last read; None where that is not known."""

    count: int | None
    at: datetime | None


def last_read(agreed: Agreed) -> Read:
    """Return what is remembered of a session."""
    return Read(agreed.registrants, agreed.people_read)


def due(sessions: Iterable[Read], *, guests: int) -> datetime | None:
    """Return when sessions may be read together; None: at once.

    Args:
        sessions: Which.
        guests: How many entries the guest list has.
    """
    found = list(sessions)
    calls = sum(max(-(-(one.count or 0) // PAGE_SIZE), 1) for one in found)
    if calls <= (AT_ONCE_FULL if guests >= GUEST_LIMIT else AT_ONCE):
        return None
    read = [one.at for one in found if one.at is not None]
    return max(read) + calls * PAUSE_PER_CALL if read else None
