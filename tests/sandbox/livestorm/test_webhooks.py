"""Webhooks (docs/livestorm.md §4)."""

import time
from collections.abc import Callable

import pytest

from sandbox.livestorm import LivestormSimulator
from sandbox.livestorm.changes import people, sessions
from sandbox.livestorm.deliveries import WEBHOOK_EVENTS
from tests.sandbox.livestorm.conftest import Api, Receiver

Subscribe = Callable[..., None]


@pytest.fixture
def subscribe(api: Api, receiver: Receiver) -> Subscribe:
    def to(*events: str) -> None:
        for event in events:
            attributes = {"url": receiver.url, "event": event}
            assert api.post("/webhooks", "webhooks", attributes).status_code == 201

    return to


def test_subscriptions(api: Api) -> None:
    """§4: create, list with filter, delete; one event each."""
    url = "https://hooks.acme.test/x"
    created = api.post("/webhooks", "webhooks", {"url": url, "event": "session.created"})
    api.post("/webhooks", "webhooks", {"url": url, "event": "job.ended"})
    webhook = created.json()["data"]
    assert webhook["type"] == "webhooks"
    assert set(webhook["attributes"]) == {"url", "event", "created_at", "updated_at"}
    assert len(api.filtered("/webhooks")) == 2
    (found,) = api.filtered("/webhooks", event="session.created")
    assert found["id"] == webhook["id"]
    assert api.delete(f"/webhooks/{webhook['id']}").status_code == 204
    assert api.delete(f"/webhooks/{webhook['id']}").status_code == 404
    assert api.send("PATCH", f"/webhooks/{webhook['id']}", {}).status_code in (404, 405)


@pytest.mark.parametrize("event", ["event.updated", "session.deleted", "people.removed", ""])
def test_there_are_ten_events(api: Api, event: str) -> None:
    """§4: nothing tells about updates, deletions and removals."""
    assert len(WEBHOOK_EVENTS) == 10
    attributes = {"url": "https://hooks.acme.test/x", "event": event}
    assert api.post("/webhooks", "webhooks", attributes).status_code == 422


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("http://hooks.acme.test/x", 422),
        ("ftp://hooks.acme.test", 422),
        ("", 422),
        ("https://hooks.acme.test/x", 201),
        ("http://127.0.0.1:9/x", 201),
    ],
)
def test_urls_are_https(sim: LivestormSimulator, api: Api, url: str, status: int) -> None:
    """§4; this machine is an exception of the simulator that a switch takes away."""
    attributes = {"url": url, "event": "event.created"}
    assert api.post("/webhooks", "webhooks", attributes).status_code == status
    sim.switches.webhook_urls = "https"
    strict = api.post("/webhooks", "webhooks", attributes).status_code
    assert strict == (201 if url.startswith("https") else 422)


def test_a_second_subscription_of_the_same_url(sim: LivestormSimulator, api: Api) -> None:
    """§4: unknown."""
    attributes = {"url": "https://hooks.acme.test/x", "event": "event.created"}
    statuses = [api.post("/webhooks", "webhooks", attributes).status_code for _ in range(2)]
    assert statuses == [201, 201]
    sim.switches.webhook_duplicate = "422"
    assert api.post("/webhooks", "webhooks", attributes).status_code == 422


def test_creating_an_event_tells_three_things(
    sim: LivestormSimulator, api: Api, receiver: Receiver, subscribe: Subscribe
) -> None:
    """§4: event.created, session.created, event.published, with meta inside data."""
    subscribe("event.created", "session.created", "event.published")
    event_id, session_id = api.event_with_session()
    assert sim.settle()
    bodies = {one["data"]["meta"]["webhook"]["event"]: one["data"] for one in receiver.payloads}
    assert set(bodies) == {"event.created", "session.created", "event.published"}
    session = bodies["session.created"]
    assert (session["id"], session["type"]) == (session_id, "sessions")
    assert session["meta"]["webhook"]["organization_id"] == sim.world.workspace.id
    assert session["attributes"]["event_id"] == event_id
    assert session["attributes"]["room_link"]
    event = bodies["event.created"]
    assert event["attributes"] == api.get(f"/events/{event_id}").json()["data"]["attributes"] | {
        # The body is made before the session is.
        "sessions_count": 0,
        "scheduling_status": "not_scheduled",
    }


def test_registrations_carry_their_detail(
    sim: LivestormSimulator, api: Api, receiver: Receiver, subscribe: Subscribe
) -> None:
    """§4: people with registrant_detail, team members too."""
    subscribe("people.registered")
    _, session_id = api.event_with_session()
    api.register(session_id, "ada@b.test")
    api.register(session_id, "sam@acme.test")
    assert sim.settle()
    roles = {one["data"]["attributes"]["role"] for one in receiver.payloads}
    assert roles == {"participant", "team_member"}
    details = [one["data"]["attributes"]["registrant_detail"] for one in receiver.payloads]
    assert {one["session_id"] for one in details} == {session_id}


def test_a_session_s_life(
    sim: LivestormSimulator, api: Api, receiver: Receiver, subscribe: Subscribe
) -> None:
    """§4: started, ended, then who attended and who did not."""
    subscribe("session.started", "session.ended", "people.attended", "people.not_attended")
    _, session_id = api.event_with_session()
    api.register(session_id, "ada@b.test")
    world, record = sim.world, sim.world.sessions[session_id]
    sessions.start_session(world, world.workspace, record)
    assert sim.settle()
    people.attend(world, record, record.participants[0])
    assert receiver.events == ["session.started"]
    sessions.end_session(world, world.workspace, record)
    assert sim.settle()
    assert sorted(receiver.events) == [
        "people.attended",
        "people.not_attended",
        "session.ended",
        "session.started",
    ]
    (attended,) = [
        one
        for one in receiver.payloads
        if one["data"]["meta"]["webhook"]["event"] == "people.attended"
    ]
    assert attended["data"]["attributes"]["email"] == "ada@b.test"


def test_a_bulk_job_ends(
    sim: LivestormSimulator, api: Api, receiver: Receiver, subscribe: Subscribe
) -> None:
    """§3.6, §4: job.ended with the job as GET shows it, and a registration each."""
    sim.switches.job_seconds = 0.05
    subscribe("job.ended", "people.registered")
    _, session_id = api.event_with_session()
    tasks = [{"fields": [{"id": "email", "value": f"{name}@b.test"}]} for name in "abc"]
    job = api.post(f"/sessions/{session_id}/people/bulk", "jobs", {"tasks": tasks}).json()["data"]
    assert sim.settle()
    assert sorted(receiver.events) == ["job.ended"] + ["people.registered"] * 3
    (ended,) = [one["data"] for one in receiver.payloads if one["data"]["type"] == "jobs"]
    shown = api.get(f"/jobs/{job['id']}").json()["data"]
    assert (ended["id"], ended["attributes"]) == (shown["id"], shown["attributes"])


def test_changes_and_removals_are_silent(
    sim: LivestormSimulator, api: Api, receiver: Receiver, subscribe: Subscribe
) -> None:
    """§4: whoever wants to know must poll."""
    event_id, session_id = api.event_with_session()
    api.register(session_id, "ada@b.test")
    subscribe(*WEBHOOK_EVENTS)
    api.patch(f"/events/{event_id}", "events", {"title": "New"})
    moved = {"estimated_started_at": "2035-09-01T10:00:00Z"}
    api.patch(f"/sessions/{session_id}", "sessions", moved)
    api.delete(f"/sessions/{session_id}/people?filter[email]=ada@b.test")
    api.delete(f"/sessions/{session_id}")
    api.delete(f"/events/{event_id}")
    assert sim.settle()
    assert receiver.payloads == []


@pytest.mark.parametrize("status", [400, 456, 500, 511])
def test_five_retries_then_disabled(
    sim: LivestormSimulator, api: Api, receiver: Receiver, subscribe: Subscribe, status: int
) -> None:
    """§4: six attempts in all, then the subscription is dead."""
    sim.switches.webhook_retry_scale = 0.00001
    receiver.status = status
    subscribe("event.created")
    api.create_event()
    assert sim.settle()
    assert [one.attempt for one in sim.webhook_deliveries] == [1, 2, 3, 4, 5, 6]
    assert len(receiver.payloads) == 6
    api.create_event()
    assert sim.settle()
    assert len(receiver.payloads) == 6
    assert len(api.filtered("/webhooks")) == 1
    sim.switches.webhook_disabled = "removed"
    assert api.filtered("/webhooks") == []


def test_the_first_retry_waits(
    sim: LivestormSimulator, api: Api, receiver: Receiver, subscribe: Subscribe
) -> None:
    """§4: about 30 s, here scaled to 0.15 s; a success ends it."""
    sim.switches.webhook_retry_scale = 0.005
    receiver.status = 503
    subscribe("event.created")
    api.create_event()
    deadline = time.monotonic() + 5
    while not receiver.payloads and time.monotonic() < deadline:
        time.sleep(0.005)
    receiver.status = 204
    assert sim.settle()
    first, second = sim.webhook_deliveries
    assert (first.status, second.status) == (503, 204)
    assert second.at - first.at >= 0.14


@pytest.mark.parametrize("status", [301, 457, 512])
def test_other_statuses_are_not_retried(
    sim: LivestormSimulator, api: Api, receiver: Receiver, subscribe: Subscribe, status: int
) -> None:
    """§4."""
    sim.switches.webhook_retry_scale = 0.00001
    receiver.status = status
    subscribe("event.created")
    api.create_event()
    assert sim.settle()
    assert len(receiver.payloads) == 1


def test_connection_errors_are_not_retried(sim: LivestormSimulator, api: Api) -> None:
    """§4: not for TCP errors."""
    sim.switches.webhook_retry_scale = 0.00001
    attributes = {"url": "http://127.0.0.1:9/closed", "event": "event.created"}
    api.post("/webhooks", "webhooks", attributes)
    api.create_event()
    assert sim.settle()
    (only,) = sim.webhook_deliveries
    assert only.status is None


@pytest.mark.parametrize("rule", ["twice", "dropped"])
def test_deliveries_can_double_or_get_lost(
    sim: LivestormSimulator, api: Api, receiver: Receiver, subscribe: Subscribe, rule: str
) -> None:
    """§4: at least once, in the best case."""
    sim.switches.change({"webhook_delivery": rule})
    subscribe("event.created")
    api.create_event()
    assert sim.settle()
    assert len(receiver.payloads) == {"twice": 2, "dropped": 0}[rule]
