"""Calendar events as values, read from what the Calendar API answers.

Source: developers.google.com/workspace/calendar/api/v3/reference/events.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from addon.google.attendees import Attendee, parse_attendees

ALL_DAY_START = time(9, 0)
"""An all-day event becomes a session at nine in the morning, in the calendar's zone."""

EVENT_FIELDS = (
    "id,etag,status,summary,description,start,end,recurrence,recurringEventId,originalStartTime,"
    "iCalUID,organizer,attendees,attendeesOmitted,conferenceData,created,updated,locked,eventType"
)
"""The parts of an event that `parse` reads, for the `fields` parameter."""


@dataclass(frozen=True)
class Moment:
    """A start or an end: the instant, its zone, and the date when the event is all day."""

    instant: datetime
    timezone: str
    day: date | None = None


@dataclass(frozen=True)
class Conference:
    """The conference of an event.

    Attributes:
        id: `conferenceId`; for an add-on's conference whatever the add-on gave.
        parameters: What the add-on stored with it.
        uris: Its entry points.
        name: The solution, as people see it.
    """

    id: str
    parameters: Mapping[str, str]
    uris: tuple[str, ...]
    name: str


@dataclass(frozen=True)
class CalendarEvent:
    """What the product reads of a Calendar event. `description` is HTML as Calendar keeps it.

    Attributes:
        recurring: It is a series or an occurrence of one.
        organizer_email: None when Calendar does not say, as for deleted events.
        recurrence: The RRULE, EXRULE, RDATE and EXDATE lines of a series.
        series_id: For an occurrence, the id of its series.
        original_start: For an occurrence, when the series would have it; its lasting identity.
        attendees_omitted: The guest list is not whole.
        created, updated: Instants.
        locked: Google does not let anybody change time, title and the like.
    """

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
    organizer_email: str | None = None
    recurrence: tuple[str, ...] = ()
    series_id: str | None = None
    original_start: Moment | None = None
    attendees: tuple[Attendee, ...] = ()
    attendees_omitted: bool = False
    conference: Conference | None = None
    created: datetime | None = None
    updated: datetime | None = None
    locked: bool = False


def parse(body: Mapping[str, Any], *, fallback_timezone: str) -> CalendarEvent:
    """Read an event resource; a missing or odd part becomes empty, never an error.

    A cancelled event may come with nothing but its id, so only that is relied upon.
    `fallback_timezone` is used where Calendar names no zone, or one that does not exist.
    """
    organizer = body.get("organizer")
    organizer = organizer if isinstance(organizer, Mapping) else {}
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
        organizer_is_self=organizer.get("self") is True,
        organizer_email=_text(organizer.get("email")) or None,
        recurrence=_lines(body.get("recurrence")),
        series_id=_text(body.get("recurringEventId")) or None,
        original_start=_moment(body.get("originalStartTime"), fallback_timezone),
        attendees=parse_attendees(body.get("attendees")),
        attendees_omitted=body.get("attendeesOmitted") is True,
        conference=_conference(body.get("conferenceData")),
        created=_instant(body.get("created")),
        updated=_instant(body.get("updated")),
        locked=body.get("locked") is True,
    )


def begins_as(event: CalendarEvent, original_start: str) -> bool:
    """Whether an event is the occurrence that its series has at a start: an instant, or a day.

    Google documents `originalStartTime` for every occurrence (v3/reference/events); one that comes
    without is known by its start, unless it was moved.
    """
    moment = event.original_start or event.start
    wanted = _instant(original_start)
    if moment is None:
        return False
    if moment.day is not None:
        return moment.day.isoformat() == original_start
    return moment.instant == wanted


def days_in(event: CalendarEvent, timezone: str) -> CalendarEvent:
    """Return an event whose days are those of a zone (IANA); what has a time stays as it is."""
    return replace(
        event,
        start=_day_in(event.start, timezone),
        end=_day_in(event.end, timezone),
        original_start=_day_in(event.original_start, timezone),
    )


def _day_in(moment: Moment | None, timezone: str) -> Moment | None:
    if moment is None or moment.day is None:
        return moment
    return _at_nine(moment.day, timezone)


def _at_nine(day: date, timezone: str) -> Moment:
    local = datetime.combine(day, ALL_DAY_START, tzinfo=ZoneInfo(timezone))
    return Moment(local.astimezone(UTC), timezone, day)


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
            # A zone beside a date means nothing there: the day is the calendar's.
            return _at_nine(day, fallback_timezone)
    except (ValueError, OverflowError):
        return None
    return None


def _instant(value: object) -> datetime | None:
    try:
        instant = datetime.fromisoformat(_text(value))
        return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _lines(value: object) -> tuple[str, ...]:
    lines = value if isinstance(value, list) else []
    return tuple(line for line in lines if isinstance(line, str) and line)


def _conference(value: object) -> Conference | None:
    if not isinstance(value, Mapping) or not value:
        return None
    # Any level may be missing: other programs write incomplete conferences.
    parameters = _inner(_inner(value, "parameters"), "addOnParameters").get("parameters")
    parameters = parameters if isinstance(parameters, Mapping) else {}
    points = value.get("entryPoints")
    points = points if isinstance(points, list) else []
    return Conference(
        id=_text(value.get("conferenceId")),
        parameters={
            name: text
            for name, text in parameters.items()
            if isinstance(name, str) and isinstance(text, str)
        },
        uris=tuple(_text(point.get("uri")) for point in points if isinstance(point, Mapping)),
        name=_text(_inner(value, "conferenceSolution").get("name")),
    )


def _inner(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = value.get(name)
    return inner if isinstance(inner, Mapping) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
