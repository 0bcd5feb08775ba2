"""The card of an opened event, over real HTTP."""

from datetime import UTC, datetime

import pytest

from tests.cards.google_messages import parse_response
from tests.server.calls import CAMILLE, ask_for_room, calendar_event, connect
from tests.support.program import Program

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def opened(program: Program, event_id: str) -> str:
    """Open an event in Calendar; return everything its card says."""
    event = {"calendar": {"calendarId": CAMILLE, "id": event_id}}
    answer = program.addon("/addon/event", event=event)
    assert answer.status_code == 200
    parse_response(answer.json())
    return answer.text


def test_event_without_a_room_says_how_to_get_one(program: Program) -> None:
    connect(program)
    assert "Add video conferencing" in opened(program, calendar_event(program))


def test_event_with_a_room_shows_link_and_how_to_activate(program: Program) -> None:
    connect(program)
    event_id = calendar_event(program)
    room = ask_for_room(program, event_id)
    card = opened(program, event_id)
    assert room["entryPoints"][0]["uri"] in card
    assert "Not kept in sync" in card
    assert f"{program.url}/google/activate?ticket=" in card


def test_stand_ins_are_replaced_when_the_saved_event_is_opened(program: Program) -> None:
    connect(program)
    event_id = program.google.world.reserve_event_id(CAMILLE)
    room = ask_for_room(program, event_id)
    opened(program, event_id)
    livestorm = program.livestorm.world.events[room["conferenceId"]]
    assert livestorm.title == "Untitled event"

    calendar_event(program, id=event_id, summary="Now it has a name")
    assert "Now it has a name" in opened(program, event_id)

    assert livestorm.title == "Now it has a name"
    session = program.livestorm.world.sessions[room["parameters"][1]["value"]]
    assert session.estimated_started_at == datetime(2027, 3, 10, 14, tzinfo=UTC).timestamp()
    program.livestorm.clear_log()
    opened(program, event_id)
    assert len(program.livestorm.log) == 0


def test_guest_is_told_who_can_change_the_room(program: Program) -> None:
    connect(program)
    calendar = {"calendarId": CAMILLE, "id": "abc", "organizer": {"email": "guest@partner.test"}}
    answer = program.addon("/addon/event", event={"calendar": calendar})
    assert "guest@partner.test organizes this event" in answer.text


def test_event_of_a_team_calendar_is_ones_own(program: Program) -> None:
    connect(program)
    team = "team@group.calendar.google.com"
    calendar = {"calendarId": team, "id": "abc", "organizer": {"email": team}}
    answer = program.addon("/addon/event", event={"calendar": calendar})
    assert "Add video conferencing" in answer.text
