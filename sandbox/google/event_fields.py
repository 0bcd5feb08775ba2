"""What a write does to an event's own fields: which are writable, merged, checked.

Source: discovery document calendar v3 (Event), reference pages events.patch and events.update
(PATCH keeps what is not named and overwrites arrays; PUT replaces everything).
"""

import re
from copy import deepcopy

from sandbox.google import properties, recurrence, times
from sandbox.google.api_errors import ApiError, Json, invalid
from sandbox.google.merge import merge_patch
from sandbox.google.model import CalendarRecord, State

TEXTS = ("summary", "description", "location")
GUEST_FLAGS = {
    "guestsCanInviteOthers": True,
    "guestsCanModify": False,
    "guestsCanSeeOtherGuests": True,
}
"""Permissions of guests with their defaults; only the organizer may set them."""

PRIVATE = ("reminders", "colorId", "transparency", "visibility")
"""Fields each copy has for itself, with ``extendedProperties.private``."""

WRITABLE = (
    *TEXTS,
    *GUEST_FLAGS,
    *PRIVATE,
    *("start", "end", "recurrence", "attendees", "anyoneCanAddSelf", "source", "attachments"),
    *("status", "extendedProperties"),
)

SERVER_FIELDS = (
    *("id", "iCalUID", "etag", "created", "updated", "creator", "organizer", "sequence"),
    *("recurringEventId", "originalStartTime", "eventType", "conferenceData", "locked"),
)
"""Fields a PUT cannot drop."""

SHARED = (
    *(field for field in WRITABLE if field not in (*PRIVATE, "extendedProperties", "status")),
    *("conferenceData", "sequence", "organizer", "creator", "eventType", "iCalUID"),
)
"""Fields the organizer's copy hands on to the guests' copies."""

EVENT_TYPES = ("default", "birthday", "focusTime", "fromGmail", "outOfOffice", "workingLocation")

_ADDRESS = re.compile(r"^[^@\s]+@[^@\s]+$")
_ANSWERS = ("needsAction", "declined", "tentative", "accepted")


def applied(
    state: State, calendar: CalendarRecord, current: Json, body: Json, *, replace: bool
) -> Json:
    """The resource after a write, conference data aside.

    Args:
        state: For the switches.
        calendar: The copy's calendar; its zone is the default one.
        current: Stored resource before.
        body: What the client sent.
        replace: PUT or insert; otherwise PATCH.

    Raises:
        ApiError: 400 for values Google refuses.
    """
    changes = {key: body[key] for key in WRITABLE if key in body}
    _check_plain(current, body, changes)
    extended = changes.pop("extendedProperties", {} if not replace else None)
    if replace:
        result = {key: deepcopy(current[key]) for key in SERVER_FIELDS if key in current}
        result |= {key: deepcopy(value) for key, value in changes.items() if value is not None}
    else:
        result = merge_patch(current, changes)
    kept = properties.merged(current.get("extendedProperties"), extended, replace=replace)
    result.pop("extendedProperties", None)
    if kept:
        result["extendedProperties"] = kept
    result.setdefault("status", "confirmed")
    result.setdefault("reminders", {"useDefault": True})
    if "attendees" in changes:
        _set_attendees(state, calendar, current, result)
    _set_times(calendar, result)
    return result


def times_changed(before: Json, after: Json) -> bool:
    """Whether start, end or rule differ, which raises ``sequence``."""
    return any(before.get(key) != after.get(key) for key in ("start", "end", "recurrence"))


def attendee(resource: Json, email: str) -> Json | None:
    """The entry of an address in the attendee list, whatever its spelling's case."""
    for entry in resource.get("attendees", []):
        if entry["email"].lower() == email.lower():
            found: Json = entry
            return found
    return None


def _check_plain(current: Json, body: Json, changes: Json) -> None:
    for key in TEXTS:
        if not isinstance(changes.get(key), str | None):
            raise invalid(f"Invalid value for: {key}")
    for key in GUEST_FLAGS:
        if not isinstance(changes.get(key), bool | None):
            raise invalid(f"Invalid value for: {key}")
    if changes.get("status") not in (None, "confirmed", "tentative", "cancelled"):
        raise invalid("Invalid value for: status")
    kind = body.get("eventType")
    if kind is not None and kind not in EVENT_TYPES:
        raise invalid("Invalid value for: eventType")
    if kind is not None and current.get("eventType", kind) != kind:
        raise ApiError(
            400, "eventTypeRestriction", "The event type cannot be changed.", domain="calendar"
        )


def _set_times(calendar: CalendarRecord, result: Json) -> None:
    if "recurrence" in result:
        if result["recurrence"]:
            result["recurrence"] = recurrence.checked(result["recurrence"])
        else:
            del result["recurrence"]
    recurring = "recurrence" in result
    for which in ("start", "end"):
        result[which] = times.normalised(
            result.get(which), calendar.time_zone, which, recurring=recurring
        )
    times.check_range(result["start"], result["end"])


def _set_attendees(state: State, calendar: CalendarRecord, current: Json, result: Json) -> None:
    sent = result.get("attendees") or []
    if not isinstance(sent, list) or not all(isinstance(entry, dict) for entry in sent):
        raise invalid("Invalid value for: attendees")
    if len(sent) > state.switches.attendee_limit:
        raise ApiError(
            400, "invalid", "The number of attendees exceeds the limit.", domain="calendar"
        )
    made: dict[str, Json] = {}
    for entry in sent:
        if not _ADDRESS.match(str(entry.get("email", ""))):
            raise invalid("Invalid attendee email.")
        before = attendee(current, entry["email"])
        dropped = state.switches.guests_dropped
        if before is None and dropped and entry["email"].lower().endswith(f"@{dropped}"):
            continue
        one = _attendee(state, calendar, entry, before)
        made[one["email"].lower()] = one
    result.pop("attendees", None)
    if made:
        result["attendees"] = list(made.values())


def _attendee(state: State, calendar: CalendarRecord, entry: Json, before: Json | None) -> Json:
    one = {
        key: deepcopy(entry[key])
        for key in ("email", "displayName", "optional", "comment", "additionalGuests")
        if entry.get(key) not in (None, "", False, 0)
    }
    # A room can be named as one only when it is first added.
    if (before or entry).get("resource"):
        one["resource"] = True
    if one["email"].lower().endswith("@resource.calendar.google.com"):
        one["resource"] = True
    answer = entry.get("responseStatus")
    if answer is not None and answer not in _ANSWERS:
        raise invalid("Invalid attendee response status.")
    own = one["email"].lower() == calendar.id.lower()
    if before is None and not own and state.switches.preset_answers == "reset":
        answer = None
    if answer is None and before is not None and state.switches.answers_on_rewrite == "keep":
        answer = before["responseStatus"]
    one["responseStatus"] = answer or "needsAction"
    return one
