"""What stays different between the two sides although nothing is left to do."""

from addon.sync.base import Base
from addon.sync.words import Unsynced


def lasting(base: Base) -> frozenset[Unsynced]:
    """Return the parts on which both sides agreed to differ."""
    found = set()
    for agreed in base.occurrences.values():
        when, start = agreed.when, agreed.session_start
        if when and start and not when.starts_with(start):
            found.add(Unsynced.PAST_TIME)
    if base.when and base.when.day is not None:
        found.add(Unsynced.TIME_OF_DAY)
    minutes = base.minutes
    if minutes and minutes.calendar is not None and minutes.calendar != minutes.livestorm:
        found.add(Unsynced.END_TIME)
    return frozenset(found)
