"""Guests are registered whatever becomes of bulk registrations, and whatever the form asks."""

from typing import Any

import pytest

from sandbox.livestorm.records import Session
from sandbox.simulation import Fault
from tests.server.calls import CAMILLE
from tests.server.two_way import TwoWay, saved_room

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What is decided here does not depend on the kind; test_two_way_sync.py goes through both."""

GUESTS = [
    {"email": "ada@partner.test", "displayName": "Ada Lovelace"},
    {"email": "bob@partner.test", "displayName": "Bob Kahn"},
    {"email": "eve@partner.test"},
]
EVERYBODY = {"ada@partner.test", "bob@partner.test", "eve@partner.test"}


def session_of(two_way: TwoWay, room: dict[str, Any]) -> Session:
    """The session of a room."""
    return two_way.program.livestorm.world.sessions[str(room["parameters"][1]["value"])]


def registered(two_way: TwoWay, room: dict[str, Any]) -> set[str]:
    """Who is registered, the owner left out."""
    people = session_of(two_way, room).registrations.values()
    return {one.person.email for one in people if one.role == "participant"}


def posts(two_way: TwoWay, ending: str) -> int:
    """How often Livestorm was asked to register."""
    return sum(
        call.method == "POST" and call.path.endswith(ending)
        for call in two_way.program.livestorm.log
    )


def invited(two_way: TwoWay, guests: list[dict[str, str]]) -> dict[str, Any]:
    """Invite people to a synced event and let it settle; return its room."""
    event_id, room = saved_room(two_way)
    two_way.settle()
    two_way.program.google.world.patch_event(CAMILLE, event_id, {"attendees": guests})
    two_way.settle()
    return room


@pytest.mark.parametrize("answer", ["404", "403", "422"])
def test_people_are_registered_singly_where_bulk_is_refused(two_way: TwoWay, answer: str) -> None:
    two_way.program.livestorm.switches.bulk = answer  # type: ignore[assignment]
    room = invited(two_way, [*GUESTS, {"email": "x@localhost"}])
    assert registered(two_way, room) == EVERYBODY
    link = two_way.link()
    assert (link.dirty_at, link.trouble) == (None, None)
    assert posts(two_way, "/bulk") == 1


@pytest.mark.parametrize(
    ("answer", "most"),
    [("422_for_one", 35), ("422", 55), ("404", 51)],
)
def test_one_who_is_refused_among_fifty_costs_few_calls(
    two_way: TwoWay, answer: Any, most: int
) -> None:
    switches = two_way.program.livestorm.switches
    switches.bulk, switches.job_seconds = answer, 0.0
    guests = [{"email": f"guest{number}@partner.test"} for number in range(49)]
    guests.insert(20, {"email": "x@localhost"})
    room = invited(two_way, guests)
    assert registered(two_way, room) == {one["email"] for one in guests} - {"x@localhost"}
    link = two_way.link()
    assert (link.dirty_at, link.trouble) == (None, None)
    assert link.unsynced["guests"] == [["x@localhost", "refused"]]
    singly = posts(two_way, "/people")
    followed = sum("/jobs/" in call.path for call in two_way.program.livestorm.log)
    assert posts(two_way, "/bulk") + singly + followed <= most


def test_half_that_is_not_answered_leaves_the_other_registered(two_way: TwoWay) -> None:
    switches = two_way.program.livestorm.switches
    switches.bulk, switches.job_seconds = "422_for_one", 0.0
    guests = [{"email": f"guest{number}@partner.test"} for number in range(9)]
    guests.append({"email": "x@localhost"})
    event_id, room = saved_room(two_way)
    two_way.settle()
    two_way.program.livestorm.faults.add(
        Fault("status", path="/people$", method="POST", status=503, times=None)
    )
    two_way.program.google.world.patch_event(CAMILLE, event_id, {"attendees": guests})
    two_way.settle()
    assert registered(two_way, room) == {one["email"] for one in guests[:5]}
    link = two_way.link()
    assert link.trouble["kind"] == "livestorm_down"
    standings = link.base["occurrences"][""]["guests"]
    assert standings.keys() >= {one["email"] for one in guests[:5]}


@pytest.mark.parametrize("answer", ["404", "500"])
def test_job_that_cannot_be_followed_is_not_posted_again(two_way: TwoWay, answer: str) -> None:
    two_way.program.livestorm.switches.job_status = answer  # type: ignore[assignment]
    room = invited(two_way, GUESTS)
    assert registered(two_way, room) == EVERYBODY
    link = two_way.link()
    assert (link.dirty_at, link.trouble) == (None, None)
    assert posts(two_way, "/bulk") == 1


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("fields", ["listed", "left_out"])
def test_form_without_names_registers_named_guests(
    two_way: TwoWay, fields: str, number: int
) -> None:
    switches = two_way.program.livestorm.switches
    switches.event_fields = fields  # type: ignore[assignment]
    event_id, room = saved_room(two_way)
    two_way.settle()
    world = two_way.program.livestorm.world
    event = world.events[str(room["conferenceId"])]
    event.fields = [one for one in event.fields if one.id == "email"]
    guests = GUESTS[:number]
    two_way.program.google.world.patch_event(CAMILLE, event_id, {"attendees": guests})
    two_way.settle()
    assert registered(two_way, room) == {one["email"] for one in guests}
    assert (two_way.link().trouble, two_way.link().unsynced["guests"]) == (None, [])


def test_names_are_sent_where_the_form_asks_for_them(two_way: TwoWay) -> None:
    room = invited(two_way, GUESTS[:1])
    people = session_of(two_way, room).registrations.values()
    [ada] = [one.person for one in people if one.person.email == "ada@partner.test"]
    assert (ada.first_name, ada.last_name) == ("Ada", "Lovelace")


def test_only_those_whom_livestorm_refuses_are_left_out(two_way: TwoWay) -> None:
    room = invited(two_way, [*GUESTS, {"email": "x@localhost"}])
    assert registered(two_way, room) == EVERYBODY
    assert two_way.link().trouble is None
