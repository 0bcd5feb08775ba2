"""Read the Calendar event that is to have a room, with the rights of whoever asks for it."""

import sqlalchemy as sa
import structlog

from addon.google.calendar import CalendarApi
from addon.google.events import CalendarEvent, days_in, known_timezone
from addon.google.failures import GoogleFailure
from addon.store import calendars

_log = structlog.get_logger(__name__)


class EventReader:
    """Reads single events. One per process, thread-safe."""

    def __init__(self, engine: sa.Engine, calendar: CalendarApi) -> None:
        """Call `calendar`; what `engine` knows of a calendar is not asked again."""
        self._engine = engine
        self._calendar = calendar

    def read(
        self, token: str, user_id: str, calendar_id: str, event_id: str, *, timezone: str
    ) -> CalendarEvent:
        """Return the event as it is now.

        The days of an all-day event are those of its calendar, which may have another zone than
        the person's. Calendar names it with a list, not with an event.

        Args:
            token: The person's own access token.
            user_id: Who that is.
            calendar_id: Which calendar.
            event_id: Which event of it.
            timezone: The person's zone (IANA), where Calendar names none.

        Raises:
            GoogleFailure: the event cannot be read.
        """
        known = calendars.timezone_of(self._engine, user_id, calendar_id)
        event = self._calendar.event(
            token, calendar_id, event_id, fallback_timezone=known or timezone
        )
        if known is not None or event.start is None or event.start.day is None:
            return event
        return days_in(event, self._timezone(token, calendar_id) or timezone)

    def _timezone(self, token: str, calendar_id: str) -> str | None:
        try:
            return known_timezone(self._calendar.timezone(token, calendar_id))
        except GoogleFailure as failure:
            # A room nine o'clock elsewhere is better than none; the first comparison moves it.
            _log.info("calendar_zone_unknown", reason=str(failure))
            return None
