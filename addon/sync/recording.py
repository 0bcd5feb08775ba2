"""Store what a job came to, in the transaction that ends its claim."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from addon import clock, correlation
from addon.connections.activation import NotActivated
from addon.jobs import Claim, ClaimLost, LinkWakes
from addon.observations import LinkCompared, tell
from addon.store import engine as store
from addon.store import links, syncing
from addon.store.syncing import SyncLink
from addon.sync import people_news, places, trouble
from addon.sync.actions import Wait
from addon.sync.base import Base
from addon.sync.concluding import ending
from addon.sync.history import lines_of_notes, lines_of_writes, notes_in_vain
from addon.sync.notice import Notices
from addon.sync.outcome import Outcome
from addon.sync.plan import Plan
from addon.sync.reading import Sides
from addon.sync.standing import WRITE_AGAIN, lasting, next_view, refused, registered
from addon.sync.stored import to_json
from addon.sync.words import GuestReason

_log = structlog.get_logger(__name__)


class Recording:
    """Writes the rows of links after their jobs. One per process, thread-safe."""

    def __init__(
        self,
        *,
        engine: sa.Engine,
        wakes: LinkWakes,
        notices: Notices,
        occurrence_sessions: int,
        placeholder_title: str,
    ) -> None:
        """Write to `engine`.

        Args:
            engine: The database.
            wakes: Ends claims.
            notices: Told what was read and carried.
            occurrence_sessions: How many occurrences of a series get sessions; 0: only the first.
            placeholder_title: What an event is called that has no title on either side.
        """
        self._engine = engine
        self._wakes = wakes
        self._notices = notices
        self._occurrence_sessions = occurrence_sessions
        self._placeholder_title = placeholder_title

    def ask(self, claim: Claim) -> None:
        """Make sure that this job is still wanted, before anything is written anywhere.

        Raises:
            ClaimLost: another worker, which took this one for dead, does it.
            NotActivated: the person has deactivated since it began.
        """
        with store.reading(self._engine) as connection:
            if not self._wakes.holds(connection, claim):
                raise ClaimLost
            if not syncing.activated(connection, claim.link_id):
                raise NotActivated("while a job was at work")

    def note(self, claim: Claim, decided: Plan, base: Base) -> Mapping[str, int]:
        """Store what would be lost otherwise, before anything is overwritten or made.

        A crash right after a write would lose it for good: what the history is to keep, which
        sessions Livestorm is asked for, and what Calendar may set back. `base` is the one that was
        planned with.

        Returns what `store` needs in order to take back what turned out not to be lost: the lines
        that are new, by digest.

        Raises:
            ClaimLost: see `ask`.
        """
        lines, asking = lines_of_notes(decided.notes), decided.asking
        differing = decided.base.differing
        before = replace(base, asked={**base.asked, **asking}, differing=differing)
        if not lines and before == base:
            return {}
        with store.writing(self._engine) as transaction:
            self._wakes.hold(transaction, claim)
            if before != base:
                syncing.store_base(transaction, claim.link_id, to_json(before))
            return syncing.add_notes(transaction, claim.link_id, lines, now=clock.now())

    def store(
        self,
        claim: Claim,
        sides: Sides,
        decided: Plan,
        outcomes: list[Outcome],
        base: Base,
        *,
        noted: Mapping[str, int],
        done: bool,
        read: int,
    ) -> bool:
        """Store what is agreed now; return whether the link came to its end.

        Args:
            claim: What ends.
            sides: What both sides say now.
            decided: What was to be done.
            outcomes: What became of that.
            base: What is agreed now.
            noted: As `note` returned it.
            done: Nothing is left to do.
            read: How much of what was said of people is dealt with, as counted when the job began.

        Raises:
            ClaimLost: see `ask`; what the other worker stores counts.
        """
        link, now = sides.link, clock.now()
        waits = [one.until for one in decided.actions if isinstance(one, Wait) and one.until]
        values = self._values(sides, decided, base, now, done=done)
        values["people_read_seq"] = read
        lines = lines_of_writes(decided.actions, outcomes)
        in_vain = notes_in_vain(decided.notes, decided.actions, outcomes)
        taken_back = [noted[one.digest] for one in in_vain if one.digest in noted]
        with store.writing(self._engine) as transaction:
            self._wakes.hold(transaction, claim)
            syncing.store_outcome(transaction, link.id, now=now, values=values, lines=lines)
            syncing.take_back(transaction, taken_back)
            if sides.resource is not None:
                self._notices.calendar_read(transaction, link.id, sides.resource)
            if link.synced_at is None:
                self._notices.ensure_both(
                    transaction, link.user_id, link.calendar_id, link.workspace_id
                )
            if lines:
                self._notices.stir(transaction, link.workspace_id)
            ended_as = ending(decided, outcomes)
            if ended_as is not None:
                state, why = ended_as
                links.close(transaction, link.id, state=state, now=now, why=why)
            if ended_as is not None or (done and not waits):
                self._wakes.complete(transaction, claim)
            elif done:
                self._wakes.wait(transaction, claim, min(waits))
        carried = frozenset(one.side for one in lines)
        swept = correlation.is_sweep(claim.woken_by)
        tell(LinkCompared("carried" if carried else "same", sides=carried, swept=swept))
        return ended_as is not None

    def pause(self, claim: Claim, link: SyncLink, reason: trouble.Trouble) -> None:
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
            self._wakes.hold(transaction, claim)
            syncing.store_outcome(transaction, link.id, now=now, values=values, lines=[])
            self._wakes.postpone(transaction, claim.link_id, until)
        tell(LinkCompared("paused", trouble=reason.kind))

    def step_back(self, claim: Claim, link: SyncLink, jitter: float) -> None:
        """Let other links of the workspace go first: more are to be compared than its calls allow.

        That is no failure. News about the link has it tried again at once.
        """
        seconds = places.pause(syncing.outstanding(self._engine, link.workspace_id), jitter)
        with store.writing(self._engine) as transaction:
            self._wakes.hold(transaction, claim)
            self._wakes.wait(transaction, claim, clock.now() + timedelta(seconds=seconds))
        tell(LinkCompared("waiting"))

    def complete(self, claim: Claim) -> None:
        """End a claim with which there was nothing to do."""
        with store.writing(self._engine) as transaction:
            self._wakes.complete(transaction, claim)

    def _values(
        self, sides: Sides, decided: Plan, base: Base, now: datetime, *, done: bool
    ) -> dict[str, Any]:
        link = sides.link
        values: dict[str, Any] = {
            "base": to_json(base),
            "unsynced": {
                "parts": sorted(one.value for one in decided.unsynced | lasting(base)),
                "guests": unsynced_guests(decided, base),
                "registered": registered(base),
            },
            "compare_at": self._compare_at(sides, decided, base, now),
            "failures": 0,
            "trouble": None,
            "registering": None,
        }
        # As the answers have it after what was written, or lists would show what was before.
        calendar, livestorm = sides.calendar().value, sides.livestorm().value
        if decided.calendar is not None and calendar is not None:
            # Until both agree on one, the row has the title that Livestorm's event was made with:
            # it tells a wish of either side from what was never carried (`Rules.written_title`).
            if base.met:
                title = calendar.title or (livestorm.title if livestorm else "")
                values["title"] = title or self._placeholder_title
            values["placeholder"] = False
            values["recurring"] = bool(calendar.recurrence)
            if calendar.when is not None:
                values["starts_at"] = calendar.when.start
                values["timezone"] = calendar.when.timezone
        if sides.resource is not None and sides.resource.get("iCalUID"):
            values["ical_uid"] = sides.resource["iCalUID"]
        if done and link.synced_at is None:
            values["synced_at"] = now
        return values

    def _compare_at(
        self, sides: Sides, decided: Plan, base: Base, now: datetime
    ) -> datetime | None:
        """When something is to be done although nobody changes anything until then."""
        guests = len(decided.calendar.guests) if decided.calendar else 0
        looks = [people_news.next_look(base, guests, now)]
        if not sides.may_write:
            looks.append(now + WRITE_AGAIN)
        if self._occurrence_sessions:
            looks.append(next_view(base, decided.unsynced, now))
        return min((one for one in looks if one is not None), default=None)


def unsynced_guests(decided: Plan, base: Base) -> list[list[str]]:
    """Return who is not on both sides, and why: as planned, and whom Livestorm refused since."""
    gone = refused(base)
    others = [one for one in decided.unsynced_guests if one.address not in gone]
    planned = [[one.address, one.reason.value] for one in others]
    return sorted([*planned, *([address, GuestReason.REFUSED.value] for address in gone)])
