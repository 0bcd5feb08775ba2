"""What the simulated Google holds: accounts, calendars, events, and one lock over all of it."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Literal

from sandbox.google import conference, times
from sandbox.google.api_errors import ApiError, Json, not_found
from sandbox.google.switches import Switches

Role = Literal["freeBusyReader", "reader", "writer", "owner"]
"""Access to a calendar, weakest first (Acl.role of the discovery document)."""

ROLES: tuple[Role, ...] = ("freeBusyReader", "reader", "writer", "owner")

SEED = 20261122  # any fixed number: two runs then make the same ids

EVENT_ID_CHARACTERS = "abcdefghijklmnopqrstuv0123456789"
"""base32hex in lower case, all that a client's event id may use (discovery document, Event.id)."""


@dataclass(frozen=True)
class Account:
    """A person with a Google account.

    Attributes:
        email: Address, also the id of the primary calendar.
        sub: The stable account id in ID tokens.
        name: Display name.
        locale: Language tag of the person.
        hosted_domain: Workspace domain (``hd`` claim), None for consumer accounts.
    """

    email: str
    sub: str
    name: str
    locale: str = "en"
    hosted_domain: str | None = None


@dataclass
class EventRecord:
    """One event of one calendar.

    Attributes:
        resource: The event resource as stored (times in the event's own zone, no ``self`` marks).
        position: Place of the latest change in the calendar's change log.
        stub: Of a cancelled event: nothing but the id is left (guest of a deleted event, calendar
            the event was moved away from).
    """

    resource: Json
    position: int = 0
    stub: bool = False

    @property
    def cancelled(self) -> bool:
        """Whether the event is deleted."""
        return bool(self.resource.get("status") == "cancelled")


@dataclass
class CalendarRecord:
    """One calendar.

    Attributes:
        id: Calendar id; the owner's address for a primary calendar.
        summary: Its name.
        owner: Address of the account it belongs to.
        time_zone: IANA zone.
        roles: Address → access.
        events: Event id → record, deleted ones included.
        changes: The change log: the id of the event changed, oldest change first.
        pending: Ids of events whose conference is still being made.
        sync_generation: Raised to make every earlier sync token invalid.
        deleted: The calendar is gone; everything answers 404.
    """

    id: str
    summary: str
    owner: str
    time_zone: str = "Europe/Paris"
    roles: dict[str, Role] = field(default_factory=dict)
    events: dict[str, EventRecord] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    pending: set[str] = field(default_factory=set)
    sync_generation: int = 0
    deleted: bool = False

    @property
    def position(self) -> int:
        """Number of changes so far."""
        return len(self.changes)

    @property
    def primary(self) -> bool:
        """Whether this is its owner's primary calendar."""
        return self.id == self.owner


@dataclass(frozen=True)
class Mail:
    """A message Google Calendar would have sent, as ``sendUpdates`` asked.

    Attributes:
        kind: ``invitation``, ``update``, ``cancellation`` or ``response``.
        to: Receiver's address.
        calendar_id: Calendar of the copy that was written.
        event_id: The event it is about.
        at: Seconds since 1970.
    """

    kind: str
    to: str
    calendar_id: str
    event_id: str
    at: float


@dataclass
class State:
    """Everything the simulator remembers about calendars.

    Attributes:
        switches: Answers to Google's open questions.
        lock: Held around every read and write.
        accounts: Address → account.
        calendars: Id → calendar.
        groups: Address of a Google group → member addresses.
        outbox: Mails sent so far.
        random: Source of ids and of dropped pushes; seeded, so that a run can be repeated.
        origin: Where the simulator is served, for links to its own pages.
        requests: (address, client id) → times of the last minute's API requests.
        on_change: Called with a calendar id after each change, the lock held.
    """

    switches: Switches
    lock: threading.RLock = field(default_factory=threading.RLock)
    accounts: dict[str, Account] = field(default_factory=dict)
    calendars: dict[str, CalendarRecord] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    outbox: list[Mail] = field(default_factory=list)
    random: Random = field(default_factory=lambda: Random(SEED))
    on_change: Callable[[str], None] = lambda _calendar_id: None
    origin: str = "http://127.0.0.1"
    requests: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    writes: int = 0

    def clear(self) -> None:
        """Forget everything but the switches; ids repeat from their beginning."""
        self.accounts.clear()
        self.calendars.clear()
        self.groups.clear()
        self.outbox.clear()
        self.requests.clear()
        self.random.seed(SEED)
        self.writes = 0

    def now(self) -> float:
        """The simulator's clock, in seconds since 1970; a moved ``time.time`` moves it."""
        return time.time()

    def new_event_id(self) -> str:
        """A 26-character id such as Calendar makes itself."""
        return "".join(self.random.choices(EVENT_ID_CHARACTERS, k=26))

    def opaque(self, prefix: str = "") -> str:
        """A token nobody can guess or parse."""
        return prefix + secrets.token_urlsafe(24)

    def calendar(self, calendar_id: str, actor: str, least: Role = "reader") -> CalendarRecord:
        """The calendar, when the account may use it that much.

        Args:
            calendar_id: Its id, or ``primary`` for the account's own.
            actor: Address of the account.
            least: Access needed.

        Raises:
            ApiError: 404 when it does not exist or the account has no access, 403 when the
                access is too weak.
        """
        found = self.calendars.get(actor if calendar_id == "primary" else calendar_id)
        if found is None or found.deleted or actor not in found.roles:
            raise not_found()
        if ROLES.index(found.roles[actor]) < ROLES.index(least):
            raise ApiError(
                403,
                "requiredAccessLevel",
                f"You need to have {least} access to this calendar.",
                domain="calendar",
            )
        return found

    def commit(self, calendar: CalendarRecord, record: EventRecord) -> EventRecord:
        """Store a changed event: new etag, new ``updated``, next place in the log, a push."""
        self.writes += 1
        calendar.changes.append(record.resource["id"])
        record.position = calendar.position
        now = times.stamp(self.now())
        # Opaque to clients; the counter makes every write visible even within a millisecond.
        record.resource["etag"] = f'"{3_000_000_000_000_000 + self.writes * 7919}"'
        record.resource.setdefault("created", now)
        record.resource["updated"] = now
        calendar.events[record.resource["id"]] = record
        if conference.pending(record.resource) and not record.cancelled:
            calendar.pending.add(record.resource["id"])
        self.on_change(calendar.id)
        return record

    def mail(self, kind: str, to: str, calendar_id: str, event_id: str) -> None:
        """Remember a mail as sent."""
        self.outbox.append(Mail(kind, to, calendar_id, event_id, self.now()))
