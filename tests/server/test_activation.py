"""Activate with Google, and what it does to events made before."""

import pytest
import sqlalchemy as sa

from addon.google.consent import SCOPES
from addon.store.tables import google_grants
from tests.server.calls import CAMILLE, ask_for_room, calendar_event, connect
from tests.server.two_way import TwoWay, activate, begin, saved_room
from tests.support.program import Program

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def opened(program: Program, event_id: str) -> str:
    """Everything the event's card says."""
    calendar = {"calendarId": CAMILLE, "id": event_id}
    return program.addon("/addon/event", event={"calendar": calendar}).text


def test_events_made_before_are_offered_and_then_kept_in_sync(program: Program) -> None:
    rig = begin(program)
    connect(program)
    event_id = calendar_event(program)
    room = ask_for_room(program, event_id)
    program.google.world.attach_conference(CAMILLE, event_id, room)
    program.google.world.patch_event(CAMILLE, event_id, {"summary": "Renamed before"})
    rig.settle()
    livestorm = program.livestorm.world.events[room["conferenceId"]]
    assert livestorm.title == "Launch webinar"

    page = activate(program)
    assert "1 upcoming event was created before activation" in page.text
    rig.settle()
    assert livestorm.title == "Launch webinar"

    include(program)
    rig.settle()
    assert livestorm.title == "Renamed before"
    assert "In sync since" in opened(program, event_id)


def test_calendar_that_was_not_ticked_activates_nothing(program: Program) -> None:
    connect(program)
    page = activate(program, tick=False)
    assert "was not ticked" in page.text
    event_id = calendar_event(program)
    ask_for_room(program, event_id)
    assert "Not kept in sync" in opened(program, event_id)


def test_calendar_that_was_not_ticked_ends_no_earlier_consent(two_way: TwoWay) -> None:
    program = two_way.program
    event_id, room = saved_room(two_way)
    two_way.settle()
    assert "was not ticked" in activate(program, tick=False).text
    program.google.world.patch_event(CAMILLE, event_id, {"summary": "Still in sync"})
    two_way.settle()
    assert program.livestorm.world.events[str(room["conferenceId"])].title == "Still in sync"
    assert two_way.product.activation.is_active(two_way.link().user_id)


def test_an_answer_that_names_no_scopes_grants_what_was_asked_for(
    program: Program, engine: sa.Engine
) -> None:
    program.google.switches.token_answers_name_scopes = False
    connect(program)
    assert "was not ticked" not in activate(program).text
    with engine.connect() as connection:
        [grant] = connection.execute(sa.select(google_grants)).all()
    assert grant.scopes.split() == sorted(SCOPES)


def test_grant_revoked_at_google_pauses_only_and_resumes(program: Program) -> None:
    rig = begin(program)
    connect(program)
    activate(program)
    event_id = calendar_event(program)
    room = ask_for_room(program, event_id)
    program.google.world.attach_conference(CAMILLE, event_id, room)
    rig.settle()
    program.google.revoke_access(CAMILLE)
    program.google.world.patch_event(CAMILLE, event_id, {"summary": "While away"})
    rig.product.notices.touch(rig.link().id)
    rig.settle()
    livestorm = program.livestorm.world.events[room["conferenceId"]]
    assert livestorm.title == "Launch webinar"
    assert f"{program.url}/google/activate?ticket=" in opened(program, event_id)

    activate(program)
    rig.settle()
    assert livestorm.title == "While away"


def include(program: Program) -> None:
    """Press "Keep them in sync too" on the integration page."""
    page = program.get("/integration").text
    token = page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    answer = program.post("/integration/include", data={"csrf_token": token})
    assert answer.status_code == 200
