"""What must hold of every plan, whatever both sides say."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from addon.description import words
from addon.google.events import parse
from addon.sync.actions import (
    CreateSession,
    DeleteCalendar,
    DeleteLivestormEvent,
    DeleteSession,
    PatchCalendar,
    Register,
    Unregister,
)
from addon.sync.base import SINGLE, Base
from addon.sync.calendar_side import calendar_side
from addon.sync.plan import plan
from addon.sync.values import title
from tests.addon.sync.calendar_model import EVENT, NOW, OWN, all_day, event
from tests.addon.sync.livestorm_model import person
from tests.addon.sync.test_sides import resources
from tests.addon.sync.world import World, new_world, respelled, wrapped

ADDRESSES = [f"guest{number}@partner.test" for number in range(7)]
guest_sets = st.sets(st.sampled_from(ADDRESSES))
texts = st.sampled_from(["", "one", "<b>one</b> two", "a\nb", "<p>x &amp; y</p>"]) | st.text(
    max_size=9
)
titles = st.sampled_from(["", "Launch", "x" * 300]) | st.text(max_size=9)
recurrences = st.sampled_from([None, ["RRULE:FREQ=WEEKLY"], ["RRULE:FREQ=DAILY;COUNT=4"]])
offsets = st.integers(-72, 240)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Both sides after one comparison, and then anything at all."""
    start = NOW + timedelta(hours=draw(offsets))
    body = event(start) if draw(st.booleans()) else all_day("2026-03-06", "2026-03-08")
    if rules := draw(recurrences):
        body["recurrence"] = rules
    world = new_world(
        body, occurrence_sessions=draw(st.integers(0, 3)), guest_limit=draw(st.integers(2, 9))
    )
    if draw(st.booleans()):
        world.calendar.rewrites, world.livestorm.rewrites = respelled, wrapped
    world.livestorm.ignores_minutes = draw(st.booleans())
    for address in draw(guest_sets):
        world.calendar.invite(address)
    if draw(st.booleans()):
        world.settle()
        world.notes.clear()
        change(draw, world)
    return world


def change(draw: st.DrawFn, world: World) -> None:
    """People on both sides do as they like."""
    calendar, livestorm = world.calendar, world.livestorm
    world.pass_time(minutes=draw(st.integers(0, 300)))
    if draw(st.booleans()):
        calendar.edit(world.now, summary=draw(titles), description=draw(texts))
    if draw(st.booleans()):
        start = world.now.replace(minute=0) + timedelta(hours=draw(offsets))
        calendar.move(start, draw(st.integers(0, 90)), world.now)
    for address in draw(guest_sets):
        calendar.invite(address)
    for address in draw(guest_sets):
        calendar.uninvite(address)
    world.pass_time(seconds=draw(st.integers(0, 90)))
    if draw(st.booleans()):
        livestorm.edit(
            world.now,
            title=title(draw(titles))[:255] or "Untitled",
            description=draw(texts),
            minutes=draw(st.integers(1, 90)),
        )
    for session in list(livestorm.sessions.values()):
        if session.status == "upcoming" and draw(st.booleans()):
            livestorm.move(
                session.id, world.now + timedelta(hours=draw(st.integers(1, 99))), world.now
            )
        for address in draw(guest_sets):
            session.people.setdefault(address, person(address, speaker=draw(st.booleans())))
        for address in draw(guest_sets):
            session.people.pop(address, None)


@given(worlds())
def test_one_round_brings_both_sides_together(world: World) -> None:
    """Carried out without interference, a plan leaves nothing to do.

    But where sessions were moved in Livestorm, other occurrences may be the next ones now.
    """
    made = world.sync()
    left = world.plan().writes
    if any(isinstance(one, PatchCalendar) and one.start and one.occurrence for one in made.writes):
        assert {type(one) for one in left} <= {CreateSession, Register}
        world.sync()
        left = world.plan().writes
    assert left == ()


@given(worlds())
def test_where_both_sides_say_what_was_agreed_nothing_is_done(world: World) -> None:
    world.settle()
    assume(world.ended is None)
    made = world.plan()
    assert made.actions == ()
    assert made.notes == ()
    assert made.base == world.base


@given(worlds())
def test_nothing_is_removed_that_was_not_agreed_on_before(world: World) -> None:
    """Sessions follow their series to another rhythm: what was agreed goes with the session."""
    base = world.base
    agreed = {one.session_id: one.guests for one in base.occurrences.values()}
    for action in world.plan().actions:
        if isinstance(action, Unregister):
            assert action.address in agreed[action.session_id]
        elif isinstance(action, PatchCalendar):
            known = {address for one in base.occurrences.values() for address in one.guests}
            assert set(action.remove) <= known
        elif isinstance(action, DeleteSession):
            assert action.session_id == base.occurrences[action.occurrence].session_id
            assert set(action.registrants) <= base.occurrences[action.occurrence].guests.keys()
        else:
            assert not isinstance(action, DeleteLivestormEvent | DeleteCalendar)


@given(worlds(), st.sampled_from(["calendar", "livestorm"]))
def test_before_both_sides_met_livestorms_deletion_deletes_nothing(world: World, side: str) -> None:
    world.base = Base()
    world.livestorm.deleted = True
    if side == "calendar":
        world.calendar.cancel(SINGLE)
    world.settle()
    assert not isinstance(world.ended, DeleteCalendar)


@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_people_and_sessions_means_nothing(world: World, random: Any) -> None:
    before = world.plan()
    assert world.calendar.body is not None
    random.shuffle(world.calendar.body["attendees"])
    sessions = list(world.livestorm.sessions.items())
    random.shuffle(sessions)
    world.livestorm.sessions = dict(sessions)
    for _, session in sessions:
        registered = list(session.people.items())
        random.shuffle(registered)
        session.people = dict(registered)
    assert world.plan() == before


@given(worlds())
def test_whatever_a_plan_overwrites_is_in_a_note(world: World) -> None:
    """A value that only one side shows, and showed only since the last agreement, is never lost."""
    made = world.plan()
    said = [
        (made.calendar, world.base.title and world.base.title.calendar, "title"),
        (made.livestorm, world.base.title and world.base.title.livestorm, "title"),
        (made.calendar, world.base.description and world.base.description.calendar, "description"),
        (
            made.livestorm,
            world.base.description and world.base.description.livestorm,
            "description",
        ),
    ]
    world.sync()
    values = [one for one in (world.calendar.read().value, world.livestorm.read().value) if one]
    noted = {words(note.value) for note in world.notes if note.value}
    for says, agreed, part in said:
        value = getattr(says, part) if says else ""
        if value in {"", agreed, "Livestorm event"}:
            continue
        shown = {words(getattr(one, part)) for one in values}
        cut = {words(value[:255])}
        assert words(value) in shown | noted or cut & shown, (part, value)


@given(
    resources,
    st.lists(resources, max_size=2),
    st.booleans(),
    st.sampled_from([0, 3]),
)
def test_no_event_resource_makes_planning_fail(
    body: dict[str, Any], exceptions: list[dict[str, Any]], known: bool, sessions: int
) -> None:
    """Whatever Calendar says, organized by us and with our room."""
    body = {**body, "organizer": {"self": True}, "conferenceData": {"conferenceId": EVENT}}
    side = calendar_side(
        parse(body, fallback_timezone="Europe/Paris"),
        livestorm_event_id=EVENT,
        own=OWN,
        exceptions=[parse(one, fallback_timezone="Europe/Paris") for one in exceptions],
    )
    world = new_world()
    if known:
        world.settle()
    rules = replace(world.rules, occurrence_sessions=sessions)
    made = plan(world.base, side, world.livestorm.read(), rules)
    assert made == plan(world.base, side, world.livestorm.read(), rules)
