"""Create the Livestorm event of a Calendar event, once, within the time Calendar waits."""

import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

import sqlalchemy as sa
import structlog

from addon import clock
from addon.conference.draft import draft_event
from addon.conference.linking import new_link
from addon.conference.posting import (
    ANSWERING_SECONDS,
    NotAsked,
    Posting,
)
from addon.conference.reading import EventReader
from addon.connections import Connections, NotConnected
from addon.google.calendar import CalendarApi
from addon.google.events import CalendarEvent
from addon.google.failures import GoogleFailure, GoogleFailureKind
from addon.livestorm import Event, FailureKind, LivestormFailure, Urgency, Workspace
from addon.observations import ConferenceAsked, tell
from addon.store import engine as store
from addon.store import intents, links
from addon.store.users import Account

BUDGET_SECONDS = 8.0
"""Calendar runs the add-on for at most 30 s, and reviewers expect a room within 5
(developers.google.com/workspace/marketplace/about-app-review). Past 8 s nobody still watches."""

LEASE = timedelta(seconds=BUDGET_SECONDS + 2)
"""A call that outlives its budget by this much is dead; another may take over."""

AFTER_ASKING_SECONDS = 0.01
"""How long what is done beside the reading of the event lets others go first."""

POLL_SECONDS = 0.1
"""Pause between two looks at an intent that another call works on: one indexed read each."""

FRESH = timedelta(seconds=60)
"""A room made within the last minute is given again without asking Livestorm: that is a double
click or a retry, not a person who wants to replace a room that was deleted."""

_log = structlog.get_logger()


@dataclass(frozen=True)
class ConferenceRequest:
    """Somebody picked Livestorm for one event of one calendar.

    Attributes:
        account: Who, with the Livestorm connection as stored.
        calendar_id: Calendar's id of the calendar.
        event_id: Calendar's id of the event, which may not be saved yet.
        google_token: The caller's own access token for Calendar, None when there was none.
        timezone: The caller's zone (IANA), for events that have none yet.
        placeholder_title: Title of an event that has none, in the caller's language.
    """

    account: Account
    calendar_id: str
    event_id: str
    google_token: str | None = field(repr=False)
    timezone: str
    placeholder_title: str


class Refusal(Enum):
    """Why there is no room; the closed set that the answer to Calendar is made from."""

    NOT_CONNECTED = "not_connected"
    PERMISSION = "permission"
    PLAN = "plan"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"


@dataclass(frozen=True)
class Room:
    """There is a room."""

    link: links.Link


@dataclass(frozen=True)
class Refused:
    """There is none; `detail` is for logs and names nobody."""

    refusal: Refusal
    detail: str


_REFUSALS = {
    FailureKind.UNAUTHORIZED: Refusal.NOT_CONNECTED,
    FailureKind.FORBIDDEN: Refusal.PERMISSION,
    FailureKind.PAYMENT_REQUIRED: Refusal.PLAN,
    FailureKind.NOT_FOUND: Refusal.PERMANENT,
    FailureKind.CONFLICT: Refusal.PERMANENT,
    FailureKind.INVALID: Refusal.PERMANENT,
    FailureKind.RATE_LIMITED: Refusal.TEMPORARY,
    FailureKind.UNAVAILABLE: Refusal.TEMPORARY,
    FailureKind.UNREADABLE: Refusal.TEMPORARY,
}

_GOOGLE_REFUSALS = {
    GoogleFailureKind.FORBIDDEN: Refusal.PERMISSION,
    GoogleFailureKind.UNAUTHORIZED: Refusal.PERMISSION,
    GoogleFailureKind.INVALID: Refusal.PERMANENT,
}


@dataclass(frozen=True)
class _Prepared:
    """What is known before the Calendar event is.

    Attributes:
        claim: The intent, whose lease is held.
        workspace: Livestorm, with the person's credential.
        owner_id: Livestorm's id of whose event it will be.
        made: The event that an earlier attempt left behind.
        asked_at: When Livestorm may last have been asked for an event that is not known yet.
    """

    claim: intents.Intent
    workspace: Workspace
    owner_id: str | None
    made: Event | None
    asked_at: datetime | None


class Conferences:
    """Makes rooms. One per process, thread-safe."""

    def __init__(
        self,
        *,
        engine: sa.Engine,
        connections: Connections,
        calendar: CalendarApi,
        beside: Executor,
        link_per_session: bool = False,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Put together what a room is made with; `beside` runs calls next to the request."""
        self._engine = engine
        self._connections = connections
        self._events = EventReader(engine, calendar)
        self._beside = beside
        self._posting = Posting(connections, beside, sleep)
        self._link_per_session = link_per_session
        self._sleep = sleep

    def create(self, request: ConferenceRequest) -> Room | Refused:
        """Give the event its room: the one it has, or a new one. Takes at most the budget."""
        outcome = self._room(request)
        if isinstance(outcome, Refused):
            tell(ConferenceAsked(outcome.refusal.value))
        return outcome

    def _room(self, request: ConferenceRequest) -> Room | Refused:
        deadline = time.monotonic() + BUDGET_SECONDS
        try:
            self._connections.require(request.account)
            existing = links.find(
                self._engine, request.account.user_id, request.calendar_id, request.event_id
            )
            if existing is not None and self._still_there(request.account, existing, deadline):
                tell(ConferenceAsked("known"))
                return Room(existing)
            return self._create(request, deadline)
        except (NotConnected, NotAsked, LivestormFailure, GoogleFailure) as error:
            return _refused(error)

    def _create(self, request: ConferenceRequest, deadline: float) -> Room | Refused:
        # The read is this thread's own, so that nothing has to be handed on when it is answered.
        preparing = self._beside.submit(self._prepare, request, deadline)
        event, unread = self._read(request)
        prepared = preparing.result()
        if isinstance(prepared, links.Link):
            tell(ConferenceAsked("known"))
            return Room(prepared)
        if prepared is None:
            return Refused(Refusal.TEMPORARY, "another call for this event is still at work")
        account, workspace = request.account, prepared.workspace
        claim, made, asked_at = prepared.claim, prepared.made, prepared.asked_at
        how = "adopted" if made else "created"
        try:
            if unread is not None:
                raise unread
            draft = draft_event(
                event,
                template=account.template,
                owner_id=prepared.owner_id,
                mark=claim.mark,
                now=clock.now(),
                placeholder_title=request.placeholder_title,
                fallback_timezone=request.timezone,
            )
            if made is None:
                asked_at = clock.now()
                made = self._posting.post(account, workspace, claim, draft, deadline)
            new = new_link(
                made,
                account,
                calendar_event=event,
                wanted=draft.session.starts_at,
                fresh=how == "created",
                per_session=self._link_per_session,
            )
        except NotAsked:
            intents.release(self._engine, claim, asked_at=None)
            raise
        except (LivestormFailure, GoogleFailure, NotConnected):
            intents.release(self._engine, claim, asked_at=asked_at)
            raise
        link = intents.finish(self._engine, claim, new, clock.now())
        if link is None:
            # The lease ran out meanwhile and somebody else adopts this very event.
            link, how = self._wait_for_link(request, deadline), "known"
        if link is not None:
            tell(ConferenceAsked(how))
        return Room(link) if link else Refused(Refusal.TEMPORARY, "the lease was lost")

    # The request waits for it, but its own patience ends with its own thread.
    @store.patient(store.PERSON_SECONDS)
    def _prepare(
        self, request: ConferenceRequest, deadline: float
    ) -> "_Prepared | links.Link | None":
        """Do all that needs no Calendar event; return the room instead if there is one by now.

        None when another call works on this event until the deadline.
        """
        # Calendar takes longer than that, and until it is asked the processor is better used for
        # asking it: ten people may pick Livestorm in the same moment.
        self._sleep(AFTER_ASKING_SECONDS)
        claim = self._claim(request, deadline)
        if not isinstance(claim, intents.Intent):
            return claim
        asked_at = claim.asked_at
        try:
            workspace = self._connections.workspace(
                request.account,
                urgency=Urgency.PERSON_WAITING,
                deadline=deadline - ANSWERING_SECONDS,
            )
            made = self._posting.left_behind(workspace, claim, deadline) if asked_at else None
            asked_at = asked_at if made else None
            owner_id = self._connections.owner(request.account, workspace)
        except (LivestormFailure, NotConnected):
            intents.release(self._engine, claim, asked_at=asked_at)
            raise
        return _Prepared(claim, workspace, owner_id, made, asked_at)

    def _read(
        self, request: ConferenceRequest
    ) -> tuple[CalendarEvent | None, GoogleFailure | None]:
        """Read the Calendar event with the caller's own rights: None while it is not saved yet.

        A failure is returned, because what is done beside must be waited for either way.
        """
        if request.google_token is None:
            return None, None
        try:
            event = self._events.read(
                request.google_token,
                request.account.user_id,
                request.calendar_id,
                request.event_id,
                timezone=request.timezone,
            )
        except GoogleFailure as failure:
            if failure.kind in {GoogleFailureKind.NOT_FOUND, GoogleFailureKind.GONE}:
                return None, None
            return None, failure
        return None if event.cancelled else event, None

    def _claim(
        self, request: ConferenceRequest, deadline: float
    ) -> intents.Intent | links.Link | None:
        """Take the intent; wait while another call works on it, at most until the deadline."""
        while True:
            claim = intents.claim(
                self._engine,
                user_id=request.account.user_id,
                calendar_id=request.calendar_id,
                event_id=request.event_id,
                now=clock.now(),
                lease_for=LEASE,
            )
            if isinstance(claim, intents.Intent):
                return claim
            if isinstance(claim, intents.Done):
                link = self._revived(request.account, claim.link_id, deadline)
                if link is not None:
                    return link
                continue
            link = self._wait_for_link(request, deadline)
            if link is not None or time.monotonic() + ANSWERING_SECONDS >= deadline:
                return link

    def _wait_for_link(self, request: ConferenceRequest, deadline: float) -> links.Link | None:
        """Wait while another call holds the intent; return the link it made, if it did."""
        key = request.account.user_id, request.calendar_id, request.event_id
        while time.monotonic() + ANSWERING_SECONDS < deadline:
            link = links.find(self._engine, *key)
            if link is not None or not intents.is_leased(self._engine, *key, now=clock.now()):
                return link
            self._sleep(POLL_SECONDS)
        return None

    def _still_there(self, account: Account, link: links.Link, deadline: float) -> bool:
        """Whether a known room still exists; when in doubt it does."""
        if clock.now() - link.created_at < FRESH:
            return True
        try:
            self._connections.workspace(
                account, urgency=Urgency.PERSON_WAITING, deadline=deadline - ANSWERING_SECONDS
            ).event(link.livestorm_event_id)
        except LivestormFailure as failure:
            if failure.kind is not FailureKind.NOT_FOUND:
                return True
            intents.reopen(self._engine, link, now=clock.now(), why="deleted in Livestorm")
            return False
        return True

    def _revived(self, account: Account, link_id: str, deadline: float) -> links.Link | None:
        """The room this event has, or had until the person took it off; None if it is gone."""
        link = links.get(self._engine, link_id)
        if link is None:
            raise LivestormFailure(FailureKind.UNAVAILABLE, detail="the link is just being made")
        if link.state == "active":
            return link
        if link.state == "unlinked" and self._still_there(account, link, deadline):
            return links.revive(self._engine, link, now=clock.now())
        intents.reopen(self._engine, link, now=clock.now(), why="picked again")
        return None


def _refused(error: NotConnected | NotAsked | LivestormFailure | GoogleFailure) -> Refused:
    if isinstance(error, NotConnected):
        return Refused(Refusal.NOT_CONNECTED, str(error))
    if isinstance(error, GoogleFailure):
        return Refused(_GOOGLE_REFUSALS.get(error.kind, Refusal.TEMPORARY), str(error))
    cause = error.failure if isinstance(error, NotAsked) else error
    return Refused(_REFUSALS[cause.kind], str(cause))
