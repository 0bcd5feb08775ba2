"""Deciding what to do about one pair of events. Pure: values in, a plan out.

`plan` compares what both sides say now with what they said when they last agreed. What changed on
one side is carried to the other; what changed on both is taken from the side that was changed
last, and the other value kept in a note; what nobody changed stays, even where the sides differ.
Our own writes plan nothing: they are what was agreed on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from addon.sync.actions import NOT_WRITES, Action, CreateSession, Note, Unlink
from addon.sync.base import SINGLE, Base
from addon.sync.calendar_side import CalendarSide
from addon.sync.differing import set_back
from addon.sync.drafting import Draft, Situation, UnsyncedGuest
from addon.sync.existence import End, end_of, livestorm_gone
from addon.sync.fields import plan_fields
from addon.sync.livestorm_side import LivestormSide, SessionSeen
from addon.sync.matching import Matching, match, took_place
from addon.sync.occurrences import Wanted, wanted
from addon.sync.removing import remove_coming
from addon.sync.rules import Rules
from addon.sync.sessions import plan_sessions
from addon.sync.values import Canonical, When
from addon.sync.words import NoteKind, Side, Unsynced

__all__ = ["Plan", "Times", "UnsyncedGuest", "plan"]


@dataclass(frozen=True)
class Times:
    """When both sides had one occurrence; `session_start` is None without a session."""

    when: When
    session_start: datetime | None


@dataclass(frozen=True)
class Plan:
    """What to do.

    Attributes:
        actions: To be carried out in this order. Questions come alone.
        notes: For the history; to be stored before anything is carried out, because that may
            overwrite what they keep.
        base: What is agreed as things are, nothing carried out; see `addon.sync.outcome.settle`
            for what is agreed afterwards.
        unsynced: Parts that cannot be kept the same, besides those that
            `addon.sync.standing.lasting` finds in the base.
        unsynced_guests: Who is not on both sides, and why.
        calendar, livestorm: What both sides said; None when nothing was compared.
        times: When both sides had each occurrence, by key.
    """

    actions: tuple[Action, ...]
    notes: tuple[Note, ...]
    base: Base
    unsynced: frozenset[Unsynced] = frozenset()
    unsynced_guests: tuple[UnsyncedGuest, ...] = ()
    calendar: Canonical | None = None
    livestorm: Canonical | None = None
    times: Mapping[str, Times] = field(default_factory=dict)

    @property
    def asking(self) -> Mapping[str, When]:
        """For which occurrences Livestorm is asked for a session, and when they are."""
        made = [one for one in self.actions if isinstance(one, CreateSession)]
        return {one.occurrence: self.times[one.occurrence].when for one in made}

    @property
    def writes(self) -> tuple[Action, ...]:
        """The actions that change one of the two sides."""
        return tuple(one for one in self.actions if not isinstance(one, NOT_WRITES))

    @property
    def unlinks(self) -> bool:
        """Whether the link ends here, both events being left as they are."""
        return any(isinstance(one, Unlink) for one in self.actions)


def plan(base: Base, calendar: CalendarSide, livestorm: LivestormSide, rules: Rules) -> Plan:
    """Decide what to do about a pair of events.

    Args:
        base: What both sides said when they last agreed; `Base()` before they ever met.
        calendar: What Calendar says.
        livestorm: What Livestorm says.
        rules: Settings, and the present instant.
    """
    end = end_of(base, calendar, livestorm, rules)
    if end:
        return _called_off(end, livestorm, rules) if end.called_off else _ending(end)
    assert calendar.value is not None  # noqa: S101 - both are there, or there were an end
    assert livestorm.value is not None  # noqa: S101
    undone = set_back(base, calendar)
    if undone:
        # First the series is to be as it was: a date that is back by mistake needs no session.
        return Plan(undone, (), base)
    now = Situation(base, calendar, livestorm, rules, calendar.value, livestorm.value)
    agreed = base.occurrences.items()
    over = {key for key, one in agreed if took_place(livestorm, one, rules.now)}
    known = frozenset(base.occurrences)
    seen = wanted(calendar, calendar.value, known, rules, over=frozenset(over))
    matching = match(now, seen.occurrences)
    if _only_session_gone(now, matching):
        return _ending(livestorm_gone(base, calendar, rules))
    draft = Draft(replace(base, kept=_still_kept(now, matching)), notes=_returned(base))
    if calendar.value.when is not None:
        plan_sessions(draft, now, seen, matching)
    plan_fields(draft, now, is_over=_is_over(now, seen))
    if draft.questions:
        return Plan(draft.actions(), (), base)
    return Plan(
        actions=draft.actions(),
        notes=tuple(draft.notes),
        base=replace(
            draft.base,
            when=calendar.value.when or base.when,
            recurrence=calendar.value.recurrence,
            asked={},
            differing={},
            calendar_gone_since=None,
            calendar_missing_since=None,
            livestorm_gone_since=None,
        ),
        unsynced=frozenset(draft.unsynced),
        unsynced_guests=tuple(
            sorted(draft.unsynced_guests, key=lambda one: (one.address, one.reason.value))
        ),
        calendar=calendar.value,
        livestorm=livestorm.value,
        times={
            key: Times(one.when, _session_start(now, matching, key))
            for key, one in seen.occurrences.items()
        },
    )


def _ending(end: End) -> Plan:
    return Plan((end.action,), end.notes, end.base)


def _called_off(end: End, livestorm: LivestormSide, rules: Rules) -> Plan:
    """First our sessions that are still to come, then the end of the link."""
    draft = Draft(end.base)
    remove_coming(draft, livestorm, rules)
    if draft.questions:
        return Plan(draft.actions(), (), end.base)
    actions = draft.actions() or (end.action,)
    return Plan(actions, (*draft.notes, *end.notes), draft.base)


def _returned(base: Base) -> list[Note]:
    """What was seen to be deleted is there again."""
    since = {Side.CALENDAR: base.calendar_gone_since, Side.LIVESTORM: base.livestorm_gone_since}
    return [Note(NoteKind.DELETION_TAKEN_BACK, side) for side, gone in since.items() if gone]


def _still_kept(now: Situation, matching: Matching) -> tuple[str, ...]:
    """The sessions without an occurrence that somebody may still have to decide about."""
    taken = {agreed.session_id for agreed in matching.paired.values()}
    sessions = now.livestorm.sessions
    return tuple(
        one
        for one in now.base.kept
        if one not in taken
        and one in sessions
        and now.livestorm.is_ahead(sessions[one], now.rules.now)
    )


def _only_session_gone(now: Situation, matching: Matching) -> bool:
    """Whether a single event lost the session it consists of."""
    session = _session(now, matching, SINGLE)
    return session is not None and not session.state.exists


def _is_over(now: Situation, seen: Wanted) -> bool:
    """Whether all of it has taken place, as it was before any edit: past edits are not carried."""
    if now.says_calendar.recurrence:
        return not seen.upcoming
    when = now.base.when if now.base.met else now.says_calendar.when
    return when is not None and when.over_at <= now.rules.now


def _session_start(now: Situation, matching: Matching, key: str) -> datetime | None:
    session = _session(now, matching, key)
    return session.start if session else None


def _session(now: Situation, matching: Matching, key: str) -> SessionSeen | None:
    agreed = matching.paired.get(key)
    return now.livestorm.sessions.get(agreed.session_id) if agreed else None
