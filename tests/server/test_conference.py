"""Pick Livestorm, get a room: over real HTTP, on both databases, against both simulators."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from time_machine import TimeMachineFixture as TimeMachine

from addon.store.tables import intents, links, livestorm_connections
from cards import TEMPLATE_INPUT
from sandbox.livestorm.changes import sessions
from sandbox.livestorm.seed import TEMPLATE_TITLE
from sandbox.simulation import Fault
from tests.cards.google_messages import parse_response
from tests.server.calls import (
    CAMILLE,
    SAM,
    ask_for_room,
    authentication_url,
    calendar_event,
    connect,
    sign_in_to_livestorm,
)
from tests.server.two_way import activate, begin
from tests.support.program import Program

EVENTS = "/v1/events"


def created(program: Program) -> list[object]:
    """Every request that asked Livestorm for an event, as bodies."""
    return [c.body for c in program.livestorm.log if (c.method, c.path) == ("POST", EVENTS)]


def marked(program: Program) -> list[str]:
    """The Livestorm events that came from Calendar, by slug."""
    return [e.slug for e in program.livestorm.world.events.values() if "-gcal-" in e.slug]


def test_first_time_asks_to_sign_in_once_and_then_gives_a_room(program: Program) -> None:
    event_id = calendar_event(program)
    url = authentication_url(ask_for_room(program, event_id))
    page = sign_in_to_livestorm(program, url)
    assert "Livestorm is connected" in page.text
    assert "Acme" in page.text

    conference = ask_for_room(program, event_id)

    [slug] = marked(program)
    event = next(e for e in program.livestorm.world.events.values() if e.slug == slug)
    [session] = [s for s in program.livestorm.world.sessions.values() if s.event_id == event.id]
    assert conference == {
        "conferenceId": event.id,
        "conferenceSolutionId": "livestorm",
        "entryPoints": [{"type": "VIDEO", "uri": program.livestorm.world.room_link(session)}],
        "parameters": [
            {"key": "livestorm_event_id", "value": event.id},
            {"key": "livestorm_session_id", "value": session.id},
        ],
    }
    room = program.http.get(conference["entryPoints"][0]["uri"])
    assert room.status_code == 200
    assert "Launch webinar" in room.text


def test_event_and_session_carry_what_calendar_says(program: Program) -> None:
    connect(program)
    program.livestorm.clear_log()
    event_id = calendar_event(
        program,
        description="<b>Agenda</b><script>alert(1)</script>"
        '<img src="x"> <a href="javascript:x()">no</a>',
    )
    ask_for_room(program, event_id)
    [body] = created(program)
    attributes = body["data"]["attributes"]  # type: ignore[index]
    assert attributes["title"] == "Launch webinar"
    assert attributes["description"] == "<b>Agenda</b> no"
    assert attributes["everyone_can_speak"] is True
    assert attributes["status"] == "published"
    assert attributes["owner_id"] == program.livestorm.world.member(CAMILLE)[1].person.id
    session = program.livestorm.world.sessions[
        ask_for_room(program, event_id)["parameters"][1]["value"]
    ]
    expected = datetime(2027, 3, 10, 14, 0, tzinfo=UTC).timestamp()
    assert (session.estimated_started_at, session.timezone) == (expected, "Europe/Paris")


@pytest.mark.parametrize(
    ("start", "instant"),
    [
        # All day: nine in the morning in the calendar's zone, before and after the clocks change.
        ({"date": "2027-03-27"}, datetime(2027, 3, 27, 8, tzinfo=UTC)),
        ({"date": "2027-03-28"}, datetime(2027, 3, 28, 7, tzinfo=UTC)),
        # The hour that exists twice: the offset says which of the two.
        (
            {"dateTime": "2027-10-31T02:30:00+02:00", "timeZone": "Europe/Paris"},
            datetime(2027, 10, 31, 0, 30, tzinfo=UTC),
        ),
        (
            {"dateTime": "2027-10-31T02:30:00+01:00", "timeZone": "Europe/Paris"},
            datetime(2027, 10, 31, 1, 30, tzinfo=UTC),
        ),
        (
            {"dateTime": "2027-06-01T09:00:00-04:00", "timeZone": "America/New_York"},
            datetime(2027, 6, 1, 13, tzinfo=UTC),
        ),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_session_starts_at_the_instant_of_the_event(
    program: Program, start: dict[str, str], instant: datetime
) -> None:
    connect(program)
    end = {"date": "2027-03-29"} if "date" in start else {"dateTime": "2027-12-01T00:00:00Z"}
    room = ask_for_room(program, calendar_event(program, start=start, end=end))
    session = program.livestorm.world.sessions[room["parameters"][1]["value"]]
    assert session.estimated_started_at == instant.timestamp()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_past_event_gets_a_session_as_soon_as_livestorm_accepts(program: Program) -> None:
    connect(program)
    event_id = calendar_event(
        program,
        start={"dateTime": "2024-03-10T15:00:00+01:00"},
        end={"dateTime": "2024-03-10T16:00:00+01:00"},
    )
    room = ask_for_room(program, event_id)
    session = program.livestorm.world.sessions[room["parameters"][1]["value"]]
    now = datetime.now(UTC).timestamp()
    assert now < session.estimated_started_at <= now + 120


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_unsaved_event_gets_a_room_with_stand_ins(program: Program) -> None:
    connect(program)
    event_id = program.google.world.reserve_event_id(CAMILLE)
    room = ask_for_room(program, event_id)
    event = program.livestorm.world.events[room["conferenceId"]]
    assert event.title == "Untitled event"
    session = program.livestorm.world.sessions[room["parameters"][1]["value"]]
    starts = datetime.fromtimestamp(session.estimated_started_at, UTC)
    assert (starts.minute, starts.second) == (0, 0)
    assert timedelta(0) < starts - datetime.now(UTC) <= timedelta(minutes=65)
    # It may be saved as a series, and its link cannot be changed any more.
    uri = room["entryPoints"][0]["uri"]
    assert uri == f"{program.livestorm.url}/p/{room['conferenceId']}/live"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_series_carries_one_link_for_all_its_occurrences(program: Program) -> None:
    connect(program)
    room = ask_for_room(program, calendar_event(program, recurrence=["RRULE:FREQ=WEEKLY"]))
    uri = room["entryPoints"][0]["uri"]
    assert uri == f"{program.livestorm.url}/p/{room['conferenceId']}/live"
    assert program.http.get(uri).status_code == 200


def test_one_request_to_each_side_when_everything_is_known(program: Program) -> None:
    connect(program)
    event_id = calendar_event(program)
    program.livestorm.clear_log()
    program.google.clear_log()
    ask_for_room(program, event_id)
    assert [(c.method, c.path) for c in program.livestorm.log] == [("POST", EVENTS)]
    assert [c.method for c in program.google.log if "/events/" in c.path] == ["GET"]


# Never two


def test_ten_calls_at_once_make_one_event(program: Program) -> None:
    connect(program)
    event_id = calendar_event(program)
    program.livestorm.latency = 0.2
    with ThreadPoolExecutor(10) as people:
        rooms = list(people.map(lambda _: ask_for_room(program, event_id), range(10)))
    assert len(marked(program)) == 1
    assert all(room == rooms[0] and "error" not in room for room in rooms)


@pytest.mark.parametrize("kind", ["drop_after", "truncated"])
def test_lost_answer_is_found_again_within_the_same_call(program: Program, kind: str) -> None:
    connect(program)
    program.livestorm.faults.add(Fault(kind, method="POST", path=f"{EVENTS}$"))  # type: ignore[arg-type]
    room = ask_for_room(program, calendar_event(program))
    [slug] = marked(program)
    assert program.livestorm.world.events[room["conferenceId"]].slug == slug


def test_lost_answer_and_lost_listing_are_healed_by_the_next_call(program: Program) -> None:
    connect(program)
    event_id = calendar_event(program)
    program.livestorm.faults.add(Fault("drop_after", method="POST", path=f"{EVENTS}$"))
    program.livestorm.faults.add(Fault("status", method="GET", path=f"{EVENTS}$", times=3))
    assert ask_for_room(program, event_id) == {"error": {"type": "TEMPORARY"}}
    room = ask_for_room(program, event_id)
    assert len(marked(program)) == 1
    assert room["conferenceId"] in program.livestorm.world.events


def test_nothing_was_made_and_a_second_call_makes_it(program: Program) -> None:
    connect(program)
    event_id = calendar_event(program)
    program.livestorm.faults.add(Fault("status", status=503, method="POST", path=f"{EVENTS}$"))
    assert ask_for_room(program, event_id) == {"error": {"type": "TEMPORARY"}}
    assert "error" not in ask_for_room(program, event_id)
    assert len(marked(program)) == 1


def test_orphan_of_a_crash_is_adopted(program: Program, engine: sa.Engine) -> None:
    """A crash between Livestorm's answer and our commit: the intent stays, its lease runs out."""
    connect(program)
    event_id = calendar_event(program)
    room = ask_for_room(program, event_id)
    long_ago = datetime.now(UTC) - timedelta(minutes=2)
    with engine.begin() as connection:
        connection.execute(sa.delete(links))
        connection.execute(
            sa.update(intents).values(
                state="open", link_id=None, lease="0" * 32, lease_until=long_ago, sent_at=long_ago
            )
        )
    assert ask_for_room(program, event_id) == room
    assert len(marked(program)) == 1


def test_orphan_is_adopted_without_anybody_asking(
    program: Program, engine: sa.Engine, time_machine: TimeMachine
) -> None:
    connect(program)
    event_id = calendar_event(program)
    program.livestorm.faults.add(Fault("drop_after", method="POST", path=f"{EVENTS}$"))
    program.livestorm.faults.add(Fault("status", method="GET", path=f"{EVENTS}$", times=3))
    assert ask_for_room(program, event_id) == {"error": {"type": "TEMPORARY"}}

    assert program.product is not None
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=8))
    assert program.product.adopting.adopt_abandoned(most=10) == 1

    program.livestorm.clear_log()
    assert "error" not in ask_for_room(program, event_id)
    assert len(program.livestorm.log) == 0
    with engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(links)).scalar() == 1


@pytest.mark.parametrize("activated", [True, False])
@pytest.mark.parametrize("recurrence", [None, ["RRULE:FREQ=WEEKLY;COUNT=3"]])
def test_adopted_orphan_has_the_session_that_was_made_for_the_event(
    program: Program,
    time_machine: TimeMachine,
    activated: bool,
    recurrence: list[str] | None,
) -> None:
    """A template brings sessions of its own, which come first."""
    begin(program)
    connect(program)
    if activated:
        activate(program)
    world = program.livestorm.world
    world.switches.copy_sessions = True
    template = next(one for one in world.events.values() if one.title == TEMPLATE_TITLE)
    sessions.create_session(
        world,
        world.workspace,
        template,
        starts_at=int(datetime(2027, 3, 1, 9, tzinfo=UTC).timestamp()),
    )
    form = {TEMPLATE_INPUT: {"stringInputs": {"value": [template.id]}}}
    saved = program.addon("/addon/template", event={"commonEventObject": {"formInputs": form}})
    assert saved.status_code == 200
    repeats: dict[str, Any] = {} if recurrence is None else {"recurrence": recurrence}
    event_id = calendar_event(program, **repeats)
    program.livestorm.faults.add(Fault("drop_after", method="POST", path=f"{EVENTS}$"))
    program.livestorm.faults.add(Fault("status", method="GET", path=f"{EVENTS}$", times=3))
    assert ask_for_room(program, event_id) == {"error": {"type": "TEMPORARY"}}
    assert program.product is not None
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=8))
    assert program.product.adopting.adopt_abandoned(most=10) == 1
    room = ask_for_room(program, event_id)
    program.google.world.attach_conference(CAMILLE, event_id, room)
    program.addon("/addon/event", event={"calendar": {"calendarId": CAMILLE, "id": event_id}})
    with program.product.engine.connect() as connection:
        session_id = connection.execute(sa.select(links.c.livestorm_session_id)).scalar_one()
    start = datetime(2027, 3, 10, 14, tzinfo=UTC)
    assert world.sessions[session_id].estimated_started_at == start.timestamp()
    event = world.events[str(room["conferenceId"])]
    starts = [world.sessions[one].estimated_started_at for one in event.session_ids]
    assert sorted(starts) == [datetime(2027, 3, 1, 9, tzinfo=UTC).timestamp(), start.timestamp()]


def test_event_that_livestorm_finishes_late_is_not_doubled(
    program: Program, engine: sa.Engine, time_machine: TimeMachine
) -> None:
    """A gateway gives up at once; the worker looks before Livestorm is done, the person after."""
    connect(program)
    event_id = calendar_event(program)
    program.livestorm.faults.add(Fault("drop_after", method="POST", path=f"{EVENTS}$"))
    program.livestorm.faults.add(Fault("status", method="GET", path=f"{EVENTS}$", times=3))
    assert ask_for_room(program, event_id) == {"error": {"type": "TEMPORARY"}}
    # Not done yet: it is in no list.
    workspace = program.livestorm.world.member(CAMILLE)[0]
    [made] = [one for one in workspace.events.values() if "-gcal-" in one.slug]
    del workspace.events[made.id]
    assert program.product is not None
    assert program.product.adopting.adopt_abandoned(most=10) == 0
    workspace.events[made.id] = made
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=8))
    room = ask_for_room(program, event_id)
    assert room["conferenceId"] == made.id
    assert len(marked(program)) == 1


@pytest.mark.parametrize("included", ["asked", "never"])
def test_room_when_answers_come_without_sessions(program: Program, included: str) -> None:
    connect(program)
    program.livestorm.switches.sessions_included = included  # type: ignore[assignment]
    room = ask_for_room(program, calendar_event(program))
    session = program.livestorm.world.sessions[room["parameters"][1]["value"]]
    assert session.event_id == room["conferenceId"]
    assert len(marked(program)) == 1


def test_orphan_is_adopted_when_answers_come_without_sessions(program: Program) -> None:
    connect(program)
    program.livestorm.switches.sessions_included = "never"
    program.livestorm.faults.add(Fault("drop_after", method="POST", path=f"{EVENTS}$"))
    room = ask_for_room(program, calendar_event(program))
    session = program.livestorm.world.sessions[room["parameters"][1]["value"]]
    assert session.event_id == room["conferenceId"]
    assert len(marked(program)) == 1


def test_room_deleted_in_livestorm_is_replaced(program: Program, engine: sa.Engine) -> None:
    connect(program)
    event_id = calendar_event(program)
    first = ask_for_room(program, event_id)
    with engine.begin() as connection:
        connection.execute(
            sa.update(links).values(created_at=datetime.now(UTC) - timedelta(hours=1))
        )
    assert ask_for_room(program, event_id) == first
    delete_in_livestorm(program, first["conferenceId"])
    second = ask_for_room(program, event_id)
    assert second["conferenceId"] != first["conferenceId"]
    assert second["conferenceId"] in program.livestorm.world.events


# Each failure and its error


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (402, "CONFERENCE_SOLUTION_FORBIDDEN"),
        (403, "PERMISSION_DENIED"),
        (422, "PERMANENT"),
        (429, "TEMPORARY"),
        (500, "TEMPORARY"),
        (503, "TEMPORARY"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_refusals_of_livestorm(program: Program, status: int, error: str) -> None:
    connect(program)
    fault = Fault("status", status=status, method="POST", path=f"{EVENTS}$", times=None)
    program.livestorm.faults.add(fault)
    answer = ask_for_room(program, calendar_event(program))
    assert answer == {"error": {"type": error}}
    assert marked(program) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_html_error_page_is_temporary(program: Program) -> None:
    connect(program)
    program.livestorm.faults.add(Fault("html500", method="POST", path=f"{EVENTS}$", times=None))
    answer = ask_for_room(program, calendar_event(program))
    assert answer == {"error": {"type": "TEMPORARY"}}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_silence_ends_within_the_budget_and_leaves_one_event(program: Program) -> None:
    connect(program)
    event_id = calendar_event(program)
    program.livestorm.faults.add(Fault("slow_after", seconds=9, method="POST", path=f"{EVENTS}$"))
    began = datetime.now(UTC)
    answer = ask_for_room(program, event_id)
    assert answer == {"error": {"type": "TEMPORARY"}}
    assert (datetime.now(UTC) - began).total_seconds() < 8.5
    assert "error" not in ask_for_room(program, event_id)
    assert len(marked(program)) == 1


@pytest.mark.parametrize(
    ("status", "reason", "error"),
    [
        (403, "forbidden", "PERMISSION_DENIED"),
        (403, "rateLimitExceeded", "TEMPORARY"),
        (429, "rateLimitExceeded", "TEMPORARY"),
        (500, "backendError", "TEMPORARY"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_refusals_of_calendar(program: Program, status: int, reason: str, error: str) -> None:
    connect(program)
    event_id = calendar_event(program)
    body = json.dumps({"error": {"code": status, "errors": [{"reason": reason}]}})
    program.google.faults.add(
        Fault("status", status=status, path="/events/", times=None, body=body)
    )
    assert ask_for_room(program, event_id) == {"error": {"type": error}}
    assert marked(program) == []
    program.google.faults.clear()
    assert "error" not in ask_for_room(program, event_id)


# Tokens


def test_expired_access_token_is_refreshed_first(program: Program, engine: sa.Engine) -> None:
    connect(program)
    event_id = calendar_event(program)
    expire_tokens(engine)
    program.livestorm.clear_log()
    assert "error" not in ask_for_room(program, event_id)
    assert [c.method for c in program.livestorm.log if c.path == EVENTS] == ["POST"]


def test_refresh_token_is_spent_once_by_many(program: Program, engine: sa.Engine) -> None:
    connect(program)
    event_ids = [calendar_event(program, summary=f"Event {n}") for n in range(4)]
    expire_tokens(engine)
    with ThreadPoolExecutor(4) as people:
        rooms = list(people.map(lambda event_id: ask_for_room(program, event_id), event_ids))
    assert all("error" not in room for room in rooms)
    assert len({room["conferenceId"] for room in rooms}) == 4


def test_revoked_grant_asks_to_sign_in_again(program: Program) -> None:
    connect(program)
    event_id = calendar_event(program)
    _, member = program.livestorm.world.member(CAMILLE)
    program.livestorm.world.grants.revoke_user(member.user_id)
    url = authentication_url(ask_for_room(program, event_id))
    sign_in_to_livestorm(program, url)
    assert "error" not in ask_for_room(program, event_id)
    assert len(marked(program)) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_owner_who_left_is_looked_up_anew(program: Program, engine: sa.Engine) -> None:
    connect(program)
    with engine.begin() as connection:
        connection.execute(
            sa.update(livestorm_connections).values(owner_id="00000000-0000-4000-8000-000000000000")
        )
    assert "error" not in ask_for_room(program, calendar_event(program))


# Between people


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_rooms_of_two_people_stay_apart(program: Program) -> None:
    connect(program)
    mine = calendar_event(program)
    room = ask_for_room(program, mine)
    connect(program, account=SAM)
    theirs = ask_for_room(program, mine, account=SAM, calendar_id=CAMILLE)
    assert theirs.get("conferenceId") != room["conferenceId"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_answers_are_what_google_parses(program: Program) -> None:
    event_id = calendar_event(program)
    event = {"calendar": {"calendarId": CAMILLE, "id": event_id}}
    parse_response(program.addon("/addon/conference", event=event).json())
    connect(program)
    parse_response(program.addon("/addon/conference", event=event).json())


def delete_in_livestorm(program: Program, event_id: str) -> None:
    """Delete an event the way a person does on Livestorm's dashboard."""
    page = program.http.post(f"{program.livestorm.url}/dashboard/events/{event_id}/delete")
    assert page.status_code == 200
    assert event_id not in program.livestorm.world.events


def expire_tokens(engine: sa.Engine) -> None:
    """Let every stored access token be over its time."""
    past = datetime.now(UTC) - timedelta(minutes=1)
    with engine.begin() as connection:
        connection.execute(sa.update(livestorm_connections).values(expires_at=past))
