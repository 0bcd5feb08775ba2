"""The wake-up columns of the links table: the truth about which link has outstanding work.

The table must have: `id` (text), `dirty_at`, `queued_at`, `next_at` (instants, at least
milliseconds, nullable), `dirty_seq`, `synced_seq` (integers), `queued`, `waits` (booleans),
`woken_by`, `claim` (text, nullable). Only this module writes them.

* `dirty_seq` counts what was said about the link, `synced_seq` how much of it has been dealt with.
* `dirty_at`: since when something is outstanding; null exactly when nothing is.
* `queued`: a job was enqueued that has not begun yet, so that another mark needs none.
* `queued_at`: when the latest job was enqueued; with the id it names that job.
* `next_at`: do not run before.
* `waits`: that is no pause after a failure, but a wait for something to happen; news ends it.
* `woken_by`: on whose behalf it was marked last; a sweep's mark does not take the place of one
  whose work is outstanding, for then something has told already.
* `claim`: which job began last. An engine runs a job again whose worker it takes for dead; that one
  may only have been frozen, and is to find out before it does anything more.

Why a flag, and not the engine's own deduplication: that one is held until the job ends, so what
is said while a job runs would be lost with nothing left to bring it back.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from addon import correlation
from addon.clock import now
from addon.jobs.port import Claim, ClaimLost, JobQueue

REQUEUE_SECONDS = 60
"""How often `addon.jobs.requeue` looks for links that no job will wake. Looking reads one partial
index and costs next to nothing; a minute is how long a lost wake-up may delay a change."""

HORIZON_SECONDS = REQUEUE_SECONDS + 30
"""A link that is due later than this gets no delayed job; a later look enqueues it. So a long
outage does not fill the queue with sleepers. The 30 s cover a look that comes late itself: its
schedule jitters by up to 10 s, and it waits for some polls."""

_TOKEN_BYTES = 8
"""Only the tokens of one link, one after the other, have to differ."""

LOST_AFTER_SECONDS = 3 * REQUEUE_SECONDS
"""A job that has not begun after this is looked up in the engine. No delayed job may sleep that
long (`HORIZON_SECONDS`); one that merely waits in a backlog is found and left alone."""

_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Outstanding:
    """A link with work for which perhaps no job exists."""

    link_id: str
    queued: bool
    queued_at: datetime | None


class LinkWakes:
    """Marks links and lets jobs claim, complete and postpone them.

    Every method works inside the caller's transaction and commits nothing. Callers that mark
    several links in one transaction use `mark_all`, which locks the rows in one order.
    """

    def __init__(self, table: sa.Table, queue: JobQueue) -> None:
        self._table = table
        self._queue = queue

    def mark(
        self,
        transaction: sa.Connection,
        link_id: str,
        *,
        at_once: bool = False,
        due: datetime | None = None,
    ) -> None:
        """Say that a link may have changed, and see to it that a job will look.

        Args:
            transaction: the caller's; when it rolls back, nothing was said.
            link_id: a link that does not exist (any more) is ignored.
            at_once: a person asked; a pause the link is in ends.
            due: it is one of many, and to be compared at this instant (`addon.jobs.spreading`),
                unless it is earlier anyway.
        """
        link = self._table.c
        values: dict[str, object] = {
            "dirty_seq": link.dirty_seq + 1,
            "dirty_at": sa.func.coalesce(link.dirty_at, sa.literal(now(), link.dirty_at.type)),
            "woken_by": self._woken_by(),
        }
        if due is None:
            values |= self._at_once(pause_ends=at_once)
        else:
            values |= self._one_of_many(due, pause_ends=at_once)
        row = transaction.execute(
            self._table.update()
            .where(link.id == link_id)
            .values(values)
            .returning(link.queued, link.queued_at, link.next_at)
        ).one_or_none()
        if row is None:
            return
        # The job already queued may be one that waits for the end of the pause just lifted.
        if (at_once and due is None) or not row.queued:
            self._enqueue(transaction, link_id, row.queued_at, row.next_at)

    def mark_all(self, transaction: sa.Connection, link_ids: Iterable[str]) -> None:
        """Mark several links, always in the same order, so that two callers cannot deadlock."""
        for link_id in sorted(set(link_ids)):
            self.mark(transaction, link_id)

    def claim(self, transaction: sa.Connection, link_id: str) -> Claim | None:
        """Begin a job: from here on a mark enqueues the next one, and earlier claims are lost.

        Returns None when there is nothing to do: all is dealt with, the link is gone, or it is
        pausing (then a job for the end of the pause is in place).
        """
        link = self._table.c
        token = secrets.token_hex(_TOKEN_BYTES)
        row = transaction.execute(
            self._table.update()
            .where(link.id == link_id)
            .values(queued=False, claim=token)
            .returning(link.dirty_seq, link.synced_seq, link.queued_at, link.next_at, link.woken_by)
        ).one_or_none()
        if row is None or row.dirty_seq <= row.synced_seq:
            return None
        if row.next_at is not None and row.next_at > now():
            self._enqueue(transaction, link_id, row.queued_at, row.next_at)
            return None
        return Claim(link_id, row.dirty_seq, row.woken_by, token)

    def holds(self, connection: sa.Connection, claim: Claim) -> bool:
        """Whether no other job has begun for the link since the claim was made."""
        link = self._table.c
        current = connection.scalar(sa.select(link.claim).where(link.id == claim.link_id))
        return bool(current == claim.token)

    def hold(self, transaction: sa.Connection, claim: Claim) -> None:
        """Let no other job begin for the link until the transaction ends.

        Raises:
            ClaimLost: one has begun since the claim was made, or the link is gone.
        """
        link = self._table.c
        query = sa.select(link.claim).where(link.id == claim.link_id).with_for_update()
        if transaction.scalar(query) != claim.token:
            raise ClaimLost

    def complete(self, transaction: sa.Connection, claim: Claim) -> bool:
        """Note that all was dealt with that had been said when the claim was made.

        Returns False when the claim is lost, and nothing was noted: who is about to store something
        beside it asks `hold` first.
        """
        link = self._table.c
        result = transaction.execute(
            self._table.update()
            .where(link.id == claim.link_id, link.claim == claim.token, link.synced_seq < claim.seq)
            .values(
                synced_seq=claim.seq,
                dirty_at=sa.case((link.dirty_seq > claim.seq, link.dirty_at), else_=None),
                next_at=None,
                waits=False,
            )
        )
        return result.rowcount == 1

    def postpone(self, transaction: sa.Connection, link_id: str, until: datetime) -> None:
        """Let the link pause: its outstanding work is taken up again at the instant `until`.

        A link with nothing outstanding has nothing to wait with, and stays as it is.
        """
        link = self._table.c
        row = transaction.execute(
            self._table.update()
            .where(link.id == link_id, link.dirty_seq > link.synced_seq)
            .values(next_at=until, waits=False)
            .returning(link.queued, link.queued_at)
        ).one_or_none()
        if row is not None and not row.queued:
            self._enqueue(transaction, link_id, row.queued_at, until)

    def wait(self, transaction: sa.Connection, claim: Claim, until: datetime) -> None:
        """Let the link wait for something to happen, at the longest until the instant `until`.

        Unlike a pause this ends with the next mark, and does not begin where something has been
        said since the claim was made: that may be what is waited for.
        """
        link = self._table.c
        nothing_new = link.dirty_seq == claim.seq
        row = transaction.execute(
            self._table.update()
            .where(link.id == claim.link_id, link.dirty_seq > link.synced_seq)
            .values(
                next_at=sa.case((nothing_new, sa.literal(until, link.next_at.type)), else_=None),
                waits=nothing_new,
            )
            .returning(link.queued, link.queued_at, link.next_at)
        ).one_or_none()
        if row is not None and not row.queued:
            self._enqueue(transaction, claim.link_id, row.queued_at, row.next_at)

    def outstanding(
        self, connection: sa.Connection, after: str, limit: int
    ) -> Sequence[Outstanding]:
        """Return links, in order of id beginning after `after`, that perhaps no job will wake."""
        link = self._table.c
        at = now()
        due = at + timedelta(seconds=HORIZON_SECONDS)
        stale = at - timedelta(seconds=LOST_AFTER_SECONDS)
        rows = connection.execute(
            sa.select(link.id, link.queued, link.queued_at)
            .where(
                link.id > after,
                # Says no more than the next line, but is what the partial index is made of.
                link.dirty_at.is_not(None),
                link.dirty_seq > link.synced_seq,
                sa.or_(link.next_at.is_(None), link.next_at <= due),
                sa.or_(link.queued.is_(False), link.queued_at.is_(None), link.queued_at < stale),
            )
            .order_by(link.id)
            .limit(limit)
        )
        return [Outstanding(row.id, row.queued, row.queued_at) for row in rows]

    def lost(self, links: Sequence[Outstanding]) -> list[Outstanding]:
        """Return those of `links` for which the engine holds no job."""
        jobs = {
            link.link_id: job_id(link.link_id, link.queued_at)
            for link in links
            if link.queued and link.queued_at is not None
        }
        waiting = self._queue.waiting(jobs.values()) if jobs else frozenset()
        return [link for link in links if jobs.get(link.link_id) not in waiting]

    def requeue(self, transaction: sa.Connection, seen: Outstanding) -> bool:
        """Enqueue a job for a link, unless somebody has done so since it was looked at."""
        link = self._table.c
        row = transaction.execute(
            self._table.update()
            .where(
                link.id == seen.link_id,
                link.dirty_seq > link.synced_seq,
                link.queued.is_(seen.queued),
                link.queued_at.is_not_distinct_from(
                    sa.literal(seen.queued_at, link.queued_at.type)
                ),
            )
            .values(queued=False)
            .returning(link.queued_at, link.next_at)
        ).one_or_none()
        if row is None:
            return False
        self._enqueue(transaction, seen.link_id, row.queued_at, row.next_at)
        return True

    def _at_once(self, *, pause_ends: bool) -> dict[str, object]:
        """What a mark makes of a pause or a wait."""
        link = self._table.c
        if pause_ends:
            return {"next_at": None, "waits": False}
        # Whatever job is in place sleeps until the end of the wait.
        return {
            "next_at": sa.case((link.waits, None), else_=link.next_at),
            "queued": sa.case((link.waits, False), else_=link.queued),
            "waits": False,
        }

    def _one_of_many(self, due: datetime, *, pause_ends: bool) -> dict[str, object]:
        """The same for a mark that need not be followed at once: what is earlier stays."""
        link = self._table.c
        at = sa.literal(due, link.next_at.type)
        on_its_way = sa.and_(link.dirty_at.is_not(None), link.next_at.is_(None))
        stays = sa.or_(on_its_way, sa.and_(link.dirty_at.is_not(None), link.next_at <= at))
        if not pause_ends:
            stays = sa.or_(stays, sa.and_(link.next_at.is_not(None), link.waits.is_(False)))
        return {
            "next_at": sa.case((stays, link.next_at), else_=at),
            "queued": sa.case((stays, link.queued), else_=False),
            "waits": sa.case((stays, link.waits), else_=True),
        }

    def _woken_by(self) -> sa.ColumnElement[str | None]:
        link = self._table.c
        marker = sa.literal(correlation.current(), link.woken_by.type)
        if not correlation.is_sweep(correlation.current()):
            return marker
        return sa.case((link.dirty_at.is_(None), marker), else_=link.woken_by)

    def _enqueue(
        self,
        transaction: sa.Connection,
        link_id: str,
        previous: datetime | None,
        not_before: datetime | None,
    ) -> None:
        at = now()
        delay = (not_before - at).total_seconds() if not_before is not None else 0.0
        if delay > HORIZON_SECONDS:
            return
        queued_at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        # Two jobs of a link never share a name, not even when the clock stands still.
        if previous is not None and queued_at <= previous:
            queued_at = previous + _MILLISECOND
        transaction.execute(
            self._table.update()
            .where(self._table.c.id == link_id)
            .values(queued=True, queued_at=queued_at)
        )
        self._queue.enqueue(
            transaction, job_id(link_id, queued_at), link_id, delay if delay > 0 else None
        )


def job_id(link_id: str, queued_at: datetime) -> str:
    """Name the job that was enqueued for a link at an instant.

    Because the name follows from the row, the engine can be asked for that very job.
    """
    return f"{link_id}-{round(queued_at.timestamp() * 1000)}"
