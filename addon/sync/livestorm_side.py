"""What was read in Livestorm, as the planner needs it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from addon import description
from addon.livestorm.resources import Event, Person, Session
from addon.sync.values import (
    Canonical,
    Guest,
    Role,
    When,
    address,
    by_address,
    title,
    whole_minute,
    within_reach,
)


class SessionState(Enum):
    """What became of a session."""

    UPCOMING = "upcoming"
    LIVE = "live"
    OVER = "over"
    MISSED = "missed"
    """Its time has passed and nobody started it."""
    CANCELLED = "cancelled"
    GONE = "gone"
    """Livestorm was asked for it and knows no such session."""

    @property
    def began(self) -> bool:
        """Whether there are, or will be, recordings and statistics."""
        return self in {SessionState.LIVE, SessionState.OVER}

    @property
    def can_move(self) -> bool:
        """Whether it can be given another start."""
        return self in {SessionState.UPCOMING, SessionState.MISSED}

    @property
    def takes_people(self) -> bool:
        """Whether people can be registered."""
        return self in {SessionState.UPCOMING, SessionState.LIVE}

    @property
    def exists(self) -> bool:
        """Whether it is neither deleted nor cancelled."""
        return self not in {SessionState.CANCELLED, SessionState.GONE}


@dataclass(frozen=True)
class SessionSeen:
    """One session.

    Attributes:
        registrants: By address; None when they were not read.
        out_of_reach: They were to be read and cannot be.
        count: How many Livestorm says there are, of whatever role; None when it does not.
    """

    id: str
    state: SessionState
    start: datetime | None
    updated: datetime | None = None
    registrants: Mapping[str, Guest] | None = None
    out_of_reach: bool = False
    count: int | None = None


@dataclass(frozen=True)
class LivestormSide:
    """A Livestorm event.

    Attributes:
        value: None when the event was deleted. Its time and guests are the first session's.
        sessions: By id. A session that is missing here without being GONE is unknown.
        primary_session_id: The session made together with the event.
        takes_addresses: The registration form asks for an e-mail address.
        team: Addresses of the owner and of members of the workspace seen among the people.
        whole_description: Of one that Calendar has no room for; else empty.
    """

    value: Canonical | None
    created: datetime | None = None
    updated: datetime | None = None
    sessions: Mapping[str, SessionSeen] = field(default_factory=dict)
    primary_session_id: str = ""
    takes_addresses: bool = True
    team: frozenset[str] = frozenset()
    whole_description: str = ""

    def is_ahead(self, session: SessionSeen, now: datetime) -> bool:
        """Whether a session is still to come.

        Livestorm calls one that nobody started "upcoming" for some time after it would have ended.
        """
        minutes = (self.value.minutes if self.value else None) or 0
        over = session.start and session.start + timedelta(minutes=minutes) <= now
        return session.state is SessionState.UPCOMING and not over

    @property
    def deleted(self) -> bool:
        """Whether Livestorm, asked for this very event, said that there is none."""
        return self.value is None


def livestorm_side(
    event: Event | None,
    *,
    primary_session_id: str,
    sessions: Sequence[Session] | None = None,
    people: Mapping[str, Sequence[Person]] | None = None,
    gone_sessions: frozenset[str] = frozenset(),
    out_of_reach: frozenset[str] = frozenset(),
) -> LivestormSide:
    """Return what Livestorm says.

    Args:
        event: None when Livestorm answered that there is no such event (404) although the
            credential is that of the link's workspace.
        primary_session_id: Of the link.
        sessions: All of the event; None: those that came with it.
        people: By session id, all people of each session that was asked.
        gone_sessions: Sessions that Livestorm, asked for each, says do not exist.
        out_of_reach: Sessions whose people cannot be read.
    """
    if event is None:
        return LivestormSide(None, primary_session_id=primary_session_id)
    people = people or {}
    seen = {
        session.id: _session(
            session, people.get(session.id), out_of_reach=session.id in out_of_reach
        )
        for session in (event.sessions if sessions is None else sessions)
        if session.id not in gone_sessions
    }
    seen |= {gone: SessionSeen(gone, SessionState.GONE, None) for gone in sorted(gone_sessions)}
    primary = seen.get(primary_session_id)
    minutes = event.estimated_duration_minutes or None
    when = None
    if primary and primary.start:
        end = primary.start + timedelta(minutes=minutes or 0)
        when = When(primary.start, end, "UTC")
    return LivestormSide(
        Canonical(
            title=title(event.title),
            description=description.clean(event.description or ""),
            when=when,
            minutes=minutes,
            guests=(primary.registrants if primary else None) or {},
        ),
        created=event.created_at,
        updated=event.updated_at,
        sessions=dict(sorted(seen.items(), key=lambda item: item[0])),
        primary_session_id=primary_session_id,
        takes_addresses=not event.fields or any(one.id == "email" for one in event.fields),
        team=_team(event, people),
        whole_description=_beyond_calendar(event.description or ""),
    )


def _beyond_calendar(text: str) -> str:
    if len(text) <= description.MAX_LENGTH:
        return ""
    whole = description.whole(text)
    return whole if len(whole) > description.MAX_LENGTH else ""


def _session(
    session: Session, people: Sequence[Person] | None, *, out_of_reach: bool
) -> SessionSeen:
    start = session.starts_at
    return SessionSeen(
        session.id,
        _state(session),
        whole_minute(start) if start and within_reach(start) else None,
        session.updated_at,
        None if people is None else registrants(people),
        out_of_reach,
        session.registrants_count,
    )


def _state(session: Session) -> SessionState:
    if session.canceled_at or session.status == "canceled":
        return SessionState.CANCELLED
    if session.ended_at or session.status in {"past", "on_demand"}:
        return SessionState.OVER
    if session.started_at or session.status == "live":
        return SessionState.LIVE
    return SessionState.MISSED if session.status == "past_not_started" else SessionState.UPCOMING


def registrants(people: Sequence[Person]) -> dict[str, Guest]:
    """Index the people of a session; those without an address of their own are left out.

    Livestorm makes up an address for everybody who enters an event whose form asks for none;
    nobody could be reached under it.
    """
    found = []
    for person in people:
        known = address(person.email or "")
        if known is None or person.is_anonymous:
            continue
        role = Role.ATTENDEE
        if person.is_team_member:
            role = Role.TEAM
        elif person.is_guest_speaker:
            role = Role.SPEAKER
        found.append(
            Guest(known, role, title(person.first_name or ""), title(person.last_name or ""))
        )
    return by_address(found)


def _team(event: Event, people: Mapping[str, Sequence[Person]]) -> frozenset[str]:
    members = [event.owner_email] + [
        person.email for group in people.values() for person in group if person.is_team_member
    ]
    return frozenset(known for email in members if (known := address(email or "")) is not None)
