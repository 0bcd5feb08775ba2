"""The card of an opened event, over real HTTP."""

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from time_machine import TimeMachineFixture as TimeMachine

from addon.store import links as links_store
from addon.store.tables import links
from sandbox.google import TEAM_CALENDAR
from sandbox.livestorm.changes import events
from sandbox.simulation import Fault
from tests.cards.google_messages import buttons_of, parse_response, texts_of
from tests.server.calls import CAMILLE, SAM, ask_for_room, calendar_event, connect
from tests.server.two_way import TwoWay, saved_room
from tests.support.program import Program, browser_like_session

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

TEAM = "team@group.calendar.google.com"


def card_of(
    program: Program,
    event_id: str,
    *,
    account: str = CAMILLE,
    locale: str = "en",
    **calendar: Any,
) -> dict[str, Any]:
    """Open an event in Calendar; return its card."""
    event = {"calendar": {"calendarId": account, "id": event_id, **calendar}}
    answer = program.addon("/addon/event", account=account, event=event, locale=locale)
    assert answer.status_code == 200
    parse_response(answer.json())
    card: dict[str, Any] = answer.json()["action"]["navigations"][0]["pushCard"]
    return card


def words(card: dict[str, Any]) -> str:
    """Everything that a card says, one text below the other."""
    return "\n".join(texts_of(card))


def labels(card: dict[str, Any]) -> list[str]:
    """What is written on its buttons."""
    return [button["text"] for button in buttons_of(card)]


def opened(program: Program, event_id: str) -> str:
    """Open an event in Calendar; return everything its card says."""
    return words(card_of(program, event_id))


# Without a room


def test_event_without_a_room_says_how_to_get_one(program: Program) -> None:
    connect(program)
    card = card_of(program, calendar_event(program), locale="de")
    assert card["header"]["title"] == "Launch webinar"
    assert card["header"]["subtitle"] == "Mi., 10. März 2027, 15:00 – 16:00"
    assert "„Videokonferenz hinzufügen“" in words(card)


def test_event_that_cannot_be_read_says_so_as_well(program: Program) -> None:
    connect(program)
    program.google.faults.add(Fault("status", status=503, path=r"^/calendar/v3/", times=None))
    card = card_of(program, calendar_event(program))
    assert card["header"]["title"] == "Livestorm"
    assert "Add video conferencing" in words(card)


def test_event_with_another_conference_says_that_it_has_to_go(program: Program) -> None:
    connect(program)
    event_id = calendar_event(program)
    program.google.world.switch_to_meet(CAMILLE, event_id)
    assert "This event uses Google Meet." in opened(program, event_id)


def test_who_is_not_connected_or_not_activated_is_told_before(program: Program) -> None:
    event_id = calendar_event(program)
    card = card_of(program, event_id)
    assert labels(card) == ["Sign in to Livestorm", "Integration page"]
    assert f"{program.url}/livestorm/connect?ticket=" in str(card)
    connect(program)
    card = card_of(program, event_id)
    assert labels(card) == ["Activate with Google", "Integration page"]
    assert f"{program.url}/google/activate?ticket=" in str(card)


def test_template_that_is_gone_is_told_where_a_room_was_refused(program: Program) -> None:
    program.livestorm.switches.limits_enabled = False
    connect(program)
    template = program.livestorm.world.add_event("Product webinar").id
    save_template(program, template)
    world = program.livestorm.world
    workspace = world.workspace_of(template)
    assert workspace is not None
    events.delete_event(world, workspace, world.events[template])
    event_id = calendar_event(program)

    assert ask_for_room(program, event_id)["error"] == {"type": "PERMANENT"}

    card = card_of(program, event_id)
    assert "This Livestorm event is gone" in words(card)
    assert "Product webinar" in words(card)
    panel = program.addon("/addon/home").text
    assert "This Livestorm event is gone" in panel
    save_template(program, "")
    assert "This Livestorm event is gone" not in opened(program, event_id)
    assert "error" not in ask_for_room(program, event_id)


# With a room


def test_event_with_a_room_shows_link_and_how_to_activate(program: Program) -> None:
    connect(program)
    event_id = calendar_event(program)
    room = ask_for_room(program, event_id)
    card = card_of(program, event_id)
    assert room["entryPoints"][0]["uri"] in str(card)
    assert "Not kept in sync" in words(card)
    assert f"{program.url}/google/activate?ticket=" in str(card)


def test_stand_ins_are_replaced_when_the_saved_event_is_opened(program: Program) -> None:
    connect(program)
    event_id = program.google.world.reserve_event_id(CAMILLE)
    room = ask_for_room(program, event_id)
    opened(program, event_id)
    livestorm = program.livestorm.world.events[room["conferenceId"]]
    assert livestorm.title == "Untitled event"

    calendar_event(program, id=event_id, summary="Now it has a name")
    assert card_of(program, event_id)["header"]["title"] == "Now it has a name"

    assert livestorm.title == "Now it has a name"
    session = program.livestorm.world.sessions[room["parameters"][1]["value"]]
    assert session.estimated_started_at == datetime(2027, 3, 10, 14, tzinfo=UTC).timestamp()
    program.livestorm.clear_log()
    opened(program, event_id)
    assert len(program.livestorm.log) == 0


def test_event_in_sync_says_since_when_who_is_registered_and_who_is_not(two_way: TwoWay) -> None:
    program = two_way.program
    guests = [{"email": f"guest{n}@partner.test"} for n in range(3)]
    guests += [
        {"email": "sales@partner.test"},
        {"email": "no@x.test", "responseStatus": "declined"},
    ]
    event_id, room = saved_room(two_way, attendees=guests)
    two_way.settle()
    program.livestorm.settle()
    two_way.settle()

    card = card_of(program, event_id)

    assert card["header"]["subtitle"] == "Wed, Mar 10, 2027, 3:00\u202fPM – 4:00\u202fPM"
    said = words(card)
    assert "In sync since" in said
    assert "4 guests registered" in said
    assert "1 guest looks like a group" in said
    assert "sales@partner.test" in said
    assert "no@x.test" in said
    assert labels(card) == [
        "Join Livestorm",
        "Sync now",
        "Open in Livestorm",
        "History",
        "Integration page",
    ]
    assert f"{program.livestorm.url}/dashboard/events/{room['conferenceId']}" in str(card)
    # The link signs in: the history opens in a browser that knows nobody, and once only.
    history = buttons_of(card)[3]["onClick"]["openLink"]["url"]
    anybody = browser_like_session()
    assert "Launch webinar" in anybody.get(history, timeout=10).text
    assert "Launch webinar" not in browser_like_session().get(history, timeout=10).text


def test_registration_under_way_shows_how_far_it_is(two_way: TwoWay) -> None:
    event_id, _ = saved_room(two_way)
    two_way.settle()
    with two_way.product.engine.begin() as connection:
        connection.execute(sa.update(links).values(registering={"done": 80, "of": 200}))
    card = card_of(two_way.program, event_id, locale="es")
    assert "Inscripción de invitados: 80 de 200" in words(card)


def test_all_day_event_shows_its_days(two_way: TwoWay) -> None:
    days = {"start": {"date": "2027-03-10"}, "end": {"date": "2027-03-12"}}
    event_id, _ = saved_room(two_way, **days)
    two_way.settle()
    card = card_of(two_way.program, event_id)
    assert card["header"]["subtitle"] == "Wed, Mar 10, 2027 – Thu, Mar 11, 2027"
    assert "This event lasts all day." in words(card)


def test_occurrence_of_a_series_has_the_room_and_its_own_date(two_way: TwoWay) -> None:
    series_id, room = saved_room(two_way, recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])
    two_way.settle()
    second = f"{series_id}_20270317T140000Z"
    card = card_of(two_way.program, second, recurringEventId=series_id)
    assert room["entryPoints"][0]["uri"] in str(card)
    assert card["header"]["subtitle"] == "Wed, Mar 17, 2027, 3:00\u202fPM – 4:00\u202fPM"


def test_trouble_is_told_with_livestorms_pause(two_way: TwoWay) -> None:
    event_id, _ = saved_room(two_way)
    two_way.settle()
    two_way.program.google.world.patch_event(CAMILLE, event_id, {"summary": "Renamed"})
    slower = Fault("status", status=429, path=r"^/v1/", retry_after=600, times=None)
    two_way.program.livestorm.faults.add(slower)
    two_way.settle()
    said = words(card_of(two_way.program, event_id))
    assert "Livestorm asks us to wait" in said
    assert "we try again on" in said


def test_sync_now_that_fails_says_why_on_the_card_and_below(two_way: TwoWay) -> None:
    event_id, _ = saved_room(two_way)
    two_way.settle()
    program, link = two_way.program, two_way.link()
    program.livestorm.faults.add(Fault("status", status=503, path=r"^/v1/", times=None))

    def work() -> None:
        while not links_store.is_outstanding(two_way.product.engine, link.id):
            time.sleep(0.02)
        two_way.settle()

    worker = threading.Thread(target=work)
    worker.start()
    event = {"calendar": {"calendarId": CAMILLE, "id": event_id}}
    answer = program.addon("/addon/sync", event=event, locale="fr").json()
    worker.join()

    parse_response(answer)
    action = answer["action"]
    assert action["notification"]["text"] == "Cet événement n’a pas pu être synchronisé."
    card = action["navigations"][0]["updateCard"]
    assert "Livestorm est injoignable pour le moment." in words(card)
    assert "Synchroniser maintenant" in labels(card)


def test_what_livestorm_refuses_is_told_in_its_own_words(two_way: TwoWay) -> None:
    event_id, _ = saved_room(two_way)
    two_way.settle()
    two_way.program.google.world.patch_event(CAMILLE, event_id, {"summary": "Renamed"})
    body = '{"errors": [{"title": "Invalid", "detail": "title is too long"}]}'
    refused = Fault("status", status=422, path=r"^/v1/events/", method="PATCH", body=body)
    two_way.program.livestorm.faults.add(refused)
    two_way.settle()
    card = card_of(two_way.program, event_id)
    assert "Livestorm refused a change" in words(card)
    assert "title is too long" in words(card)
    assert "Sync now" in labels(card)
    # Pressed after the cause is gone: it works at once, and the card says so.
    two_way.product.notices.touch(two_way.link().id, at_once=True)
    two_way.settle()
    assert "In sync since" in opened(two_way.program, event_id)


def test_livestorm_event_that_was_deleted_is_said_to_be(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    event_id, room = saved_room(two_way)
    two_way.settle()
    world = two_way.program.livestorm.world
    workspace = world.workspace_of(room["conferenceId"])
    assert workspace is not None
    events.delete_event(world, workspace, world.events[room["conferenceId"]])
    # An event that has begun is not deleted in Calendar: what took place stays.
    time_machine.move_to(datetime(2027, 3, 10, 15, tzinfo=UTC))
    for _ in range(2):
        two_way.product.notices.touch(two_way.link().id)
        two_way.settle()
        time_machine.move_to(datetime.now(UTC) + timedelta(seconds=61))
    assert two_way.link().state == "unlinked"
    card = card_of(two_way.program, event_id)
    assert "The Livestorm event was deleted" in words(card)
    # There is no room to join.
    assert labels(card) == ["Integration page"]


def test_room_that_was_taken_off_and_put_back_is_said_to_be_apart(two_way: TwoWay) -> None:
    event_id, room = saved_room(two_way)
    two_way.settle()
    google = two_way.program.google.world
    google.remove_conference(CAMILLE, event_id)
    two_way.settle()
    google.attach_conference(CAMILLE, event_id, room)
    card = card_of(two_way.program, event_id)
    assert "No longer kept in sync" in words(card)
    assert labels(card) == ["Join Livestorm", "Integration page"]


def test_event_that_was_moved_out_of_sight_is_said_to_be_apart_and_no_copy(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    event_id, _ = saved_room(two_way)
    two_way.settle()
    two_way.program.google.world.move_event(CAMILLE, event_id, TEAM_CALENDAR)
    two_way.settle()
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=61))
    two_way.settle()
    assert two_way.link().state == "unlinked"
    organizer = {"email": TEAM_CALENDAR}
    card = card_of(two_way.program, event_id, calendarId=TEAM_CALENDAR, organizer=organizer)
    assert "No longer kept in sync" in words(card)
    assert labels(card) == ["Join Livestorm", "Integration page"]


def test_copy_of_an_event_is_said_to_have_anothers_room(two_way: TwoWay) -> None:
    event_id, room = saved_room(two_way)
    two_way.settle()
    copy = two_way.program.google.world.duplicate_event(CAMILLE, event_id)
    card = card_of(two_way.program, copy["id"])
    assert "This room belongs to another event" in words(card)
    assert room["entryPoints"][0]["uri"] in str(card)


# Of somebody else


def test_guest_is_told_who_can_change_the_room_and_can_join(program: Program) -> None:
    connect(program)
    event_id = calendar_event(program, attendees=[{"email": SAM}])
    room = ask_for_room(program, event_id)
    program.google.world.attach_conference(CAMILLE, event_id, room)
    # Sam has never signed in to Livestorm, and need not.
    card = card_of(program, event_id, account=SAM, organizer={"email": CAMILLE})
    assert f"{CAMILLE} organizes this event" in words(card)
    assert labels(card) == ["Join Livestorm"]
    assert card["header"]["title"] == "Launch webinar"


def test_event_of_a_team_calendar_is_ones_own(program: Program) -> None:
    connect(program)
    card = card_of(program, "abc", calendarId=TEAM, organizer={"email": TEAM})
    assert "Add video conferencing" in words(card)


def save_template(program: Program, typed: str) -> None:
    """Type into the panel's field and press SAVE THE ID."""
    form = {"template_id": {"stringInputs": {"value": [typed] if typed else []}}}
    program.addon("/addon/template", event={"commonEventObject": {"formInputs": form}})
