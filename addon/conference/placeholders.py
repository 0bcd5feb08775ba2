"""Put the stand-ins of a room right that was made before its Calendar event was saved.

Calendar asks for the room while the event is still being written; the event can be read only
later. The first comparison of two-way sync does this as well; this is for people who have not
activated it: their own token, when they open the event, is enough.
"""

import time
from datetime import datetime

import sqlalchemy as sa
import structlog

from addon import clock
from addon.conference.draft import draft_event
from addon.conference.reading import EventReader
from addon.connections import Connections, NotConnected
from addon.google.calendar import CalendarApi
from addon.google.failures import GoogleFailure
from addon.livestorm import Event, EventChanges, LivestormFailure, SessionChanges, Urgency
from addon.store import links
from addon.store.links import Link
from addon.store.users import Account
from addon.sync.made import made_base

DEADLINE_SECONDS = 5.0
"""A card waits for it, and a card is to be there in a few seconds."""

_log = structlog.get_logger(__name__)


class Placeholders:
    """Replaces stand-ins by what Calendar says. One per process, thread-safe."""

    def __init__(
        self, *, engine: sa.Engine, connections: Connections, calendar: CalendarApi
    ) -> None:
        """Read with `calendar`, write through `connections`, note in `engine`."""
        self._engine = engine
        self._connections = connections
        self._events = EventReader(engine, calendar)

    def settle(self, account: Account, link: Link, google_token: str, timezone: str) -> Link:
        """Return the link with real values, if the event can be read by now; else as it is.

        Args:
            account: Who opened the event.
            link: Their link.
            google_token: Their access token for this call.
            timezone: Their zone (IANA).
        """
        try:
            event = self._events.read(
                google_token, link.user_id, link.calendar_id, link.event_id, timezone=timezone
            )
            if event.cancelled or event.start is None:
                return link
            draft = draft_event(
                event,
                template=None,
                owner_id=None,
                mark="",
                now=clock.now(),
                placeholder_title=link.title,
                fallback_timezone=timezone,
            )
            workspace = self._connections.workspace(
                account,
                urgency=Urgency.PERSON_WAITING,
                deadline=time.monotonic() + DEADLINE_SECONDS,
            )
            made = workspace.update_event(
                link.livestorm_event_id,
                EventChanges(title=draft.title, description=draft.description),
            )
            session = workspace.update_session(
                _session_at(event.start.instant, workspace.with_sessions(made), link),
                SessionChanges(starts_at=draft.session.starts_at, timezone=draft.session.timezone),
                event_id=link.livestorm_event_id,
            )
        except (GoogleFailure, LivestormFailure, NotConnected) as failure:
            _log.info("placeholder_stays", link=link.id, reason=str(failure))
            return link
        return links.settle(
            self._engine,
            link,
            livestorm_session_id=session.id,
            title=draft.title,
            starts_at=event.start.instant,
            timezone=event.start.timezone,
            ical_uid=event.ical_uid,
            recurring=event.recurring,
            base=made_base(event, made, session, followed=False),
            now=clock.now(),
        )


def _session_at(start: datetime, event: Event, link: Link) -> str:
    """Return the session that is the Calendar event's.

    Of an event that was adopted only the first is known, which may be one that a template brought:
    one that starts when the Calendar event does is ours.
    """
    there = [one.id for one in event.sessions if one.starts_at == start]
    known = link.livestorm_session_id
    return known if known in there or not there else there[0]
