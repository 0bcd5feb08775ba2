"""What the program asks of a job engine, and what an engine asks of the program."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa


@dataclass(frozen=True)
class Claim:
    """The right to bring one link up to date, as far as it was marked when the job began."""

    link_id: str
    seq: int
    """The link's `dirty_seq` at that moment; what is said later is the next job's business."""
    woken_by: str | None = field(default=None, compare=False)
    """On whose behalf, for logs and figures; see `addon.correlation`."""
    token: str = field(default="", compare=False)
    """Whose it is: the link's row has that of the latest claim, see `LinkWakes.holds`."""


class ClaimLost(Exception):
    """Another job has begun for the link: whoever made this claim was taken for dead.

    It knows nothing any more of what both sides say, so it neither writes nor stores anything.
    """


Runner = Callable[[Claim], None]
"""What runs for a link. It ends the claim itself, inside its own transaction: with
`LinkWakes.complete` beside the new base, or with `LinkWakes.postpone`. It may be called again for
the same claim after a crash, so whatever it does must bear being done twice; and while a call for
the claim before still runs, in a process that was frozen and goes on, so it asks `LinkWakes.holds`
before it writes anywhere."""


class Wakes(Protocol):
    """The producing side: all that web requests, polls and hooks may do."""

    def mark(
        self,
        transaction: sa.Connection,
        link_id: str,
        *,
        at_once: bool = False,
        due: datetime | None = None,
    ) -> None:
        """Say, inside the caller's own transaction, that a link may have changed."""


class JobQueue(Protocol):
    """The part of an engine that `LinkWakes` stands on; usable without running any job."""

    def enqueue(
        self, transaction: sa.Connection, job_id: str, link_id: str, delay_seconds: float | None
    ) -> None:
        """Add a job for a link inside the caller's transaction.

        Nothing happens when the transaction rolls back. The same `job_id` twice is one job.
        """

    def waiting(self, job_ids: Collection[str]) -> frozenset[str]:
        """Return those of `job_ids` the engine still holds: delayed, waiting or started."""


class JobEngine(Protocol):
    """The consuming side: lives in worker processes only."""

    def every(self, cron: str, name: str, function: Callable[[], None]) -> None:
        """Have `function` called on a schedule, once per due time over all workers.

        Args:
            cron: five fields, or six with seconds first; read in UTC.
            name: stays the same over releases; one per schedule.
            function: must bear to be called again, or while its previous call still runs on
                another worker. A due time that passes while no worker lives is dropped.
        """

    def start(self, run: Runner) -> None:
        """Begin to run jobs: `run` for each link that was marked, one at a time per link."""

    def stop(self, grace_seconds: float) -> int:
        """Take no further jobs and wait up to `grace_seconds` for those that run.

        Returns how many still run then; once this process has ended, they are run again.
        """
