"""What people do in Calendar's page, and the control surface."""

import requests

from sandbox.google import TEAM_CALENDAR, GoogleSimulator
from tests.sandbox.google.client import CalendarClient, event, reason, series
from tests.sandbox.google.test_conference import MARKUP, attached

CAMILLE = "camille@acme.test"


def test_a_reserved_id_exists_once_the_event_is_saved(
    google: GoogleSimulator, camille: CalendarClient
) -> None:
    """Add-on guide create-conference: eventId is valid, but Events.get can answer 404."""
    event_id = google.world.reserve_event_id(CAMILLE)
    assert reason(camille.get(event_id)) == (404, "notFound")
    saved = google.world.insert_event(CAMILLE, event(id=event_id), conference_markup=MARKUP)
    assert saved["id"] == event_id
    assert camille.get(event_id).json()["conferenceData"]["conferenceId"] == "abc"


def test_a_duplicate_shares_the_conference_or_not(google: GoogleSimulator) -> None:
    """What Duplicate does with add-on data is not documented; guests are invited anew."""
    body = event(
        attendees=[{"email": "sam@acme.test", "responseStatus": "accepted"}],
        extendedProperties={"private": {"ls": "1"}},
    )
    made = attached(google, body)
    copy = google.world.duplicate_event(CAMILLE, made["id"], {"summary": "Copy"})
    assert copy["id"] != made["id"]
    assert copy["iCalUID"] != made["iCalUID"]
    assert copy["conferenceData"]["conferenceId"] == "abc"
    assert "extendedProperties" not in copy
    answers = {entry["email"]: entry["responseStatus"] for entry in copy["attendees"]}
    assert answers["sam@acme.test"] == "needsAction"
    google.switches.copy_keeps_conference = False
    google.switches.copy_keeps_private_properties = True
    bare = google.world.duplicate_event(CAMILLE, made["id"])
    assert "conferenceData" not in bare
    assert bare["extendedProperties"] == {"private": {"ls": "1"}}


def test_a_split_series_shares_the_conference_or_not(google: GoogleSimulator) -> None:
    """Observed: two series can share one conference id."""
    for keeps in (True, False):
        google.switches.copy_keeps_conference = keeps
        made = attached(google, series())
        second = f"{made['id']}_20261214T080000Z"
        assert ("conferenceData" in google.world.split_event(CAMILLE, second)) is keeps


def test_moving_keeps_the_conference_or_not(google: GoogleSimulator) -> None:
    """Fate of conferenceData on events.move is not documented."""
    for keeps in (True, False):
        google.switches.move_keeps_conference = keeps
        made = attached(google)
        moved = google.world.move_event(CAMILLE, made["id"], TEAM_CALENDAR)
        assert ("conferenceData" in moved) is keeps


def test_an_undone_deletion(google: GoogleSimulator, camille: CalendarClient) -> None:
    """Cancelled goes back to confirmed, conference included."""
    made = attached(google)
    google.world.delete_event(CAMILLE, made["id"])
    assert camille.get(made["id"]).json()["status"] == "cancelled"
    back = google.world.undelete_event(CAMILLE, made["id"])
    assert back["conferenceData"]["conferenceId"] == "abc"


def test_one_occurrence_can_be_edited_and_cancelled(google: GoogleSimulator) -> None:
    """Actions on an instance id act on that occurrence."""
    made = google.world.insert_event(CAMILLE, series())
    second, third = (f"{made['id']}_202612{day}T080000Z" for day in ("14", "21"))
    assert google.world.patch_event(CAMILLE, second, {"summary": "X"})["summary"] == "X"
    google.world.delete_event(CAMILLE, third)
    stored = {one["id"]: one["status"] for one in google.world.events(CAMILLE, deleted=True)}
    assert stored == {made["id"]: "confirmed", second: "confirmed", third: "cancelled"}


def test_a_colleague_may_act_on_a_shared_calendar(google: GoogleSimulator) -> None:
    """Creator is who acts, organizer is the calendar."""
    made = google.world.insert_event(TEAM_CALENDAR, event(), actor="sam@acme.test")
    assert made["creator"]["email"] == "sam@acme.test"
    assert made["organizer"]["email"] == TEAM_CALENDAR


def test_more_accounts_can_be_added(google: GoogleSimulator) -> None:
    """Each with a sub and a primary calendar of its own."""
    added = google.world.add_account("new@acme.test", "New Person", time_zone="Asia/Tokyo")
    assert added.sub not in {one.sub for one in google.accounts.values() if one is not added}
    with CalendarClient(google, "new@acme.test") as client:
        assert client.page().json()["timeZone"] == "Asia/Tokyo"


def test_reset_goes_back_to_the_first_state(google: GoogleSimulator) -> None:
    """Events, tokens, switches, faults and the log; the ids repeat."""
    first = google.world.insert_event(CAMILLE, event())["id"]
    google.switches.change({"tombstones": "full"})
    with CalendarClient(google, CAMILLE) as client:
        assert client.page().status_code == 200
        google.reset()
        assert client.page().status_code == 401
    google.clear_log()
    assert google.switches.tombstones == "documented"
    assert google.world.events(CAMILLE) == []
    assert google.world.insert_event(CAMILLE, event())["id"] == first


def test_the_control_surface_changes_switches_and_shows_calls(
    google: GoogleSimulator, camille: CalendarClient
) -> None:
    """For tests in other processes: PATCH /_control/switches, GET /_control/log."""
    control = f"{google.url}/_control"
    changed = requests.patch(f"{control}/switches", json={"addon_write": "accept"}, timeout=5)
    assert changed.json()["addon_write"] == "accept"
    assert google.switches.addon_write == "accept"
    refused = requests.patch(f"{control}/switches", json={"addon_write": "maybe"}, timeout=5)
    assert refused.status_code == 400
    camille.page()
    log = requests.get(f"{control}/log", timeout=5).json()
    assert [call["path"] for call in log] == ["/calendar/v3/calendars/primary/events"]
    assert "authorization" not in log[0]["headers"]
