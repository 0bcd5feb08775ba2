"""Lists, pages, sync tokens and tombstones. Guide sync and parameters of events.list."""

from typing import Any

import pytest
import requests
import time_machine

from sandbox.google import TEAM_CALENDAR, GoogleSimulator, calendar_fault
from sandbox.simulation import Fault
from tests.sandbox.google.client import CalendarClient, event, google_client, reason, series


def ids(items: list[dict[str, Any]]) -> list[str]:
    """Ids in the order listed."""
    return [item["id"] for item in items]


def test_an_increment_brings_what_changed_since(camille: CalendarClient) -> None:
    """Guide sync: nextSyncToken on the last page, then created, changed and deleted events."""
    old = camille.inserted(event())
    changed, deleted = camille.inserted(event()), camille.inserted(event())
    token = camille.sync_token()
    camille.patch(changed["id"], {"summary": "New"})
    camille.delete(deleted["id"])
    new = camille.inserted(event())
    answer = camille.page(syncToken=token).json()
    assert ids(answer["items"]) == [changed["id"], deleted["id"], new["id"]]
    assert old["id"] not in ids(answer["items"])
    again = camille.page(syncToken=answer["nextSyncToken"]).json()
    assert again["items"] == []
    assert ids(camille.items(syncToken=token)) == ids(answer["items"])


def test_the_increment_of_an_event_changed_twice_has_it_once(camille: CalendarClient) -> None:
    """The list says what is, not what happened."""
    made = camille.inserted(event())
    token = camille.sync_token()
    for title in ("A", "B"):
        camille.patch(made["id"], {"summary": title})
    (only,) = camille.items(syncToken=token)
    assert only["summary"] == "B"


def test_pages_carry_the_token_on_the_last_one_only(google: GoogleSimulator) -> None:
    """Paging with Google's own client (list_next)."""
    made = {google.world.insert_event("camille@acme.test", event())["id"] for _ in range(5)}
    with google_client(google) as service:
        events: Any = service.events()
        request, pages = events.list(calendarId="primary", maxResults=2), []
        while request is not None:
            pages.append(request.execute())
            request = events.list_next(request, pages[-1])
    assert [len(page["items"]) for page in pages] == [2, 2, 1]
    assert [("nextSyncToken" in page) for page in pages] == [False, False, True]
    assert {item["id"] for page in pages for item in page["items"]} == made


def test_changes_while_paging_come_in_the_next_increment(camille: CalendarClient) -> None:
    """Guide sync: nothing created between two pages is missed, in full lists and increments."""
    start = camille.sync_token(maxResults=2)
    made = [camille.inserted(event())["id"] for _ in range(4)]
    for first_query in ({}, {"syncToken": start}):
        query: dict[str, Any] = {"maxResults": 2, **first_query}
        page = camille.page(**query).json()
        seen = ids(page["items"])
        late = camille.inserted(event())["id"]
        camille.patch(seen[0], {"summary": "New"})
        while "nextPageToken" in page:
            page = camille.page(pageToken=page["nextPageToken"], **query).json()
            seen += ids(page["items"])
        following = camille.items(maxResults=2, syncToken=page["nextSyncToken"])
        assert ids(following) == [late, seen[0]]
        assert set(made) <= {*seen, *ids(following)}


def test_pages_can_be_short_and_empty(google: GoogleSimulator, camille: CalendarClient) -> None:
    """events.list: a page may have fewer items than asked, or none, with a nextPageToken."""
    made = {camille.inserted(event())["id"] for _ in range(3)}
    google.switches.change({"page_size_limit": 2, "empty_pages": True})
    sizes: list[int] = []
    seen: set[str] = set()
    query: dict[str, str] = {}
    while True:
        page = camille.page(**query).json()
        sizes.append(len(page["items"]))
        seen |= set(ids(page["items"]))
        if "nextPageToken" not in page:
            break
        query = {"pageToken": page["nextPageToken"]}
    assert (sizes, seen) == ([0, 2, 0, 1], made)


@pytest.mark.parametrize(
    "parameter",
    [
        {"iCalUID": "x"},
        {"orderBy": "updated"},
        {"privateExtendedProperty": "a=1"},
        {"sharedExtendedProperty": "a=1"},
        {"q": "x"},
        {"timeMin": "2026-01-01T00:00:00Z"},
        {"timeMax": "2026-01-01T00:00:00Z"},
        {"updatedMin": "2026-11-01T00:00:00Z"},
        {"showDeleted": "false"},
    ],
)
def test_some_parameters_are_forbidden_with_a_sync_token(
    camille: CalendarClient, parameter: dict[str, str]
) -> None:
    """Discovery document, events.list syncToken."""
    token = camille.sync_token()
    assert camille.page(syncToken=token, **parameter).status_code == 400
    assert camille.page(syncToken=token).status_code == 200


def test_other_parameters_must_stay_the_same(
    google: GoogleSimulator, camille: CalendarClient
) -> None:
    """Undefined behavior otherwise: refused, resynced or ignored."""
    token = camille.sync_token(showDeleted="true")
    assert camille.page(syncToken=token, showDeleted="true").status_code == 200
    assert reason(camille.page(syncToken=token)) == (400, "badRequest")
    google.switches.sync_parameter_mismatch = "410"
    assert reason(camille.page(syncToken=token)) == (410, "fullSyncRequired")
    google.switches.sync_parameter_mismatch = "ignore"
    assert camille.page(syncToken=token).status_code == 200


def test_a_lost_token_answers_410_full_sync_required(
    google: GoogleSimulator, camille: CalendarClient
) -> None:
    """Guide errors: domain calendar, location syncToken; forced, by age, by access changes."""
    token = camille.sync_token()
    google.world.expire_sync_tokens("camille@acme.test")
    answer = camille.page(syncToken=token)
    assert reason(answer) == (410, "fullSyncRequired")
    entry = answer.json()["error"]["errors"][0]
    assert (entry["domain"], entry["location"]) == ("calendar", "syncToken")
    token = camille.sync_token()
    google.world.share("camille@acme.test", "sam@acme.test", "reader")
    assert reason(camille.page(syncToken=token)) == (410, "fullSyncRequired")
    token = camille.sync_token()
    google.switches.sync_token_lifetime_seconds = 60.0
    with time_machine.travel(google.now() + 61):
        assert reason(camille.page(syncToken=token)) == (410, "fullSyncRequired")


def test_a_foreign_or_forged_token_is_refused(
    google: GoogleSimulator, camille: CalendarClient, sam: CalendarClient
) -> None:
    """Tokens belong to one account and one calendar."""
    token = camille.sync_token(TEAM_CALENDAR)
    assert reason(sam.page(TEAM_CALENDAR, syncToken=token)) == (410, "fullSyncRequired")
    assert reason(camille.page(syncToken=token)) == (410, "fullSyncRequired")
    google.switches.unreadable_sync_token = "400"
    assert reason(camille.page(syncToken="forged")) == (400, "invalid")
    assert reason(camille.page(pageToken="forged")) == (400, "invalid")


def test_what_was_deleted_before_a_full_list_is_not_in_it(camille: CalendarClient) -> None:
    """Observed (twentyhq/twenty pull request 24096): deletions must be found by comparing."""
    kept, gone = camille.inserted(event()), camille.inserted(event())
    camille.delete(gone["id"])
    assert ids(camille.items()) == [kept["id"]]
    assert gone["id"] in ids(camille.items(showDeleted="true"))


def test_forms_of_tombstones(google: GoogleSimulator, camille: CalendarClient) -> None:
    """Event.status: details only on the organizer's copy and with showDeleted; else the id."""
    made = camille.inserted(event())
    plain, full = camille.sync_token(), camille.sync_token(showDeleted="true")
    camille.delete(made["id"])
    bare = {"kind", "etag", "id", "status"}
    assert set(camille.items(syncToken=plain)[0]) == bare
    assert camille.items(syncToken=full, showDeleted="true")[0]["summary"] == "Webinar"
    google.switches.tombstones = "id_only"
    assert set(camille.items(syncToken=full, showDeleted="true")[0]) == bare
    google.switches.tombstones = "full"
    assert camille.items(syncToken=plain)[0]["summary"] == "Webinar"


def test_tombstones_disappear_some_day(google: GoogleSimulator, camille: CalendarClient) -> None:
    """Event.status: deleted events disappear later; cancelled exceptions last with the series."""
    gone, kept = camille.inserted(event()), camille.inserted(series())
    exception = f"{kept['id']}_20261214T080000Z"
    camille.delete(gone["id"])
    camille.delete(exception)
    token = camille.sync_token()
    google.world.forget_deleted("camille@acme.test")
    assert set(ids(camille.items(showDeleted="true"))) == {kept["id"], exception}
    assert reason(camille.get(gone["id"])) == (404, "notFound")
    assert camille.items(syncToken=token) == []


def test_a_guest_sees_deletions_as_bare_ids(camille: CalendarClient, sam: CalendarClient) -> None:
    """Event.status: on a guest's calendar only the id is guaranteed, whatever was asked."""
    made = camille.inserted(event(attendees=[{"email": "sam@acme.test"}]))
    token = sam.sync_token(showDeleted="true")
    camille.delete(made["id"])
    (only,) = sam.items(syncToken=token, showDeleted="true")
    assert (only["id"], only["status"], "summary" in only) == (made["id"], "cancelled", False)


def test_whether_increments_keep_the_time_window(
    google: GoogleSimulator, camille: CalendarClient
) -> None:
    """Not documented: the full list's timeMin may or may not limit increments."""
    window = {"timeMin": "2027-01-01T00:00:00Z"}
    token = camille.sync_token(**window)
    early = camille.inserted(event())
    assert ids(camille.items(syncToken=token)) == [early["id"]]
    google.switches.increments_keep_time_window = True
    assert camille.items(syncToken=token) == []


def test_increments_with_single_events_explode(camille: CalendarClient) -> None:
    """A series edit with singleEvents=true brings every occurrence, never the series."""
    made = camille.inserted(series())
    token = camille.sync_token(singleEvents="true")
    camille.patch(made["id"], {"summary": "New"})
    found = camille.items(syncToken=token, singleEvents="true")
    assert len(found) == 4
    assert {item["recurringEventId"] for item in found} == {made["id"]}
    token = camille.sync_token(singleEvents="true")
    camille.delete(made["id"])
    gone = camille.items(syncToken=token, singleEvents="true")
    assert [item["status"] for item in gone] == ["cancelled"] * 4


def test_updated_min_brings_deleted_events_and_has_a_past(
    google: GoogleSimulator, camille: CalendarClient
) -> None:
    """Guide sync: legacy; too long ago is 410 updatedMinTooLongAgo."""
    with time_machine.travel(google.now() - 60):
        google.world.insert_event("camille@acme.test", event())
    gone = camille.inserted(event())
    camille.delete(gone["id"])
    assert ids(camille.items(updatedMin=gone["updated"])) == [gone["id"]]
    old = reason(camille.page(updatedMin="2020-01-01T00:00:00Z"))
    assert old == (410, "updatedMinTooLongAgo")


def test_search_by_words_uid_and_type(camille: CalendarClient) -> None:
    """events.list: q, iCalUID, eventTypes."""
    first = camille.inserted(event(summary="Product launch"))
    second = camille.inserted(event(eventType="focusTime"))
    assert ids(camille.items(q="launch PRODUCT")) == [first["id"]]
    assert ids(camille.items(iCalUID=second["iCalUID"])) == [second["id"]]
    assert ids(camille.items(eventTypes=["default", "outOfOffice"])) == [first["id"]]
    assert camille.page(eventTypes="party").status_code == 400
    assert camille.page(maxResults=0).status_code == 400
    assert camille.page(singleEvents="maybe").status_code == 400


@pytest.mark.parametrize(
    ("name", "status", "domain"),
    [
        ("rateLimitExceeded", 403, "usageLimits"),
        ("rateLimitExceeded", 429, "usageLimits"),
        ("userRateLimitExceeded", 403, "usageLimits"),
        ("quotaExceeded", 403, "usageLimits"),
        ("backendError", 500, "global"),
        ("backendError", 503, "global"),
        ("authError", 401, "global"),
        ("fullSyncRequired", 410, "calendar"),
    ],
)
def test_injected_errors_have_googles_shape(
    google: GoogleSimulator, camille: CalendarClient, name: str, status: int, domain: str
) -> None:
    """Guide errors: reason and domain of each; once, then as before."""
    google.faults.add(calendar_fault(name, status=status, method="GET", retry_after=2))
    answer = camille.page()
    assert reason(answer) == (status, name)
    assert answer.json()["error"]["errors"][0]["domain"] == domain
    assert answer.headers["Retry-After"] == "2"
    assert camille.page().status_code == 200


def test_a_quota_per_minute_slides(google: GoogleSimulator, camille: CalendarClient) -> None:
    """Guide quota: requests per minute, user and project; beyond, 403 usageLimits."""
    google.switches.requests_per_minute = 2
    assert [camille.page().status_code for _ in range(3)] == [200, 200, 403]
    assert reason(camille.page()) == (403, "rateLimitExceeded")
    with CalendarClient(google, "sam@acme.test") as sam:
        assert sam.page().status_code == 200
    with time_machine.travel(google.now() + 61):
        assert camille.page().status_code == 200


def test_a_time_out_after_the_commit_leaves_one_event(google: GoogleSimulator) -> None:
    """Commit, then no answer: the retry with the same id is told 409 (num_retries re-POSTs)."""
    google.faults.add(Fault(kind="drop_after", method="POST", path="/events$"))
    with CalendarClient(google, "camille@acme.test") as client:
        with pytest.raises(requests.ConnectionError):
            client.insert(event(id="retried01"))
        assert reason(client.insert(event(id="retried01"))) == (409, "duplicate")
        assert ids(client.items()) == ["retried01"]
