"""Calendar events as values, read from what the Calendar API answers.

Source: developers.google.com/workspace/calendar/api/v3/reference/events.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ALL_DAY_START = time(9, 0)
"""An all-day event becomes a session at nine in the morning, in the calendar's zone."""


@dataclass(frozen=True)
class Moment:
    """A start or an end: the instant, its zone, and the date when the event is all day."""

    instant: datetime
    timezone: str
    day: date | None = None


@dataclass(frozen=True)
class CalendarEvent:
    """What the product reads of a Calendar event. `description` is HTML as Calendar keeps it."""

    id: str
    etag: str | None
    ical_uid: str | None
    cancelled: bool
    title: str
    description: str
    start: Moment | None
    end: Moment | None
    recurring: bool
    organizer_is_self: bool


def parse(body: Mapping[str, Any], *, fallback_timezone: str) -> CalendarEvent:
    """Read an event resource; a missing or odd part becomes empty, never an error.

    A cancelled event may come with nothing but its id, so only that is relied upon.
    `fallback_timezone` is used where Calendar names no zone, or one that does not exist.
    """
    organizer = body.get("organizer")
    return CalendarEvent(
        id=_text(body.get("id")),
        etag=_text(body.get("etag")) or None,
        ical_uid=_text(body.get("iCalUID")) or None,
        cancelled=body.get("status") == "cancelled",
        title=_text(body.get("summary")),
        description=_text(body.get("description")),
        start=_moment(body.get("start"), fallback_timezone),
        end=_moment(body.get("end"), fallback_timezone),
        recurring=bool(body.get("recurrence")) or bool(body.get("recurringEventId")),
        organizer_is_self=isinstance(organizer, Mapping) and organizer.get("self") is True,
    )


def known_timezone(name: str | None) -> str | None:
    """Return `name` when it is an IANA zone this machine knows, else None."""
    if not name:
        return None
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return name


def _moment(value: object, fallback_timezone: str) -> Moment | None:
    if not isinstance(value, Mapping):
        return None
    timezone = known_timezone(_text(value.get("timeZone"))) or fallback_timezone
    zone = ZoneInfo(timezone)
    try:
        if value.get("dateTime"):
            instant = datetime.fromisoformat(_text(value["dateTime"]))
            if instant.tzinfo is None:
                instant = instant.replace(tzinfo=zone)
            return Moment(instant.astimezone(UTC), timezone)
        if value.get("date"):
            day = date.fromisoformat(_text(value["date"]))
            local = datetime.combine(day, ALL_DAY_START, tzinfo=zone)
            return Moment(local.astimezone(UTC), timezone, day)
    except (ValueError, OverflowError):
        return None
    return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
