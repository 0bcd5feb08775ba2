"""How often a workspace may be looked at without being told to. Decides only.

A month's calls are for creating events and carrying changes first; looking around gets what those
will not need. The reckoning, with numbers, is in docs/livestorm-budget.md.
"""

from dataclasses import dataclass

PERIOD_SECONDS = 30 * 24 * 3600.0
"""Livestorm counts its monthly allowance over 30 days
(developers.livestorm.co/docs/rate-limits-and-quotas)."""

CALLS_PER_EVENT = 11.0
"""What an event is expected to need in its life: created, compared, twenty guests registered in
bulk, two edits carried. It is also what 10,000 calls leave for each of 900 events."""

KEPT = 0.1
"""Part of the month's calls that looking around never touches; `addon.store.allowance` refuses it
from there on."""

UPKEEP_CALLS = 80.0
"""A month of webhook upkeep: a check a day, and new subscriptions every week."""

POLL_CALLS = 2
"""Events and sessions: a rescheduled session does not move its event's `updated_at`."""

POLL_SHARE = 0.7
"""Of the spare calls, what polls get: they bring edits made in Livestorm."""

LISTING_SHARE = 0.2
"""Of the spare calls, what listings get: they bring deletions and people who were removed, which
happen less often than edits. The last tenth is left to other programs of the workspace."""

LONGEST_POLL = 6 * 3600.0
"""With nothing to spare a workspace is still polled four times a day, 240 calls a month, so that
an edit shows on the same day."""

LONGEST_LISTING = 7 * 24 * 3600.0
"""Likewise a listing a week."""


@dataclass(frozen=True)
class Standing:
    """Where a workspace stands in its running period of 30 days."""

    limit: int
    used: int
    seconds_left: float


@dataclass(frozen=True)
class Load:
    """What a workspace needs.

    Attributes:
        events_a_month: Events made from Calendar in 30 days, at today's pace.
        pages: Calls that listing its events takes.
    """

    events_a_month: float
    pages: int


@dataclass(frozen=True)
class Pace:
    """Seconds from one poll, and from one listing, to the next."""

    poll: float
    listing: float


def standing(limit: int, used: int, period_started: float, now: float) -> Standing:
    """Say where a workspace stands; instants in Unix seconds. A period that is over is a new one.

    A start in the future comes from a clock that was set back; it counts as now.
    """
    left = period_started + PERIOD_SECONDS - now
    if left <= 0:
        return Standing(limit, 0, PERIOD_SECONDS)
    return Standing(limit, used, min(left, PERIOD_SECONDS))


WEEK_DAYS = 7.0
FIRST_DAY = 1.0
"""A workspace that is younger than a day is not judged by its first hours."""


def events_a_month(made_in_a_month: int, made_in_a_week: int, age_days: float) -> float:
    """Expect as many events as the busier of the last week and the last month says.

    Args:
        made_in_a_month: Events made in the last 30 days.
        made_in_a_week: In the last seven.
        age_days: Since when there have been any: the days of a first week that are to come are not
            taken for quiet ones, for the calls spent on that belief would be missing in the end.
    """
    days = min(max(age_days, FIRST_DAY), WEEK_DAYS)
    return max(float(made_in_a_month), made_in_a_week * 30 / days)


def spare(where: Standing, load: Load) -> float:
    """Return the calls that people and their changes will not need in what is left."""
    left = where.seconds_left / PERIOD_SECONDS
    needed = (CALLS_PER_EVENT * load.events_a_month + UPKEEP_CALLS) * left
    return max(where.limit * (1 - KEPT) - where.used - needed, 0.0)


def pace(where: Standing, load: Load, *, shortest_poll: float, shortest_listing: float) -> Pace:
    """Spread the spare calls evenly over what is left of the period; seconds throughout."""
    calls = spare(where, load)
    return Pace(
        poll=_pause(calls * POLL_SHARE, POLL_CALLS, where, shortest_poll, LONGEST_POLL),
        listing=_pause(
            calls * LISTING_SHARE, max(load.pages, 1), where, shortest_listing, LONGEST_LISTING
        ),
    )


def _pause(calls: float, each: int, where: Standing, shortest: float, longest: float) -> float:
    if calls <= 0:
        return max(longest, shortest)
    return max(min(each * where.seconds_left / calls, longest), shortest)
