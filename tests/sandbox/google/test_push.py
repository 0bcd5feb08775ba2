"""Watch channels and push messages. Guide push."""

from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests
import time_machine
from flask import Flask

from sandbox.google import TEAM_CALENDAR, GoogleSimulator
from sandbox.simulation import serve
from tests.sandbox.google.client import EVENTS, CalendarClient, event, reason
from tests.sandbox.google.receiver import Receiver

WEEK = 604_800


def watch(
    client: CalendarClient, receiver: Receiver, calendar: str = "primary", **body: Any
) -> requests.Response:
    """Send events.watch."""
    full = {"id": "channel-1", "type": "web_hook", "address": receiver.url, "token": "t", **body}
    return client.call("POST", client.path(calendar=calendar) + "/watch", json=full)


def stop(client: CalendarClient, channel: dict[str, Any]) -> requests.Response:
    """Send channels.stop."""
    body = {"id": channel["id"], "resourceId": channel["resourceId"]}
    return client.call("POST", "/channels/stop", json=body)


def test_the_answer_is_a_channel(
    google: GoogleSimulator, camille: CalendarClient, receiver: Receiver
) -> None:
    """kind, ids, resource, token, expiration in milliseconds as text: seven days."""
    channel = watch(camille, receiver).json()
    assert (channel["kind"], channel["id"], channel["token"]) == ("api#channel", "channel-1", "t")
    assert channel["resourceUri"].startswith(google.url)
    assert int(channel["expiration"]) / 1000 == pytest.approx(google.now() + WEEK, abs=5)


def test_sync_comes_first_and_before_the_answer(
    camille: CalendarClient, receiver: Receiver
) -> None:
    """Message 1, state sync, no body; the channel row must exist before the call."""
    channel = watch(camille, receiver).json()
    (first,) = receiver.messages
    assert (first.state, first.number, first.body) == ("sync", 1, b"")
    assert first.headers["content-length"] == "0"
    assert first.headers["x-goog-channel-id"] == "channel-1"
    assert first.headers["x-goog-channel-token"] == "t"
    assert first.headers["x-goog-resource-id"] == channel["resourceId"]
    assert first.headers["x-goog-resource-uri"] == channel["resourceUri"]
    assert first.headers["user-agent"].startswith("APIs-Google")
    expires = parsedate_to_datetime(first.headers["x-goog-channel-expiration"])
    assert expires.timestamp() == pytest.approx(int(channel["expiration"]) / 1000, abs=1)


def test_sync_can_come_after_the_answer(
    google: GoogleSimulator, camille: CalendarClient, receiver: Receiver
) -> None:
    """Either order is possible."""
    google.switches.change({"sync_message_before_response": False, "webhook_delivery": "manual"})
    assert watch(camille, receiver, token=None).status_code == 200
    assert receiver.messages == []
    assert google.deliver_notifications() == 1
    assert receiver.messages[0].state == "sync"
    assert "x-goog-channel-token" not in receiver.messages[0].headers


def test_every_kind_of_change_rings_with_growing_numbers(
    camille: CalendarClient, receiver: Receiver
) -> None:
    """Exists for create, change and delete; numbers increase but are not consecutive."""
    watch(camille, receiver)
    made = camille.inserted(event())
    receiver.wait_for(2)
    camille.patch(made["id"], {"summary": "New"})
    receiver.wait_for(3)
    camille.delete(made["id"])
    messages = receiver.wait_for(4)
    assert [message.state for message in messages] == ["sync", "exists", "exists", "exists"]
    numbers = [message.number for message in messages]
    assert numbers == sorted(set(numbers))
    assert numbers != [1, 2, 3, 4]


def test_a_channel_hears_its_own_calendar_only(
    google: GoogleSimulator, camille: CalendarClient, receiver: Receiver
) -> None:
    """One channel, one calendar; two accounts on a shared one get one message each."""
    google.switches.webhook_delivery = "manual"
    with CalendarClient(google, "sam@acme.test") as sam:
        watch(camille, receiver, TEAM_CALENDAR, id="c")
        watch(sam, receiver, TEAM_CALENDAR, id="s")
        camille.inserted(event())
        assert google.deliver_notifications() == 0
        camille.inserted(event(), TEAM_CALENDAR)
        assert google.deliver_notifications() == 2
    rung = [message.headers["x-goog-channel-id"] for message in receiver.messages[2:]]
    assert sorted(rung) == ["c", "s"]


def test_a_guests_answer_rings_the_organizer(
    google: GoogleSimulator, camille: CalendarClient, receiver: Receiver
) -> None:
    """Observed: every attendee reply rings the calendar."""
    made = camille.inserted(event(attendees=[{"email": "sam@acme.test"}]))
    google.switches.webhook_delivery = "manual"
    watch(camille, receiver)
    google.world.respond("sam@acme.test", made["id"], "accepted")
    assert google.deliver_notifications() == 1


def test_a_stopped_channel_is_silent(
    google: GoogleSimulator, camille: CalendarClient, receiver: Receiver
) -> None:
    """channels.stop by the same account and client; others and a second time get 404."""
    google.switches.webhook_delivery = "manual"
    channel = watch(camille, receiver).json()
    with CalendarClient(google, "sam@acme.test") as sam:
        assert reason(stop(sam, channel)) == (404, "notFound")
    other = google.access_token("camille@acme.test", EVENTS, client_id="another-client")
    header = {"Authorization": f"Bearer {other}"}
    body = {"id": channel["id"], "resourceId": channel["resourceId"]}
    answer = requests.post(camille.root + "/channels/stop", json=body, headers=header, timeout=5)
    assert answer.status_code == 404
    assert stop(camille, {**channel, "resourceId": "x"}).status_code == 404
    assert stop(camille, channel).status_code == 204
    assert stop(camille, channel).status_code == 404
    camille.inserted(event())
    assert google.deliver_notifications() == 0


def test_a_channel_ends_by_itself(
    google: GoogleSimulator, camille: CalendarClient, receiver: Receiver
) -> None:
    """No renewal: params.ttl in seconds, or expiration in milliseconds; both are ceilings."""
    google.switches.webhook_delivery = "manual"
    short = watch(camille, receiver, id="a", params={"ttl": "600"}).json()
    assert int(short["expiration"]) / 1000 == pytest.approx(google.now() + 600, abs=5)
    soon = str(int((google.now() + 60) * 1000))
    dated = watch(camille, receiver, id="b", expiration=soon).json()
    assert int(dated["expiration"]) == pytest.approx(int(soon), abs=10)
    long = watch(camille, receiver, id="c", params={"ttl": str(10 * WEEK)}).json()
    assert int(long["expiration"]) / 1000 == pytest.approx(google.now() + WEEK, abs=5)
    with time_machine.travel(google.now() + 601):
        google.world.insert_event("camille@acme.test", event())
        assert google.deliver_notifications() == 1
    assert receiver.messages[-1].headers["x-goog-channel-id"] == "c"


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": ""},
        {"id": "x" * 65},
        {"type": "email"},
        {"token": "x" * 257},
        {"address": "http://example.com/hook"},
        {"expiration": "1000"},
        {"params": {"ttl": "soon"}},
    ],
)
def test_bad_channels_are_refused(
    camille: CalendarClient, receiver: Receiver, wrong: dict[str, Any]
) -> None:
    """Required fields, lengths, https, and a future end."""
    assert watch(camille, receiver, **wrong).status_code == 400
    assert receiver.messages == []


def test_ids_are_unique_and_https_can_be_demanded(
    google: GoogleSimulator, camille: CalendarClient, receiver: Receiver
) -> None:
    """channelIdNotUnique; plain http only on the loopback, and by switch not even there."""
    watch(camille, receiver)
    assert reason(watch(camille, receiver)) == (400, "channelIdNotUnique")
    google.switches.https_webhooks_only = True
    assert reason(watch(camille, receiver, id="b")) == (400, "push.webhookUrlNotHttps")


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_server_errors_are_tried_again(
    google: GoogleSimulator, camille: CalendarClient, receiver: Receiver, status: int
) -> None:
    """Exponential backoff on 500, 502, 503, 504; the same message again."""
    google.switches.push_retry_base_seconds = 0.01
    watch(camille, receiver)
    receiver.statuses[:] = [status, status]
    camille.inserted(event())
    assert google.wait_for_notifications()
    assert [message.number for message in receiver.messages[1:]] == [
        receiver.messages[1].number
    ] * 3
    assert [entry.attempt for entry in google.channels.deliveries[1:]] == [1, 2, 3]


@pytest.mark.parametrize("status", [301, 400, 401, 404, 410, 429])
def test_other_answers_are_final(
    google: GoogleSimulator, camille: CalendarClient, receiver: Receiver, status: int
) -> None:
    """Any other code is a failure and is not retried, redirects included."""
    google.switches.webhook_delivery = "manual"
    watch(camille, receiver)
    receiver.statuses[:] = [status]
    camille.inserted(event())
    assert google.deliver_notifications() == 1
    assert google.channels.pending() == 0


def test_retries_end(google: GoogleSimulator, camille: CalendarClient, receiver: Receiver) -> None:
    """How many there are is not documented; the switch says."""
    google.switches.change({"webhook_delivery": "manual", "push_attempts": 2})
    watch(camille, receiver)
    receiver.statuses[:] = [503] * 9
    camille.inserted(event())
    assert google.deliver_notifications() == 1
    with time_machine.travel(google.now() + 60):
        assert google.deliver_notifications() == 1
    with time_machine.travel(google.now() + 600):
        assert google.deliver_notifications() == 0


def test_messages_are_lost_delayed_and_doubled(
    google: GoogleSimulator, camille: CalendarClient, receiver: Receiver
) -> None:
    """Not 100 % reliable: drops, delays of up to an hour and bursts were seen."""
    google.switches.change({"webhook_delivery": "manual", "push_drop_percent": 100.0})
    watch(camille, receiver)
    camille.inserted(event())
    assert google.deliver_notifications() == 0
    assert google.channels.deliveries[-1].status == -1
    google.switches.change(
        {"push_drop_percent": 0.0, "push_duplicates": 2, "push_delay_seconds": 3600.0}
    )
    camille.inserted(event())
    assert google.deliver_notifications() == 0
    with time_machine.travel(google.now() + 3601):
        assert google.deliver_notifications() == 3
    assert len({message.number for message in receiver.messages[1:]}) == 1


def test_the_receiver_may_call_the_api_while_sync_is_delivered(
    google: GoogleSimulator, camille: CalendarClient
) -> None:
    """The watch call holds nothing that the API needs."""
    app, seen = Flask(__name__), []

    @app.post("/hook")
    def hook() -> str:
        with CalendarClient(google, "camille@acme.test") as client:
            seen.append(client.page().status_code)
        return ""

    with serve(app) as server:
        receiver = Receiver(url=f"{server.url}/hook")
        assert watch(camille, receiver).status_code == 200
    assert seen == [200]


def test_watching_needs_access(camille: CalendarClient, receiver: Receiver) -> None:
    """404 for a calendar one cannot read."""
    assert reason(watch(camille, receiver, "sam@acme.test")) == (404, "notFound")


def test_an_unreachable_receiver_is_tried_again(
    google: GoogleSimulator, camille: CalendarClient, receiver: Receiver
) -> None:
    """The watch call itself succeeds."""
    google.switches.webhook_delivery = "manual"
    gone = Receiver(url="http://127.0.0.1:9/hook")
    assert watch(camille, gone).status_code == 200
    assert google.channels.deliveries[-1].status == 0
    assert google.channels.pending() == 1
