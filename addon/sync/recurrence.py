"""Expanding a series: which starts its RRULE, EXRULE, RDATE and EXDATE lines make.

Rules run on the wall clock of the event's own zone, so that a weekly 09:00 stays at 09:00 when
the offset changes. Sources: RFC 5545 §3.3.10, §3.8.5; developers.google.com/workspace/calendar/
api/concepts/events-calendars ("recurrence" has no DTSTART; RDATE and EXDATE may carry TZID).
"""

import re
from calendar import isleap, weekday
from collections.abc import Iterable
from dataclasses import replace
from datetime import MAXYEAR, UTC, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import rrulestr

from addon.sync.base import SINGLE
from addon.sync.values import When, instant, local, whole_minute, within_reach

_FREQUENCIES = re.compile(r"FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;|$)")
"""What Calendar's editor offers. Anything more frequent is not expanded: stepping through years
of seconds would stop the worker."""

_RULE = re.compile(r"[A-Z0-9=;,+-]+")
_UNTIL = re.compile(r"UNTIL=(\d{8})(T\d{6})?(Z)?")
_COUNT = re.compile(r"(?:^|;)COUNT=(\d{1,9})")
_OURS = {"COUNT", "UNTIL", "BYEASTER"}
"""Parts of a rule kept from dateutil: the ends, and one that is its own invention."""

_CYCLE = 400
"""Years after which the Gregorian calendar repeats itself: 146,097 days are 20,871 weeks."""

_NO_INTERVAL = re.compile(r"INTERVAL=[+-]?0*(;|$)")
_TZID = re.compile(r"TZID=\"?([^;:\"]+)", re.IGNORECASE)
_STAMP = re.compile(r"(\d{8})(?:T(\d{6}))?(Z?)(?:/.*)?")


def key_of(when: When) -> str:
    """The lasting name of the occurrence that the series has at this start.

    Calendar says that `originalStartTime` identifies an occurrence "even if it was moved"; the
    look of its event ids is not documented.
    """
    if when.day is not None:
        return f"{when.day:%Y%m%d}"
    return f"{whole_minute(when.start):%Y%m%dT%H%M%SZ}"


def understood(lines: tuple[str, ...]) -> bool:
    """Whether a series can be expanded wholly, so that what it does not make does not exist."""
    return all(_understood(line) for line in lines)


def _understood(line: str) -> bool:
    anchor = datetime(2000, 1, 1)  # noqa: DTZ001 - wall clock
    head, _, value = line.partition(":")
    name = head.partition(";")[0].upper()
    if name in {"RRULE", "EXRULE"}:
        return _ruled(value.upper(), anchor, anchor, "UTC") is not None
    dates = list(_dates(head, value, anchor, "UTC"))
    return name in {"RDATE", "EXDATE"} and len(dates) == value.count(",") + 1


def expand(
    when: When,
    lines: tuple[str, ...],
    *,
    since: datetime,
    until: datetime,
    limit: int | None = None,
    through: datetime | None = None,
) -> list[tuple[str, When]]:
    """Return the occurrences that a series makes, exceptions not considered, oldest first.

    Args:
        when: The series' own time, that of its first occurrence.
        lines: Its recurrence; what cannot be read is left out. Empty: a single event.
        since: Leave out what is over by this instant.
        until: Leave out what starts after this instant.
        limit: So many are enough; None: all.
        through: Those up to this instant are wanted all the same.
    """
    if not lines:
        return [(SINGLE, when)]
    made: dict[str, When] = {}
    # A day covers every zone's distance from UTC, and the nine hours of an all-day event.
    first = (since - (when.end - when.start) - timedelta(days=1)).replace(tzinfo=None)
    for wall in _walls(when, lines, min(until, when.start + _LONGEST)):
        if wall < first:
            continue
        one = _occurrence(when, wall)
        if limit is not None and len(made) >= limit and (not through or one.start > through):
            break
        if one.over_at > since and one.start <= until:
            made[key_of(one)] = one
    return list(made.items())


_LONGEST = timedelta(days=366 * 100)
"""No series is followed further than a lifetime from its first occurrence."""


def _walls(when: When, lines: tuple[str, ...], until: datetime) -> list[datetime]:
    """The starts on the wall clock; midnight for all-day events."""
    zone = when.timezone
    last = local(until, zone).replace(tzinfo=None)
    first = (
        local(when.start, zone).replace(tzinfo=None)
        if when.day is None
        else datetime.combine(when.day, time(0))
    )
    made: set[datetime] = set()
    without: set[datetime] = set()
    ruled = False
    for line in lines:
        head, _, value = line.partition(":")
        name = head.partition(";")[0].upper()
        if name in {"RRULE", "EXRULE"}:
            starts = _ruled(value.upper(), first, last, zone)
            ruled = ruled or (name == "RRULE" and starts is not None)
            (made if name == "RRULE" else without).update(starts or ())
        elif name in {"RDATE", "EXDATE"}:
            (made if name == "RDATE" else without).update(_dates(head, value, first, zone))
    if not ruled:
        made.add(first)
    return sorted(wall for wall in made - without if first <= wall <= last)


def _ruled(value: str, first: datetime, last: datetime, zone: str) -> list[datetime] | None:
    """The starts that one rule makes up to `last`; None when it cannot be read."""
    if not _RULE.fullmatch(value) or not _FREQUENCIES.search(value) or _NO_INTERVAL.search(value):
        return None
    count = _COUNT.search(value)
    until = _UNTIL.search(value)
    ends = min(last, _local_until(until, zone)) if until else last
    if ends < first:
        return []
    plain = ";".join(part for part in value.split(";") if part.partition("=")[0] not in _OURS)
    ahead = _years_ahead(first.year, ends.year)
    stop = f"{ends.year + ahead:04}{ends:%m%dT%H%M%S}"
    try:
        rule = rrulestr(f"{plain};UNTIL={stop}", dtstart=_in_years(first, ahead), ignoretz=True)
        starts = islice(rule, int(count[1]) if count else None)
        return [_in_years(start, -ahead) for start in starts]
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError):
        # What dateutil raises at rules that make no sense depends on where it stumbles.
        return None


@lru_cache(maxsize=256)
def _years_ahead(first: int, last: int) -> int:
    """How many years later the calendar runs just as in these, near the end of the year 9999.

    A rule for a day that never comes (30 February) makes dateutil search to that end, whatever
    UNTIL says: three million days, some twenty seconds. Reckoned there, it has soon been reached.
    """
    years = range(first, last + 1)
    for ahead in range(MAXYEAR - last, MAXYEAR - last - _CYCLE, -1):
        if all(
            isleap(year) == isleap(year + ahead)
            and weekday(year, 1, 1) == weekday(year + ahead, 1, 1)
            for year in years
        ):
            return ahead
    return 0


def _in_years(wall: datetime, years: int) -> datetime:
    return wall.replace(year=wall.year + years)


def _local_until(match: re.Match[str], zone: str) -> datetime:
    day, clock, utc = match.groups()
    try:
        # A bare date ends with that day, whatever the start's clock time.
        wall = datetime.strptime(day + (clock or "T235959"), "%Y%m%dT%H%M%S")  # noqa: DTZ007
    except ValueError:
        return datetime(1, 1, 1)  # noqa: DTZ001 - wall clock
    if not utc or not within_reach(wall):
        return wall
    return local(wall.replace(tzinfo=UTC), zone).replace(tzinfo=None)


def _dates(head: str, value: str, first: datetime, zone: str) -> Iterable[datetime]:
    named = _TZID.search(head)
    given = _zone(named[1]) if named else None
    for text in value.split(","):
        match = _STAMP.fullmatch(text.strip().upper())
        if not match:
            continue
        day, clock, utc = match.groups()
        try:
            wall = datetime.strptime(day + (clock or "000000"), "%Y%m%d%H%M%S")  # noqa: DTZ007 - wall clock
        except ValueError:
            continue
        if clock is None:
            yield datetime.combine(wall.date(), first.time())
        elif not within_reach(wall):
            continue
        elif utc or given:
            there = wall.replace(tzinfo=UTC if utc else given)
            yield there.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        else:
            yield wall


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _occurrence(series: When, wall: datetime) -> When:
    if series.day is not None:
        return series.moved_to(instant(datetime.combine(wall.date(), time(9)), series.timezone))
    start = instant(wall, series.timezone)
    return replace(series, start=start, end=start + (series.end - series.start))
