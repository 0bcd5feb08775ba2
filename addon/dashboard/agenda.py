"""Events in a month or a week: when each takes place, every date of a series by itself. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from addon.store.event_lists import Detail
from addon.store.links import Link
from addon.sync.base import Base
from addon.sync.recurrence import expand
from addon.sync.stored import UnreadableBase, from_json
from addon.sync.values import When

UNKNOWN_LENGTH = timedelta(hours=1)
"""Of an event that was never compared: what Calendar gives a new event."""


@dataclass(frozen=True)
class Entry:
    """One date of an event. Instants in UTC.

    Attributes:
        all_day: It has days only: those from `start` to `end` in its own zone, `end` not included.
        timezone: The event's own (IANA).
    """

    link: Link
    start: datetime
    end: datetime
    all_day: bool
    timezone: str


def entries(
    details: Iterable[Detail], *, start: datetime, end: datetime, now: datetime
) -> list[Entry]:
    """Return what takes place between two instants, in order.

    Args:
        details: Links that may.
        start: Beginning of the time looked at.
        end: Its end, which is not part of it.
        now: The present instant.
    """
    found = [
        entry
        for detail in details
        for entry in _entries(detail, start, end, now)
        if entry.end > start and entry.start < end
    ]
    return sorted(found, key=lambda one: (one.start, one.link.title, one.link.id))


def _entries(detail: Detail, start: datetime, end: datetime, now: datetime) -> Iterator[Entry]:
    link = detail.link
    try:
        base = from_json(detail.base)
    except UnreadableBase:
        base = Base()
    if base.when is None:
        if link.starts_at is not None:
            until = link.starts_at + UNKNOWN_LENGTH
            yield Entry(link, link.starts_at, until, all_day=False, timezone=link.timezone or "UTC")
        return
    if not base.recurrence or link.state != "active":
        yield _entry(link, base.when)
        return
    for when in _dates(base, start, end, now):
        yield _entry(link, when)


def _dates(base: Base, start: datetime, end: datetime, now: datetime) -> Iterator[When]:
    """The dates of a series. Those with a session are known one by one, others follow the rule."""
    assert base.when is not None  # noqa: S101 - the caller looked
    known = {key: one.when for key, one in base.occurrences.items() if one.when is not None}
    last = max((when.start for when in known.values()), default=now)
    for key, when in expand(base.when, base.recurrence, since=start, until=end):
        # Among dates that are known one by one, one that is missing was taken out or moved.
        if key not in known and not now <= when.start <= last:
            yield when
    yield from known.values()


def _entry(link: Link, when: When) -> Entry:
    return Entry(
        link,
        when.start,
        max(when.over_at, when.start + timedelta(minutes=1)),
        all_day=when.day is not None,
        timezone=when.timezone,
    )
