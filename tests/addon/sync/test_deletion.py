"""Deletions, and what looks like them."""

from datetime import timedelta

import pytest

from addon.sync.actions import (
    Action,
    DeleteCalendar,
    DeleteLivestormEvent,
    LookForMoved,
    Unlink,
    Wait,
)
from addon.sync.base import SINGLE
from addon.sync.calendar_side import ConferenceState, own_calendar
from addon.sync.moved import Candidate, find_moved
from addon.sync.plan import plan
from addon.sync.words import Change, NoteKind, Side, UnlinkReason, WaitReason
from tests.addon.sync.calendar_model import NOW, ORGANIZER, event
from tests.addon.sync.livestorm_model import SessionModel
from tests.addon.sync.world import World, met, new_world


def wait_of(world: World) -> Wait:
    (action,) = world.sync().actions
    assert isinstance(action, Wait)
    return action


def unlinked(world: World) -> UnlinkReason:
    world.settle()
    assert isinstance(world.ended, Unlink)
    return world.ended.reason


# Deleted in Calendar.


def test_a_deletion_in_calendar_is_carried_after_a_while() -> None:
    """Scenario 21."""
    world = met()
    world.calendar.cancel(SINGLE)
    wait = wait_of(world)
    assert (wait.reason, wait.until) == (WaitReason.DELETION_SEEN, NOW + timedelta(seconds=60))
    world.pass_time(seconds=61)
    world.sync()
    assert world.livestorm.deleted
    assert isinstance(world.ended, DeleteLivestormEvent)
    assert world.calendar.writes == 0


def test_a_deleted_event_of_which_only_the_id_is_left() -> None:
    """Scenario 20: it may just as well have been moved where we see nothing."""
    world = met()
    world.calendar.body = {"id": "event1", "status": "cancelled"}
    world.settle()
    assert not world.livestorm.deleted
    assert world.ended == Unlink(UnlinkReason.CALENDAR_LOST)


def test_before_deleting_the_event_is_looked_for_elsewhere() -> None:
    """Scenario 28: a move leaves a deleted stub behind."""
    world = met()
    world.calendar.cancel(SINGLE)
    world.sync()
    world.pass_time(seconds=61)
    made = plan(world.base, world.calendar.read(), world.livestorm.read(), world.rules)
    assert made.actions == (LookForMoved("event1@google.com"),)


def test_a_deletion_taken_back_in_time_deletes_nothing() -> None:
    """Scenario 23."""
    world = met()
    before = world.calendar.body
    world.calendar.cancel(SINGLE)
    world.sync()
    world.calendar.body = before
    world.calendar.edit(world.now, summary="Back again")
    world.settle()
    assert world.livestorm.title == "Back again"
    assert [note.kind for note in world.notes] == [NoteKind.DELETION_TAKEN_BACK]
    world.pass_time(hours=1)
    world.calendar.cancel(SINGLE)
    assert wait_of(world).until == world.now + timedelta(seconds=60)


def test_a_deletion_wins_over_an_edit_which_is_kept_in_the_history() -> None:
    """Scenario 25."""
    world = met()
    world.calendar.cancel(SINGLE)
    world.livestorm.edit(world.now, title="Last words")
    world.settle()
    assert world.livestorm.deleted
    assert [(one.kind, one.side, one.change, one.value) for one in world.notes] == [
        (NoteKind.LOST_WITH_DELETION, Side.LIVESTORM, Change.TITLE, "Last words")
    ]


@pytest.mark.parametrize("status", ["live", "past"])
def test_what_took_place_is_never_deleted(status: str) -> None:
    world = met()
    world.session.status = status
    world.calendar.cancel(SINGLE)
    assert unlinked(world) is UnlinkReason.TOOK_PLACE
    assert not world.livestorm.deleted


def test_session_of_the_past_that_nobody_started_keeps_nothing() -> None:
    """Livestorm calls it upcoming for another hour."""
    world = met()
    world.livestorm.sessions["missed"] = SessionModel("missed", NOW - timedelta(minutes=70))
    world.calendar.cancel(SINGLE)
    world.settle()
    assert world.livestorm.deleted


def test_an_event_with_sessions_of_others_is_not_deleted() -> None:
    world = met()
    world.livestorm.sessions["theirs"] = SessionModel("theirs", NOW + timedelta(days=30))
    world.calendar.cancel(SINGLE)
    assert unlinked(world) is UnlinkReason.OTHER_SESSIONS


def test_deleted_on_both_sides_there_is_nothing_to_delete() -> None:
    """Scenarios 22, 27."""
    world = met()
    world.calendar.cancel(SINGLE)
    world.livestorm.deleted = True
    assert unlinked(world) is UnlinkReason.BOTH_DELETED


def test_an_event_deleted_before_it_was_ever_compared_takes_its_room_along() -> None:
    world = new_world()
    world.calendar.cancel(SINGLE)
    world.settle()
    assert world.livestorm.deleted


@pytest.mark.parametrize(("is_deletion", "ends"), [(False, Unlink), (True, DeleteLivestormEvent)])
def test_what_a_cancelled_event_without_details_is_taken_for(
    is_deletion: bool, ends: type[Action]
) -> None:
    """Scenario 20: in Livestorm it is deleted only where a setting says so, after its grace."""
    world = met(bare_cancellation_is_deletion=is_deletion)
    world.calendar.body = {"id": "event1", "status": "cancelled"}
    assert wait_of(world).reason is WaitReason.DELETION_SEEN
    world.pass_time(seconds=61)
    made = plan(world.base, world.calendar.read(), world.livestorm.read(), world.rules)
    assert [type(one) for one in made.actions] == [LookForMoved]
    world.sync()
    assert isinstance(world.ended, ends)
    assert world.livestorm.deleted is is_deletion


def test_a_cancelled_event_without_details_that_is_nowhere_else_was_deleted() -> None:
    """Scenario 20: all calendars of the person can be seen, so it was not moved out of sight."""
    world = met()
    world.calendar.all_seen = True
    world.calendar.body = {"id": "event1", "status": "cancelled"}
    assert wait_of(world).reason is WaitReason.DELETION_SEEN
    world.pass_time(seconds=61)
    world.sync()
    assert isinstance(world.ended, DeleteLivestormEvent)
    assert world.livestorm.deleted


# Not to be found in Calendar.


def test_an_event_that_cannot_be_found_any_more_deletes_nothing() -> None:
    """Scenarios 14, 70: a calendar out of reach is not a deletion."""
    world = met()
    world.calendar.body = None
    wait = wait_of(world)
    assert (wait.reason, wait.until) == (WaitReason.NOT_FOUND, NOW + timedelta(seconds=60))
    world.pass_time(hours=23, minutes=59)
    wait = wait_of(world)
    assert (wait.reason, wait.until) == (WaitReason.NOT_FOUND, NOW + timedelta(hours=24))
    world.pass_time(minutes=1)
    assert unlinked(world) is UnlinkReason.CALENDAR_LOST
    assert not world.livestorm.deleted


def test_event_that_is_found_again_within_a_day_is_kept_the_same() -> None:
    """A 404 asks to be asked again: it is, by the hour."""
    world = met()
    body = world.calendar.body
    world.calendar.body = None
    world.sync()
    world.pass_time(hours=5)
    assert wait_of(world).until == world.now + timedelta(hours=1)
    world.calendar.body = body
    world.calendar.edit(world.now, summary="Back")
    world.settle()
    assert (world.livestorm.title, world.notes) == ("Back", [])
    world.calendar.body = None
    assert wait_of(world).until == world.now + timedelta(seconds=60)


def test_deletion_seen_after_a_404_has_its_own_grace() -> None:
    world = met()
    body = world.calendar.body
    world.calendar.body = None
    world.sync()
    world.pass_time(hours=5)
    world.calendar.body = body
    world.calendar.cancel(SINGLE)
    wait = wait_of(world)
    assert (wait.reason, wait.until) == (
        WaitReason.DELETION_SEEN,
        world.now + timedelta(seconds=60),
    )


@pytest.mark.parametrize("body", [None, event(conferenceData=None)])
def test_an_event_that_is_not_saved_yet_is_waited_for(body: dict[str, object] | None) -> None:
    world = new_world()
    world.calendar.body = body
    world.livestorm.edit(world.now, title="Changed meanwhile")
    world.written_title = "Untitled event"
    wait = wait_of(world)
    assert (wait.reason, wait.until) == (WaitReason.NOT_SAVED_YET, NOW + timedelta(hours=24))
    world.calendar.body = event()
    world.settle()
    assert world.livestorm.title == "Launch"


def test_an_event_that_is_never_saved_is_let_go() -> None:
    world = new_world()
    world.calendar.body = None
    world.sync()
    assert unlinked(world) is UnlinkReason.NEVER_SAVED
    assert not world.livestorm.deleted


# Ours no more.


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (None, UnlinkReason.CONFERENCE_REMOVED),
        ({"conferenceId": "abc-defg-hij"}, UnlinkReason.CONFERENCE_SWITCHED),
    ],
)
def test_another_conference_ends_the_link_and_deletes_nothing(
    data: object, reason: UnlinkReason
) -> None:
    world = met()
    world.calendar.edit(world.now, conferenceData=data, summary="Not ours any more")
    assert unlinked(world) is reason
    assert not world.livestorm.deleted
    assert world.livestorm.title == "Launch"


def test_only_the_organizers_copy_is_carried() -> None:
    """Scenarios 28, 55, 61: a guest's copy, or an event that somebody else organizes now."""
    world = met()
    world.calendar.edit(world.now, organizer={"email": "sam@acme.test"}, summary="Guest's edit")
    assert unlinked(world) is UnlinkReason.NOT_ORGANIZER
    assert world.livestorm.title == "Launch"


def test_a_guests_deleted_copy_deletes_nothing() -> None:
    world = met()
    world.calendar.body = {
        "id": "event1",
        "status": "cancelled",
        "organizer": {"email": "sam@acme.test"},
    }
    assert unlinked(world) is UnlinkReason.NOT_ORGANIZER
    assert not world.livestorm.deleted


def test_nothing_is_done_while_the_organizer_is_not_known() -> None:
    world = met()
    world.calendar.own = own_calendar("c_1@group.calendar.google.com", ORGANIZER)
    world.calendar.edit(world.now, organizer=None, summary="Whose?")
    assert wait_of(world).reason is WaitReason.ORGANIZER_UNKNOWN


# Deleted in Livestorm.


def test_a_deletion_in_livestorm_is_carried_after_a_while() -> None:
    """Scenario 30."""
    world = met()
    world.livestorm.deleted = True
    assert wait_of(world).reason is WaitReason.DELETION_SEEN
    world.pass_time(seconds=61)
    world.sync()
    assert isinstance(world.ended, DeleteCalendar)
    assert world.calendar.body is not None
    assert world.calendar.body["status"] == "cancelled"


def test_livestorm_out_of_reach_for_a_moment_deletes_nothing() -> None:
    """Scenario 24."""
    world = met()
    world.livestorm.deleted = True
    world.sync()
    world.livestorm.deleted = False
    world.pass_time(hours=1)
    world.settle()
    assert world.ended is None
    world.livestorm.deleted = True
    assert wait_of(world).until == world.now + timedelta(seconds=60)


def test_the_edit_that_a_deletion_in_livestorm_takes_along_is_kept() -> None:
    world = met()
    world.livestorm.deleted = True
    world.calendar.edit(world.now, description="Last words")
    world.settle()
    assert [(one.side, one.value) for one in world.notes] == [(Side.CALENDAR, "Last words")]


def test_a_calendar_event_that_began_is_not_deleted() -> None:
    world = met()
    world.pass_time(days=3)
    world.livestorm.deleted = True
    assert unlinked(world) is UnlinkReason.TOOK_PLACE


def test_a_room_gone_before_the_first_comparison_deletes_no_event() -> None:
    world = new_world()
    world.livestorm.deleted = True
    assert unlinked(world) is UnlinkReason.LIVESTORM_GONE


def test_a_calendar_event_that_may_not_be_written_is_not_deleted() -> None:
    """Scenario 69."""
    world = met()
    world.calendar.may_write = False
    world.livestorm.deleted = True
    assert unlinked(world) is UnlinkReason.LIVESTORM_GONE


@pytest.mark.parametrize("how", ["cancelled", "deleted"])
def test_an_event_whose_only_session_is_gone_is_deleted(how: str) -> None:
    """Livestorm cancels events that have registrants instead of deleting them."""
    world = met()
    if how == "cancelled":
        world.session.status = "canceled"
    else:
        world.livestorm.delete_session("session-1")
    assert wait_of(world).reason is WaitReason.DELETION_SEEN
    world.settle()
    assert isinstance(world.ended, DeleteCalendar)
    assert not world.livestorm.deleted


def test_an_event_whose_session_was_replaced_follows_the_new_one() -> None:
    world = met()
    world.calendar.invite("ada@partner.test")
    world.settle()
    world.livestorm.delete_session("session-1")
    new = SessionModel("session-2", NOW + timedelta(days=7))
    world.livestorm.sessions["session-2"] = new
    world.settle()
    assert world.ended is None
    assert world.calendar.when.start == new.start
    assert world.livestorm.registered("session-2") == {"ada@partner.test"}
    assert NoteKind.SESSION_REPLACED in {note.kind for note in world.notes}
    assert world.base.occurrences[SINGLE].session_id == "session-2"


def test_a_session_that_is_not_listed_is_asked_for_before_anything_is_concluded() -> None:
    """Scenario 24: absent from one listing is not deleted."""
    world = met()
    sessions = world.livestorm.sessions
    world.livestorm.sessions = {}
    made = plan(world.base, world.calendar.read(), world.livestorm.read(), world.rules)
    assert [type(one).__name__ for one in made.actions] == ["LookForSession"]
    assert made.base == world.base
    world.livestorm.sessions = sessions
    assert world.sync().actions == ()


# Where it went.


def candidate(event_id: str, **parts: object) -> Candidate:
    values: dict[str, object] = {
        "calendar_id": "camille@acme.test",
        "event_id": event_id,
        "ical_uid": f"{event_id}@google.com",
        "conference": ConferenceState.OURS,
        "cancelled": False,
        "own_copy": True,
        "linked": False,
    }
    return Candidate(**(values | parts))  # type: ignore[arg-type]


def test_a_moved_event_is_known_by_its_uid() -> None:
    """Scenario 28."""
    moved = candidate("b", ical_uid="event1@google.com", calendar_id="team")
    assert find_moved("event1@google.com", [candidate("a"), moved]) is moved


def test_a_copy_takes_over_the_room_only_when_the_original_is_gone() -> None:
    """Scenarios 37, 44: copies and split-off series carry the same room."""
    older = candidate("b", created=NOW)
    newer = candidate("a", created=NOW + timedelta(days=1))
    assert find_moved("event1@google.com", [newer, older]) is older


@pytest.mark.parametrize(
    "parts",
    [
        {"conference": ConferenceState.ANOTHER},
        {"conference": ConferenceState.NONE},
        {"cancelled": True},
        {"own_copy": False},
        {"linked": True},
    ],
)
def test_what_is_not_ours_is_not_followed(parts: dict[str, object]) -> None:
    parts = {"ical_uid": "event1@google.com", **parts}
    assert find_moved("event1@google.com", [candidate("a", **parts)]) is None
