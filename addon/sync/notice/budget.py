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

SPENT = 0.9
"""Of the spare calls, what looking around gets. The last tenth is left to other programs of the
workspace."""

QUIET = 0.5
"""Of these, what is spent while nothing happens in a workspace. The other half is put by, and pays
for quick looks while something does: somebody is there then, and sees how long it takes."""

POLLS = 7 / 9
"""Where polls and listings are two things, what polls get: they bring edits made in Livestorm.
Listings bring deletions and people who were removed, which happen less often."""

PUT_BY_AT_FIRST = 0.01
"""Part of the month's calls that a workspace has put by when it begins, so that it is quick from
its first minute: 100 of 10,000, as many as nine events need."""

PUT_BY_AT_MOST = 0.03
"""Five hours of looks once a minute, out of 10,000. More would be missing on a day that brings more
events than were expected."""

USUAL_POLL = 60.0
"""The pause that the two shares above are reckoned for, in seconds: LIVESTORM_POLL_SECONDS unless
set. Whoever sets a shorter one wants looks to be as quick for as long, so as many times more is
put by."""

HURRIED_AT_MOST = 0.3
"""But never more of the month's calls than this: with a pause of two seconds, an hour and a half
of looks with one call each."""

ACTIVE_SECONDS = 15 * 60.0
"""How long after something happened in a workspace people are taken to be at work there: from
sending an event to its room, to a look at Livestorm's own page and a change there."""

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
        listing_tells_all: What a listing brings leaves nothing for a poll to find.
    """

    events_a_month: float
    pages: int
    listing_tells_all: bool = True

    @property
    def lists_only(self) -> bool:
        """Whether each look is a listing: that costs no more than a poll, and shows more."""
        return self.listing_tells_all and self.pages <= POLL_CALLS


@dataclass(frozen=True)
class PutBy:
    """How many calls were put by at an instant (Unix seconds)."""

    calls: float
    at: float


@dataclass(frozen=True)
class Shortest:
    """The shortest pauses between two looks, and two listings, of one workspace; seconds.

    Where a look is a listing, and while something happens, the first one counts for both.
    """

    poll: float
    listing: float

    @property
    def hurried(self) -> bool:
        """Whether looks are to be quicker than is usual."""
        return self.poll < USUAL_POLL

    def share(self, usual: float) -> float:
        """Return the part of the month's calls that is put by, where `usual` is what usually is."""
        if not self.hurried:
            return usual
        return min(usual * USUAL_POLL / self.poll, HURRIED_AT_MOST)


@dataclass(frozen=True)
class Pace:
    """How often a workspace is looked at; all in seconds.

    Attributes:
        quiet: From one look to the next while nothing happens.
        quick: While something does.
        listing: From one listing to the next; 0 where each look is one.
        listing_quick: The same while something happens.
    """

    quiet: float
    quick: float
    listing: float
    listing_quick: float


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


def put_by(
    before: PutBy | None, where: Standing, load: Load, now: float, shortest: Shortest
) -> PutBy:
    """Say what is put by at the instant `now` (Unix seconds); None: nothing was reckoned yet.

    Never more than the month can spare: what people need comes first. Only where looks are to be
    quicker than usual, what there is at first is not taken away by how many events are expected:
    a busy first day expects a month of such days.
    """
    first = shortest.share(PUT_BY_AT_FIRST) * where.limit
    most = min(shortest.share(PUT_BY_AT_MOST) * where.limit, SPENT * spare(where, load))
    if shortest.hurried:
        most = max(most, min(first, where.limit * (1 - KEPT) - where.used))
    calls = first
    if before is not None:
        calls = before.calls + _rate(where, load) * max(now - before.at, 0.0)
    return PutBy(max(min(calls, most), 0.0), now)


def spent(before: PutBy, calls: float) -> PutBy:
    """Take calls off what is put by. A look that takes place although nothing is makes no debt."""
    return PutBy(max(before.calls - calls, 0.0), before.at)


def pace(where: Standing, load: Load, saved: PutBy, shortest: Shortest) -> Pace:
    """Spread the spare calls over what is left of the period.

    While nothing happens, half of them, or all once no more can be put by. While something does,
    looks are as quick as is asked for until what is put by is used up, and then as quick as spare
    calls come in.
    """
    rate = _rate(where, load)
    full = saved.calls >= shortest.share(PUT_BY_AT_MOST) * where.limit
    slow = rate if full else rate * QUIET
    if load.lists_only:
        each = max(load.pages, 1)
        return Pace(
            quiet=_pause(each, slow, shortest.poll, LONGEST_POLL),
            quick=_pause(each - saved.calls, rate, shortest.poll, LONGEST_POLL),
            listing=0.0,
            listing_quick=0.0,
        )
    listing = _pause(load.pages, slow * (1 - POLLS), shortest.listing, LONGEST_LISTING)
    # Of what is put by, listings get as much as polls, but never the last of it.
    quick_listing = shortest.poll * max(load.pages / POLL_CALLS, 1.0)
    affordable = saved.calls >= load.pages + POLL_CALLS
    return Pace(
        quiet=_pause(POLL_CALLS, slow * POLLS, shortest.poll, LONGEST_POLL),
        quick=_pause(POLL_CALLS - saved.calls, rate * POLLS, shortest.poll, LONGEST_POLL),
        listing=listing,
        listing_quick=min(quick_listing, listing) if affordable else listing,
    )


def _rate(where: Standing, load: Load) -> float:
    """Spare calls a second that looking around may spend."""
    return spare(where, load) * SPENT / where.seconds_left


def _pause(calls: float, rate: float, shortest: float, longest: float) -> float:
    """Seconds until so many calls have come in, within bounds."""
    if calls <= 0:
        return shortest
    if rate <= 0:
        return max(longest, shortest)
    return max(min(calls / rate, longest), shortest)
