"""Pending ``createRequest``s come to their end when the event is next read.

Source: developers.google.com/workspace/calendar/api/guides/create-events (conference creation is
asynchronous; the status goes from pending to success or failure).
"""

from dataclasses import replace

from sandbox.google import conference, copies
from sandbox.google.model import CalendarRecord, State


def settle(state: State, calendar: CalendarRecord) -> None:
    """Finish what is pending on the organizer's copies of a calendar; guests' copies follow."""
    for record in list(calendar.events.values()):
        pending = record.resource.get("conferenceData")
        if pending is None or record.cancelled:
            continue
        if not copies.organizers(calendar, record.resource):
            continue
        outcome = conference.settled(pending, state.switches)
        if outcome is not None:
            before = record.resource
            after = replace(record, resource={**before, "conferenceData": outcome})
            state.commit(calendar, after)
            copies.hand_on(state, calendar, after, before, updates="none")
