"""Times as the page writes them: wall times of one zone, ``YYYY-MM-DDTHH:MM``, or dates."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

WALL_FORMAT = "%Y-%m-%dT%H:%M"


class WallTimeError(ValueError):
    """A text that is no wall time or no date."""


def wall_text(instant: datetime, zone: ZoneInfo) -> str:
    """An instant on the zone's clock, to the minute."""
    return instant.astimezone(zone).strftime(WALL_FORMAT)


def parse_wall(text: object, zone: ZoneInfo) -> datetime:
    """The aware datetime a wall time names.

    Of the two instants an ambiguous time has when clocks go back, the earlier, as Calendar does.

    Raises:
        WallTimeError: It is not of the form ``YYYY-MM-DDTHH:MM``.
    """
    try:
        return datetime.strptime(str(text), WALL_FORMAT).replace(tzinfo=zone)
    except ValueError as wrong:
        raise WallTimeError(f"{text!r} is not a date and time") from wrong


def parse_date(text: object) -> date:
    """The date of a ``YYYY-MM-DD`` text.

    Raises:
        WallTimeError: It is none.
    """
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError as wrong:
        raise WallTimeError(f"{text!r} is not a date") from wrong


def offset_ms(instant: datetime, zone: ZoneInfo) -> int:
    """The zone's offset from UTC at an instant, in milliseconds, as event objects carry it."""
    offset = instant.astimezone(zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds() * 1000)


def at(epoch_seconds: float) -> datetime:
    """The instant of a Unix time."""
    return datetime.fromtimestamp(epoch_seconds, UTC)
