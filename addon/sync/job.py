"""The job of one link: read both sides, plan, carry out, store what is agreed."""

import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from addon import clock, correlation
from addon.connections import Connections, NotConnected
from addon.connections.activation import Activation, NotActivated
from addon.google.calendar import CalendarApi
from addon.google.failures import GoogleFailure
from addon.jobs import Claim, LinkWakes
from addon.livestorm import FailureKind, LivestormFailure, Urgency, Workspace
from addon.observations import LinkCompared, tell
from addon.store import engine as store
from addon.store import links, syncing
from addon.store.syncing import SyncLink
from addon.store.users import Account
from addon.sync import places, trouble
from addon.sync.actions import (
    LookAtRegistrants,
    LookForMoved,
    LookForSession,
    Register,
    Unlink,
    Wait,
)
from addon.sync.base import Base, Standing
from addon.sync.carrying import Carrying, Changed
from addon.sync.conclusions import ending, ends_something, unsettles
from addon.sync.groups import group_addresses
from addon.sync.history import lines_of_notes, lines_of_writes
from addon.sync.notice import Notices
from addon.sync.notice.access import CalendarAccess
from addon.sync.outcome import NOT_DONE, Outcome, settle
from addon.sync.plan import Plan, plan
from addon.sync.reading import Reading, Sides
from addon.sync.rules import Rules
from addon.sync.searching import follow_moved
from addon.sync.standing import lasting, next_view
from addon.sync.stored import from_json, to_json
from addon.sync.values import address

MOST_ROUNDS = 4
"""How often a job begins anew because somebody writes to the event while it works. After that it
pauses: whoever is editing will be done then."""

MOST_QUESTIONS = 20
"""How often a plan may ask for more; a series asks once for each of its sessions."""

_log = structlog.get_logger(__name__)


class Job:
    """Brings links up to date. One per process, thread-safe."""

    def __init__(
        self,
        *,
        engine: sa.Engine,
        wakes: LinkWakes,
        calendar: CalendarApi,
        activation: Activation,
        connections: Connections,
        notices: Notices,
        deletion_grace: timedelta,
        occurrence_sessions: int,
        placeholder_title: str,
        jitter: Callable[[], float] = random.random,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Put together what a job works with.

        The settings are the planner's rules; chance and sleep (seconds) are exchangeable.
        """
        self._engine = engine
        self._wakes = wakes
        self._calendar = calendar
        self._activation = activation
        self._connections = connections
        self._notices = notices
        self._grace = deletion_grace
        self._occurrence_sessions = occurrence_sessions
        self._placeholder_title = placeholder_title
        self._places = places.Places()
        self._jitter = jitter
        self._sleep = sleep

    def run(self, claim: Claim, *, urgency: Urgency = Urgency.CARRY_CHANGE) -> None:
        """Bring one link up to date and end its claim."""
        link = syncing.load(self._engine, claim.link_id)
        account = self._connections.find(link.user_id) if link else None
        if link is None or account is None or not self._may_work(link, account):
            self._complete(claim)
            tell(LinkCompared("idle"))
            return
        if urgency is not Urgency.CARRY_CHANGE:
            self._work(claim, link, account, urgency)
            return
        with self._places.place(link.workspace_id) as free:
            if free:
                self._work(claim, link, account, urgency)
            else:
                self._step_back(claim, link)

    def _work(self, claim: Claim, link: SyncLink, account: Account, urgency: Urgency) -> None:
        try:
            self._with_access(claim, link, account, urgency)
        except (GoogleFailure, LivestormFailure) as failure:
            if trouble.is_our_limit(failure):
                self._step_back(claim, link)
                return
            self._pause(claim, link, trouble.of(failure, link.failures, self._jitter()))
        except (NotActivated, NotConnected) as gone:
            # Nothing is lost: connecting or activating again marks every link.
            _log.info("link_without_access", link=link.id, reason=str(gone))
            self._complete(claim)
            tell(LinkCompared("idle"))

    def _may_work(self, link: SyncLink, account: Account) -> bool:
        connection = account.connection
        return (
            link.state == "active"
            and not link.held
            and account.activated
            and connection is not None
            and connection.usable
            and connection.workspace_id == link.workspace_id
        )

    def _with_access(
        self, claim: Claim, link: SyncLink, account: Account, urgency: Urgency
    ) -> None:
        """Work with the person's token, and once more with a new one if Livestorm refuses it."""
        try:
            workspace = self._connections.workspace(account, urgency=urgency)
            self._bring_up_to_date(claim, link, account, workspace)
        except LivestormFailure as failure:
            if failure.kind is not FailureKind.UNAUTHORIZED:
                raise
            workspace = self._connections.renewed(account, urgency=urgency)
            # What was carried before the refusal is stored.
            current = syncing.load(self._engine, link.id) or link
            self._bring_up_to_date(claim, current, account, workspace)

    def _bring_up_to_date(
        self, claim: Claim, link: SyncLink, account: Account, workspace: Workspace
    ) -> None:
        access = CalendarAccess(self._activation, link.user_id)
        reading = Reading(calendar=self._calendar, access=access, workspace=workspace)
        base = from_json(link.base)
        for attempt in range(MOST_ROUNDS):
            sides = reading.both(link, base, fresh=attempt > 0)
            decided = self._decide(base, sides, reading, self._rules(link, account, sides))
            if decided is None:
                # The Calendar event was moved; the link follows it, and all is read there.
                link = self._followed(link)
                continue
            if sides.listed and ends_something(decided):
                # What a list brought may be undone by now, and nobody may have said so.
                continue
            self._note(link, decided)
            carrying = Carrying(
                calendar=self._calendar,
                access=access,
                workspace=workspace,
                sides=sides,
                sleep=self._sleep,
            )
            outcomes, failure, changed = self._carry(link, carrying, decided)
            base = settle(decided, outcomes)
            done = not changed and failure is None and not unsettles(decided, base)
            ended = self._store(claim, sides, decided, outcomes, base, done=done)
            if failure is not None:
                raise failure
            if done or ended:
                return
        raise GoogleFailure(trouble.BUSY, status=None, reason="stillBeingEdited")

    def _decide(self, base: Base, sides: Sides, reading: Reading, rules: Rules) -> Plan | None:
        """Plan, answering the planner's questions; None when the event was found elsewhere."""
        for _ in range(MOST_QUESTIONS):
            decided = plan(base, sides.calendar(), sides.livestorm(), rules)
            asked = False
            for action in decided.actions:
                match action:
                    case LookAtRegistrants():
                        reading.people(sides, action.session_id)
                    case LookForSession():
                        reading.session(sides, action.session_id)
                    case LookForMoved():
                        if follow_moved(self._engine, reading, sides, action.ical_uid):
                            return None
                        sides.searched = True
                    case _:
                        continue
                asked = True
            if not asked:
                return decided
        raise RuntimeError("the planner does not stop asking")

    def _carry(
        self, link: SyncLink, carrying: Carrying, decided: Plan
    ) -> tuple[list[Outcome], LivestormFailure | GoogleFailure | None, bool]:
        """Carry out every action; one that fails does not keep the others from being done."""
        outcomes: list[Outcome] = []
        failure: LivestormFailure | GoogleFailure | None = None
        people = [len(one.people) if isinstance(one, Register) else 0 for one in decided.actions]
        for number, action in enumerate(decided.actions):
            if isinstance(action, Unlink | Wait):
                outcomes.append(NOT_DONE)
                continue
            if people[number] and sum(people) > 1:
                # A bulk registration takes seconds: whoever looks is to see it move.
                syncing.tell_registering(
                    self._engine, link.id, done=sum(people[:number]), of=sum(people)
                )
            try:
                outcome = carrying.carry(action)
                outcomes.append(outcome)
                if outcome.failed and failure is None:
                    failure = trouble.some_failed()
            except Changed:
                return outcomes, failure, True
            except (LivestormFailure, GoogleFailure) as error:
                _log.info("action_failed", action=type(action).__name__, reason=str(error))
                failure = failure or error
                outcomes.append(NOT_DONE)
                if trouble.stops_everything(error):
                    break
        return outcomes, failure, False

    def _rules(self, link: SyncLink, account: Account, sides: Sides) -> Rules:
        own = (account.email, account.connection.owner_email if account.connection else None)
        return Rules(
            now=clock.now(),
            linked_at=link.created_at,
            placeholder_title=self._placeholder_title,
            occurrence_sessions=self._occurrence_sessions,
            deletion_grace=self._grace,
            never_guests=frozenset(
                known for text in own if text and (known := address(text)) is not None
            ),
            groups=group_addresses(sides.attendees()),
        )

    def _note(self, link: SyncLink, decided: Plan) -> None:
        """Store what would be lost otherwise, before anything is overwritten."""
        lines = lines_of_notes(decided.notes)
        if lines:
            with store.writing(self._engine) as transaction:
                syncing.add_notes(transaction, link.id, lines, now=clock.now())

    def _store(
        self,
        claim: Claim,
        sides: Sides,
        decided: Plan,
        outcomes: list[Outcome],
        base: Base,
        *,
        done: bool,
    ) -> bool:
        """Store what is agreed now; return whether the link came to its end."""
        link, now = sides.link, clock.now()
        waits = [one.until for one in decided.actions if isinstance(one, Wait) and one.until]
        values = self._values(sides, decided, base, now, done=done)
        lines = lines_of_writes(decided.actions, outcomes)
        with store.writing(self._engine) as transaction:
            syncing.store_outcome(transaction, link.id, now=now, values=values, lines=lines)
            if sides.resource is not None:
                self._notices.calendar_read(transaction, link.id, sides.resource)
            if link.synced_at is None:
                self._notices.ensure_both(
                    transaction, link.user_id, link.calendar_id, link.workspace_id
                )
            if lines:
                self._notices.stir(transaction, link.workspace_id)
            end = ending(decided, outcomes)
            if end is not None:
                state, why = end
                links.close(transaction, link.id, state=state, now=now, why=why)
            if end is not None or (done and not waits):
                if not self._wakes.complete(transaction, claim):
                    # Another worker, which took this one for dead, was faster: its base counts.
                    transaction.rollback()
            elif done:
                self._wakes.wait(transaction, claim, min(waits))
        carried = frozenset(one.side for one in lines)
        swept = correlation.is_sweep(claim.woken_by)
        tell(LinkCompared("carried" if carried else "same", sides=carried, swept=swept))
        return end is not None

    def _values(
        self, sides: Sides, decided: Plan, base: Base, now: datetime, *, done: bool
    ) -> dict[str, Any]:
        link = sides.link
        values: dict[str, Any] = {
            "base": to_json(base),
            "unsynced": {
                "parts": sorted(one.value for one in decided.unsynced | lasting(base)),
                "guests": [[one.address, one.reason.value] for one in decided.unsynced_guests],
                "registered": _registered(base),
            },
            "people_read_seq": link.people_seq,
            "compare_at": next_view(base, decided.unsynced, now)
            if self._occurrence_sessions
            else None,
            "failures": 0,
            "trouble": None,
            "registering": None,
        }
        if decided.calendar is not None:
            values["title"] = decided.calendar.title or self._placeholder_title
            values["placeholder"] = False
            values["recurring"] = bool(decided.calendar.recurrence)
            if decided.calendar.when is not None:
                values["starts_at"] = decided.calendar.when.start
                values["timezone"] = decided.calendar.when.timezone
        if sides.resource is not None and sides.resource.get("iCalUID"):
            values["ical_uid"] = sides.resource["iCalUID"]
        if done and link.synced_at is None:
            values["synced_at"] = now
        return values

    def _pause(self, claim: Claim, link: SyncLink, reason: trouble.Trouble) -> None:
        """Keep why it did not work, and try again later, for ever."""
        now = clock.now()
        _log.info("link_pauses", link=link.id, kind=reason.kind, seconds=reason.seconds)
        until = now + timedelta(seconds=reason.seconds)
        stored = {"kind": reason.kind, "until": until.isoformat(), "detail": reason.detail}
        values = {
            "trouble": stored,
            "failures": link.failures + 1,
            "synced_at": None,
            "registering": None,
        }
        with store.writing(self._engine) as transaction:
            syncing.store_outcome(transaction, link.id, now=now, values=values, lines=[])
            self._wakes.postpone(transaction, claim.link_id, until)
        tell(LinkCompared("paused", trouble=reason.kind))

    def _step_back(self, claim: Claim, link: SyncLink) -> None:
        """Let other links of the workspace go first: more are to be compared than its calls allow.

        That is no failure. News about the link has it tried again at once.
        """
        seconds = places.pause(syncing.outstanding(self._engine, link.workspace_id), self._jitter())
        with store.writing(self._engine) as transaction:
            self._wakes.wait(transaction, claim, clock.now() + timedelta(seconds=seconds))
        tell(LinkCompared("waiting"))

    def _complete(self, claim: Claim) -> None:
        with store.writing(self._engine) as transaction:
            self._wakes.complete(transaction, claim)

    def _followed(self, link: SyncLink) -> SyncLink:
        followed = syncing.load(self._engine, link.id)
        return replace(link, calendar_seen=None) if followed is None else followed


def _registered(base: Base) -> int | None:
    """How many people are on both sides, at whichever date; None before anybody looked."""
    if not base.occurrences:
        return None
    return len(
        {
            address
            for agreed in base.occurrences.values()
            for address, standing in agreed.guests.items()
            if standing in {Standing.BOTH, Standing.SPEAKER}
        }
    )
