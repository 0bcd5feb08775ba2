"""List a workspace's events: who is missing, what changed, where people came or went.

Livestorm tells about a deleted event, or a removed registrant, neither by webhook nor by
`updated_at`. A listing shows both, fifty events a call. It also shows whatever a poll would: as
long as it takes no more calls than one, it takes its place.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

import sqlalchemy as sa
import structlog

from addon import clock
from addon.jobs import LinkWakes, spreading
from addon.livestorm import Event, Workspace
from addon.livestorm.protocol import PAGE_SIZE
from addon.store import engine as store
from addon.store import noticed, watches
from addon.store.noticed import LivestormLinked
from addon.store.watches import Watch
from addon.sync.notice import changes, listing
from addon.sync.notice.budget import POLL_CALLS
from addon.sync.notice.changes import Agreement, Polled
from addon.sync.notice.registrants import Counted, guests, to_read

MADE_BEFORE_LINKED = timedelta(days=1)
"""How long before its link an event may have been made: an orphan of a crash is adopted within
minutes, and of an outage within hours."""

EMPTY_LOOKS = 4
"""So many listings in a row have to look suddenly empty before every missing event is looked at by
itself (`addon.sync.notice.workspaces.EMPTY_PAUSE` apart)."""

LISTED_WITHIN = timedelta(seconds=2)
"""How soon after its making an event has to be listed. Should Livestorm's list be slower, a link
is compared for nothing."""

MISSED_AGAIN = timedelta(minutes=10)
"""A link whose event stays missing although it was compared is woken again after so long."""

MOST_PAGES = 1000
"""50,000 events: the pace follows from the number of pages, so a large workspace is only listed
less often. More than these have lost their filter."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Seen:
    """What a listing showed."""

    event_ids: frozenset[str]
    counted: Sequence[Counted]
    recent: Mapping[str, int]
    tells_all: bool
    shown: Mapping[str, int]


class EventListing:
    """Lists all events of a workspace that may be linked."""

    def __init__(self, engine: sa.Engine, wakes: LinkWakes, agreement: Agreement) -> None:
        self._engine = engine
        self._wakes = wakes
        self._agreement = agreement

    def run(
        self, workspace: Workspace, watch: Watch, *, made_since: datetime, over: datetime
    ) -> Watch:
        """List once, wake the links concerned, and return the watch as it is now stored.

        Args:
            workspace: Asked with whose rights.
            watch: Which workspace, and what the listing before showed.
            made_since: When the oldest link was made that counts.
            over: Single events that began before this do not count.

        Raises:
            LivestormFailure: the listing could not be finished; what it showed so far counts.
            LeaseLost: another worker does it by now.
        """
        now = clock.now()
        seen = self._read(workspace, watch, made_since - MADE_BEFORE_LINKED, now)
        missing = self._missing(watch, seen, over, now)
        reread = to_read(watch.notes.registrants, seen.counted)
        known = watch.notes.missing
        woken = [
            one for one in missing or () if known.get(one, 0) <= (now - MISSED_AGAIN).timestamp()
        ]
        stamp = int(now.timestamp())
        notes = replace(
            watch.notes,
            listed_at=now,
            pages=-(-len(seen.event_ids) // PAGE_SIZE) or 1,
            registrants={one.session_id: one.others for one in seen.counted},
            emptied=0 if missing is not None else watch.notes.emptied + 1,
            recent=seen.recent,
            tells_all=seen.tells_all,
            shown=seen.shown,
            missing={one: stamp if one in woken else known[one] for one in missing or ()},
        )
        # A poll that found too much has gone ahead of this.
        listed = replace(watch, polled_until=max(watch.polled_until or now, now), notes=notes)
        self._mark(watch, woken, reread)
        with store.writing(self._engine) as transaction:
            watches.save(transaction, listed, clock.now())
        return listed

    def _read(self, workspace: Workspace, watch: Watch, since: datetime, now: datetime) -> _Seen:
        found: set[str] = set()
        counted: list[Counted] = []
        recent: dict[str, int] = {}
        shown: dict[str, int] = {}
        tells_all = True
        events = workspace.events(created_since=since, max_pages=MOST_PAGES)
        while page := list(islice(events, PAGE_SIZE)):
            found |= {event.id for event in page}
            # The latest change of an event is its own or one of its sessions'.
            brought = changes.polled(page, (), before=watch.notes.recent, now=now)
            links = noticed.of_livestorm_events(
                self._engine, watch.workspace_id, {event.id for event in page}
            )
            by_id = {event.id: event for event in page}
            shown |= self._compare(watch, brought, by_id, links)
            # A link that was never compared is left to its first job, which may have read the
            # event before it changed: the next listing brings it once more.
            first = {link.livestorm_event_id for link in links if link.compared_at is None}
            recent |= {key: at for key, at in brought.recent.items() if key not in first}
            counted += _counts(watch, by_id, links)
            tells_all &= all(by_id[link.livestorm_event_id].sessions for link in links)
        return _Seen(frozenset(found), counted, recent, tells_all, shown)

    def _compare(
        self,
        watch: Watch,
        brought: Polled,
        by_id: Mapping[str, Event],
        links: Sequence[LivestormLinked],
    ) -> Mapping[str, int]:
        """Wake the links whose event changed, once for each change; return `Notes.shown`.

        Where a workspace is small enough to be listed at each look, each event is held against
        what the last one showed as well: a change that moved no `updated_at` costs no call to find.
        """
        changed: list[str] = []
        shown: dict[str, int] = {}
        for link in links:
            event = by_id[link.livestorm_event_id]
            if watch.notes.pages <= POLL_CALLS:
                shown |= _shown(watch, link, event)
            before, now = watch.notes.shown.get(event.id), shown.get(event.id)
            another = before is not None and now is not None and before != now
            # An event without sessions agrees with anything, as some lists never bring them; but
            # where they came along until now, its only one was deleted.
            emptied = watch.notes.tells_all and not event.sessions
            if (
                event.id in brought.event_ids and changes.uncompared(link, event, self._agreement)
            ) or (another and (emptied or not self._agreement.event(link.base, event))):
                changed.append(link.id)
        with store.writing(self._engine) as transaction:
            self._wakes.mark_all(transaction, changed)
            watches.hold(transaction, watch, clock.now())
        return shown

    def _missing(
        self, watch: Watch, seen: _Seen, over: datetime, now: datetime
    ) -> list[str] | None:
        """Return the links whose event was not listed; None when that are too many to believe."""
        links = noticed.current(self._engine, watch.workspace_id, since=over)
        missing = changes.missing(links, seen.event_ids, made_before=now - LISTED_WITHIN)
        doubted = watch.notes.emptied < EMPTY_LOOKS
        if doubted and listing.suddenly_empty(len(links), len(missing)):
            _log.warning(
                "workspace_suddenly_empty", workspace=watch.workspace_id, missing=len(missing)
            )
            return None
        return missing

    def _mark(self, watch: Watch, missing: Sequence[str], reread: set[str]) -> None:
        """Wake links in batches; whoever compares reads the event, and of some the people."""
        marked, now = sorted({*missing, *reread}), clock.now()
        for begin in range(0, len(marked), noticed.BATCH):
            with store.writing(self._engine) as transaction:
                for number, link_id in enumerate(marked[begin : begin + noticed.BATCH], begin):
                    if link_id in reread:
                        noticed.more_people(transaction, link_id)
                    self._wakes.mark(transaction, link_id, due=spreading.due(number, now))
                watches.hold(transaction, watch, clock.now())


def _shown(watch: Watch, link: LivestormLinked, event: Event) -> Mapping[str, int]:
    """Return the checksum of an event by its id.

    While its link is compared, or has yet to be for the first time, that of the last listing stays:
    what changes meanwhile is held against it afterwards.
    """
    if link.compared_at is None or link.outstanding:
        before = watch.notes.shown.get(event.id)
        return {} if before is None else {event.id: before}
    return {event.id: changes.checksum(event)}


def _counts(
    watch: Watch, by_id: Mapping[str, Event], links: Sequence[LivestormLinked]
) -> Iterator[Counted]:
    """Return how many people each session has.

    Of a link that has work outstanding, the guests are perhaps being registered: what was found
    last time counts until that is done.
    """
    for link in links:
        invited = len(guests(link.seen))
        for session in by_id[link.livestorm_event_id].sessions:
            if session.registrants_count is None:
                continue
            before = watch.notes.registrants.get(session.id)
            count = session.registrants_count
            if link.outstanding and before is not None:
                count = before + invited
            yield Counted(link.id, session.id, count, invited)
