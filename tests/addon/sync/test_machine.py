"""Random lives of one pair of events: people on both sides, faults, and time passing.

Whenever everything falls quiet both sides must agree, nothing may have been lost without a note,
and nothing may be left to write.
"""

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from addon import description
from addon.description import words
from addon.sync.actions import PatchCalendar, Register
from addon.sync.base import SINGLE, Standing
from addon.sync.occurrences import people, wanted
from addon.sync.rules import MAKING
from addon.sync.standing import lasting
from addon.sync.values import livestorm_title, title
from addon.sync.words import NoteKind, Unsynced
from tests.addon.sync.calendar_model import NOW, ORGANIZER, event
from tests.addon.sync.livestorm_model import person
from tests.addon.sync.world import World, new_world, respelled, wrapped

GUESTS = [f"guest{number}@partner.test" for number in range(8)]
TITLES = ["", "Launch", "  Spring   launch ", "Été", "x" * 300]
TEXTS = ["", "About it", "<b>About</b> it", "one\ntwo", "<p>one</p><p>two & three</p>"]
OFFSETS = [-3, -1, 1, 2, 5, 26, 50, 24 * 9]
RULES = [None, ["RRULE:FREQ=DAILY;COUNT=5"], ["RRULE:FREQ=WEEKLY"], ["RRULE:FREQ=WEEKLY;BYDAY=TU"]]

guests = st.sampled_from(GUESTS)
hours = st.sampled_from(OFFSETS)


class LinkMachine(RuleBasedStateMachine):
    """One link."""

    world: World

    @initialize(
        rules=st.sampled_from(RULES),
        sessions=st.sampled_from([0, 1, 3]),
        limit=st.sampled_from([3, 200]),
        rewrites=st.booleans(),
        ignores=st.booleans(),
        everywhere=st.booleans(),
        upper=st.booleans(),
        start=hours,
    )
    def begin(
        self,
        *,
        rules: list[str] | None,
        sessions: int,
        limit: int,
        rewrites: bool,
        ignores: bool,
        everywhere: bool,
        upper: bool,
        start: int,
    ) -> None:
        body = event(NOW + timedelta(hours=start))
        if rules:
            body["recurrence"] = rules
        self.world = new_world(body, occurrence_sessions=sessions, guest_limit=limit)
        if rewrites:
            self.world.calendar.rewrites = respelled
            self.world.livestorm.rewrites = wrapped
        self.world.livestorm.ignores_minutes = ignores
        self.world.livestorm.removes_everywhere = everywhere
        self.world.calendar.upper_case = upper
        # What somebody typed and has not been seen on the other side: (side, part) → value.
        self.typed: dict[tuple[str, str], str] = {}

    @property
    def alive(self) -> bool:
        return (
            self.world.ended is None
            and not self.world.livestorm.deleted
            and self.world.calendar.body is not None
            and self.world.calendar.body.get("status") == "confirmed"
        )

    # People in Calendar.

    @precondition(lambda self: self.alive)
    @rule(text=st.sampled_from(TITLES))
    def retitle_in_calendar(self, text: str) -> None:
        self._type("calendar", "title", title(text))
        self.world.calendar.edit(self.world.now, summary=text)

    @precondition(lambda self: self.alive)
    @rule(text=st.sampled_from(TEXTS))
    def describe_in_calendar(self, text: str) -> None:
        self._type("calendar", "description", description.clean(text))
        self.world.calendar.edit(self.world.now, description=text)

    @precondition(lambda self: self.alive)
    @rule(offset=hours, minutes=st.sampled_from([0, 30, 60, 90]))
    def move_in_calendar(self, offset: int, minutes: int) -> None:
        start = self._soon(offset)
        self.world.calendar.move(start, minutes, self.world.now)

    @precondition(lambda self: self.alive)
    @rule(days=st.integers(-1, 9), length=st.integers(1, 2))
    def make_all_day(self, days: int, length: int) -> None:
        first = (self.world.now + timedelta(days=days)).date()
        self.world.calendar.make_all_day(first, length, self.world.now)

    @precondition(lambda self: self.alive)
    @rule(rules=st.sampled_from(RULES))
    def repeat(self, rules: list[str] | None) -> None:
        self.world.calendar.exceptions.clear()
        assert self.world.calendar.body is not None
        self.world.calendar.body.pop("recurrence", None)
        if rules:
            self.world.calendar.edit(self.world.now, recurrence=rules)

    @precondition(lambda self: self.alive)
    @rule(guest=guests, declined=st.booleans())
    def invite(self, guest: str, declined: bool) -> None:
        answer = "declined" if declined else "needsAction"
        self.world.calendar.invite(guest, responseStatus=answer)

    @precondition(lambda self: self.alive)
    @rule(guest=guests)
    def uninvite(self, guest: str) -> None:
        self.world.calendar.uninvite(guest)

    @precondition(lambda self: self.alive and self._keys())
    @rule(data=st.data(), guest=guests)
    def change_guests_of_an_occurrence(self, data: st.DataObject, guest: str) -> None:
        key = data.draw(st.sampled_from(self._keys()))
        if guest in self.world.calendar.guests(key):
            self.world.calendar.uninvite(guest, key)
        else:
            self.world.calendar.invite(guest, key)

    @precondition(lambda self: self.alive and self._keys())
    @rule(data=st.data(), offset=hours)
    def move_an_occurrence(self, data: st.DataObject, offset: int) -> None:
        key = data.draw(st.sampled_from(self._keys()))
        self.world.calendar.move(self._soon(offset), 60, self.world.now, key)

    @precondition(lambda self: self.alive and self._keys())
    @rule(data=st.data())
    def cancel_an_occurrence(self, data: st.DataObject) -> None:
        self.world.calendar.cancel(data.draw(st.sampled_from(self._keys())))

    # People in Livestorm.

    @precondition(lambda self: self.alive)
    @rule(text=st.sampled_from(TITLES[1:]))
    def retitle_in_livestorm(self, text: str) -> None:
        text = text[:255]
        self._type("livestorm", "title", title(text))
        self.world.livestorm.edit(self.world.now, title=text)

    @precondition(lambda self: self.alive)
    @rule(text=st.sampled_from(TEXTS))
    def describe_in_livestorm(self, text: str) -> None:
        self._type("livestorm", "description", description.clean(text))
        self.world.livestorm.edit(self.world.now, description=text)

    @precondition(lambda self: self.alive)
    @rule(minutes=st.sampled_from([15, 30, 60]))
    def change_the_length(self, minutes: int) -> None:
        self.world.livestorm.edit(self.world.now, minutes=minutes)

    @precondition(lambda self: self.alive and self._sessions("upcoming"))
    @rule(data=st.data(), offset=hours.filter(lambda offset: offset > 0))
    def move_a_session(self, data: st.DataObject, offset: int) -> None:
        session_id = data.draw(st.sampled_from(self._sessions("upcoming")))
        self.world.livestorm.move(session_id, self._soon(offset), self.world.now)

    @precondition(lambda self: self.alive and self._sessions("upcoming", "live", "past"))
    @rule(data=st.data(), guest=guests, speaker=st.booleans())
    def register(self, data: st.DataObject, guest: str, speaker: bool) -> None:
        session_id = data.draw(st.sampled_from(self._sessions("upcoming", "live", "past")))
        people_there = self.world.livestorm.sessions[session_id].people
        people_there.setdefault(guest, person(guest, speaker=speaker))

    @precondition(lambda self: self.alive and self._sessions("upcoming"))
    @rule(data=st.data(), guest=guests)
    def unregister(self, data: st.DataObject, guest: str) -> None:
        session_id = data.draw(st.sampled_from(self._sessions("upcoming")))
        self.world.livestorm.unregister(session_id, guest)

    @precondition(lambda self: self.alive and self._sessions("upcoming"))
    @rule(data=st.data(), outcome=st.sampled_from(["live", "past", "canceled"]))
    def a_session_takes_its_course(self, data: st.DataObject, outcome: str) -> None:
        session_id = data.draw(st.sampled_from(self._sessions("upcoming")))
        self.world.livestorm.sessions[session_id].status = outcome

    @precondition(lambda self: self.alive and len(self._sessions("upcoming")) > 1)
    @rule(data=st.data())
    def delete_a_session(self, data: st.DataObject) -> None:
        session_id = data.draw(st.sampled_from(self._sessions("upcoming")))
        self.world.livestorm.sessions.pop(session_id)
        self.world.livestorm.gone.add(session_id)

    # Deletions.

    @precondition(lambda self: self.alive and self.world.base.met)
    @rule(taken_back=st.booleans())
    def delete_in_calendar(self, taken_back: bool) -> None:
        before = self.world.calendar.body, dict(self.world.calendar.exceptions)
        self.world.calendar.cancel(SINGLE)
        if taken_back:
            self.world.sync()
            self.world.calendar.body, self.world.calendar.exceptions = before

    @precondition(lambda self: self.alive and self.world.base.met)
    @rule()
    def delete_in_livestorm(self) -> None:
        self.world.livestorm.deleted = True

    # The program, its faults, and time.

    @precondition(lambda self: self.world.ended is None)
    @rule()
    def sync(self) -> None:
        self.world.sync()

    @precondition(lambda self: self.world.ended is None)
    @rule(faults=st.lists(st.sampled_from(["fine", "not done", "answer lost"]), max_size=12))
    def sync_with_faults(self, faults: list[str]) -> None:
        coming = iter(faults)
        self.world.sync(fails=lambda _: next(coming, "fine"))

    @precondition(lambda self: self.alive and self._sessions("upcoming"))
    @rule(data=st.data(), guest=guests, fate=st.sampled_from(["not done", "answer lost"]))
    def people_change_while_calendar_is_down(
        self, data: st.DataObject, guest: str, fate: str
    ) -> None:
        session_id = data.draw(st.sampled_from(self._sessions("upcoming")))
        if guest in self.world.livestorm.registered(session_id):
            self.world.livestorm.unregister(session_id, guest)
        else:
            self.world.livestorm.register(session_id, guest)
        self.world.sync(fails=lambda one: fate if isinstance(one, PatchCalendar) else "fine")

    @rule(hears=st.booleans())
    def somebody_says_that_people_changed(self, hears: bool) -> None:
        self.world.hears = hears

    @rule(hours_later=st.sampled_from([0.01, 0.5, 20, 24 * 8]))
    def pass_time(self, hours_later: float) -> None:
        self.world.pass_time(hours=hours_later)

    @precondition(lambda self: self.world.ended is None)
    @rule()
    def quiet(self) -> None:
        world = self.world
        world.hears = True
        world.settle()
        if world.ended is not None:
            return
        world.pass_time(seconds=1)
        assert world.plan().writes == ()
        assert world.plan(everybody=True).writes == (), "somebody was overlooked"
        if self.alive:
            self._both_sides_agree()
        self._nothing_was_lost()

    @invariant()
    def nothing_of_others_was_touched(self) -> None:
        if not hasattr(self, "world"):
            return
        for action in self.world.actions:
            if isinstance(action, PatchCalendar):
                assert ORGANIZER not in {*action.remove, *(one.address for one in action.add)}
            if isinstance(action, Register):
                assert ORGANIZER not in {one.address for one in action.people}
        body = self.world.calendar.body
        if body and body.get("status") == "confirmed":
            assert any(one["email"].lower() == ORGANIZER for one in body["attendees"])
            assert body["conferenceData"]

    @invariant()
    def no_occurrence_has_two_sessions(self) -> None:
        if not hasattr(self, "world"):
            return
        ids = [one.session_id for one in self.world.base.occurrences.values()]
        assert len(ids) == len(set(ids))

    # What must hold.

    def _both_sides_agree(self) -> None:
        world = self.world
        calendar, livestorm = world.calendar.read(), world.livestorm.read()
        assert calendar.value is not None
        assert livestorm.value is not None
        known = lasting(world.base)
        placeholder = world.rules.placeholder_title
        assert livestorm_title(calendar.value.title, placeholder) == livestorm.value.title
        assert words(calendar.value.description) == words(livestorm.value.description)
        if calendar.value.minutes != livestorm.value.minutes:
            assert calendar.value.minutes is None or Unsynced.END_TIME in known
        seen = wanted(calendar, calendar.value, frozenset(world.base.occurrences), world.rules)
        plan = world.plan()
        for key, agreed in world.base.occurrences.items():
            session = livestorm.sessions[agreed.session_id]
            occurrence = seen.occurrences.get(key)
            if occurrence is None or not session.state.exists or session.start is None:
                continue
            if not occurrence.when.starts_with(session.start):
                assert Unsynced.PAST_TIME in known
            if not session.state.takes_people:
                continue
            apart = {one.address for one in plan.unsynced_guests}
            apart |= {
                address for address, one in agreed.guests.items() if one is Standing.LIVESTORM_ONLY
            }
            invited = people(occurrence.guests).keys() - apart
            registered = people(session.registrants or {}).keys() - apart
            assert invited == registered, (key, invited ^ registered)

    def _nothing_was_lost(self) -> None:
        calendar, livestorm = self.world.calendar.read(), self.world.livestorm.read()
        noted = {
            note.value
            for note in self.world.notes
            if note.kind in {NoteKind.OVERWRITTEN, NoteKind.LOST_WITH_DELETION}
        }
        for (_, part), value in self.typed.items():
            shown = {getattr(one.value, part) for one in (calendar, livestorm) if one.value}
            told = {words(one) for one in {*shown, *noted} if one}
            assert not value or value in shown | noted or words(value) in told, (part, value)
        self.typed.clear()

    def _type(self, side: str, part: str, value: str) -> None:
        """Somebody typed over what they saw; if that came from the other side, it is not lost."""
        if side == "livestorm" and not self.world.base.met:
            # Nobody finds a new Livestorm event and rewrites it sooner.
            self.world.pass_time(seconds=MAKING.total_seconds() + 1)
        model = self.world.calendar if side == "calendar" else self.world.livestorm
        seen = getattr(model.read().value, part)
        if value == seen:
            return
        other = "livestorm" if side == "calendar" else "calendar"
        typed = self.typed.get((other, part))
        if typed is not None and (typed == seen or words(typed)[:255] == words(seen)[:255]):
            del self.typed[other, part]
        self.typed[side, part] = value
        agreed = getattr(self.world.base, part)
        if agreed is not None and getattr(agreed, side) == value:
            # Back to what was agreed on: nobody can tell that from never having changed it.
            del self.typed[side, part]

    def _soon(self, offset: int) -> datetime:
        whole = self.world.now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return whole + timedelta(hours=offset)

    def _keys(self) -> list[str]:
        side = self.world.calendar.read()
        if side.value is None or not side.value.recurrence:
            return []
        seen = wanted(side, side.value, frozenset(), self.world.rules)
        return list(seen.occurrences)

    def _sessions(self, *statuses: str) -> list[str]:
        return [one.id for one in self.world.livestorm.sessions.values() if one.status in statuses]


LinkMachine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, derandomize=True
)
TestLink = LinkMachine.TestCase
