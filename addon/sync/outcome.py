"""What is agreed after a plan was carried out, wholly or in part."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from addon import description
from addon.google.failures import GoogleFailure
from addon.livestorm import LivestormFailure
from addon.sync.actions import (
    Action,
    CreateSession,
    DeleteCalendar,
    DeleteLivestormEvent,
    DeleteSession,
    PatchCalendar,
    Register,
    RestoreOccurrence,
    Unregister,
    UpdateLivestormEvent,
    UpdateSession,
)
from addon.sync.base import SINGLE, WHOLE_EVENT, Agreed, Asked, Base, Pair, Standing
from addon.sync.calendar_side import CalendarSide
from addon.sync.livestorm_side import SessionSeen, SessionState
from addon.sync.plan import Plan
from addon.sync.values import Canonical, Role, When
from addon.sync.words import NoteKind, UnlinkReason


@dataclass(frozen=True)
class Outcome:
    """What became of an action.

    What the side answered counts, not what it was asked: it may cut, ignore or rewrite a value,
    and would otherwise look changed by somebody the next time.

    Attributes:
        done: False when it certainly or possibly was not done; it is then planned again.
        refused_whole: It certainly was not done, nothing of it.
        livestorm: The event as Livestorm answered `UpdateLivestormEvent`.
        session: The session as Livestorm answered; required for `CreateSession`.
        calendar: The event, or the occurrence, as Calendar answered `PatchCalendar`.
        refused: Of `Register`: whom Livestorm will not take, ever. Of `PatchCalendar`: who was
            added and is not on the guest list all the same.
        failed: Of `Register` and `PatchCalendar`: whom to add is to be tried again.
        failure: Why, if the side said so. Of `DeleteSession` and `DeleteLivestormEvent`: why
            Livestorm keeps it, which is final when it says so again.
        unregistered: Of `DeleteSession`: who had to be unregistered for it.
        kept: What the history says because the other side will not let go of something.
        unlink: Why the pair is to end instead, both events being left as they are.
    """

    done: bool
    refused_whole: bool = False
    livestorm: Canonical | None = None
    session: SessionSeen | None = None
    calendar: Canonical | None = None
    refused: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    failure: GoogleFailure | LivestormFailure | None = None
    unregistered: frozenset[str] = frozenset()
    kept: NoteKind | None = None
    unlink: UnlinkReason | None = None


NOT_DONE = Outcome(done=False)
REFUSED = Outcome(done=False, refused_whole=True)
DONE = Outcome(done=True)


def patched(action: PatchCalendar, answer: CalendarSide) -> Outcome:
    """Return what became of a change of a Calendar event, going by Calendar's answer to it.

    Calendar may drop or rewrite an address. Taken for a guest, whose entry somebody has removed
    since, that person would be unregistered.
    """
    value = answer.value
    dropped: frozenset[str] = frozenset()
    if value is not None and answer.guests_complete:
        dropped = frozenset(one.address for one in action.add if one.address not in value.guests)
    return Outcome(done=True, calendar=value, refused=dropped)


def settle(plan: Plan, outcomes: Sequence[Outcome]) -> Base:
    """Return the base after a plan was carried out.

    Args:
        plan: What was to be done.
        outcomes: One for each of its actions, in their order; fewer when it was broken off.
    """
    base = replace(
        plan.base,
        asked={**plan.base.asked, **_unanswered(plan, outcomes)},
        refused=tuple(sorted(_refused(plan, outcomes))),
    )
    kept = _still_listed(plan, outcomes)
    for action, outcome in zip(plan.actions, outcomes, strict=False):
        if isinstance(action, Unregister):
            base = _unsure_elsewhere(base, action.occurrence, action.address)
        if isinstance(action, DeleteSession):
            left = outcome.unregistered if outcome.done else frozenset(action.registrants)
            for address in sorted(left):
                base = _unsure_elsewhere(base, action.occurrence, address)
        if isinstance(action, PatchCalendar) and outcome.refused_whole:
            # Nothing was written, so what is missing now was taken away by somebody.
            base = replace(base, differing={})
        if outcome.done:
            base = _after(base, plan, action, outcome, kept)
    return replace(base, made=None) if base.agreed else base


def _unanswered(plan: Plan, outcomes: Sequence[Outcome]) -> dict[str, Asked]:
    """For which occurrences there may be a session that Livestorm's answer never told of."""
    return {
        action.occurrence: plan.asking[action.occurrence]
        for action, outcome in zip(plan.actions, outcomes, strict=False)
        if isinstance(action, CreateSession) and not (outcome.done or outcome.refused_whole)
    }


def _refused(plan: Plan, outcomes: Sequence[Outcome]) -> Iterator[str]:
    """What Livestorm would not delete the last time, as long as it is to be deleted."""
    for action, outcome in zip_longest(plan.actions, outcomes, fillvalue=NOT_DONE):
        if isinstance(action, DeleteSession):
            deleted = action.session_id
        elif isinstance(action, DeleteLivestormEvent):
            deleted = WHOLE_EVENT
        else:
            continue
        tried_in_vain = not outcome.done and deleted in plan.base.refused
        if outcome.failure is not None or tried_in_vain:
            yield deleted


def _after(base: Base, plan: Plan, action: Action, outcome: Outcome, kept: frozenset[str]) -> Base:
    match action:
        case UpdateLivestormEvent():
            return _event_updated(base, plan, action, outcome.livestorm)
        case PatchCalendar():
            return _calendar_patched(base, plan, action, outcome, kept)
        case Register():
            return _registered(base, action, outcome)
        case Unregister():
            return _unregistered(base, action)
        case _:
            return _after_session(base, plan, action, outcome)


def _after_session(base: Base, plan: Plan, action: Action, outcome: Outcome) -> Base:
    match action:
        case CreateSession() if outcome.session:
            base = _session_at(base, plan, action.occurrence, outcome.session)
            made = base.occurrences[action.occurrence]
            guests = {**made.guests, **dict.fromkeys(action.team, Standing.TEAM)}
            return base.with_occurrence(action.occurrence, replace(made, guests=guests))
        case UpdateSession():
            asked = SessionSeen(action.session_id, SessionState.UPCOMING, action.start)
            return _session_at(base, plan, action.occurrence, outcome.session or asked)
        case DeleteSession():
            base = base.keeping(action.session_id) if outcome.kept else base
            return base.with_occurrence(action.occurrence, None)
        case DeleteCalendar() if action.occurrence != SINGLE:
            return base.with_occurrence(action.occurrence, None)
        case RestoreOccurrence():
            left = {key: one for key, one in base.differing.items() if key != action.occurrence}
            return replace(base, differing=left)
        case _:
            return base


def _event_updated(
    base: Base, plan: Plan, action: UpdateLivestormEvent, answer: Canonical | None
) -> Base:
    says = plan.calendar
    if says is None:
        return base
    if action.title is not None:
        title = answer.title if answer else action.title
        base = replace(base, title=Pair(says.title, title))
    if action.description is not None:
        text = answer.description if answer else description.clean(action.description)
        base = replace(base, description=Pair(says.description, text))
    if action.minutes is not None:
        minutes = answer.minutes if answer else action.minutes
        base = replace(base, minutes=Pair(says.minutes, minutes))
    return base


def _calendar_patched(
    base: Base,
    plan: Plan,
    action: PatchCalendar,
    outcome: Outcome,
    kept: frozenset[str],
) -> Base:
    says, answer = plan.livestorm, outcome.calendar
    if says is None:
        return base
    if action.title is not None:
        title = answer.title if answer else action.title
        base = replace(base, title=Pair(title, says.title))
    if action.description is not None:
        text = answer.description if answer else description.clean(action.description)
        base = replace(base, description=Pair(text, says.description))
    if action.end is not None:
        base = _timed(base, plan, action, answer)
    units = [action.occurrence] if action.occurrence in base.occurrences else base.occurrences
    for key in list(units):
        agreed = base.occurrences[key]
        guests = {
            address: standing
            for address, standing in agreed.guests.items()
            if address in kept or address not in action.remove
        }
        for guest in action.add:
            if guest.address in outcome.failed:
                continue
            speaks = guest.role is Role.SPEAKER
            added = Standing.SPEAKER if speaks else Standing.BOTH
            kept_there = guest.address not in outcome.refused
            guests[guest.address] = added if kept_there else Standing.NOT_KEPT
        base = base.with_occurrence(key, replace(agreed, guests=guests))
    return base


def _still_listed(plan: Plan, outcomes: Sequence[Outcome]) -> frozenset[str]:
    """Who was to be taken off several guest lists and is still on one of them."""
    done = {number for number, outcome in enumerate(outcomes) if outcome.done}
    return frozenset(
        address
        for number, action in enumerate(plan.actions)
        if isinstance(action, PatchCalendar) and number not in done
        for address in action.remove
    )


def _timed(base: Base, plan: Plan, action: PatchCalendar, answer: Canonical | None) -> Base:
    times = plan.times.get(action.occurrence)
    was = plan.calendar.when if plan.calendar and action.occurrence == SINGLE else None
    was = times.when if times else was
    when = (answer.when if answer else None) or _as_asked(action, was)
    if when is None or plan.livestorm is None:
        return base
    if action.occurrence == SINGLE:
        base = replace(base, when=when)
        if when.minutes == plan.livestorm.minutes:
            base = replace(base, minutes=Pair(when.minutes, plan.livestorm.minutes))
    agreed = base.occurrences.get(action.occurrence)
    if agreed and action.start is not None and times:
        agreed = replace(agreed, when=when, session_start=times.session_start)
    elif agreed and agreed.when and agreed.when.start == when.start:
        agreed = replace(agreed, when=when)
    return base.with_occurrence(action.occurrence, agreed) if agreed else base


def _as_asked(action: PatchCalendar, was: When | None) -> When | None:
    if action.end is None or was is None:
        return None
    start = action.start.instant if action.start else was.start
    day = action.start.day if action.start else was.day
    return replace(was, start=start, end=action.end.instant, day=day)


def _session_at(base: Base, plan: Plan, key: str, session: SessionSeen) -> Base:
    agreed = base.occurrences.get(key, Agreed(session.id))
    times = plan.times.get(key)
    agreed = replace(
        agreed,
        session_id=session.id,
        when=times.when if times else agreed.when,
        session_start=session.start,
    )
    return base.with_occurrence(key, agreed)


def _registered(base: Base, action: Register, outcome: Outcome) -> Base:
    agreed = base.occurrences.get(action.occurrence)
    if agreed is None:
        return base
    guests = dict(agreed.guests)
    agreed = agreed.counting(len(action.people) - len(outcome.refused | outcome.failed))
    for guest in action.people:
        if guest.address in outcome.refused:
            guests[guest.address] = Standing.CALENDAR_ONLY
        elif guest.address not in outcome.failed:
            guests[guest.address] = Standing.BOTH
    return base.with_occurrence(action.occurrence, replace(agreed, guests=guests))


def _unregistered(base: Base, action: Unregister) -> Base:
    agreed = base.occurrences.get(action.occurrence)
    if agreed is None:
        return base
    guests = {one: standing for one, standing in agreed.guests.items() if one != action.address}
    agreed = replace(agreed.counting(-1), guests=guests)
    return base.with_occurrence(action.occurrence, agreed)


def _unsure_elsewhere(base: Base, occurrence: str, address: str) -> Base:
    """Whether removing a registrant spares the event's other sessions is not documented.

    In Livestorm's own pages it does not (support.livestorm.co/article/99-delete-registrant), so
    their absence there is from now on nobody's wish. That holds for an attempt without an answer
    as well: it may have been carried out.
    """
    for key, agreed in base.occurrences.items():
        if key != occurrence and agreed.guests.get(address) is Standing.BOTH:
            guests = {**agreed.guests, address: Standing.UNSURE}
            base = base.with_occurrence(key, replace(agreed, guests=guests))
    return base
