"""What flows from a guest's copy back to the organizer's: the answer, and shared properties.

Source: developers.google.com/workspace/calendar/api/concepts/inviting-attendees-to-events and
…/api/guides/extended-properties (shared properties can be edited by guests).
"""

from copy import deepcopy

from sandbox.google import copies, event_fields, series
from sandbox.google.api_errors import ApiError, Json
from sandbox.google.model import CalendarRecord, EventRecord, State

OWN = ("responseStatus", "comment", "additionalGuests")
"""What an attendee says about itself."""


def answer(
    state: State, calendar: CalendarRecord, record: EventRecord, said: Json, updates: str
) -> None:
    """Carry a guest's answer to the organizer's copy, and from there to the other guests.

    Args:
        state: Everything.
        calendar: The guest's primary calendar.
        record: The guest's copy.
        said: The guest's own attendee entry, of which only ``OWN`` counts.
        updates: ``sendUpdates``: whether the organizer is mailed.
    """
    values = {key: said[key] for key in OWN if key in said}
    home = state.calendars.get(record.resource["organizer"]["email"])
    source = original(home, record.resource["id"]) if home is not None else None
    if home is None or source is None:
        _set(record.resource, calendar.id, values)
        state.commit(calendar, record)
        return
    if not _set(source.resource, calendar.id, values):
        return
    state.commit(home, source)
    if record.cancelled:
        copies.write_copy(state, calendar, source.resource)  # an answer takes it out of the bin
    else:
        _set(record.resource, calendar.id, values)
        state.commit(calendar, record)
    copies.hand_on_answer(state, source, calendar.id)
    if updates == "all":
        state.mail("response", home.id, calendar.id, record.resource["id"])


def share_properties(state: State, calendar: CalendarRecord, record: EventRecord) -> None:
    """Carry shared extended properties set on a guest's copy to all copies."""
    home = state.calendars.get(record.resource["organizer"]["email"])
    source = original(home, record.resource["id"]) if home is not None else None
    if home is None or source is None or home is calendar:
        return
    extended = source.resource.setdefault("extendedProperties", {})
    shared = record.resource.get("extendedProperties", {}).get("shared", {})
    if extended.get("shared", {}) == shared:
        return
    extended["shared"] = deepcopy(shared)
    state.commit(home, source)
    copies.hand_on_properties(state, source)


def original(home: CalendarRecord, event_id: str) -> EventRecord | None:
    """The organizer's live copy of an event or occurrence, if there is one."""
    try:
        found = series.locate(home, event_id)
    except ApiError:
        return None
    return None if found.cancelled else found


def _set(resource: Json, address: str, values: Json) -> bool:
    entry = event_fields.attendee(resource, address)
    if entry is None:
        # A member of an invited group becomes a guest of its own by answering.
        entry = {"email": address, "responseStatus": "needsAction"}
        resource.setdefault("attendees", []).append(entry)
    changed = any(entry.get(key) != value for key, value in values.items())
    entry.update(values)
    return changed
