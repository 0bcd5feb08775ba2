"""What the worker does: schedules and jobs, wired to the product."""

import structlog

from addon.jobs import Claim, LinkWakes
from addon.jobs.dbos_queue import DbosQueue
from addon.product import build
from addon.store.tables import links, workers
from server import logs
from server.migration import migrate
from server.settings import Settings
from server.worker import Schedule, run_worker

ADOPT_CRON = "*/15 * * * * *"
"""Every 15 s: a person who was told to try again finds the room ready, and an idle look costs one
indexed read."""

ADOPTED_AT_ONCE = 20
"""As many as one look can finish within a workspace's five calls a second."""

_log = structlog.get_logger(__name__)


def run(settings: Settings) -> int:
    """Work until SIGTERM; return the exit code."""
    logs.configure()
    migrate(settings.database_url)
    product = build(settings.options())

    def adopt() -> None:
        adopted = product.conferences.adopt_abandoned(most=ADOPTED_AT_ONCE)
        if adopted:
            _log.info("orphans_adopted", count=adopted)

    def compare(claim: Claim) -> None:
        raise NotImplementedError(claim)

    return run_worker(
        database=product.engine,
        wakes=LinkWakes(links, DbosQueue(product.engine)),
        workers=workers,
        run=compare,
        schedules=[Schedule(ADOPT_CRON, "adopt-orphans", adopt)],
    )
