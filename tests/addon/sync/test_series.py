"""Series: each of the next occurrences has its own session, and none harms the others."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from addon.sync.actions import CreateSession, DeleteCalendar, DeleteSession, Unlink, Wait
from addon.sync.base import SINGLE
from addon.sync.rules import LOOK_AHEAD
from addon.sync.standing import lasting, next_view
from addon.sync.words import NoteKind, UnlinkReason, Unsynced
from tests.addon.sync.calendar_model import NOW, Json, all_day, event
from tests.addon.sync.livestorm_model import SessionModel, person
from tests.addon.sync.world import World, met, new_world

ADA, BOB, EVE = "ada@partner.test", "bob@partner.test", "eve@partner.test"
KIM = "kim@partner.test"
WEEKLY = ["RRULE:FREQ=WEEKLY"]
FIRST = datetime(2026, 3, 4, 8, tzinfo=UTC)  # Wednesday, nine in Paris
KEYS = ["20260304T080000Z", "20260311T080000Z", "20260318T080000Z"]


def series(*lines: str, **more: object) -> Json:
    return event(FIRST, recurrence=list(lines or WEEKLY), **more)  # type: ignore[arg-type]


def three(*lines: str) -> World:
    """A series whose next three occurrences have a session."""
    return met(series(*lines), occurrence_sessions=3)


def session_of(world: World, key: str) -> SessionModel:
    return world.livestorm.sessions[world.base.occurrences[key].session_id]


def starts(world: World) -> list[datetime]:
    return sorted(
        one.start for one in world.livestorm.sessions.values() if one.status == "upcoming"
    )


def week(number: int) -> datetime:
    return FIRST + timedelta(days=7 * number)


# How many sessions, and where.


def test_the_next_occurrences_get_a_session_each() -> None:
    world = new_world(series(), occurrence_sessions=3)
    made = world.sync()
    assert [one.start for one in made.actions if isinstance(one, CreateSession)] == [
        week(1),
        week(2),
    ]
    assert list(world.base.occurrences) == KEYS
    assert session_of(world, KEYS[0]).id == "session-1"
    assert Unsynced.LATER_OCCURRENCES in made.unsynced
    assert world.sync().actions == ()


def test_a_short_series_has_nothing_left_out() -> None:
    world = new_world(series("RRULE:FREQ=WEEKLY;COUNT=3"), occurrence_sessions=10)
    assert Unsynced.LATER_OCCURRENCES not in world.sync().unsynced
    assert starts(world) == [week(0), week(1), week(2)]


def test_sessions_keep_the_time_of_day_when_clocks_change() -> None:
    """Scenario 48."""
    world = met(series(), occurrence_sessions=5)
    assert [one.hour for one in starts(world)] == [8, 8, 8, 8, 7]


def test_an_all_day_series_has_its_sessions_at_nine() -> None:
    """Scenario 45."""
    world = met(
        all_day("2026-03-28", "2026-03-29", recurrence=["RRULE:FREQ=DAILY;COUNT=3"]),
        occurrence_sessions=10,
    )
    assert [(one.day, one.hour) for one in starts(world)] == [(28, 8), (29, 7), (30, 7)]
    assert world.sync().actions == ()


def test_a_series_that_goes_on_gets_new_sessions_as_time_passes() -> None:
    world = three()
    session_of(world, KEYS[0]).status = "past"
    world.pass_time(days=3)
    world.settle()
    assert starts(world) == [week(1), week(2), week(3)]
    assert KEYS[0] not in world.base.occurrences
    assert world.livestorm.sessions["session-1"].status == "past"


def test_occurrences_that_differed_are_let_go_when_they_are_over() -> None:
    """Otherwise a weekly meeting would be read with everybody who ever came to it."""
    world = three()
    for number, key in enumerate(KEYS):
        world.calendar.move(week(number) + timedelta(hours=1), 60, world.now, key)
    world.settle()
    assert [*world.base.occurrences] == KEYS
    world.now = week(2) + timedelta(hours=3)
    world.settle()
    assert not {*KEYS} & {*world.base.occurrences}
    assert len(world.base.occurrences) == 3
    assert world.last is not None
    assert next_view(world.base, world.last.unsynced, world.now) == week(3) + timedelta(hours=1)


def test_occurrence_that_is_over_and_then_put_off_is_followed() -> None:
    world = three()
    world.calendar.move(week(0) + timedelta(hours=1), 60, world.now, KEYS[0])
    world.settle()
    world.now = week(0) + timedelta(hours=3)
    world.calendar.move(week(6), 60, world.now, KEYS[0])
    world.settle()
    assert KEYS[0] in world.base.occurrences


def test_a_session_put_off_in_livestorm_after_its_time_keeps_its_occurrence() -> None:
    """Its date is over in Calendar by then, and the session is everybody's who came in vain."""
    world = three()
    world.calendar.invite(ADA)
    world.settle()
    world.now = week(0) + timedelta(minutes=65)
    later = week(0) + timedelta(hours=5)
    world.livestorm.move("session-1", later, world.now)
    world.settle()
    assert world.livestorm.registered("session-1") == {ADA}
    assert session_of(world, KEYS[0]).id == "session-1"
    assert world.calendar.read().exceptions[KEYS[0]].when == replace(
        world.calendar.when, start=later, end=later + timedelta(hours=1)
    )


def test_a_session_put_off_after_its_time_stays_where_calendar_may_not_be_written() -> None:
    world = three()
    world.calendar.may_write = False
    world.now = week(0) + timedelta(days=1)
    world.livestorm.move("session-1", week(1) + timedelta(hours=5), world.now)
    world.settle()
    assert "session-1" in world.livestorm.sessions
    world.now = week(1) + timedelta(hours=7)
    world.settle()
    assert "session-1" in world.livestorm.sessions
    assert KEYS[0] not in world.base.occurrences


def test_a_series_that_began_long_ago_starts_with_its_next_occurrence() -> None:
    world = new_world(event(FIRST - timedelta(days=70), recurrence=WEEKLY), occurrence_sessions=2)
    world.settle()
    assert starts(world) == [week(0), week(1)]
    assert world.livestorm.made == 1
    assert lasting(world.base) == frozenset()


def test_occurrences_too_far_off_get_no_session_yet() -> None:
    world = met(series("RRULE:FREQ=YEARLY"), occurrence_sessions=10)
    assert max(starts(world)) < NOW + LOOK_AHEAD
    assert len(starts(world)) == 2


def test_a_series_that_begins_in_years_has_its_first_session() -> None:
    world = met(event(NOW + timedelta(days=1500), recurrence=WEEKLY), occurrence_sessions=10)
    assert starts(world) == [NOW + timedelta(days=1500)]
    world.calendar.invite(ADA)
    world.settle()
    assert world.livestorm.registered("session-1") == {ADA}


def test_a_session_whose_creation_was_not_answered_is_taken_up_not_made_again() -> None:
    """Scenarios 43, 56."""
    world = new_world(series(), occurrence_sessions=3)
    world.calendar.invite(ADA)
    world.sync(fails=lambda _: "answer lost")
    assert world.livestorm.made == 2
    world.settle()
    assert world.livestorm.made == 2
    assert len(world.livestorm.sessions) == 3


def test_rules_with_zones_and_extra_dates() -> None:
    """Scenario 42."""
    world = met(
        series("RRULE:FREQ=WEEKLY;COUNT=2", "RDATE;TZID=America/New_York:20260306T040000"),
        occurrence_sessions=10,
    )
    assert starts(world) == [week(0), datetime(2026, 3, 6, 9, tzinfo=UTC), week(1)]


# One occurrence changed.


def test_moving_an_occurrence_moves_its_session_alone() -> None:
    world = three()
    world.calendar.move(week(1) + timedelta(hours=5), 60, world.now, KEYS[1])
    world.settle()
    assert starts(world) == [week(0), week(1) + timedelta(hours=5), week(2)]
    assert world.livestorm.writes == 1


def test_cancelling_an_occurrence_removes_its_session_alone() -> None:
    """Scenario 35."""
    world = three()
    world.calendar.invite(ADA)
    world.settle()
    gone = session_of(world, KEYS[1]).id
    world.calendar.cancel(KEYS[1])
    made = world.sync()
    (action,) = [one for one in made.actions if isinstance(one, DeleteSession)]
    assert (action.session_id, action.registrants) == (gone, (ADA,))
    assert starts(world) == [week(0), week(2), week(3)]
    assert world.sync().actions == ()


def test_an_excluded_date_removes_its_session_alone() -> None:
    world = three()
    kept = {session_of(world, KEYS[0]).id, session_of(world, KEYS[2]).id}
    world.calendar.edit(world.now, recurrence=[*WEEKLY, "EXDATE:20260311T080000Z"])
    world.settle()
    assert kept < set(world.livestorm.sessions)
    assert week(1) not in starts(world)


def test_the_session_of_an_excluded_date_is_not_that_of_the_next_one() -> None:
    """Whoever registered for that date is told that it is off, not that it is weeks later."""
    world = three()
    world.calendar.invite(ADA)
    world.settle()
    gone = session_of(world, KEYS[1]).id
    world.calendar.edit(world.now, recurrence=[*WEEKLY, "EXDATE:20260311T080000Z"])
    world.settle()
    assert gone not in world.livestorm.sessions
    assert starts(world) == [week(0), week(2), week(3)]


def test_the_session_of_an_extra_date_follows_it_to_another() -> None:
    world = three(*WEEKLY, "RDATE:20260313T080000Z")
    extra = session_of(world, "20260313T080000Z").id
    world.calendar.edit(world.now, recurrence=[*WEEKLY, "RDATE:20260314T080000Z"])
    world.settle()
    assert session_of(world, "20260314T080000Z").id == extra


def test_a_moved_occurrence_that_is_cancelled_later() -> None:
    """Scenario 41."""
    world = three()
    world.calendar.move(week(1) + timedelta(hours=5), 60, world.now, KEYS[1])
    world.settle()
    world.calendar.cancel(KEYS[1])
    world.settle()
    assert starts(world) == [week(0), week(2), week(3)]


def test_an_occurrence_moved_beyond_the_others_keeps_its_session() -> None:
    world = three()
    before = session_of(world, KEYS[1]).id
    world.calendar.move(week(9) + timedelta(hours=1), 60, world.now, KEYS[1])
    world.settle()
    assert session_of(world, KEYS[1]).id == before
    assert session_of(world, KEYS[1]).start == week(9) + timedelta(hours=1)


def test_the_first_occurrence_cancelled_leaves_the_series_alone() -> None:
    world = three()
    world.calendar.cancel(KEYS[0])
    world.settle()
    assert world.ended is None
    assert starts(world) == [week(1), week(2), week(3)]


@pytest.mark.parametrize("status", ["live", "past"])
def test_a_session_that_began_survives_its_occurrence(status: str) -> None:
    world = three()
    session_of(world, KEYS[0]).status = status
    world.calendar.cancel(KEYS[0])
    world.settle()
    assert world.livestorm.sessions["session-1"].status == status
    assert NoteKind.SESSION_KEPT in {note.kind for note in world.notes}


def test_a_session_with_people_of_its_own_survives_its_occurrence() -> None:
    world = three()
    session = session_of(world, KEYS[1])
    world.calendar.cancel(KEYS[1])
    world.livestorm.register(session.id, ADA)
    world.settle()
    assert session.id in world.livestorm.sessions
    assert NoteKind.SESSION_KEPT in {note.kind for note in world.notes}
    assert world.sync().actions == ()
    # Somebody has to decide about it, as long as it is still to come.
    assert Unsynced.SESSION_KEPT in lasting(world.base)
    world.livestorm.delete_session(session.id)
    world.settle()
    assert lasting(world.base) == frozenset()


def test_a_kept_session_is_no_matter_once_its_date_is_over_or_there_again() -> None:
    world = three()
    first, second = session_of(world, KEYS[0]), session_of(world, KEYS[1])
    for key, session in ((KEYS[0], first), (KEYS[1], second)):
        world.calendar.cancel(key)
        world.livestorm.register(session.id, ADA)
    world.settle()
    assert world.base.kept == tuple(sorted((first.id, second.id)))
    world.calendar.exceptions.pop(KEYS[1])
    world.settle()
    assert world.base.occurrences[KEYS[1]].session_id == second.id
    assert world.base.kept == (first.id,)
    world.pass_time(days=3)
    world.settle()
    assert not world.base.kept


def test_before_removing_a_session_its_people_are_looked_at() -> None:
    world = three()
    session = session_of(world, KEYS[1])
    world.calendar.cancel(KEYS[1])
    world.livestorm.register(session.id, ADA)
    world.hears = False
    world.settle()
    assert session.id in world.livestorm.sessions


# Sessions changed in Livestorm.


def test_moving_a_session_moves_its_occurrence_alone() -> None:
    world = three()
    session = session_of(world, KEYS[1])
    world.livestorm.move(session.id, week(1) + timedelta(hours=2), world.now)
    world.settle()
    assert world.calendar.body is not None
    assert world.calendar.body["recurrence"] == WEEKLY
    assert list(world.calendar.exceptions) == [KEYS[1]]
    assert world.calendar.writes == 1
    assert world.sync().actions == ()


@pytest.mark.parametrize("how", ["cancelled", "deleted"])
def test_a_session_that_is_gone_cancels_its_occurrence_alone(how: str) -> None:
    world = three()
    session = session_of(world, KEYS[1])
    if how == "cancelled":
        session.status = "canceled"
    else:
        world.livestorm.delete_session(session.id)
    (wait,) = world.sync().actions
    assert isinstance(wait, Wait)
    assert wait.occurrence == KEYS[1]
    world.settle()
    assert world.ended is None
    assert world.calendar.exceptions[KEYS[1]]["status"] == "cancelled"
    assert starts(world) == [week(0), week(2), week(3)]


def test_a_cancellation_of_a_session_taken_back_in_time() -> None:
    world = three()
    session_of(world, KEYS[1]).status = "canceled"
    world.sync()
    session_of(world, KEYS[1]).status = "upcoming"
    world.pass_time(hours=1)
    assert world.sync().actions == ()
    assert world.calendar.exceptions == {}


def test_an_edit_of_an_occurrence_whose_session_was_deleted_is_kept_in_the_history() -> None:
    world = three()
    session_of(world, KEYS[1]).status = "canceled"
    world.calendar.move(week(1) + timedelta(hours=5), 60, world.now, KEYS[1])
    world.settle()
    assert [note.kind for note in world.notes] == [NoteKind.LOST_WITH_DELETION]


def test_a_session_somebody_added_in_livestorm_is_left_alone() -> None:
    world = three()
    world.livestorm.sessions["theirs"] = SessionModel("theirs", week(1) + timedelta(days=2))
    assert world.sync().actions == ()


def test_a_new_length_in_livestorm_is_that_of_the_series() -> None:
    world = three()
    world.livestorm.edit(world.now, minutes=30)
    world.settle()
    assert world.calendar.when.minutes == 30
    assert world.calendar.writes == 1
    assert starts(world) == [week(0), week(1), week(2)]


# The series as a whole changed.


def test_a_series_moved_as_a_whole_takes_its_sessions_and_people_along() -> None:
    """Scenario 39: Calendar drops the exceptions of a series that is given another time."""
    world = three()
    world.livestorm.register(session_of(world, KEYS[0]).id, ADA)
    world.calendar.move(week(1) + timedelta(hours=5), 60, world.now, KEYS[1])
    world.settle()
    before = set(world.livestorm.sessions)
    world.calendar.move(FIRST + timedelta(hours=2), 60, world.now)
    world.settle()
    assert set(world.livestorm.sessions) == before
    assert starts(world) == [week(number) + timedelta(hours=2) for number in range(3)]
    assert world.livestorm.made == 2


@pytest.mark.parametrize("hours", [2, 24])
def test_whoever_registered_for_one_date_comes_along_with_a_series_that_moves(hours: int) -> None:
    """The date's own guest list, on which they are, is dropped; nobody took them off it."""
    world = three()
    for address in (BOB, EVE):
        world.calendar.invite(address)
    world.settle()
    world.livestorm.register("session-1", ADA)
    world.livestorm.sessions["made-1"].people[KIM] = person(KIM, speaker=True)
    world.settle()
    assert world.calendar.guests(KEYS[0]) == {ADA, BOB, EVE}
    world.calendar.move(FIRST + timedelta(hours=hours), 60, world.now)
    world.calendar.uninvite(EVE)
    world.settle()
    first, second, third = world.base.occurrences
    assert world.livestorm.registered("session-1") == world.calendar.guests(first) == {ADA, BOB}
    assert world.livestorm.registered("made-1") == world.calendar.guests(second) == {BOB, KIM}
    assert world.livestorm.registered("made-2") == world.calendar.guests(third) == {BOB}
    assert not world.notes
    world.calendar.uninvite(ADA, first)
    world.settle()
    assert world.livestorm.registered("session-1") == {BOB}


def test_a_series_that_moves_with_a_truncated_guest_list_invites_nobody() -> None:
    """Who is hidden is not gone, and is not invited again when they are once the list is whole."""
    world = met(series("RRULE:FREQ=WEEKLY;COUNT=1"), occurrence_sessions=3)
    world.calendar.invite(ADA)
    world.settle()
    world.calendar.uninvite(ADA)
    world.calendar.edit(world.now, attendeesOmitted=True)
    world.calendar.move(FIRST + timedelta(hours=2), 60, world.now)
    world.settle()
    assert world.livestorm.registered("session-1") == {ADA}
    world.calendar.edit(world.now, attendeesOmitted=False)
    world.settle()
    assert world.livestorm.registered("session-1") == set()
    assert world.calendar.writes == 0


def test_whoever_registered_for_one_date_comes_along_to_the_one_event_that_is_left() -> None:
    world = three()
    world.livestorm.register("session-1", ADA)
    world.settle()
    assert world.calendar.body is not None
    del world.calendar.body["recurrence"]
    world.calendar.exceptions.clear()
    world.settle()
    assert world.livestorm.registered("session-1") == world.calendar.guests() == {ADA}


def test_a_series_on_another_weekday_keeps_its_sessions() -> None:
    world = three()
    before = set(world.livestorm.sessions)
    world.calendar.move(FIRST + timedelta(days=1), 60, world.now)
    world.settle()
    assert set(world.livestorm.sessions) == before
    assert starts(world)[0] == FIRST + timedelta(days=1)


@pytest.mark.parametrize("status", ["live", "past"])
def test_a_series_on_another_weekday_leaves_what_began_where_it_is(status: str) -> None:
    """The session that cannot be moved is no session of the next occurrence."""
    world = three()
    session_of(world, KEYS[0]).status = status
    world.now = week(0) + timedelta(minutes=30)
    world.calendar.move(FIRST + timedelta(days=1), 60, world.now)
    world.settle()
    assert starts(world) == [week(number) + timedelta(days=1) for number in range(3)]
    assert world.livestorm.sessions["session-1"].status == status


def test_new_time_and_new_guest_at_once() -> None:
    """Scenario 40."""
    world = three()
    world.calendar.move(FIRST + timedelta(hours=2), 60, world.now)
    world.calendar.invite(ADA)
    world.sync()
    assert world.sync().actions == ()
    for key in world.base.occurrences:
        assert world.livestorm.registered(session_of(world, key).id) == {ADA}


def test_a_series_cut_short_loses_its_later_sessions_only() -> None:
    """Scenarios 37, 38, 44: "this and following" ends the old series; the new one is not ours."""
    world = three()
    world.calendar.edit(world.now, recurrence=["RRULE:FREQ=WEEKLY;UNTIL=20260311T075959Z"])
    for _ in range(4):
        world.sync()
        world.pass_time(hours=1)
    assert starts(world) == [week(0)]
    assert world.ended is None
    assert not world.livestorm.deleted


def test_an_event_that_begins_to_recur_keeps_its_session() -> None:
    world = met(event(FIRST), occurrence_sessions=3)
    world.calendar.edit(world.now, recurrence=WEEKLY)
    world.settle()
    assert list(world.base.occurrences) == KEYS
    assert session_of(world, KEYS[0]).id == "session-1"


def test_a_series_that_no_longer_recurs_keeps_its_session() -> None:
    world = three()
    assert world.calendar.body is not None
    del world.calendar.body["recurrence"]
    world.settle()
    assert list(world.base.occurrences) == [SINGLE]
    assert starts(world) == [FIRST]
    assert session_of(world, SINGLE).id == "session-1"


def test_a_series_that_becomes_one_later_event_has_a_session_that_can_take_place() -> None:
    world = three()
    session_of(world, KEYS[0]).status = "past"
    world.now = week(0) + timedelta(minutes=30)
    assert world.calendar.body is not None
    del world.calendar.body["recurrence"]
    world.calendar.move(FIRST + timedelta(days=2), 60, world.now)
    world.settle()
    assert starts(world) == [FIRST + timedelta(days=2)]
    assert session_of(world, SINGLE).id == "made-1"


def test_a_series_made_all_day_keeps_its_sessions() -> None:
    world = three()
    before = set(world.livestorm.sessions)
    world.calendar.make_all_day(date(2026, 3, 4), 1, world.now)
    world.settle()
    assert set(world.livestorm.sessions) == before
    assert list(world.base.occurrences) == ["20260304", "20260311", "20260318"]
    assert starts(world) == [week(0), week(1), week(2)]


def test_a_series_whose_rules_cannot_be_read_is_its_first_occurrence() -> None:
    world = met(series("RRULE:FREQ=SECONDLY"), occurrence_sessions=3)
    assert starts(world) == [FIRST]


@pytest.mark.parametrize(
    "lines",
    [
        ["RRULE:FREQ=HOURLY"],
        ["RRULE:FREQ=WEEKLY;INTERVAL=0"],
        ["RDATE:nonsense"],
        ["SOMETHING:new"],
    ],
)
def test_a_rule_that_cannot_be_read_removes_no_session(lines: list[str]) -> None:
    world = three()
    before = starts(world)
    world.calendar.edit(world.now, recurrence=lines)
    world.settle()
    assert starts(world) == before
    world.calendar.edit(world.now, recurrence=WEEKLY)
    world.settle()
    assert starts(world) == before
    assert world.livestorm.writes == 0


def test_a_time_that_cannot_be_read_changes_nothing() -> None:
    world = three()
    world.calendar.edit(world.now, start={"dateTime": "soon"}, summary="Still carried")
    world.settle()
    assert len(world.livestorm.sessions) == 3
    assert len(world.base.occurrences) == 3
    assert world.livestorm.title == "Still carried"


def test_an_exception_without_its_series_rule_still_counts() -> None:
    """Scenario 36: Calendar shows an exception that the rule would no longer make."""
    world = three()
    world.calendar.move(week(1) + timedelta(hours=5), 60, world.now, KEYS[1])
    world.calendar.edit(world.now, recurrence=[*WEEKLY, "EXDATE:20260311T080000Z"])
    world.settle()
    assert week(1) + timedelta(hours=5) in starts(world)


# People of one occurrence.


def test_guests_of_a_series_are_registered_for_each_occurrence() -> None:
    world = three()
    world.calendar.invite(ADA)
    world.settle()
    for key in KEYS:
        assert world.livestorm.registered(session_of(world, key).id) == {ADA}


def test_a_guest_of_one_occurrence_is_registered_for_it() -> None:
    world = three()
    world.calendar.invite(BOB, KEYS[1])
    world.settle()
    assert [world.livestorm.registered(session_of(world, key).id) for key in KEYS] == [
        set(),
        {BOB},
        set(),
    ]


def test_a_registrant_of_one_session_becomes_a_guest_of_its_occurrence() -> None:
    world = three()
    world.livestorm.register(session_of(world, KEYS[1]).id, BOB)
    world.settle()
    assert world.calendar.guests(KEYS[1]) == {BOB}
    assert world.calendar.guests() == set()
    assert world.sync().actions == ()


@pytest.mark.parametrize("everywhere", [False, True])
@pytest.mark.parametrize("fate", ["fine", "answer lost"])
def test_taking_somebody_off_one_occurrence_keeps_them_on_the_others(
    everywhere: bool, fate: str
) -> None:
    """Whether Livestorm removes a person from one session or from all is not documented."""
    world = three()
    world.calendar.invite(ADA)
    world.settle()
    world.livestorm.removes_everywhere = everywhere
    world.calendar.uninvite(ADA, KEYS[1])
    world.sync(fails=lambda _: fate)
    world.settle()
    assert [world.livestorm.registered(session_of(world, key).id) for key in KEYS] == [
        {ADA},
        set(),
        {ADA},
    ]
    assert world.calendar.guests() == {ADA}


def test_the_guest_speaker_of_one_session() -> None:
    world = three()
    session_of(world, KEYS[2]).people[BOB] = person(BOB, speaker=True)
    world.settle()
    assert world.calendar.guests(KEYS[2]) == {BOB}


# One session for the whole series.


def only_first(**more: object) -> World:
    return met(series(**more), occurrence_sessions=0)


def test_with_the_setting_off_a_series_has_one_session() -> None:
    world = only_first()
    assert starts(world) == [FIRST]
    assert world.livestorm.made == 0
    world.pass_time(days=30)
    world.settle()
    assert world.livestorm.made == 0


@pytest.mark.parametrize(
    ("rule", "told"), [("RRULE:FREQ=WEEKLY", True), ("RRULE:FREQ=WEEKLY;COUNT=1", False)]
)
def test_with_the_setting_off_the_other_dates_are_told_from_the_beginning(
    rule: str, told: bool
) -> None:
    made = new_world(series(rule), occurrence_sessions=0).sync()
    assert (Unsynced.LATER_OCCURRENCES in made.unsynced) is told


def test_with_the_setting_off_guests_of_every_occurrence_are_registered() -> None:
    world = only_first()
    world.calendar.invite(ADA)
    world.calendar.invite(BOB, KEYS[1])
    world.settle()
    assert world.livestorm.registered("session-1") == {ADA, BOB}
    world.livestorm.unregister("session-1", ADA)
    world.settle()
    assert ADA not in world.calendar.guests() | world.calendar.guests(KEYS[1])
    assert world.calendar.guests(KEYS[1]) == {BOB}


def test_with_the_setting_off_who_accepts_one_occurrence_is_registered() -> None:
    world = met(series(), occurrence_sessions=0)
    world.calendar.invite(ADA, KEYS[1], responseStatus="accepted")
    world.calendar.invite(ADA, responseStatus="declined")
    world.settle()
    assert world.livestorm.registered("session-1") == {ADA}


def test_with_the_setting_off_a_cancelled_first_occurrence_passes_its_session_on() -> None:
    world = only_first()
    world.calendar.cancel(KEYS[0])
    world.settle()
    assert starts(world) == [week(1)]
    assert list(world.livestorm.sessions) == ["session-1"]


def test_with_the_setting_off_a_vanished_session_cancels_nothing() -> None:
    world = only_first()
    world.livestorm.delete_session("session-1")
    world.settle()
    assert world.ended is None
    assert world.calendar.exceptions == {}


def test_switching_the_setting_on_later_makes_the_missing_sessions() -> None:
    world = only_first()
    world.settings["occurrence_sessions"] = 3
    world.settle()
    assert starts(world) == [week(0), week(1), week(2)]
    world.settings["occurrence_sessions"] = 1
    assert world.sync().actions == ()


# Deleting the whole series.


def test_deleting_a_series_deletes_the_event_with_all_its_sessions() -> None:
    world = three()
    world.calendar.cancel(SINGLE)
    world.settle()
    assert world.livestorm.deleted


def test_sessions_still_to_come_of_a_deleted_series_go_although_its_event_stays() -> None:
    """Livestorm would remind people of what was called off."""
    world = three()
    world.calendar.invite(ADA)
    world.settle()
    session_of(world, KEYS[0]).status = "past"
    world.livestorm.sessions["theirs"] = SessionModel("theirs", week(9))
    peopled = session_of(world, KEYS[2])
    peopled.people[BOB] = person(BOB)
    world.pass_time(days=3)
    world.settle()
    assert BOB in world.base.occurrences[KEYS[2]].guests
    peopled.people["own@partner.test"] = person("own@partner.test")
    world.calendar.cancel(SINGLE)
    world.settle()
    assert world.ended == Unlink(UnlinkReason.TOOK_PLACE)
    assert not world.livestorm.deleted
    assert {"session-1", "theirs", peopled.id} == {*world.livestorm.sessions}
    assert NoteKind.SESSION_KEPT in {note.kind for note in world.notes}


def test_a_series_of_which_something_took_place_is_only_unlinked() -> None:
    world = three()
    session_of(world, KEYS[0]).status = "past"
    world.pass_time(days=3)
    world.settle()
    world.calendar.cancel(SINGLE)
    world.settle()
    assert not world.livestorm.deleted
    world = three()
    world.pass_time(days=3)
    world.livestorm.deleted = True
    world.settle()
    assert not isinstance(world.ended, DeleteCalendar)
