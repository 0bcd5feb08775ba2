"""Find the Calendar event that a deleted one lives on in: moved elsewhere, or copied before."""

from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from addon import clock
from addon.google.failures import GoogleFailure, GoogleFailureKind
from addon.store import copies, syncing
from addon.store import engine as store
from addon.store.syncing import SyncLink
from addon.store.tables import calendars
from addon.sync.calendar_side import Presence, conference_state, own_copy
from addon.sync.moved import Candidate, find_moved
from addon.sync.reading import Json, Reading, Sides


def follow_moved(engine: sa.Engine, reading: Reading, sides: Sides, ical_uid: str | None) -> bool:
    """Look for the event in the person's calendars; let the link follow it if found.

    Asked for is its iCalUID, which a move keeps
    (developers.google.com/workspace/calendar/api/v3/reference/events/move), and the copies of it
    that lists have shown. Looked in are the calendars that are listed; and all others that the
    person has, as far as the grant tells, where nothing says whether the event was moved or
    deleted.

    Raises:
        GoogleFailure: a calendar could not be asked now.
    """
    link = sides.link
    uid = ical_uid or link.ical_uid
    known = _calendars(engine, link)
    others = reading.own_calendars() if _may_be_elsewhere(sides) else None
    candidates = {}
    for calendar_id, resource in _found(reading, link, uid, {*known, *(others or ())}):
        event = sides.calendar_event(resource)
        if event.series_id or (calendar_id, event.id) == (link.calendar_id, link.event_id):
            continue
        candidates[calendar_id, event.id] = Candidate(
            calendar_id=calendar_id,
            event_id=event.id,
            ical_uid=event.ical_uid,
            conference=conference_state(event.conference, link.livestorm_event_id),
            cancelled=event.cancelled,
            own_copy=own_copy(event, sides.own(calendar_id)) is True,
            linked=syncing.is_linked(engine, calendar_id, event.id),
            created=event.created,
        )
    found = find_moved(uid, list(candidates.values()))
    if found is None:
        sides.nowhere = others is not None
        return False
    syncing.follow(
        engine, link, calendar_id=found.calendar_id, event_id=found.event_id, now=clock.now()
    )
    return True


def _may_be_elsewhere(sides: Sides) -> bool:
    """Whether Calendar says that the event is cancelled, and not whose it was."""
    calendar = sides.calendar()
    return calendar.presence is Presence.DELETED and calendar.own_copy is None


def _found(
    reading: Reading, link: SyncLink, uid: str | None, calendar_ids: Iterable[str]
) -> Iterator[tuple[str, Json]]:
    """Yield what may be the event, with the calendar it is on."""
    for calendar_id in sorted(calendar_ids):
        for resource in _with_uid(reading, calendar_id, uid) if uid else ():
            yield calendar_id, resource
    # Without a UID, which Calendar documents for every event: a move keeps the event's id as well.
    same_id = [(one, link.event_id) for one in sorted(calendar_ids) if not uid]
    for calendar_id, event_id in (*same_id, *copies.of_row(link.copies)):
        copied = _copy(reading, calendar_id, event_id)
        if copied is not None:
            yield calendar_id, copied


def _copy(reading: Reading, calendar_id: str, event_id: str) -> Json | None:
    try:
        return reading.resource(calendar_id, event_id)
    except GoogleFailure as failure:
        if failure.kind is GoogleFailureKind.FORBIDDEN:
            return None
        raise


def _with_uid(reading: Reading, calendar_id: str, uid: str) -> list[Json]:
    try:
        return reading.same_uid(calendar_id, uid)
    except GoogleFailure as failure:
        if failure.kind in {GoogleFailureKind.NOT_FOUND, GoogleFailureKind.FORBIDDEN}:
            return []
        raise


def _calendars(engine: sa.Engine, link: SyncLink) -> set[str]:
    with store.reading(engine) as connection:
        rows = connection.execute(
            sa.select(calendars.c.calendar_id).where(calendars.c.user_id == link.user_id)
        )
        return {link.calendar_id, *(row.calendar_id for row in rows)}
