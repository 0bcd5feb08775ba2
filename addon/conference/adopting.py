"""Finish what calls for a room left behind: link the Livestorm event that was made all the same."""

from datetime import datetime

import sqlalchemy as sa
import structlog

from addon import clock
from addon.conference.create import LEASE
from addon.conference.draft import SOONEST
from addon.conference.linking import new_link
from addon.conference.orphans import find_orphan
from addon.conference.posting import SETTLING, STILL_AT_WORK
from addon.conference.reading import EventReader
from addon.connections import Connections, NotConnected
from addon.connections.activation import Activation, NotActivated
from addon.google.calendar import CalendarApi
from addon.google.events import CalendarEvent
from addon.google.failures import GoogleFailure
from addon.livestorm import FailureKind, LivestormFailure, Urgency
from addon.observations import ConferenceAsked, tell
from addon.store import intents
from addon.store.users import Account
from addon.sync.notice.access import CalendarAccess

ELSEWHERE = "UTC"
"""Zone of a Calendar event that names none, in a calendar that names none either."""

_log = structlog.get_logger(__name__)


class Adopting:
    """Adopts rooms. One per process, thread-safe."""

    def __init__(
        self,
        *,
        engine: sa.Engine,
        connections: Connections,
        activation: Activation,
        calendar: CalendarApi,
        link_per_session: bool = False,
    ) -> None:
        """Work on the intents in `engine`, reading events with the grants of `activation`."""
        self._engine = engine
        self._connections = connections
        self._activation = activation
        self._events = EventReader(engine, calendar)
        self._link_per_session = link_per_session

    def adopt_abandoned(self, *, most: int) -> int:
        """Finish what calls left behind; return how many rooms were adopted.

        An event that Livestorm made without our hearing of it is linked, so that the person's
        next attempt gets it. Where there is none, the intent is dropped.
        """
        adopted = 0
        for intent in intents.claim_abandoned(
            self._engine, now=clock.now(), settling=SETTLING, lease_for=LEASE, most=most
        ):
            try:
                adopted += self._adopt(intent)
            except (LivestormFailure, NotConnected) as failure:
                _log.info("orphan_not_looked_for", intent=intent.id, reason=str(failure))
                intents.release(
                    self._engine, intent, asked_at=intent.asked_at, tried_at=clock.now()
                )
        return adopted

    def adopt(self, intent_id: str) -> bool | None:
        """Finish one open intent: whether a room was adopted; None when somebody works on it.

        Raises:
            NotConnected: its person is not connected any more.
            LivestormFailure: Livestorm cannot be asked.
        """
        intent = intents.claim_open(self._engine, intent_id, now=clock.now(), lease_for=LEASE)
        if intent is None:
            return None
        try:
            return self._adopt(intent)
        except (LivestormFailure, NotConnected):
            intents.release(self._engine, intent, asked_at=intent.asked_at)
            raise

    def _adopt(self, intent: intents.Intent) -> bool:
        account = self._connections.account(intent.user_id)
        workspace = self._connections.workspace(account, urgency=Urgency.CARRY_CHANGE)
        event = find_orphan(workspace, mark=intent.mark, since=intent.created_at)
        if event is None:
            if intent.asked_at is not None and clock.now() < intent.asked_at + SETTLING:
                raise LivestormFailure(FailureKind.UNAVAILABLE, detail=STILL_AT_WORK)
            intents.abandon(self._engine, intent)
            return False
        calendar_event = self._calendar_event(account, intent)
        new = new_link(
            event,
            account,
            calendar_event=calendar_event,
            wanted=_wanted(calendar_event, intent),
            fresh=False,
            per_session=self._link_per_session,
        )
        if intents.finish(self._engine, intent, new, clock.now()) is None:
            return False
        tell(ConferenceAsked("adopted"))
        return True

    def _calendar_event(self, account: Account, intent: intents.Intent) -> CalendarEvent | None:
        """Read the Calendar event, where its person has activated; None when that is not to be."""
        if not account.activated:
            return None
        access = CalendarAccess(self._activation, account.user_id)
        try:
            event = access.call(
                lambda token: self._events.read(
                    token,
                    account.user_id,
                    intent.calendar_id,
                    intent.event_id,
                    timezone=ELSEWHERE,
                )
            )
        except (GoogleFailure, NotActivated) as failure:
            _log.info("adopted_without_event", intent=intent.id, reason=str(failure))
            return None
        return None if event.cancelled else event


def _wanted(event: CalendarEvent | None, intent: intents.Intent) -> datetime | None:
    """Return the start that the lost call asked for, as far as that is known.

    A template's sessions are in the Livestorm event as well: only the start tells which is ours.
    """
    if event is None or event.start is None:
        return None
    return max(event.start.instant, (intent.asked_at or intent.created_at) + SOONEST)
