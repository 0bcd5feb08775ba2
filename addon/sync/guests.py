"""Merging a guest list with the registrants of a session, person by person.

What is synchronised is who is on the list, not what they answer. A guest who says no stays on the
list, may think again, and would lose their link and their statistics; so a registration survives a
"no". Somebody who said no before ever being registered is not registered: it would bring them an
invitation they have already declined.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from addon.livestorm.resources import ANONYMOUS_DOMAIN
from addon.sync.base import Agreed, Standing
from addon.sync.drafting import Situation, UnsyncedGuest
from addon.sync.livestorm_side import SessionState
from addon.sync.occurrences import Occurrence, people
from addon.sync.rules import SUDDENLY_EMPTY
from addon.sync.values import Guest, Role
from addon.sync.words import GuestReason, Unsynced

_REGISTERED = {Standing.BOTH, Standing.SPEAKER}
_ONLY_REGISTERED = {Standing.LIVESTORM_ONLY, Standing.LEFT_OUT, Standing.NOT_KEPT}


@dataclass(frozen=True)
class Terms:
    """What can be done about the people of one occurrence.

    Attributes:
        state: Of the session.
        takes_addresses: The registration form asks for an e-mail address.
        read_only: The guest list cannot be changed.
        excluded: Addresses that are never carried.
        groups: Addresses that look like groups.
        limit: Most people kept the same.
        in_doubt: Everybody was missing from a list when it was last looked at.
        confirmed_empty: That a whole list is empty has been seen for long enough to be believed.
    """

    state: SessionState
    takes_addresses: bool
    read_only: bool
    excluded: frozenset[str]
    groups: frozenset[str]
    limit: int
    in_doubt: bool
    confirmed_empty: bool


@dataclass
class GuestPlan:
    """What is to become of the people.

    Attributes:
        standings: What is agreed as things are, before anything is done.
        kept: Taken off the guest list, and not unregistered.
        emptied: Everybody left one side at once, and that is not believed yet.
    """

    register: list[Guest] = field(default_factory=list)
    unregister: list[str] = field(default_factory=list)
    add: list[Guest] = field(default_factory=list)
    remove: list[str] = field(default_factory=list)
    standings: dict[str, Standing] = field(default_factory=dict)
    kept: list[Guest] = field(default_factory=list)
    emptied: bool = False
    unsynced: set[Unsynced] = field(default_factory=set)
    unsynced_guests: set[UnsyncedGuest] = field(default_factory=set)


def merge_guests(
    agreed: Mapping[str, Standing],
    occurrence: Occurrence,
    registrants: Mapping[str, Guest] | None,
    terms: Terms,
) -> GuestPlan:
    """Decide about everybody invited or registered.

    Args:
        agreed: What was agreed about each before.
        occurrence: With its guest lists.
        registrants: Of its session; None when they were not read. Whoever is known to be
            registered is then taken to be so still; before one of them is added, read them.
        terms: What can be done.
    """
    invited = _carried(occurrence.guests, terms)
    registered = None if registrants is None else _carried(registrants, terms)
    plan = GuestPlan()
    news_calendar: list[Guest] = []
    news_livestorm: list[Guest] = []
    for address in sorted({*invited, *(registered or {}), *agreed} - terms.excluded):
        guest = invited.get(address)
        person = _registrant(address, agreed, registered, invited=guest is not None)
        before = agreed.get(address)
        if guest and person:
            speaks = person.role is Role.SPEAKER
            plan.standings[address] = Standing.SPEAKER if speaks else Standing.BOTH
        elif guest:
            _only_invited(plan, guest, before, news_calendar)
        elif person and not occurrence.complete:
            if before:
                plan.standings[address] = before
        elif person:
            _only_registered(plan, person, before, terms, news_livestorm)
    known = {address for address, standing in agreed.items() if standing in _REGISTERED}
    _believe(plan, plan.unregister, terms, anybody=bool(known & invited.keys()))
    _believe(plan, plan.remove, terms, anybody=bool(known & (registered or {}).keys()))
    _withhold(plan, occurrence, terms)
    _register(plan, news_calendar, terms)
    _invite(plan, news_livestorm, occurrence, terms)
    unregistered = {one.address for one in plan.unsynced_guests}
    for address in (terms.groups & invited.keys()) - unregistered:
        plan.unsynced_guests.add(UnsyncedGuest(address, GuestReason.GROUP_ADDRESS))
    if not occurrence.complete:
        plan.unsynced.add(Unsynced.GUEST_LIST)
    return plan


def _carried(guests: Mapping[str, Guest], terms: Terms) -> dict[str, Guest]:
    return {
        address: guest
        for address, guest in people(guests).items()
        if address not in terms.excluded and not address.endswith(ANONYMOUS_DOMAIN)
    }


def _registrant(
    address: str,
    agreed: Mapping[str, Standing],
    registered: Mapping[str, Guest] | None,
    *,
    invited: bool,
) -> Guest | None:
    if registered is not None:
        return registered.get(address)
    match agreed.get(address):
        case Standing.SPEAKER:
            return Guest(address, Role.SPEAKER)
        case Standing.BOTH | Standing.LIVESTORM_ONLY | Standing.LEFT_OUT | Standing.NOT_KEPT:
            return Guest(address)
        # Either is done once too often rather than left out: both are harmless twice.
        case Standing.UNSURE if not invited:
            return Guest(address)
        case _:
            return None


def _only_invited(
    plan: GuestPlan, guest: Guest, before: Standing | None, news: list[Guest]
) -> None:
    match before:
        case Standing.BOTH | Standing.SPEAKER:
            plan.standings[guest.address] = before
            plan.remove.append(guest.address)
        case Standing.CALENDAR_ONLY:
            plan.standings[guest.address] = before
            plan.unsynced_guests.add(UnsyncedGuest(guest.address, GuestReason.REFUSED))
        case Standing.UNSURE:
            plan.standings[guest.address] = before
            news.append(guest)
        case _:
            news.append(guest)


def _only_registered(
    plan: GuestPlan, person: Guest, before: Standing | None, terms: Terms, news: list[Guest]
) -> None:
    if before is Standing.LIVESTORM_ONLY:
        plan.standings[person.address] = before
    elif before is Standing.NOT_KEPT:
        plan.standings[person.address] = before
        plan.unsynced_guests.add(UnsyncedGuest(person.address, GuestReason.NOT_KEPT))
    elif before in {Standing.BOTH, Standing.SPEAKER, Standing.UNSURE}:
        if person.role is Role.SPEAKER or terms.state.began:
            plan.standings[person.address] = Standing.LIVESTORM_ONLY
            plan.kept.append(person)
        else:
            plan.standings[person.address] = before
            plan.unregister.append(person.address)
    else:
        news.append(person)


def _believe(plan: GuestPlan, leaving: list[str], terms: Terms, *, anybody: bool) -> None:
    """Hold back when nobody known is left on a side, as after a fault there.

    Once in doubt it stays so for the whole grace time, even if new people come to that list.
    """
    if len(leaving) >= SUDDENLY_EMPTY and (terms.in_doubt or not anybody):
        plan.emptied = True
        if not terms.confirmed_empty:
            leaving.clear()


def _withhold(plan: GuestPlan, occurrence: Occurrence, terms: Terms) -> None:
    if plan.remove and terms.read_only:
        plan.unsynced.add(Unsynced.READ_ONLY)
        plan.remove.clear()
    if not occurrence.complete:
        # Writing a list of which we see a part would remove the rest.
        plan.remove.clear()


def _register(plan: GuestPlan, news: list[Guest], terms: Terms) -> None:
    """Register who came to the guest list; whoever was registered keeps their place."""
    if not terms.state.takes_people:
        return
    leaving = {*plan.remove, *plan.unregister}
    room = terms.limit - sum(
        1
        for address, standing in plan.standings.items()
        if standing in _REGISTERED and address not in leaving
    )
    for guest in news:
        if not terms.takes_addresses:
            reason = GuestReason.ANONYMOUS
        elif guest.declined and guest.address not in plan.standings:
            reason = GuestReason.DECLINED
        elif room <= 0:
            reason = GuestReason.OVER_LIMIT
        else:
            plan.register.append(guest)
            room -= 1
            continue
        plan.unsynced_guests.add(UnsyncedGuest(guest.address, reason))


def _invite(plan: GuestPlan, news: list[Guest], occurrence: Occurrence, terms: Terms) -> None:
    """Add who registered to the guest list, as far as it has room."""
    if news and terms.read_only:
        plan.unsynced.add(Unsynced.READ_ONLY)
        plan.standings.update((person.address, Standing.LEFT_OUT) for person in news)
        return
    first = next(iter(occurrence.lists.values()))
    room = terms.limit - first.count + len(plan.remove)
    for number, person in enumerate(news):
        if number < room:
            plan.add.append(person)
        else:
            plan.standings[person.address] = Standing.LEFT_OUT
            plan.unsynced_guests.add(UnsyncedGuest(person.address, GuestReason.NO_ROOM))


def after_dropped_lists(now: Situation, occurrence: Occurrence, agreed: Agreed) -> Agreed:
    """What is agreed of an occurrence whose own guest list may have gone with the series' change.

    Calendar drops what single occurrences have of their own when the series is given another time
    or rule. Whoever registered for one date in Livestorm stands on such a list only; nobody took
    them off it. They are on Livestorm's side alone then, to be invited again. Who was at every date
    was invited to the series, and taken off its list.
    """
    says, base = now.says_calendar, now.base
    unchanged = (says.when, says.recurrence) == (base.when, base.recurrence)
    one_for_all = not base.recurrence or now.rules.occurrence_sessions == 0
    seen_whole = occurrence.complete and occurrence.key not in now.calendar.exceptions
    if unchanged or one_for_all or not seen_whole:
        return agreed
    others = [
        {address for address, standing in one.guests.items() if standing in _REGISTERED}
        for key, one in base.occurrences.items()
        if one.session_id != agreed.session_id and key not in now.calendar.exceptions
    ]
    everywhere = set.intersection(*others) if others else set()
    here = everywhere | occurrence.guests.keys()
    guests = {
        address: Standing.LEFT_OUT if standing in _REGISTERED and address not in here else standing
        for address, standing in agreed.guests.items()
    }
    return replace(agreed, guests=guests)


def reset(agreed: Agreed, session_id: str) -> Agreed:
    """The agreement after its session was replaced: nobody on it is known to be registered."""
    guests = {
        address: standing if standing is Standing.TEAM else Standing.UNSURE
        for address, standing in agreed.guests.items()
        if standing not in _ONLY_REGISTERED
    }
    return Agreed(
        session_id,
        when=agreed.when,
        session_start=agreed.session_start,
        guests=guests,
        emptied_since=agreed.emptied_since,
    )
