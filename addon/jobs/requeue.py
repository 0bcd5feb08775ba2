"""Find links with outstanding work that no job will wake, and wake them.

Nothing should ever be found. What could be: a job that ended by a defect, one the engine gave up
on, one that vanished with a restored backup of the engine's tables, and the ends of long pauses,
which are left to this on purpose.
"""

import sqlalchemy as sa

from addon.jobs.wakes import LinkWakes
from addon.store.engine import reading

_BATCH = 100
"""Links re-enqueued per transaction: three statements each, so that SQLite's one write lock is
held for some tens of milliseconds and not longer."""


def requeue_lost(engine: sa.Engine, wakes: LinkWakes) -> int:
    """Re-enqueue every link that waits for no job, and return how many those were."""
    requeued = 0
    after = ""
    while True:
        with reading(engine) as connection:
            links = wakes.outstanding(connection, after, _BATCH)
        lost = wakes.lost(links)
        if lost:
            with engine.begin() as transaction:
                requeued += sum(wakes.requeue(transaction, link) for link in lost)
        if len(links) < _BATCH:
            return requeued
        after = links[-1].link_id
