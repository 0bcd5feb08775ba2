"""Reading and writing events as the account that is signed in, in the simulator's own memory.

Writes are those of Calendar's own page (``interface``): they may attach an add-on's conference,
and guests are told by mail.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from sandbox.calendar.event_form import FormError, Json, body_of, series_times
from sandbox.calendar.event_view import page_event
from sandbox.calendar.project import Project
from sandbox.google import conference, listing, rendering, series, writing
from sandbox.google.list_query import ListQuery
from sandbox.google.model import ROLES, CalendarRecord, EventRecord, State

WRITER = ROLES.index("writer")


@dataclass(frozen=True)
class Agenda:
    """The calendars of one account.

    Attributes:
        state: What the simulator holds; its lock is held around each method.
        email: The account.
        project: For the conference solutions of the add-on.
        logo_url: Picture of the add-on's conferences.
    """

    state: State
    email: str
    project: Project
    logo_url: str

    @property
    def zone(self) -> ZoneInfo:
        """The zone the account's page shows times in: that of its primary calendar."""
        return ZoneInfo(self.state.calendars[self.email].time_zone)

    def calendars(self) -> list[Json]:
        """The calendars the account can see, its own first."""
        with self.state.lock:
            seen = [
                calendar
                for calendar in self.state.calendars.values()
                if self.email in calendar.roles and not calendar.deleted
            ]
            seen.sort(key=lambda calendar: (calendar.id != self.email, calendar.summary))
            return [
                {
                    "id": calendar.id,
                    "name": self._name(calendar),
                    "primary": calendar.id == self.email,
                    "writable": self._writable(calendar),
                }
                for calendar in seen
            ]

    def events(self, first: date, end: date) -> list[Json]:
        """Every event and occurrence that touches the days from ``first`` to before ``end``."""
        zone = self.zone
        window = {
            "singleEvents": "true",
            "orderBy": "startTime",
            "timeMin": datetime.combine(first, time(), zone).isoformat(),
            "timeMax": datetime.combine(end, time(), zone).isoformat(),
            "timeZone": zone.key,
        }
        with self.state.lock:
            found: list[Json] = []
            for listed in self.calendars():
                calendar = self.state.calendars[listed["id"]]
                page: Json = {"nextPageToken": None}
                while "nextPageToken" in page:
                    token = page["nextPageToken"]
                    asked = MultiDict(window | ({"pageToken": token} if token else {}))
                    query = ListQuery.parsed(asked)
                    page = listing.events(self.state, calendar, self.email, query)
                    found += [self._page_event(calendar, one) for one in page["items"]]
            return found

    def event(self, calendar_id: str, event_id: str) -> Json:
        """One event for the page.

        Raises:
            ApiError: 404.
        """
        with self.state.lock:
            calendar = self.state.calendar(calendar_id, self.email)
            return self._shown(calendar, series.locate(calendar, event_id))

    def insert(self, calendar_id: str, form: Json) -> Json:
        """Save a new event.

        Raises:
            ApiError: What Google refuses.
            FormError: What the page refuses.
        """
        with self.state.lock:
            calendar = self.state.calendar(calendar_id, self.email, "writer")
            body = body_of(form, self.zone)
            if form.get("id"):
                body["id"] = form["id"]
            if form.get("conference"):
                body["conferenceData"] = self._conference(form["conference"])
            record = writing.insert(self.state, calendar, body, self._write())
            return self._shown(calendar, record)

    def change(self, calendar_id: str, event_id: str, form: Json) -> Json:
        """Save what a form changed; with ``target: "series"`` for all occurrences.

        Raises:
            ApiError: What Google refuses.
            FormError: What the page refuses.
        """
        with self.state.lock:
            calendar = self.state.calendar(calendar_id, self.email, "writer")
            record = series.locate(calendar, event_id)
            if form.get("target") == "series" and "start" in form:
                form = series_times(form, self.zone, record.resource)
            body = body_of(form, self.zone, record.resource)
            if "conference" in form:
                body["conferenceData"] = self._replacing(
                    record.resource.get("conferenceData"), form["conference"]
                )
            changed = writing.change(self.state, calendar, event_id, body, self._write())
            return self._shown(calendar, changed)

    def delete(self, calendar_id: str, event_id: str) -> None:
        """Delete an event or one occurrence.

        Raises:
            ApiError: What Google refuses.
        """
        with self.state.lock:
            calendar = self.state.calendar(calendar_id, self.email, "writer")
            writing.delete(self.state, calendar, event_id, self._write())

    def answer(self, calendar_id: str, event_id: str, response: str) -> Json:
        """Say whether the account comes.

        Raises:
            ApiError: What Google refuses.
            FormError: The account is no guest, or the answer is none.
        """
        if response not in ("accepted", "declined", "tentative"):
            raise FormError(f"{response} is not an answer")
        with self.state.lock:
            calendar = self.state.calendar(calendar_id, self.email, "writer")
            record = series.locate(calendar, event_id)
            entries = [dict(entry) for entry in record.resource.get("attendees", [])]
            own = next((one for one in entries if one["email"].lower() == self.email), None)
            if own is None:
                raise FormError("you are not a guest of this event")
            own["responseStatus"] = response
            changed = writing.change(
                self.state, calendar, event_id, {"attendees": entries}, self._write()
            )
            return self._shown(calendar, changed)

    def _conference(self, choice: Json) -> Json:
        """Conference data for what was chosen in *Add video conferencing*.

        Raises:
            FormError: There is no such solution, or its answer breaks Google's limits.
        """
        if choice.get("kind") == "hangoutsMeet":
            return conference.meet()
        solution = self.project.solution(str(choice.get("solutionId")))
        if solution is None:
            raise FormError("the add-on has no such conference solution")
        try:
            return conference.from_markup(
                choice["data"], name=solution["name"], icon_uri=solution["logoUrl"]
            )
        except (KeyError, ValueError) as wrong:
            raise FormError(f"this conference cannot be attached: {wrong}") from wrong

    def _replacing(self, current: Json | None, choice: Json | None) -> Json | None:
        """The patch that leaves nothing of an earlier conference behind."""
        if choice is None:
            return None
        return _overwriting(current or {}, self._conference(choice))

    def _write(self) -> writing.Write:
        return writing.Write(self.email, conference_version=1, send_updates="all", interface=True)

    def _writable(self, calendar: CalendarRecord) -> bool:
        return ROLES.index(calendar.roles[self.email]) >= WRITER

    def _name(self, calendar: CalendarRecord) -> str:
        owner = self.state.accounts.get(calendar.id)
        return owner.name if owner else calendar.summary

    def _shown(self, calendar: CalendarRecord, record: EventRecord) -> Json:
        resource = rendering.shown(self.state, calendar, record, time_zone=self.zone.key)
        return self._page_event(calendar, resource)

    def _page_event(self, calendar: CalendarRecord, resource: Json) -> Json:
        master = calendar.events.get(resource.get("recurringEventId", ""))
        return page_event(
            resource,
            calendar_id=calendar.id,
            reader=self.email,
            zone=self.zone,
            writable=self._writable(calendar),
            recurrence=(master.resource if master else resource).get("recurrence"),
            logo_url=self.logo_url,
        )


def _overwriting(current: Any, wanted: Json) -> Json:
    """``wanted`` as a merge patch that also removes what only ``current`` has."""
    removed = dict.fromkeys(set(current) - set(wanted)) if isinstance(current, dict) else {}
    patch: Json = dict(removed)
    for key, value in wanted.items():
        below = current.get(key) if isinstance(current, dict) else None
        patch[key] = _overwriting(below, value) if isinstance(value, dict) else value
    return patch
