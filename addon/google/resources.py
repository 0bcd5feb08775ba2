"""What writes requests to the Calendar API, built from Google's description of it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import httplib2
from googleapiclient.discovery import build

if TYPE_CHECKING:
    from googleapiclient._apis.calendar.v3.resources import CalendarResource


@dataclass(frozen=True)
class Resources:
    """Writers of requests. Making one of them costs more than all the rest of a call."""

    events: "CalendarResource.EventsResource"
    channels: "CalendarResource.ChannelsResource"
    calendar_list: "CalendarResource.CalendarListResource"


def built(root: str) -> Resources:
    """Build what writes requests to the API below `root`."""
    service: CalendarResource = build(
        "calendar",
        "v3",
        # Never used: whoever makes a call brings their own.
        http=httplib2.Http(),
        client_options={"api_endpoint": root},
        static_discovery=True,
    )
    return Resources(service.events(), service.channels(), service.calendarList())


_EVENT = "/calendars/{calendar}/events/{event}"

PATHS = {
    "calendar.events.get": _EVENT,
    "calendar.events.patch": _EVENT,
    "calendar.events.delete": _EVENT,
    "calendar.events.instances": f"{_EVENT}/instances",
    "calendar.events.list": "/calendars/{calendar}/events",
    "calendar.events.watch": "/calendars/{calendar}/events/watch",
    "calendar.channels.stop": "/channels/stop",
    "calendar.calendarList.list": "/users/me/calendarList",
}
"""The methods used, as logs and figures name them: without anybody's ids."""
