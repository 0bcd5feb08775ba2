"""A pure model of Livestorm's side: an event, its sessions, their people."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from addon.livestorm.resources import Event, FieldSpec, Person, Session
from addon.sync.actions import UpdateLivestormEvent
from addon.sync.livestorm_side import LivestormSide, livestorm_side
from tests.addon.sync.calendar_model import EVENT, NOW, ORGANIZER


@dataclass
class SessionModel:
    """One session at Livestorm; people by address."""

    id: str
    start: datetime
    status: str = "upcoming"
    people: dict[str, Person] = field(default_factory=dict)
    updated: datetime = NOW


class Refused(Exception):
    """The side says no."""


@dataclass
class LivestormModel:
    """Livestorm's side."""

    title: str
    description: str
    minutes: int
    sessions: dict[str, SessionModel]
    primary: str
    updated: datetime = NOW
    deleted: bool = False
    ignores_minutes: bool = False
    removes_everywhere: bool = False
    form: tuple[FieldSpec, ...] = (FieldSpec("email", "text", True, False, 0, ()),)
    rewrites: Callable[[str], str] = lambda text: text
    gone: set[str] = field(default_factory=set)
    confirmed_gone: set[str] = field(default_factory=set)
    made: int = 0
    writes: int = 0

    def read(self, people_of: Collection[str] | None = None) -> LivestormSide:
        """What there is, with the people of these sessions only; None: of all."""
        if self.deleted:
            return livestorm_side(None, primary_session_id=self.primary)
        return livestorm_side(
            self._event(),
            primary_session_id=self.primary,
            people={
                one.id: list(one.people.values())
                for one in self.sessions.values()
                if people_of is None or one.id in people_of
            },
            gone_sessions=frozenset(self.confirmed_gone),
        )

    def _event(self) -> Event:
        return Event(
            id=EVENT,
            title=self.title,
            slug=None,
            description=self.description or None,
            status="published",
            registration_link=None,
            everyone_can_speak=True,
            estimated_duration_minutes=self.minutes,
            scheduling_status="upcoming",
            owner_id="owner",
            owner_email=ORGANIZER,
            created_at=NOW,
            updated_at=self.updated.replace(microsecond=0),
            fields=self.form,
            sessions=tuple(self._session(one) for one in self.sessions.values()),
        )

    def _session(self, one: SessionModel) -> Session:
        return Session(
            id=one.id,
            event_id=EVENT,
            status=one.status,
            timezone="Europe/Paris",
            room_link=f"https://app.livestorm.co/p/{EVENT}/live?s={one.id}",
            name=None,
            starts_at=one.start,
            started_at=one.start if one.status in {"live", "past"} else None,
            ended_at=one.start if one.status == "past" else None,
            canceled_at=one.start if one.status == "canceled" else None,
            duration_seconds=None,
            registrants_count=len(one.people),
            updated_at=one.updated.replace(microsecond=0),
        )

    def edit(self, now: datetime, **changes: object) -> None:
        for name, value in changes.items():
            setattr(self, name, value)
        self.updated = now

    def update(self, action: UpdateLivestormEvent, now: datetime) -> None:
        self.writes += 1
        if action.title is not None:
            self.title = action.title
        if action.description is not None:
            self.description = self.rewrites(action.description)
        if action.minutes is not None and not self.ignores_minutes:
            self.minutes = action.minutes
        self.updated = now

    def move(self, session_id: str, start: datetime, now: datetime) -> None:
        session = self.sessions[session_id]
        if start <= now or session.status not in {"upcoming", "past_not_started"}:
            raise Refused
        self.writes += 1
        session.start, session.updated, session.status = start, now, "upcoming"

    def pass_time(self, now: datetime) -> None:
        """Nobody starts a session by itself: an hour after its end its time has passed."""
        for session in self.sessions.values():
            late = session.start + timedelta(minutes=self.minutes + 60)
            if session.status == "upcoming" and late < now:
                session.status = "past_not_started"

    def create(self, start: datetime, now: datetime) -> SessionModel:
        if start <= now:
            raise Refused
        self.writes += 1
        self.made += 1
        session = SessionModel(f"made-{self.made}", start, updated=now)
        session.people[ORGANIZER] = person(ORGANIZER, role="team_member")
        self.sessions[session.id] = session
        return session

    def delete_session(self, session_id: str) -> None:
        self.writes += 1
        self.sessions.pop(session_id)
        self.gone.add(session_id)

    def register(self, session_id: str, address: str) -> None:
        people = self.sessions[session_id].people
        people.setdefault(address, person(address))

    def unregister(self, session_id: str, address: str) -> None:
        self.sessions[session_id].people.pop(address, None)
        if self.removes_everywhere:
            for session in self.sessions.values():
                session.people.pop(address, None)

    @property
    def people(self) -> frozenset[tuple[str, str]]:
        """Who is registered where: session id, address."""
        return frozenset((one.id, who) for one in self.sessions.values() for who in one.people)

    def registered(self, session_id: str) -> set[str]:
        return {
            address
            for address, one in self.sessions[session_id].people.items()
            if not one.is_team_member
        }


def person(address: str, *, role: str = "participant", speaker: bool = False) -> Person:
    return Person(
        id=address,
        role=role,
        email=address,
        first_name="Ada",
        last_name="Lovelace",
        is_guest_speaker=speaker,
    )
