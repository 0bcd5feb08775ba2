"""Google's Calendar API, as far as the product uses it.

google-api-python-client keeps state in its HTTP object and answers one thread with another
thread's data when it is shared, so every thread has its own connection. What only writes requests
is built once for all of them
(github.com/googleapis/google-api-python-client/blob/main/docs/thread_safety.md).
"""

import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from http.client import HTTPException
from typing import Any, cast

import httplib2
from googleapiclient.errors import HttpError

from addon import clock
from addon.google.answers import ChangesPage, WatchChannel, expiration
from addon.google.events import CalendarEvent, begins_as, parse
from addon.google.failures import GoogleFailure, GoogleFailureKind, classify
from addon.google.resources import PATHS, Resources, built
from addon.remote import GOOGLE, Answer, calling

_EVENT_FIELDS = (
    "id,etag,status,summary,description,start,end,recurrence,recurringEventId,iCalUID,organizer,"
    "conferenceData(conferenceId,conferenceSolution/name,entryPoints/uri,parameters)"
)

_SYNCED_FIELDS = (
    "id,etag,status,created,updated,sequence,summary,description,location,start,end,recurrence,"
    "recurringEventId,originalStartTime,iCalUID,organizer,creator,attendees,attendeesOmitted,"
    "conferenceData,eventType,locked,guestsCanInviteOthers,guestsCanModify,guestsCanSeeOtherGuests"
)
"""What the sync planner looks at. A partial read is never the base of a full write: every write
here is a PATCH of single fields."""

PAGE_SIZE = 250
"""Calendar's own default for lists: larger pages would only make a repeated one dearer."""


class CalendarApi:
    """Calls the Calendar API with whichever access token it is given. Thread-safe."""

    def __init__(self, root: str, *, timeout_seconds: float) -> None:
        """Use the API below `root`, such as `https://www.googleapis.com/calendar/v3/`."""
        self._root = root
        self._timeout = timeout_seconds
        self._local = threading.local()

    def warm_up(self) -> None:
        """Build now what writes requests: it costs a second and a half."""
        self._resources  # noqa: B018 - kept from here on

    def event(
        self, access_token: str, calendar_id: str, event_id: str, *, fallback_timezone: str
    ) -> CalendarEvent:
        """Read one event.

        Raises:
            GoogleFailure: the call failed.
        """
        request = self._resources.events.get(
            calendarId=calendar_id, eventId=event_id, fields=_EVENT_FIELDS
        )
        return parse(self._execute(request, access_token), fallback_timezone=fallback_timezone)

    def timezone(self, access_token: str, calendar_id: str) -> str | None:
        """Return the zone of a calendar, as Calendar names it with every list of its events.

        Raises:
            GoogleFailure: the call failed.
        """
        request = self._resources.events.list(
            calendarId=calendar_id, maxResults=1, fields="timeZone"
        )
        zone = self._execute(request, access_token).get("timeZone")
        return zone if isinstance(zone, str) else None

    def synced_event(self, access_token: str, calendar_id: str, event_id: str) -> dict[str, Any]:
        """Read everything of one event that is kept in sync; cancelled ones are returned too.

        Raises:
            GoogleFailure: the call failed.
        """
        request = self._resources.events.get(
            calendarId=calendar_id, eventId=event_id, fields=_SYNCED_FIELDS
        )
        return self._execute(request, access_token)

    def changes(
        self,
        access_token: str,
        calendar_id: str,
        *,
        sync_token: str | None,
        page_token: str | None = None,
        updated_since: datetime | None = None,
    ) -> ChangesPage:
        """List what changed since `sync_token`, or everything when there is none.

        The parameters besides the tokens are always the same, because a sync token is only good
        for the list it came from (developers.google.com/workspace/calendar/api/guides/sync).

        Args:
            access_token: Whose right is used.
            calendar_id: Which calendar.
            sync_token: Of the previous list; None for a full one.
            page_token: Of the page before.
            updated_since: For a full list: only what was changed since this instant.

        Raises:
            GoogleFailure: RESYNC when the sync token is no longer good; others as they come.
        """
        arguments: dict[str, Any] = {
            "calendarId": calendar_id,
            "maxResults": PAGE_SIZE,
            "showDeleted": True,
            "singleEvents": False,
            "eventTypes": ["default"],
            "fields": f"nextPageToken,nextSyncToken,timeZone,items({_SYNCED_FIELDS})",
        }
        if sync_token is not None:
            arguments["syncToken"] = sync_token
        elif updated_since is not None:
            arguments["updatedMin"] = updated_since.isoformat()
        if page_token is not None:
            arguments["pageToken"] = page_token
        answer = self._execute(self._resources.events.list(**arguments), access_token)
        return ChangesPage(
            items=tuple(item for item in answer.get("items", ()) if isinstance(item, dict)),
            next_page=answer.get("nextPageToken"),
            next_sync=answer.get("nextSyncToken"),
            timezone=answer.get("timeZone"),
        )

    def with_uid(
        self, access_token: str, calendar_id: str, *, ical_uid: str
    ) -> list[dict[str, Any]]:
        """List the events with an iCalUID: a series, and its occurrences that were edited.

        Cancelled ones are included.

        Raises:
            GoogleFailure: the call failed.
        """
        items = self._items(
            self._resources.events.list,
            access_token,
            calendarId=calendar_id,
            iCalUID=ical_uid,
            showDeleted=True,
            maxResults=PAGE_SIZE,
            fields=f"nextPageToken,items({_SYNCED_FIELDS})",
        )
        return list(items)

    def own_calendars(self, access_token: str) -> list[str]:
        """List the ids of the calendars whose events the person may change.

        Raises:
            GoogleFailure: FORBIDDEN when the token's scopes do not tell; others as they come.
        """
        items = self._items(
            self._resources.calendar_list.list,
            access_token,
            minAccessRole="writer",
            fields="nextPageToken,items(id)",
        )
        return [item["id"] for item in items if isinstance(item.get("id"), str)]

    def occurrence(
        self, access_token: str, calendar_id: str, series_id: str, *, original_start: str
    ) -> dict[str, Any] | None:
        """Read one occurrence of a series, by when the series has it; None when there is none.

        Args:
            access_token: Whose right is used.
            calendar_id: Which calendar.
            series_id: Event id of the series.
            original_start: RFC 3339 instant, or a date for an all-day series.

        Raises:
            GoogleFailure: the call failed.
        """
        items = self._items(
            self._resources.events.instances,
            access_token,
            calendarId=calendar_id,
            eventId=series_id,
            originalStart=original_start,
            fields=f"nextPageToken,items({_SYNCED_FIELDS})",
        )
        # What is written next must not reach another occurrence, whatever was answered.
        asked = (
            item
            for item in items
            if begins_as(parse(item, fallback_timezone="UTC"), original_start)
        )
        return next(asked, None)

    def patch(
        self,
        access_token: str,
        calendar_id: str,
        event_id: str,
        changes: Mapping[str, Any],
        *,
        etag: str | None,
    ) -> dict[str, Any]:
        """Change single fields of an event, if it still is what was read. Mails nobody.

        Without an etag, which Calendar documents for every event, nothing can be made sure.
        Conference data is never sent, so `conferenceDataVersion` stays 0 and Calendar keeps it.

        Raises:
            GoogleFailure: CHANGED when somebody wrote since; others as they come.
        """
        request: Any = self._resources.events.patch(
            calendarId=calendar_id,
            eventId=event_id,
            body=cast(Any, dict(changes)),
            sendUpdates="none",
            fields=_SYNCED_FIELDS,
        )
        return self._execute(_unless_changed(request, etag), access_token)

    def delete(
        self, access_token: str, calendar_id: str, event_id: str, *, etag: str | None
    ) -> None:
        """Delete an event, if it still is what was read (see `patch`). Mails nobody.

        Raises:
            GoogleFailure: GONE when it was deleted already, CHANGED when somebody wrote since.
        """
        request: Any = self._resources.events.delete(
            calendarId=calendar_id, eventId=event_id, sendUpdates="none"
        )
        self._execute(_unless_changed(request, etag), access_token, expects_body=False)

    def watch(
        self,
        access_token: str,
        calendar_id: str,
        *,
        channel_id: str,
        token: str,
        address: str,
        seconds: int,
    ) -> WatchChannel:
        """Open a push channel for a calendar's events.

        Args:
            access_token: Whose right is used; only the same person can stop the channel.
            calendar_id: Which calendar.
            channel_id: Our own id for it, at most 64 characters, never used before.
            token: Comes back with every message, at most 256 characters.
            address: Public https URL that is called.
            seconds: How long the channel is to live; Calendar may give less.

        Raises:
            GoogleFailure: the call failed.
        """
        request = self._resources.events.watch(
            calendarId=calendar_id,
            eventTypes=["default"],
            body={
                "id": channel_id,
                "type": "web_hook",
                "address": address,
                "token": token,
                "params": {"ttl": str(seconds)},
            },
        )
        asked_at = clock.now()
        answer = self._execute(request, access_token)
        try:
            resource_id = str(answer["resourceId"])
        except KeyError:
            raise GoogleFailure(
                GoogleFailureKind.UNREADABLE, status=None, reason="noChannel"
            ) from None
        return WatchChannel(resource_id, expiration(answer, asked_at + timedelta(seconds=seconds)))

    def stop(self, access_token: str, *, channel_id: str, resource_id: str) -> None:
        """Close a push channel; one that is gone already counts as closed.

        Raises:
            GoogleFailure: the call failed.
        """
        request = self._resources.channels.stop(body={"id": channel_id, "resourceId": resource_id})
        try:
            self._execute(request, access_token, expects_body=False)
        except GoogleFailure as failure:
            if failure.kind not in {GoogleFailureKind.NOT_FOUND, GoogleFailureKind.GONE}:
                raise

    def _items(
        self, ask: Callable[..., Any], access_token: str, **arguments: Any
    ) -> Iterator[dict[str, Any]]:
        """Yield what a list brings, asking for a page when it is needed; some may be empty."""
        page: dict[str, str] = {}
        while True:
            answer = self._execute(ask(**arguments, **page), access_token)
            yield from (item for item in answer.get("items", ()) if isinstance(item, dict))
            if answer.get("nextPageToken") is None:
                return
            page = {"pageToken": answer["nextPageToken"]}

    def _execute(
        self, request: Any, access_token: str, *, expects_body: bool = True
    ) -> dict[str, Any]:
        request.headers["Authorization"] = f"Bearer {access_token}"
        with calling(GOOGLE, request.method, PATHS.get(request.methodId, "other")) as asked:
            return self._answered(request, asked, expects_body=expects_body)

    def _answered(self, request: Any, asked: Answer, *, expects_body: bool) -> dict[str, Any]:
        def note(response: httplib2.Response) -> None:
            asked.status = response.status

        request.add_response_callback(note)
        try:
            answer = request.execute(http=self._http(), num_retries=0)
        except HttpError as error:
            raise classify(error.status_code, error.content) from None
        except (OSError, httplib2.HttpLib2Error, HTTPException) as error:
            # The last one where an answer ends before its end, which httplib2 hands on as it is.
            self._local.http = None
            raise GoogleFailure(
                GoogleFailureKind.UNAVAILABLE,
                status=None,
                reason=type(error).__name__,
                maybe_done=True,
            ) from None
        except ValueError:
            raise GoogleFailure(
                GoogleFailureKind.UNREADABLE, status=None, reason="notJson", maybe_done=True
            ) from None
        if not expects_body:
            return {}
        if not isinstance(answer, dict):
            raise GoogleFailure(
                GoogleFailureKind.UNREADABLE, status=None, reason="notAnObject", maybe_done=True
            )
        return answer

    @cached_property
    def _resources(self) -> Resources:
        """What writes requests. Two threads may both build it; one of the two is kept."""
        return built(self._root)

    def _http(self) -> httplib2.Http:
        http: httplib2.Http | None = getattr(self._local, "http", None)
        if http is None:
            http = self._local.http = httplib2.Http(timeout=self._timeout)
            # httplib2 leaves its connections open when a thread ends and takes them along.
            weakref.finalize(http, _close, http.connections)
        return http


def _unless_changed(request: Any, etag: str | None) -> Any:
    """Make a write conditional on what was read."""
    if etag is not None:
        request.headers["If-Match"] = etag
    return request


def _close(connections: Mapping[str, Any]) -> None:
    for connection in connections.values():
        connection.close()
