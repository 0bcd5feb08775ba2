"""What is known of a Calendar event that its person has opened, for the card beside it."""

from dataclasses import dataclass
from datetime import datetime, time
from enum import Enum
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import structlog

from addon.google.calendar import CalendarApi
from addon.google.events import CalendarEvent, Moment
from addon.google.failures import GoogleFailure
from addon.store import engine as store
from addon.store import links
from addon.store.links import Link
from addon.store.tables import history
from addon.store.tables import links as table
from addon.sync.base import SINGLE, Agreed, Base, Standing
from addon.sync.stored import UnreadableBase, from_json
from addon.sync.values import When
from addon.sync.words import UnlinkReason

OUR_PARAMETER = "livestorm_event_id"
"""The parameter of our conferences that names the Livestorm event."""

_REGISTERED = {Standing.BOTH, Standing.SPEAKER}

_DELETED = {
    one.value
    for one in (
        UnlinkReason.LIVESTORM_GONE,
        UnlinkReason.LIVESTORM_VANISHED,
        UnlinkReason.TOOK_PLACE,
    )
}
"""Why links end that leave a Calendar event behind whose Livestorm event was deleted."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Times:
    """When an event takes place: instants; of an all-day event the midnights of its zone."""

    starts_at: datetime
    ends_at: datetime | None = None
    all_day: bool = False


class RoomOf(Enum):
    """What a room is to an event that carries it without being linked for this person."""

    DELETED = "deleted"
    """It was this event's; its Livestorm event was deleted."""
    ENDED = "ended"
    """It was this event's, until the link ended for another reason."""
    OTHERS = "others"
    """It was made for another event, or by another person."""


@dataclass(frozen=True)
class Room:
    """A Livestorm room that an event carries without being linked for this person.

    Attributes:
        url: Its address, when the event says it.
    """

    url: str | None
    of: RoomOf


@dataclass(frozen=True)
class Opened:
    """An opened event.

    Attributes:
        link: Its link, None without one.
        title: None when it is not known; "" for an event that has none.
        times: Of the very occurrence that was opened; None when they are not known.
        registered: How many of its guests are registered; None when nobody ever looked.
        registering: While guests are being registered: so many of so many.
        other_solution: The conference of another company that it has, by name.
        room: The Livestorm room that it carries, without a link.
    """

    link: Link | None = None
    title: str | None = None
    times: Times | None = None
    registered: int | None = None
    registering: tuple[int, int] | None = None
    other_solution: str | None = None
    room: Room | None = None


@dataclass(frozen=True)
class Which:
    """Which event was opened: ids as Calendar gives them, and whose token may read it.

    Attributes:
        series_id: For an occurrence, the id of its series.
        google_token: The caller's own; None when there was none.
        timezone: The caller's zone (IANA), for events that name none.
    """

    calendar_id: str | None
    event_id: str | None
    series_id: str | None
    google_token: str | None
    timezone: str


class OpenedEvents:
    """Finds out about opened events. One per process, thread-safe."""

    def __init__(self, *, engine: sa.Engine, calendar: CalendarApi) -> None:
        """Know links from `engine`, and ask `calendar` about events without one."""
        self._engine = engine
        self._calendar = calendar

    def link(self, user_id: str, which: Which) -> Link | None:
        """Return this person's link of the event, or of the series it is an occurrence of."""
        if which.calendar_id is None or which.event_id is None:
            return None
        found = links.find(self._engine, user_id, which.calendar_id, which.event_id)
        if found is None and which.series_id is not None:
            found = links.find(self._engine, user_id, which.calendar_id, which.series_id)
        return found

    def linked(self, link: Link, which: Which) -> Opened:
        """Return what the database knows of an event that has its link."""
        with store.reading(self._engine) as connection:
            row = connection.execute(
                sa.select(table.c.base, table.c.registering).where(table.c.id == link.id)
            ).one_or_none()
        base = _base(row.base if row else None, link)
        agreed = _agreed(base, which)
        return Opened(
            link=link,
            title=link.title,
            times=_times(base, agreed, link, which),
            registered=None
            if agreed is None
            else sum(one in _REGISTERED for one in agreed.guests.values()),
            registering=_progress(row.registering if row else None),
        )

    def unlinked(self, user_id: str, which: Which) -> Opened:
        """Return what Calendar shows this person of an event without link: maybe nothing."""
        if which.calendar_id is None or which.event_id is None or which.google_token is None:
            return Opened()
        try:
            event = self._calendar.event(
                which.google_token,
                which.calendar_id,
                which.event_id,
                fallback_timezone=which.timezone,
            )
        except GoogleFailure as failure:
            _log.info("opened_event_not_read", reason=str(failure))
            return Opened()
        if event.cancelled:
            return Opened()
        return self._seen(user_id, which, event)

    def _seen(self, user_id: str, which: Which, event: CalendarEvent) -> Opened:
        times = _shown(event.start, event.end)
        conference = event.conference
        if conference is None:
            return Opened(title=event.title, times=times)
        livestorm_event_id = conference.parameters.get(OUR_PARAMETER)
        if livestorm_event_id is None:
            return Opened(title=event.title, times=times, other_solution=conference.name or None)
        room = Room(
            url=next((uri for uri in conference.uris if uri), None),
            of=self._whose(user_id, which, livestorm_event_id, event.ical_uid),
        )
        return Opened(title=event.title, times=times, room=room)

    def _whose(
        self, user_id: str, which: Which, livestorm_event_id: str, ical_uid: str | None
    ) -> RoomOf:
        """What the person's last link of this event with this room says of it.

        An event that was moved to another calendar keeps its UID; a copy has one of its own.
        """
        ids = [one for one in (which.event_id, which.series_id) if one is not None]
        with store.reading(self._engine) as connection:
            row = connection.execute(
                sa.select(table.c.state, history.c.detail)
                .outerjoin(
                    history,
                    sa.and_(history.c.link_id == table.c.id, history.c.what == table.c.state),
                )
                .where(
                    table.c.user_id == user_id,
                    sa.or_(
                        sa.and_(
                            table.c.calendar_id == which.calendar_id, table.c.event_id.in_(ids)
                        ),
                        sa.and_(table.c.ical_uid == ical_uid, table.c.state == "unlinked"),
                    ),
                    table.c.livestorm_event_id == livestorm_event_id,
                )
                .order_by(table.c.created_at.desc(), history.c.id.desc())
            ).first()
        if row is None:
            return RoomOf.OTHERS
        why = (row.detail or {}).get("why")
        return RoomOf.DELETED if row.state == "deleted" or why in _DELETED else RoomOf.ENDED


def _base(value: object, link: Link) -> Base:
    try:
        return from_json(value)
    except UnreadableBase:
        # Only what is shown beside the link is missing then.
        _log.warning("base_not_readable", link=link.id)
        return Base()


def _agreed(base: Base, which: Which) -> Agreed | None:
    if which.series_id is None:
        return base.occurrences.get(SINGLE)
    # What Calendar puts behind the series' id is the occurrence's original start, which is
    # observed and not documented: where it is something else, nothing is shown of the date.
    key = (which.event_id or "").removeprefix(f"{which.series_id}_")
    return base.occurrences.get(key)


def _times(base: Base, agreed: Agreed | None, link: Link, which: Which) -> Times | None:
    if which.series_id is not None:
        return _of_when(agreed.when) if agreed and agreed.when else None
    if base.when is not None:
        return _of_when(base.when)
    return Times(link.starts_at) if link.starts_at is not None else None


def _of_when(when: When) -> Times:
    if when.day is None:
        return Times(when.start, when.end)
    zone = ZoneInfo(when.timezone)
    # Nine in the morning of the first day, and of the day after the last.
    first, end = (
        datetime.combine(when.date_of(one), time(), zone) for one in (when.start, when.end)
    )
    return Times(first, end, all_day=True)


def _shown(start: Moment | None, end: Moment | None) -> Times | None:
    if start is None:
        return None
    if start.day is None:
        return Times(start.instant, end.instant if end else None)
    zone = ZoneInfo(start.timezone)
    last = datetime.combine(end.day, time(), zone) if end is not None and end.day else None
    return Times(datetime.combine(start.day, time(), zone), last, all_day=True)


def _progress(value: object) -> tuple[int, int] | None:
    if not isinstance(value, dict):
        return None
    done, of = value.get("done"), value.get("of")
    return (done, of) if isinstance(done, int) and isinstance(of, int) else None
