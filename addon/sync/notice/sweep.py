"""Look at everything now and then, whether or not anybody said that it changed."""

import math
from datetime import timedelta

import sqlalchemy as sa
import structlog

from addon import clock
from addon.jobs import LinkWakes
from addon.store import calendars, channels, noticed
from addon.store import engine as store
from addon.sync.notice import push

SELDOMEST = timedelta(seconds=10)
"""How often overdue calendars are looked for at least: a round of SWEEP_SECONDS by default is made
of sixty sweeps, each of as many calendars as became overdue since the last one, and some."""

OFTENEST = timedelta(seconds=1)
"""The shortest that SWEEP_SECONDS can be."""

PARTS = 6
"""Sweeps in a short round: a calendar is listed late by a sixth of SWEEP_SECONDS at most."""

CATCH_UP = 1.5
"""Half as many again, so that what an outage made overdue is caught up in two rounds, spread."""

CALENDARS_A_SECOND = 100
"""Never more: 6,000 lists a minute are six tenths of what Google allows a project
(developers.google.com/workspace/calendar/api/guides/quota). Beyond 100 times SWEEP_SECONDS
calendars a round takes longer than SWEEP_SECONDS."""

LINKS_AT_ONCE = 20
"""Links compared anew per sweep of links, one a minute: each costs a call of its workspace."""

FIRST_COMPARISON = timedelta(minutes=2)
"""After so long, a link that was never compared has lost its first wake-up."""

COMPARE_AGAIN = timedelta(days=14)
"""What no list, poll or listing has shown in two weeks, a comparison of its own would. One or two
calls for each event that is planned a month ahead."""

OVER = timedelta(days=30)
"""A single event that began so long ago is left in peace."""

EXPIRED_KEPT = timedelta(days=1)
"""How long channels that expired stay, for people who look for them."""

STOPPED_AT_ONCE = 50
"""Replaced channels stopped per look: a call each, none of them urgent."""

AGING_AT_ONCE = 200
"""Channels renewed per look; at one look in ten minutes, 100,000 of them in half a week."""

_log = structlog.get_logger(__name__)


def rhythm(sweep_seconds: float) -> timedelta:
    """Return how often overdue calendars are to be looked for: whole seconds."""
    part = timedelta(seconds=sweep_seconds // PARTS)
    return max(OFTENEST, min(part, SELDOMEST))


class Sweep:
    """Does what nobody asked for. One per process; each function may run on any worker."""

    def __init__(self, *, engine: sa.Engine, wakes: LinkWakes, sweep_seconds: float) -> None:
        self._engine = engine
        self._wakes = wakes
        self._every = timedelta(seconds=sweep_seconds)
        self._rhythm = rhythm(sweep_seconds)

    def calendars(self) -> None:
        """Have calendars listed that were not for long; to be called in the `rhythm`.

        They stay spread as they are: each is due so long after its own latest list.
        """
        now = clock.now()
        share = CATCH_UP * calendars.count(self._engine) * (self._rhythm / self._every)
        calendars.stamp_overdue(
            self._engine,
            listed_before=now - self._every,
            now=now,
            over=self._rhythm,
            most=min(math.ceil(share) + 1, CALENDARS_A_SECOND * int(self._rhythm.total_seconds())),
        )

    def links(self) -> None:
        """Have links compared that were not for long, or never, or whose time has come.

        Their jobs read the Calendar event itself: no list may have shown what became of it.
        """
        now = clock.now()
        found = noticed.long_uncompared(
            self._engine,
            compared_before=now - COMPARE_AGAIN,
            made_before=now - FIRST_COMPARISON,
            since=now - OVER,
            now=now,
            most=LINKS_AT_ONCE,
        )
        if found:
            with store.writing(self._engine) as transaction:
                for link_id in sorted(found):
                    noticed.see(transaction, link_id, None)
                    self._wakes.mark(transaction, link_id)
            _log.info("links_swept", count=len(found))

    def aging_channels(self) -> None:
        """Have calendars listed whose channel is past half of its life: that renews it."""
        now = clock.now()
        aging = {
            channel.calendar
            for channel in channels.expiring(
                self._engine, before=now + push.LIFETIME / 2, most=AGING_AT_ONCE
            )
            if now >= channel.opened_at + (channel.expires_at - channel.opened_at) / 2
        }
        for calendar in aging:
            calendars.stamp(self._engine, calendar, before=None, now=now)

    def purge(self) -> None:
        """Remove channels that expired long ago."""
        channels.purge(self._engine, before=clock.now() - EXPIRED_KEPT)
