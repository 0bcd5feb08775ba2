"""What the card of one Calendar event shows, as values."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import TypeAlias

from cards.problems import Problem


@dataclass(frozen=True)
class EventTime:
    """When an event takes place.

    Attributes:
        starts_at: Aware. For an all-day event: midnight that begins its first day, in the
            event's own zone.
        ends_at: Aware. For an all-day event: midnight that ends its last day.
        all_day: Whether the event has days only; such days are shown as they are, in no zone.
    """

    starts_at: datetime
    ends_at: datetime | None = None
    all_day: bool = False


@dataclass(frozen=True)
class InSync:
    """Both sides say the same, and did since this (aware) instant."""

    since: datetime


@dataclass(frozen=True)
class Pending:
    """A change is on its way to the other side."""


@dataclass(frozen=True)
class Registering:
    """Guests are being registered, which takes a while: `done` of `total` so far."""

    done: int
    total: int


@dataclass(frozen=True)
class NotActivated:
    """The event has its room, and nothing is carried: Google Calendar is not activated."""


@dataclass(frozen=True)
class Stopped:
    """Something keeps the two sides from being made the same."""

    problem: Problem


SyncState: TypeAlias = InSync | Pending | Registering | NotActivated | Stopped


class UnsyncedPart(Enum):
    """A part of an event that one side cannot hold or does not let us write."""

    PAST_TIME = auto()
    """Livestorm takes no session in the past, and moves none whose time has come."""
    LATER_OCCURRENCES = auto()
    """A series: only its next occurrences have a session of their own."""
    END_TIME = auto()
    """Livestorm decides how long a session lasts."""
    TIME_OF_DAY = auto()
    """An all-day event: its session is in the morning of its first day."""
    GUEST_LIST = auto()
    """Calendar does not show us all guests."""
    REGISTRANTS = auto()
    """The registrants cannot be read in Livestorm: too many, or not now."""
    READ_ONLY = auto()
    """Calendar does not let this person change the event."""
    SESSION_KEPT = auto()
    """A date was removed in Calendar, and its session stays in Livestorm."""


class GuestReason(Enum):
    """Why somebody is not on both sides, or (GROUP_ADDRESS) why that is a problem."""

    GROUP_ADDRESS = auto()
    """Looks like a group's; registered as one person, so its people share one join link."""
    OVER_LIMIT = auto()
    """The event has more guests than are registered from Calendar."""
    REFUSED = auto()
    """Livestorm did not accept the address."""
    ANONYMOUS = auto()
    """The Livestorm event registers nobody: everyone enters by the same link."""
    DECLINED = auto()
    """Said no before being registered."""
    NO_ROOM = auto()
    """Registered in Livestorm; the guest list has as many people as it should."""
    NOT_KEPT = auto()
    """Registered in Livestorm; Calendar did not keep the address on the guest list."""


@dataclass(frozen=True)
class UnsyncedGuest:
    """Somebody who is not on both sides, and why."""

    email: str
    reason: GuestReason


class MissingStep(Enum):
    """What a person has yet to do before a new room works as it should."""

    CONNECT = auto()
    """Sign in to Livestorm."""
    ACTIVATE = auto()
    """Activate with Google; without it a room is made, and nothing is kept in sync."""


@dataclass(frozen=True)
class NoLivestorm:
    """The event has no Livestorm room.

    Attributes:
        other_solution: The conference it has instead, by name, for example "Google Meet".
        template_title: The event whose settings a new room would get.
        template_gone: That event cannot be copied any more, so that no room can be made.
        missing: What is to be done first.
    """

    other_solution: str | None = None
    template_title: str | None = None
    template_gone: bool = False
    missing: MissingStep | None = None


class ApartReason(Enum):
    """Why an event that carries a Livestorm room is not kept in sync for good."""

    LIVESTORM_GONE = auto()
    """The room's Livestorm event was deleted."""
    ENDED = auto()
    """The room is this event's; keeping it in sync ended for some other reason."""
    ANOTHER_EVENTS = auto()
    """The room was made for another event, of which this is a copy, or by somebody else."""


@dataclass(frozen=True)
class Apart:
    """The event carries a Livestorm room that is not, or no longer, this person's for it.

    Attributes:
        why: Which of the three.
        join_url: The room, when it can still be entered.
    """

    why: ApartReason
    join_url: str | None = None


@dataclass(frozen=True)
class NotConnected:
    """The event has a room, whose person has signed out of Livestorm since."""

    join_url: str


@dataclass(frozen=True)
class SomeoneElses:
    """Somebody else organizes the event and its room.

    Attributes:
        organizer: Name or address, when Calendar says it.
        join_url: The room, when the event carries one this person may see.
    """

    organizer: str | None = None
    join_url: str | None = None


@dataclass(frozen=True)
class Linked:
    """The event has a Livestorm room made through us.

    Attributes:
        join_url: The room link.
        sync: How things stand between the two sides.
        livestorm_url: The event's page in Livestorm.
        template_title: The event whose settings it got, or None.
        registered_guests: How many guests are registered in Livestorm, when known.
        unsynced_parts: What is not carried.
        unsynced_guests: Who is not registered, and why.
        guest_limit: Most guests that are registered from Calendar.
        occurrence_sessions: For a series, how many occurrences get a session of their own.
    """

    join_url: str
    sync: SyncState
    livestorm_url: str | None = None
    template_title: str | None = None
    registered_guests: int | None = None
    unsynced_parts: tuple[UnsyncedPart, ...] = ()
    unsynced_guests: tuple[UnsyncedGuest, ...] = ()
    # The figure of Livestorm's help article on Google Calendar.
    guest_limit: int = 200
    occurrence_sessions: int = 1


EventState: TypeAlias = NoLivestorm | NotConnected | SomeoneElses | Apart | Linked


@dataclass(frozen=True)
class EventView:
    """One Calendar event, for the person who opened it.

    Attributes:
        state: How it stands with Livestorm.
        title: Its title in Calendar, None when unknown.
        time: When it takes place, when known.
        zone: IANA zone that times are shown in (the person's); without it, their own.
    """

    state: EventState
    title: str | None = None
    time: EventTime | None = None
    zone: str | None = None


@dataclass(frozen=True)
class EventUrls:
    """Where the buttons of the card lead; all absolute.

    Attributes:
        sync: The endpoint that compares the event at once (called, not opened).
        integration: The integration page.
        connect: The sign-in page with its one-use ticket; None hides its button.
        activate: Google's consent; None hides its button.
        history: The event's page with all its changes; None hides its button.
    """

    sync: str
    integration: str
    connect: str | None = None
    activate: str | None = None
    history: str | None = None
