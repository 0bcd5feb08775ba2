"""What stays different between the two sides although nothing is left to do."""

from datetime import datetime, timedelta

from addon.sync.base import Base, Standing
from addon.sync.words import Unsynced

WRITE_AGAIN = timedelta(days=1)
"""When a change that Calendar refused is tried again by itself. People give access to a calendar,
so no sooner helps, and whoever did presses "Sync now"."""


def lasting(base: Base) -> frozenset[Unsynced]:
    """Return the parts on which both sides agreed to differ."""
    found = set()
    for agreed in base.occurrences.values():
        when, start = agreed.when, agreed.session_start
        if when and start and not when.starts_with(start):
            found.add(Unsynced.PAST_TIME)
    if base.kept:
        found.add(Unsynced.SESSION_KEPT)
    if base.when and base.when.day is not None:
        found.add(Unsynced.TIME_OF_DAY)
    minutes = base.minutes
    if minutes and minutes.calendar is not None and minutes.calendar != minutes.livestorm:
        found.add(Unsynced.END_TIME)
    return frozenset(found)


def next_view(base: Base, unsynced: frozenset[Unsynced], now: datetime) -> datetime | None:
    """Return when another occurrence of a series is to get a session; None when none is waiting.

    That is when the next one is over, whether or not anybody changes anything until then.
    """
    if Unsynced.LATER_OCCURRENCES not in unsynced:
        return None
    followed = [one.when.over_at for one in base.occurrences.values() if one.when]
    return min((over for over in followed if over > now), default=None)


def registered(base: Base) -> int | None:
    """Return how many people are on both sides, at whichever date; None before anybody looked."""
    if not base.occurrences:
        return None
    return len(
        {
            address
            for agreed in base.occurrences.values()
            for address, standing in agreed.guests.items()
            if standing in {Standing.BOTH, Standing.SPEAKER}
        }
    )


def refused(base: Base) -> frozenset[str]:
    """Return whom Livestorm would not register."""
    return frozenset(
        address
        for agreed in base.occurrences.values()
        for address, standing in agreed.guests.items()
        if standing is Standing.CALENDAR_ONLY
    )
