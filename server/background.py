"""What the worker does: schedules and jobs, wired to the product."""

import structlog

from addon import clock
from addon.product import build
from addon.store import rekeying, retention
from addon.store.tables import turns, workers
from addon.store.vault import Vault
from addon.sync.agreement import BaseAgreement
from addon.sync.notice import Noticing, Pauses
from addon.sync.notice.sweep import rhythm
from server import logs, metrics
from server.migration import migrate
from server.settings import Settings
from server.worker import Schedule, run_worker

ADOPT_CRON = "*/15 * * * * *"
"""Every 15 s: a person who was told to try again finds the room ready, and an idle look costs one
indexed read."""

ADOPTED_AT_ONCE = 20
"""As many as one look can finish within a workspace's five calls a second."""

SWEEP_LINKS_CRON = "* * * * *"
"""A minute, times the links of one sweep, bounds what comparing anew may cost."""

TIDY_CRON = "3-59/10 * * * *"
"""Every ten minutes, off the hour: channels live for days, nothing here is urgent."""

RESEAL_CRON = "17 * * * *"
"""Hourly: whoever exchanged the keys can take the old one away the same day. Looking at a secret
takes some 50 microseconds."""

ERASE_CRON = "*/30 * * * * *"
"""Somebody watches an erasure; one that lost its process is taken up soon after its lease."""

ERASED_AT_ONCE = 5
"""An erasure takes seconds; what is left waits half a minute."""

TRIM_CRON = "23 3 * * *"
"""Nightly (UTC), when Europe sleeps: a day's worth is removed in batches of some milliseconds."""

_log = structlog.get_logger(__name__)


def sweep_calendars_cron(sweep_seconds: float) -> str:
    """Return a schedule in the rhythm of sweeps, over which each spreads its lists."""
    return f"*/{int(rhythm(sweep_seconds).total_seconds())} * * * * *"


def run(settings: Settings) -> int:
    """Work until SIGTERM; return the exit code."""
    logs.configure()
    metrics.listen()
    migrate(settings.database_url)
    product = build(settings.options())

    def adopt() -> None:
        adopted = product.adopting.adopt_abandoned(most=ADOPTED_AT_ONCE)
        if adopted:
            _log.info("orphans_adopted", count=adopted)

    def reseal() -> None:
        done = rekeying.reseal(product.engine, Vault(settings.token_keys))
        if done.resealed or done.unreadable:
            _log.info("secrets_resealed", count=done.resealed, unreadable=len(done.unreadable))

    def erase() -> None:
        finished = product.erasing.finish_abandoned(most=ERASED_AT_ONCE)
        if finished:
            _log.info("erasures_finished", count=finished)

    def trim() -> None:
        now = clock.now()
        lines = retention.trim_history(product.engine, now)
        over = retention.trim_links(product.engine, now)
        if lines or over:
            _log.info("trimmed", history=lines, links=over)

    noticing = Noticing(
        engine=product.engine,
        wakes=product.wakes,
        activation=product.activation,
        connections=product.connections,
        api=product.calendar,
        base_url=settings.base_url,
        webhook_key=settings.secret_key,
        pauses=Pauses(sweep=settings.sweep_seconds, poll=settings.livestorm_poll_seconds),
        agreement=BaseAgreement(),
    )
    noticing.start()
    try:
        return run_worker(
            database=product.engine,
            wakes=product.wakes,
            workers=workers,
            turns=turns,
            run=product.job.run,
            schedules=[
                Schedule(ADOPT_CRON, "adopt-orphans", adopt),
                Schedule(
                    sweep_calendars_cron(settings.sweep_seconds),
                    "sweep-calendars",
                    noticing.sweep.calendars,
                ),
                Schedule(SWEEP_LINKS_CRON, "sweep-links", noticing.sweep.links),
                Schedule(TIDY_CRON, "tidy-channels", noticing.tidy),
                Schedule(RESEAL_CRON, "reseal-secrets", reseal),
                Schedule(TRIM_CRON, "trim", trim),
                Schedule(ERASE_CRON, "finish-erasures", erase),
            ],
        )
    finally:
        noticing.stop()
