"""The guest list of a Calendar event, as values.

Source: developers.google.com/workspace/calendar/api/v3/reference/events (attendees[], organizer).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NOT_PEOPLE = "calendar.google.com"
"""Addresses Google makes for what is no person end in this: rooms
(resource.calendar.google.com), secondary calendars (group.…), imported ones."""


@dataclass(frozen=True)
class Attendee:
    """One entry of a guest list.

    Attributes:
        email: As Calendar spells it; may be empty.
        organizer: They organize the event.
        is_self: The calendar this copy of the event was read from is theirs.
        resource: A room or a thing.
        answer: needsAction, declined, tentative or accepted.
        expanding: It is a large group, which Calendar is taking apart at this moment.
        entry: The whole entry as Calendar sent it, to be sent back unchanged.
    """

    email: str
    name: str
    organizer: bool
    is_self: bool
    resource: bool
    answer: str
    expanding: bool
    entry: Mapping[str, Any] = field(repr=False, compare=False)


def parse_attendees(value: object) -> tuple[Attendee, ...]:
    """Read `attendees`; entries that are no objects are left out."""
    if not isinstance(value, list):
        return ()
    return tuple(_attendee(entry) for entry in value if isinstance(entry, Mapping))


def _attendee(entry: Mapping[str, Any]) -> Attendee:
    email = _text(entry.get("email"))
    return Attendee(
        email=email,
        name=_text(entry.get("displayName")),
        organizer=entry.get("organizer") is True,
        is_self=entry.get("self") is True,
        resource=entry.get("resource") is True or email.lower().endswith(NOT_PEOPLE),
        answer=_text(entry.get("responseStatus")),
        expanding=entry.get("asyncOperation") == "inProgress",
        entry=entry,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
