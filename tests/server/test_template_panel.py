"""The template: saved from the panel, kept until cleared, and copied by the next events."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from addon.store.tables import users
from sandbox.google import SCRIPT_CLIENT_ID
from sandbox.livestorm.changes import sessions
from sandbox.simulation import Fault
from server import settings
from server.app import create_app
from tests.cards.google_messages import parse_response
from tests.server.calls import CAMILLE, SAM, ask_for_room, calendar_event, connect
from tests.support.program import Program

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

TITLE = "Product webinar (template)"


def press_save(
    program: Program, typed: str | None, *, account: str = CAMILLE, **options: Any
) -> Any:
    """Press SAVE THE ID with this in the field; None leaves the field out, as Google may."""
    inputs = {} if typed is None else {"template_id": {"stringInputs": {"value": [typed]}}}
    event = {"commonEventObject": {"formInputs": inputs}}
    answer = program.addon("/addon/template", account=account, event=event, **options)
    assert answer.status_code == 200, answer.text
    parse_response(answer.json())
    return answer.json()["action"]


def notice(action: Any) -> str:
    words: str = action["notification"]["text"]
    return words


def in_field(action: Any) -> str:
    """What the panel's field holds."""
    [navigation] = action["navigations"]
    [card] = navigation.values()
    [field] = [
        widget["textInput"]
        for section in card["sections"]
        for widget in section["widgets"]
        if "textInput" in widget
    ]
    assert field["name"] == "template_id"
    value: str = field.get("value", "")
    return value


def saved(engine: sa.Engine) -> dict[str, str | None]:
    """Google address → id of the template."""
    with engine.connect() as connection:
        rows = connection.execute(sa.select(users.c.email, users.c.template_event_id)).all()
    return {row.email: row.template_event_id for row in rows}


@pytest.fixture
def template_id(program: Program) -> str:
    """The id of Livestorm's template event; Camille is connected."""
    connect(program)
    events = program.livestorm.world.events.values()
    return next(event.id for event in events if event.title == TITLE)


@pytest.mark.parametrize(
    "pasted",
    [
        "{id}",
        "  {id}\n",
        "{upper}",
        "{app}/p/{id}",
        "{app}/p/{id}/live?s={session}",
        "{app}/events/{id}",
        "{app}/dashboard/events/{id}/settings?tab=1#x",
        "https://app.livestorm.co/p/{id}/live?s={session}",
        "ID: {id}.",
    ],
)
def test_an_id_or_any_link_that_holds_one(
    program: Program, engine: sa.Engine, template_id: str, pasted: str
) -> None:
    session = next(iter(program.livestorm.world.sessions))
    typed = pasted.format(
        id=template_id, upper=template_id.upper(), app=program.livestorm.url, session=session
    )
    action = press_save(program, typed)
    assert notice(action) == f"Saved. New events get the settings of “{TITLE}”."
    assert in_field(action) == template_id
    assert saved(engine) == {CAMILLE: template_id}
    assert TITLE in program.addon("/addon/home").text


def test_a_room_link_that_the_product_made(program: Program, engine: sa.Engine) -> None:
    connect(program)
    room = ask_for_room(program, calendar_event(program))
    assert "Saved." in notice(press_save(program, room["entryPoints"][0]["uri"]))
    assert saved(engine) == {CAMILLE: room["conferenceId"]}


def test_sessions_that_came_with_the_template_are_not_taken_for_the_events_own(
    program: Program, template_id: str
) -> None:
    press_save(program, template_id)
    livestorm = program.livestorm
    livestorm.switches.copy_sessions = True
    world = livestorm.world
    template, workspace = world.events[template_id], world.workspace_of(template_id)
    assert workspace is not None
    other = int(datetime(2027, 5, 1, 9, tzinfo=UTC).timestamp())
    sessions.create_session(world, workspace, template, starts_at=other)
    room = ask_for_room(program, calendar_event(program))
    starts = [one.estimated_started_at for one in world.sessions.values()]
    assert starts.count(other) == 2, "the template's session was not copied"
    session = world.sessions[room["parameters"][1]["value"]]
    start = datetime(2027, 3, 10, 14, tzinfo=UTC).timestamp()
    assert session.estimated_started_at == start
    assert f"?s={session.id}" in room["entryPoints"][0]["uri"]


UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("not an id", "This is not the ID of a Livestorm event."),
        ("../../etc/passwd", "This is not the ID of a Livestorm event."),
        ("<script>alert(1)</script>", "This is not the ID of a Livestorm event."),
        ("é" * 5000, "This is not the ID of a Livestorm event."),
        ("\0\ud800", "This is not the ID of a Livestorm event."),
        (UNKNOWN, "Livestorm has no event with this ID in your workspace."),
        ("abcdef", "Livestorm has no event with this ID in your workspace."),
    ],
)
def test_a_bad_one_changes_nothing_and_says_why(
    program: Program, engine: sa.Engine, template_id: str, typed: str, words: str
) -> None:
    press_save(program, template_id)
    action = press_save(program, typed)
    assert notice(action) == "The ID was not saved."
    assert words in str(action)
    assert f"new events still get the settings of “{TITLE}”" in str(action)
    assert saved(engine) == {CAMILLE: template_id}
    assert TITLE in program.addon("/addon/home").text


def test_an_event_of_another_workspace(
    program: Program, engine: sa.Engine, template_id: str
) -> None:
    press_save(program, template_id)
    world = program.livestorm.world
    other = world.add_workspace("Other", [("oz@other.test", "Oz", "Other")])
    theirs = world.add_event("Their secret", workspace=other, owner="oz@other.test")
    action = press_save(program, theirs.id)
    assert "Livestorm has no event with this ID in your workspace." in str(action)
    assert "Their secret" not in str(action)
    assert saved(engine) == {CAMILLE: template_id}


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault("status", status=503, path="/v1/events/", times=None), "Livestorm did not answer"),
        (Fault("drop_before", path="/v1/events/", times=None), "Livestorm did not answer"),
        (Fault("html500", path="/v1/events/", times=None), "Livestorm did not answer"),
        (Fault("status", status=403, path="/v1/events/"), "Livestorm does not let you see"),
        (
            Fault("status", status=429, path="/v1/events/", retry_after=90),
            "Livestorm asks us to wait",
        ),
    ],
    ids=lambda value: f"{value.kind} {value.status}" if isinstance(value, Fault) else "",
)
def test_livestorm_refuses_or_is_away(
    program: Program, engine: sa.Engine, template_id: str, fault: Fault, words: str
) -> None:
    press_save(program, template_id)
    program.livestorm.faults.add(fault)
    action = press_save(program, UNKNOWN)
    assert words in str(action)
    assert in_field(action) == UNKNOWN, "what was typed stays, to try again"
    assert saved(engine) == {CAMILLE: template_id}


def test_the_answer_comes_in_time(program: Program, engine: sa.Engine, template_id: str) -> None:
    program.livestorm.faults.add(Fault("slow", path="/v1/events/", seconds=10, times=None))
    action = press_save(program, template_id)
    assert "Livestorm did not answer" in str(action)
    assert saved(engine) == {CAMILLE: None}


# Clearing


@pytest.mark.parametrize("empty", ["", "   ", "\n", None])
def test_an_emptied_field_clears(
    program: Program, engine: sa.Engine, template_id: str, empty: str | None
) -> None:
    press_save(program, template_id)
    action = press_save(program, empty)
    assert notice(action) == "Cleared. New events get Livestorm’s usual settings."
    assert in_field(action) == ""
    assert saved(engine) == {CAMILLE: None}
    # Clearing needs nobody else.
    program.livestorm.clear_log()
    press_save(program, empty)
    assert len(program.livestorm.log) == 0


def test_a_form_that_is_left_out_is_an_emptied_one(
    program: Program, engine: sa.Engine, template_id: str
) -> None:
    press_save(program, template_id)
    answer = program.addon("/addon/template")
    assert notice(answer.json()["action"]) == "Cleared. New events get Livestorm’s usual settings."
    assert saved(engine) == {CAMILLE: None}


@pytest.mark.parametrize("event", [{}, {"commonEventObject": None}])
def test_nothing_that_could_have_a_form_clears_nothing(
    program: Program, engine: sa.Engine, template_id: str, event: dict[str, Any]
) -> None:
    press_save(program, template_id)
    token = program.google.identity_token(CAMILLE, SCRIPT_CLIENT_ID)
    answer = program.post(
        "/addon/template", json=event, headers={"Authorization": f"Bearer {token}"}
    )
    assert "because of an error on our side" in answer.text
    assert saved(engine) == {CAMILLE: template_id}


@pytest.mark.parametrize("form", [[], "", 5, {"template_id": {}, "x" * 2000: {}}])
def test_a_form_that_is_none_is_refused(
    program: Program, engine: sa.Engine, template_id: str, form: object
) -> None:
    press_save(program, template_id)
    answer = program.addon("/addon/template", event={"commonEventObject": {"formInputs": form}})
    assert answer.status_code == 422
    assert saved(engine) == {CAMILLE: template_id}


@pytest.mark.parametrize(
    "common",
    [
        {"formInputs": None},
        {"formInputs": {"template_id": None}},
        {"formInputs": {"template_id": {"dateInput": {}}}},
        {"formInputs": {"template_id": {"stringInputs": {"value": [5]}}}},
    ],
)
def test_a_damaged_form_clears_nothing(
    program: Program, engine: sa.Engine, template_id: str, common: dict[str, Any]
) -> None:
    press_save(program, template_id)
    answer = program.addon("/addon/template", event={"commonEventObject": common})
    assert answer.status_code == 200
    parse_response(answer.json())
    assert "because of an error on our side" in answer.text
    assert in_field(answer.json()["action"]) == template_id
    assert saved(engine) == {CAMILLE: template_id}


# Keeping


def test_it_survives_a_restart_and_signing_out(
    program: Program, engine: sa.Engine, template_id: str, settings_environment: dict[str, str]
) -> None:
    press_save(program, template_id)
    token = program.google.identity_token(CAMILLE, SCRIPT_CLIENT_ID)
    again = create_app(settings.read(settings_environment))
    home = again.test_client().post(
        "/addon/home", json={}, headers={"Authorization": f"Bearer {token}"}
    )
    again.extensions["product"].engine.dispose()
    assert TITLE in home.text
    program.addon("/addon/sign-out")
    assert saved(engine) == {CAMILLE: template_id}
    connect(program)
    assert TITLE in program.addon("/addon/home").text


def test_it_is_one_persons(program: Program, engine: sa.Engine, template_id: str) -> None:
    press_save(program, template_id)
    connect(program, account=SAM)
    assert TITLE not in program.addon("/addon/home", account=SAM).text
    press_save(program, "", account=SAM)
    assert saved(engine) == {CAMILLE: template_id, SAM: None}


# What it does


def created_with(program: Program) -> dict[str, Any]:
    """The attributes that the latest event was asked for with."""
    call = program.livestorm.log.matching("POST", "^/v1/events$")[-1]
    attributes: dict[str, Any] = call.body["data"]["attributes"]
    return attributes


def test_the_next_events_copy_it_until_it_is_cleared(program: Program, template_id: str) -> None:
    press_save(program, template_id)
    room = ask_for_room(program, calendar_event(program))
    asked = created_with(program)
    assert asked["copy_from_event_id"] == template_id
    assert "everyone_can_speak" not in asked
    world = program.livestorm.world
    made, template = world.events[room["conferenceId"]], world.events[template_id]
    assert made.settings == template.settings
    assert made.settings.everyone_can_speak is False
    assert made.title == "Launch webinar", "but title and time are Calendar's"

    press_save(program, "")
    room = ask_for_room(program, calendar_event(program))
    asked = created_with(program)
    assert "copy_from_event_id" not in asked
    assert asked["everyone_can_speak"] is True
    assert world.events[room["conferenceId"]].settings.everyone_can_speak is True


# Without a connection


def test_who_is_not_connected_is_asked_to(program: Program, engine: sa.Engine) -> None:
    action = press_save(program, UNKNOWN)
    assert "/livestorm/connect?ticket=" in str(action)
    assert saved(engine) == {CAMILLE: None}


def test_who_lost_the_connection_is_asked_to_connect_again(
    program: Program, engine: sa.Engine, template_id: str
) -> None:
    press_save(program, template_id)
    _, member = program.livestorm.world.member(CAMILLE)
    program.livestorm.world.grants.revoke_user(member.user_id)
    action = press_save(program, UNKNOWN)
    assert "/livestorm/connect?ticket=" in str(action)
    assert saved(engine) == {CAMILLE: template_id}
    assert "/livestorm/connect?ticket=" in program.addon("/addon/home").text
    connect(program)
    assert TITLE in program.addon("/addon/home").text


def test_an_access_token_that_ended_early_is_renewed(program: Program, template_id: str) -> None:
    program.livestorm.faults.add(
        Fault("status", status=401, method="GET", path="/v1/events/", times=1)
    )
    assert "Saved." in notice(press_save(program, template_id))


def test_in_french(program: Program, template_id: str) -> None:
    action = press_save(program, template_id, locale="fr-FR")
    assert notice(action).startswith("Enregistré.")
    assert "ENREGISTRER L’ID" in str(action).upper()


@pytest.mark.parametrize("envelope", ["wrapped"])
def test_the_envelope_of_clicks_is_a_setting(
    program: Program, settings_environment: dict[str, str], envelope: str
) -> None:
    app = create_app(settings.read({**settings_environment, "ACTION_ENVELOPE": envelope}))
    token = program.google.identity_token(CAMILLE, SCRIPT_CLIENT_ID)
    headers = {"Authorization": f"Bearer {token}"}
    client = app.test_client()
    click = client.post("/addon/sign-out", json={}, headers=headers).json
    trigger = client.post("/addon/home", json={}, headers=headers).json
    app.extensions["product"].engine.dispose()
    assert click is not None
    assert trigger is not None
    assert set(click) == {"renderActions"}
    assert set(trigger) == {"action"}
