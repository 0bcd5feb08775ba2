"""Title, description, time: carried from where they changed, and never without a trace."""

from datetime import UTC, date, datetime, timedelta

import pytest

from addon import description
from addon.sync.actions import Note, PatchCalendar, UpdateLivestormEvent, UpdateSession
from addon.sync.base import SINGLE
from addon.sync.standing import lasting
from addon.sync.words import Change, NoteKind, Side, Unsynced
from tests.addon.sync.calendar_model import NOW, all_day, event
from tests.addon.sync.livestorm_model import SessionModel
from tests.addon.sync.world import World, met, new_world, respelled, wrapped

LATER = timedelta(minutes=5)


def livestorm_says(world: World, **parts: object) -> None:
    for name, value in parts.items():
        assert getattr(world.livestorm, name) == value


def calendar_says(world: World, **parts: object) -> None:
    assert world.calendar.body is not None
    for name, value in parts.items():
        assert world.calendar.body[name] == value


def overwritten(world: World) -> list[tuple[Side, Change | None, str | None]]:
    return [
        (one.side, one.change, one.value) for one in world.notes if one.kind is NoteKind.OVERWRITTEN
    ]


# The first meeting.


def test_the_session_made_with_an_event_is_its_own_whatever_somebody_put_at_its_time() -> None:
    """Moved before both sides were ever compared, and it is that day that somebody plans for."""
    world = new_world()
    later = NOW + timedelta(days=3)
    world.calendar.move(later, 60, NOW)
    world.livestorm.sessions["of-somebody"] = SessionModel("of-somebody", later)
    world.sync()
    assert world.base.occurrences[SINGLE].session_id == "session-1"
    assert world.livestorm.sessions["session-1"].start == later


def test_right_after_creation_there_is_nothing_to_do() -> None:
    assert new_world().plan().actions == ()


def test_at_the_first_meeting_calendar_counts() -> None:
    """The Livestorm event was made from the Calendar event, perhaps before it was filled in."""
    world = new_world()
    world.livestorm.title = "Livestorm event"
    world.calendar.edit(world.now, summary="Spring launch", description="What is new")
    world.calendar.move(NOW + timedelta(days=5), 90, world.now)
    world.settle()
    livestorm_says(world, title="Spring launch", description="What is new", minutes=90)
    assert world.session.start == NOW + timedelta(days=5)
    assert world.calendar.writes == 0


def test_what_livestorm_had_at_the_first_meeting_is_kept_in_the_history() -> None:
    world = new_world()
    world.pass_time(minutes=1)
    world.livestorm.edit(
        world.now, title="Renamed in the dashboard", description="Reworded", minutes=45
    )
    world.livestorm.move("session-1", NOW + timedelta(days=3), world.now)
    world.settle()
    assert overwritten(world) == [
        (Side.LIVESTORM, Change.START, "2026-03-05T08:00:00+00:00"),
        (Side.LIVESTORM, Change.DESCRIPTION, "Reworded"),
    ]
    calendar_says(world, summary="Renamed in the dashboard")


def test_titles_that_both_sides_wrote_before_they_met_are_both_kept() -> None:
    world = new_world()
    world.pass_time(minutes=1)
    world.livestorm.edit(world.now, title="Renamed in the dashboard")
    world.pass_time(minutes=1)
    world.calendar.edit(world.now, summary="Renamed in Calendar")
    world.settle()
    livestorm_says(world, title="Renamed in Calendar")
    assert overwritten(world) == [(Side.LIVESTORM, Change.TITLE, "Renamed in the dashboard")]


def test_title_edited_in_livestorm_before_both_ever_met_is_carried() -> None:
    world = new_world(event(summary="Launch"))
    world.livestorm.edit(NOW, title="Launch, in Livestorm's words")
    world.written_title = "Launch"
    world.settle()
    calendar_says(world, summary="Launch, in Livestorm's words")
    assert world.notes == []


@pytest.mark.parametrize("title", ["Livestorm event", "Untitled event", "Événement sans titre"])
def test_stand_ins_of_a_room_made_before_saving_are_no_loss_to_anybody(title: str) -> None:
    world = new_world()
    world.livestorm.edit(NOW + timedelta(seconds=5), title=title, description="", minutes=30)
    world.session.start = NOW + timedelta(hours=1)
    world.written_title, world.written_start = title, world.session.start
    world.settle()
    livestorm_says(world, title="Launch", description="About it", minutes=60)
    assert world.session.start == NOW + timedelta(days=2)
    assert (world.calendar.writes, world.notes) == (0, [])


@pytest.mark.parametrize("title", ["Livestorm event", "Untitled event", "Événement sans titre"])
def test_stand_in_for_a_title_is_never_written_into_calendar(title: str) -> None:
    world = new_world(event(summary=""))
    world.livestorm.edit(NOW, title=title)
    world.settle()
    world.calendar.edit(world.now, description="Still without title")
    world.settle()
    calendar_says(world, summary="")
    livestorm_says(world, title=title)


def test_what_we_wrote_ourselves_is_no_loss_although_the_event_was_edited_since() -> None:
    """The card of an event puts stand-ins right, which Livestorm counts as an edit."""
    world = new_world()
    world.pass_time(minutes=5)
    world.livestorm.updated = world.session.updated = world.now
    world.calendar.edit(world.now, summary="Renamed before anybody compared")
    world.calendar.move(NOW + timedelta(days=5), 60, world.now)
    world.settle()
    livestorm_says(world, title="Renamed before anybody compared")
    assert world.notes == []


def test_the_description_of_a_template_comes_to_an_empty_calendar_event() -> None:
    world = new_world(event(description=""))
    world.livestorm.description = "<p>From the template</p>"
    world.settle()
    calendar_says(world, description="From the template")
    assert world.livestorm.writes == 0


def test_an_event_without_title_takes_the_one_livestorm_gives_it_but_only_that_of_a_person() -> (
    None
):
    world = new_world(event(summary=""))
    assert world.plan().actions == ()
    world.settle()
    world.livestorm.edit(world.now, title="Now it has one")
    world.settle()
    calendar_says(world, summary="Now it has one")


# One side changed.


@pytest.mark.parametrize(
    ("calendar", "livestorm"),
    [
        ({"summary": "New"}, {"title": "New"}),
        ({"description": "<strong>New</strong>"}, {"description": "<b>New</b>"}),
        ({"description": ""}, {"description": ""}),
        ({"summary": ""}, {"title": "Livestorm event"}),
        ({"summary": "x" * 300}, {"title": "x" * 255}),
    ],
)
def test_words_go_from_calendar_to_livestorm_in_one_write(
    calendar: dict[str, object], livestorm: dict[str, object]
) -> None:
    """Scenario 30."""
    world = met()
    world.calendar.edit(world.now, **calendar)
    world.settle()
    livestorm_says(world, **livestorm)
    assert (world.livestorm.writes, world.calendar.writes) == (1, 0)
    assert world.notes == []


@pytest.mark.parametrize(
    ("livestorm", "calendar"),
    [
        ({"title": "New"}, {"summary": "New"}),
        ({"description": "<p>a</p><p>b</p>"}, {"description": "a<br><br>b"}),
        ({"description": ""}, {"description": ""}),
    ],
)
def test_words_go_from_livestorm_to_calendar_in_one_write(
    livestorm: dict[str, object], calendar: dict[str, object]
) -> None:
    world = met()
    world.livestorm.edit(world.now, **livestorm)
    world.settle()
    calendar_says(world, **calendar)
    assert (world.livestorm.writes, world.calendar.writes) == (0, 1)


def test_a_new_time_in_calendar_moves_the_session() -> None:
    """Scenario 29."""
    world = met()
    world.calendar.move(NOW + timedelta(days=4), 60, world.now)
    made = world.sync()
    assert made.actions == (
        UpdateSession(SINGLE, "session-1", NOW + timedelta(days=4), "Europe/Paris"),
    )


def test_a_new_time_in_livestorm_moves_the_calendar_event_and_keeps_its_length() -> None:
    """Scenario 30."""
    world = met()
    world.livestorm.move("session-1", NOW + timedelta(days=4), world.now)
    world.settle()
    assert world.calendar.when.start == NOW + timedelta(days=4)
    assert world.calendar.when.minutes == 60
    calendar_says(
        world, start={"dateTime": "2026-03-06T09:00:00+01:00", "timeZone": "Europe/Paris"}
    )


def test_the_length_goes_both_ways() -> None:
    world = met()
    world.calendar.move(world.calendar.when.start, 90, world.now)
    world.settle()
    livestorm_says(world, minutes=90)
    world.livestorm.edit(world.now, minutes=45)
    world.settle()
    assert world.calendar.when.minutes == 45


def test_start_and_length_changed_in_livestorm_both_arrive() -> None:
    world = met()
    world.livestorm.move("session-1", NOW + timedelta(days=4), world.now)
    world.livestorm.edit(world.now, minutes=20)
    world.sync()
    assert world.calendar.when.start == NOW + timedelta(days=4)
    assert world.calendar.when.minutes == 20
    assert world.plan().actions == ()


def test_everything_changed_on_one_side_is_one_write_per_thing() -> None:
    world = met()
    world.calendar.edit(world.now, summary="New", description="New")
    world.calendar.move(world.calendar.when.start, 30, world.now)
    made = world.sync()
    assert made.actions == (UpdateLivestormEvent("New", "New", 30),)


def test_a_side_that_was_written_is_still_heard() -> None:
    """Scenario 59: carrying from one side must not make that the only direction."""
    world = met()
    world.livestorm.edit(world.now, title="From Livestorm")
    world.settle()
    world.calendar.edit(world.now, summary="From Calendar")
    world.settle()
    livestorm_says(world, title="From Calendar")
    calendar_says(world, summary="From Calendar")


def test_every_action_says_why() -> None:
    world = met()
    world.calendar.edit(world.now, summary="New " + "x" * 300)
    (action,) = world.plan().actions
    assert isinstance(action, UpdateLivestormEvent)
    (line,) = action.why
    assert (line.side, line.change, line.before) == (Side.CALENDAR, Change.TITLE, "Launch")
    assert line.after is not None
    assert len(line.after) <= 120


# Echoes.


def test_what_was_carried_plans_nothing_when_it_is_seen_again() -> None:
    """Scenarios 3, 32: our own writes ring too, any number of times."""
    world = met()
    world.calendar.edit(world.now, summary="New", description="one\ntwo & <b>three</b>")
    world.sync()
    for _ in range(20):
        assert world.sync().actions == ()
    assert world.livestorm.writes == 1


def test_spellings_that_an_editor_gives_a_description_are_no_change() -> None:
    world = met()
    world.livestorm.rewrites, world.calendar.rewrites = wrapped, respelled
    world.calendar.edit(world.now, description="one<br>two & <b>three</b>")
    world.settle()
    world.livestorm.edit(world.now, description="<p>four</p><p><strong>five</strong></p>")
    world.settle()
    calendar_says(world, description="four<br/>\n<br/>\n<strong>five</strong>")
    assert (world.livestorm.writes, world.calendar.writes) == (1, 1)


def test_a_rewriting_nobody_foresaw_does_not_go_back_and_forth() -> None:
    world = met()
    world.livestorm.rewrites = lambda text: text.upper()
    world.calendar.edit(world.now, description="shout")
    world.settle()
    assert world.sync().actions == ()
    calendar_says(world, description="shout")
    assert world.livestorm.writes == 1


def test_a_lost_answer_and_a_rewriting_together_cost_looks_but_no_words() -> None:
    """The write went through, its outcome was lost, and Livestorm dropped the formatting."""
    world = met()
    world.livestorm.rewrites = lambda text: text.replace("<b>", "").replace("</b>", "")
    world.calendar.edit(world.now, description="<b>one</b> two")
    world.sync(fails=lambda _: "answer lost")
    world.settle()
    calendar_says(world, description="<b>one</b> two")
    assert world.livestorm.writes == 1


def test_another_etag_or_a_later_update_alone_is_no_change() -> None:
    """Design: changed means the value differs; scenario 34 as well: a late stamp does no harm."""
    world = met()
    world.pass_time(hours=1)
    world.calendar.edit(world.now, etag='"99"')
    world.livestorm.edit(world.now)
    assert world.sync().actions == ()


def test_the_same_instant_in_another_zone_is_no_change() -> None:
    """Scenario 47."""
    world = met()
    start = world.calendar.when.start
    world.calendar.zone = "America/New_York"
    world.calendar.move(start, 60, world.now)
    assert world.sync().actions == ()


def test_our_footer_is_put_below_and_never_carried() -> None:
    world = met(footer='<a href="https://app.livestorm.co">Made with Livestorm</a>')
    for words in ("one", "two", "three"):
        world.livestorm.edit(world.now, description=words)
        world.settle()
        assert world.calendar.body is not None
        text = world.calendar.body["description"]
        assert text.count("Made with Livestorm") == 1
        assert description.clean(text) == words
    assert world.livestorm.writes == 0


# Both sides changed.


def test_the_newer_of_two_changes_counts_and_the_other_is_kept() -> None:
    """Scenario 31."""
    world = met()
    world.calendar.edit(world.now, summary="Calendar's")
    world.pass_time(minutes=1)
    world.livestorm.edit(world.now, title="Livestorm's")
    world.settle()
    livestorm_says(world, title="Livestorm's")
    calendar_says(world, summary="Livestorm's")
    assert overwritten(world) == [(Side.CALENDAR, Change.TITLE, "Calendar's")]


def test_calendar_counts_when_both_changed_within_the_same_second() -> None:
    world = met()
    world.now += timedelta(milliseconds=400)
    world.livestorm.edit(world.now, title="Livestorm's")
    world.calendar.edit(world.now, summary="Calendar's")
    world.settle()
    livestorm_says(world, title="Calendar's")
    assert overwritten(world) == [(Side.LIVESTORM, Change.TITLE, "Livestorm's")]


def test_different_parts_changed_on_both_sides_do_not_conflict() -> None:
    world = met()
    world.calendar.edit(world.now, summary="Calendar's")
    world.livestorm.edit(world.now, description="Livestorm's")
    world.livestorm.move("session-1", NOW + timedelta(days=9), world.now)
    world.settle()
    livestorm_says(world, title="Calendar's", description="Livestorm's")
    calendar_says(world, summary="Calendar's", description="Livestorm's")
    assert world.calendar.when.start == NOW + timedelta(days=9)
    assert world.notes == []


def test_the_same_change_on_both_sides_is_none() -> None:
    world = met()
    world.calendar.edit(world.now, summary="Same")
    world.livestorm.edit(world.now, title="Same")
    assert world.sync().actions == ()
    world.livestorm.edit(world.now, title="Different")
    world.settle()
    calendar_says(world, summary="Different")


def test_two_new_times_the_newer_counts() -> None:
    world = met()
    world.calendar.move(NOW + timedelta(days=4), 60, world.now)
    world.pass_time(minutes=1)
    world.livestorm.move("session-1", NOW + timedelta(days=5), world.now)
    world.settle()
    assert world.calendar.when.start == NOW + timedelta(days=5)
    assert overwritten(world) == [(Side.CALENDAR, Change.START, "2026-03-06T08:00:00+00:00")]


def test_a_note_about_the_same_loss_has_the_same_digest() -> None:
    note = Note(NoteKind.OVERWRITTEN, Side.CALENDAR, Change.TITLE, "Lost")
    again = Note(NoteKind.OVERWRITTEN, Side.CALENDAR, Change.TITLE, "Lost")
    assert note.digest == again.digest
    assert note.digest != Note(NoteKind.OVERWRITTEN, Side.LIVESTORM, Change.TITLE, "Lost").digest


# What Livestorm does not take.


def test_an_ignored_length_is_reported_and_not_repeated() -> None:
    world = new_world()
    world.livestorm.ignores_minutes = True
    world.livestorm.minutes = 30
    world.settle()
    assert world.livestorm.writes == 1
    assert lasting(world.base) == {Unsynced.END_TIME}
    assert world.calendar.when.minutes == 60
    world.calendar.move(world.calendar.when.start, 75, world.now)
    world.settle()
    assert world.livestorm.writes == 2
    assert world.calendar.when.minutes == 75


@pytest.mark.parametrize("minutes", [0])
def test_no_length_in_calendar_is_no_wish(minutes: int) -> None:
    """Scenario 49."""
    world = met()
    world.calendar.move(world.calendar.when.start, minutes, world.now)
    assert world.sync().actions == ()
    world.livestorm.edit(world.now, title="Still in touch")
    world.settle()
    calendar_says(world, summary="Still in touch")


def test_an_event_made_in_the_past_is_carried_except_its_time() -> None:
    world = new_world(event(NOW - timedelta(days=1), minutes=90))
    world.livestorm.title, world.livestorm.minutes = "Placeholder", 30
    world.written_title = "Placeholder"
    world.calendar.invite("ada@partner.test")
    world.settle()
    livestorm_says(world, title="Launch")
    assert world.session.start == NOW + timedelta(minutes=1)
    assert "ada@partner.test" in world.livestorm.registered("session-1")
    assert world.calendar.writes == 0
    assert Unsynced.PAST_TIME in lasting(world.base)
    assert world.sync().actions == ()


@pytest.mark.parametrize("days", [-3, 3])
def test_a_past_event_that_is_edited_leaves_livestorms_time_alone(days: int) -> None:
    world = met(event(NOW + timedelta(hours=1)))
    world.pass_time(days=2)
    world.calendar.move(world.now + timedelta(days=days), 30, world.now)
    world.calendar.edit(world.now, summary="Renamed afterwards")
    world.settle()
    livestorm_says(world, title="Renamed afterwards", minutes=60)
    assert world.session.start == NOW + timedelta(hours=1)
    assert Unsynced.PAST_TIME in lasting(world.base)


def test_an_upcoming_event_moved_into_the_past_leaves_livestorms_time_alone() -> None:
    world = met()
    world.calendar.move(NOW - timedelta(days=1), 60, world.now)
    world.settle()
    assert world.session.start == NOW + timedelta(days=2)
    assert world.sync().actions == ()


@pytest.mark.parametrize("status", ["live", "past"])
def test_a_session_that_began_is_never_moved(status: str) -> None:
    world = met()
    world.session.status = status
    world.calendar.move(NOW + timedelta(days=4), 60, world.now)
    world.settle()
    assert world.session.start == NOW + timedelta(days=2)
    assert Unsynced.PAST_TIME in lasting(world.base)


def test_a_late_session_nobody_started_can_still_be_moved() -> None:
    world = met(event(NOW + timedelta(minutes=10), minutes=600))
    world.pass_time(hours=2)
    world.calendar.move(world.now + timedelta(hours=1), 600, world.now)
    world.settle()
    assert world.session.start == world.calendar.when.start


def test_the_end_of_a_text_that_calendar_has_no_room_for_is_not_lost() -> None:
    world = met()
    text = "word " * 2000 + "and an end"
    world.livestorm.edit(world.now, description=text)
    world.settle()
    assert world.calendar.body is not None
    assert world.notes == []
    world.pass_time(minutes=1)
    edited = "Edited. " + world.calendar.body["description"]
    world.calendar.edit(world.now, description=edited)
    world.settle()
    assert world.livestorm.description.startswith("Edited. ")
    (note,) = world.notes
    assert (note.kind, note.side) == (NoteKind.OVERWRITTEN, Side.LIVESTORM)
    assert note.value == text


# All day.


def nine(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 8, tzinfo=UTC)


def test_an_all_day_event_has_its_session_at_nine() -> None:
    world = new_world(all_day("2026-03-10", "2026-03-11"))
    world.session.start = NOW + timedelta(hours=3)
    world.settle()
    assert world.session.start == nine(date(2026, 3, 10))
    assert Unsynced.TIME_OF_DAY in lasting(world.base)
    assert world.sync().actions == ()


def test_only_another_date_moves_the_session_of_an_all_day_event() -> None:
    """Scenarios 45, 46."""
    world = met(all_day("2026-03-10", "2026-03-11"))
    world.livestorm.move("session-1", datetime(2026, 3, 10, 14, tzinfo=UTC), world.now)
    assert world.sync().actions == ()
    world.livestorm.move("session-1", datetime(2026, 3, 12, 14, tzinfo=UTC), world.now)
    world.settle()
    calendar_says(world, start={"date": "2026-03-12"}, end={"date": "2026-03-13"})
    world.calendar.make_all_day(date(2026, 3, 20), 2, world.now)
    world.settle()
    assert world.session.start == datetime(2026, 3, 20, 14, tzinfo=UTC)
    assert world.sync().actions == ()


def test_making_an_event_all_day_leaves_its_session_at_its_hour() -> None:
    world = met()
    world.calendar.make_all_day(date(2026, 3, 4), 1, world.now)
    assert world.sync().actions == ()
    world.calendar.move(datetime(2026, 3, 4, 15, tzinfo=UTC), 60, world.now)
    world.settle()
    assert world.session.start == datetime(2026, 3, 4, 15, tzinfo=UTC)


def test_an_all_day_event_given_the_hour_of_nine_has_its_session_then() -> None:
    """That is what all-day events are reckoned from; it is a change all the same."""
    world = met(all_day("2026-03-10", "2026-03-11"))
    world.livestorm.move("session-1", datetime(2026, 3, 10, 14, tzinfo=UTC), world.now)
    world.settle()
    nine = datetime(2026, 3, 10, 8, tzinfo=UTC)
    world.calendar.move(nine, 60, world.now)
    world.settle()
    assert world.session.start == nine


def test_an_all_day_event_says_nothing_about_length() -> None:
    world = met(all_day("2026-03-10", "2026-03-13"))
    world.livestorm.edit(world.now, minutes=240)
    assert world.sync().actions == ()
    calendar_says(world, end={"date": "2026-03-13"})


# What may not be written.


def test_a_calendar_that_may_only_be_read_is_not_written_and_catches_up_later() -> None:
    """Scenario 69."""
    world = met()
    world.calendar.may_write = False
    world.livestorm.edit(world.now, title="Wish", description="Wish", minutes=20)
    world.livestorm.move("session-1", NOW + timedelta(days=4), world.now)
    world.livestorm.register("session-1", "ada@partner.test")
    made = world.sync()
    assert made.actions == ()
    assert Unsynced.READ_ONLY in made.unsynced
    world.calendar.edit(world.now, summary="Other")
    world.calendar.may_write = True
    world.settle()
    calendar_says(world, description="Wish")
    assert world.calendar.when.minutes == 20
    assert world.calendar.when.start == NOW + timedelta(days=4)
    assert "ada@partner.test" in world.calendar.guests()


def test_conference_flags_and_answers_are_never_in_a_patch() -> None:
    names = set(PatchCalendar.__dataclass_fields__)
    assert names == {
        *("occurrence", "title", "description", "start", "end", "add", "remove", "why"),
    }
    world = met(event(guestsCanSeeOtherGuests=False, guestsCanInviteOthers=False))
    world.livestorm.edit(world.now, title="New")
    world.livestorm.register("session-1", "ada@partner.test")
    world.calendar.invite("bob@partner.test", responseStatus="accepted", comment="Late")
    world.settle()
    calendar_says(world, guestsCanSeeOtherGuests=False, guestsCanInviteOthers=False)
    assert world.calendar.body is not None
    bob = [one for one in world.calendar.body["attendees"] if one["email"] == "bob@partner.test"]
    assert bob == [{"email": "bob@partner.test", "responseStatus": "accepted", "comment": "Late"}]
