"""What the rest of the program says to those who notice changes."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from addon import clock
from addon.jobs import LinkWakes
from addon.store import calendars, noticed, watches
from addon.store import engine as store
from addon.sync.notice import listing
from addon.sync.notice.channel_care import ChannelCare
from addon.sync.notice.listing import Act


class Notices:
    """Begins and ends the watching of both sides. One per process, thread-safe.

    Only `forget_user` makes remote calls; the others store what a worker then does.
    """

    def __init__(self, *, engine: sa.Engine, wakes: LinkWakes, channels: ChannelCare) -> None:
        self._engine = engine
        self._wakes = wakes
        self._channels = channels

    def ensure_calendar(self, user_id: str, calendar_id: str) -> None:
        """Have a calendar watched and listed at once: a link was made on it, or activated.

        Call it after the link is stored; doing it again costs one list.
        """
        with store.writing(self._engine) as connection:
            calendars.ensure(connection, user_id, calendar_id, clock.now())

    def ensure_workspace(self, workspace_id: str) -> None:
        """Have a workspace watched: a link was made in it, or activated."""
        with store.writing(self._engine) as connection:
            watches.ensure(connection, workspace_id, clock.now())

    def ensure_both(
        self, transaction: sa.Connection, user_id: str, calendar_id: str, workspace_id: str
    ) -> None:
        """Have a link's calendar and workspace watched, in a job's own transaction.

        The process that made the link may have died before it came to `ensure_calendar`.
        """
        calendars.ensure_known(transaction, user_id, calendar_id, clock.now())
        watches.ensure(transaction, workspace_id, clock.now())

    def stir(self, transaction: sa.Connection, workspace_id: str) -> None:
        """Say that a change was carried: more may follow, and looks do so quickly for a while."""
        watches.stir(transaction, workspace_id, clock.now())

    def forget_user(self, user_id: str) -> None:
        """Stop a person's channels and forget their calendars; before their grant is given back.

        Links and what was seen of their events stay.
        """
        self._channels.forget_user(user_id)

    def touch(self, link_id: str, *, at_once: bool = True) -> None:
        """Have a link compared now, both events being read themselves.

        Args:
            link_id: Which link.
            at_once: A person asked for it ("Sync now"): a pause the link is in ends, and people
                are read as well. Otherwise somebody only looks at it (its card is opened), which
                is no reason to spend calls on a link that pauses.
        """
        with store.writing(self._engine) as connection:
            noticed.see(connection, link_id, None)
            if at_once:
                noticed.more_people(connection, link_id)
            self._wakes.mark(connection, link_id, at_once=at_once)
            watches.stir_link(connection, link_id, clock.now())

    def calendar_read(
        self, transaction: sa.Connection, link_id: str, resource: Mapping[str, Any]
    ) -> None:
        """Keep an event as a job has read or written it, in the job's own transaction.

        So its echo is recognised. What a list has brought meanwhile, if newer, stays.
        """
        link = noticed.locked(transaction, link_id)
        if link is None:
            return
        change = listing.of_event(link, resource)
        if change is not None and change.act is Act.KEEP:
            noticed.see(transaction, link_id, resource)
