"""Conference data: versions, copying, clearing, createRequest, add-on conferences."""

from typing import Any

import pytest

from sandbox.google import GoogleSimulator
from tests.sandbox.google.client import CalendarClient, event, reason, series

ROOM = "https://app.livestorm.co/p/abc/live?s=1"
MARKUP: dict[str, Any] = {
    "conferenceId": "abc",
    "conferenceSolutionId": "livestorm",
    "entryPoints": [{"type": "VIDEO", "uri": ROOM, "label": "Livestorm"}],
    "parameters": [
        {"key": "livestorm_event_id", "value": "abc"},
        {"key": "livestorm_session_id", "value": "s1"},
    ],
    "note": "<p>See you</p>",
}
COPY: dict[str, Any] = {
    "conferenceId": "abc",
    "conferenceSolution": {"key": {"type": "addOn"}, "name": "Livestorm", "iconUri": "x"},
    "entryPoints": [{"entryPointType": "video", "uri": ROOM}],
}
CREATE: dict[str, Any] = {
    "createRequest": {"requestId": "r1", "conferenceSolutionKey": {"type": "hangoutsMeet"}}
}


def attached(google: GoogleSimulator, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """An event of camille's with a Livestorm conference, made in the page."""
    return google.world.insert_event("camille@acme.test", body or event(), conference_markup=MARKUP)


def test_an_add_ons_conference_looks_as_the_api_shows_it(
    google: GoogleSimulator, camille: CalendarClient
) -> None:
    """Discovery document, ConferenceData: key type addOn, lower-case kinds, parameter map."""
    data = camille.get(attached(google)["id"]).json()["conferenceData"]
    assert data["conferenceId"] == "abc"
    assert data["conferenceSolution"]["key"] == {"type": "addOn"}
    assert data["conferenceSolution"]["name"] == "Livestorm"
    assert data["entryPoints"] == [{"entryPointType": "video", "uri": ROOM, "label": "Livestorm"}]
    assert data["parameters"]["addOnParameters"]["parameters"] == {
        "livestorm_event_id": "abc",
        "livestorm_session_id": "s1",
    }
    assert data["notes"] == "<p>See you</p>"
    assert data["signature"]


def test_version_0_ignores_conference_data(
    google: GoogleSimulator, camille: CalendarClient
) -> None:
    """ConferenceDataVersion 0, the default: neither set nor cleared nor lost by PUT."""
    plain = camille.inserted(event(conferenceData=COPY))
    assert "conferenceData" not in plain
    made = attached(google)
    assert "conferenceData" in camille.patch(made["id"], {"conferenceData": None}).json()
    assert "conferenceData" in camille.update(made["id"], event()).json()


def test_version_1_clears_on_null_and_on_a_put_without_it(
    google: GoogleSimulator, camille: CalendarClient
) -> None:
    """Guide create-events: clearing; a PATCH without the key leaves it alone."""
    kept = attached(google)["id"]
    answer = camille.patch(kept, {"summary": "New"}, conferenceDataVersion=1).json()
    assert answer["conferenceData"]["conferenceId"] == "abc"
    answer = camille.patch(kept, {"conferenceData": None}, conferenceDataVersion=1).json()
    assert "conferenceData" not in answer
    lost = attached(google)["id"]
    assert "conferenceData" not in camille.update(lost, event(), conferenceDataVersion=1).json()


def test_a_plain_client_writing_an_add_on_conference(
    google: GoogleSimulator, camille: CalendarClient
) -> None:
    """Reports conflict: refused with 400, or accepted."""
    made = camille.inserted(event())
    refused = camille.patch(made["id"], {"conferenceData": COPY}, conferenceDataVersion=1)
    assert reason(refused) == (400, "invalid")
    google.switches.addon_write = "accept"
    taken = camille.patch(made["id"], {"conferenceData": COPY}, conferenceDataVersion=1).json()
    assert taken["conferenceData"]["entryPoints"][0]["uri"] == ROOM


def test_a_copy_needs_a_solution_and_an_entry_point(
    google: GoogleSimulator, camille: CalendarClient
) -> None:
    """Discovery document, Event.conferenceData."""
    google.switches.addon_write = "accept"
    for part in ({"conferenceId": "abc"}, {**COPY, "entryPoints": []}):
        answer = camille.insert(event(conferenceData=part), conferenceDataVersion=1)
        assert reason(answer) == (400, "invalid")


def test_a_meet_entry_point_cannot_become_a_foreign_address(
    google: GoogleSimulator, camille: CalendarClient
) -> None:
    """Observed (ruby client): 400 Invalid Value."""
    made = google.world.switch_to_meet("camille@acme.test", camille.inserted(event())["id"])
    assert made["hangoutLink"].startswith("https://meet.google.com/")
    foreign = {"conferenceData": {"entryPoints": [{"entryPointType": "video", "uri": ROOM}]}}
    assert camille.patch(made["id"], foreign, conferenceDataVersion=1).status_code == 400


def test_a_create_request_goes_from_pending_to_success(camille: CalendarClient) -> None:
    """Guide create-events: asynchronous; the request id is an idempotency key."""
    made = camille.inserted(event(conferenceData=CREATE), conferenceDataVersion=1)
    assert made["conferenceData"]["createRequest"]["status"] == {"statusCode": "pending"}
    ready = camille.get(made["id"]).json()
    assert ready["conferenceData"]["createRequest"]["status"] == {"statusCode": "success"}
    assert ready["conferenceData"]["conferenceSolution"]["key"]["type"] == "hangoutsMeet"
    assert ready["etag"] != made["etag"]
    again = camille.patch(made["id"], {"conferenceData": CREATE}, conferenceDataVersion=1).json()
    assert again["conferenceData"]["conferenceId"] == ready["conferenceData"]["conferenceId"]


def test_a_create_request_can_fail(google: GoogleSimulator, camille: CalendarClient) -> None:
    """Discovery document, CreateConferenceRequest.status: failure."""
    google.switches.create_request = "failure"
    made = camille.inserted(event(conferenceData=CREATE), conferenceDataVersion=1)
    status = camille.get(made["id"]).json()["conferenceData"]["createRequest"]["status"]
    assert status == {"statusCode": "failure"}


def test_an_add_on_cannot_be_requested(camille: CalendarClient) -> None:
    """Observed: 400 Invalid conference type value."""
    wanted = {"createRequest": {"requestId": "r", "conferenceSolutionKey": {"type": "addOn"}}}
    answer = camille.insert(event(conferenceData=wanted), conferenceDataVersion=1)
    assert answer.json()["error"]["message"] == "Invalid conference type value."


def test_the_person_can_remove_or_switch_the_conference(google: GoogleSimulator) -> None:
    """The event stays; nothing of the other solution is left over."""
    made = attached(google)
    meet = google.world.switch_to_meet("camille@acme.test", made["id"])["conferenceData"]
    assert meet["conferenceSolution"]["key"]["type"] == "hangoutsMeet"
    assert not {"notes", "parameters"} & set(meet)
    bare = google.world.remove_conference("camille@acme.test", made["id"])
    assert "conferenceData" not in bare
    assert bare["status"] == "confirmed"
    back = google.world.attach_conference("camille@acme.test", made["id"], MARKUP)
    assert back["conferenceData"]["conferenceId"] == "abc"


def test_guests_and_occurrences_see_the_conference(
    google: GoogleSimulator, camille: CalendarClient, sam: CalendarClient
) -> None:
    """Recurrence guide: an occurrence shows what the series has; guests see it on their copy."""
    made = attached(google, series(attendees=[{"email": "sam@acme.test"}]))
    instances = camille.call("GET", camille.path(made["id"]) + "/instances").json()["items"]
    assert {one["conferenceData"]["conferenceId"] for one in instances} == {"abc"}
    assert sam.get(made["id"]).json()["conferenceData"]["conferenceId"] == "abc"


@pytest.mark.parametrize(
    "wrong",
    [
        {"error": {"type": "TEMPORARY"}},
        {"conferenceId": ""},
        {"conferenceId": "x" * 513},
        {"entryPoints": []},
        {"entryPoints": [{"type": "MORE", "uri": "https://x.test"}]},
        {"entryPoints": [{"type": "VIDEO", "uri": "https://x.test"}] * 2},
        {"entryPoints": [{"type": "VIDEO", "uri": "https://x.test/" + "x" * 1300}]},
        {"entryPoints": [{"type": "video", "uri": "https://x.test"}]},
        {"parameters": [{"key": "k" * 51, "value": "v"}]},
        {"parameters": [{"key": "k", "value": "v" * 1025}]},
        {"note": "x" * 2049},
    ],
)
def test_calendar_refuses_markup_beyond_its_limits(
    google: GoogleSimulator, wrong: dict[str, Any]
) -> None:
    """RPC reference apps.extensions.markup: lengths, counts, at least one entry point."""
    made = google.world.insert_event("camille@acme.test", event())
    with pytest.raises(ValueError):  # noqa: PT011 - the text names the limit
        google.world.attach_conference("camille@acme.test", made["id"], {**MARKUP, **wrong})
    assert "conferenceData" not in google.world.event("camille@acme.test", made["id"])
