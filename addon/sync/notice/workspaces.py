"""Look at Livestorm workspaces: webhooks kept alive, changes polled, everything listed at times."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
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
from addon.store import activity as activities
from addon.store import connections, noticed, watches
from addon.store import engine as store
from addon.store.activity import Activity
from addon.store.leases import LeaseLost
from addon.store.watches import Due, Watch
from addon.sync.notice import budget, changes, subscriptions
from addon.sync.notice.budget import Load, Pace, PutBy, Shortest, Standing
from addon.sync.notice.changes import Agreement
from addon.sync.notice.event_listing import EventListing
from addon.sync.notice.subscriptions import Addresses

OVER = timedelta(days=30)
"""A single event that began so long ago is not looked for any more: nobody edits it, and every
listing would grow by it."""

IDLE_PAUSE = timedelta(minutes=10)
"""Before a workspace is looked at again that has nothing in sync, or nobody connected. Such a look
costs no call."""

FIRST_LOOK = timedelta(minutes=1)
"""At the longest, from the look that only makes the webhooks to the first one for changes."""

PEOPLE_TRIED = 3
"""With so many people's connections a look is tried before the workspace is left alone: one may
have a token with fewer rights than another."""

POLL_PAGES = 20
"""A thousand changes between two polls are somebody's bulk edit, or a filter that was ignored;
then a listing finds what changed, and the polls begin anew."""

_NO_POLL = frozenset({FailureKind.UNREADABLE, FailureKind.NOT_FOUND, FailureKind.INVALID})
"""What asking for changes comes to where one of the two lists is not to be had. Should it be the
list of events, the listing fails as well."""

ACTIVE = timedelta(seconds=budget.ACTIVE_SECONDS)

EMPTY_PAUSE = timedelta(minutes=43)
"""Between two listings that look suddenly empty: four of them are three hours, and a company's
trouble is over by then (`addon.sync.notice.event_listing.EMPTY_LOOKS`)."""

_SPREAD = 0.1
"""Up to a tenth more at random, so that workspaces do not fall into step."""

_random = SystemRandom()
_log = structlog.get_logger(__name__)

T = TypeVar("T")


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
                due = self._looked(watch, clock.now())
            if due is not None:
                watches.postpone(self._engine, watch, due)
        except LeaseLost:
            _log.warning("workspace_lease_lost", workspace=watch.workspace_id)

    def _looked(self, watch: Watch, now: datetime) -> Due | None:
        """Do what is due; say when the next look is, None if there is to be none."""
        activity = activities.of_workspace(
            self._engine,
            watch.workspace_id,
            since=now - OVER,
            made_since=(now - timedelta(days=30), now - timedelta(days=7)),
        )
        month = _Month.of(watch, activity, now, self._shortest)
        pause = timedelta(0)
        try:
            if activity.oldest is None:
                if not self._still_needed(watch, now):
                    return None
                return self._idle(month)
            if watch.polled_until is None:
                # Nothing to look back at: what is linked was made a moment ago.
                self._subscribe(replace(watch, polled_until=now), now)
                soon = min(FIRST_LOOK, timedelta(seconds=self._shortest.poll))
                return Due(at=clock.now() + soon, quick_at=clock.now() + soon, active=False)
            watch = self._look_for_changes(watch, month, activity.oldest, now)
        except NotConnected:
            _log.info("workspace_without_connection", workspace=watch.workspace_id)
            return self._idle(month)
        except LivestormFailure as failure:
            _log.warning(
                "workspace_not_looked_at", workspace=watch.workspace_id, reason=str(failure)
            )
            pause = _pause_after(failure)
        return self._due(watch, month, at_least=pause)

    def _idle(self, month: "_Month") -> Due:
        """Say when to see whether there is something to look at by then."""
        now = clock.now()
        return Due(
            at=now + IDLE_PAUSE * _spread(),
            quick_at=now,
            active=False,
            put_by=month.saved.calls,
            put_by_at=month.now,
        )

    def _due(self, watch: Watch, month: "_Month", *, at_least: timedelta) -> Due:
        """Say when the next look is, by what is put by after this one."""
        # What a listing has found out of its length is reckoned with from the next look on.
        pace = month.pace()
        now = clock.now()
        return Due(
            at=now + max(timedelta(seconds=pace.quiet), at_least) * _spread(),
            quick_at=now + max(timedelta(seconds=pace.quick), at_least) * _spread(),
            active=_is_active(watch, month.now),
            put_by=month.saved.calls,
            put_by_at=month.now,
        )

    def _look_for_changes(
        self, watch: Watch, month: "_Month", oldest: datetime, now: datetime
    ) -> Watch:
        """Poll and list, as far as each is due."""
        pace = month.pace()
        active = _is_active(watch, now)
        pause = timedelta(seconds=pace.listing_quick if active else pace.listing)
        if watch.notes.emptied:
            pause = max(pause, EMPTY_PAUSE)
        if not month.load.lists_only:
            month.spend(budget.POLL_CALLS)
            watch = self._poll(watch, now)
        if subscriptions.is_due(watch, now):
            watch = self._subscribe(watch, now)
        listed_at = watch.notes.listed_at
        if listed_at is None or listed_at <= now - pause:
            month.spend(watch.notes.pages)
            watch = self._list(watch, oldest, now)
        return watch

    def _subscribe(self, watch: Watch, now: datetime) -> Watch:
        """Check the webhooks. What is stale goes last: until then, nothing is missed.

        Whatever is wrong with them keeps nobody from looking.
        """
        known = subscriptions.announced(watch, self._addresses)
        if known is not watch:
            self._save(known)
        try:
            checked = self._with_workspace(
                known, lambda workspace: subscriptions.check(workspace, known, self._addresses, now)
            )
        except LivestormFailure as failure:
            left = subscriptions.without(known, failure, now)
            self._save(left)
            return left
        self._save(checked.watch)
        if not checked.stale:
            return checked.watch
        try:
            for stale in checked.stale:
                self._with_workspace(watch, partial(subscriptions.delete, webhook_id=stale))
        except LivestormFailure as failure:
            # They are remembered, and the next check comes back to them.
            _log.info("webhooks_left", workspace=watch.workspace_id, reason=str(failure))
            return checked.watch
        left = subscriptions.deleted(checked.watch)
        self._save(left)
        return left

    def _still_needed(self, watch: Watch, now: datetime) -> bool:
        """Once a day, see whether a workspace where nothing is in sync is needed any more."""
        if not subscriptions.is_due(watch, now):
            return True
        if activities.linked(self._engine, watch.workspace_id):
            self._save(replace(watch, subscribed_at=now))
            return True
        known = subscriptions.ours(watch)
        if known:
            clear = partial(subscriptions.clear, addresses=self._addresses, known=known)
            try:
                self._with_workspace(watch, clear, activated=False)
            except NotConnected:
                # Left to Livestorm, which ends what calls an address that nobody has.
                _log.info("webhooks_left", workspace=watch.workspace_id)
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
            if failure.kind not in _NO_POLL:
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

    def _list(self, watch: Watch, oldest: datetime, now: datetime) -> Watch:
        # Noted before it begins: a listing that fails takes place at the same pace as one that
        # does not, whatever it cost.
        begun = replace(watch, notes=replace(watch.notes, listed_at=now))
        self._save(begun)
        with correlation.working_for(correlation.begun_by("list-workspace")):
            return self._with_workspace(
                watch,
                lambda workspace: self._listing.run(
                    workspace, begun, made_since=oldest, over=now - OVER
                ),
            )

    def _save(self, watch: Watch) -> None:
        with store.writing(self._engine) as transaction:
            watches.save(transaction, watch, clock.now())

    def _with_workspace(
        self, watch: Watch, ask: Callable[[Workspace], T], *, activated: bool = True
    ) -> T:
        """Ask Livestorm with the connection of somebody who may.

        Whoever has deactivated is not asked for, but (not `activated`) to clear away.

        Raises:
            NotConnected: nobody is connected.
            LivestormFailure: the last one's; nobody else was tried when it may pass.
        """
        refused: LivestormFailure | None = None
        for user_id in connections.people_of(
            self._engine, watch.workspace_id, most=PEOPLE_TRIED, activated=activated
        ):
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


@dataclass
class _Month:
    """How a workspace stands in its month, and what a look takes of what is put by.

    Attributes:
        saved: What is put by, less what was spent.
        now: When the look began.
    """

    where: Standing
    load: Load
    saved: PutBy = field(init=False)
    before: PutBy | None
    now: datetime
    shortest: Shortest

    def __post_init__(self) -> None:
        self.saved = budget.put_by(
            self.before, self.where, self.load, self.now.timestamp(), self.shortest
        )

    @classmethod
    def of(cls, watch: Watch, activity: Activity, now: datetime, shortest: Shortest) -> "_Month":
        """Reckon from what is stored."""
        age = timedelta(0) if activity.oldest is None else now - activity.oldest
        in_month, in_week = activity.made
        made = budget.events_a_month(in_month, in_week, age / timedelta(days=1))
        before = None
        if watch.put_by is not None and watch.put_by_at is not None:
            before = PutBy(watch.put_by, watch.put_by_at.timestamp())
        tells_all = watch.notes.tells_all and not watch.notes.emptied
        return cls(
            where=budget.standing(
                activity.monthly_limit, activity.used, activity.period_started, now.timestamp()
            ),
            load=Load(made, watch.notes.pages, tells_all),
            before=before,
            now=now,
            shortest=shortest,
        )

    def spend(self, calls: int) -> None:
        self.saved = budget.spent(self.saved, calls)

    def pace(self) -> Pace:
        return budget.pace(self.where, self.load, self.saved, self.shortest)


def _is_active(watch: Watch, now: datetime) -> bool:
    return watch.active_at is not None and watch.active_at > now - ACTIVE


def _spread() -> float:
    return 1 + _SPREAD * _random.random()


def _pause_after(failure: LivestormFailure) -> timedelta:
    """How long a workspace is left alone at least; a right to ask does not come back by itself."""
    if failure.kind in {FailureKind.UNAUTHORIZED, FailureKind.FORBIDDEN}:
        return timedelta(seconds=budget.LONGEST_POLL)
    return timedelta(seconds=min(failure.retry_after or 0.0, budget.LONGEST_POLL))
