"""Read both sides of a link, as little as will do, and keep up with what is written."""

from dataclasses import dataclass, field, replace
from typing import Any

from addon.google.attendees import Attendee
from addon.google.calendar import CalendarApi
from addon.google.events import CalendarEvent, known_timezone, parse
from addon.google.failures import GoogleFailure, GoogleFailureKind
from addon.livestorm import Event, FailureKind, LivestormFailure, Person, Session, Workspace
from addon.store.syncing import SyncLink
from addon.sync.base import Base
from addon.sync.calendar_side import CalendarSide, OwnCalendar, calendar_side, own_calendar
from addon.sync.livestorm_side import LivestormSide, livestorm_side
from addon.sync.notice.access import CalendarAccess
from addon.sync.people_pace import MOST_PEOPLE

Json = dict[str, Any]

DEFAULT_ZONE = "UTC"
"""Only all-day events need their calendar's zone: Calendar names that of every other."""


@dataclass
class Sides:
    """What was read of both sides so far. Changed in place as more is read or written.

    Attributes:
        resource: The Calendar event as Calendar sent it; None when there is none.
        exceptions: Of a series, the occurrences that differ, as sent.
        event: The Livestorm event; None when there is none.
        sessions: By id.
        people: By session id, only of sessions that were asked.
        gone: Sessions that Livestorm, asked for each, does not know.
        out_of_reach: Sessions whose people cannot be read.
        withheld: Why some of those cannot be read now, if that may pass.
        searched: A deleted Calendar event was looked for elsewhere in vain.
        nowhere: That was in every calendar that the person has.
        email: The person's own address in Calendar; None while unknown.
        zone: The calendar's zone (IANA).
        may_write: Calendar has not refused a change yet. Its access list is not asked: an event can
            be locked on its own, and asking would cost a call for each comparison.
        listed: `resource` is what a list brought some time ago, not what Calendar says now.
    """

    link: SyncLink
    email: str | None = None
    zone: str = DEFAULT_ZONE
    resource: Json | None = None
    exceptions: list[Json] = field(default_factory=list)
    event: Event | None = None
    sessions: dict[str, Session] = field(default_factory=dict)
    people: dict[str, list[Person]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    out_of_reach: set[str] = field(default_factory=set)
    withheld: LivestormFailure | None = None
    searched: bool = False
    nowhere: bool = False
    may_write: bool = True
    listed: bool = False

    @property
    def news(self) -> int:
        """How often somebody said that people changed in Livestorm, and nobody has read it."""
        return self.link.people_seq - self.link.people_read_seq

    def calendar_event(self, resource: Json) -> CalendarEvent:
        """Read an event resource of this calendar."""
        return parse(resource, fallback_timezone=self.zone)

    def calendar(self) -> CalendarSide:
        """What Calendar says, for the planner."""
        return calendar_side(
            self.calendar_event(self.resource) if self.resource is not None else None,
            livestorm_event_id=self.link.livestorm_event_id,
            own=self.own(self.link.calendar_id),
            exceptions=[self.calendar_event(one) for one in self.exceptions],
            may_write=self.may_write,
            searched=self.searched,
            nowhere=self.nowhere,
        )

    def own(self, calendar_id: str) -> OwnCalendar:
        """Describe a calendar of the link's person."""
        return own_calendar(calendar_id, self.email)

    def attendees(self) -> list[Attendee]:
        """Everybody on a guest list of the event or of an occurrence that differs."""
        resources = [] if self.resource is None else [self.resource, *self.exceptions]
        return [one for sent in resources for one in self.calendar_event(sent).attendees]

    def form(self) -> frozenset[str]:
        """Ids of the fields of the event's registration form; empty where they were not named."""
        return frozenset(one.id for one in self.event.fields) if self.event else frozenset()

    def livestorm(self) -> LivestormSide:
        """What Livestorm says, for the planner."""
        return livestorm_side(
            self.event,
            primary_session_id=self.link.livestorm_session_id,
            sessions=list(self.sessions.values()),
            people=self.people,
            gone_sessions=frozenset(self.gone),
            out_of_reach=frozenset(self.out_of_reach),
        )

    def updated(self, event: Event) -> None:
        """Take over what Livestorm answered to a change of the event."""
        self.event = replace(event, sessions=event.sessions or tuple(self.sessions.values()))


class Reading:
    """Reads one link's sides with one person's rights; lives as long as one job."""

    def __init__(
        self,
        *,
        calendar: CalendarApi,
        access: CalendarAccess,
        workspace: Workspace,
        email: str | None,
    ) -> None:
        """Read Calendar with `access`, of whoever has `email` there, Livestorm by `workspace`."""
        self._email = email
        self._calendar = calendar
        self._access = access
        self._workspace = workspace

    def both(self, link: SyncLink, base: Base, *, fresh: bool) -> Sides:
        """Read both sides, without the people of any session.

        What a list brought of the Calendar event is not read again, unless `fresh`.

        Raises:
            GoogleFailure, LivestormFailure: a side cannot be read now.
        """
        sides = Sides(link, self._email, zone_of(link, base))
        sides.resource = link.calendar_seen if not fresh else None
        sides.listed = sides.resource is not None
        if sides.resource is None:
            self.anew(sides)
        elif sides.resource.get("recurrence"):
            sides.exceptions = self._exceptions(link, sides.resource)
        self._livestorm(sides)
        return sides

    def anew(self, sides: Sides) -> None:
        """Read the Calendar event itself where only what a list brought of it is known."""
        sides.resource, sides.listed = self._read_anew(sides.link), False
        if sides.resource is not None and sides.resource.get("recurrence"):
            sides.exceptions = self._exceptions(sides.link, sides.resource)

    def _read_anew(self, link: SyncLink) -> Json | None:
        """Read the Calendar event of a link.

        Calendar keeps what was deleted, but does not say for how long. What is not there any more
        after a list has shown it as deleted is as deleted as it was.
        """
        resource = self.resource(link.calendar_id, link.event_id)
        if resource is None and (link.calendar_seen or {}).get("status") == "cancelled":
            return link.calendar_seen
        return resource

    def resource(self, calendar_id: str, event_id: str) -> Json | None:
        """Read a Calendar event; None when Calendar knows none."""
        try:
            return self._access.call(
                lambda token: self._calendar.synced_event(token, calendar_id, event_id)
            )
        except GoogleFailure as failure:
            if failure.kind in {GoogleFailureKind.NOT_FOUND, GoogleFailureKind.GONE}:
                return None
            raise

    def same_uid(self, calendar_id: str, ical_uid: str) -> list[Json]:
        """List the events of a calendar that have this iCalUID, cancelled ones included."""
        return self._access.call(
            lambda token: self._calendar.with_uid(token, calendar_id, ical_uid=ical_uid)
        )

    def own_calendars(self) -> list[str] | None:
        """List the calendars whose events the person may change; None where that is not told.

        The scope that is asked for when activating does not tell. An API that has no such list
        has no calendars but those that are known.
        """
        try:
            return self._access.call(self._calendar.own_calendars)
        except GoogleFailure as failure:
            if failure.kind is GoogleFailureKind.FORBIDDEN:
                return None
            if failure.kind in {GoogleFailureKind.NOT_FOUND, GoogleFailureKind.INVALID}:
                return []
            raise

    def people(self, sides: Sides, session_id: str) -> None:
        """Read the people of a session, or note that they are out of reach.

        Nothing else of the event depends on them, and nothing else waits for them.

        Raises:
            LivestormFailure: there is no access, or no call left, for anything else either.
        """
        count = sides.sessions[session_id].registrants_count
        if count is not None and count > MOST_PEOPLE:
            sides.out_of_reach.add(session_id)
            return
        try:
            sides.people[session_id] = self._workspace.session_people(session_id)
        except LivestormFailure as failure:
            if failure.kind in {FailureKind.UNAUTHORIZED, FailureKind.RATE_LIMITED}:
                raise
            sides.out_of_reach.add(session_id)
            if failure.kind is not FailureKind.UNREADABLE:
                sides.withheld = failure

    def session(self, sides: Sides, session_id: str) -> None:
        """Ask for a session that did not come with its event."""
        try:
            sides.sessions[session_id] = self._workspace.session(
                session_id, event_id=sides.link.livestorm_event_id
            )
        except LivestormFailure as failure:
            if not _says_gone(failure):
                raise
            sides.gone.add(session_id)

    def _livestorm(self, sides: Sides) -> None:
        try:
            event = self._workspace.event(sides.link.livestorm_event_id)
        except LivestormFailure as failure:
            if not _says_gone(failure):
                raise
            return
        sides.event = self._workspace.with_sessions(event)
        sides.sessions = {session.id: session for session in sides.event.sessions}

    def _exceptions(self, link: SyncLink, series: Json) -> list[Json]:
        uid = str(series.get("iCalUID") or "")
        if not uid:
            return []
        return [
            one
            for one in self.same_uid(link.calendar_id, uid)
            if one.get("recurringEventId") == series.get("id")
        ]


def _says_gone(failure: LivestormFailure) -> bool:
    """Whether Livestorm said so: an id that it was not even asked for is no answer of its."""
    return failure.kind is FailureKind.NOT_FOUND and failure.status is not None


def zone_of(link: SyncLink, base: Base) -> str:
    """Return the zone in which days are read.

    A calendar's own is known once it was listed for the first time, and again after activating
    anew. Until then the event's last known zone is nearer than none: a day read in another would
    move its session.
    """
    agreed = base.when.timezone if base.when else None
    return link.calendar_timezone or agreed or known_timezone(link.timezone) or DEFAULT_ZONE
