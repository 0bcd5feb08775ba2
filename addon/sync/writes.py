"""From the planner's actions to what the two APIs are sent. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from addon.google.events import Moment
from addon.livestorm import (
    EventChanges,
    RegistrantDraft,
    SessionChanges,
    SessionDraft,
)
from addon.sync.actions import CreateSession, PatchCalendar, UpdateLivestormEvent, UpdateSession
from addon.sync.values import Guest, address

Json = dict[str, Any]


def calendar_patch(action: PatchCalendar, seen: Mapping[str, Any]) -> Json:
    """Return the body of the smallest PATCH that does what `action` says.

    Lists are replaced whole by a PATCH, so the guest list is the one that was read, with every
    answer and note in it, plus and minus what changed; the etag makes sure that it still is.

    Args:
        action: What is to change.
        seen: The event resource as it was read.

    Raises:
        ValueError: the guest list that was read is not whole, and people are to change.
    """
    body: Json = {}
    if action.title is not None:
        body["summary"] = action.title
    if action.description is not None:
        body["description"] = action.description
    if action.start is not None:
        body["start"] = moment(action.start)
    if action.end is not None:
        body["end"] = moment(action.end)
    if action.add or action.remove:
        if seen.get("attendeesOmitted"):
            raise ValueError("a truncated guest list is never written")
        body["attendees"] = _guest_list(seen.get("attendees"), action.add, action.remove)
    return body


def moment(value: Moment) -> Json:
    """Return a start or end as Calendar takes it; what the other kind would have is emptied."""
    if value.day is not None:
        return {"date": value.day.isoformat(), "dateTime": None, "timeZone": None}
    wall = value.instant.astimezone(ZoneInfo(value.timezone))
    return {"dateTime": wall.isoformat(), "timeZone": value.timezone, "date": None}


def event_changes(action: UpdateLivestormEvent) -> EventChanges:
    """Return the changes of the Livestorm event."""
    return EventChanges(
        title=action.title,
        description=action.description,
        estimated_duration_minutes=action.minutes,
    )


def session_changes(action: UpdateSession) -> SessionChanges:
    """Return the changes of a session."""
    return SessionChanges(starts_at=action.start, timezone=action.timezone)


def new_session(action: CreateSession) -> SessionDraft:
    """Return the session to make."""
    return SessionDraft(starts_at=action.start, timezone=action.timezone)


def registrant(guest: Guest, form: frozenset[str] = frozenset()) -> RegistrantDraft:
    """Return the registration of a guest, with the names Calendar has.

    Args:
        guest: Whom.
        form: The ids of the fields of the registration form, of which an unknown one makes
            Livestorm refuse the registration; empty where they are not known.
    """

    def asked(field: str, value: str) -> str | None:
        return value if value and (not form or field in form) else None

    return RegistrantDraft(
        email=guest.address,
        first_name=asked("first_name", guest.first_name),
        last_name=asked("last_name", guest.last_name),
    )


def _guest_list(attendees: object, add: Sequence[Guest], remove: Sequence[str]) -> list[Json]:
    current = (
        [one for one in attendees if isinstance(one, dict)] if isinstance(attendees, list) else []
    )
    gone = set(remove)
    kept = [one for one in current if address(str(one.get("email", ""))) not in gone]
    known = {address(str(one.get("email", ""))) for one in kept}
    new = [_attendee(guest) for guest in add if guest.address not in known]
    return [*kept, *new]


def _attendee(guest: Guest) -> Json:
    name = " ".join(part for part in (guest.first_name, guest.last_name) if part)
    attendee = {"email": guest.address, "responseStatus": "needsAction"}
    return {**attendee, "displayName": name} if name else attendee
