"""Dates, times and numbers as the reader's locale writes them, through Babel."""

from collections.abc import Callable
from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.dates import (
    format_date,
    format_skeleton,
    format_time,
    get_datetime_format,
    get_timezone_name,
)
from babel.numbers import format_decimal
from babel.units import format_unit
from flask import Flask

_CACHED = 256
"""Locale tags and zones come from requests: room for every one in real use, and no more."""


def install(app: Flask, locale_tag: Callable[[], str]) -> None:
    """Give the templates of `app` the filters below, in the locale that `locale_tag` names."""

    def spoken() -> Locale:
        return locale(locale_tag())

    app.jinja_env.filters.update(
        clock_time=lambda instant, zone: clock_time(instant, zone, spoken()),
        day=lambda instant, zone: day(local(instant, zone).date(), spoken()),
        moment=lambda instant, zone: moment(instant, zone, spoken()),
        span=lambda start, zone, end=None: span(start, end, zone, spoken()),
        long_date=lambda value: format_date(value, "full", locale=spoken()),
        day_name=lambda value: format_skeleton("MMMEd", _noon(value), locale=spoken()),
        weekday=lambda value: format_date(value, "EEE", locale=spoken()),
        month_name=lambda value: format_skeleton("yMMMM", _noon(value), locale=spoken()),
        hour=lambda value: format_time(time(value), "short", locale=spoken()),
        number=lambda value: format_decimal(value, locale=spoken()),
        zone_name=lambda zone: zone_name(zone, spoken()),
        written_moment=lambda text, zone: written_moment(text, zone, spoken()),
        written_minutes=lambda text: written_minutes(text, spoken()),
    )


@lru_cache(maxsize=_CACHED)
def locale(tag: str) -> Locale:
    """Babel's locale for a language tag, with its region where Babel knows it."""
    language = tag.replace("_", "-").split("-")[0].lower()
    try:
        return Locale.parse(tag.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return Locale(language)


def language_name(code: str) -> str:
    """What speakers of a language call it, as a list of languages shows it."""
    name = Locale(code).get_display_name(code) or code
    return name[:1].upper() + name[1:]


@lru_cache(maxsize=_CACHED)
def known_zone(name: str) -> ZoneInfo:
    """The IANA zone of this name; UTC where the time-zone database has none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # ValueError: a path outside the database. OSError: a folder of it, or a name too long.
        return ZoneInfo("UTC")


def local(instant: datetime, zone: str) -> datetime:
    """An instant on the clocks of a zone."""
    return instant.astimezone(known_zone(zone))


def clock_time(instant: datetime, zone: str, spoken: Locale) -> str:
    """The time of day, as ``2:05 PM`` or ``14:05``."""
    return format_time(local(instant, zone), "short", locale=spoken)


def day(value: date, spoken: Locale) -> str:
    """A day with its weekday, as ``Mon, Nov 23, 2026``."""
    return format_skeleton("yMMMEd", _noon(value), locale=spoken)


def moment(instant: datetime, zone: str, spoken: Locale) -> str:
    """A day and a time, as ``Nov 23, 2026, 2:05 PM``."""
    there = local(instant, zone)
    written = format_skeleton("yMMMd", _noon(there.date()), locale=spoken)
    return _joined(written, clock_time(instant, zone, spoken), spoken)


def span(start: datetime, end: datetime | None, zone: str, spoken: Locale) -> str:
    """A day, and from when to when, as ``Mon, Nov 23, 2026, 2:05 PM – 3:00 PM``."""
    first, times = local(start, zone).date(), clock_time(start, zone, spoken)
    if end is not None:
        last = local(end, zone).date()
        until = clock_time(end, zone, spoken)
        times += f" – {until if last == first else _joined(day(last, spoken), until, spoken)}"
    return _joined(day(first, spoken), times, spoken)


def zone_name(zone: str, spoken: Locale) -> str:
    """What people call a zone, as ``Central European Time``."""
    return get_timezone_name(known_zone(zone), locale=spoken)


def written_moment(text: str, zone: str, spoken: Locale) -> str:
    """An instant that is stored as text (ISO 8601), as `moment`; other text stays as it is."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment(instant, zone, spoken) if instant.tzinfo else text


def written_minutes(text: str, spoken: Locale) -> str:
    """A length in minutes that is stored as text, as ``90 minutes``; other text stays."""
    if not text.isdecimal():
        return text
    return format_unit(int(text), "duration-minute", locale=spoken)


def _joined(written_day: str, written_time: str, spoken: Locale) -> str:
    pattern = str(get_datetime_format("medium", locale=spoken)).replace("'", "")
    return pattern.replace("{1}", written_day).replace("{0}", written_time)


def _noon(value: date) -> datetime:
    # Skeletons are for instants only; Babel takes a naive one as it stands.
    return datetime(value.year, value.month, value.day, 12)  # noqa: DTZ001 - a date, no instant
