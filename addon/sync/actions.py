"""What the planner can ask for. Values only: who carries them out is elsewhere.

An action names occurrences by key; `SINGLE` stands for an event that does not recur and, in
`PatchCalendar` and `DeleteCalendar`, for a series as a whole.
"""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import TypeAlias

from addon.google.events import Moment
from addon.sync.base import SINGLE, Difference
from addon.sync.values import Guest
from addon.sync.words import Change, NoteKind, Side, UnlinkReason, WaitReason

BULK = 50
"""Most people in one bulk registration (developers.livestorm.co/reference/
post_sessions-id-people-bulk)."""

_SHOWN = 120
"""Characters of an old or new value that the history shows: a title as a rule, a glimpse of a
description."""


@dataclass(frozen=True)
class Why:
    """One change that an action carries, for the history.

    Attributes:
        side: Where the change was seen.
        before, after: What it was and is there, shortened; None where there was or is nothing.
    """

    side: Side
    change: Change
    before: str | None = None
    after: str | None = None


def why(side: Side, change: Change, before: object, after: object) -> Why:
    """Return the line of the history for a change from one value to another."""
    return Why(side, change, shown(before), shown(after))


def shown(value: object) -> str | None:
    """Return how the history names a value: bounded, instants in UTC."""
    if value is None:
        return None
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


@dataclass(frozen=True)
class UpdateLivestormEvent:
    """Change the event; None leaves a part as it is, "" empties the description."""

    title: str | None = None
    description: str | None = None
    minutes: int | None = None
    why: tuple[Why, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class UpdateSession:
    """Move the session of an occurrence to an instant, shown in an IANA zone."""

    occurrence: str
    session_id: str
    start: datetime
    timezone: str
    why: tuple[Why, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class CreateSession:
    """Make the session of an occurrence.

    Attributes:
        team: Who of the invited is a member of the workspace: remembered with the session.
    """

    occurrence: str
    start: datetime
    timezone: str
    team: tuple[str, ...] = field(default=(), compare=False)
    why: tuple[Why, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class DeleteSession:
    """Remove the session of an occurrence that is no more.

    Attributes:
        registrants: Whom to unregister first where Livestorm keeps sessions that have people.
    """

    occurrence: str
    session_id: str
    registrants: tuple[str, ...]
    why: tuple[Why, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Register:
    """Register people for the session of an occurrence; at most `BULK`, one alone singly.

    Attributes:
        session_id: None when the session is made by a `CreateSession` before it in the plan.
    """

    occurrence: str
    session_id: str | None
    people: tuple[Guest, ...]
    why: tuple[Why, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Unregister:
    """Remove a registrant, which ends their personal link."""

    occurrence: str
    session_id: str
    address: str
    why: tuple[Why, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class DeleteLivestormEvent:
    """Delete the Livestorm event; when done the link ends as deleted."""

    why: tuple[Why, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class PatchCalendar:
    """Change a Calendar event, or one occurrence of it; None leaves a part as it is.

    Attributes:
        description: Complete HTML, our footer included.
        start, end: Both when it moves; only `end` when its length changes.
        add, remove: Changes of the guest list; everybody else stays as they are.
    """

    occurrence: str = SINGLE
    title: str | None = None
    description: str | None = None
    start: Moment | None = None
    end: Moment | None = None
    add: tuple[Guest, ...] = ()
    remove: tuple[str, ...] = ()
    why: tuple[Why, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class DeleteCalendar:
    """Delete the Calendar event (the link ends as deleted), or cancel one occurrence of it."""

    occurrence: str = SINGLE
    why: tuple[Why, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class RestoreOccurrence:
    """Give an occurrence back what it had of its own; None: cancel it again.

    Calendar may set the occurrences of a series back when the series gets another length.
    """

    occurrence: str
    own: Difference


@dataclass(frozen=True)
class Unlink:
    """End the link and touch neither event."""

    reason: UnlinkReason


@dataclass(frozen=True)
class Wait:
    """Do nothing about something before an instant (None: until it is noticed again)."""

    reason: WaitReason
    until: datetime | None = None
    occurrence: str = SINGLE


@dataclass(frozen=True)
class LookForMoved:
    """Ask Calendar where a deleted event went: by its iCalUID, and by our conference.

    Found: the link follows it, and everything is read again. In vain: plan again with
    `CalendarSide.searched`.
    """

    ical_uid: str | None


@dataclass(frozen=True)
class LookForSession:
    """Ask Livestorm for a session that was not among the event's; plan again with the answer."""

    occurrence: str
    session_id: str


@dataclass(frozen=True)
class LookAtRegistrants:
    """Read the people of a session on whom the plan depends, and plan again."""

    occurrence: str
    session_id: str


@dataclass(frozen=True)
class Note:
    """Something for the history beside the changes carried out.

    Attributes:
        value: What would be lost otherwise, whole.
    """

    kind: NoteKind
    side: Side
    change: Change | None = None
    value: str | None = None
    occurrence: str = SINGLE

    @property
    def digest(self) -> str:
        """The same note twice has the same digest, so that a repeated plan writes it once."""
        parts = (self.kind.value, self.side.value, self.change and self.change.value)
        text = repr((*parts, self.value, self.occurrence))
        return sha256(text.encode()).hexdigest()[:32]


Write: TypeAlias = (
    UpdateLivestormEvent
    | UpdateSession
    | CreateSession
    | DeleteSession
    | Register
    | Unregister
    | DeleteLivestormEvent
    | PatchCalendar
    | DeleteCalendar
    | RestoreOccurrence
)
"""Changes one of the two sides."""

Question: TypeAlias = LookForMoved | LookForSession | LookAtRegistrants
"""Is answered by reading more, whereupon everything is planned again."""

Action: TypeAlias = Write | Question | Unlink | Wait

QUESTIONS = (LookForMoved, LookForSession, LookAtRegistrants)
NOT_WRITES = (*QUESTIONS, Unlink, Wait)
