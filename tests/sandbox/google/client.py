"""The Calendar API over plain HTTP, as one account."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import requests
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build

from sandbox.google import GoogleSimulator

if TYPE_CHECKING:
    from googleapiclient._apis.calendar.v3.resources import CalendarResource

AUTH = "https://www.googleapis.com/auth/"
EVENTS = (AUTH + "calendar.events", AUTH + "calendar.calendarlist.readonly")

MORNING = {"dateTime": "2026-12-07T09:00:00+01:00", "timeZone": "Europe/Paris"}
NOON = {"dateTime": "2026-12-07T10:00:00+01:00", "timeZone": "Europe/Paris"}


def event(**fields: Any) -> dict[str, Any]:
    """An event body: Monday 7 December 2026, 09:00 to 10:00 in Paris."""
    return {"summary": "Webinar", "start": MORNING, "end": NOON, **fields}


def series(**fields: Any) -> dict[str, Any]:
    """A series body: every Monday, four times."""
    return event(recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"], **fields)


class CalendarClient:
    """Calls that raise nothing: tests look at the answers."""

    def __init__(self, google: GoogleSimulator, email: str, scopes: Sequence[str] = EVENTS) -> None:
        self.root = f"{google.url}/calendar/v3"
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {google.access_token(email, scopes)}"

    def __enter__(self) -> "CalendarClient":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.session.close()

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send a request below /calendar/v3."""
        return self.session.request(method, self.root + path, timeout=10, **options)

    def path(self, event_id: str = "", calendar: str = "primary") -> str:
        """Path of an event, or of the events of a calendar."""
        below = f"/calendars/{quote(calendar, safe='')}/events"
        return f"{below}/{quote(event_id, safe='')}" if event_id else below

    def page(self, calendar: str = "primary", **query: Any) -> requests.Response:
        """Send events.list."""
        return self.call("GET", self.path(calendar=calendar), params=query)

    def items(self, calendar: str = "primary", **query: Any) -> list[dict[str, Any]]:
        """The items of a list that must fit one page."""
        answer = self.page(calendar, **query)
        assert answer.status_code == 200, answer.text
        assert "nextPageToken" not in answer.json()
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    def get(self, event_id: str, calendar: str = "primary", **query: Any) -> requests.Response:
        """Send events.get."""
        return self.call("GET", self.path(event_id, calendar), params=query)

    def insert(
        self, body: dict[str, Any], calendar: str = "primary", **query: Any
    ) -> requests.Response:
        """Send events.insert."""
        return self.call("POST", self.path(calendar=calendar), json=body, params=query)

    def inserted(
        self, body: dict[str, Any], calendar: str = "primary", **query: Any
    ) -> dict[str, Any]:
        """Insert an event that must be accepted."""
        answer = self.insert(body, calendar, **query)
        assert answer.status_code == 200, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def patch(
        self,
        event_id: str,
        body: dict[str, Any],
        calendar: str = "primary",
        headers: dict[str, str] | None = None,
        **query: Any,
    ) -> requests.Response:
        """Send events.patch."""
        path = self.path(event_id, calendar)
        return self.call("PATCH", path, json=body, params=query, headers=headers or {})

    def update(
        self, event_id: str, body: dict[str, Any], calendar: str = "primary", **query: Any
    ) -> requests.Response:
        """Send events.update."""
        return self.call("PUT", self.path(event_id, calendar), json=body, params=query)

    def delete(
        self, event_id: str, calendar: str = "primary", headers: dict[str, str] | None = None
    ) -> requests.Response:
        """Send events.delete."""
        return self.call("DELETE", self.path(event_id, calendar), headers=headers or {})

    def sync_token(self, calendar: str = "primary", **query: Any) -> str:
        """The sync token after a full list of at most one page."""
        token: str = self.page(calendar, **query).json()["nextSyncToken"]
        return token


def reason(answer: requests.Response) -> tuple[int, str]:
    """Status and Google's reason of an error answer."""
    error = answer.json()["error"]
    assert error["code"] == answer.status_code
    return answer.status_code, error["errors"][0]["reason"]


@contextmanager
def google_client(
    google: GoogleSimulator, email: str = "camille@acme.test"
) -> Iterator["CalendarResource"]:
    """Google's own Python client, pointed at the simulator."""
    credentials = Credentials(token=google.access_token(email, EVENTS))
    with build(
        "calendar",
        "v3",
        credentials=credentials,
        static_discovery=True,
        client_options={"api_endpoint": f"{google.url}/calendar/v3/"},
    ) as service:
        yield service
