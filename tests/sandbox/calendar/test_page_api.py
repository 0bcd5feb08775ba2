"""What the page's scripts ask of its server."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import requests

from sandbox.google import TEAM_CALENDAR, GoogleSimulator
from tests.sandbox.calendar.scripted_add_on import room

ME = "camille@acme.test"
GUEST = "sam@acme.test"


@pytest.fixture
def call(http: requests.Session, page_url: str) -> Any:
    def ask(method: str, path: str, body: object = None, status: int = 200) -> Any:
        answer = http.request(method, page_url + path, json=body, timeout=10)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    return ask


def form(start: datetime, **fields: Any) -> dict[str, Any]:
    return {
        "title": "Stand-up",
        "allDay": False,
        "start": f"{start:%Y-%m-%dT%H:%M}",
        "end": f"{start + timedelta(hours=1):%Y-%m-%dT%H:%M}",
        **fields,
    }


def week(monday: datetime) -> str:
    return f"/page/api/events?from={monday:%Y-%m-%d}&to={monday + timedelta(days=7):%Y-%m-%d}"


def test_the_first_account_is_signed_in_by_itself(http: requests.Session, call: Any) -> None:
    assert http.cookies["sim_google_account"] == ME
    state = call("GET", "/page/api/state")
    assert state["account"] == {"email": ME, "name": "Camille Martin"}
    assert state["calendars"][0]["id"] == ME
    assert {one["id"] for one in state["calendars"]} == {ME, TEAM_CALENDAR}


def test_another_account_and_language_stay_chosen(call: Any) -> None:
    call("PUT", "/page/api/account", {"email": GUEST}, status=204)
    call("PUT", "/page/api/language", {"language": "fr"}, status=204)

    state = call("GET", "/page/api/state")

    assert (state["account"]["email"], state["language"]) == (GUEST, "fr")


@pytest.mark.parametrize(
    ("path", "body"),
    [("account", {"email": "nobody@acme.test"}), ("language", {"language": "nl"})],
)
def test_strangers_cannot_be_chosen(call: Any, path: str, body: dict[str, str]) -> None:
    call("PUT", f"/page/api/{path}", body, status=400)


def test_the_page_allows_no_inline_code_and_no_other_host(
    http: requests.Session, page_url: str
) -> None:
    answer = http.get(page_url, timeout=10)

    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "<script>" not in answer.text
    assert "style=" not in answer.text


def test_an_event_is_saved_read_changed_and_deleted(call: Any, monday: datetime) -> None:
    saved = call(
        "POST",
        f"/page/api/calendars/{ME}/events",
        form(monday + timedelta(hours=10), guests=[GUEST], description="<b>Hi</b>"),
        status=201,
    )
    assert [event["title"] for event in call("GET", week(monday))["events"]] == ["Stand-up"]
    assert saved["start"] == f"{monday:%Y-%m-%d}T10:00"
    assert [(guest["email"], guest["answer"]) for guest in saved["guests"]] == [
        (ME, "accepted"),
        (GUEST, "needsAction"),
    ]

    path = f"/page/api/calendars/{ME}/events/{saved['id']}"
    changed = call("PATCH", path, {"title": "Later", "guestsCanSeeOtherGuests": False})
    assert (changed["title"], changed["guestsCanSeeOtherGuests"]) == ("Later", False)
    assert call("GET", path) == changed

    call("DELETE", path, status=204)
    assert call("GET", week(monday))["events"] == []


def test_guests_are_told_and_can_answer(
    call: Any, google: GoogleSimulator, monday: datetime
) -> None:
    saved = call(
        "POST", f"/page/api/calendars/{ME}/events", form(monday, guests=[GUEST]), status=201
    )
    assert ("invitation", GUEST) in [(mail.kind, mail.to) for mail in google.outbox]

    call("PUT", "/page/api/account", {"email": GUEST}, status=204)
    answered = call("PUT", f"/page/api/answers/{saved['id']}", {"answer": "accepted"})
    assert answered["answer"] == "accepted"
    assert not answered["editable"]

    call("PUT", "/page/api/account", {"email": ME}, status=204)
    seen = call("GET", f"/page/api/calendars/{ME}/events/{saved['id']}")
    assert {guest["email"]: guest["answer"] for guest in seen["guests"]}[GUEST] == "accepted"


def test_a_reserved_id_becomes_the_events_own(call: Any, monday: datetime) -> None:
    reserved = call("POST", "/page/api/event-ids", {})["id"]
    path = f"/page/api/calendars/{ME}/events/{reserved}"
    call("GET", path, status=404)

    saved = call("POST", f"/page/api/calendars/{ME}/events", form(monday, id=reserved), status=201)

    assert saved["id"] == reserved


def test_a_conference_is_attached_as_calendar_attaches_it(
    call: Any, google: GoogleSimulator, monday: datetime
) -> None:
    choice = {"kind": "addOn", "solutionId": "livestorm", "data": room("https://room.test/a")}

    saved = call(
        "POST", f"/page/api/calendars/{ME}/events", form(monday, conference=choice), status=201
    )

    assert saved["conference"]["uri"] == "https://room.test/a"
    data = google.world.event(ME, saved["id"])["conferenceData"]
    assert data["conferenceSolution"]["key"] == {"type": "addOn"}
    assert data["parameters"]["addOnParameters"]["parameters"] == {"livestorm_event_id": "lv-1"}


def test_another_conference_replaces_the_first_whole(
    call: Any, google: GoogleSimulator, monday: datetime
) -> None:
    choice = {"kind": "addOn", "solutionId": "livestorm", "data": room("https://room.test/a")}
    saved = call(
        "POST", f"/page/api/calendars/{ME}/events", form(monday, conference=choice), status=201
    )
    path = f"/page/api/calendars/{ME}/events/{saved['id']}"

    changed = call("PATCH", path, {"conference": {"kind": "hangoutsMeet"}})
    assert changed["conference"]["name"] == "Google Meet"
    assert "parameters" not in google.world.event(ME, saved["id"])["conferenceData"]

    assert call("PATCH", path, {"conference": None})["conference"] is None


@pytest.mark.parametrize(
    "choice",
    [
        {"kind": "addOn", "solutionId": "other", "data": room("https://room.test")},
        {"kind": "addOn", "solutionId": "livestorm", "data": {"error": {"type": "TEMPORARY"}}},
        {"kind": "addOn", "solutionId": "livestorm"},
    ],
)
def test_a_conference_that_is_none_is_refused(
    call: Any, monday: datetime, choice: dict[str, Any]
) -> None:
    path = f"/page/api/calendars/{ME}/events"

    refusal = call("POST", path, form(monday, conference=choice), status=400)

    assert "conference" in refusal["error"]
    assert call("GET", week(monday))["events"] == []


def test_an_occurrence_or_the_whole_series_is_changed(call: Any, monday: datetime) -> None:
    start = monday + timedelta(hours=9)
    call("POST", f"/page/api/calendars/{ME}/events", form(start, repeat="daily"), status=201)
    occurrences = call("GET", week(monday))["events"]
    assert [event["start"][:10] for event in occurrences] == [
        f"{monday + timedelta(days=day):%Y-%m-%d}" for day in range(7)
    ]
    second = occurrences[1]
    assert (second["repeat"], second["seriesId"]) == ("daily", occurrences[0]["seriesId"])

    base = f"/page/api/calendars/{ME}/events/"
    call("PATCH", base + second["id"], {"title": "Only this", "target": "event"})
    later = form(start + timedelta(days=2, hours=3), target="series", title="All")
    later["originalStart"] = occurrences[2]["start"]
    call("PATCH", base + second["seriesId"], later)

    changed = call("GET", week(monday))["events"]
    assert changed[0]["start"] == f"{monday:%Y-%m-%d}T12:00"
    assert {event["title"] for event in changed} >= {"All"}


def test_a_copy_is_an_event_of_its_own(call: Any, monday: datetime) -> None:
    saved = call("POST", f"/page/api/calendars/{ME}/events", form(monday), status=201)

    copy = call("POST", f"/page/api/calendars/{ME}/events/{saved['id']}/duplicate", {}, status=201)

    assert copy["id"] != saved["id"]
    assert len(call("GET", week(monday))["events"]) == 2


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/page/api/events?from=2026-01-01&to=2027-01-01", None, 400),
        ("GET", "/page/api/events?from=yesterday&to=2026-01-01", None, 400),
        ("POST", f"/page/api/calendars/{ME}/events", [], 400),
        ("POST", f"/page/api/calendars/{ME}/events", {"title": "No time"}, 400),
        ("POST", "/page/api/calendars/guest@partner.test/events", {}, 404),
        ("DELETE", f"/page/api/calendars/{ME}/events/absent", None, 404),
        ("PUT", "/page/api/answers/absent", {"answer": "perhaps"}, 400),
    ],
)
def test_what_cannot_be_done_is_said(
    call: Any, method: str, path: str, body: object, status: int
) -> None:
    assert call(method, path, body, status=status)["error"]
