"""Which occurrences of an event are to have a session, as Calendar has them now."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from addon.sync.base import SINGLE
from addon.sync.calendar_side import CalendarSide, ExceptionSeen
from addon.sync.recurrence import expand
from addon.sync.rules import LOOK_AHEAD, Rules
from addon.sync.values import Canonical, Guest, Role, When


@dataclass(frozen=True)
class GuestList:
    """One guest list in Calendar. `count` has all its entries, rooms and the organizer too."""

    guests: Mapping[str, Guest]
    count: int
    complete: bool


@dataclass(frozen=True)
class Occurrence:
    """One occurrence.

    Attributes:
        lists: Guest lists it draws on, by the key of the Calendar event that has each. The first
            is the one people are added to.
        updated: When Calendar last changed what it comes from.
    """

    key: str
    when: When
    lists: Mapping[str, GuestList]
    updated: datetime | None

    @property
    def guests(self) -> dict[str, Guest]:
        """Everybody invited, whatever their role; declined is what they did of every list."""
        found: dict[str, Guest] = {}
        for one in reversed(list(self.lists.values())):
            for address, guest in one.guests.items():
                other = found.get(address, guest)
                comes = guest.declined and not other.declined
                found[address] = replace(guest, declined=False) if comes else guest
        return found

    @property
    def complete(self) -> bool:
        """Whether nobody is hidden from us."""
        return all(one.complete for one in self.lists.values())


@dataclass(frozen=True)
class Wanted:
    """What Calendar has.

    Attributes:
        occurrences: Those that are to have a session, oldest first, by key.
        more: There are upcoming ones beyond these.
        upcoming: Whether anything is still to take place.
    """

    occurrences: Mapping[str, Occurrence] = field(default_factory=dict)
    more: bool = False
    upcoming: bool = False


def wanted(
    side: CalendarSide,
    says: Canonical,
    known: frozenset[str],
    rules: Rules,
    *,
    over: frozenset[str] = frozenset(),
) -> Wanted:
    """Return the occurrences that are to have a session.

    Args:
        side: The Calendar event, present.
        says: What it says.
        known: Keys of the occurrences that have one. They keep it as long as they exist, also
            when others came before them.
        rules: For the present instant and the number of sessions.
        over: Those of the known ones that were over when last agreed on; they are let go unless
            Calendar has them later now. Exceptions would otherwise stay for as long as the series.
    """
    if says.when is None:
        return Wanted()
    own = GuestList(says.guests, side.attendee_count, side.guests_complete)
    if not says.recurrence:
        single = Occurrence(SINGLE, says.when, {SINGLE: own}, side.updated)
        return Wanted({SINGLE: single}, upcoming=says.when.over_at > rules.now)
    # One more than needed, to know whether there are more; also where one is all there is.
    limit = max(rules.occurrence_sessions, 1) + 1
    coming = _living(side, says, own, known, since=rules.now, limit=limit, kept=known - over)
    upcoming = {key: one for key, one in coming.items() if one.when.over_at > rules.now}
    if rules.occurrence_sessions == 0:
        return _only_one(side, says, own, upcoming=upcoming, known=known)
    first = [
        key
        for number, (key, one) in enumerate(upcoming.items())
        # The very next one counts however far off it is.
        if number == 0 or one.when.start <= rules.now + LOOK_AHEAD
    ][: rules.occurrence_sessions]
    kept = {key for key in known if key not in over or key in upcoming}
    chosen = {key: one for key, one in coming.items() if key in first or key in kept}
    more = any(key not in chosen for key in upcoming)
    return Wanted(chosen, more=more, upcoming=bool(upcoming))


def _only_one(
    side: CalendarSide,
    says: Canonical,
    own: GuestList,
    *,
    upcoming: Mapping[str, Occurrence],
    known: frozenset[str],
) -> Wanted:
    """One session for the whole series: that of its first occurrence, and everybody's.

    Whoever is invited to a later occurrence enters by the same link, so they are registered for
    the one session there is.
    """
    assert says.when is not None  # noqa: S101 - the caller looked
    since = min([day_of(key) for key in known], default=_BEGINNING) - timedelta(days=1)
    every = _living(side, says, own, known, since=since, limit=1)
    chosen = next((one for key, one in every.items() if key in known), None)
    if chosen is None and known:
        chosen = next(iter(upcoming.values()), None)
    chosen = chosen or next(iter(every.values()), None)
    if chosen is None:
        return Wanted()
    lists = {SINGLE: own}
    for key, one in side.exceptions.items():
        if not one.cancelled and key in upcoming:
            lists[key] = _list(one)
    single = Occurrence(chosen.key, chosen.when, lists, chosen.updated)
    return Wanted({single.key: single}, more=len(upcoming) > 1, upcoming=bool(upcoming))


_BEGINNING = datetime.fromisoformat("1900-01-01T00:00:00+00:00")


def day_of(key: str) -> datetime:
    """Midnight, in UTC, of the day that a key names."""
    if key == SINGLE:
        return _BEGINNING
    return datetime.strptime(key[:8], "%Y%m%d").replace(tzinfo=UTC)


def _living(
    side: CalendarSide,
    says: Canonical,
    own: GuestList,
    known: frozenset[str],
    *,
    since: datetime,
    limit: int,
    kept: frozenset[str] = frozenset(),
) -> dict[str, Occurrence]:
    """The next occurrences that exist, by when they take place, and all the known ones that do.

    Of those before `since` the `kept` ones: the session of one may have been put off only after
    its time, and would be removed together with everybody in it if the date were taken for gone.
    Exceptions count whenever they are, also those that the rule would no longer make: Calendar
    keeps showing them.
    """
    assert says.when is not None  # noqa: S101 - the caller looked
    through = max([day_of(key) for key in known], default=since) + timedelta(days=2)
    expanded = expand(
        says.when,
        says.recurrence,
        since=since,
        until=max(says.when.start, since) + LOOK_AHEAD,
        limit=limit + len(side.exceptions),
        through=through,
    )
    earliest = min([day_of(key) - timedelta(days=1) for key in kept], default=since)
    if earliest < since:
        before = expand(says.when, says.recurrence, since=earliest, until=since)
        expanded += [(key, when) for key, when in before if key in kept]
    made = {key: Occurrence(key, when, {key: own}, side.updated) for key, when in expanded}
    for key, one in side.exceptions.items():
        made.pop(key, None)
        if not one.cancelled and one.when is not None:
            made[key] = Occurrence(key, one.when, {key: _list(one)}, one.updated)
    ordered = sorted(made.values(), key=lambda one: (one.when.start, one.key))
    return {one.key: one for one in ordered}


def _list(one: ExceptionSeen) -> GuestList:
    return GuestList(one.guests, one.attendee_count, one.guests_complete)


def people(guests: Mapping[str, Guest]) -> dict[str, Guest]:
    """Leave out who is no guest to be carried: organizers, members of the team, rooms."""
    return {
        address: guest
        for address, guest in guests.items()
        if guest.role in {Role.ATTENDEE, Role.SPEAKER}
    }
