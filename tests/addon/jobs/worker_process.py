"""A worker as the tests start it: the real `run_worker`, and runs that leave a trace.

python -m tests.addon.jobs.worker_process DATABASE_URL DEAD_AFTER_SECONDS
"""

import logging
import os
import sys
import time

import sqlalchemy as sa

from addon.jobs import Claim, LinkWakes
from addon.jobs.dbos_queue import DbosQueue
from addon.store.engine import create_engine
from server.worker import Pace, Schedule, run_worker
from tests.addon.jobs.tables import links, runs, turns, workers


def main(url: str, dead_after: str) -> int:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    engine = create_engine(url)
    wakes = LinkWakes(links, DbosQueue(engine))

    def begin(what: str) -> int:
        with engine.begin() as transaction:
            number: int = transaction.execute(
                runs.insert()
                .values(what=what, pid=os.getpid(), began=time.time())
                .returning(runs.c.id)
            ).scalar_one()
            return number

    def run(claim: Claim) -> None:
        number = begin(claim.link_id)
        with engine.connect() as connection:
            takes = connection.scalar(sa.select(links.c.takes).where(links.c.id == claim.link_id))
        time.sleep(takes or 0.0)
        with engine.begin() as transaction:
            transaction.execute(runs.update().where(runs.c.id == number).values(ended=time.time()))
            wakes.complete(transaction, claim)

    def each_second() -> None:
        begin("each-second")

    return run_worker(
        database=engine,
        wakes=wakes,
        workers=workers,
        turns=turns,
        run=run,
        schedules=[Schedule("* * * * * *", "each-second", each_second)],
        pace=Pace(poll=0.1, beat=0.2, dead_after=float(dead_after), grace=3.0),
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
