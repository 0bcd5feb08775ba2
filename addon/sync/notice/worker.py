"""The noticing that goes on in every worker process."""

from dataclasses import dataclass

import sqlalchemy as sa

from addon.connections import Connections
from addon.connections.activation import Activation
from addon.google.calendar import CalendarApi
from addon.jobs import LinkWakes
from addon.store.calendars import Calendar
from addon.store.watches import Watch
from addon.sync.notice.budget import Shortest
from addon.sync.notice.calendars import CalendarLooks
from addon.sync.notice.changes import Agreement, NothingAgreed
from addon.sync.notice.channel_care import ChannelCare
from addon.sync.notice.looking import Looking
from addon.sync.notice.subscriptions import Addresses
from addon.sync.notice.sweep import STOPPED_AT_ONCE, Sweep
from addon.sync.notice.workspaces import WorkspaceLooks

CALENDAR_SECONDS = 0.3
"""Between two looks for stamped calendars: half of it is added to every change on its way to the
other side, which is to take two seconds. An idle look is one select on a partial index."""

CALENDARS_AT_ONCE = 8
"""Lists at a time per worker. At 200 ms a list these are 25 a second, and eight people whose
calendars do not answer have to come together before anybody else waits."""

WORKSPACE_SECONDS = 5.0
"""At the longest, between two looks for workspaces that are due: a twelfth of the shortest pause of
one workspace by default. Where that is shorter, so is this."""

WORKSPACE_PART = 0.25
"""Of `Pauses.poll`: a quarter later than due at most."""

WORKSPACES_AT_ONCE = 4
"""Looks at workspaces at a time per worker; each may last a minute, waiting for its allowance."""

STOP_SECONDS = 5.0
"""A list ends within so long; what does not is done again by the next worker."""


@dataclass(frozen=True)
class Pauses:
    """Shortest pauses, in seconds.

    Attributes:
        sweep: Between two lists of a calendar, and two listings of a workspace.
        poll: Between two polls of a workspace.
    """

    sweep: float
    poll: float


class Noticing:
    """Looks at calendars and workspaces that are due, until it is stopped."""

    def __init__(
        self,
        *,
        engine: sa.Engine,
        wakes: LinkWakes,
        activation: Activation,
        connections: Connections,
        api: CalendarApi,
        base_url: str,
        webhook_key: str,
        pauses: Pauses,
        agreement: Agreement | None = None,
    ) -> None:
        """Put together.

        Args:
            engine: The database.
            wakes: What wakes links.
            activation: Opens calendars.
            connections: Opens workspaces.
            api: Calendar.
            base_url: Public origin of this server, for channels and webhooks.
            webhook_key: From which the secrets of webhook addresses follow.
            pauses: How often it looks around at most.
            agreement: Recognises what is no change; by default everything is one.
        """
        self.channels = ChannelCare(
            engine=engine, activation=activation, api=api, base_url=base_url
        )
        self.sweep = Sweep(engine=engine, wakes=wakes, sweep_seconds=pauses.sweep)
        self.calendars = CalendarLooks(
            engine=engine, wakes=wakes, activation=activation, api=api, channels=self.channels
        )
        self.workspaces = WorkspaceLooks(
            engine=engine,
            wakes=wakes,
            connections=connections,
            addresses=Addresses(base_url=base_url, key=webhook_key),
            shortest=Shortest(poll=pauses.poll, listing=pauses.sweep),
            agreement=agreement or NothingAgreed(),
        )
        self._looking_at_calendars: Looking[Calendar] = Looking(
            "calendars",
            take=self.calendars.take,
            look=self.calendars.look,
            at_once=CALENDARS_AT_ONCE,
            every_seconds=CALENDAR_SECONDS,
        )
        self._looking_at_workspaces: Looking[Watch] = Looking(
            "workspaces",
            take=self.workspaces.take,
            look=self.workspaces.look,
            at_once=WORKSPACES_AT_ONCE,
            every_seconds=min(WORKSPACE_SECONDS, WORKSPACE_PART * pauses.poll),
        )

    def start(self) -> None:
        """Begin."""
        self._looking_at_calendars.start()
        self._looking_at_workspaces.start()

    def stop(self) -> None:
        """End; what is unfinished, another worker takes up when its lease is over."""
        self._looking_at_calendars.stop(STOP_SECONDS)
        self._looking_at_workspaces.stop(0)

    def tidy(self) -> None:
        """Renew channels that are half through, stop replaced ones, forget expired ones."""
        self.sweep.aging_channels()
        self.channels.stop_replaced(most=STOPPED_AT_ONCE)
        self.sweep.purge()
