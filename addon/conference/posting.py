"""Send the one request that creates, and make sure of what became of it."""

import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from datetime import timedelta

import structlog

from addon import clock
from addon.conference.draft import SOONEST, later, made_session
from addon.conference.orphans import find_orphan
from addon.connections import Connections, NotConnected
from addon.livestorm import (
    Event,
    EventDraft,
    FailureKind,
    LivestormFailure,
    Session,
    SessionChanges,
    SessionDraft,
    Urgency,
    Workspace,
)
from addon.store.intents import Intent
from addon.store.users import Account

SETTLING = timedelta(seconds=7)
"""A request without an answer may still be at work at Livestorm. Only this long after it was
sent does "not found" mean that it was lost, and a second one may be sent."""

STILL_AT_WORK = "an earlier request may still be at work"

ANSWERING_SECONDS = 0.4
"""Kept of the budget for storing the outcome and answering."""

LOOK_AGAIN_SECONDS = 1.0
"""Pause between two looks for an event that may still appear; each costs a call of the month."""

START_TOLERANCE = timedelta(seconds=60)
"""Livestorm shows whole minutes; a start further off than one was misread."""

_log = structlog.get_logger(__name__)


class NotAsked(Exception):
    """Livestorm certainly created nothing: it refused, or was never reached."""

    def __init__(self, failure: LivestormFailure) -> None:
        """Hold why."""
        super().__init__(str(failure))
        self.failure = failure


class Posting:
    """Creates the Livestorm event of one intent. One per process, thread-safe."""

    def __init__(
        self, connections: Connections, beside: Executor, sleep: Callable[[float], None]
    ) -> None:
        """`beside` runs what need not hold up the answer."""
        self._connections = connections
        self._beside = beside
        self._sleep = sleep

    def left_behind(self, workspace: Workspace, intent: Intent, deadline: float) -> Event | None:
        """Look for what an earlier attempt may have made; None once there certainly is nothing.

        Raises:
            LivestormFailure: it could not be made certain before the deadline.
        """
        while True:
            event = find_orphan(workspace, mark=intent.mark, since=intent.created_at)
            if event is not None or intent.asked_at is None:
                return event
            settled_in = (intent.asked_at + SETTLING - clock.now()).total_seconds()
            if settled_in <= 0:
                return None
            if time.monotonic() + settled_in + ANSWERING_SECONDS > deadline:
                raise LivestormFailure(FailureKind.UNAVAILABLE, detail=STILL_AT_WORK)
            self._sleep(min(settled_in, LOOK_AGAIN_SECONDS))

    def post(
        self,
        account: Account,
        workspace: Workspace,
        intent: Intent,
        draft: EventDraft,
        deadline: float,
    ) -> Event:
        """Create the event; answer the refusals that a second, different request heals.

        Raises:
            NotAsked: nothing was created, for certain.
            LivestormFailure: it may have been created, and could not be found.
        """
        try:
            event = self._once(workspace, intent, draft, deadline)
        except NotAsked as refused:
            second = self._second_try(account, workspace, draft, refused.failure, deadline)
            if second is None:
                raise
            workspace, draft = second
            event = self._once(workspace, intent, draft, deadline)
        self._check_start(account, event, draft.session)
        return event

    def _once(
        self, workspace: Workspace, intent: Intent, draft: EventDraft, deadline: float
    ) -> Event:
        try:
            event = workspace.create_event(draft)
        except LivestormFailure as failure:
            if not failure.maybe_done and failure.kind is not FailureKind.CONFLICT:
                raise NotAsked(failure) from None
            _log.warning("creation_without_answer", intent=intent.id, reason=str(failure))
            found = None
            if time.monotonic() + ANSWERING_SECONDS < deadline:
                found = find_orphan(workspace, mark=intent.mark, since=intent.created_at)
            if found is None:
                raise
            return found
        return workspace.with_sessions(event)

    def _second_try(
        self,
        account: Account,
        workspace: Workspace,
        draft: EventDraft,
        failure: LivestormFailure,
        deadline: float,
    ) -> tuple[Workspace, EventDraft] | None:
        if failure.kind is FailureKind.UNAUTHORIZED:
            try:
                workspace = self._connections.renewed(
                    account, urgency=Urgency.PERSON_WAITING, deadline=deadline - ANSWERING_SECONDS
                )
            except LivestormFailure as refused:
                raise NotAsked(refused) from None
            return workspace, draft
        if failure.kind is not FailureKind.INVALID:
            return None
        now = clock.now()
        if draft.session.starts_at <= now + SOONEST:
            # Livestorm's clock is ahead of ours: what is "in a minute" here is past there.
            return workspace, later(draft, now)
        try:
            owner_id = self._connections.owner_anew(account, workspace)
        except LivestormFailure:
            return None
        if owner_id is None or owner_id == draft.owner_id:
            return None
        # The remembered owner has left the workspace (422 "Team member not found").
        return workspace, replace(draft, owner_id=owner_id)

    def _check_start(self, account: Account, event: Event, wanted: SessionDraft) -> None:
        """Put a start right that Livestorm read differently, without holding up the answer."""
        session = made_session(event.sessions, wanted.starts_at)
        if session is None or session.starts_at is None:
            return
        if abs(session.starts_at - wanted.starts_at) > START_TOLERANCE:
            _log.warning("start_misread", session=session.id)
            self._beside.submit(self._correct_start, account, session, wanted)

    def _correct_start(self, account: Account, session: Session, wanted: SessionDraft) -> None:
        """Write the start in UTC, where digits, offset and zone all say the same instant."""
        try:
            self._connections.workspace(account, urgency=Urgency.CARRY_CHANGE).update_session(
                session.id,
                SessionChanges(starts_at=wanted.starts_at, timezone="UTC"),
                event_id=session.event_id,
            )
        except (LivestormFailure, NotConnected) as failure:
            _log.warning("start_not_corrected", session=session.id, reason=str(failure))
