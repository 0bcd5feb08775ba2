"""Event times as the Calendar API writes them, and the instants behind them.

Source: developers.google.com/workspace/calendar/api/concepts/events-calendars and the discovery
document (EventDateTime): all-day ends are exclusive; a timed value needs an offset or a zone;
answers come in the calendar's zone unless ``timeZone`` asks for another.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox.google.api_errors import ApiError, Json, invalid, required


def zone(name: str) -> ZoneInfo:
    """The IANA zone of that name.

    Raises:
        ApiError: 400 when there is none, as Google answers for Windows names.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise invalid(f"Invalid time zone definition: {name}") from unknown


def stamp(epoch: float) -> str:
    """Seconds since 1970 as RFC 3339 with milliseconds, as ``created`` and ``updated`` are."""
    text = datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def written(instant: datetime) -> str:
    """An aware datetime as RFC 3339 without fractions; UTC is written ``Z``."""
    return instant.replace(microsecond=0).isoformat().replace("+00:00", "Z")


def parsed_instant(text: str, field: str) -> datetime:
    """An RFC 3339 query parameter with its mandatory offset.

    Raises:
        ApiError: 400 when it is not one.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise ApiError(400, "badRequest", "Bad Request", location=field) from wrong
    if instant.tzinfo is None:
        raise ApiError(400, "badRequest", "Bad Request", location=field)
    return instant


def is_day(text: str) -> bool:
    """Whether a query parameter names a day, as the start of an all-day event does."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def normalised(value: object, calendar_zone: str, which: str, *, recurring: bool) -> Json:
    """The stored form of ``start`` or ``end``.

    Args:
        value: What the client sent.
        calendar_zone: Zone of the calendar, used when the value names none.
        which: ``start`` or ``end``, for the error's text.
        recurring: Series must name their zone.

    Returns:
        ``{"date": …}`` or ``{"dateTime": … with offset in its own zone, "timeZone": …}``.

    Raises:
        ApiError: 400 when the value is missing, has both kinds, or cannot be read.
    """
    if not isinstance(value, dict):
        raise required(f"Missing {which} time.")
    day, moment, zone_name = value.get("date"), value.get("dateTime"), value.get("timeZone")
    if (day is None) == (moment is None):
        raise invalid(f"Invalid {which} time.") if day else required(f"Missing {which} time.")
    try:
        if day is not None:
            return {"date": date.fromisoformat(str(day)).isoformat()}
        wall = datetime.fromisoformat(str(moment))
    except ValueError as wrong:
        raise invalid(f"Invalid value for: {moment or day}") from wrong
    if recurring and not zone_name:
        raise required(f"Missing time zone definition for {which} time.")
    if wall.tzinfo is None:
        if not zone_name:
            raise required(f"Missing time zone definition for {which} time.")
        wall = wall.replace(tzinfo=zone(zone_name))
    own = zone(zone_name or calendar_zone)
    return {"dateTime": wall.astimezone(own).isoformat(), "timeZone": zone_name or calendar_zone}


def instant(value: Json, calendar_zone: str) -> datetime:
    """The instant (UTC) a stored time begins; an all-day date begins at the calendar's midnight."""
    if "date" in value:
        midnight = datetime.combine(date.fromisoformat(value["date"]), time())
        return midnight.replace(tzinfo=ZoneInfo(calendar_zone)).astimezone(UTC)
    return datetime.fromisoformat(value["dateTime"]).astimezone(UTC)


def shown(value: Json, zone_name: str) -> Json:
    """A stored time as answers carry it: offset of the asked zone, name of the event's own."""
    if "date" in value:
        return dict(value)
    moment = datetime.fromisoformat(value["dateTime"]).astimezone(ZoneInfo(zone_name))
    return {"dateTime": written(moment), "timeZone": value["timeZone"]}


def wall_start(value: Json) -> datetime:
    """The naive local time a stored time shows on its own zone's clock."""
    if "date" in value:
        return datetime.combine(date.fromisoformat(value["date"]), time())
    own = ZoneInfo(value["timeZone"])
    return datetime.fromisoformat(value["dateTime"]).astimezone(own).replace(tzinfo=None)


def duration(start: Json, end: Json) -> timedelta:
    """Time between a stored start and end; exact for timed events, in days for all-day ones."""
    if "date" in start:
        return date.fromisoformat(end["date"]) - date.fromisoformat(start["date"])
    return datetime.fromisoformat(end["dateTime"]) - datetime.fromisoformat(start["dateTime"])


def check_range(start: Json, end: Json) -> None:
    """Both ends of one kind, the end not before the start; zero length is allowed.

    Raises:
        ApiError: 400 otherwise.
    """
    if ("date" in start) != ("date" in end):
        raise invalid("Start and end times must either both be date or both be dateTime.")
    if duration(start, end) < timedelta() or ("date" in start and start == end):
        raise ApiError(
            400, "timeRangeEmpty", "The specified time range is empty.", domain="calendar"
        )
