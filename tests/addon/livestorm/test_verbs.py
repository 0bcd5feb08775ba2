"""Every verb, against the simulated Livestorm."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from addon.livestorm import (
    Credential,
    EventChanges,
    EventDraft,
    FailureKind,
    Livestorm,
    LivestormFailure,
    RegistrantDraft,
    SessionChanges,
    SessionDraft,
    TimeForm,
    Urgency,
    Workspace,
    webhooks,
)
from addon.livestorm.protocol import PAGE_SIZE
from sandbox.livestorm import LivestormSimulator
from tests.addon.livestorm.allowances import OpenAllowance

Drafting = Callable[..., EventDraft]


def fails(verb: Callable[[], object]) -> LivestormFailure:
    with pytest.raises(LivestormFailure) as failed:
        verb()
    return failed.value


def test_ping(workspace: Workspace, simulator: LivestormSimulator) -> None:
    workspace.ping()

    (call,) = simulator.log
    assert (call.method, call.path, call.status) == ("GET", "/v1/ping", 200)
    assert call.headers["authorization"] == simulator.world.api_token()
    assert call.headers["user-agent"].startswith("livestorm-calendar/")


def test_organization(workspace: Workspace, simulator: LivestormSimulator) -> None:
    organization = workspace.organization()

    assert organization.id == simulator.world.workspace.id
    assert (organization.name, organization.slug) == ("Acme", "acme")


def test_me_with_an_api_token(workspace: Workspace) -> None:
    me = workspace.me()

    assert me.user is None
    assert me.organization.name == "Acme"


def test_me_with_an_oauth_token(client: Livestorm, simulator: LivestormSimulator) -> None:
    tokens = simulator.world.grant("sam@acme.test")
    credential = Credential(f"Bearer {tokens.access_token}", "unknown")

    me = client.as_(credential, urgency=Urgency.PERSON_WAITING).me()

    assert me.user is not None
    assert (me.user.email, me.user.first_name) == ("sam@acme.test", "Sam")
    assert me.organization.id == simulator.world.workspace.id


def test_team_members(workspace: Workspace, owner_id: str) -> None:
    everybody = workspace.team_members()
    assert {person.email for person in everybody} == {"camille@acme.test", "sam@acme.test"}
    assert all(person.is_team_member for person in everybody)

    (camille,) = workspace.team_members("camille@acme.test")
    assert camille.id == owner_id

    assert workspace.team_members("nobody@acme.test") == []


def test_create_event(
    workspace: Workspace, draft: Drafting, simulator: LivestormSimulator, tomorrow: datetime
) -> None:
    event = workspace.create_event(draft())

    assert event.title == "Webinar"
    assert event.slug == "webinar-4711"
    assert event.description == "<p>Hello</p>"
    assert event.status == "published"
    assert event.everyone_can_speak is True
    assert event.owner_email == "camille@acme.test"
    (session,) = event.sessions
    assert session.event_id == event.id
    assert session.starts_at == tomorrow
    assert session.timezone == "Europe/Paris"
    assert session.room_link == f"{simulator.url}/p/{event.id}/live?s={session.id}"
    assert event.id in simulator.world.events
    assert [call.method for call in simulator.log] == ["POST"]


def test_template_settings_are_copied(
    workspace: Workspace, draft: Drafting, simulator: LivestormSimulator
) -> None:
    (template,) = workspace.events(title="(template)")
    assert template.everyone_can_speak is False

    event = workspace.create_event(
        draft(copy_from_event_id=template.id, everyone_can_speak=None, description=None)
    )

    assert event.everyone_can_speak is False
    assert event.estimated_duration_minutes == template.estimated_duration_minutes == 45
    assert [field.id for field in event.fields] == [field.id for field in template.fields]
    assert simulator.world.events[event.id].settings.chat_enabled is False


@pytest.mark.parametrize("form", list(TimeForm))
def test_each_time_form_is_understood(
    form: TimeForm,
    simulator: LivestormSimulator,
    credential: Credential,
    draft: Drafting,
    tomorrow: datetime,
) -> None:
    client = Livestorm(api=f"{simulator.url}/v1/", allowance=OpenAllowance(), time_form=form)
    workspace = client.as_(credential, urgency=Urgency.PERSON_WAITING)

    event = workspace.create_event(draft(session=SessionDraft(tomorrow, "America/New_York")))

    assert event.sessions[0].starts_at == tomorrow
    assert event.sessions[0].timezone == "America/New_York"


@pytest.mark.parametrize("reading", ["instant", "wall"])
def test_default_time_form_is_right_under_both_readings(
    reading: str,
    workspace: Workspace,
    simulator: LivestormSimulator,
    draft: Drafting,
    tomorrow: datetime,
) -> None:
    simulator.switches.offset_time = reading  # type: ignore[assignment]

    event = workspace.create_event(draft(session=SessionDraft(tomorrow, "Asia/Kathmandu")))

    assert event.sessions[0].starts_at == tomorrow


def test_event(workspace: Workspace, draft: Drafting) -> None:
    created = workspace.create_event(draft())

    assert workspace.event(created.id) == created


def test_events(workspace: Workspace, draft: Drafting, simulator: LivestormSimulator) -> None:
    before = list(workspace.events())
    created = workspace.create_event(draft(title="Something else"))

    assert {event.id for event in before} | {created.id} == set(simulator.world.events)
    assert [event.id for event in workspace.events(title="something ELSE")] == [created.id]
    since = datetime.now(UTC) + timedelta(hours=1)
    assert list(workspace.events(created_since=since)) == []
    assert list(workspace.events(updated_since=since)) == []
    recent = datetime.now(UTC) - timedelta(hours=1)
    (found,) = (one for one in workspace.events(created_since=recent) if one.id == created.id)
    assert found.sessions == created.sessions


def test_update_event(
    workspace: Workspace, draft: Drafting, simulator: LivestormSimulator, owner_id: str
) -> None:
    created = workspace.create_event(draft())
    simulator.clear_log()

    changed = workspace.update_event(created.id, EventChanges(title="Renamed"))

    assert changed.title == "Renamed"
    assert changed.description == "<p>Hello</p>"
    assert changed.owner_id == owner_id
    (call,) = simulator.log
    assert (call.method, call.path) == ("PATCH", f"/v1/events/{created.id}")
    assert call.body == {"data": {"type": "events", "attributes": {"title": "Renamed"}}}

    emptied = workspace.update_event(created.id, EventChanges(description=""))
    assert emptied.description is None


def test_estimated_duration_may_be_ignored(
    workspace: Workspace, draft: Drafting, simulator: LivestormSimulator
) -> None:
    created = workspace.create_event(draft())
    changes = EventChanges(estimated_duration_minutes=55)

    assert workspace.update_event(created.id, changes).estimated_duration_minutes == 30
    simulator.switches.estimated_duration_write = "accept"
    assert workspace.update_event(created.id, changes).estimated_duration_minutes == 55


def test_delete_event(workspace: Workspace, draft: Drafting) -> None:
    created = workspace.create_event(draft())

    workspace.delete_event(created.id)

    assert fails(lambda: workspace.event(created.id)).kind is FailureKind.NOT_FOUND
    again = fails(lambda: workspace.delete_event(created.id))
    assert again.kind is FailureKind.NOT_FOUND
    assert not again.maybe_done


def test_sessions(
    workspace: Workspace, draft: Drafting, tomorrow: datetime, simulator: LivestormSimulator
) -> None:
    event = workspace.create_event(draft())
    week_later = tomorrow + timedelta(days=7)

    second = workspace.create_session(
        event.id, SessionDraft(week_later, "Europe/Paris", name="Second run")
    )

    assert second.event_id == event.id
    assert second.starts_at == week_later
    assert second.name == "Second run"
    assert workspace.session(second.id) == second
    assert {one.id for one in workspace.sessions(event.id)} == {event.sessions[0].id, second.id}
    assert {one.id for one in workspace.event(event.id).sessions} == {
        one.id for one in workspace.sessions(event.id)
    }
    since = datetime.now(UTC) - timedelta(minutes=1)
    changed = {one.id for one in workspace.changed_sessions(updated_since=since)}
    assert {event.sessions[0].id, second.id} <= changed
    assert {one.id for one in workspace.changed_sessions()} == set(simulator.world.sessions)


def test_update_session(
    workspace: Workspace, draft: Drafting, tomorrow: datetime, simulator: LivestormSimulator
) -> None:
    session_id = workspace.create_event(draft()).sessions[0].id
    simulator.clear_log()

    renamed = workspace.update_session(session_id, SessionChanges(name="Dress rehearsal"))
    assert renamed.name == "Dress rehearsal"
    assert renamed.starts_at == tomorrow

    later = tomorrow + timedelta(hours=3)
    moved = workspace.update_session(
        session_id, SessionChanges(starts_at=later, timezone="America/New_York")
    )
    assert moved.starts_at == later
    assert moved.timezone == "America/New_York"
    assert [call.method for call in simulator.log] == ["PATCH", "PATCH"]


def test_session_in_the_past_is_refused(workspace: Workspace, draft: Drafting) -> None:
    past = SessionDraft(datetime.now(UTC) - timedelta(days=1), "Europe/Paris")

    failure = fails(lambda: workspace.create_event(draft(session=past)))

    assert failure.kind is FailureKind.INVALID
    assert failure.status == 422
    assert not failure.maybe_done


def test_delete_session(workspace: Workspace, draft: Drafting, tomorrow: datetime) -> None:
    event = workspace.create_event(draft())
    extra = workspace.create_session(event.id, SessionDraft(tomorrow, "Europe/Paris"))

    workspace.register(extra.id, RegistrantDraft("alex@partner.test"))
    assert fails(lambda: workspace.delete_session(extra.id)).kind is FailureKind.INVALID
    workspace.unregister(extra.id, email="alex@partner.test")
    for person in workspace.session_people(extra.id):
        workspace.unregister(extra.id, person_id=person.id)
    workspace.delete_session(extra.id)

    assert fails(lambda: workspace.session(extra.id)).kind is FailureKind.NOT_FOUND


def test_register_and_unregister(workspace: Workspace, draft: Drafting) -> None:
    event = workspace.create_event(draft())
    session_id = event.sessions[0].id

    alex = workspace.register(
        session_id, RegistrantDraft("alex@partner.test", first_name="Alex", last_name="Roy")
    )

    assert alex.email == "alex@partner.test"
    assert (alex.first_name, alex.last_name) == ("Alex", "Roy")
    assert alex.registration_type == "API"
    assert (alex.event_id, alex.session_id) == (event.id, session_id)
    assert alex.connection_link is not None
    assert session_id in alex.connection_link
    assert workspace.session_people(session_id, "alex@partner.test") == [alex]
    everybody = {person.email for person in workspace.session_people(session_id)}
    assert everybody == {"alex@partner.test", "camille@acme.test"}

    workspace.unregister(session_id, person_id=alex.id)
    assert workspace.session_people(session_id, "alex@partner.test") == []
    workspace.register(session_id, RegistrantDraft("alex@partner.test"))
    workspace.unregister(session_id, email="alex@partner.test")
    assert workspace.session_people(session_id, "alex@partner.test") == []
    gone = fails(lambda: workspace.unregister(session_id, email="alex@partner.test"))
    assert gone.kind is FailureKind.NOT_FOUND


def test_unregister_needs_one_of_both(workspace: Workspace) -> None:
    with pytest.raises(ValueError, match="address or"):
        workspace.unregister("session")
    with pytest.raises(ValueError, match="address or"):
        workspace.unregister("session", email="a@b.test", person_id="person")


@pytest.mark.parametrize("status", [409, 422])
def test_second_registration_is_a_conflict(
    status: int, workspace: Workspace, draft: Drafting, simulator: LivestormSimulator
) -> None:
    simulator.switches.duplicate_registration = status  # type: ignore[assignment]
    session_id = workspace.create_event(draft()).sessions[0].id
    workspace.register(session_id, RegistrantDraft("alex@partner.test"))

    failure = fails(lambda: workspace.register(session_id, RegistrantDraft("alex@partner.test")))

    assert failure.kind is FailureKind.CONFLICT
    assert failure.status == status
    assert not failure.maybe_done


def test_field_that_the_form_does_not_have_is_left_out(
    workspace: Workspace, draft: Drafting
) -> None:
    session_id = workspace.create_event(draft()).sessions[0].id
    someone = RegistrantDraft("alex@partner.test", "Alex", extra=(("shoe_size", "43"),))

    person = workspace.register(session_id, someone)

    assert (person.email, person.first_name) == ("alex@partner.test", "Alex")
    assert workspace.session_people(session_id, "alex@partner.test") != []


@pytest.mark.parametrize("document", ["data", "top_level"])
@pytest.mark.parametrize("counters", ["success_fail", "succeeded_failed"])
def test_register_many(
    document: str,
    counters: str,
    workspace: Workspace,
    draft: Drafting,
    simulator: LivestormSimulator,
) -> None:
    simulator.switches.job_document = document  # type: ignore[assignment]
    simulator.switches.job_counters = counters  # type: ignore[assignment]
    session_id = workspace.create_event(draft()).sessions[0].id
    workspace.register(session_id, RegistrantDraft("guest0@partner.test"))
    guests = [RegistrantDraft(f"guest{n}@partner.test") for n in range(50)]

    started = workspace.register_many(session_id, guests)

    assert started.status == "processing"
    assert (started.total, started.processed) == (50, 0)
    assert not started.is_over
    assert simulator.settle()
    over = workspace.job(started.id)
    assert over.is_over
    assert over.status == "failed"
    assert (over.total, over.processed, over.succeeded, over.failed) == (50, 50, 49, 1)
    assert len(workspace.session_people(session_id)) == 51


def test_webhooks(workspace: Workspace) -> None:
    url = "https://calendar.example.com/hooks/livestorm/secret"

    created = workspace.create_webhook(url, webhooks.SESSION_CREATED)

    assert (created.url, created.event) == (url, "session.created")
    assert workspace.webhooks() == [created]
    workspace.delete_webhook(created.id)
    assert workspace.webhooks() == []
    gone = fails(lambda: workspace.delete_webhook(created.id))
    assert gone.kind is FailureKind.NOT_FOUND


def test_deliveries_can_be_read(
    workspace: Workspace, draft: Drafting, simulator: LivestormSimulator
) -> None:
    # Nobody listens there; what is looked at is what would have been delivered.
    for name in (
        webhooks.EVENT_CREATED,
        webhooks.SESSION_CREATED,
        webhooks.PEOPLE_REGISTERED,
        webhooks.JOB_ENDED,
    ):
        workspace.create_webhook("http://127.0.0.1:1/hooks", name)
    event = workspace.create_event(draft())
    session_id = event.sessions[0].id
    alex = workspace.register(session_id, RegistrantDraft("alex@partner.test"))
    job = workspace.register_many(session_id, [RegistrantDraft("kim@partner.test")])
    assert simulator.settle()

    read = [webhooks.parse(one.payload) for one in simulator.webhook_deliveries]

    assert {one.organization_id for one in read} == {simulator.world.workspace.id}
    by_name = {one.event: one for one in read if one.object_id not in {"", None}}
    assert by_name["event.created"].event_id == event.id
    assert by_name["session.created"].session_id == session_id
    assert by_name["session.created"].event_id == event.id
    assert by_name["job.ended"].object_id == job.id
    registered = [one for one in read if one.event == "people.registered"]
    assert alex.id in {one.object_id for one in registered}
    assert {(one.event_id, one.session_id) for one in registered} == {(event.id, session_id)}


def test_pages_are_asked_for_when_they_are_needed(
    workspace: Workspace, simulator: LivestormSimulator
) -> None:
    for number in range(2 * PAGE_SIZE):
        simulator.world.add_event(f"Event {number}")
    simulator.clear_log()

    listing = workspace.events()
    assert len(simulator.log) == 0
    first = [next(listing) for _ in range(PAGE_SIZE)]
    assert len(simulator.log) == 1
    rest = list(listing)

    assert len(simulator.log) == 3
    assert [call.query["page[number]"] for call in simulator.log] == ["0", "1", "2"]
    assert {event.id for event in first + rest} == set(simulator.world.events)


def test_event_made_while_listing_is_read_doubles_nothing(
    workspace: Workspace, simulator: LivestormSimulator
) -> None:
    for number in range(PAGE_SIZE):
        simulator.world.add_event(f"Event {number}")
    before = set(simulator.world.events)

    listing = workspace.events()
    found = [next(listing).id]
    simulator.world.add_event("Newest, which pushes another to the second page")
    found += [event.id for event in listing]

    assert len(found) == len(set(found))
    assert before <= set(found)


def test_list_that_becomes_shorter_ends(
    workspace: Workspace, simulator: LivestormSimulator
) -> None:
    for number in range(PAGE_SIZE):
        simulator.world.add_event(f"Event {number}")

    listing = workspace.events()
    found = [next(listing)]
    for event_id in list(simulator.world.events)[: PAGE_SIZE // 2]:
        workspace.delete_event(event_id)
    found += listing

    assert len(found) == PAGE_SIZE
    assert simulator.log[-1].status == 400


def test_endless_list_is_given_up(workspace: Workspace, simulator: LivestormSimulator) -> None:
    for number in range(2 * PAGE_SIZE):
        simulator.world.add_event(f"Event {number}")

    failure = fails(lambda: list(workspace.events(max_pages=2)))

    assert failure.kind is FailureKind.UNREADABLE
    assert "2 pages" in failure.detail


@pytest.mark.parametrize(("list_meta", "reads"), [("whole", 2), ("absent", 3)])
def test_people_of_another_page(
    workspace: Workspace, draft: Drafting, simulator: LivestormSimulator, list_meta: str, reads: int
) -> None:
    simulator.switches.change({"list_meta": list_meta})
    session_id = workspace.create_event(draft()).sessions[0].id
    guests = [RegistrantDraft(f"guest{n}@partner.test") for n in range(PAGE_SIZE)]
    workspace.register_many(session_id, guests)
    workspace.register(session_id, RegistrantDraft("late@partner.test"))
    assert simulator.settle()
    simulator.clear_log()

    everybody = {person.email for person in workspace.session_people(session_id)}

    assert everybody == {
        *(guest.email for guest in guests),
        "late@partner.test",
        "camille@acme.test",
    }
    assert len(simulator.log) == reads


@contextmanager
def before_second_pages(
    simulator: LivestormSimulator, happens: Callable[[dict[str, Any]], None]
) -> Iterator[None]:
    """Let something happen before each second page of a list; it is given the request."""
    answered = simulator.app.wsgi_app

    def layer(environ: dict[str, Any], start_response: Any) -> Any:
        if "number%5D=1" in environ["QUERY_STRING"]:
            happens(environ)
        return answered(environ, start_response)

    simulator.app.wsgi_app = layer  # type: ignore[method-assign]
    try:
        yield
    finally:
        simulator.app.wsgi_app = answered  # type: ignore[method-assign]


def test_people_who_leave_meanwhile_hide_nobody(
    workspace: Workspace, draft: Drafting, simulator: LivestormSimulator
) -> None:
    """Whoever moved to the page before would be taken off the guest list."""
    session_id = workspace.create_event(draft()).sessions[0].id
    for number in range(PAGE_SIZE + 1):
        workspace.register(session_id, RegistrantDraft(f"guest{number}@partner.test"))
    everybody = [one.email for one in workspace.session_people(session_id)]
    leaving = [everybody[0]]

    def leave(_: object) -> None:
        if leaving:
            workspace.unregister(session_id, email=leaving.pop())

    with before_second_pages(simulator, leave):
        found = [one.email for one in workspace.session_people(session_id)]

    assert found == everybody[1:]


def test_page_that_is_promised_and_never_had_is_done_without(
    workspace: Workspace, draft: Drafting, simulator: LivestormSimulator
) -> None:
    session_id = workspace.create_event(draft()).sessions[0].id
    for number in range(PAGE_SIZE):
        workspace.register(session_id, RegistrantDraft(f"guest{number}@partner.test"))

    with before_second_pages(
        simulator, lambda environ: environ.update(QUERY_STRING="page[number]=9")
    ):
        assert len(workspace.session_people(session_id)) == PAGE_SIZE


def test_people_who_never_stop_leaving_are_read_later(
    workspace: Workspace, draft: Drafting, simulator: LivestormSimulator
) -> None:
    session_id = workspace.create_event(draft()).sessions[0].id
    for number in range(PAGE_SIZE + 5):
        workspace.register(session_id, RegistrantDraft(f"guest{number}@partner.test"))
    everybody = [one.email for one in workspace.session_people(session_id)]

    def leave(_: object) -> None:
        workspace.unregister(session_id, email=everybody.pop())

    with before_second_pages(simulator, leave):
        failure = fails(lambda: workspace.session_people(session_id))

    assert failure.kind is FailureKind.UNAVAILABLE
    assert not failure.maybe_done
