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
from sandbox.google import GoogleSimulator, conference, listing
from sandbox.google.list_query import ListQuery
from sandbox.google.model import ROLES, CalendarRecord

WRITER = ROLES.index("writer")


@dataclass(frozen=True)
class Agenda:
    """The calendars of one account.

    Attributes:
        google: The simulator; its lock is held around each method.
        email: The account.
        project: For the conference solutions of the add-on.
        logo_url: Picture of the add-on's conferences.
    """

    google: GoogleSimulator
    email: str
    project: Project
    logo_url: str

    @property
    def zone(self) -> ZoneInfo:
        """The zone the account's page shows times in: that of its primary calendar."""
        return ZoneInfo(self.google.state.calendars[self.email].time_zone)

    def calendars(self) -> list[Json]:
        """The calendars the account can see, its own first."""
        with self.google.state.lock:
            seen = [
                calendar
                for calendar in self.google.state.calendars.values()
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
        with self.google.state.lock:
            found: list[Json] = []
            for listed in self.calendars():
                calendar = self.google.state.calendars[listed["id"]]
                page: Json = {"nextPageToken": None}
                while "nextPageToken" in page:
                    token = page["nextPageToken"]
                    asked = MultiDict(window | ({"pageToken": token} if token else {}))
                    query = ListQuery.parsed(asked)
                    page = listing.events(self.google.state, calendar, self.email, query)
                    found += [self._page_event(calendar, one) for one in page["items"]]
            return found

    def event(self, calendar_id: str, event_id: str) -> Json:
        """One event for the page.

        Raises:
            ApiError: 404.
        """
        with self.google.state.lock:
            calendar = self._calendar(calendar_id)
            return self._page_event(calendar, self.google.world.event(calendar.id, event_id))

    def insert(self, calendar_id: str, form: Json) -> Json:
        """Save a new event.

        Raises:
            ApiError: What Google refuses.
            FormError: What the page refuses.
        """
        with self.google.state.lock:
            calendar = self._calendar(calendar_id)
            body = body_of(form, self.zone)
            if form.get("id"):
                body["id"] = form["id"]
            if form.get("conference"):
                body["conferenceData"] = self._conference(form["conference"])
            saved = self.google.world.insert_event(calendar.id, body, actor=self.email)
            return self._page_event(calendar, saved)

    def change(self, calendar_id: str, event_id: str, form: Json) -> Json:
        """Save what a form changed; with ``target: "series"`` for all occurrences.

        Raises:
            ApiError: What Google refuses.
            FormError: What the page refuses.
        """
        with self.google.state.lock:
            calendar = self._calendar(calendar_id)
            current = self.google.world.event(calendar.id, event_id)
            if form.get("target") == "series" and "start" in form:
                form = series_times(form, self.zone, current)
            body = body_of(form, self.zone, current)
            if "conference" in form:
                wanted = form["conference"] and self._conference(form["conference"])
                body["conferenceData"] = replacing(current.get("conferenceData"), wanted)
            changed = self.google.world.patch_event(calendar.id, event_id, body, actor=self.email)
            return self._page_event(calendar, changed)

    def delete(self, calendar_id: str, event_id: str) -> None:
        """Delete an event, a series, or one occurrence.

        Raises:
            ApiError: What Google refuses.
        """
        with self.google.state.lock:
            calendar = self._calendar(calendar_id)
            self.google.world.delete_event(calendar.id, event_id, actor=self.email)

    def duplicate(self, calendar_id: str, event_id: str) -> Json:
        """Save a copy of an event.

        Raises:
            ApiError: What Google refuses.
        """
        with self.google.state.lock:
            calendar = self._calendar(calendar_id)
            copy = self.google.world.duplicate_event(calendar.id, event_id)
            return self._page_event(calendar, copy)

    def answer(self, event_id: str, response: str) -> Json:
        """Say whether the account comes to an event of its own calendar.

        Raises:
            ApiError: What Google refuses.
            FormError: This is no answer.
        """
        if response not in ("accepted", "declined", "tentative"):
            raise FormError(f"{response} is not an answer")
        with self.google.state.lock:
            answered = self.google.world.respond(self.email, event_id, response)
            return self._page_event(self._calendar(self.email), answered)

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

    def _calendar(self, calendar_id: str) -> CalendarRecord:
        return self.google.state.calendar(calendar_id, self.email)

    def _writable(self, calendar: CalendarRecord) -> bool:
        return ROLES.index(calendar.roles[self.email]) >= WRITER

    def _name(self, calendar: CalendarRecord) -> str:
        owner = self.google.state.accounts.get(calendar.id)
        return owner.name if owner else calendar.summary

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
            names={one.email: one.name for one in self.google.state.accounts.values()},
        )


def replacing(current: Any, wanted: Json | None) -> Json | None:
    """``wanted`` as a merge patch that also removes what only ``current`` has.

    One conference replaces another whole: nothing of the first may stay behind.
    """
    if wanted is None:
        return None
    before = current if isinstance(current, dict) else {}
    patch: Json = dict.fromkeys(set(before) - set(wanted))
    for key, value in wanted.items():
        patch[key] = replacing(before.get(key), value) if isinstance(value, dict) else value
    return patch
