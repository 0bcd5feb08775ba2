"""What the items of a calendar's list mean for links. Decides only.

Source: developers.google.com/workspace/calendar/api/guides/sync, and what Event.status says about
cancelled items in developers.google.com/workspace/calendar/api/v3/reference/events.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from addon.google.failures import GoogleFailureKind
from addon.store.noticed import Linked, Named

Item = Mapping[str, Any]

EMPTY_LEAST = 5
"""So many events may well have been deleted by hand while nobody looked."""

EMPTY_PAUSE = timedelta(minutes=15)
"""Before a calendar that looks suddenly empty is listed again."""

EMPTY_LOOKS = 8
"""After two hours of looking empty it is believed that the events may be gone, and each is looked
at by itself. No disturbance at Google is known to have lasted so with answers that succeed."""

FIRST_PAUSE = timedelta(seconds=5)
"""After a failure that may pass; twice as long after each further one."""

LONGEST_PAUSE = timedelta(minutes=15)
"""Long enough to leave a company in trouble alone, short enough not to be noticed afterwards."""

REFUSED_PAUSE = timedelta(hours=6)
"""A calendar that is gone or closed to this person may come back; few calls find that out."""

_LASTING = frozenset(
    {
        *(GoogleFailureKind.NOT_FOUND, GoogleFailureKind.FORBIDDEN, GoogleFailureKind.INVALID),
        GoogleFailureKind.UNAUTHORIZED,
    }
)


class Act(Enum):
    """What a list makes of one link."""

    KEEP = "keep"
    """The event changed; the item is what it is now."""
    READ = "read"
    """Something is newer than the item; whoever compares must read the event itself."""
    LOOK = "look"
    """Not the event itself, but something about it changed."""


@dataclass(frozen=True)
class Change:
    """A link that is to be compared; `item` is the event as listed when it is to be kept."""

    link_id: str
    act: Act
    item: Item | None = None


def names(calendar_id: str, items: Iterable[Item]) -> Named:
    """Return everything by which a page's items may belong to links."""
    event_ids: set[str] = set()
    ical_uids: set[str] = set()
    conference_ids: set[str] = set()
    for item in items:
        event_ids |= {one for key in ("id", "recurringEventId") if (one := _text(item, key))}
        if _may_stand_for_another(item, calendar_id):
            ical_uids |= {one for one in [_text(item, "iCalUID")] if one}
            conference_ids |= {one for one in [_conference(item)] if one}
    return Named(frozenset(event_ids), frozenset(ical_uids), frozenset(conference_ids))


def changes(calendar_id: str, links: Sequence[Linked], items: Iterable[Item]) -> list[Change]:
    """Return what a page's items change, one entry a link, in the order of the links.

    An item whose etag is the one stored is the echo of what we wrote or read ourselves.
    """
    by_event = {one.event_id: one for one in links if one.calendar_id == calendar_id}
    found: dict[str, Change] = {}
    for item in items:
        own = by_event.get(_text(item, "id"))
        if own is not None:
            change = of_event(own, item)
            if change is not None:
                found[own.id] = change
            continue
        series = by_event.get(_text(item, "recurringEventId"))
        if series is not None:
            found.setdefault(series.id, Change(series.id, Act.LOOK))
        elif _may_stand_for_another(item, calendar_id):
            for lost in _lost(links, item):
                found.setdefault(lost.id, Change(lost.id, Act.LOOK))
    return [found[link.id] for link in links if link.id in found]


def copies(
    calendar_id: str, links: Sequence[Linked], items: Iterable[Item]
) -> dict[str, list[tuple[str, str]]]:
    """Return, by link, the events (calendar id, event id) that carry its room without being its.

    They are what the link follows should its own event go. An occurrence goes with its series.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for item in items:
        conference, event_id = _conference(item), _text(item, "id")
        if not conference or not event_id or _text(item, "recurringEventId"):
            continue
        if not _may_stand_for_another(item, calendar_id):
            continue
        for link in links:
            own = (link.calendar_id, link.event_id) == (calendar_id, event_id)
            if link.livestorm_event_id == conference and not own:
                found.setdefault(link.id, []).append((calendar_id, event_id))
    return found


def of_event(link: Linked, item: Item) -> Change | None:
    """Return what an event's own item changes; None when it says nothing new."""
    etag, status = _text(item, "etag"), _text(item, "status")
    if etag and etag == link.etag:
        return None
    if status == "cancelled" and link.status == "cancelled" and not etag:
        return None
    before, now = _instant(link.updated), _instant(_text(item, "updated"))
    if before is not None and now is not None and now < before:
        # A page that was on its way while we wrote. What is stored is newer, but is it the newest?
        return Change(link.id, Act.READ)
    return Change(link.id, Act.KEEP, item)


def suddenly_empty(known: int, missing: int) -> bool:
    """Whether so much of a side is missing that the list is to be doubted rather than believed."""
    return missing > EMPTY_LEAST and missing * 2 > known


def invalidates_token(kind: GoogleFailureKind) -> bool:
    """Whether a failed incremental list means: list everything again.

    410 whatever its reason, because nothing was to be deleted here; and 400, which is what a
    token that fits neither the parameters nor the account has been seen to give.
    """
    return kind in {
        GoogleFailureKind.RESYNC,
        GoogleFailureKind.GONE,
        GoogleFailureKind.INVALID,
    }


def pause_after(kind: GoogleFailureKind, failures: int) -> timedelta:
    """How long a calendar is left alone after its `failures`-th failure in a row."""
    if kind in _LASTING:
        return REFUSED_PAUSE
    doublings = min(max(failures - 1, 0), 10)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def _may_stand_for_another(item: Item, calendar_id: str) -> bool:
    """Whether an item may be a linked event that moved here: alive, and its calendar's own.

    Only a reason to look: whether it is, the job decides by `calendar_side.own_copy`.
    """
    organizer = item.get("organizer")
    if _text(item, "status") == "cancelled" or not isinstance(organizer, Mapping):
        return False
    if organizer.get("self") is True:
        return True
    email = organizer.get("email")
    return isinstance(email, str) and email.casefold() == calendar_id.casefold()


def _lost(links: Sequence[Linked], item: Item) -> list[Linked]:
    """Return the links an item may stand for, among those whose own event is not plainly there.

    A duplicate, or the second half of a series, shares the conference of an event that is alive
    and well; whatever becomes of the copy concerns no link.
    """
    uid, conference = _text(item, "iCalUID"), _conference(item)
    return [
        one
        for one in links
        if (one.deleting or one.status in {None, "cancelled"})
        and ((uid and uid == one.ical_uid) or (conference and conference == one.livestorm_event_id))
    ]


def _conference(item: Item) -> str:
    data = item.get("conferenceData")
    return _text(data, "conferenceId") if isinstance(data, Mapping) else ""


def _text(item: Item, key: str) -> str:
    value = item.get(key)
    return value if isinstance(value, str) else ""


def _instant(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
