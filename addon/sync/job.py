"""The job of one link: read both sides, plan, carry out, store what is agreed."""

import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import sqlalchemy as sa
import structlog

from addon import clock
from addon.connections import Connections, NotConnected
from addon.connections.activation import Activation, NotActivated
from addon.google.calendar import CalendarApi
from addon.google.failures import GoogleFailure
from addon.jobs import Claim, ClaimLost, LinkWakes
from addon.livestorm import FailureKind, LivestormFailure, Urgency, Workspace
from addon.observations import LinkCompared, tell
from addon.store import syncing
from addon.store.syncing import SyncLink
from addon.store.users import Account
from addon.sync import people_news, places, trouble
from addon.sync.actions import (
    LookAtRegistrants,
    LookForMoved,
    LookForSession,
    Register,
    Unlink,
    Wait,
)
from addon.sync.base import Base
from addon.sync.carrying import Carrying, Changed
from addon.sync.concluding import ends_something, unsettles
from addon.sync.differing import at_risk
from addon.sync.groups import group_addresses
from addon.sync.notice import Notices
from addon.sync.notice.access import CalendarAccess
from addon.sync.outcome import NOT_DONE, REFUSED, Outcome, settle
from addon.sync.plan import Plan, plan
from addon.sync.reading import Reading, Sides
from addon.sync.recording import Recording
from addon.sync.rules import Rules
from addon.sync.searching import follow_moved
from addon.sync.stored import from_json
from addon.sync.values import address
from addon.sync.vanishing import believed

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
        bare_cancellation_is_deletion: bool,
        placeholder_title: str,
        placeholder_titles: frozenset[str],
        jitter: Callable[[], float] = random.random,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Put together what a job works with.

        The settings are the planner's rules; chance and sleep (seconds) are exchangeable.
        """
        self._engine = engine
        self._calendar = calendar
        self._activation = activation
        self._connections = connections
        self._grace = deletion_grace
        self._occurrence_sessions = occurrence_sessions
        self._bare_cancellation_is_deletion = bare_cancellation_is_deletion
        self._placeholder_title = placeholder_title
        self._placeholder_titles = placeholder_titles
        self._recording = Recording(
            engine=engine,
            wakes=wakes,
            notices=notices,
            occurrence_sessions=occurrence_sessions,
            placeholder_title=placeholder_title,
        )
        self._places = places.Places()
        self._jitter = jitter
        self._sleep = sleep

    def run(self, claim: Claim, *, urgency: Urgency = Urgency.CARRY_CHANGE) -> None:
        """Bring one link up to date and end its claim."""
        try:
            self._run(claim, urgency)
        except ClaimLost:
            _log.warning("claim_lost", link=claim.link_id)
            tell(LinkCompared("taken_over"))

    def _run(self, claim: Claim, urgency: Urgency) -> None:
        link = syncing.load(self._engine, claim.link_id)
        account = self._connections.find(link.user_id) if link else None
        if link is None or account is None or not self._may_work(link, account):
            self._recording.complete(claim)
            tell(LinkCompared("idle"))
            return
        if urgency is not Urgency.CARRY_CHANGE:
            self._work(claim, link, account, urgency)
            return
        with self._places.place(link.workspace_id) as free:
            if free:
                self._work(claim, link, account, urgency)
            else:
                self._recording.step_back(claim, link, self._jitter())

    def _work(self, claim: Claim, link: SyncLink, account: Account, urgency: Urgency) -> None:
        try:
            self._with_access(claim, link, account, urgency)
        except (GoogleFailure, LivestormFailure) as failure:
            if trouble.is_our_limit(failure):
                self._recording.step_back(claim, link, self._jitter())
                return
            self._recording.pause(claim, link, trouble.of(failure, link.failures, self._jitter()))
        except (NotActivated, NotConnected) as gone:
            current = self._connections.find(link.user_id)
            if current is not None and self._may_work(link, current):
                # Only the secret cannot be read: once its key is back, nobody marks anything.
                lost = trouble.without_secret(gone, link.failures, self._jitter())
                self._recording.pause(claim, link, lost)
                return
            # Nothing is lost: connecting or activating again marks every link.
            _log.info("link_without_access", link=link.id, reason=str(gone))
            self._recording.complete(claim)
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
        reading = Reading(
            calendar=self._calendar, access=access, workspace=workspace, email=account.email
        )
        base = from_json(link.base)
        may_write = True
        for attempt in range(MOST_ROUNDS):
            sides = reading.both(link, base, fresh=attempt > 0)
            sides.may_write = may_write
            decided = self._decide(base, sides, reading, self._rules(link, account, sides))
            if decided is None:
                # The Calendar event was moved; the link follows it, and all is read there.
                link = self._followed(link)
                continue
            if sides.listed and ends_something(decided):
                # What a list brought may be undone by now, and nobody may have said so.
                continue
            # Most events have no exceptions, and are not to be parsed once more for this.
            if sides.exceptions and (
                differing := at_risk(
                    decided.actions, sides.calendar(), sides.resource, sides.exceptions, clock.now()
                )
            ):
                decided = replace(decided, base=replace(decided.base, differing=differing))
            noted = self._recording.note(claim, decided, base)
            carrying = Carrying(
                calendar=self._calendar,
                access=access,
                workspace=workspace,
                sides=sides,
                really_gone=partial(
                    believed, self._engine, workspace, link, decided.base.livestorm_gone_since
                ),
                refused=decided.base.refused,
                ask_first=partial(self._recording.ask, claim),
                sleep=self._sleep,
            )
            seen, now = sides.livestorm(), clock.now()
            heard = people_news.is_carried(decided, seen, news=sides.news, now=now)
            outcomes, failure, changed = self._carry(claim, carrying, decided)
            failure = failure or sides.withheld
            may_write = sides.may_write
            base = settle(people_news.noted(decided, seen, now=now), outcomes)
            done = not changed and failure is None and not unsettles(decided, base)
            read = link.people_seq if done and heard else link.people_read_seq
            ended = self._recording.store(
                claim, sides, decided, outcomes, base, noted=noted, done=done, read=read
            )
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
                    case LookForMoved() if sides.listed:
                        # That it was deleted a list said some time ago: it may be back by now.
                        reading.anew(sides)
                    case LookForMoved():
                        if follow_moved(self._engine, reading, sides, action.ical_uid):
                            return None
                        sides.searched = True
                    case _:
                        continue
                asked = True
            if asked:
                continue
            wanted = people_news.wanted(
                decided, sides.livestorm(), news=sides.news, now=clock.now()
            )
            if not wanted.sessions:
                return decided
            for session_id in wanted.sessions:
                reading.people(sides, session_id)
        raise RuntimeError("the planner does not stop asking")

    def _carry(
        self, claim: Claim, carrying: Carrying, decided: Plan
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
                self._recording.ask(claim)
                syncing.tell_registering(
                    self._engine, claim.link_id, done=sum(people[:number]), of=sum(people)
                )
            try:
                outcome = carrying.carry(action)
                outcomes.append(outcome)
                if outcome.failed or outcome.failure:
                    failure = failure or outcome.failure or trouble.some_failed()
            except Changed:
                return outcomes, failure, True
            except (LivestormFailure, GoogleFailure) as error:
                _log.info("action_failed", action=type(action).__name__, reason=str(error))
                failure = failure or error
                outcomes.append(NOT_DONE if error.maybe_done else REFUSED)
                if trouble.stops_everything(error):
                    break
        return outcomes, failure, False

    def _rules(self, link: SyncLink, account: Account, sides: Sides) -> Rules:
        own = (account.email, account.connection.owner_email if account.connection else None)
        return Rules(
            now=clock.now(),
            linked_at=link.created_at,
            placeholder_title=self._placeholder_title,
            placeholder_titles=self._placeholder_titles,
            written_title=link.title,
            written_start=link.starts_at,
            occurrence_sessions=self._occurrence_sessions,
            deletion_grace=self._grace,
            bare_cancellation_is_deletion=self._bare_cancellation_is_deletion,
            never_guests=frozenset(
                known for text in own if text and (known := address(text)) is not None
            ),
            groups=group_addresses(sides.attendees()),
        )

    def _followed(self, link: SyncLink) -> SyncLink:
        followed = syncing.load(self._engine, link.id)
        return replace(link, calendar_seen=None) if followed is None else followed
