"""Google's Calendar API, as far as the product uses it.

google-api-python-client keeps state in its HTTP object and answers one thread with another
thread's data when it is shared, so every thread has its own service and connection.
"""

import threading
import weakref
from typing import TYPE_CHECKING, Any

import httplib2
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from addon.google.events import CalendarEvent, parse
from addon.google.failures import GoogleFailure, GoogleFailureKind, classify

if TYPE_CHECKING:
    from googleapiclient._apis.calendar.v3.resources import CalendarResource

_EVENT_FIELDS = (
    "id,etag,status,summary,description,start,end,recurrence,recurringEventId,iCalUID,organizer"
)


class CalendarApi:
    """Calls the Calendar API with whichever access token it is given. Thread-safe."""

    def __init__(self, root: str, *, timeout_seconds: float) -> None:
        """Use the API below `root`, such as `https://www.googleapis.com/calendar/v3/`."""
        self._root = root
        self._timeout = timeout_seconds
        self._local = threading.local()

    def warm_up(self) -> None:
        """Build this thread's service now: the first one costs a second and a half."""
        self._service()

    def event(
        self, access_token: str, calendar_id: str, event_id: str, *, fallback_timezone: str
    ) -> CalendarEvent:
        """Read one event.

        Raises:
            GoogleFailure: the call failed.
        """
        request = (
            self._service()
            .events()
            .get(calendarId=calendar_id, eventId=event_id, fields=_EVENT_FIELDS)
        )
        return parse(self._execute(request, access_token), fallback_timezone=fallback_timezone)

    def _execute(self, request: Any, access_token: str) -> dict[str, Any]:
        request.headers["Authorization"] = f"Bearer {access_token}"
        try:
            answer = request.execute(num_retries=0)
        except HttpError as error:
            raise classify(error.status_code, error.content) from None
        except (OSError, httplib2.HttpLib2Error) as error:
            self._local.service = None
            raise GoogleFailure(
                GoogleFailureKind.UNAVAILABLE,
                status=None,
                reason=type(error).__name__,
                maybe_done=True,
            ) from None
        except ValueError:
            raise GoogleFailure(
                GoogleFailureKind.UNREADABLE, status=None, reason="notJson"
            ) from None
        if not isinstance(answer, dict):
            raise GoogleFailure(GoogleFailureKind.UNREADABLE, status=None, reason="notAnObject")
        return answer

    def _service(self) -> "CalendarResource":
        service: CalendarResource | None = getattr(self._local, "service", None)
        if service is None:
            http = httplib2.Http(timeout=self._timeout)
            service = build(
                "calendar",
                "v3",
                http=http,
                client_options={"api_endpoint": self._root},
                static_discovery=True,
            )
            # httplib2 leaves its connections open when a thread ends and takes its service along.
            weakref.finalize(service, http.close)
            self._local.service = service
        return service
