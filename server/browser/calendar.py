"""A month or a week of events: green where both sides are the same, blue where they are not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, request

from addon import clock
from addon.dashboard.agenda import Entry, entries
from addon.dashboard.standing import Standing, standing
from addon.product import Product
from addon.store import event_lists
from addon.store.users import Account
from server.browser import dates, pages
from server.browser.answers import page, sign_in_first
from server.callers import Caller, called_by

WEEK = 7
SLOTS_AN_HOUR = 2
"""The week is drawn in half hours."""

FIRST_HOUR, LAST_HOUR = 8, 18
"""Hours that a week always shows; more where something takes place."""

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)
"""No event is out there, and every date around these can be reckoned with."""


@dataclass(frozen=True)
class Placed:
    """An event on one day.

    Attributes:
        start, end: Wall clock of the person's zone; only the part on this day counts.
        slot, slots: Where the week draws it: from which half hour, counted from one, and how many.
        continues: It began on an earlier day.
    """

    entry: Entry
    standing: Standing
    start: datetime
    end: datetime
    slot: int
    slots: int
    continues: bool


@dataclass(frozen=True)
class Day:
    """One day: what lasts all day, and what has a time."""

    date: date
    all_day: Sequence[Placed]
    timed: Sequence[Placed]


def add(integration: Blueprint, product: Product, person: Callable[[], Account | None]) -> None:
    """Add the calendar."""

    @integration.get("/calendar")
    @called_by(Caller.PERSON)
    def calendar() -> Any:
        """Show a month or a week of the person's events."""
        account = person()
        if account is None:
            return sign_in_first()
        zone = event_lists.zone(product.engine, account.user_id, account.email) or "UTC"
        now = clock.now()
        today = dates.local(now, zone).date()
        shown = _asked(today)
        view = "week" if request.args.get("view") == "week" else "month"
        first_weekday = dates.locale(pages.locale_tag()).first_week_day
        first, days = (
            _week(shown, first_weekday) if view == "week" else _month(shown, first_weekday)
        )
        start, end = _midnight(first, zone), _midnight(first + timedelta(days=days), zone)
        details = event_lists.in_range(product.engine, account.user_id, start=start, end=end)
        found = entries(details, start=start, end=end, now=now)
        standings = {one.link.id: standing(account, one.link) for one in found}
        hours = _hours(found, zone, first, days)
        placed = [
            _day(first + timedelta(days=number), found, standings, zone, hours)
            for number in range(days)
        ]
        return page(
            "calendar.html",
            account=account,
            zone=zone,
            view=view,
            shown=shown,
            today=today,
            days=placed,
            weeks=[placed[at : at + WEEK] for at in range(0, days, WEEK)],
            hours=hours,
            earlier=_moved(shown, view, -1),
            later=_moved(shown, view, 1),
            empty=not found,
        )


def _asked(today: date) -> date:
    """The day that the address asks for, today for anything else."""
    try:
        asked = date.fromisoformat(request.args.get("date", ""))
    except ValueError:
        return today
    return min(max(asked, EARLIEST), LATEST)


def _week(day: date, first_weekday: int) -> tuple[date, int]:
    return day - timedelta(days=(day.weekday() - first_weekday) % WEEK), WEEK


def _month(day: date, first_weekday: int) -> tuple[date, int]:
    """The whole weeks that a month lies in."""
    first = _week(day.replace(day=1), first_weekday)[0]
    last = _moved(day.replace(day=1), "month", 1) - timedelta(days=1)
    after = _week(last, first_weekday)[0] + timedelta(days=WEEK)
    return first, (after - first).days


def _moved(day: date, view: str, by: int) -> date:
    """The same day a week or a month earlier or later; of a month, its first."""
    if view == "week":
        return day + timedelta(days=WEEK * by)
    months = day.year * 12 + day.month - 1 + by
    return date(months // 12, months % 12 + 1, 1)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(0), tzinfo=dates.known_zone(zone))


def _hours(found: Sequence[Entry], zone: str, first: date, days: int) -> range:
    """The hours that a week shows."""
    earliest, latest = FIRST_HOUR, LAST_HOUR
    for entry in found:
        if entry.all_day:
            continue
        for number in range(days):
            part = _part(entry, first + timedelta(days=number), zone)
            if part is not None:
                start, end = part
                earliest = min(earliest, start.hour)
                latest = max(latest, 24 if end.date() > start.date() else end.hour + 1)
    return range(earliest, min(latest, 24))


def _part(entry: Entry, day: date, zone: str) -> tuple[datetime, datetime] | None:
    """What of an event is on a day, as wall clock; None when nothing is."""
    # An all-day event is on its own dates, whatever the reader's zone.
    where = entry.timezone if entry.all_day else zone
    start, end = dates.local(entry.start, where), dates.local(entry.end, where)
    if entry.all_day:
        start = start.replace(hour=0, minute=0)
    first = datetime.combine(day, time(0), tzinfo=start.tzinfo)
    after = datetime.combine(day + timedelta(days=1), time(0), tzinfo=start.tzinfo)
    if end <= first or start >= after:
        return None
    return max(start, first), min(end, after)


def _day(
    day: date,
    found: Sequence[Entry],
    standings: Mapping[str, Standing],
    zone: str,
    hours: range,
) -> Day:
    all_day: list[Placed] = []
    timed: list[Placed] = []
    for entry in found:
        part = _part(entry, day, zone)
        if part is None:
            continue
        start, end = part
        from_top = _slots(start) - hours.start * SLOTS_AN_HOUR
        until = _slots(end, up=True) - hours.start * SLOTS_AN_HOUR
        if end.date() > day:
            until = len(hours) * SLOTS_AN_HOUR
        placed = Placed(
            entry=entry,
            standing=standings[entry.link.id],
            start=start,
            end=end,
            slot=max(from_top, 0) + 1,
            slots=max(until - max(from_top, 0), 1),
            continues=dates.local(entry.start, zone).date() < day,
        )
        (all_day if entry.all_day else timed).append(placed)
    return Day(day, all_day, timed)


def _slots(wall: datetime, *, up: bool = False) -> int:
    """Half hours since midnight; begun ones counted when rounding up."""
    minutes = wall.hour * 60 + wall.minute
    length = 60 // SLOTS_AN_HOUR
    return -(-minutes // length) if up else minutes // length
