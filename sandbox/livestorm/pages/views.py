"""What the templates show, made from the records."""

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sandbox.livestorm.pages.language import moment
from sandbox.livestorm.records import Event, Registration, Session, Workspace
from sandbox.livestorm.times import SessionStatus, scheduling_status, session_status
from sandbox.livestorm.world import World

SHOWN_A_DAY = 3
"""Events shown in one cell of the month; more would make its row taller than the others."""


@dataclass(frozen=True)
class PersonView:
    """A registrant in a list."""

    id: str
    name: str
    email: str
    role: str
    is_guest_speaker: bool
    connection_link: str
    initials: str


@dataclass(frozen=True)
class SessionView:
    """A session on the event's page. ``start`` is what a datetime-local input takes."""

    id: str
    name: str | None
    status: SessionStatus
    when: str
    start: str
    timezone: str
    room_link: str
    people: tuple[PersonView, ...]
    editable: bool


@dataclass(frozen=True)
class EventView:
    """An event in the list and in the month."""

    id: str
    title: str
    status: str
    synced: bool
    when: str | None
    registrants: int
    owner: str
    duration: int


@dataclass(frozen=True)
class Entry:
    """A session in a cell of the month."""

    event_id: str
    title: str
    time: str
    synced: bool
    canceled: bool


@dataclass(frozen=True)
class Day:
    """A cell of the month."""

    number: int
    in_month: bool
    today: bool
    entries: tuple[Entry, ...]
    more: int


def event_view(world: World, workspace: Workspace, event: Event, language: str) -> EventView:
    """Return an event for the list, with its next session or else its last."""
    sessions = workspace.sessions_of(event)
    statuses = [session_status(one, event, world.now(), world.switches) for one in sessions]
    ahead = [
        one
        for one, status in zip(sessions, statuses, strict=True)
        if status in ("live", "upcoming", "draft")
    ]
    candidates = sorted(ahead or sessions, key=lambda one: one.estimated_started_at)
    shown = (candidates[0] if ahead else candidates[-1]) if candidates else None
    return EventView(
        id=event.id,
        title=event.title,
        status=scheduling_status(event, statuses),
        synced=event.synced_with_google,
        when=moment(language, shown.estimated_started_at, shown.timezone) if shown else None,
        registrants=len({one.person.id for every in sessions for one in every.participants}),
        owner=event.owner.name,
        duration=event.estimated_duration,
    )


def session_view(
    world: World, workspace: Workspace, session: Session, language: str
) -> SessionView:
    """Return a session for its event's page."""
    event = workspace.events[session.event_id]
    status = session_status(session, event, world.now(), world.switches)
    local = datetime.fromtimestamp(session.estimated_started_at, ZoneInfo(session.timezone))
    return SessionView(
        id=session.id,
        name=session.name,
        status=status,
        when=moment(language, session.estimated_started_at, session.timezone),
        start=local.strftime("%Y-%m-%dT%H:%M"),
        timezone=session.timezone,
        room_link=world.room_link(session),
        people=tuple(person_view(world, session, one) for one in session.registrations.values()),
        editable=status in ("upcoming", "draft", "past_not_started"),
    )


def person_view(world: World, session: Session, registration: Registration) -> PersonView:
    """Return a registrant for a list."""
    person = registration.person
    letters = [word[0] for word in person.name.split()[:2]]
    return PersonView(
        id=person.id,
        name=person.name,
        email=person.email,
        role=registration.role,
        is_guest_speaker=registration.is_guest_speaker,
        connection_link=world.connection_link(session, registration),
        initials="".join(letters).upper(),
    )


def month_view(world: World, workspace: Workspace, first: date) -> list[list[Day]]:
    """Return the weeks of a month, Monday first, in the workspace's zone."""
    zone = ZoneInfo(workspace.timezone)
    today = datetime.fromtimestamp(world.now(), UTC).astimezone(zone).date()
    by_day: dict[date, list[tuple[datetime, Entry]]] = {}
    for session in workspace.sessions.values():
        event = workspace.events[session.event_id]
        local = datetime.fromtimestamp(session.estimated_started_at, zone)
        entry = Entry(
            event.id,
            event.title,
            local.strftime("%H:%M"),
            event.synced_with_google,
            bool(session.canceled_at),
        )
        by_day.setdefault(local.date(), []).append((local, entry))
    return [
        [_day(day, first, today, by_day.get(day, [])) for day in week]
        for week in calendar.Calendar().monthdatescalendar(first.year, first.month)
    ]


def _day(day: date, first: date, today: date, entries: list[tuple[datetime, Entry]]) -> Day:
    ordered = [entry for _, entry in sorted(entries, key=lambda one: one[0])]
    return Day(
        number=day.day,
        in_month=day.month == first.month,
        today=day == today,
        entries=tuple(ordered[:SHOWN_A_DAY]),
        more=max(0, len(ordered) - SHOWN_A_DAY),
    )
