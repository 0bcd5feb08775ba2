"""What people do in Calendar itself: the page's actions, and the administrator's.

Calendar's own page is not bound by the API client's limits: it writes add-on conferences, lists
the organizer among the guests, copies and splits events. Sources beside the actions; what is not
documented is a switch.
"""

from copy import deepcopy

from sandbox.google import (
    conference,
    conference_requests,
    copies,
    event_fields,
    recurrence,
    rendering,
    series,
    writing,
)
from sandbox.google.administration import Administration
from sandbox.google.api_errors import ApiError, Json, forbidden, invalid, not_found
from sandbox.google.model import CalendarRecord


class World(Administration):
    """The accounts, calendars and events, and everything a person can do with them.

    Every action takes the calendar's id and the event's id, is done by ``actor`` (the calendar's
    owner when not given), and returns the event as the API would show it on that calendar. An id
    of one occurrence (``<series>_<UTC start>``) makes the action one on that occurrence.

    Raises:
        ApiError: As the API would answer, for instance 404 for an unknown event.
    """

    # Reading

    def event(self, calendar_id: str, event_id: str) -> Json:
        """The event as ``events.get`` shows it on this calendar."""
        with self._state.lock:
            calendar = self._calendar(calendar_id)
            conference_requests.settle(self._state, calendar)
            return rendering.shown(self._state, calendar, series.locate(calendar, event_id))

    def events(self, calendar_id: str, *, deleted: bool = False) -> list[Json]:
        """The stored events of a calendar (series and exceptions), oldest change first."""
        with self._state.lock:
            calendar = self._calendar(calendar_id)
            records = sorted(calendar.events.values(), key=lambda record: record.position)
            return [
                rendering.shown(self._state, calendar, record)
                for record in records
                if deleted or not record.cancelled
            ]

    # Writing, as the page does

    def reserve_event_id(self, calendar_id: str) -> str:
        """An id for an event that is not saved yet.

        Calendar may call an add-on's onCreate before the event exists; the id is valid then, but
        ``events.get`` answers 404 until the event is inserted with it
        (developers.google.com/workspace/add-ons/calendar/conferencing/create-conference).
        """
        with self._state.lock:
            self._calendar(calendar_id)
            return self._state.new_event_id()

    def insert_event(
        self,
        calendar_id: str,
        body: Json,
        *,
        actor: str | None = None,
        conference_markup: Json | None = None,
        send_updates: str = "all",
    ) -> Json:
        """Save a new event.

        Args:
            calendar_id: Calendar to save it on.
            body: Event resource; ``id`` may be a reserved one; ``conferenceData`` in the API's
                shape is taken as it is.
            actor: Account that saves; the calendar's owner by default.
            conference_markup: What the add-on answered (ConferenceDataMarkup), instead of
                ``conferenceData``.
            send_updates: ``all``, ``externalOnly`` or ``none``.
        """
        state = self._state
        with state.lock:
            calendar = self._calendar(calendar_id)
            if conference_markup is not None:
                data = conference.from_markup(conference_markup)
                body = {**body, "conferenceData": data}
            made = writing.insert(state, calendar, body, self._how(calendar, actor, send_updates))
            return rendering.shown(self._state, calendar, made)

    def patch_event(
        self,
        calendar_id: str,
        event_id: str,
        changes: Json,
        *,
        actor: str | None = None,
        send_updates: str = "all",
    ) -> Json:
        """Change fields of an event, or of one occurrence."""
        with self._state.lock:
            calendar = self._calendar(calendar_id)
            how = self._how(calendar, actor, send_updates)
            changed = writing.change(self._state, calendar, event_id, changes, how)
            return rendering.shown(self._state, calendar, changed)

    def delete_event(
        self,
        calendar_id: str,
        event_id: str,
        *,
        actor: str | None = None,
        send_updates: str = "all",
    ) -> None:
        """Delete an event, a series, or cancel one occurrence."""
        with self._state.lock:
            calendar = self._calendar(calendar_id)
            how = self._how(calendar, actor, send_updates)
            writing.delete(self._state, calendar, event_id, how)

    def undelete_event(self, calendar_id: str, event_id: str) -> Json:
        """Take an event back out of the bin (its status goes back to confirmed)."""
        return self.patch_event(calendar_id, event_id, {"status": "confirmed"})

    def respond(
        self, email: str, event_id: str, answer: str, *, comment: str | None = None
    ) -> Json:
        """Answer an invitation: accepted, declined, tentative or needsAction."""
        entry: Json = {"email": email, "responseStatus": answer}
        if comment is not None:
            entry["comment"] = comment
        return self.patch_event(email, event_id, {"attendees": [entry], "attendeesOmitted": True})

    def attach_conference(
        self,
        calendar_id: str,
        event_id: str,
        markup: Json,
        *,
        name: str = "Livestorm",
        icon_uri: str = "",
    ) -> Json:
        """Attach the conference an add-on made; ``markup`` is its ConferenceDataMarkup.

        Raises:
            ValueError: The markup is an error or beyond Google's limits.
        """
        data = conference.from_markup(markup, name=name, icon_uri=icon_uri)
        return self._set_conference(calendar_id, event_id, data)

    def remove_conference(self, calendar_id: str, event_id: str) -> Json:
        """Remove the conference; the event stays."""
        return self._set_conference(calendar_id, event_id, None)

    def switch_to_meet(self, calendar_id: str, event_id: str) -> Json:
        """Replace the conference by Google Meet."""
        return self._set_conference(calendar_id, event_id, conference.meet())

    def duplicate_event(self, calendar_id: str, event_id: str, changes: Json | None = None) -> Json:
        """Duplicate an event; guests are invited anew. Conference and markers: see the switches."""
        state = self._state
        with state.lock:
            calendar = self._calendar(calendar_id)
            source = series.locate(calendar, event_id).resource
            body = self._copied(source)
            for entry in body.get("attendees", []):
                if entry["email"].lower() != calendar.id:
                    entry.pop("responseStatus", None)
            return self.insert_event(calendar_id, {**body, **(changes or {})})

    def move_event(self, calendar_id: str, event_id: str, destination: str) -> Json:
        """Move an event to another calendar, whose owner becomes the organizer."""
        with self._state.lock:
            calendar, target = self._calendar(calendar_id), self._calendar(destination)
            how = self._how(calendar, None, "all")
            moved = writing.move(self._state, calendar, event_id, target, how)
            return rendering.shown(self._state, target, moved)

    def split_event(self, calendar_id: str, instance_id: str, changes: Json | None = None) -> Json:
        """Edit "this and following": the series ends before, a new one with a new id begins.

        The old rule gets an UNTIL, the new series has the id ``<series>_R<start>``; both observed,
        not documented. Exceptions after the split go with the old series.

        Returns:
            The new series, or the old one when the first occurrence was edited.
        """
        state = self._state
        with state.lock:
            calendar = self._calendar(calendar_id)
            at = series.locate(calendar, instance_id).resource
            if "recurringEventId" not in at:
                raise invalid("Only an occurrence of a series can be split off.")
            master = series.locate(calendar, at["recurringEventId"]).resource
            if not copies.organizers(calendar, master):
                raise forbidden()
            # An exception may be left from when the series had other starts, or a time of the day.
            made = recurrence.occurrence_with_id(master, calendar.time_zone, instance_id)
            if made is None:
                raise not_found()
            first = at["originalStartTime"]
            if first == {key: master["start"][key] for key in first}:
                return self.patch_event(calendar_id, master["id"], changes or {})
            rest = recurrence.continued(master, calendar.time_zone, first)
            body = self._copied(master)
            body |= {"start": made.start, "end": made.end, "recurrence": rest}
            body |= deepcopy(changes or {})
            before = recurrence.trimmed(master["recurrence"], first)
            self.patch_event(calendar_id, master["id"], {"recurrence": before})
            new_id = f"{master['id']}_R{recurrence.stamp(first)}"
            how = self._how(calendar, None, "all")
            record = writing.insert(state, calendar, body, how, server_id=new_id)
            return rendering.shown(self._state, calendar, record)

    # Inside

    def _how(self, calendar: CalendarRecord, actor: str | None, send_updates: str) -> writing.Write:
        by = actor or calendar.owner
        if by not in calendar.roles:
            raise not_found()
        if calendar.roles[by] not in ("writer", "owner"):
            raise ApiError(403, "requiredAccessLevel", "You need to have writer access.")
        return writing.Write(
            actor=by, conference_version=1, send_updates=send_updates, interface=True
        )

    def _set_conference(self, calendar_id: str, event_id: str, data: Json | None) -> Json:
        with self._state.lock:
            return self.patch_event(calendar_id, event_id, {"conferenceData": data})

    def _copied(self, source: Json) -> Json:
        switches = self._state.switches
        body = {
            key: deepcopy(source[key])
            for key in (*event_fields.WRITABLE, "conferenceData")
            if key in source
        }
        kind = conference.solution_type(body.get("conferenceData"))
        if kind == "addOn" and not switches.copy_keeps_conference:
            del body["conferenceData"]
        if not switches.copy_keeps_private_properties:
            body.get("extendedProperties", {}).pop("private", None)
        return body
