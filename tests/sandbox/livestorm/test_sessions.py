"""Sessions (docs/livestorm.md §3.1, §3.2, §3.4)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sandbox.livestorm import LivestormSimulator
from sandbox.livestorm.changes import sessions
from tests.sandbox.livestorm.conftest import Api

PARIS = ZoneInfo("Europe/Paris")
TEN_IN_PARIS = int(datetime(2035, 6, 1, 10, tzinfo=PARIS).timestamp())
TEN_UTC = int(datetime(2035, 6, 1, 10, tzinfo=UTC).timestamp())


def start(api: Api, session_id: str) -> int:
    attributes = api.get(f"/sessions/{session_id}").json()["data"]["attributes"]
    return int(attributes["estimated_started_at"])


def test_attributes_of_a_session(sim: LivestormSimulator, api: Api) -> None:
    """§3.1: every documented attribute, and the link of the room (§3.2)."""
    event_id, session_id = api.event_with_session()
    attributes = api.get(f"/sessions/{session_id}").json()["data"]["attributes"]
    assert set(attributes) == {
        "event_id",
        "status",
        "timezone",
        "room_link",
        "name",
        "attendees_count",
        "registrants_count",
        "duration",
        "estimated_started_at",
        "started_at",
        "ended_at",
        "canceled_at",
        "created_at",
        "updated_at",
        "breakout_room_parent_session_id",
    }
    assert attributes["room_link"] == f"{sim.url}/p/{event_id}/live?s={session_id}"
    assert attributes["timezone"] == "Europe/Paris"


@pytest.mark.parametrize(("registered", "count"), [(True, 1), (False, 0)])
def test_the_host_counts_as_registrant(
    sim: LivestormSimulator, api: Api, registered: bool, count: int
) -> None:
    """§3.1, §3.4: samples show one registrant in a fresh session; the host is the owner."""
    sim.switches.owner_registered = registered
    _, session_id = api.event_with_session()
    attributes = api.get(f"/sessions/{session_id}").json()["data"]["attributes"]
    assert attributes["registrants_count"] == count
    people = api.filtered(f"/sessions/{session_id}/people", role="team_member")
    assert [one["attributes"]["email"] for one in people] == ["camille@acme.test"] * count


@pytest.mark.parametrize(
    ("switches", "written", "expected"),
    [
        ({}, "2035-06-01 10:00:00", TEN_IN_PARIS),
        ({"naive_time": "utc"}, "2035-06-01 10:00:00", TEN_UTC),
        ({"naive_time": "422"}, "2035-06-01 10:00:00", None),
        ({}, "2035-06-01T10:00:00Z", TEN_UTC),
        ({"zulu_time": "wall"}, "2035-06-01T10:00:00Z", TEN_IN_PARIS),
        ({"zulu_time": "422"}, "2035-06-01T10:00:00Z", None),
        ({}, "2035-06-01T10:00:00+02:00", TEN_IN_PARIS),
        ({"offset_time": "wall"}, "2035-06-01T10:00:00+02:00", TEN_IN_PARIS),
        ({"offset_time": "wall"}, "2035-06-01T10:00:00+00:00", TEN_IN_PARIS),
        ({"offset_time": "422"}, "2035-06-01T10:00:00+02:00", None),
        ({}, TEN_UTC, TEN_UTC),
        ({"unix_time": "422"}, TEN_UTC, None),
        ({}, "2035-06-01", TEN_IN_PARIS - 10 * 3600),
        ({}, "tomorrow", None),
        ({}, None, None),
    ],
)
def test_forms_of_a_start(
    sim: LivestormSimulator,
    api: Api,
    switches: dict[str, str],
    written: str | int | None,
    expected: int | None,
) -> None:
    """§3.4: how naive, Z and offset times combine with timezone is unknown."""
    sim.switches.change(switches)
    event_id = api.create_event().json()["data"]["id"]
    answer = api.post(
        f"/events/{event_id}/sessions",
        "sessions",
        {"estimated_started_at": written, "timezone": "Europe/Paris"},
    )
    assert answer.status_code == (422 if expected is None else 201)
    if expected is not None:
        assert answer.json()["data"]["attributes"]["estimated_started_at"] == expected


@pytest.mark.parametrize("timezone", ["Mars/Olympus", "", 5, "../etc/passwd"])
def test_the_timezone_must_exist(api: Api, timezone: object) -> None:
    """§3.4."""
    event_id = api.create_event().json()["data"]["id"]
    attributes = {"estimated_started_at": "2035-06-01T10:00:00Z", "timezone": timezone}
    assert api.post(f"/events/{event_id}/sessions", "sessions", attributes).status_code == 422


@pytest.mark.parametrize(
    ("rule", "zone"), [("workspace", "Europe/Paris"), ("utc", "UTC"), ("422", None)]
)
def test_a_missing_timezone(sim: LivestormSimulator, api: Api, rule: str, zone: str | None) -> None:
    """§3.4."""
    sim.switches.change({"missing_timezone": rule})
    event_id = api.create_event().json()["data"]["id"]
    answer = api.post(
        f"/events/{event_id}/sessions",
        "sessions",
        {"estimated_started_at": "2035-06-01T10:00:00Z"},
    )
    assert answer.status_code == (201 if zone else 422)
    if zone:
        assert answer.json()["data"]["attributes"]["timezone"] == zone


def test_a_session_must_be_in_the_future(sim: LivestormSimulator, api: Api) -> None:
    """§3.4: also inside POST /events, where nothing at all is made then (a switch)."""
    assert api.create_event("2020-01-01T10:00:00Z").status_code == 422
    assert sim.world.events == {}
    sim.switches.past_session_of_new_event = "skip"
    assert api.create_event("2020-01-01T10:00:00Z").status_code == 201
    (event,) = sim.world.events.values()
    assert event.session_ids == []
    past = {"estimated_started_at": "2020-01-01T10:00:00Z", "timezone": "UTC"}
    path = f"/events/{event.id}/sessions"
    assert api.post(path, "sessions", past).status_code == 422
    sim.switches.past_session = "accept"
    assert api.post(path, "sessions", past).status_code == 201


def test_create_with_people(sim: LivestormSimulator, api: Api) -> None:
    """§1.3, §3.4: relationships.people is an array of wrapped identifiers."""
    event_id = api.create_event().json()["data"]["id"]
    sam = {"data": {"type": "people", "id": api.people_id("sam@acme.test"), "role": "team_member"}}
    attributes = {"estimated_started_at": "2035-06-01T10:00:00Z", "name": "Matinée"}
    path = f"/events/{event_id}/sessions"
    answer = api.post(path, "sessions", attributes, relationships={"people": [sam]})
    assert answer.status_code == 201
    session = answer.json()["data"]
    assert session["attributes"]["name"] == "Matinée"
    people = api.filtered(f"/sessions/{session['id']}/people", role="team_member")
    assert {one["attributes"]["email"] for one in people} == {
        "sam@acme.test",
        "camille@acme.test",
    }
    stranger = {"data": {"type": "people", "id": "nobody", "role": "team_member"}}
    wrong = api.post(path, "sessions", attributes, relationships={"people": [stranger]})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["detail"] == "Team member not found"


def test_create_for_an_event_that_does_not_exist(api: Api) -> None:
    """§3.4."""
    attributes = {"estimated_started_at": "2035-06-01T10:00:00Z"}
    assert api.post("/events/none/sessions", "sessions", attributes).status_code == 404


def test_reschedule(sim: LivestormSimulator, api: Api) -> None:
    """§3.4: PATCH; the start is read in the session's zone when none is sent."""
    _, session_id = api.event_with_session()
    answer = api.patch(
        f"/sessions/{session_id}", "sessions", {"estimated_started_at": "2035-07-01 09:00:00"}
    )
    assert answer.status_code == 200
    expected = int(datetime(2035, 7, 1, 9, tzinfo=PARIS).timestamp())
    assert answer.json()["data"]["attributes"]["estimated_started_at"] == expected
    assert start(api, session_id) == expected


@pytest.mark.parametrize(("rule", "status"), [("422", 422), ("accept", 200)])
def test_moving_into_the_past(sim: LivestormSimulator, api: Api, rule: str, status: int) -> None:
    """§3.4: unknown for PATCH."""
    sim.switches.change({"past_reschedule": rule})
    _, session_id = api.event_with_session()
    moved = {"estimated_started_at": "2020-01-01T10:00:00Z"}
    assert api.patch(f"/sessions/{session_id}", "sessions", moved).status_code == status
    assert (start(api, session_id) == TEN_UTC) == (status == 422)


@pytest.mark.parametrize(("rule", "status"), [("422", 422), ("accept", 200)])
def test_moving_what_has_started(sim: LivestormSimulator, api: Api, rule: str, status: int) -> None:
    """§3.4: unknown; the name can be changed in any case."""
    sim.switches.change({"reschedule_started": rule})
    _, session_id = api.event_with_session()
    with sim.world.lock:
        sessions.start_session(sim.world, sim.world.workspace, sim.world.sessions[session_id])
    moved = {"estimated_started_at": "2035-08-01T10:00:00Z"}
    assert api.patch(f"/sessions/{session_id}", "sessions", moved).status_code == status
    named = api.patch(f"/sessions/{session_id}", "sessions", {"name": "Now"})
    assert named.json()["data"]["attributes"]["name"] == "Now"


def test_embed_url_is_taken(sim: LivestormSimulator, api: Api) -> None:
    """§3.4."""
    _, session_id = api.event_with_session()
    page = {"embed_url": "https://acme.test/live"}
    assert api.patch(f"/sessions/{session_id}", "sessions", page).status_code == 200
    assert sim.world.sessions[session_id].embed_url == "https://acme.test/live"


@pytest.mark.parametrize(
    ("switches", "status", "left"),
    [
        ({"delete_session": "refuse"}, 422, "upcoming"),
        ({"delete_session": "refuse", "delete_session_refusal": 409}, 409, "upcoming"),
        ({"delete_session": "cancel"}, 204, "canceled"),
        ({"delete_session": "delete"}, 204, None),
    ],
)
def test_delete_with_registrants(
    sim: LivestormSimulator, api: Api, switches: dict[str, object], status: int, left: str | None
) -> None:
    """§3.4: unknown which of the three; the host alone is no obstacle."""
    sim.switches.change(switches)
    _, session_id = api.event_with_session()
    api.register(session_id, "ada@b.test")
    assert api.delete(f"/sessions/{session_id}").status_code == status
    answer = api.get(f"/sessions/{session_id}")
    if left is None:
        assert answer.status_code == 404
    else:
        attributes = answer.json()["data"]["attributes"]
        assert attributes["status"] == left
        assert (attributes["canceled_at"] > 0) == (left == "canceled")


def test_delete_without_registrants(api: Api) -> None:
    """§3.4: 204, and the event is not scheduled any more."""
    event_id, session_id = api.event_with_session()
    assert api.delete(f"/sessions/{session_id}").status_code == 204
    assert api.get(f"/sessions/{session_id}").status_code == 404
    attributes = api.get(f"/events/{event_id}").json()["data"]["attributes"]
    assert (attributes["sessions_count"], attributes["scheduling_status"]) == (0, "not_scheduled")


@pytest.mark.parametrize(("rule", "status"), [("refuse", 422), ("delete", 204)])
def test_delete_a_live_session(sim: LivestormSimulator, api: Api, rule: str, status: int) -> None:
    """§3.4: unknown."""
    sim.switches.change({"delete_live_session": rule})
    _, session_id = api.event_with_session()
    with sim.world.lock:
        sessions.start_session(sim.world, sim.world.workspace, sim.world.sessions[session_id])
    assert api.delete(f"/sessions/{session_id}").status_code == status


def test_statuses_of_a_session(sim: LivestormSimulator, api: Api) -> None:
    """§3.1: upcoming, live, past, on demand; the event follows; duration is known at the end."""
    event_id, session_id = api.event_with_session()
    record = sim.world.sessions[session_id]

    def statuses() -> tuple[str, str]:
        session = api.get(f"/sessions/{session_id}").json()["data"]["attributes"]
        event = api.get(f"/events/{event_id}").json()["data"]["attributes"]
        return session["status"], event["scheduling_status"]

    assert statuses() == ("upcoming", "upcoming")
    sessions.start_session(sim.world, sim.world.workspace, record)
    assert statuses() == ("live", "live")
    record.started_at -= 600
    sessions.end_session(sim.world, sim.world.workspace, record)
    assert statuses() == ("past", "ended")
    duration = api.get(f"/sessions/{session_id}").json()["data"]["attributes"]["duration"]
    assert duration >= 600
    record.on_demand = True
    assert statuses() == ("on_demand", "on_demand")


def test_a_session_nobody_starts_becomes_past(sim: LivestormSimulator, api: Api) -> None:
    """§3.1: after its planned end and a pause that a switch sets."""
    event_id, session_id = api.event_with_session()
    record = sim.world.sessions[session_id]
    record.estimated_started_at = sim.world.stamp() - 31 * 60
    (one,) = api.filtered(f"/events/{event_id}/sessions")
    assert one["attributes"]["status"] == "upcoming"
    sim.switches.not_started_minutes = 0
    (one,) = api.filtered("/sessions", status="past_not_started")
    assert one["id"] == session_id
    event = api.get(f"/events/{event_id}").json()["data"]["attributes"]
    assert event["scheduling_status"] == "not_started"


def test_listing_filters(sim: LivestormSimulator, api: Api) -> None:
    """§3.4: status, dates of the planned start, breakout rooms."""
    document = api.create_event("2035-06-01T10:00:00Z", "2035-06-08T10:00:00Z").json()
    event_id = document["data"]["id"]
    early, late = [one["id"] for one in document["included"]]
    between = (datetime(2035, 6, 1, 10, tzinfo=UTC) + timedelta(days=2)).isoformat()
    assert [one["id"] for one in api.filtered("/sessions", date_to=between)] == [early]
    assert [one["id"] for one in api.filtered("/sessions", date_from=between)] == [late]
    assert api.filtered("/sessions", status="live") == []
    assert len(api.filtered("/sessions", status="upcoming")) == 2
    breakout = sessions.create_session(
        sim.world,
        sim.world.workspace,
        sim.world.events[event_id],
        starts_at=TEN_UTC,
        parent=sim.world.sessions[early],
    )
    path = f"/events/{event_id}/sessions"
    assert len(api.filtered(path)) == 2
    found = api.filtered(path, include_breakout_rooms="true")
    assert {one["id"] for one in found} == {early, late, breakout.id}


@pytest.mark.parametrize("moves", [True, False])
def test_whether_a_session_moves_its_event(sim: LivestormSimulator, api: Api, moves: bool) -> None:
    """§4: polls of events may or may not see a new time."""
    sim.switches.session_moves_event = moves
    event_id, session_id = api.event_with_session()
    event = sim.world.events[event_id]
    event.updated_at = 1
    named = {"estimated_started_at": "2035-07-01T10:00:00Z"}
    api.patch(f"/sessions/{session_id}", "sessions", named)
    assert (event.updated_at > 1) == moves


def test_after_the_event(sim: LivestormSimulator, api: Api) -> None:
    """§3.8: chat with an underscore, questions, recordings with bounded lifetimes."""
    _, session_id = api.event_with_session()
    path = f"/sessions/{session_id}"
    assert api.get(f"{path}/chat_messages").json()["data"] == []
    assert api.get(f"{path}/questions").json()["data"] == []
    assert api.get(f"{path}/recordings").json()["data"] == []
    record = sim.world.sessions[session_id]
    sessions.start_session(sim.world, sim.world.workspace, record)
    sessions.end_session(sim.world, sim.world.workspace, record)
    (recording,) = api.get(f"{path}/recordings", url_expires_in=3600).json()["data"]
    assert recording["attributes"]["url_expires_in"] == 3600
    for outside in (3599, 604801, "x"):
        answer = api.get(f"{path}/recordings", url_expires_in=outside)
        assert answer.status_code == 400
