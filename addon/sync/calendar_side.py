"""What was read in Calendar, as the planner needs it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from addon import description
from addon.google.attendees import Attendee
from addon.google.events import CalendarEvent, Conference, Moment
from addon.sync.recurrence import key_of
from addon.sync.values import (
    Canonical,
    Guest,
    Role,
    When,
    address,
    by_address,
    title,
    whole_minute,
    within_reach,
)

PRIMARY = "primary"


class Presence(Enum):
    """Whether an event exists, as its own side says when asked for this very event."""

    PRESENT = "present"
    DELETED = "deleted"
    """Seen to be deleted. Being absent from a list is not enough."""
    NOT_FOUND = "not_found"
    """Calendar knows no such event: never saved, out of reach, or deleted long ago."""


class ConferenceState(Enum):
    """What conference the event carries."""

    OURS = "ours"
    ANOTHER = "another"
    NONE = "none"


@dataclass(frozen=True)
class OwnCalendar:
    """The calendar that an event was read in, as seen by the person whose link it is.

    Attributes:
        primary: It is the person's own calendar, not one beside it.
        addresses: Normalised addresses that name it as organizer.
    """

    primary: bool
    addresses: frozenset[str]


def own_calendar(calendar_id: str, email: str | None) -> OwnCalendar:
    """Describe a calendar of a person, whose address is None while unknown.

    A primary calendar's id is its owner's address, or "primary" (developers.google.com/workspace/
    calendar/api/v3/reference/events, `calendarId`).
    """
    known, owner = address(calendar_id), address(email or "")
    primary = calendar_id == PRIMARY or (known is not None and known == owner)
    names = {known, owner if primary else None}
    return OwnCalendar(primary, frozenset(one for one in names if one is not None))


@dataclass(frozen=True)
class ExceptionSeen:
    """An occurrence that differs from its series.

    Attributes:
        key: Its lasting identity (`key_of` its original start).
        event_id: Its own Calendar event id.
        when: None when cancelled, or without a time.
    """

    key: str
    event_id: str
    cancelled: bool
    when: When | None
    guests: Mapping[str, Guest]
    guests_complete: bool
    attendee_count: int
    updated: datetime | None


@dataclass(frozen=True)
class CalendarSide:
    """A Calendar event.

    Attributes:
        value: None unless present.
        own_copy: Whether this calendar organizes it; None when Calendar does not say.
        guests_complete: Nobody is hidden from us.
        attendee_count: All entries of the guest list, rooms and the organizer among them.
        read_only: Its time, title and guests cannot be changed.
        exceptions: Of a series: every occurrence that differs.
        searched: A deleted event was looked for elsewhere (`LookForMoved`) in vain.
        nowhere: That was in every calendar that the person has.
    """

    presence: Presence
    event_id: str = ""
    ical_uid: str | None = None
    value: Canonical | None = None
    updated: datetime | None = None
    own_copy: bool | None = None
    conference: ConferenceState = ConferenceState.NONE
    guests_complete: bool = True
    attendee_count: int = 0
    read_only: bool = False
    exceptions: Mapping[str, ExceptionSeen] = field(default_factory=dict)
    searched: bool = False
    nowhere: bool = False


def calendar_side(
    event: CalendarEvent | None,
    *,
    livestorm_event_id: str,
    own: OwnCalendar,
    exceptions: Sequence[CalendarEvent] = (),
    may_write: bool = True,
    searched: bool = False,
    nowhere: bool = False,
) -> CalendarSide:
    """Return what Calendar says.

    Args:
        event: None when Calendar answered that there is no such event (404).
        livestorm_event_id: Of the link; tells our conference from others.
        own: The calendar it was read in.
        exceptions: Of a series, all its exceptions, cancelled ones among them, in any order.
        may_write: Whether the person's access to the calendar includes writing.
        searched: Whether a deleted event was looked for elsewhere in vain.
        nowhere: Whether that was in every calendar that the person has.
    """
    if event is None or event.cancelled:
        presence = Presence.NOT_FOUND if event is None else Presence.DELETED
        return CalendarSide(
            presence,
            event_id=event.id if event else "",
            ical_uid=event.ical_uid if event else None,
            own_copy=own_copy(event, own) if event else None,
            searched=searched,
            nowhere=nowhere,
        )
    when = when_of(event)
    return CalendarSide(
        Presence.PRESENT,
        event_id=event.id,
        ical_uid=event.ical_uid,
        value=Canonical(
            title=title(event.title),
            description=description.clean(event.description),
            when=when,
            minutes=when.minutes if when else None,
            guests=_guests(event),
            recurrence=event.recurrence,
        ),
        updated=event.updated,
        own_copy=own_copy(event, own),
        conference=conference_state(event.conference, livestorm_event_id),
        guests_complete=not event.attendees_omitted,
        attendee_count=len(event.attendees),
        read_only=event.locked or not may_write,
        exceptions=_exceptions(exceptions) if event.recurrence else {},
        searched=searched,
        nowhere=nowhere,
    )


def conference_state(conference: Conference | None, livestorm_event_id: str) -> ConferenceState:
    """Tell whether a conference leads to this Livestorm event.

    Three places are looked at, because programs that copy events may drop any of them: the
    conference's id, the add-on's parameter, and the room link.
    """
    if conference is None:
        return ConferenceState.NONE
    ours = (
        conference.id == livestorm_event_id
        or conference.parameters.get("livestorm_event_id") == livestorm_event_id
        or any(f"/p/{livestorm_event_id}" in uri for uri in conference.uris)
    )
    return ConferenceState.OURS if ours and livestorm_event_id else ConferenceState.ANOTHER


def own_copy(event: CalendarEvent, own: OwnCalendar) -> bool | None:
    """Whether a calendar organizes an event; None when Calendar does not say.

    `organizer.self` says so, but an answer without it does not say the opposite where the
    organizer's address is the calendar's. A live event that names no organizer is its calendar's
    own only where that calendar is a person's: elsewhere it may be a copy.
    """
    if event.organizer_is_self:
        return True
    if event.organizer_email:
        return address(event.organizer_email) in own.addresses
    return True if own.primary and not event.cancelled else None


def when_of(event: CalendarEvent) -> When | None:
    """Return when an event takes place; None where it names no time that both sides can hold."""
    start, end = event.start, event.end or event.start
    if start is None or end is None:
        return None
    if not (within_reach(start.instant) and within_reach(end.instant)):
        return None
    if start.day is None:
        first = whole_minute(start.instant)
        return When(first, max(first, whole_minute(end.instant)), start.timezone)
    if end.day is None or end.day <= start.day:
        end = Moment(start.instant, start.timezone, start.day + timedelta(days=1))
        one_day = When(start.instant, start.instant, start.timezone, start.day)
        later = one_day.moved_to(start.instant + timedelta(days=1))
        return When(start.instant, later.start, start.timezone, start.day)
    return When(whole_minute(start.instant), whole_minute(end.instant), start.timezone, start.day)


def _guests(event: CalendarEvent) -> dict[str, Guest]:
    organizer = address(event.organizer_email or "")
    found = []
    for attendee in event.attendees:
        known = address(attendee.email)
        if known is not None:
            found.append(_guest(attendee, known, organizer))
    return by_address(found)


def _guest(attendee: Attendee, known: str, organizer: str | None) -> Guest:
    role = Role.ATTENDEE
    if attendee.resource:
        role = Role.RESOURCE
    elif attendee.organizer or attendee.is_self or known == organizer:
        role = Role.ORGANIZER
    # Calendar has one name, Livestorm two: the first word, and the rest.
    first, _, last = title(attendee.name).partition(" ")
    return Guest(known, role, first, last, declined=attendee.answer == "declined")


def _exceptions(events: Sequence[CalendarEvent]) -> dict[str, ExceptionSeen]:
    found = {}
    for event in sorted(events, key=lambda one: one.id):
        original = event.original_start
        if original is None or not within_reach(original.instant):
            continue
        key = key_of(When(original.instant, original.instant, original.timezone, original.day))
        found[key] = ExceptionSeen(
            key=key,
            event_id=event.id,
            cancelled=event.cancelled,
            when=None if event.cancelled else when_of(event),
            guests=_guests(event),
            guests_complete=not event.attendees_omitted,
            attendee_count=len(event.attendees),
            updated=event.updated,
        )
    return dict(sorted(found.items()))
