"""Two-way sync as the rest of the program sees it: start, stop, look now."""

import time
from collections.abc import Callable, Sequence
from contextvars import copy_context
from datetime import datetime
from threading import Thread

import sqlalchemy as sa

from addon import clock
from addon.connections.activation import Activation
from addon.jobs import LinkWakes, spreading
from addon.store import engine as store
from addon.store import links
from addon.store.allowance import DatabaseAllowance
from addon.store.links import Link
from addon.sync.notice import Notices

SYNC_NOW_SECONDS = 5.0
"""How long "Sync now" waits for its outcome: a job takes one to two seconds, and a card is to
answer soon. What is not done by then goes on, and the card says that it is on its way."""

LOOK_SECONDS = 0.2
"""Pause between two looks whether a job is done."""

MARKED_AT_ONCE = 100
"""Links marked in one transaction. A mark takes some 2.5 ms, and on SQLite nobody else writes
meanwhile: a quarter of a second. Whoever activates waits for the first of them only."""


class Syncing:
    """Starts and stops keeping events the same. One per process, thread-safe."""

    def __init__(
        self,
        *,
        engine: sa.Engine,
        allowance: DatabaseAllowance,
        activation: Activation,
        notices: Notices,
        wakes: LinkWakes,
        sleep: Callable[[float], None] = time.sleep,
        beside: Callable[[Callable[[], None]], None] | None = None,
        afterwards: Callable[[Callable[[], None]], None] | None = None,
    ) -> None:
        """Work on the links in `engine`, with the grants of `activation`.

        `beside` runs work that nobody waits for, in a thread of its own by default; `afterwards`
        what is short, but not worth holding up an answer. Should the process die before it is
        done, the next sweep compares what was not marked.
        """
        self._engine = engine
        self._allowance = allowance
        self._activation = activation
        self._notices = notices
        self._wakes = wakes
        self._sleep = sleep
        self._beside = beside or _in_a_thread
        self._afterwards = afterwards or self._beside

    def linked(self, link: Link) -> None:
        """Begin soon with a link that was just made; one that is held waits for its person."""
        if not link.held:
            self._afterwards(lambda: self._begin([link]))

    def activated(self, user_id: str) -> None:
        """Go on where a person's events stood when syncing stopped."""
        self._begin(links.synced_of_user(self._engine, user_id))

    def resumed(self, user_id: str) -> None:
        """Go on after a person connected to Livestorm again.

        What was noticed without a connection was left alone, and nothing would bring it back.
        """
        self.activated(user_id)

    def deactivated(self, user_id: str) -> None:
        """Stop for a person: nothing is written to either side any more. All records stay."""
        self._notices.forget_user(user_id)
        self._activation.deactivate(user_id)

    def held(self, user_id: str) -> int:
        """How many upcoming events were made without activation and wait to be included."""
        return links.count_held(self._engine, user_id, since=clock.now())

    def include_held(self, user_id: str) -> None:
        """Keep those in sync as well from now on."""
        links.include_held(self._engine, user_id, since=clock.now())
        self.activated(user_id)

    def look(self, link: Link) -> None:
        """Somebody opened the event: compare it soon."""
        self._include(link)
        self._notices.touch(link.id, at_once=False)

    def ask(self, link: Link) -> None:
        """Somebody pressed "Sync now" where they see what comes of it: compare it at once."""
        self._include(link)
        self._allowance.let_a_person_try(link.workspace_id)
        self._notices.touch(link.id, at_once=True)

    def look_now(self, link: Link) -> None:
        """Somebody pressed "Sync now": compare it at once, and wait for what comes of it."""
        self.ask(link)
        until = time.monotonic() + SYNC_NOW_SECONDS
        while time.monotonic() < until and links.is_outstanding(self._engine, link.id):
            self._sleep(LOOK_SECONDS)

    def _include(self, link: Link) -> None:
        """Begin with an event made before activation whose person now turns to it."""
        if link.held:
            links.include(self._engine, link.id)
            self._begin([link])

    def _begin(self, begun: list[Link]) -> None:
        for user_id, calendar_id in sorted({(one.user_id, one.calendar_id) for one in begun}):
            self._notices.ensure_calendar(user_id, calendar_id)
        for workspace_id in sorted({one.workspace_id for one in begun}):
            self._notices.ensure_workspace(workspace_id)
        now = clock.now()
        # What takes place next comes first.
        ids = [one.id for one in sorted(begun, key=lambda one: _far(one, now))]
        due = [(one, spreading.due(number, now)) for number, one in enumerate(ids)]
        self._mark(due[:MARKED_AT_ONCE])
        if len(due) > MARKED_AT_ONCE:
            self._beside(lambda: self._mark(due[MARKED_AT_ONCE:]))

    def _mark(self, due: Sequence[tuple[str, datetime | None]]) -> None:
        for start in range(0, len(due), MARKED_AT_ONCE):
            with store.writing(self._engine) as transaction:
                # In one order, so that two callers cannot deadlock.
                for link_id, at in sorted(due[start : start + MARKED_AT_ONCE]):
                    # A pause may be due to the very access that there is again.
                    self._wakes.mark(transaction, link_id, at_once=True, due=at)


def _far(link: Link, now: datetime) -> tuple[bool, float]:
    """Orders links: upcoming ones the next first, then past ones the latest first."""
    away = (link.starts_at - now).total_seconds() if link.starts_at is not None else 0.0
    return away < 0, abs(away)


def _in_a_thread(work: Callable[[], None]) -> None:
    Thread(target=copy_context().run, args=(work,), name="marking", daemon=True).start()
