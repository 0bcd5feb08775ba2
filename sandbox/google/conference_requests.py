"""Pending ``createRequest``s come to their end when the event is next read.

Source: developers.google.com/workspace/calendar/api/guides/create-events (conference creation is
asynchronous; the status goes from pending to success or failure).
"""

from dataclasses import replace

from sandbox.google import conference, copies
from sandbox.google.model import CalendarRecord, State


def settle(state: State, calendar: CalendarRecord) -> None:
    """Finish what is pending on the organizer's copies of a calendar; guests' copies follow."""
    while calendar.pending:
        record = calendar.events.get(calendar.pending.pop())
        if record is None:
            continue
        before = record.resource
        if record.cancelled or not copies.organizers(calendar, before):
            continue
        outcome = conference.settled(before.get("conferenceData") or {}, state.switches)
        if outcome is not None:
            after = replace(record, resource={**before, "conferenceData": outcome})
            state.commit(calendar, after)
            copies.hand_on(state, calendar, after, before, updates="none")
