"""What Livestorm's objects are to this program.

All instants are aware and in UTC. Sources: developers.livestorm.co/reference (events, sessions,
people, users, jobs, webhooks) and the OpenAPI description at
api.livestorm.co/api-docs/v1/swagger.yaml.
"""

from dataclasses import dataclass, field
from datetime import datetime

# Registrants of events without an e-mail field get a made-up address there
# (github.com/livestorm/embed_the_room_as_an_iframe).
ANONYMOUS_DOMAIN = "@unknown.livestorm.co"


@dataclass(frozen=True)
class Organization:
    """A Livestorm workspace."""

    id: str
    name: str
    slug: str


@dataclass(frozen=True)
class FieldSpec:
    """One field of an event's registration form.

    Attributes:
        id: what registrations call it.
        type: Livestorm's word: text, file, multiple and others.
        options: the accepted values; empty when anything is.
    """

    id: str
    type: str
    required: bool
    custom: bool
    order: int | None
    options: tuple[str, ...]


@dataclass(frozen=True)
class Person:
    """A person as Livestorm knows them: workspace-wide, in a session, or as a user.

    Attributes:
        role: participant or team_member; for users host or moderator.
        email: None when Livestorm gives none.
        connection_link: the personal way into the room; only in a session's context.
        registration_type: how they signed up, "API" when a program did it.
        event_id, session_id: where this registration belongs.
        attended: whether they entered the room; None outside a session's context.
    """

    id: str
    role: str | None
    email: str | None
    first_name: str | None
    last_name: str | None
    timezone: str | None = None
    is_guest_speaker: bool = False
    connection_link: str | None = field(default=None, repr=False)
    registration_type: str | None = None
    event_id: str | None = None
    session_id: str | None = None
    attended: bool | None = None
    updated_at: datetime | None = None

    @property
    def is_team_member(self) -> bool:
        """Whether they belong to the workspace rather than being somebody's guest."""
        return self.role == "team_member"

    @property
    def is_anonymous(self) -> bool:
        """Whether the address is one Livestorm made up."""
        return self.email is not None and self.email.lower().endswith(ANONYMOUS_DOMAIN)


@dataclass(frozen=True)
class Me:
    """Whom the credential stands for; `user` is None for a workspace API token."""

    user: Person | None
    organization: Organization


@dataclass(frozen=True)
class Session:
    """One date of an event.

    Attributes:
        status: upcoming, live, on_demand, past, past_not_started, canceled or draft.
        timezone: IANA name as Livestorm gives it; "UTC" when it gives none.
        room_link: the one link that works for everybody.
        starts_at: the planned start; None for a session without a date.
        started_at, ended_at, canceled_at: None until it happened.
        duration_seconds: how long it lasted; None until it ended.
    """

    id: str
    event_id: str
    status: str | None
    timezone: str
    room_link: str | None
    name: str | None
    starts_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    canceled_at: datetime | None
    duration_seconds: int | None
    registrants_count: int | None
    updated_at: datetime | None


@dataclass(frozen=True)
class Event:
    """A Livestorm event.

    Attributes:
        description: HTML as Livestorm stores it (not cleaned here); None when empty.
        status: draft or published.
        estimated_duration_minutes: planned length of its sessions.
        scheduling_status: live, upcoming, on_demand, ended, not_started, draft, cancelled,
            not_scheduled.
        fields: the registration form.
        sessions: those the answer included, in Livestorm's order; may be empty although the event
            has some.
    """

    id: str
    title: str
    slug: str | None
    description: str | None
    status: str | None
    registration_link: str | None
    everyone_can_speak: bool | None
    estimated_duration_minutes: int | None
    scheduling_status: str | None
    owner_id: str | None
    owner_email: str | None
    created_at: datetime | None
    updated_at: datetime | None
    fields: tuple[FieldSpec, ...]
    sessions: tuple[Session, ...]


@dataclass(frozen=True)
class Job:
    """A bulk registration under way.

    Attributes:
        status: processing, ended (all went well) or failed (at least one did not).
        total, processed, succeeded, failed: counts of tasks, None where not given.
    """

    id: str
    status: str | None
    total: int | None
    processed: int | None
    succeeded: int | None
    failed: int | None

    @property
    def is_over(self) -> bool:
        """Whether no task is outstanding."""
        return self.status in {"ended", "failed"}


@dataclass(frozen=True)
class Webhook:
    """A subscription to one kind of notification."""

    id: str
    # The address contains the secret that protects it.
    url: str = field(repr=False)
    event: str
