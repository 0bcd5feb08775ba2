"""Writes to events: insert, patch, update, delete and move, by the rules of the Calendar API.

Sources: reference pages of ``events.*``, guides create-events, version-resources (If-Match) and
errors at developers.google.com/workspace/calendar/api.
"""

import re
from copy import deepcopy
from dataclasses import dataclass, replace

from sandbox.google import answers, conference, copies, event_fields, series
from sandbox.google.api_errors import (
    ApiError,
    Json,
    already_deleted,
    condition_not_met,
    duplicate,
    forbidden,
    forbidden_for_non_organizer,
    invalid,
)
from sandbox.google.model import CalendarRecord, EventRecord, State

_CLIENT_ID = re.compile(r"^[a-v0-9]{5,1024}$")


@dataclass(frozen=True)
class Write:
    """How a write is done.

    Attributes:
        actor: Address of the account that writes.
        conference_version: ``conferenceDataVersion``.
        send_updates: ``sendUpdates``: all, externalOnly or none.
        if_match: Value of the If-Match header.
        interface: Done by Calendar's own page: it may write add-on conferences and lists the
            organizer among the guests.
    """

    actor: str
    conference_version: int = 0
    send_updates: str = "none"
    if_match: str | None = None
    interface: bool = False


def insert(
    state: State, calendar: CalendarRecord, body: Json, how: Write, *, server_id: str | None = None
) -> EventRecord:
    """Create an event.

    Args:
        state: Everything.
        calendar: Calendar it is created on.
        body: Event resource.
        how: By whom and how.
        server_id: Id Calendar itself gives, which may have characters a client's may not.

    Raises:
        ApiError: 400 for a bad body, 409 when the client's id is taken.
    """
    event_id = body.get("id")
    if event_id is not None:
        if not _CLIENT_ID.match(str(event_id)):
            raise invalid("Invalid resource id value.")
        if event_id in calendar.events:
            raise duplicate()
        if "iCalUID" in body:
            raise invalid("Only one of id and iCalUID may be supplied.")
    if body.get("eventType") == "fromGmail":
        raise invalid("Invalid value for: eventType")
    event_id = server_id or event_id or state.new_event_id()
    owner = state.accounts.get(calendar.id)
    named = {"displayName": owner.name if owner else calendar.summary}
    born: Json = {
        "id": event_id,
        "iCalUID": body.get("iCalUID") or f"{event_id}@google.com",
        "creator": {"email": how.actor},
        "organizer": {"email": calendar.id, **named},
        "sequence": 0,
        "eventType": body.get("eventType", "default"),
    }
    made = event_fields.applied(state, calendar, born, body, replace=True)
    if how.interface and made.get("attendees"):
        _list_organizer(calendar, made)
    _set_conference(state, made, None, body, how, replaces=True)
    record = state.commit(calendar, EventRecord(made))
    copies.hand_on(state, calendar, record, None, updates=how.send_updates)
    return record


def change(
    state: State,
    calendar: CalendarRecord,
    event_id: str,
    body: Json,
    how: Write,
    *,
    replaces: bool = False,
) -> EventRecord:
    """Change an event, by PATCH or (``replaces``) by PUT.

    Raises:
        ApiError: 404, 412 for a stale If-Match, 400 for a bad body, 403 for what only the
            organizer may do.
    """
    record = series.locate(calendar, event_id)
    _check_etag(record, how)
    if record.stub:
        raise forbidden()
    before = record.resource
    if "recurringEventId" in before:
        body = {key: value for key, value in body.items() if key != "recurrence"}
    if not copies.organizers(calendar, before):
        return _change_guest_copy(state, calendar, record, body, how, replaces=replaces)
    if body.get("attendeesOmitted"):
        # A partial list may only say something about the writer's own answer.
        body = {**body, "attendees": _own_entry_only(before, calendar, body)}
    sent = body.get("sequence")
    checked = state.switches.client_sequence == "reject_lower" and isinstance(sent, int)
    if checked and sent < before["sequence"]:
        raise invalid("Invalid sequence value.")
    after = event_fields.applied(state, calendar, before, body, replace=replaces)
    _set_conference(state, after, before.get("conferenceData"), body, how, replaces=replaces)
    if event_fields.times_changed(before, after):
        after["sequence"] = before["sequence"] + 1
    if after["status"] == "cancelled" and before["status"] != "cancelled":
        return _cancel(state, calendar, record, how)
    if how.interface and after.get("attendees"):
        _list_organizer(calendar, after)
    if after == before and not state.switches.noop_write_changes_etag:
        return record
    return _store(state, calendar, record, after, how)


def delete(state: State, calendar: CalendarRecord, event_id: str, how: Write) -> None:
    """Delete an event, or cancel an occurrence.

    Raises:
        ApiError: 404, 410 (or 403) when it is deleted already, 412 for a stale If-Match.
    """
    record = series.locate(calendar, event_id)
    if record.cancelled:
        gone = already_deleted()
        raise gone if state.switches.delete_deleted_status == "410" else forbidden()
    _check_etag(record, how)
    if copies.organizers(calendar, record.resource):
        _cancel(state, calendar, record, how)
        return
    answers.answer(state, calendar, record, {"responseStatus": "declined"}, how.send_updates)
    record = series.locate(calendar, event_id)
    record.resource["status"] = "cancelled"
    state.commit(calendar, record)


def move(
    state: State, calendar: CalendarRecord, event_id: str, target: CalendarRecord, how: Write
) -> EventRecord:
    """Move an event to another calendar, whose owner becomes its organizer.

    Raises:
        ApiError: 400 for occurrences and for other event types than default, 403 when this copy
            is not the organizer's, 404.
    """
    record = series.locate(calendar, event_id)
    before = record.resource
    if before["eventType"] != "default":
        raise ApiError(400, "eventTypeRestriction", "Cannot move this type of event.")
    if "recurringEventId" in before:
        raise ApiError(
            400, "cannotChangeOrganizerOfInstance", "Cannot change the organizer of an instance."
        )
    if not copies.organizers(calendar, before) or record.cancelled:
        raise ApiError(403, "cannotChangeOrganizer", "Cannot change the organizer.")
    if target.id == calendar.id:
        return record
    moved = deepcopy(before)
    owner = state.accounts.get(target.id)
    moved["organizer"] = {
        "email": target.id,
        "displayName": owner.name if owner else target.summary,
    }
    if not state.switches.move_keeps_conference:
        moved.pop("conferenceData", None)
    if not state.switches.copy_keeps_private_properties:
        moved.get("extendedProperties", {}).pop("private", None)
    stays = event_fields.attendee(moved, calendar.id) is not None
    arrived = state.commit(target, EventRecord(moved))
    for own in series.exceptions(target, event_id):
        own.resource["organizer"] = moved["organizer"]
        state.commit(target, own)
    exceptions = [deepcopy(one) for one in series.exceptions(calendar, event_id)]
    if not stays:
        for exception in series.exceptions(calendar, event_id):
            series.drop(state, calendar, exception)
        series.drop(state, calendar, record)
    copies.hand_on(state, target, arrived, before, updates=how.send_updates)
    for exception in exceptions:
        carried = {**deepcopy(exception.resource), "organizer": moved["organizer"]}
        kept = state.commit(target, EventRecord(carried))
        copies.hand_on(state, target, kept, exception.resource, updates="none")
    return arrived


def _store(
    state: State, calendar: CalendarRecord, record: EventRecord, after: Json, how: Write
) -> EventRecord:
    before = record.resource
    changed = state.commit(calendar, replace(record, resource=after))
    if "recurrence" in before:
        touched = series.follow(state, calendar, changed, before)
        copies.follow_exceptions(state, calendar, touched)
    copies.hand_on(state, calendar, changed, before, updates=how.send_updates)
    return changed


def _cancel(state: State, calendar: CalendarRecord, record: EventRecord, how: Write) -> EventRecord:
    cancelled = {**deepcopy(record.resource), "status": "cancelled"}
    return _store(state, calendar, record, cancelled, how)


def _check_etag(record: EventRecord, how: Write) -> None:
    wanted = how.if_match
    if wanted not in (None, "*", record.resource["etag"]):
        raise condition_not_met()


def _set_conference(
    state: State, after: Json, current: Json | None, body: Json, how: Write, *, replaces: bool
) -> None:
    data = conference.applied(
        current,
        body,
        version=how.conference_version,
        replace=replaces,
        switches=state.switches,
        trusted=how.interface,
    )
    after.pop("conferenceData", None)
    if data is not None:
        after["conferenceData"] = data


def _list_organizer(calendar: CalendarRecord, resource: Json) -> None:
    if calendar.primary and event_fields.attendee(resource, calendar.id) is None:
        resource["attendees"].insert(0, {"email": calendar.id, "responseStatus": "accepted"})


def _own_entry_only(before: Json, calendar: CalendarRecord, body: Json) -> list[Json]:
    entries = deepcopy(before.get("attendees", []))
    sent = event_fields.attendee(body, calendar.id)
    for entry in entries:
        if sent is not None and entry["email"].lower() == calendar.id.lower():
            entry.update({k: sent[k] for k in answers.OWN if k in sent})
    return list(entries)


def _change_guest_copy(
    state: State,
    calendar: CalendarRecord,
    record: EventRecord,
    body: Json,
    how: Write,
    *,
    replaces: bool,
) -> EventRecord:
    before = record.resource
    for flag, default in event_fields.GUEST_FLAGS.items():
        set_to = body.get(flag, default if replaces else before.get(flag, default))
        if set_to != before.get(flag, default):
            raise forbidden_for_non_organizer()
    home = state.calendars.get(before["organizer"]["email"])
    own = event_fields.attendee(body, calendar.id)
    source = answers.original(home, before["id"]) if home is not None else None
    invited = source is not None and calendar.id in copies.guest_calendars(state, source.resource)
    if record.cancelled and not invited:
        raise forbidden()
    # With a rule or series times of its own, the copy would have other occurrences.
    fixed = ("recurrence", "start", "end") if "recurrence" in before else ("recurrence",)
    rest = {key: value for key, value in body.items() if key not in ("attendees", *fixed)}
    if replaces:
        rest |= {key: before[key] for key in fixed if key in before}
    if before.get("guestsCanModify") and home is not None and source is not None:
        own_only = (*event_fields.PRIVATE, "attendees", "extendedProperties")
        shared = {key: value for key, value in body.items() if key not in own_only}
        change(state, home, before["id"], shared, replace(how, if_match=None))
        record = series.locate(calendar, before["id"])
        before = record.resource
    if own is not None and not set(rest) - {"attendeesOmitted"} and not replaces:
        answers.answer(state, calendar, record, own, how.send_updates)
        return series.locate(calendar, before["id"])
    after = event_fields.applied(state, calendar, before, rest, replace=replaces)
    after["attendees"] = deepcopy(before.get("attendees", []))
    if before.get("conferenceData"):
        after["conferenceData"] = before["conferenceData"]
    changed = state.commit(calendar, replace(record, resource=after))
    answers.share_properties(state, calendar, changed)
    if own is not None:
        answers.answer(state, calendar, changed, own, how.send_updates)
    return series.locate(calendar, before["id"])
