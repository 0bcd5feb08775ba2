"""Both sides of an event, as they were when they were last compared. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from addon.sync.base import SINGLE, Base, Standing
from addon.sync.stored import from_json


@dataclass(frozen=True)
class Values:
    """What one side says. Instants in UTC; `day` is the first day of an all-day event.

    Attributes:
        description: HTML as `addon.description.clean` writes it.
        minutes: The length, None where that side has none.
    """

    title: str
    description: str
    start: datetime | None
    minutes: int | None
    day: date | None = None

    @property
    def end(self) -> datetime | None:
        """When it is over, None where that is not said."""
        if self.start is None or self.minutes is None or self.day is not None:
            return None
        return self.start + timedelta(minutes=self.minutes)


@dataclass(frozen=True)
class Person:
    """Somebody on one of the two lists, and why not on both (`addon.sync.words.GuestReason`)."""

    address: str
    in_calendar: bool
    in_livestorm: bool
    reason: str | None = None


@dataclass(frozen=True)
class Date:
    """One date of a series: when Calendar has it, and when its session is."""

    start: datetime
    session_start: datetime | None


@dataclass(frozen=True)
class Sides:
    """Both sides.

    Attributes:
        calendar, livestorm: None before both were compared for the first time.
        people: Those who are not on both sides first, then by address.
        dates: Of a series, those that have a session, the next first.
    """

    calendar: Values | None
    livestorm: Values | None
    people: Sequence[Person] = ()
    dates: Sequence[Date] = ()

    @property
    def registered(self) -> int:
        """How many people are on both sides."""
        return sum(one.in_calendar and one.in_livestorm for one in self.people)


_IN_CALENDAR = {Standing.BOTH, Standing.SPEAKER, Standing.UNSURE, Standing.CALENDAR_ONLY}
_IN_LIVESTORM = {
    *(Standing.BOTH, Standing.SPEAKER),
    *(Standing.LIVESTORM_ONLY, Standing.LEFT_OUT, Standing.NOT_KEPT),
}

_ONLY_REGISTERED = frozenset({"no_room", "not_kept"})
"""Reasons of people whom Livestorm has and the guest list has not."""


def sides(base_json: Mapping[str, Any] | None, unsynced: Mapping[str, Any] | None) -> Sides:
    """Return both sides of a link.

    Args:
        base_json: The link's base, as stored.
        unsynced: What is not carried, as stored.

    Raises:
        addon.sync.stored.UnreadableBase: the base is not one that this program wrote.
    """
    base = from_json(base_json)
    people = _people(base, unsynced or {})
    if base.title is None:
        return Sides(None, None, people)
    description = base.description
    minutes = base.minutes
    when = base.when
    begun = [(one.when.start, one.session_start) for one in base.occurrences.values() if one.when]
    first_session = min(begun, key=lambda one: one[0])[1] if begun else None
    return Sides(
        Values(
            title=base.title.calendar,
            description=description.calendar if description else "",
            start=when.start if when else None,
            minutes=when.minutes if when else None,
            day=when.day if when else None,
        ),
        Values(
            title=base.title.livestorm,
            description=description.livestorm if description else "",
            start=first_session,
            minutes=minutes.livestorm if minutes else None,
        ),
        people,
        _dates(base),
    )


def _dates(base: Base) -> list[Date]:
    if not base.recurrence:
        return []
    dates = [
        Date(one.when.start, one.session_start)
        for key, one in base.occurrences.items()
        if key != SINGLE and one.when is not None
    ]
    return sorted(dates, key=lambda one: one.start)


def _people(base: Base, unsynced: Mapping[str, Any]) -> list[Person]:
    reasons = {str(address): str(reason) for address, reason in unsynced.get("guests", ())}
    standings: dict[str, set[Standing]] = {}
    for agreed in base.occurrences.values():
        for address, one in agreed.guests.items():
            if one is Standing.TEAM:
                continue  # no guest, on neither side
            standings.setdefault(address, set()).add(one)
    people = [
        Person(
            address=address,
            in_calendar=bool(found & _IN_CALENDAR),
            in_livestorm=bool(found & _IN_LIVESTORM),
            reason=reasons.get(address),
        )
        for address, found in standings.items()
    ]
    for address, reason in reasons.items():
        if address not in standings:
            registered = reason in _ONLY_REGISTERED
            people.append(Person(address, not registered, registered, reason))
    return sorted(
        people, key=lambda one: (one.in_calendar and one.in_livestorm, not one.reason, one.address)
    )
