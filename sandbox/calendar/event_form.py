"""What the page's forms say, as bodies of Calendar API events. Pure."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.calendar.wall_time import parse_date, parse_wall

Json = dict[str, Any]

RULES = {"daily": "RRULE:FREQ=DAILY", "weekly": "RRULE:FREQ=WEEKLY"}
"""The repetitions the editor offers, as RFC 5545 rules."""

TITLE_CHARACTERS = 1024
"""The page's own bound on a title; Google's is not documented."""

DESCRIPTION_CHARACTERS = 8192
"""Bound on a description (discovery document calendar v3, Event.description)."""


class FormError(ValueError):
    """A form that cannot be saved; the text says why."""


def body_of(form: Json, zone: ZoneInfo, current: Json | None = None) -> Json:
    """The body of an insert, or of a patch with only what the form has.

    Args:
        form: Fields of ``static/js/draft.js``: ``title``, ``allDay``, ``start``, ``end``,
            ``repeat``, ``description``, ``guests`` (addresses), ``guestsCanInviteOthers``,
            ``guestsCanSeeOtherGuests``; all optional but the times of a new event.
        zone: Zone the form's wall times are in.
        current: The event's resource when it exists already.

    Raises:
        FormError: A field is wrong.
        WallTimeError: A time cannot be read.
    """
    body: Json = {}
    if "title" in form:
        body["summary"] = _text(form["title"], "title", TITLE_CHARACTERS)
    if "description" in form:
        body["description"] = _text(form["description"], "description", DESCRIPTION_CHARACTERS)
    for name in ("guestsCanInviteOthers", "guestsCanSeeOtherGuests"):
        if name in form:
            body[name] = bool(form[name])
    if "guests" in form:
        body["attendees"] = attendees(form["guests"], current)
    if current is None or "start" in form:
        body |= _times(form, zone, is_patch=current is not None)
    if form.get("repeat", "none") in RULES:
        body["recurrence"] = [RULES[form["repeat"]]]
    elif form.get("repeat") == "none" and current is not None and "recurrence" in current:
        body["recurrence"] = None
    return body


def attendees(guests: object, current: Json | None) -> list[Json]:
    """The attendee list for these addresses; who is there already keeps everything they have.

    Raises:
        FormError: Not a list of addresses.
    """
    if not isinstance(guests, list) or not all(isinstance(guest, str) for guest in guests):
        raise FormError("guests must be a list of addresses")
    known = {entry["email"].lower(): entry for entry in (current or {}).get("attendees", [])}
    entries: list[Json] = []
    for guest in dict.fromkeys(address.strip().lower() for address in guests):
        if "@" not in guest.strip("@"):
            raise FormError(f"{guest} is not an e-mail address")
        entries.append(known.get(guest, {"email": guest}))
    return entries


def series_times(form: Json, zone: ZoneInfo, master: Json) -> Json:
    """The form of one occurrence, moved to where its series starts.

    The series moves by as much as the occurrence did, and takes its length.

    Args:
        form: With ``start``, ``end``, ``allDay``, and ``originalStart``, what ``start`` was.
        zone: Zone of the form's wall times.
        master: The series' resource, times in that zone.

    Returns:
        The form with the series' own ``start`` and ``end``.
    """
    if "start" not in form:
        return form
    old, new = _wall(form["originalStart"]), _wall(form["start"])
    length = _wall(form["end"]) - new
    start = master["start"]
    first = (
        _wall(start["date"])
        if "date" in start
        else datetime.fromisoformat(start["dateTime"]).astimezone(zone).replace(tzinfo=None)
    )
    moved = first + (new - old)
    if form.get("allDay"):
        moved = moved.replace(hour=0, minute=0)
        return {**form, "start": f"{moved:%Y-%m-%d}", "end": f"{moved + length:%Y-%m-%d}"}
    return {
        **form,
        "start": f"{moved:%Y-%m-%dT%H:%M}",
        "end": f"{moved + length:%Y-%m-%dT%H:%M}",
    }


def _times(form: Json, zone: ZoneInfo, *, is_patch: bool) -> Json:
    if not form.get("start") or not form.get("end"):
        raise FormError("start and end are needed")
    if form.get("allDay"):
        first, end = parse_date(form["start"]), parse_date(form["end"])
        if end <= first:
            end = first + timedelta(days=1)
        times = {"start": {"date": first.isoformat()}, "end": {"date": end.isoformat()}}
    else:
        start, until = parse_wall(form["start"], zone), parse_wall(form["end"], zone)
        if until < start:
            raise FormError("the event ends before it starts")
        times = {
            name: {"dateTime": moment.isoformat(), "timeZone": zone.key}
            for name, moment in (("start", start), ("end", until))
        }
    if is_patch:  # a merge would keep the other kind beside the new one
        other = ("dateTime", "timeZone") if form.get("allDay") else ("date",)
        for value in times.values():
            value.update(dict.fromkeys(other))  # type: ignore[arg-type]
    return times


def _wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _text(value: object, name: str, most: int) -> str:
    if not isinstance(value, str):
        raise FormError(f"{name} must be a text")
    if len(value) > most:
        raise FormError(f"{name} is longer than {most} characters")
    return value
