"""The copies of one event: the organizer's and each guest's.

Sources: developers.google.com/workspace/calendar/api/concepts/inviting-attendees-to-events (the
organizer's copy owns the shared fields; only ``responseStatus`` flows back), discovery document
(beyond 200 guests answers are not handed on to guests).
"""

from copy import deepcopy

from sandbox.google import event_fields, series
from sandbox.google.api_errors import Json
from sandbox.google.model import CalendarRecord, EventRecord, State

ANSWERS_SHARED_UP_TO = 200
"""Number of guests beyond which guests do not see each other's answers (Event.attendees)."""


def guest_calendars(state: State, resource: Json) -> list[str]:
    """Calendars that hold a guest's copy: primary calendars of attendees and group members."""
    home = resource["organizer"]["email"].lower()
    found: dict[str, None] = {}
    for entry in resource.get("attendees", []):
        address = entry["email"].lower()
        for person in state.groups.get(address, [address]):
            if person.lower() != home and person.lower() in state.calendars:
                found[person.lower()] = None
    return list(found)


def organizers(calendar: CalendarRecord, resource: Json) -> bool:
    """Whether this calendar's copy is the organizer's."""
    return bool(resource.get("organizer", {}).get("email", calendar.id) == calendar.id)


def hand_on(
    state: State, home: CalendarRecord, record: EventRecord, before: Json | None, *, updates: str
) -> None:
    """Bring every guest's copy in line with the organizer's copy that was just written.

    Args:
        state: Everything.
        home: The organizer's calendar.
        record: The organizer's copy.
        before: The resource before the write; None for a new event.
        updates: ``sendUpdates``: who gets mail.
    """
    resource = record.resource
    earlier = guest_calendars(state, before) if before else []
    now = [] if record.cancelled else guest_calendars(state, resource)
    for calendar_id in now:
        write_copy(state, state.calendars[calendar_id], resource)
    for calendar_id in earlier:
        if calendar_id not in now and calendar_id != home.id:
            _cancel_copy(state, state.calendars[calendar_id], resource)
    _mail(state, home, resource, before, updates)


def hand_on_answer(state: State, source: EventRecord, address: str) -> None:
    """Let the other guests see an answer, unless there are too many of them.

    Args:
        state: Everything.
        source: The organizer's copy, which has the answer already.
        address: Who answered.
    """
    resource = source.resource
    if len(resource.get("attendees", [])) > ANSWERS_SHARED_UP_TO:
        return
    for calendar_id in guest_calendars(state, resource):
        calendar = state.calendars[calendar_id]
        copy = calendar.events.get(resource["id"])
        if calendar_id == address.lower():
            continue
        if copy is None:
            write_copy(state, calendar, resource)
        elif not copy.cancelled and copy.resource.get("attendees") != resource["attendees"]:
            # Nothing but the list, so that what the guest changed on its own copy stays.
            copy.resource["attendees"] = deepcopy(resource["attendees"])
            state.commit(calendar, copy)


def hand_on_properties(state: State, source: EventRecord) -> None:
    """Bring shared extended properties to all guests' copies."""
    for calendar_id in guest_calendars(state, source.resource):
        write_copy(state, state.calendars[calendar_id], source.resource)


def follow_exceptions(state: State, home: CalendarRecord, event_ids: list[str]) -> None:
    """Bring the guests' copies of exceptions in line after the series carried a change to them."""
    for event_id in event_ids:
        source = home.events[event_id]
        guests = [] if source.stub else guest_calendars(state, source.resource)
        for calendar in list(state.calendars.values()):
            copy = calendar.events.get(event_id)
            if calendar.id in guests:
                write_copy(state, calendar, source.resource)
            elif calendar is home or copy is None or copy.stub:
                continue
            elif source.stub:
                series.drop(state, calendar, copy)
            else:
                _cancel_copy(state, calendar, source.resource)


def write_copy(state: State, calendar: CalendarRecord, source: Json) -> None:
    """Bring one guest's copy in line with the organizer's resource, or make it."""
    record = calendar.events.get(source["id"])
    own = event_fields.attendee(source, calendar.id)
    declined = own is not None and own["responseStatus"] == "declined"
    if record is not None and record.cancelled and declined and not record.stub:
        return  # the guest removed it; declining keeps it away
    shared = {key: deepcopy(source[key]) for key in event_fields.SHARED if key in source}
    shared["id"], shared["status"] = source["id"], source["status"]
    for key in ("recurringEventId", "originalStartTime"):
        if key in source:
            shared[key] = deepcopy(source[key])
    common = source.get("extendedProperties", {}).get("shared")
    extended: Json = {"shared": deepcopy(common)} if common else {}
    mine = record.resource if record is not None else {"reminders": {"useDefault": True}}
    if "private" in mine.get("extendedProperties", {}):
        extended["private"] = mine["extendedProperties"]["private"]
    if extended:
        shared["extendedProperties"] = extended
    for key in (*event_fields.PRIVATE, "created", "etag", "updated"):
        if key in mine:
            shared[key] = mine[key]
    if record is not None and record.resource == shared and not record.stub:
        return
    recurring = "recurrence" in shared or (record is not None and "recurrence" in record.resource)
    newly_invited = record is None or record.cancelled
    if record is None:
        record = EventRecord(shared)
    record.resource, record.stub = shared, False
    state.commit(calendar, record)
    if recurring:
        _drop_lost_exceptions(state, calendar, record)
    if recurring and newly_invited:
        _bring_exceptions(state, calendar, record)


def _bring_exceptions(state: State, calendar: CalendarRecord, master: EventRecord) -> None:
    """Give a new guest of a series what its occurrences have become meanwhile."""
    home = state.calendars.get(master.resource["organizer"]["email"])
    if home is None:
        return
    for exception in series.exceptions(home, master.resource["id"]):
        if not exception.cancelled and calendar.id in guest_calendars(state, exception.resource):
            write_copy(state, calendar, exception.resource)
        else:
            _cancel_copy(state, calendar, exception.resource)


def _drop_lost_exceptions(state: State, calendar: CalendarRecord, master: EventRecord) -> None:
    """Drop what only the guest had changed, where the organizer's series has no occurrence now."""
    home = state.calendars.get(master.resource["organizer"]["email"])
    for record in series.exceptions(calendar, master.resource["id"]):
        event_id = record.resource["id"]
        source = home.events.get(event_id) if home is not None else None
        if (source is None or source.stub) and not series.makes(calendar, master, event_id):
            series.drop(state, calendar, record)


def _cancel_copy(state: State, calendar: CalendarRecord, source: Json) -> None:
    record = calendar.events.get(source["id"])
    master = calendar.events.get(source.get("recurringEventId", ""))
    occurrence_of_own_series = master is not None and not master.cancelled
    bare = record is not None and record.stub
    if record is not None and record.cancelled and not (bare and occurrence_of_own_series):
        return
    if record is None:
        if not occurrence_of_own_series:
            return
        record = EventRecord(deepcopy(source))
        record.resource.pop("extendedProperties", None)
    for exception in series.exceptions(calendar, source["id"]):
        series.drop(state, calendar, exception)
    record.resource["status"] = "cancelled"
    # A cancelled occurrence of a series the guest still has is an exception and keeps its place.
    record.stub = not occurrence_of_own_series
    state.commit(calendar, record)


def _mail(
    state: State, home: CalendarRecord, resource: Json, before: Json | None, updates: str
) -> None:
    if updates not in ("all", "externalOnly"):
        return

    def addresses(event: Json | None) -> dict[str, str]:
        entries = (event or {}).get("attendees", [])
        return {
            entry["email"].lower(): entry["email"]
            for entry in entries
            if not entry.get("resource") and entry["email"].lower() != home.id.lower()
        }

    old, new = addresses(before), addresses(resource)
    cancelled = resource["status"] == "cancelled"
    for address, written in (old | new).items():
        if updates == "externalOnly" and address in state.accounts:
            continue
        if address not in new or cancelled:
            kind = "cancellation"
        else:
            kind = "update" if address in old else "invitation"
        state.mail(kind, written, home.id, resource["id"])
