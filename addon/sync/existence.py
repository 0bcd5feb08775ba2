"""Whether there is still a pair to keep the same; deletions and what looks like them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from addon.sync.actions import (
    Action,
    DeleteCalendar,
    DeleteLivestormEvent,
    LookForMoved,
    Note,
    Unlink,
    Wait,
    why,
)
from addon.sync.base import Base, Made, Pair
from addon.sync.calendar_side import CalendarSide, ConferenceState, Presence
from addon.sync.livestorm_side import LivestormSide
from addon.sync.rules import MISSING_AGAIN, Rules
from addon.sync.values import Canonical
from addon.sync.words import Change, NoteKind, Side, UnlinkReason, WaitReason


@dataclass(frozen=True)
class End:
    """Nothing is carried now: what is done instead, and the base to remember.

    Attributes:
        called_off: The Calendar event was deleted and the Livestorm event stays: before the link
            ends, our sessions that are still to come go.
    """

    action: Action
    base: Base
    notes: tuple[Note, ...] = ()
    called_off: bool = False


def end_of(
    base: Base, calendar: CalendarSide, livestorm: LivestormSide, rules: Rules
) -> End | None:
    """Return what is done when one of the two is no more, or not ours; None when both are there."""
    if calendar.own_copy is False:
        return End(Unlink(UnlinkReason.NOT_ORGANIZER), base)
    if calendar.presence is not Presence.PRESENT:
        return _calendar_gone(base, calendar, livestorm, rules)
    if calendar.own_copy is None:
        return End(Wait(WaitReason.ORGANIZER_UNKNOWN), base)
    if calendar.conference is not ConferenceState.OURS:
        return _without_conference(base, calendar, rules)
    if livestorm.deleted:
        return livestorm_gone(base, calendar, rules)
    return None


def _without_conference(base: Base, calendar: CalendarSide, rules: Rules) -> End:
    """A conference that was there and is not any more was taken off by a person."""
    if not base.met:
        return _not_saved(base, rules)
    switched = calendar.conference is ConferenceState.ANOTHER
    reason = UnlinkReason.CONFERENCE_SWITCHED if switched else UnlinkReason.CONFERENCE_REMOVED
    return End(Unlink(reason), base)


def _not_saved(base: Base, rules: Rules) -> End:
    """The room is made while the event is still being edited; it may be saved much later."""
    until = rules.linked_at + rules.unsaved_grace
    if rules.now < until:
        return End(Wait(WaitReason.NOT_SAVED_YET, until), base)
    return End(Unlink(UnlinkReason.NEVER_SAVED), base)


def _calendar_gone(
    base: Base, calendar: CalendarSide, livestorm: LivestormSide, rules: Rules
) -> End:
    seen_deleted = calendar.presence is Presence.DELETED
    if not seen_deleted and not base.met:
        return _not_saved(base, rules)
    if livestorm.deleted and seen_deleted:
        return End(Unlink(UnlinkReason.BOTH_DELETED), base)
    base, since = _gone_since(base, rules, seen_deleted=seen_deleted)
    first = _before_believing(calendar, rules, since)
    if first:
        return End(first, base)
    # What its organizer deleted keeps its details in Calendar, to be taken back. Only an id is left
    # of what was moved to another calendar, perhaps one that we may not see (developers.google.com/
    # workspace/calendar/api/v3/reference/events, `status`). Where we see all that the person has,
    # and it is in none, it was deleted. Should Calendar drop the details of what was deleted as
    # well, a setting says so.
    deleted_at_least = calendar.nowhere or rules.bare_cancellation_is_deletion
    bare = calendar.own_copy is None and deleted_at_least
    certain = seen_deleted and (calendar.own_copy is True or bare)
    kept = _keeps_livestorm(base, livestorm, rules) if certain else UnlinkReason.CALENDAR_LOST
    if kept:
        return End(Unlink(kept), base, called_off=certain)
    title = base.title.calendar if base.title else None
    lost = tuple(_lost(base, livestorm.value, Side.LIVESTORM))
    action = DeleteLivestormEvent((why(Side.CALENDAR, Change.DELETED, title, None),))
    return End(action, base, lost)


def _gone_since(base: Base, rules: Rules, *, seen_deleted: bool) -> tuple[Base, datetime]:
    """Remember since when a Calendar event is deleted, or not to be found."""
    base = replace(base, livestorm_gone_since=None)
    if seen_deleted:
        since = base.calendar_gone_since or rules.now
        return replace(base, calendar_gone_since=since, calendar_missing_since=None), since
    since = base.calendar_missing_since or rules.now
    return replace(base, calendar_missing_since=since, calendar_gone_since=None), since


def _before_believing(calendar: CalendarSide, rules: Rules, since: datetime) -> Action | None:
    """What is done before an event counts as gone; None when all of it was."""
    seen_deleted = calendar.presence is Presence.DELETED
    reason = WaitReason.DELETION_SEEN if seen_deleted else WaitReason.NOT_FOUND
    until = since + rules.deletion_grace
    if rules.now < until:
        return Wait(reason, until)
    if not calendar.searched:
        return LookForMoved(calendar.ical_uid)
    until = since + rules.missing_grace
    if seen_deleted or rules.now >= until:
        return None
    return Wait(reason, min(until, rules.now + MISSING_AGAIN))


def _keeps_livestorm(base: Base, livestorm: LivestormSide, rules: Rules) -> UnlinkReason | None:
    """Why a Livestorm event stays although its Calendar event was deleted, if it does."""
    sessions = livestorm.sessions.values()
    if any(session.state.began for session in sessions):
        return UnlinkReason.TOOK_PLACE
    ours = {livestorm.primary_session_id, *(one.session_id for one in base.occurrences.values())}
    if any(livestorm.is_ahead(one, rules.now) and one.id not in ours for one in sessions):
        return UnlinkReason.OTHER_SESSIONS
    return None


def livestorm_gone(base: Base, calendar: CalendarSide, rules: Rules) -> End:
    """The Livestorm event, or the only session it had, was deleted or cancelled there."""
    since = base.livestorm_gone_since or rules.now
    base = replace(
        base, livestorm_gone_since=since, calendar_gone_since=None, calendar_missing_since=None
    )
    until = since + rules.deletion_grace
    if rules.now < until:
        return End(Wait(WaitReason.DELETION_SEEN, until), base)
    value = calendar.value
    made = base.made if not base.met else None
    known = base.met or (made is not None and made.followed)
    if not known or calendar.read_only or value is None:
        return End(Unlink(UnlinkReason.LIVESTORM_GONE), base)
    starts = [when.start for when in (base.when, value.when) if when]
    if made is not None and made.start.calendar is not None:
        starts.append(made.start.calendar)
    if min(starts, default=rules.soonest) <= rules.now:
        return End(Unlink(UnlinkReason.TOOK_PLACE), base)
    had = _as_made(base, made, rules)
    title = had.title.livestorm if had.title else None
    lost = tuple(_lost(had, value, Side.CALENDAR))
    action = DeleteCalendar(why=(why(Side.LIVESTORM, Change.DELETED, title, None),))
    return End(action, base, lost)


def _as_made(base: Base, made: Made | None, rules: Rules) -> Base:
    """The base with the words that the event was made with where none were agreed on."""
    if made is None:
        return base
    written = rules.written_title
    title = None if written is None else Pair(written, written)
    return replace(base, title=title, description=made.description)


def _lost(base: Base, says: Canonical | None, side: Side) -> Iterable[Note]:
    """What one side changed since, and nobody will see again."""
    if says is None:
        return
    words: list[tuple[Change, Pair[str] | None, str]] = [
        (Change.TITLE, base.title, says.title),
        (Change.DESCRIPTION, base.description, says.description),
    ]
    for change, pair, now in words:
        before = pair and (pair.calendar if side is Side.CALENDAR else pair.livestorm)
        if now and now != before:
            yield Note(NoteKind.LOST_WITH_DELETION, side, change, now)
    if side is Side.CALENDAR and says.when and base.when and says.when.start != base.when.start:
        start = says.when.start.isoformat()
        yield Note(NoteKind.LOST_WITH_DELETION, side, Change.START, start)
