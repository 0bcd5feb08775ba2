"""Event resources as answers carry them: own marks, zone of the reader, tombstones.

Source: discovery document calendar v3 (Event, Event.status, EventAttendee).
"""

import base64
from copy import deepcopy

from sandbox.google import conference, copies, times
from sandbox.google.api_errors import Json
from sandbox.google.model import CalendarRecord, EventRecord, State


def shown(
    state: State,
    calendar: CalendarRecord,
    record: EventRecord,
    *,
    time_zone: str | None = None,
    max_attendees: int | None = None,
) -> Json:
    """The resource for somebody who reads this calendar.

    Args:
        state: For the address of the Calendar page.
        calendar: The copy's calendar.
        record: The event.
        time_zone: Zone that ``dateTime`` values are written in; the calendar's by default.
        max_attendees: Beyond this number only the reader's own entry is returned, with
            ``attendeesOmitted``.
    """
    if record.stub:
        return tombstone(record)
    zone = time_zone or calendar.time_zone
    resource: Json = {"kind": "calendar#event", **deepcopy(record.resource)}
    both = f"{resource['id']} {calendar.id}".encode()
    eid = base64.urlsafe_b64encode(both).decode("ascii").rstrip("=")
    resource["htmlLink"] = f"{state.origin}/calendar/event?eid={eid}"
    for key in ("start", "end", "originalStartTime"):
        if key in resource:
            resource[key] = times.shown(resource[key], zone)
    for role in ("creator", "organizer") if state.switches.organizer_self else ():
        if resource[role]["email"].lower() == calendar.id.lower():
            resource[role]["self"] = True
    _mark_attendees(calendar, record, resource, max_attendees)
    if conference.solution_type(resource.get("conferenceData")) == "hangoutsMeet":
        resource["hangoutLink"] = resource["conferenceData"]["entryPoints"][0]["uri"]
    return resource


def tombstone(record: EventRecord) -> Json:
    """A deleted event with nothing but what is guaranteed."""
    resource = record.resource
    left = {"kind": "calendar#event", "etag": resource["etag"], "id": resource["id"]}
    left["status"] = "cancelled"
    if not record.stub and "recurringEventId" in resource:
        left["recurringEventId"] = resource["recurringEventId"]
        left["originalStartTime"] = dict(resource["originalStartTime"])
    return left


def listed(
    state: State,
    calendar: CalendarRecord,
    record: EventRecord,
    *,
    show_deleted: bool,
    time_zone: str | None = None,
    max_attendees: int | None = None,
) -> Json:
    """The resource inside a list, where deleted events may be stripped."""
    full = shown(state, calendar, record, time_zone=time_zone, max_attendees=max_attendees)
    if not record.cancelled or state.switches.tombstones == "full":
        return full
    exception = "recurringEventId" in record.resource
    keeps = show_deleted and not exception and copies.organizers(calendar, record.resource)
    if state.switches.tombstones == "documented" and keeps:
        return full
    stripped = tombstone(record)
    if "originalStartTime" in stripped:
        zone = time_zone or calendar.time_zone
        stripped["originalStartTime"] = times.shown(stripped["originalStartTime"], zone)
    return stripped


def _mark_attendees(
    calendar: CalendarRecord, record: EventRecord, resource: Json, max_attendees: int | None
) -> None:
    entries = resource.get("attendees")
    if not entries:
        resource.pop("attendees", None)
        return
    organizer = resource["organizer"]["email"].lower()
    for entry in entries:
        address = entry["email"].lower()
        if address == calendar.id.lower():
            entry["self"] = True
        if address == organizer:
            entry["organizer"] = True
    own = [entry for entry in entries if entry.get("self")]
    hidden = record.resource.get("guestsCanSeeOtherGuests") is False
    if hidden and not copies.organizers(calendar, record.resource):
        resource["attendees"] = own
    elif max_attendees is not None and len(entries) > max_attendees:
        resource["attendees"] = own
        resource["attendeesOmitted"] = True
    if not resource["attendees"]:
        del resource["attendees"]
