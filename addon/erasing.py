"""Erase everything that is kept of a person, here and at both companies. Their events stay."""

from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass
from datetime import timedelta
from threading import Thread

import sqlalchemy as sa
import structlog

from addon import clock
from addon.connections import Connections, NotConnected
from addon.connections.activation import Activation
from addon.livestorm import LivestormFailure, Urgency
from addon.store import erasures
from addon.store.erasures import Erasure
from addon.store.users import Account
from addon.sync.notice import Notices
from addon.sync.notice.subscriptions import Addresses, clear

LEASE = timedelta(minutes=2)
"""Longer than any one step: stopping the channels of a person's calendars while Google is slow."""

LINKS_AT_ONCE = 100
"""Links, with some twenty lines of history each, erased in one transaction of a few ms, so that
others write in between and the number that is shown moves."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Progress:
    """How far an erasure is, in rows, and what there was of each kind."""

    done: int
    of: int
    finished: bool
    found: dict[str, int]
    untold: list[str]


class Erasing:
    """Erases people. One per process, thread-safe."""

    def __init__(
        self,
        *,
        engine: sa.Engine,
        activation: Activation,
        connections: Connections,
        notices: Notices,
        base_url: str,
        start: Callable[[Callable[[], None]], None] | None = None,
    ) -> None:
        """`start` runs a piece of work beside the caller; a thread of its own by default."""
        self._engine = engine
        self._activation = activation
        self._connections = connections
        self._notices = notices
        # Only our own webhooks are looked for, by what their addresses begin with: no key needed.
        self._addresses = Addresses(base_url, key="")
        self._start = start or _beside

    def begin(self, user_id: str) -> str:
        """Begin, and return the erasure's id; the work goes on beside the caller.

        Should this process die, a worker finishes it (`finish_abandoned`).
        """
        erasure = erasures.begin(self._engine, user_id, clock.now())
        self._start(lambda: self._run(erasure.id))
        return erasure.id

    def progress(self, erasure_id: str) -> Progress | None:
        """How far an erasure is; None when it is long over."""
        erasure = erasures.get(self._engine, erasure_id)
        if erasure is None:
            return None
        of = sum(erasure.found.values())
        left = sum(erasures.left(self._engine, erasure.user_id).values()) if erasure.user_id else 0
        finished = erasure.finished_at is not None
        return Progress(max(of - left, 0), of, finished, erasure.found, erasure.untold)

    def finish_abandoned(self, *, most: int) -> int:
        """Go on with erasures that a process died over; return how many those were."""
        abandoned = erasures.abandoned(self._engine, clock.now(), most=most)
        for erasure_id in abandoned:
            self._run(erasure_id)
        return len(abandoned)

    def _run(self, erasure_id: str) -> None:
        if not erasures.take(self._engine, erasure_id, clock.now(), LEASE):
            return
        erasure = erasures.get(self._engine, erasure_id)
        if erasure is None or erasure.user_id is None:
            return
        account = self._connections.find(erasure.user_id)
        if account is not None:
            self._end_access(erasure, account)
        while erasures.erase_links(self._engine, erasure.user_id, most=LINKS_AT_ONCE):
            erasures.keep(self._engine, erasure_id, clock.now(), LEASE)
        erasures.finish(self._engine, erasure, clock.now())
        _log.info("erased", user=erasure.user_id, untold=erasure.untold)

    def _end_access(self, erasure: Erasure, account: Account) -> None:
        """Tell both companies. One that cannot be told keeps nobody from being erased here."""
        untold = set(erasure.untold)
        self._notices.forget_user(account.user_id)
        if not self._activation.deactivate(account.user_id):
            untold.add("google")
        self._end_webhooks(account)
        if not self._connections.sign_out(account):
            untold.add("livestorm")
        erasures.note_untold(self._engine, erasure.id, sorted(untold))

    def _end_webhooks(self, account: Account) -> None:
        """Of a workspace that nobody else is connected to; others' webhooks stay theirs."""
        connection = account.connection
        if connection is None or not connection.usable:
            return
        if not erasures.only_user_of(self._engine, account.user_id, connection.workspace_id):
            return
        try:
            workspace = self._connections.workspace(account, urgency=Urgency.PERSON_WAITING)
            clear(workspace, self._addresses)
        except (LivestormFailure, NotConnected) as failure:
            # They ring at an address whose secret nobody knows any more, and are ignored.
            _log.warning("webhooks_not_deleted", reason=str(failure))


def _beside(work: Callable[[], None]) -> None:
    Thread(target=copy_context().run, args=(work,), name="erasing", daemon=True).start()
