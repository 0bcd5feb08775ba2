"""Title, description and length: what an event has once, whatever its occurrences."""

from dataclasses import replace
from typing import TypeVar

from addon.description import with_footer, words
from addon.sync.actions import Note, why
from addon.sync.base import Pair
from addon.sync.drafting import Draft, Situation
from addon.sync.merging import Verdict, merge, newer_side
from addon.sync.values import livestorm_title
from addon.sync.words import Change, NoteKind, Side, Unsynced

T = TypeVar("T")


def plan_fields(draft: Draft, now: Situation, *, is_over: bool) -> None:
    """Decide about title, description and length.

    Args:
        draft: Receives the decisions.
        now: Both sides, present.
        is_over: The event has taken place; its times in Livestorm are left alone.
    """
    _title(draft, now)
    _description(draft, now)
    _minutes(draft, now, is_over=is_over)


def _title(draft: Draft, now: Situation) -> None:
    rules, placeholder = now.rules, now.rules.placeholder_title
    pair = Pair(now.says_calendar.title, now.says_livestorm.title)
    # Until both have met, what they had in common is the title that the event was made with.
    before, written = now.base.title, rules.written_title
    if before is None and written is not None and not rules.stands_in(written):
        before = Pair(written, written)
    verdict = merge(
        before,
        pair,
        same=lambda calendar, livestorm: (
            livestorm_title(calendar, placeholder) == livestorm
            or (not calendar and livestorm in rules.placeholder_titles)
        ),
        # A title that is missing in Livestorm is no wish: it cannot be.
        newer=_newer(now) if pair.livestorm else Side.CALENDAR,
        says_something=lambda text: not rules.stands_in(text),
    )
    match _direction(draft, now, verdict, possible=bool(pair.livestorm)):
        case Side.CALENDAR:
            draft.change_event(
                why(Side.CALENDAR, Change.TITLE, pair.livestorm, pair.calendar),
                title=livestorm_title(pair.calendar, placeholder),
            )
        case Side.LIVESTORM:
            draft.change_calendar(
                why(Side.LIVESTORM, Change.TITLE, pair.calendar, pair.livestorm),
                title=pair.livestorm,
            )
        case None if _settled(now, verdict, now.base.title):
            draft.base = replace(draft.base, title=pair)
    if now.base.title or pair.livestorm != written:
        _note_loss(draft, verdict, Change.TITLE)


def _description(draft: Draft, now: Situation) -> None:
    pair = Pair(now.says_calendar.description, now.says_livestorm.description)
    before = now.base.description or _made_description(now, pair)
    verdict = merge(
        before,
        pair,
        same=lambda calendar, livestorm: calendar == livestorm,
        # Where both differ from before but say the same, an editor changed the looks.
        alike=lambda calendar, livestorm: words(calendar) == words(livestorm) != "",
        newer=_newer(now),
    )
    match _direction(draft, now, verdict, possible=True):
        case Side.CALENDAR:
            draft.change_event(
                why(Side.CALENDAR, Change.DESCRIPTION, words(pair.livestorm), words(pair.calendar)),
                description=pair.calendar,
            )
        case Side.LIVESTORM:
            draft.change_calendar(
                why(
                    Side.LIVESTORM, Change.DESCRIPTION, words(pair.calendar), words(pair.livestorm)
                ),
                description=with_footer(pair.livestorm, now.rules.footer),
            )
        case None if _settled(now, verdict, before):
            draft.base = replace(draft.base, description=pair)
    if now.base.description is None and verdict.source is Side.LIVESTORM:
        # Nobody has seen both sides the same yet: in doubt, the text it replaces is not lost.
        verdict = replace(verdict, lost=pair.calendar or None)
    if verdict.source is Side.CALENDAR and now.livestorm.whole_description:
        # Calendar never had its end, so that whoever edits there does not know what they replace.
        verdict = replace(verdict, lost=now.livestorm.whole_description)
    if before or now.edited_in_livestorm(now.livestorm.updated):
        _note_loss(draft, verdict, Change.DESCRIPTION)


def _made_description(now: Situation, says: Pair[str]) -> Pair[str] | None:
    made = now.base.made
    if made is None:
        return None
    had = made.description
    if words(had.livestorm) == words(says.livestorm):
        # Livestorm may tidy HTML some time after it answered.
        had = Pair(had.calendar, says.livestorm)
    return now.made_with(had, says, now.livestorm.updated)


def _minutes(draft: Draft, now: Situation, *, is_over: bool) -> None:
    pair = Pair(now.says_calendar.minutes, now.says_livestorm.minutes)
    when = now.says_calendar.when
    before, made = now.base.minutes, now.base.made
    if before is None and made is not None:
        before = now.made_with(made.minutes, pair, now.livestorm.updated)
    verdict = merge(
        before,
        pair,
        # An all-day event wishes for no length.
        same=lambda calendar, livestorm: calendar is None or calendar == livestorm,
        # A length that is missing in Livestorm is no wish.
        newer=_newer(now) if pair.livestorm else Side.CALENDAR,
        says_something=lambda minutes: minutes is not None,
    )
    if verdict.source is Side.CALENDAR and is_over:
        verdict = Verdict(None)
    match _direction(draft, now, verdict, possible=bool(when and pair.livestorm)):
        case Side.CALENDAR:
            draft.change_event(
                why(Side.CALENDAR, Change.LENGTH, pair.livestorm, pair.calendar),
                minutes=pair.calendar,
            )
        case Side.LIVESTORM if when and pair.livestorm:
            draft.lengthen_calendar(
                pair.livestorm,
                when,
                why(Side.LIVESTORM, Change.LENGTH, pair.calendar, pair.livestorm),
            )
        case _ if _settled(now, verdict, before):
            draft.base = replace(draft.base, minutes=pair)
    # Nobody wished for the length that Livestorm, or a template, gave a new event.
    if before:
        _note_loss(draft, verdict, Change.LENGTH)


def _direction(draft: Draft, now: Situation, verdict: Verdict[T], *, possible: bool) -> Side | None:
    """Whose value is carried now.

    Args:
        draft: Told when Calendar may not be written.
        now: Both sides.
        verdict: Whose value counts.
        possible: Whether Livestorm's value can be carried at all.
    """
    if verdict.source is not Side.LIVESTORM:
        return verdict.source
    if not possible:
        return None
    if now.calendar.read_only:
        draft.unsynced.add(Unsynced.READ_ONLY)
        return None
    return Side.LIVESTORM


def _settled(now: Situation, verdict: Verdict[T], base: Pair[T] | None) -> bool:
    """Whether what both say now may be taken for agreed: not while a wish waits for access."""
    waits = verdict.source is Side.LIVESTORM and now.calendar.read_only
    return not waits or base is None


def _newer(now: Situation) -> Side:
    return newer_side(now.calendar.updated, now.livestorm.updated)


def _note_loss(draft: Draft, verdict: Verdict[T], change: Change) -> None:
    if verdict.lost is None or verdict.source is None:
        return
    loser = verdict.source.other
    if loser is Side.CALENDAR and Unsynced.READ_ONLY in draft.unsynced:
        return  # nothing is overwritten
    draft.notes.append(Note(NoteKind.OVERWRITTEN, loser, change, str(verdict.lost)))
