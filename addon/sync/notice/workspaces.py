"""Look at Livestorm workspaces: webhooks kept alive, changes polled, everything listed at times."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from random import SystemRandom
from typing import TypeVar

import sqlalchemy as sa
import structlog

from addon import clock, correlation
from addon.connections import Connections, NotConnected
from addon.jobs import LinkWakes
from addon.livestorm import FailureKind, LivestormFailure, Urgency, Workspace
from addon.store import engine as store
from addon.store import noticed, watches
from addon.store.leases import LeaseLost
from addon.store.watches import Activity, Watch
from addon.sync.notice import budget, changes, subscriptions
from addon.sync.notice.budget import Load, Pace
from addon.sync.notice.changes import Agreement
from addon.sync.notice.event_listing import EventListing
from addon.sync.notice.subscriptions import Addresses

OVER = timedelta(days=30)
"""A single event that began so long ago is not looked for any more: nobody edits it, and every
listing would grow by it."""

IDLE_PAUSE = timedelta(minutes=10)
"""Before a workspace is looked at again that has nothing in sync, or nobody connected. Such a look
costs no call."""

FIRST_POLL = timedelta(minutes=1)
"""From the first look, which only makes the webhooks, to the first poll."""

PEOPLE_TRIED = 3
"""With so many people's connections a look is tried before the workspace is left alone: one may
have a token with fewer rights than another."""

POLL_PAGES = 20
"""A thousand changes between two polls are somebody's bulk edit, or a filter that was ignored;
then a listing finds what changed, and the polls begin anew."""

_SPREAD = 0.1
"""A tenth more or less at random, so that workspaces do not fall into step."""

_random = SystemRandom()
_log = structlog.get_logger(__name__)

T = TypeVar("T")


@dataclass(frozen=True)
class Shortest:
    """The shortest pauses between two polls, and two listings, of one workspace; seconds."""

    poll: float
    listing: float


class WorkspaceLooks:
    """Looks at workspaces, each by one worker at a time. One per process, thread-safe."""

    def __init__(
        self,
        *,
        engine: sa.Engine,
        wakes: LinkWakes,
        connections: Connections,
        addresses: Addresses,
        shortest: Shortest,
        agreement: Agreement,
    ) -> None:
        self._engine = engine
        self._wakes = wakes
        self._connections = connections
        self._addresses = addresses
        self._shortest = shortest
        self._agreement = agreement
        self._listing = EventListing(engine, wakes, agreement)

    def take(self, most: int) -> Sequence[Watch]:
        """Take up to `most` workspaces whose look is due."""
        return watches.take_due(self._engine, now=clock.now(), most=most)

    def look(self, watch: Watch) -> None:
        """Look at one workspace and give its lease back. Raises nothing Livestorm may cause."""
        try:
            with correlation.working_for(correlation.begun_by("poll-workspace")):
                pause = self._looked(watch, clock.now())
            if pause is not None:
                pause *= _random.uniform(1 - _SPREAD, 1 + _SPREAD)
                watches.postpone(self._engine, watch, until=clock.now() + pause)
        except LeaseLost:
            _log.warning("workspace_lease_lost", workspace=watch.workspace_id)

    def _looked(self, watch: Watch, now: datetime) -> timedelta | None:
        """Do what is due; return the pause until the next look, None if there is to be none."""
        activity = watches.activity(
            self._engine,
            watch.workspace_id,
            since=now - OVER,
            made_since=(now - timedelta(days=30), now - timedelta(days=7)),
        )
        pace = self._pace(watch, activity, now)
        try:
            if activity.oldest is None:
                return IDLE_PAUSE if self._still_needed(watch, now) else None
            if watch.polled_until is None:
                # Nothing to look back at: what is linked was made a moment ago.
                self._subscribe(replace(watch, polled_until=now), now)
                return FIRST_POLL
            watch = self._poll(watch, now)
            if subscriptions.is_due(watch, now):
                watch = self._subscribe(watch, now)
            listed_at = watch.notes.listed_at
            if listed_at is None or listed_at <= now - timedelta(seconds=pace.listing):
                self._list(watch, activity.oldest, now)
        except NotConnected:
            _log.info("workspace_without_connection", workspace=watch.workspace_id)
            return IDLE_PAUSE
        except LivestormFailure as failure:
            _log.warning(
                "workspace_not_looked_at", workspace=watch.workspace_id, reason=str(failure)
            )
            return max(timedelta(seconds=pace.poll), _pause_after(failure))
        return timedelta(seconds=pace.poll)

    def _pace(self, watch: Watch, activity: Activity, now: datetime) -> Pace:
        where = budget.standing(
            activity.monthly_limit, activity.used, activity.period_started, now.timestamp()
        )
        age = timedelta(0) if activity.oldest is None else now - activity.oldest
        in_month, in_week = activity.made
        made = budget.events_a_month(in_month, in_week, age / timedelta(days=1))
        load = Load(made, watch.notes.pages)
        return budget.pace(
            where,
            load,
            shortest_poll=self._shortest.poll,
            shortest_listing=self._shortest.listing,
        )

    def _subscribe(self, watch: Watch, now: datetime) -> Watch:
        """Check the webhooks. What is stale goes last: until then, nothing is missed."""
        checked = self._with_workspace(
            watch, lambda workspace: subscriptions.check(workspace, watch, self._addresses, now)
        )
        self._save(checked.watch)
        for stale in checked.stale:
            self._with_workspace(watch, partial(subscriptions.delete, webhook_id=stale))
        return checked.watch

    def _still_needed(self, watch: Watch, now: datetime) -> bool:
        """Once a day, see whether a workspace where nothing is in sync is needed any more."""
        if not subscriptions.is_due(watch, now):
            return True
        if watches.linked(self._engine, watch.workspace_id):
            self._save(replace(watch, subscribed_at=now))
            return True
        if watch.notes.subscriptions:
            self._with_workspace(
                watch, lambda workspace: subscriptions.clear(workspace, self._addresses)
            )
        watches.drop(self._engine, watch)
        return False

    def _poll(self, watch: Watch, now: datetime) -> Watch:
        """Wake the links of what changed since the last poll; the cursor goes with the marks."""
        since = (watch.polled_until or now) - changes.CLOCKS_APART

        def ask(workspace: Workspace) -> changes.Polled:
            return changes.polled(
                list(workspace.events(updated_since=since, max_pages=POLL_PAGES)),
                list(workspace.changed_sessions(updated_since=since, max_pages=POLL_PAGES)),
                before=watch.notes.recent,
                now=now,
            )

        try:
            brought = self._with_workspace(watch, ask)
        except LivestormFailure as failure:
            if failure.kind is not FailureKind.UNREADABLE:
                raise
            _log.warning("poll_gives_way_to_listing", workspace=watch.workspace_id)
            skipped = replace(
                watch,
                # Without the overlap, which would bring the same flood again.
                polled_until=now + changes.CLOCKS_APART + changes.TICK,
                notes=replace(watch.notes, listed_at=None),
            )
            self._save(skipped)
            return skipped
        links = noticed.of_livestorm_events(self._engine, watch.workspace_id, brought.event_ids)
        marked = changes.to_compare(brought, links, self._agreement)
        polled = replace(watch, polled_until=now, notes=replace(watch.notes, recent=brought.recent))
        with store.writing(self._engine) as transaction:
            self._wakes.mark_all(transaction, marked)
            watches.save(transaction, polled, clock.now())
        return polled

    def _list(self, watch: Watch, oldest: datetime, now: datetime) -> None:
        # Noted before it begins: a listing that fails takes place at the same pace as one that
        # does not, whatever it cost.
        begun = replace(watch, notes=replace(watch.notes, listed_at=now))
        self._save(begun)
        with correlation.working_for(correlation.begun_by("list-workspace")):
            self._with_workspace(
                watch,
                lambda workspace: self._listing.run(
                    workspace, begun, made_since=oldest, over=now - OVER
                ),
            )

    def _save(self, watch: Watch) -> None:
        with store.writing(self._engine) as transaction:
            watches.save(transaction, watch, clock.now())

    def _with_workspace(self, watch: Watch, ask: Callable[[Workspace], T]) -> T:
        """Ask Livestorm with the connection of somebody who may.

        Raises:
            NotConnected: nobody is connected.
            LivestormFailure: the last one's; nobody else was tried when it may pass.
        """
        refused: LivestormFailure | None = None
        for user_id in watches.people_of(self._engine, watch.workspace_id, most=PEOPLE_TRIED):
            try:
                return self._asked(user_id, ask)
            except NotConnected:
                continue
            except LivestormFailure as failure:
                if failure.kind not in {FailureKind.UNAUTHORIZED, FailureKind.FORBIDDEN}:
                    raise
                refused = failure
        if refused is not None:
            raise refused
        raise NotConnected("nobody of this workspace is connected")

    def _asked(self, user_id: str, ask: Callable[[Workspace], T]) -> T:
        account = self._connections.account(user_id)
        try:
            return ask(self._connections.workspace(account, urgency=Urgency.LOOK_AROUND))
        except LivestormFailure as failure:
            if failure.kind is not FailureKind.UNAUTHORIZED:
                raise
        return ask(self._connections.renewed(account, urgency=Urgency.LOOK_AROUND))


def _pause_after(failure: LivestormFailure) -> timedelta:
    """How long a workspace is left alone at least; a right to ask does not come back by itself."""
    if failure.kind in {FailureKind.UNAUTHORIZED, FailureKind.FORBIDDEN}:
        return timedelta(seconds=budget.LONGEST_POLL)
    return timedelta(seconds=min(failure.retry_after or 0.0, budget.LONGEST_POLL))
