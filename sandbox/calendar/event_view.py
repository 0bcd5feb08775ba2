"""Calendar API events as the page shows them. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import nh3

from sandbox.calendar.event_form import RULES, Json
from sandbox.calendar.wall_time import wall_text

DESCRIPTION_TAGS = {"a", "b", "br", "em", "i", "li", "ol", "p", "span", "strong", "u", "ul"}
"""What Calendar's own description editor can write."""


def page_event(
    resource: Json,
    *,
    calendar_id: str,
    reader: str,
    zone: ZoneInfo,
    writable: bool,
    recurrence: list[str] | None,
    logo_url: str,
    names: Mapping[str, str],
) -> Json:
    """One event for ``static/js``.

    Args:
        resource: As the API answers it to the reader.
        calendar_id: Calendar of this copy.
        reader: Address of who looks.
        zone: Zone the page's wall times are in.
        writable: Whether the reader may write to that calendar.
        recurrence: The rule lines of the event, or of the series it is an occurrence of.
        logo_url: Picture of the add-on's conferences.
        names: Address → name of the people the reader knows.
    """
    organizer = resource.get("organizer", {})
    own_copy = organizer.get("email", calendar_id) == calendar_id
    guests = [_guest(entry, names) for entry in resource.get("attendees", [])]
    answer = next((guest["answer"] for guest in guests if guest["email"] == reader), None)
    description = resource.get("description", "")
    all_day = "date" in resource["start"]
    return {
        "key": f"{calendar_id}/{resource['id']}",
        "id": resource["id"],
        "calendarId": calendar_id,
        "seriesId": resource.get("recurringEventId"),
        "title": resource.get("summary", ""),
        "allDay": all_day,
        "start": _time(resource["start"], zone),
        "end": _time(resource["end"], zone),
        "repeat": _repeat(recurrence),
        "description": description,
        "descriptionHtml": clean_description(description),
        "guests": guests,
        "guestsCanInviteOthers": resource.get("guestsCanInviteOthers", True),
        "guestsCanSeeOtherGuests": resource.get("guestsCanSeeOtherGuests", True),
        "conference": _conference(resource.get("conferenceData"), logo_url),
        "conferenceData": resource.get("conferenceData"),
        "organizer": organizer.get("email"),
        "organizedByMe": own_copy,
        "answer": answer,
        "editable": writable and (own_copy or bool(resource.get("guestsCanModify"))),
    }


def clean_description(text: str) -> str:
    """A description as HTML that can be shown; plain text keeps its line breaks."""
    html = text if "<" in text else text.replace("\n", "<br>")
    return nh3.clean(html, tags=DESCRIPTION_TAGS, attributes={"a": {"href"}})


def _guest(entry: Json, names: Mapping[str, str]) -> Json:
    email = entry["email"].lower()
    return {
        "email": email,
        "name": entry.get("displayName") or names.get(email, ""),
        "answer": entry.get("responseStatus", "needsAction"),
        "organizer": bool(entry.get("organizer")),
        "optional": bool(entry.get("optional")),
    }


def _time(value: Json, zone: ZoneInfo) -> str:
    if "date" in value:
        return f"{value['date']}T00:00"
    return wall_text(datetime.fromisoformat(value["dateTime"]), zone)


def _repeat(recurrence: list[str] | None) -> str:
    if not recurrence:
        return "none"
    if len(recurrence) == 1:
        for name, rule in RULES.items():
            if recurrence[0].upper() == rule:
                return name
    return "other"


def _conference(data: Any, logo_url: str) -> Json | None:
    if not data or "conferenceSolution" not in data:
        return None
    video = next(
        (point for point in data.get("entryPoints", []) if point["entryPointType"] == "video"),
        None,
    )
    if video is None:
        return None
    solution = data["conferenceSolution"]
    kind = solution["key"]["type"]
    return {
        "kind": kind,
        "name": solution["name"],
        "icon": logo_url if kind == "addOn" else None,
        "uri": video["uri"],
        "id": data.get("conferenceId"),
    }
