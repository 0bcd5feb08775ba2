"""The pages: rooms, registration, dashboard (docs/livestorm.md §3.2, §3.4, §3.5)."""

import re
from html import unescape
from urllib.parse import urlencode

import pytest
import requests

from sandbox.livestorm import LivestormSimulator
from sandbox.livestorm.changes import sessions
from sandbox.livestorm.records import Event, Session
from tests.sandbox.livestorm.conftest import Api, Receiver


def page(sim: LivestormSimulator, path: str, language: str = "en") -> requests.Response:
    url = path if path.startswith("http") else sim.url + path
    return requests.get(url, headers={"Accept-Language": language})


def submit(sim: LivestormSimulator, event: Event, action: str, **fields: str) -> requests.Response:
    """Post one of the forms of an event's page and return the page after it."""
    return requests.post(f"{sim.url}/dashboard/events/{event.id}/{action}", data=fields)


@pytest.fixture
def event(sim: LivestormSimulator) -> Event:
    return sim.world.add_event(
        "Design review", starts_at=2_000_000_000, description="<p>Hi <script>x()</script></p>"
    )


@pytest.fixture
def session(sim: LivestormSimulator, event: Event) -> Session:
    return sim.world.sessions[event.session_ids[0]]


def act(event: Event, session: Session, action: str) -> str:
    assert session.event_id == event.id
    return f"sessions/{session.id}/{action}"


# Rooms (§3.2)


def test_the_room(sim: LivestormSimulator, session: Session) -> None:
    answer = page(sim, sim.world.room_link(session))
    assert answer.status_code == 200
    assert "You are in the room of Design review" in answer.text
    assert "Wed 18 May 2033, 05:33" in answer.text
    assert "Europe/Paris" in answer.text
    assert "<script>" not in answer.text.split("<main>")[1]
    assert (
        "Vous êtes dans la salle de Design review"
        in page(sim, sim.world.room_link(session), "fr").text
    )


def test_the_personal_link_opens_with_its_key_only(
    sim: LivestormSimulator, api: Api, session: Session
) -> None:
    """§3.1, §3.2."""
    detail = api.register(session.id, "ada@b.test").json()["data"]["attributes"][
        "registrant_detail"
    ]
    mine = page(sim, detail["connection_link"])
    assert detail["password_key"] in mine.text
    assert "ada@b.test" in mine.text
    wrong = page(sim, detail["connection_link"].replace(detail["password_key"], "0" * 22))
    assert wrong.status_code == 403
    assert detail["password_key"] not in wrong.text


def test_entering_a_live_room_counts_as_attending(
    sim: LivestormSimulator, api: Api, session: Session
) -> None:
    """§3.1: attended."""
    link = api.register(session.id, "ada@b.test").json()["data"]["attributes"]["registrant_detail"][
        "connection_link"
    ]
    path = f"/sessions/{session.id}/people"
    page(sim, link)
    assert api.filtered(path, attended="true") == []
    sessions.start_session(sim.world, sim.world.workspace, session)
    assert "Live now" in page(sim, link).text
    assert len(api.filtered(path, attended="true")) == 1


def test_a_canceled_room_says_so(sim: LivestormSimulator, session: Session) -> None:
    """§3.4."""
    sessions.cancel_session(sim.world, sim.world.workspace, session)
    assert "This event was canceled." in page(sim, sim.world.room_link(session)).text


def test_rooms_of_deleted_events_are_gone(
    sim: LivestormSimulator, api: Api, event: Event, session: Session
) -> None:
    link = sim.world.room_link(session)
    api.delete(f"/events/{event.id}")
    assert page(sim, link).status_code == 404
    assert page(sim, f"/p/{event.id}").status_code == 404


def test_the_event_s_room_is_the_next_session_s(sim: LivestormSimulator, event: Event) -> None:
    """§3.2: a room link without session exists as well."""
    assert page(sim, f"/p/{event.id}/live").status_code == 200
    assert page(sim, f"/p/{event.id}/live?s=other").status_code == 404


def test_registering_on_the_page(sim: LivestormSimulator, event: Event, session: Session) -> None:
    """§3.2: registration_link is where people sign up."""
    url = sim.world.registration_link(event)
    assert 'name="email"' in page(sim, url).text
    done = requests.post(url, data={"email": "ada@b.test", "first_name": "Ada"})
    (registration,) = session.participants
    assert sim.world.connection_link(session, registration) in unescape(done.text)
    assert registration.registration_type == "registration_page"
    again = requests.post(url, data={"email": "ada@b.test"})
    assert again.status_code == 409
    assert "already registered" in again.text


# Dashboard


def test_synced_events_are_marked(sim: LivestormSimulator, event: Event) -> None:
    """Events from Google Calendar carry an icon and their own colour, in list and month."""
    sim.world.add_event("From Calendar", slug="from-calendar-gcal-1", starts_at=2_000_003_600)
    for path in ("/dashboard", "/dashboard/calendar?month=2033-05"):
        text = page(sim, path).text
        assert "From Calendar" in text
        assert "Design review" in text
        assert text.count('class="icon icon-google"') == 1, path
        links = re.findall(r'class="(?:entry|row-title) (synced|own)', text)
        assert sorted(links) == ["own", "synced"], path


@pytest.mark.parametrize("path", ["", "/calendar", "/events/new", "/mails", "/team"])
@pytest.mark.parametrize(("language", "word"), [("en", "Events"), ("fr", "Événements")])
def test_pages_speak_two_languages(
    sim: LivestormSimulator, path: str, language: str, word: str
) -> None:
    by_header = page(sim, f"/dashboard{path}", language)
    by_query = page(sim, f"/dashboard{path}?lang={language}", "de")
    for answer in (by_header, by_query):
        assert answer.status_code == 200
        assert f'<html lang="{language}">' in answer.text
        assert word in answer.text
        assert not re.findall(r'(?:src|href)="https?://(?!127\.0\.0\.1)', answer.text)


def test_the_event_page_shows_the_id(sim: LivestormSimulator, event: Event) -> None:
    text = page(sim, f"/dashboard/events/{event.id}").text
    assert f'value="{event.id}"' in text
    assert "data-copy" in text
    assert page(sim, "/dashboard/events/none").status_code == 404


def test_creating_an_event(sim: LivestormSimulator, receiver: Receiver, api: Api) -> None:
    for name in ("event.created", "session.created", "event.published"):
        api.post("/webhooks", "webhooks", {"url": receiver.url, "event": name})
    answer = requests.post(
        f"{sim.url}/dashboard/events",
        data={
            "title": "Café",
            "start": "2035-06-01T10:00",
            "timezone": "America/New_York",
            "duration": "45",
            "owner": api.people_id("sam@acme.test"),
        },
    )
    assert answer.status_code == 200
    assert "The event was created." in answer.text
    (created,) = sim.world.events.values()
    assert (created.title, created.slug, created.estimated_duration) == ("Café", "cafe", 45)
    assert created.owner.email == "sam@acme.test"
    (session,) = sim.world.sessions.values()
    assert session.estimated_started_at == 2_064_319_200
    assert sim.settle()
    assert sorted(receiver.events) == ["event.created", "event.published", "session.created"]


def test_editing_moves_updated_at_and_stays_silent(
    sim: LivestormSimulator, api: Api, receiver: Receiver, event: Event
) -> None:
    """§4: no webhook tells about an edit."""
    for name in ("event.created", "event.published", "session.created"):
        api.post("/webhooks", "webhooks", {"url": receiver.url, "event": name})
    event.updated_at = 1
    fields = {
        "title": "Edited",
        "description": "<p>New</p>",
        "duration": "50",
        "language": "fr",
        "chat_enabled": "on",
        "email_field": "on",
    }
    assert "Saved." in submit(sim, event, "save", **fields).text
    assert (event.title, event.description) == ("Edited", "<p>New</p>")
    assert (event.estimated_duration, event.language) == (50, "fr")
    assert event.settings.chat_enabled
    assert not event.settings.recording_enabled
    assert event.fields[0].id == "email"
    assert event.updated_at > 1
    del fields["email_field"]
    submit(sim, event, "save", **fields)
    assert not event.has_email_field
    assert sim.settle()
    assert receiver.payloads == []


def test_a_refusal_is_shown(sim: LivestormSimulator, event: Event) -> None:
    text = submit(sim, event, "save", title=" ", duration="30").text
    assert "Livestorm refused: Title can&#39;t be blank" in text
    assert event.title == "Design review"


def test_rescheduling(sim: LivestormSimulator, event: Event, session: Session) -> None:
    """§3.4: wall time in the chosen zone, whatever the API's switches; registrants are told."""
    sim.switches.naive_time = "utc"
    submit(sim, event, act(event, session, "register"), email="ada@b.test")
    moved = {"start": "2035-06-01T10:00", "timezone": "Asia/Tokyo"}
    assert "Saved." in submit(sim, event, act(event, session, "reschedule"), **moved).text
    assert session.timezone == "Asia/Tokyo"
    assert session.estimated_started_at == 2_064_272_400
    assert [mail.kind for mail in sim.world.mails] == ["confirmation", "rescheduled"]


def test_people_at_the_dashboard(
    sim: LivestormSimulator, api: Api, event: Event, session: Session
) -> None:
    """§3.5: register, invite a speaker, remove from all sessions of the event."""
    second = sessions.create_session(sim.world, sim.world.workspace, event, starts_at=2_000_100_000)
    for one in (session, second):
        text = submit(sim, event, act(event, one, "register"), email="ada@b.test").text
        assert "ada@b.test is registered." in text
    speaker = {"email": "alex@b.test", "first_name": "Alex"}
    assert "Guest speaker" in submit(sim, event, act(event, session, "invite"), **speaker).text
    submit(sim, event, act(event, session, "unregister"), email="ada@b.test")
    assert [one.person.email for one in session.participants] == ["alex@b.test"]
    assert second.participants == []
    (shown,) = api.filtered(f"/sessions/{session.id}/people", role="participant")
    assert shown["attributes"]["registrant_detail"]["is_guest_speaker"] is True


def test_deleting_a_session_with_registrants_is_refused_at_the_dashboard(
    sim: LivestormSimulator, event: Event, session: Session
) -> None:
    """§3.4: delete only without registrants, cancel always; independent of the API's switch."""
    sim.switches.delete_session = "delete"
    submit(sim, event, act(event, session, "register"), email="ada@b.test")
    assert "Livestorm refused" in submit(sim, event, act(event, session, "delete")).text
    assert session.id in sim.world.sessions
    submit(sim, event, act(event, session, "cancel"))
    assert session.canceled_at > 0


def test_a_live_session(sim: LivestormSimulator, event: Event, session: Session) -> None:
    submit(sim, event, act(event, session, "start"))
    assert session.started_at > 0
    assert "Live" in page(sim, f"/dashboard/events/{event.id}").text
    submit(sim, event, act(event, session, "end"))
    assert session.ended_at >= session.started_at
    assert "Livestorm refused" in submit(sim, event, act(event, session, "start")).text


def test_sessions_can_be_added(sim: LivestormSimulator, event: Event) -> None:
    submit(sim, event, "add-session", start="2035-06-01T10:00", timezone="Europe/Paris")
    assert len(event.session_ids) == 2
    past = {"start": "2020-06-01T10:00", "timezone": "Europe/Paris"}
    assert "Livestorm refused" in submit(sim, event, "add-session", **past).text
    assert len(event.session_ids) == 2


def test_publishing_a_draft(sim: LivestormSimulator, api: Api) -> None:
    event_id = api.create_event(status="draft").json()["data"]["id"]
    event = sim.world.events[event_id]
    submit(sim, event, "publish")
    assert event.status == "published"


def test_deleting_an_event(sim: LivestormSimulator, api: Api, event: Event) -> None:
    answer = submit(sim, event, "delete")
    assert "Deleted." in answer.text
    assert api.get(f"/events/{event.id}").status_code == 404


def test_mails_are_listed(sim: LivestormSimulator, event: Event, session: Session) -> None:
    submit(sim, event, act(event, session, "register"), email="ada@b.test")
    text = page(sim, "/dashboard/mails").text
    assert "ada@b.test" in text
    assert urlencode({"email": "ada@b.test"}) in text


def test_workspaces_can_be_switched(sim: LivestormSimulator, event: Event) -> None:
    other = sim.world.add_workspace("Globex", [("hank@globex.test", "Hank", "Scorpio")])
    sim.world.add_event("Their event", workspace=other)
    browser = requests.Session()
    text = browser.post(f"{sim.url}/dashboard/workspace", data={"workspace": other.id}).text
    assert "Their event" in text
    assert event.title not in text


def test_dashboard_and_control_stay_out_of_the_log(
    sim: LivestormSimulator, api: Api, event: Event
) -> None:
    """Tests count API calls; what people and tests do is none."""
    sim.clear_log()
    page(sim, "/dashboard")
    requests.get(f"{sim.url}/_control/switches")
    assert len(sim.log) == 0
    api.get(f"/events/{event.id}")
    assert [(call.method, call.status) for call in sim.log] == [("GET", 200)]


def test_seeded_world() -> None:
    """The sandbox starts with a template, a past event and upcoming ones, always the same ids."""
    first, second = LivestormSimulator(), LivestormSimulator()
    titles = {one.title for one in first.world.events.values()}
    assert "Product webinar (template)" in titles
    assert set(first.world.events) == set(second.world.events)
    assert first.world.api_token() == second.world.api_token()
    (template,) = [
        one for one in first.world.events.values() if one.title == "Product webinar (template)"
    ]
    assert template.language == "fr"
    assert not template.settings.everyone_can_speak
    assert not template.settings.chat_enabled
    assert template.settings.recording_enabled


def test_ids_can_be_deterministic() -> None:
    ids = [LivestormSimulator(empty=True, seed=7).world.new_id() for _ in range(2)]
    assert ids[0] == ids[1]
