"""What is agreed after a plan was carried out in part."""

from datetime import timedelta
from functools import partial

from addon.sync.actions import (
    Action,
    CreateSession,
    PatchCalendar,
    Register,
    UpdateLivestormEvent,
    UpdateSession,
)
from addon.sync.base import SINGLE, Pair, Standing
from addon.sync.livestorm_side import SessionSeen, SessionState
from addon.sync.outcome import DONE, NOT_DONE, Outcome, settle
from addon.sync.values import Canonical
from tests.addon.sync.calendar_model import NOW, event
from tests.addon.sync.world import met, new_world

ADA, BOB = "ada@partner.test", "bob@partner.test"


def _only(working: type[Action], action: Action) -> str:
    return "fine" if isinstance(action, working) else "not done"


def test_what_was_not_done_is_planned_again_and_only_that() -> None:
    world = met()
    world.calendar.edit(world.now, summary="New")
    world.calendar.invite(ADA)
    world.livestorm.edit(world.now, description="New")
    world.livestorm.register("session-1", BOB)
    left: list[type[Action]] = [UpdateLivestormEvent, Register, PatchCalendar]
    while left:
        assert [type(one) for one in world.plan().actions] == left
        working = left.pop(1 if len(left) > 1 else 0)
        world.sync(fails=partial(_only, working))
    assert world.plan().actions == ()


def test_a_plan_broken_off_counts_as_far_as_it_came() -> None:
    world = met()
    world.calendar.edit(world.now, summary="New")
    world.calendar.invite(ADA)
    made = world.plan()
    base = settle(made, [DONE])
    assert base.title == Pair("New", "New")
    assert ADA not in base.occurrences[SINGLE].guests


def test_what_the_other_side_answered_counts_not_what_it_was_asked() -> None:
    world = met()
    world.calendar.edit(world.now, summary="New")
    world.calendar.move(world.calendar.when.start, 90, world.now)
    answer = Canonical(title="NEW", description="", when=None, minutes=30)
    base = settle(world.plan(), [Outcome(done=True, livestorm=answer)])
    assert base.title == Pair("New", "NEW")
    assert base.minutes == Pair(90, 30)
    assert base.description == world.base.description


def test_a_start_that_was_understood_differently_is_remembered_as_it_is() -> None:
    world = met()
    world.calendar.move(NOW + timedelta(days=4), 60, world.now)
    made = world.plan()
    assert [type(one) for one in made.actions] == [UpdateSession]
    odd = SessionSeen("session-1", SessionState.UPCOMING, NOW + timedelta(days=4, hours=1))
    agreed = settle(made, [Outcome(done=True, session=odd)]).occurrences[SINGLE]
    assert agreed.session_start == odd.start
    assert agreed.when == world.calendar.when


def test_a_session_without_an_answer_is_not_remembered() -> None:
    world = new_world(event(recurrence=["RRULE:FREQ=WEEKLY"]), occurrence_sessions=2)
    world.calendar.invite(ADA)
    made = world.plan()
    assert isinstance(made.actions[0], CreateSession)
    assert len(settle(made, [NOT_DONE, DONE, DONE]).occurrences) == 1
    assert len(settle(made, [DONE, DONE, DONE]).occurrences) == 1
    session = SessionSeen("made-1", SessionState.UPCOMING, made.actions[0].start)
    base = settle(made, [Outcome(done=True, session=session), DONE, DONE])
    assert [one.guests for one in base.occurrences.values()] == [{ADA: Standing.BOTH}] * 2


def test_nothing_done_is_nothing_agreed_but_what_was_so_anyway() -> None:
    world = met()
    world.calendar.edit(world.now, summary="New")
    world.calendar.edit(world.now, description="Same")
    world.livestorm.edit(world.now, description="Same")
    base = settle(world.plan(), [])
    assert base.title == Pair("Launch", "Launch")
    assert base.description == Pair("Same", "Same")
