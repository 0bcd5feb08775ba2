"""Occurrences and their sessions: made, moved, removed, and who takes part."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from addon.sync.actions import (
    BULK,
    CreateSession,
    DeleteCalendar,
    LookAtRegistrants,
    LookForSession,
    Note,
    Register,
    Unregister,
    UpdateSession,
    Wait,
    Why,
    why,
)
from addon.sync.base import SINGLE, Agreed, Pair, Standing
from addon.sync.drafting import Draft, Situation
from addon.sync.guests import GuestPlan, Terms, after_dropped_lists, merge_guests
from addon.sync.livestorm_side import SessionSeen, SessionState
from addon.sync.matching import Matching, took_place
from addon.sync.merging import merge, newer_side
from addon.sync.occurrences import Occurrence, Wanted, people
from addon.sync.recurrence import understood
from addon.sync.removing import remove_session
from addon.sync.values import Guest, Role, at_time_of, whole_minute
from addon.sync.words import Change, NoteKind, Side, Unsynced, WaitReason


def plan_sessions(draft: Draft, now: Situation, wanted: Wanted, matching: Matching) -> None:
    """Decide about every occurrence and its session."""
    agreed: dict[str, Agreed | None] = {}
    for key, occurrence in wanted.occurrences.items():
        if key in matching.paired:
            agreed[key] = _paired(draft, now, occurrence, matching.paired[key])
        elif key not in matching.awaited:
            _create(draft, now, occurrence)
    for key, asked in matching.awaited.items():
        until = asked.settled_at(now.rules.now)
        draft.waits.append(Wait(WaitReason.SESSION_ASKED, until, key))
    certain = understood(now.says_calendar.recurrence)
    for key, gone in matching.gone.items():
        # Of a rule that cannot be read it cannot be said that it no longer makes an occurrence.
        agreed[key] = (
            remove_session(draft, now.livestorm, now.rules, key, gone) if certain else gone
        )
    for key in matching.replaced:
        draft.notes.append(Note(NoteKind.SESSION_REPLACED, Side.LIVESTORM, occurrence=key))
    if wanted.more:
        draft.unsynced.add(Unsynced.LATER_OCCURRENCES)
    kept = {key: one for key, one in sorted(agreed.items()) if one is not None}
    draft.base = replace(draft.base, occurrences=kept)


def _paired(draft: Draft, now: Situation, occurrence: Occurrence, agreed: Agreed) -> Agreed | None:
    session = now.livestorm.sessions.get(agreed.session_id)
    if session is None:
        draft.questions.append(LookForSession(occurrence.key, agreed.session_id))
        return agreed
    if not session.state.exists:
        return _cancel(draft, now, occurrence, agreed)
    agreed = replace(agreed, session_gone_since=None)
    agreed = after_dropped_lists(now, occurrence, agreed)
    agreed = _start(draft, now, occurrence, agreed, session)
    return _people(draft, now, occurrence, agreed, session)


def _start(
    draft: Draft, now: Situation, occurrence: Occurrence, agreed: Agreed, session: SessionSeen
) -> Agreed:
    when = occurrence.when
    pair = Pair[datetime | None](when.start, session.start)
    before = agreed.when
    base = _made_start(now, occurrence, session, pair)
    if before:
        # An event that lasted all day was when its session was, not at nine.
        all_day = before.day is not None and when.day is None
        had = agreed.session_start if all_day else before.start
        base = Pair(had, agreed.session_start)
    verdict = merge(
        base,
        pair,
        # An all-day event begins at nine; later on its session may be at any time of that day.
        same=lambda _, start: (
            start is not None and (when.starts_with(start) if base else start == when.start)
        ),
        newer=newer_side(occurrence.updated, session.updated) if session.start else Side.CALENDAR,
        says_something=lambda start: start is not None,
    )
    if verdict.source is Side.CALENDAR:
        target = _session_start(occurrence, session if base else None)
        # What has taken place stays where it was, and nothing can be moved into the past.
        was_over = took_place(now.livestorm, agreed, now.rules.now)
        if session.state.can_move and target > now.rules.soonest and not was_over:
            if base or _was_wished(now, session):
                _note_start(draft, occurrence.key, Side.LIVESTORM, verdict.lost)
            line = why(Side.CALENDAR, Change.START, session.start, target)
            draft.moves.append(
                UpdateSession(occurrence.key, session.id, target, when.timezone, (line,))
            )
            return agreed
    elif verdict.source is Side.LIVESTORM and session.start is not None:
        if now.calendar.read_only:
            draft.unsynced.add(Unsynced.READ_ONLY)
        else:
            _note_start(draft, occurrence.key, Side.CALENDAR, verdict.lost)
            line = why(Side.LIVESTORM, Change.START, when.start, session.start)
            draft.move_calendar(occurrence.key, when.moved_to(session.start), line)
        return agreed
    return replace(agreed, when=when, session_start=session.start)


def _made_start(
    now: Situation, occurrence: Occurrence, session: SessionSeen, says: Pair[datetime | None]
) -> Pair[datetime | None] | None:
    """When both sides had it when they were made, if one was moved since; see `made_with`.

    Of a series that is known of the occurrence it was made from.
    """
    made = now.base.made
    if made is None or session.id != now.livestorm.primary_session_id or session.start is None:
        return None
    if now.says_calendar.recurrence and occurrence.when.start != made.start.calendar:
        return None
    return now.made_with(made.start, says, session.updated)


def _was_wished(now: Situation, session: SessionSeen) -> bool:
    """Whether somebody gave a session its start before both sides ever met."""
    written = now.rules.written_start
    as_written = written is not None and session.start == whole_minute(written)
    return not as_written and now.edited_in_livestorm(session.updated)


def _session_start(occurrence: Occurrence, session: SessionSeen | None) -> datetime:
    """The instant for a session: an all-day event's keeps the time of day it was given."""
    when = occurrence.when
    if when.day is None or session is None or session.start is None:
        return when.start
    return at_time_of(when.day, session.start, when.timezone)


def _note_start(draft: Draft, key: str, loser: Side, lost: datetime | None) -> None:
    if lost is not None:
        draft.notes.append(Note(NoteKind.OVERWRITTEN, loser, Change.START, lost.isoformat(), key))


def _people(
    draft: Draft,
    now: Situation,
    occurrence: Occurrence,
    agreed: Agreed,
    session: SessionSeen | None,
) -> Agreed:
    """Decide about everybody invited to an occurrence; `session` is None while it is to be made."""
    registrants = session.registrants if session else {}
    named = _named(now, occurrence)
    team = _team(now) - named
    since = agreed.emptied_since
    believed = since is not None and now.rules.now >= since + now.rules.deletion_grace
    terms = Terms(
        state=session.state if session else SessionState.UPCOMING,
        takes_addresses=now.livestorm.takes_addresses,
        read_only=now.calendar.read_only,
        excluded=named | team,
        groups=now.rules.groups,
        limit=now.rules.guest_limit,
        in_doubt=since is not None,
        confirmed_empty=believed,
    )
    plan = merge_guests(agreed.guests, occurrence, registrants, terms)
    there = agreed.guests if registrants is None else registrants
    plan.standings |= {one: Standing.TEAM for one in team if one in {*occurrence.guests, *there}}
    if session and registrants is None and plan.add and not session.out_of_reach:
        # There is room for who was left out, and they may have left meanwhile.
        draft.questions.append(LookAtRegistrants(occurrence.key, session.id))
        return agreed
    _register(draft, occurrence.key, session.id if session else None, plan.register)
    for address in plan.unregister:
        line = why(Side.CALENDAR, Change.GUEST_REMOVED, address, None)
        draft.removals.append(Unregister(occurrence.key, agreed.session_id, address, (line,)))
    _write_lists(draft, occurrence, plan)
    for person in plan.kept:
        speaks = person.role is Role.SPEAKER
        kind = NoteKind.SPEAKER_KEPT if speaks else NoteKind.REGISTRATION_KEPT
        draft.notes.append(
            Note(kind, Side.CALENDAR, Change.GUEST_REMOVED, person.address, occurrence.key)
        )
    draft.unsynced |= plan.unsynced
    if session and session.out_of_reach:
        draft.unsynced.add(Unsynced.REGISTRANTS)
    draft.unsynced_guests |= plan.unsynced_guests
    if not plan.emptied:
        return replace(agreed, guests=plan.standings, emptied_since=None)
    since = since or now.rules.now
    if not believed:
        until = since + now.rules.deletion_grace
        draft.waits.append(Wait(WaitReason.LIST_EMPTIED, until, occurrence.key))
    return replace(agreed, guests=plan.standings, emptied_since=since)


def _named(now: Situation, occurrence: Occurrence) -> frozenset[str]:
    """Who is never a guest, whatever Livestorm says of them."""
    invited = occurrence.guests
    return now.rules.never_guests | {*invited} - {*people(invited)}


def _team(now: Situation) -> frozenset[str]:
    """Members of the workspace: those that were read now, and those known from before.

    Whoever was seen to be a registrant like others since is none any more.
    """
    known = {
        address
        for agreed in now.base.occurrences.values()
        for address, standing in agreed.guests.items()
        if standing is Standing.TEAM
    }
    read = [one.registrants for one in now.livestorm.sessions.values() if one.registrants]
    others = {address for one in read for address in people(one)} if known else set()
    return now.livestorm.team | (known - others)


def _register(draft: Draft, key: str, session_id: str | None, guests: Sequence[Guest]) -> None:
    for group in _groups(guests):
        lines = tuple(_came(Side.CALENDAR, guest) for guest in group)
        draft.registrations.append(Register(key, session_id, tuple(group), lines))


def _groups(guests: Sequence[Guest]) -> Iterator[Sequence[Guest]]:
    for first in range(0, len(guests), BULK):
        yield guests[first : first + BULK]


def _came(side: Side, guest: Guest) -> Why:
    return why(side, Change.GUEST_ADDED, None, guest.address)


def _write_lists(draft: Draft, occurrence: Occurrence, plan: GuestPlan) -> None:
    if plan.add:
        lines = tuple(_came(Side.LIVESTORM, guest) for guest in plan.add)
        draft.invite(next(iter(occurrence.lists)), tuple(plan.add), lines)
    for address in plan.remove:
        line = why(Side.LIVESTORM, Change.GUEST_REMOVED, address, None)
        for key, one in occurrence.lists.items():
            if address in one.guests:
                draft.uninvite(key, address, line)


def _create(draft: Draft, now: Situation, occurrence: Occurrence) -> None:
    when = occurrence.when
    if when.start <= now.rules.soonest:
        return
    line = why(Side.CALENDAR, Change.OCCURRENCE_ADDED, None, when.start)
    standings = _people(draft, now, occurrence, Agreed(""), None).guests
    team = tuple(address for address, one in standings.items() if one is Standing.TEAM)
    draft.creations.append(CreateSession(occurrence.key, when.start, when.timezone, team, (line,)))


def _cancel(draft: Draft, now: Situation, occurrence: Occurrence, agreed: Agreed) -> Agreed | None:
    """The session was deleted or cancelled in Livestorm: so is the occurrence, after a while.

    An event's or a series' only session says nothing about an occurrence; the former is treated
    as the deletion of the event before it comes to this.
    """
    if agreed.when is None:
        return None
    alone = occurrence.key == SINGLE or now.rules.occurrence_sessions == 0
    if alone or occurrence.when.start <= now.rules.now:
        return agreed
    if now.calendar.read_only:
        draft.unsynced.add(Unsynced.READ_ONLY)
        return agreed
    since = agreed.session_gone_since or now.rules.now
    until = since + now.rules.deletion_grace
    if now.rules.now < until:
        draft.waits.append(Wait(WaitReason.DELETION_SEEN, until, occurrence.key))
    else:
        if occurrence.when.start != agreed.when.start:
            start = occurrence.when.start.isoformat()
            draft.notes.append(
                Note(
                    NoteKind.LOST_WITH_DELETION,
                    Side.CALENDAR,
                    Change.START,
                    start,
                    occurrence.key,
                )
            )
        line = why(Side.LIVESTORM, Change.OCCURRENCE_REMOVED, occurrence.when.start, None)
        draft.cancellations.append(DeleteCalendar(occurrence.key, (line,)))
    return replace(agreed, session_gone_since=since)
