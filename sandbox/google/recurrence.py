"""Expansion of a series into its occurrences, right across daylight-saving changes.

Source: developers.google.com/workspace/calendar/api/concepts/events-calendars ("recurrence" is a
list of RRULE, EXRULE, RDATE and EXDATE lines; DTSTART and DTEND are never in it; COUNT and UNTIL
exclude each other) and RFC 5545. Rules run on the wall clock of the event's own zone, so that a
weekly 09:00 stays at 09:00 when the offset changes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rruleset, rrulestr

from sandbox.google import times
from sandbox.google.api_errors import Json, invalid

_UNTIL = re.compile(r"UNTIL=(\d{8})(T\d{6})?(Z)?", re.IGNORECASE)
_INSTANCE = re.compile(r"^(?P<series>.+)_(?P<stamp>\d{8}(T\d{6}Z)?)$")


@dataclass(frozen=True)
class Occurrence:
    """One occurrence as the rule makes it.

    Attributes:
        original: Start before any exception, in the stored form of an event time.
        start: Same as ``original``.
        end: End, in the stored form.
    """

    original: Json
    start: Json
    end: Json


def checked(lines: object) -> list[str]:
    """The recurrence lines of a body, each of a kind Google takes.

    Raises:
        ApiError: 400 otherwise.
    """
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise invalid("Invalid recurrence rule.")
    for line in lines:
        name = re.split("[:;]", line, maxsplit=1)[0].upper()
        if name not in ("RRULE", "EXRULE", "RDATE", "EXDATE"):
            raise invalid("Invalid recurrence rule.")
        if name == "RRULE" and "COUNT=" in line.upper() and "UNTIL=" in line.upper():
            raise invalid("Invalid recurrence rule.")
    try:
        _rules(lines, datetime(2026, 1, 1, 9), ZoneInfo("UTC"))  # noqa: DTZ001 - wall clock
    except ValueError as wrong:
        raise invalid("Invalid recurrence rule.") from wrong
    return list(lines)


def occurrences(
    resource: Json,
    calendar_zone: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 2000,
) -> Iterator[Occurrence]:
    """The occurrences of a stored series, oldest first, exceptions not considered.

    Args:
        resource: Stored series (``start``, ``end``, ``recurrence``).
        calendar_zone: Zone that all-day dates are compared in.
        since: Only occurrences that end after this instant.
        until: Only occurrences that start before this instant.
        limit: Most occurrences yielded; endless series need a stop somewhere.
    """
    start, length = resource["start"], times.duration(resource["start"], resource["end"])
    own = ZoneInfo(start.get("timeZone", "UTC"))
    yielded = 0
    for wall in _rules(resource["recurrence"], times.wall_start(start), own):
        made = _occurrence(wall, length, start, own)
        if until is not None and times.instant(made.start, calendar_zone) >= until:
            return
        if since is not None and times.instant(made.end, calendar_zone) <= since:
            continue
        yield made
        yielded += 1
        if yielded >= limit:
            return


def instance_id(series_id: str, original: Json) -> str:
    """The id Calendar gives an occurrence: series id, underscore, start in UTC (or the date)."""
    return f"{series_id}_{stamp(original)}"


def stamp(original: Json) -> str:
    """A stored time in the short form of ids: ``20260105T080000Z``, or ``20260105`` for a date."""
    if "date" in original:
        return str(original["date"]).replace("-", "")
    utc = datetime.fromisoformat(original["dateTime"]).astimezone(UTC)
    return f"{utc:%Y%m%dT%H%M%SZ}"


def split_instance_id(event_id: str) -> tuple[str, str] | None:
    """Series id and stamp of an instance id, or None when it does not look like one."""
    match = _INSTANCE.match(event_id)
    return (match["series"], match["stamp"]) if match else None


def occurrence_with_id(resource: Json, calendar_zone: str, event_id: str) -> Occurrence | None:
    """The occurrence of a stored series that has this instance id, if the rule makes it."""
    parts = split_instance_id(event_id)
    if parts is None or not resource.get("recurrence"):
        return None
    text = parts[1]
    day = datetime.strptime(text[:8], "%Y%m%d").replace(tzinfo=UTC)
    # A day on each side covers every zone's distance from UTC.
    for made in occurrences(
        resource, calendar_zone, since=day - timedelta(days=1), until=day + timedelta(days=3)
    ):
        if instance_id(resource["id"], made.original) == event_id:
            return made
    return None


def trimmed(lines: list[str], last_before: Json) -> list[str]:
    """The recurrence lines with the rule ended just before the given original start."""
    if "date" in last_before:
        bound = (date.fromisoformat(last_before["date"]) - timedelta(days=1)).strftime("%Y%m%d")
    else:
        moment = datetime.fromisoformat(last_before["dateTime"]).astimezone(UTC)
        bound = f"{moment - timedelta(seconds=1):%Y%m%dT%H%M%SZ}"
    kept = []
    for line in lines:
        if line.upper().startswith("RRULE"):
            parts = [
                part
                for part in line.split(":", 1)[1].split(";")
                if not part.upper().startswith(("UNTIL=", "COUNT="))
            ]
            kept.append("RRULE:" + ";".join([*parts, f"UNTIL={bound}"]))
        else:
            kept.append(line)
    return kept


def continued(resource: Json, calendar_zone: str, first: Json) -> list[str]:
    """The recurrence lines of the second half of a split; a COUNT is reduced by what stays."""
    before = sum(
        1
        for made in occurrences(
            resource, calendar_zone, until=times.instant(first, calendar_zone), limit=100_000
        )
    )
    return [
        re.sub(
            r"COUNT=(\d+)",
            lambda match: f"COUNT={max(1, int(match[1]) - before)}",
            line,
            flags=re.IGNORECASE,
        )
        for line in resource["recurrence"]
    ]


def _occurrence(wall: datetime, length: timedelta, start: Json, own: ZoneInfo) -> Occurrence:
    if "date" in start:
        first = {"date": wall.date().isoformat()}
        return Occurrence(first, first, {"date": (wall.date() + length).isoformat()})
    begins = wall.replace(tzinfo=own)
    # Through UTC, so that a wall time skipped by a clock change becomes a real one.
    utc = begins.astimezone(UTC)
    first = {"dateTime": utc.astimezone(own).isoformat(), "timeZone": start["timeZone"]}
    last = {"dateTime": (utc + length).astimezone(own).isoformat(), "timeZone": start["timeZone"]}
    return Occurrence(first, dict(first), last)


def _rules(lines: list[str], first: datetime, own: ZoneInfo) -> rruleset:
    rules = rruleset()
    ruled = False
    for line in lines:
        head, _, value = line.partition(":")
        name = head.split(";")[0].upper()
        if name in ("RRULE", "EXRULE"):
            rule = rrulestr(_local_until(value, own), dtstart=first, ignoretz=True)
            if not isinstance(rule, rrule):
                raise ValueError("not one rule")
            (rules.rrule if name == "RRULE" else rules.exrule)(rule)
            ruled = ruled or name == "RRULE"
        else:
            for wall in _dates(head, value, first, own):
                (rules.rdate if name == "RDATE" else rules.exdate)(wall)
    if not ruled:
        rules.rdate(first)
    return rules


def _local_until(value: str, own: ZoneInfo) -> str:
    def local(match: re.Match[str]) -> str:
        day, clock, utc = match.groups()
        if clock is None:
            # A bare date ends with that day, whatever the start's clock time.
            return f"UNTIL={day}T235959"
        if utc is None:
            return f"UNTIL={day}{clock}"
        moment = datetime.strptime(day + clock, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        return f"UNTIL={moment.astimezone(own):%Y%m%dT%H%M%S}"

    return _UNTIL.sub(local, value)


def _dates(head: str, value: str, first: datetime, own: ZoneInfo) -> Iterator[datetime]:
    given = ZoneInfo("UTC")
    named = re.search(r"TZID=([^;:]+)", head, re.IGNORECASE)
    if named:
        given = times.zone(named[1])
    for text in value.split(","):
        if "T" not in text:
            day = datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - a calendar date
            yield datetime.combine(day, time() if first.time() == time() else first.time())
            continue
        wall = datetime.strptime(text.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - wall clock
        if text.endswith("Z"):
            yield wall.replace(tzinfo=UTC).astimezone(own).replace(tzinfo=None)
        elif named:
            yield wall.replace(tzinfo=given).astimezone(own).replace(tzinfo=None)
        else:
            yield wall
