"""Guests and registrants are the same people, one by one."""

from datetime import timedelta

import pytest

from addon.livestorm import BULK_LIMIT
from addon.livestorm.resources import FieldSpec
from addon.sync.actions import BULK, Action, PatchCalendar, Register, Unregister, Wait
from addon.sync.base import SINGLE, Standing
from addon.sync.outcome import Outcome, settle
from addon.sync.plan import UnsyncedGuest
from addon.sync.words import GuestReason, NoteKind, Unsynced, WaitReason
from tests.addon.sync.calendar_model import NOW, ORGANIZER, event
from tests.addon.sync.livestorm_model import person
from tests.addon.sync.world import World, met, new_world

ADA, BOB, EVE = "ada@partner.test", "bob@partner.test", "eve@partner.test"
KIM = "kim@acme.test"


def registered(world: World) -> set[str]:
    return world.livestorm.registered("session-1")


def invited(world: World) -> set[str]:
    return world.calendar.guests()


def crowd(number: int) -> list[str]:
    return [f"guest{one:03}@partner.test" for one in range(number)]


# Coming and going.


def test_at_the_first_meeting_guests_and_registrants_are_united() -> None:
    world = new_world()
    world.calendar.invite(ADA)
    world.livestorm.register("session-1", BOB)
    world.settle()
    assert registered(world) == invited(world) == {ADA, BOB}


def test_a_guest_is_registered_with_their_name() -> None:
    world = met()
    world.calendar.invite(ADA, displayName="Ada King Lovelace")
    (action,) = world.sync().actions
    assert isinstance(action, Register)
    (guest,) = action.people
    assert (guest.address, guest.first_name, guest.last_name) == (ADA, "Ada", "King Lovelace")
    assert world.sync().actions == ()


def test_a_registrant_becomes_a_guest() -> None:
    world = met()
    world.livestorm.register("session-1", ADA)
    world.settle()
    assert invited(world) == {ADA}


def test_whoever_is_removed_on_one_side_is_removed_on_the_other() -> None:
    world = met()
    for guest in (ADA, BOB, EVE):
        world.calendar.invite(guest)
    world.settle()
    world.calendar.uninvite(ADA)
    world.livestorm.unregister("session-1", BOB)
    world.settle()
    assert registered(world) == invited(world) == {EVE}


def test_changes_to_different_people_on_both_sides_do_not_conflict() -> None:
    world = met()
    world.calendar.invite(ADA)
    world.settle()
    world.calendar.uninvite(ADA)
    world.calendar.invite(BOB)
    world.livestorm.register("session-1", EVE)
    world.settle()
    assert registered(world) == invited(world) == {BOB, EVE}


def test_the_same_person_added_on_both_sides_is_one() -> None:
    world = met()
    world.calendar.invite("Ada@Partner.test")
    world.livestorm.register("session-1", ADA)
    assert world.sync().actions == ()


def test_how_an_address_is_spelled_is_no_change() -> None:
    world = met()
    world.calendar.upper_case = True
    world.livestorm.register("session-1", ADA)
    world.settle()
    world.livestorm.register("session-1", BOB)
    world.settle()
    assert world.sync().actions == ()
    assert len(invited(world)) == 2


def test_guests_and_time_changed_at_once_are_one_patch() -> None:
    """Scenario 40."""
    world = met()
    world.livestorm.register("session-1", ADA)
    world.livestorm.move("session-1", NOW + timedelta(days=5), world.now)
    (action,) = world.plan().actions
    assert isinstance(action, PatchCalendar)
    assert action.start is not None
    assert [guest.address for guest in action.add] == [ADA]


def test_registrations_go_in_groups_that_livestorm_takes() -> None:
    assert BULK == BULK_LIMIT
    world = met()
    for guest in crowd(120):
        world.calendar.invite(guest)
    sizes = [len(one.people) for one in world.sync().actions if isinstance(one, Register)]
    assert sizes == [50, 50, 20]


def test_who_could_not_be_registered_is_tried_again_and_others_are_not() -> None:
    world = met()
    for guest in (ADA, BOB, EVE):
        world.calendar.invite(guest)
    plan = world.plan()
    outcome = Outcome(done=True, refused=frozenset({ADA}), failed=frozenset({BOB}))
    world.livestorm.register("session-1", EVE)
    world.base = settle(plan, [outcome])
    (again,) = world.plan().actions
    assert isinstance(again, Register)
    assert [guest.address for guest in again.people] == [BOB]
    assert UnsyncedGuest(ADA, GuestReason.REFUSED) in world.plan().unsynced_guests


def test_whom_livestorm_refused_stays_a_guest_and_can_still_register_themselves() -> None:
    world = met()
    world.calendar.invite(ADA)
    world.base = settle(world.plan(), [Outcome(done=True, refused=frozenset({ADA}))])
    assert world.sync().actions == ()
    world.livestorm.register("session-1", ADA)
    assert world.sync().actions == ()
    assert world.base.occurrences[SINGLE].guests == {ADA: Standing.BOTH}
    world.calendar.uninvite(ADA)
    world.settle()
    assert registered(world) == set()


# Without reading the registrants, which costs a call.


def test_new_guests_are_registered_without_looking_at_the_registrants() -> None:
    world = met()
    world.calendar.invite(ADA)
    world.settle()
    world.hears = False
    world.calendar.invite(BOB)
    world.calendar.uninvite(ADA)
    made = world.sync()
    assert {type(one) for one in made.actions} == {Register, Unregister}
    assert registered(world) == {BOB}
    assert invited(world) == {BOB}
    assert world.sync().actions == ()


def test_not_having_looked_is_not_having_seen_nobody() -> None:
    world = met()
    world.calendar.invite(ADA)
    world.settle()
    world.hears = False
    world.livestorm.unregister("session-1", ADA)
    assert world.sync().actions == ()
    world.hears = True
    world.settle()
    assert invited(world) == set()


# Who is never carried.


def test_rooms_organizers_and_the_team_are_not_registered_and_do_not_become_guests() -> None:
    world = new_world(never_guests=frozenset({"sam@acme.test"}))
    world.calendar.invite("sam@acme.test")
    world.calendar.invite("room@resource.calendar.google.com", resource=True)
    world.livestorm.sessions["session-1"].people["kim@acme.test"] = person(
        "kim@acme.test", role="team_member"
    )
    world.livestorm.register("session-1", ORGANIZER)
    world.calendar.invite("kim@acme.test")
    assert world.sync().actions == ()


def in_the_team(world: World, address: str) -> None:
    world.livestorm.sessions["session-1"].people[address] = person(address, role="team_member")


@pytest.mark.parametrize("invited", ["before", "after"])
def test_a_member_of_the_team_stays_one_while_nobody_looks_at_the_people(invited: str) -> None:
    """Only reading a session's people shows who is; most comparisons do without."""
    world = new_world()
    in_the_team(world, KIM)
    if invited == "before":
        world.calendar.invite(KIM)
    world.settle()
    world.calendar.invite(KIM)
    assert world.sync().actions == ()
    assert not world.read
    world.livestorm.register("session-1", ADA)
    world.settle()
    world.calendar.invite(BOB)
    world.settle()
    world.calendar.uninvite(KIM)
    assert world.sync().actions == ()
    assert KIM in world.livestorm.sessions["session-1"].people


@pytest.mark.parametrize("ahead", [1, 2])
def test_a_member_of_the_team_is_one_at_the_sessions_to_come(ahead: int) -> None:
    weekly = event(recurrence=["RRULE:FREQ=WEEKLY"])
    world = new_world(weekly, occurrence_sessions=ahead)
    in_the_team(world, KIM)
    world.calendar.invite(KIM)
    world.settle()
    world.session.status = "past"
    for _ in range(3):
        world.pass_time(days=7)
        world.settle()
    later = {*world.livestorm.sessions} - {"session-1"}
    assert len(later) == 2 + ahead
    assert not any(world.livestorm.registered(one) for one in later)


def test_who_left_the_team_is_a_guest_like_others() -> None:
    world = met()
    in_the_team(world, KIM)
    world.calendar.invite(KIM)
    world.settle()
    del world.session.people[KIM]
    world.livestorm.register("session-1", KIM)
    world.livestorm.register("session-1", ADA)
    world.settle()
    world.calendar.uninvite(KIM)
    world.settle()
    assert world.livestorm.registered("session-1") == {ADA}


def test_livestorms_own_addresses_never_become_guests() -> None:
    world = met()
    world.livestorm.register("session-1", "1772+uuid@unknown.livestorm.co")
    world.calendar.invite("1773+uuid@unknown.livestorm.co")
    assert world.sync().actions == ()


def test_an_event_that_registers_nobody_registers_nobody() -> None:
    world = new_world()
    world.livestorm.form = (FieldSpec("first_name", "text", True, False, 0, ()),)
    world.calendar.invite(ADA)
    made = world.sync()
    assert made.actions == ()
    assert made.unsynced_guests == (UnsyncedGuest(ADA, GuestReason.ANONYMOUS),)


def test_a_group_is_registered_as_one_person_with_a_warning() -> None:
    """Scenario 52."""
    world = met(groups=frozenset({ADA}))
    world.calendar.invite(ADA)
    made = world.sync()
    assert registered(world) == {ADA}
    assert made.unsynced_guests == (UnsyncedGuest(ADA, GuestReason.GROUP_ADDRESS),)


def test_a_group_that_is_not_registered_is_not_said_to_be() -> None:
    world = met(groups=frozenset({ADA}))
    world.calendar.invite(ADA, responseStatus="declined")
    made = world.sync()
    assert made.unsynced_guests == (UnsyncedGuest(ADA, GuestReason.DECLINED),)


def test_who_declined_is_not_registered_but_whoever_is_registered_may_decline() -> None:
    world = new_world()
    world.calendar.invite(ADA, responseStatus="declined")
    world.calendar.invite(BOB)
    made = world.sync()
    assert made.unsynced_guests == (UnsyncedGuest(ADA, GuestReason.DECLINED),)
    assert world.calendar.body is not None
    for entry in world.calendar.body["attendees"]:
        entry["responseStatus"] = "declined" if entry["email"] == BOB else "accepted"
    world.settle()
    assert registered(world) == {ADA, BOB}


# Guest speakers.


def test_a_guest_speaker_appears_as_a_guest_and_is_only_removed_in_livestorm() -> None:
    world = met()
    world.livestorm.sessions["session-1"].people[ADA] = person(ADA, speaker=True)
    world.settle()
    assert invited(world) == {ADA}
    world.calendar.uninvite(ADA)
    world.hears = False
    world.settle()
    assert registered(world) == {ADA}
    assert [note.kind for note in world.notes] == [NoteKind.SPEAKER_KEPT]
    world.hears = True
    assert world.sync().actions == ()
    assert invited(world) == set()
    world.calendar.invite(ADA)
    world.settle()
    world.livestorm.unregister("session-1", ADA)
    world.settle()
    assert invited(world) == set()


@pytest.mark.parametrize("status", ["live", "past"])
def test_registrations_of_a_session_that_began_are_kept(status: str) -> None:
    world = met()
    world.calendar.invite(ADA)
    world.settle()
    world.session.status = status
    world.calendar.uninvite(ADA)
    world.settle()
    assert registered(world) == {ADA}
    assert invited(world) == set()
    assert [note.kind for note in world.notes] == [NoteKind.REGISTRATION_KEPT]


# How many.


def test_beyond_the_limit_guests_are_named_and_the_others_keep_their_place() -> None:
    """Scenario 54."""
    world = met(guest_limit=3)
    for guest in ("x@partner.test", "y@partner.test", "z@partner.test"):
        world.calendar.invite(guest)
    world.settle()
    world.calendar.invite(ADA)
    made = world.sync()
    assert made.actions == ()
    assert made.unsynced_guests == (UnsyncedGuest(ADA, GuestReason.OVER_LIMIT),)
    world.calendar.uninvite("y@partner.test")
    world.settle()
    assert registered(world) == {ADA, "x@partner.test", "z@partner.test"}


def test_two_hundred_guests_are_kept_the_same() -> None:
    world = new_world()
    for guest in crowd(205):
        world.calendar.invite(guest)
    world.settle()
    assert registered(world) == set(crowd(200))
    named = [one.address for one in world.plan().unsynced_guests]
    assert named == crowd(205)[200:]


def test_registrants_fill_the_guest_list_up_to_the_limit() -> None:
    world = met(guest_limit=10)
    for guest in crowd(15):
        world.livestorm.register("session-1", guest)
    world.settle()
    assert len(invited(world)) == 9  # and the organizer
    assert {one.reason for one in world.plan().unsynced_guests} == {GuestReason.NO_ROOM}
    assert len(world.plan().unsynced_guests) == 6


def test_who_was_left_out_comes_in_when_there_is_room_unless_they_left() -> None:
    world = met(guest_limit=3)
    for guest in (ADA, BOB, EVE, "zoe@partner.test"):
        world.livestorm.register("session-1", guest)
    world.settle()
    assert invited(world) == {ADA, BOB}  # and the organizer
    assert world.base.occurrences[SINGLE].guests[EVE] is Standing.LEFT_OUT
    world.hears = False
    world.livestorm.unregister("session-1", EVE)
    # Nobody reads on account of somebody who is only waiting.
    assert len(world.plan().unsynced_guests) == 2
    assert world.read == set()
    world.calendar.uninvite(BOB)
    world.settle()
    assert invited(world) == {ADA, "zoe@partner.test"}
    assert registered(world) == {ADA, "zoe@partner.test"}


def test_who_is_not_kept_on_the_guest_list_stays_registered_and_is_not_tried_again() -> None:
    world = met()
    world.calendar.drops = {ADA}
    for guest in (ADA, BOB):
        world.livestorm.register("session-1", guest)
    world.settle()
    for _ in range(2):
        made = world.plan(everybody=True)
        assert made.actions == ()
        assert made.unsynced_guests == (UnsyncedGuest(ADA, GuestReason.NOT_KEPT),)
    assert (invited(world), registered(world)) == ({BOB}, {ADA, BOB})
    world.calendar.drops.clear()
    world.calendar.invite(ADA)
    world.settle()
    assert world.base.occurrences[SINGLE].guests == {ADA: Standing.BOTH, BOB: Standing.BOTH}


# A list we do not see all of.


def test_a_truncated_guest_list_is_never_written_and_proves_no_absence() -> None:
    """Scenario 54."""
    world = met()
    for guest in (ADA, BOB):
        world.calendar.invite(guest)
    world.settle()
    world.calendar.uninvite(ADA)
    world.calendar.edit(world.now, attendeesOmitted=True)
    world.livestorm.register("session-1", EVE)
    world.livestorm.unregister("session-1", BOB)
    made = world.sync()
    assert made.actions == ()
    assert made.unsynced == {Unsynced.GUEST_LIST}
    world.calendar.edit(world.now, attendeesOmitted=False)
    world.settle()
    assert registered(world) == invited(world) == {EVE}


# Everybody gone at once.


@pytest.mark.parametrize("side", ["calendar", "livestorm"])
def test_a_list_that_is_suddenly_empty_is_not_believed_at_once(side: str) -> None:
    """Scenario 24."""
    world = met()
    for guest in crowd(6):
        world.calendar.invite(guest)
    world.settle()
    people, entries = dict(world.session.people), list(world.calendar.occurrence("")["attendees"])
    if side == "livestorm":
        world.session.people.clear()
    else:
        world.calendar.edit(world.now, attendees=entries[:1])
    (wait,) = world.sync().actions
    assert isinstance(wait, Wait)
    assert wait.reason is WaitReason.LIST_EMPTIED
    world.session.people = people
    world.calendar.edit(world.now, attendees=entries)
    world.pass_time(hours=1)
    assert world.sync().actions == ()


def test_a_list_that_stays_empty_is_believed() -> None:
    world = met()
    for guest in crowd(6):
        world.calendar.invite(guest)
    world.settle()
    world.session.people.clear()
    world.settle()
    assert invited(world) == set()


def test_a_few_people_removed_at_once_are_removed_at_once() -> None:
    world = met()
    for guest in crowd(4):
        world.calendar.invite(guest)
    world.settle()
    world.session.people.clear()
    world.sync()
    assert invited(world) == set()


# Order.


def test_the_order_of_guests_means_nothing() -> None:
    one, other = new_world(guest_limit=4), new_world(guest_limit=4)
    for guest in crowd(8):
        one.calendar.invite(guest)
    for guest in reversed(crowd(8)):
        other.calendar.invite(guest)
    actions: tuple[Action, ...] = one.plan().actions
    assert actions == other.plan().actions


def test_group_addresses_and_rooms_do_not_break_an_empty_list() -> None:
    world = met(event(attendees=[]))
    world.livestorm.register("session-1", ADA)
    world.settle()
    assert invited(world) == {ADA}
