"""What Livestorm keeps. Times are Unix seconds, 0 for never; durations say their unit."""

from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["participant", "team_member"]
AccessRole = Literal["host", "moderator"]


@dataclass
class Person:
    """A person of a workspace, known by e-mail address: participant or team member."""

    id: str
    email: str
    first_name: str | None
    last_name: str | None
    role: Role
    created_at: int
    updated_at: int
    timezone: str | None = None
    avatar_link: str | None = None

    @property
    def name(self) -> str:
        """First and last name, or the address when there is neither."""
        return " ".join(filter(None, (self.first_name, self.last_name))) or self.email


@dataclass
class Member:
    """A team member's account: the user behind a person whose role is ``team_member``."""

    user_id: str
    person: Person
    role: AccessRole
    locale: str = "en"
    pending_invite: bool = False


@dataclass
class Field:
    """One field of an event's registration form."""

    id: str
    type: str
    required: bool
    custom: bool = False
    options: tuple[str, ...] = ()
    multiple_answers: bool = False


def default_fields() -> list[Field]:
    """Return the form of a new event (§3.1)."""
    return [
        Field("email", "text", required=True),
        Field("first_name", "text", required=True),
        Field("last_name", "text", required=True),
        Field("avatar", "file", required=False),
    ]


@dataclass
class EventSettings:
    """The settings that copying an event takes along."""

    everyone_can_speak: bool = False
    detailed_registration_page_enabled: bool = True
    light_registration_page_enabled: bool = False
    recording_enabled: bool = True
    recording_public: bool | None = None
    show_in_company_page: bool = True
    chat_enabled: bool = True
    polls_enabled: bool = True
    questions_enabled: bool = True


@dataclass
class Event:
    """An event. ``estimated_duration`` is in minutes."""

    id: str
    workspace_id: str
    title: str
    slug: str
    owner: Person
    created_at: int
    updated_at: int
    description: str | None = None
    status: Literal["draft", "published"] = "draft"
    published_at: int = 0
    estimated_duration: int = 30
    language: str = "en"
    settings: EventSettings = field(default_factory=EventSettings)
    fields: list[Field] = field(default_factory=default_fields)
    tags: list["Tag"] = field(default_factory=list)
    session_ids: list[str] = field(default_factory=list)
    emails_enabled: bool = True

    @property
    def synced_with_google(self) -> bool:
        """Whether the event came from Google Calendar, as its slug tells."""
        return "-gcal-" in self.slug

    @property
    def has_email_field(self) -> bool:
        """Whether the form asks for an address; without one people register anonymously (§3.3)."""
        return any(one.id == "email" for one in self.fields)


@dataclass
class Registration:
    """A person's place in one session."""

    person: Person
    role: Role
    created_at: int
    updated_at: int
    password_key: str | None
    registration_type: str
    values: dict[str, Any] = field(default_factory=dict)
    referrer: str | None = None
    utm: dict[str, str | None] = field(default_factory=dict)
    is_guest_speaker: bool = False
    attended: bool = False
    attendance_seconds: int = 0


@dataclass
class Session:
    """One occurrence of an event. ``estimated_started_at`` is the planned start."""

    id: str
    event_id: str
    workspace_id: str
    timezone: str
    estimated_started_at: int
    created_at: int
    updated_at: int
    name: str | None = None
    started_at: int = 0
    ended_at: int = 0
    canceled_at: int = 0
    on_demand: bool = False
    embed_url: str | None = None
    breakout_room_parent_session_id: str | None = None
    registrations: dict[str, Registration] = field(default_factory=dict)

    @property
    def participants(self) -> list[Registration]:
        """The registrants who are no team members."""
        return [one for one in self.registrations.values() if one.role == "participant"]


@dataclass
class Tag:
    """A tag of the workspace."""

    id: str
    title: str


@dataclass
class Task:
    """One registration of a bulk job."""

    id: str
    input: dict[str, Any]
    status: Literal["processing", "succeeded", "failed"] = "processing"
    registrant_id: str | None = None
    errors: list[str] = field(default_factory=list)


@dataclass
class Job:
    """A bulk registration."""

    id: str
    workspace_id: str
    session_id: str
    tasks: list[Task]
    created_at: int
    updated_at: int
    status: Literal["processing", "ended", "failed"] = "processing"


@dataclass
class Webhook:
    """A subscription of one URL to one event."""

    id: str
    workspace_id: str
    url: str
    event: str
    created_at: int
    updated_at: int
    disabled: bool = False


@dataclass(frozen=True)
class Mail:
    """An e-mail that Livestorm would have sent."""

    kind: Literal["confirmation", "rescheduled", "canceled", "invitation"]
    to: str
    subject: str
    link: str | None
    at: int


@dataclass
class ApiToken:
    """A workspace's private token."""

    token: str
    workspace_id: str
    scopes: frozenset[str]


@dataclass
class Workspace:
    """An organization with everything in it."""

    id: str
    name: str
    slug: str
    timezone: str = "Europe/Paris"
    validated: bool = True
    members: list[Member] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    tags: dict[str, Tag] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    webhooks: dict[str, Webhook] = field(default_factory=dict)
    mails: list[Mail] = field(default_factory=list)
    _by_email: dict[str, Person] = field(default_factory=dict, repr=False)

    def add_person(self, person: Person) -> None:
        """Add a person; addresses never change, and compare whatever their case."""
        self.people[person.id] = person
        self._by_email[person.email.lower()] = person

    def person_by_email(self, email: str) -> Person | None:
        """Return the person with that address, whatever its case."""
        return self._by_email.get(email.lower())

    def member_by_person(self, person_id: str) -> Member | None:
        """Return the team member behind a people id."""
        return next((one for one in self.members if one.person.id == person_id), None)

    def sessions_of(self, event: Event) -> list[Session]:
        """Return an event's sessions in the order in which they were made."""
        return [self.sessions[session_id] for session_id in event.session_ids]
