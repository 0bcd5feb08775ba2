"""List a workspace's events: who is missing, what changed unseen, where people came or went.

Livestorm tells about a deleted event, or a removed registrant, neither by webhook nor by
`updated_at`. A listing shows both, fifty events a call.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

import sqlalchemy as sa
import structlog

from addon import clock
from addon.jobs import LinkWakes
from addon.livestorm import Event, Workspace
from addon.livestorm.protocol import PAGE_SIZE
from addon.store import engine as store
from addon.store import noticed, watches
from addon.store.watches import Watch
from addon.sync.notice import changes, listing
from addon.sync.notice.changes import Agreement
from addon.sync.notice.registrants import Counted, guests, to_read

MADE_BEFORE_LINKED = timedelta(days=1)
"""How long before its link an event may have been made: an orphan of a crash is adopted within
minutes, and of an outage within hours."""

EMPTY_LOOKS = 4
"""So many listings in a row have to look suddenly empty before every missing event is looked at by
itself. A listing takes place every 43 minutes at best (docs/livestorm-budget.md)."""

MOST_PAGES = 1000
"""50,000 events: the pace follows from the number of pages, so a large workspace is only listed
less often. More than these have lost their filter."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Seen:
    """What a listing showed."""

    event_ids: frozenset[str]
    counted: Sequence[Counted]


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
        seen = self._read(workspace, watch, made_since - MADE_BEFORE_LINKED)
        missing = self._missing(watch, seen, over, now)
        reread = to_read(watch.notes.registrants, seen.counted)
        notes = replace(
            watch.notes,
            listed_at=now,
            pages=-(-len(seen.event_ids) // PAGE_SIZE) or 1,
            registrants={one.session_id: one.others for one in seen.counted},
            emptied=0 if missing is not None else watch.notes.emptied + 1,
        )
        listed = replace(watch, notes=notes)
        self._mark(watch, missing or [], reread)
        with store.writing(self._engine) as transaction:
            watches.save(transaction, listed, clock.now())
        return listed

    def _read(self, workspace: Workspace, watch: Watch, since: datetime) -> _Seen:
        found: set[str] = set()
        counted: list[Counted] = []
        events = workspace.events(created_since=since, max_pages=MOST_PAGES)
        while page := list(islice(events, PAGE_SIZE)):
            found |= {event.id for event in page}
            counted += self._compare(watch, page)
        return _Seen(frozenset(found), counted)

    def _compare(self, watch: Watch, page: Sequence[Event]) -> Iterator[Counted]:
        """Wake the links whose event changed unseen; return the counts of all."""
        by_id = {event.id: event for event in page}
        links = noticed.of_livestorm_events(self._engine, watch.workspace_id, by_id)
        changed = [
            link.id
            for link in links
            if changes.uncompared(link, by_id[link.livestorm_event_id], self._agreement)
        ]
        with store.writing(self._engine) as transaction:
            self._wakes.mark_all(transaction, changed)
            watches.hold(transaction, watch, clock.now())
        return (
            Counted(link.id, session.id, session.registrants_count, len(guests(link.seen)))
            for link in links
            for session in by_id[link.livestorm_event_id].sessions
            if session.registrants_count is not None
        )

    def _missing(
        self, watch: Watch, seen: _Seen, over: datetime, now: datetime
    ) -> list[str] | None:
        """Return the links whose event was not listed; None when that are too many to believe."""
        links = noticed.current(self._engine, watch.workspace_id, since=over)
        missing = changes.missing(links, seen.event_ids, made_before=now - changes.CLOCKS_APART)
        doubted = watch.notes.emptied < EMPTY_LOOKS
        if doubted and listing.suddenly_empty(len(links), len(missing)):
            _log.warning(
                "workspace_suddenly_empty", workspace=watch.workspace_id, missing=len(missing)
            )
            return None
        return missing

    def _mark(self, watch: Watch, missing: Sequence[str], reread: set[str]) -> None:
        """Wake links in batches; whoever compares reads the event, and of some the people."""
        marked = sorted({*missing, *reread})
        for begin in range(0, len(marked), noticed.BATCH):
            with store.writing(self._engine) as transaction:
                for link_id in marked[begin : begin + noticed.BATCH]:
                    if link_id in reread:
                        noticed.more_people(transaction, link_id)
                    self._wakes.mark(transaction, link_id)
                watches.hold(transaction, watch, clock.now())
