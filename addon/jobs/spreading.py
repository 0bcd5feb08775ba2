"""When each of many links that are marked at once is to be compared. Pure.

An engine takes the jobs that wait in no order of theirs, so two thousand of them would have one
change of another person's wait for its turn among them: a minute at 32 starts a second. Spread,
few of them ever wait at the same time. A change that is told meanwhile ends such a wait at once.
"""

from datetime import datetime, timedelta

AT_ONCE = 20
"""So many begin at once: what most people have, and less than a worker begins in a second."""

A_SECOND = 4.0
"""Of the others. More calls a second a Livestorm workspace does not give to changes
(`addon.store.allowance`), and it is an eighth of the jobs that a worker can begin."""


def due(number: int, at: datetime) -> datetime | None:
    """Return when a link is due: the one after `number` others, marked at the instant `at`.

    None: at once.
    """
    if number < AT_ONCE:
        return None
    return at + timedelta(seconds=(number - AT_ONCE + 1) / A_SECOND)
