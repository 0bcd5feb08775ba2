"""What a poll or a listing of Livestorm means for links. Decides only."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from zlib import crc32

from addon.livestorm import Event, Session
from addon.store.noticed import Current, LivestormLinked

CLOCKS_APART = timedelta(minutes=5)
"""How far Livestorm's clock and ours may differ: polls overlap by so much."""

TICK = timedelta(seconds=1)
"""Livestorm tells the time of a change in whole seconds."""


class Agreement(Protocol):
    """Tells a change from what both sides agreed on: mostly the echo of our own write."""

    def event(self, base: Any, event: Event) -> bool:
        """Whether an event, with its sessions, is as the stored base of its link says."""

    def session(self, base: Any, session: Session) -> bool:
        """Whether a session is."""

    def followed(self, base: Any) -> frozenset[str]:
        """Return the ids of the sessions that are kept the same, as far as is known."""


class NothingAgreed:
    """Takes everything for a change: a comparison more than needed, and never one too few."""

    def event(self, base: Any, event: Event) -> bool:
        """No."""
        del base, event
        return False

    def session(self, base: Any, session: Session) -> bool:
        """No."""
        del base, session
        return False

    def followed(self, base: Any) -> frozenset[str]:
        """Nothing is known."""
        del base
        return frozenset()


@dataclass(frozen=True)
class Polled:
    """What a poll brought.

    Attributes:
        events: Events that changed since they were last brought.
        sessions: Sessions that did.
        recent: What the next poll may bring again: id → change in Unix seconds.
    """

    events: tuple[Event, ...]
    sessions: tuple[Session, ...]
    recent: Mapping[str, int]

    @property
    def event_ids(self) -> frozenset[str]:
        """The events that are concerned."""
        return frozenset([one.id for one in self.events] + [one.event_id for one in self.sessions])


def polled(
    events: Sequence[Event],
    sessions: Sequence[Session],
    *,
    before: Mapping[str, int],
    now: datetime,
) -> Polled:
    """Take out of a poll what the one before it brought already.

    Args:
        events: As listed.
        sessions: As listed.
        before: `Polled.recent` of the poll before.
        now: When the poll began.
    """
    stamps = {one.id: _seconds(last_change(one)) for one in events}
    stamps |= {one.id: _seconds(one.updated_at) for one in sessions}

    def is_new(key: str) -> bool:
        # What has no time of change may have changed each time.
        return stamps[key] is None or before.get(key) != stamps[key]

    # The next poll overlaps, and Livestorm's clock may be ahead as well. But what changed in this
    # very second may change once more within it, which no stamp would tell.
    first = int((now - 2 * CLOCKS_APART).timestamp())
    last = int((now - 2 * TICK).timestamp())
    return Polled(
        events=tuple(one for one in events if is_new(one.id)),
        sessions=tuple(one for one in sessions if is_new(one.id)),
        recent={key: at for key, at in stamps.items() if at is not None and first <= at <= last},
    )


def to_compare(
    brought: Polled, links: Iterable[LivestormLinked], agreement: Agreement
) -> list[str]:
    """Return the links that a poll's changes concern, but for those that agree with their base."""
    events = {one.id: one for one in brought.events}
    sessions: dict[str, list[Session]] = {}
    for one in brought.sessions:
        sessions.setdefault(one.event_id, []).append(one)

    def differs(link: LivestormLinked) -> bool:
        event = events.get(link.livestorm_event_id)
        if event is not None and not agreement.event(link.base, event):
            return True
        of_link = sessions.get(link.livestorm_event_id, ())
        return not all(agreement.session(link.base, session) for session in of_link)

    return sorted(link.id for link in links if differs(link))


def last_change(event: Event) -> datetime | None:
    """Return when an event or one of its sessions last changed, as far as Livestorm says."""
    stamps = [event.updated_at, *(one.updated_at for one in event.sessions)]
    return max((one for one in stamps if one is not None), default=None)


def missing(
    links: Iterable[Current], found: Collection[str], *, made_before: datetime
) -> list[str]:
    """Return the links made before an instant whose event a listing did not bring."""
    return [
        link.id
        for link in links
        if link.created_at < made_before and link.livestorm_event_id not in found
    ]


def uncompared(link: LivestormLinked, event: Event, agreement: Agreement) -> bool:
    """Whether a listed event may have changed since its link was last compared.

    What was never compared is the sweep's business.
    """
    changed_at = last_change(event)
    return (
        link.compared_at is not None
        # Where Livestorm does not say when, what it is has to say whether.
        and (changed_at is None or changed_at > link.compared_at - CLOCKS_APART)
        and not agreement.event(link.base, event)
    )


def checksum(event: Event) -> int:
    """Tell what is kept the same of an event from what it was before; alike in every process."""
    sessions = [
        (one.id, _seconds(one.starts_at), _seconds(one.canceled_at), one.timezone)
        for one in event.sessions
    ]
    said = (event.title, event.description, event.estimated_duration_minutes, sorted(sessions))
    return crc32(repr(said).encode("utf-8", "replace"))


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())
