"""Both sides as pure models, and what the program keeps about them.

No network, no clock, no chance. Switches make a side rewrite what it is given, as real ones do.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from addon.sync import people_news
from addon.sync.actions import (
    Action,
    CreateSession,
    DeleteCalendar,
    DeleteLivestormEvent,
    DeleteSession,
    LookAtRegistrants,
    LookForMoved,
    LookForSession,
    Note,
    PatchCalendar,
    Register,
    Unlink,
    Unregister,
    UpdateLivestormEvent,
    UpdateSession,
    Wait,
)
from addon.sync.base import SINGLE, Base
from addon.sync.outcome import NOT_DONE, Outcome, patched, settle
from addon.sync.plan import Plan, plan
from addon.sync.rules import Rules
from addon.sync.stored import from_json, to_json
from tests.addon.sync.calendar_model import NOW, ORGANIZER, CalendarModel, Json, event
from tests.addon.sync.livestorm_model import LivestormModel, Refused, SessionModel, person


@dataclass
class World:
    """Both sides, and what the program keeps about them."""

    calendar: CalendarModel
    livestorm: LivestormModel
    now: datetime = NOW
    base: Base = field(default_factory=Base)
    notes: list[Note] = field(default_factory=list)
    ended: Action | None = None
    settings: Json = field(default_factory=dict)
    written_title: str | None = None
    written_start: datetime | None = None
    actions: list[Action] = field(default_factory=list)
    last: Plan | None = None
    read: set[str] = field(default_factory=set)
    """Sessions whose people the last plan saw."""
    hears: bool = True
    """Whether it is said that people changed in Livestorm: by a webhook, or a listing's counts."""
    heard: frozenset[tuple[str, str]] = frozenset()
    people_seq: int = 1
    people_read_seq: int = 0

    @property
    def rules(self) -> Rules:
        return replace(
            Rules(
                now=self.now,
                linked_at=NOW,
                placeholder_title="Livestorm event",
                placeholder_titles=frozenset({"Untitled event", "Événement sans titre"}),
                written_title=self.written_title,
                written_start=self.written_start,
            ),
            **self.settings,
        )

    def pass_time(self, **amount: float) -> None:
        self.now += timedelta(**amount)
        self.livestorm.pass_time(self.now)

    def plan(self, *, everybody: bool = False) -> Plan:
        """Plan, answering questions as they come, and reading people as a job does.

        Or with `everybody` in view, whether or not anything was said of them.
        """
        self._hear()
        self.read = set(self.livestorm.sessions) if everybody else set()
        for _ in range(10):
            livestorm = self.livestorm.read(self.read)
            made = plan(self.base, self.calendar.read(), livestorm, self.rules)
            questions = [one for one in made.actions if self._answered(one)]
            news = self.people_seq - self.people_read_seq
            wanted = people_news.wanted(made, livestorm, news=news, now=self.now)
            if questions:
                continue
            if wanted.sessions:
                self.read.update(wanted.sessions)
                continue
            self.last = made
            return made
        raise AssertionError("questions without end")

    def _answered(self, action: Action) -> bool:
        match action:
            case LookForMoved():
                self.calendar.searched = True
            case LookForSession():
                assert action.session_id in self.livestorm.gone, "the session is there"
                self.livestorm.confirmed_gone.add(action.session_id)
            case LookAtRegistrants():
                self.read.add(action.session_id)
            case _:
                return False
        return True

    def _hear(self) -> None:
        if self.hears and self.heard != self.livestorm.people:
            self.people_seq += len(self.heard ^ self.livestorm.people)
            self.heard = self.livestorm.people

    def sync(self, fails: Callable[[Action], str] = lambda _: "fine") -> Plan:
        """One pass: plan, carry out, remember.

        Args:
            fails: What becomes of an action: "fine", "not done", or "answer lost", which is done
                without our learning of it.
        """
        made = self.plan()
        seq, livestorm = self.people_seq, self.livestorm.read(self.read)
        self.notes += [one for one in made.notes if one not in self.notes]
        outcomes = [self._carry_out(one, fails(one)) for one in made.actions]
        self.actions += made.writes
        stored = to_json(settle(people_news.noted(made, livestorm, now=self.now), outcomes))
        self.base = from_json(stored)
        assert to_json(self.base) == stored
        news = seq - self.people_read_seq
        heard = people_news.is_carried(made, livestorm, news=news, now=self.now)
        if NOT_DONE not in outcomes and heard:
            self.people_read_seq = seq
        return made

    def settle(self, passes: int = 6) -> None:
        """Sync until nothing is left to do, letting time pass where the plan waits."""
        for _ in range(passes):
            made = self.sync()
            waits = [one.until for one in made.actions if isinstance(one, Wait) and one.until]
            if self.ended or not made.actions:
                return
            if waits and not made.writes:
                self.now = max(min(waits), self.now)
        assert self.plan().writes == ()

    def _carry_out(self, action: Action, fate: str) -> Outcome:
        if fate == "not done":
            return NOT_DONE
        told = self.heard == self.livestorm.people
        try:
            outcome = self._done(action)
        except Refused:
            return NOT_DONE
        if told:
            # What the program does is no news to it.
            self.heard = self.livestorm.people
        return NOT_DONE if fate == "answer lost" else outcome

    def _done(self, action: Action) -> Outcome:
        livestorm, calendar = self.livestorm, self.calendar
        match action:
            case UpdateLivestormEvent():
                livestorm.update(action, self.now)
                return Outcome(done=True, livestorm=livestorm.read().value)
            case UpdateSession():
                livestorm.move(action.session_id, action.start, self.now)
                seen = livestorm.read().sessions[action.session_id]
                return Outcome(done=True, session=seen)
            case CreateSession():
                made = livestorm.create(action.start, self.now)
                return Outcome(done=True, session=livestorm.read().sessions[made.id])
            case DeleteSession():
                livestorm.delete_session(action.session_id)
            case Register():
                livestorm.writes += 1
                session_id = action.session_id or self._newest(action.occurrence)
                for guest in action.people:
                    livestorm.register(session_id, guest.address)
            case Unregister():
                livestorm.writes += 1
                livestorm.unregister(action.session_id, action.address)
            case PatchCalendar():
                return patched(action, calendar.patch(action, self.now))
            case DeleteCalendar():
                calendar.writes += 1
                calendar.cancel(action.occurrence)
                self.ended = action if action.occurrence == SINGLE else None
            case DeleteLivestormEvent():
                livestorm.writes += 1
                livestorm.deleted = True
                self.ended = action
            case Unlink():
                self.ended = action
            case _:
                pass
        return Outcome(done=True)

    def _newest(self, key: str) -> str:
        assert self.last is not None
        start = self.last.times[key].when.start
        made = [one.id for one in self.livestorm.sessions.values() if one.start == start]
        if not made:
            raise Refused
        return made[-1]

    @property
    def session(self) -> SessionModel:
        return self.livestorm.sessions[self.livestorm.primary]


def new_world(body: Json | None = None, **settings: object) -> World:
    """Both sides right after a Livestorm event was made from a Calendar event."""
    calendar = CalendarModel(event() if body is None else body)
    when = calendar.when
    start = when.start if when.start > NOW else NOW + timedelta(minutes=1)
    session = SessionModel("session-1", start)
    session.people[ORGANIZER] = person(ORGANIZER, role="team_member")
    value = calendar.read().value
    assert value is not None
    livestorm = LivestormModel(
        title=value.title or "Livestorm event",
        description=value.description,
        minutes=when.minutes or 30,
        sessions={session.id: session},
        primary=session.id,
    )
    return World(
        calendar,
        livestorm,
        settings=dict(settings),
        written_title=livestorm.title,
        written_start=start,
    )


def met(body: Json | None = None, **settings: object) -> World:
    """The same after the first comparison, with nothing left to do."""
    world = new_world(body, **settings)
    world.settle()
    world.calendar.writes = world.livestorm.writes = 0
    world.actions.clear()
    world.notes.clear()
    return world


def wrapped(text: str) -> str:
    """A description as Livestorm's editor keeps it."""
    return f"<p>{text}</p>" if text else text


def respelled(text: str) -> str:
    """A description as Calendar's editor keeps it."""
    text = text.replace("<b>", "<strong>").replace("</b>", "</strong>").replace("&amp;", "&")
    return text.replace("<br>", "<br/>\n")
