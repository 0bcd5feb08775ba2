"""Recurring events: occurrences computed from the series, exceptions stored beside it.

Sources: discovery document calendar v3 (Event.status, originalStartTime, recurringEventId),
developers.google.com/workspace/calendar/api/guides/recurringevents.
"""

from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime

from sandbox.google import event_fields, recurrence, times
from sandbox.google.api_errors import Json, not_found
from sandbox.google.model import CalendarRecord, EventRecord, State


def locate(calendar: CalendarRecord, event_id: str) -> EventRecord:
    """The event with that id: stored, or an occurrence its series makes (then not stored yet).

    Raises:
        ApiError: 404.
    """
    record = calendar.events.get(event_id)
    if record is not None and not (record.stub and "recurringEventId" in record.resource):
        return record
    parts = recurrence.split_instance_id(event_id)
    master = calendar.events.get(parts[0]) if parts else None
    if master is not None and not master.cancelled:
        made = recurrence.occurrence_with_id(master.resource, calendar.time_zone, event_id)
        if made is not None:
            return EventRecord(instance(master.resource, made), position=master.position)
    if record is not None:
        return record
    raise not_found()


def instance(master: Json, made: recurrence.Occurrence) -> Json:
    """The resource of one occurrence, as the series has it."""
    resource = deepcopy(master)
    del resource["recurrence"]
    resource["id"] = recurrence.instance_id(master["id"], made.original)
    resource["recurringEventId"] = master["id"]
    resource["originalStartTime"] = dict(made.original)
    resource["start"], resource["end"] = dict(made.start), dict(made.end)
    return resource


def exceptions(calendar: CalendarRecord, series_id: str) -> list[EventRecord]:
    """The live exceptions of a series, cancelled occurrences included."""
    return [
        record
        for record in calendar.events.values()
        if record.resource.get("recurringEventId") == series_id and not record.stub
    ]


def instances(
    calendar: CalendarRecord,
    master: EventRecord,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 2000,
) -> Iterator[EventRecord]:
    """All occurrences of a series with its exceptions in their places, cancelled ones included.

    Args:
        calendar: Where the series is.
        master: The series.
        since: Only occurrences that end after this instant.
        until: Only occurrences that start before this instant.
        limit: Most occurrences the rule may make.
    """
    series_id = master.resource["id"]
    moved = {record.resource["id"]: record for record in exceptions(calendar, series_id)}
    if not master.cancelled:
        for made in recurrence.occurrences(
            master.resource, calendar.time_zone, since=since, until=until, limit=limit
        ):
            event_id = recurrence.instance_id(series_id, made.original)
            if event_id not in moved:
                yield EventRecord(instance(master.resource, made), position=master.position)
    for record in moved.values():
        if overlaps(record.resource, calendar.time_zone, since, until):
            yield record


def overlaps(
    resource: Json, calendar_zone: str, since: datetime | None, until: datetime | None
) -> bool:
    """Whether a single event ends after ``since`` and starts before ``until``."""
    if since is not None and times.instant(resource["end"], calendar_zone) <= since:
        return False
    return until is None or times.instant(resource["start"], calendar_zone) < until


def follow(state: State, calendar: CalendarRecord, master: EventRecord, before: Json) -> list[str]:
    """Carry a changed series to its exceptions.

    What an exception had in common with the series follows it; guests are added and removed
    person by person. When the series' own time changed, or its rule no longer makes an occurrence,
    the exception goes.

    Returns:
        Ids of the exceptions that were changed or dropped.
    """
    after = master.resource
    own_time_changed = any(before.get(key) != after.get(key) for key in ("start", "end"))
    touched = []
    for record in exceptions(calendar, after["id"]):
        gone = after["status"] == "cancelled" or not after.get("recurrence")
        if not gone and event_fields.times_changed(before, after):
            drops = state.switches.series_time_change == "drop_exceptions"
            gone = drops and (
                own_time_changed or not makes(calendar, master, record.resource["id"])
            )
        if gone:
            drop(state, calendar, record)
        elif record.cancelled or not _followed(before, after, record.resource):
            continue
        else:
            state.commit(calendar, record)
        touched.append(record.resource["id"])
    return touched


def drop(state: State, calendar: CalendarRecord, record: EventRecord) -> None:
    """Turn an event into a tombstone of which only the id is guaranteed."""
    record.resource["status"] = "cancelled"
    record.stub = True
    state.commit(calendar, record)


def makes(calendar: CalendarRecord, master: EventRecord, event_id: str) -> bool:
    """Whether the series' own rule makes the occurrence with that id."""
    made = recurrence.occurrence_with_id(master.resource, calendar.time_zone, event_id)
    return made is not None


def _followed(before: Json, after: Json, exception: Json) -> bool:
    changed = False
    for key in event_fields.SHARED:
        if key in ("start", "end", "recurrence", "sequence", "attendees"):
            continue
        if before.get(key) != after.get(key) and exception.get(key) == before.get(key):
            exception.pop(key, None)
            if key in after:
                exception[key] = deepcopy(after[key])
            changed = True
    return _followed_guests(before, after, exception) or changed


def _followed_guests(before: Json, after: Json, exception: Json) -> bool:
    def by_address(resource: Json) -> dict[str, Json]:
        return {entry["email"].lower(): entry for entry in resource.get("attendees", [])}

    old, new, own = by_address(before), by_address(after), by_address(exception)
    result = {
        address: entry for address, entry in own.items() if address in new or address not in old
    }
    for address in new.keys() - old.keys() - own.keys():
        result[address] = deepcopy(new[address])
    if list(result) == list(own):
        return False
    exception["attendees"] = list(result.values())
    return True
