"""The calls a workspace may make: five a second and 10,000 in 30 days, over all processes.

Livestorm counts per workspace (developers.livestorm.co/docs/rate-limits-and-quotas), so the
count is a row in the database, which every web and worker process shares.
"""

import time
from collections.abc import Callable

import sqlalchemy as sa
import structlog

from addon.livestorm import FailureKind, LivestormFailure, RateLimits, Urgency
from addon.store import engine as store
from addon.store.tables import allowances as table

_log = structlog.get_logger(__name__)

PER_SECOND = 5
"""Livestorm's limit; the table has one column for each of the latest five grants."""

SECOND = 1.05
"""Five calls may begin in this many seconds: one second, and 50 ms because calls that left
spaced may arrive closer together."""

PERIOD_SECONDS = 30 * 24 * 3600
"""The monthly allowance is counted over 30 days from its first call."""

RESERVED = {Urgency.PERSON_WAITING: 0, Urgency.CARRY_CHANGE: 1, Urgency.LOOK_AROUND: 3}
"""Of the five calls of a second, how many a class leaves for the classes above it."""

KEPT_FOR_PEOPLE = 0.1
"""Looking around stops when this part of the month's calls is left: ten per cent create about
a hundred events and carry their changes, until the month is over."""


class DatabaseAllowance:
    """Implements `addon.livestorm.Allowance` on the `allowances` table."""

    def __init__(
        self,
        engine: sa.Engine,
        *,
        wall_clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Count in `engine`; the clock (seconds since 1970) and sleep are exchangeable."""
        self._engine = engine
        self._clock = wall_clock
        self._sleep = sleep

    def acquire(self, workspace: str, urgency: Urgency, *, wait_seconds: float) -> None:
        """Wait, at most `wait_seconds`, until one more call may be made, and count it.

        Raises:
            LivestormFailure: RATE_LIMITED, with `retry_after` in seconds.
        """
        give_up = self._clock() + wait_seconds
        while True:
            pause = self._try(workspace, urgency)
            if pause is None:
                return
            if self._clock() + pause > give_up:
                raise LivestormFailure(
                    FailureKind.RATE_LIMITED,
                    status=None,
                    detail="our own limit for this workspace is reached",
                    retry_after=pause,
                    maybe_done=False,
                )
            self._sleep(pause)

    def observe(self, workspace: str, limits: RateLimits) -> None:
        """Learn from an answer: a refusal blocks, and Livestorm's own count corrects ours.

        Written only when it says something new, because most answers do not. Never raises: it
        stands between an answer and the reading of it, which must not be lost.
        """
        try:
            self._learn(workspace, limits)
        except sa.exc.SQLAlchemyError as error:
            _log.warning("limits_not_noted", workspace=workspace, error=type(error).__name__)

    def _learn(self, workspace: str, limits: RateLimits) -> None:
        blocked = limits.retry_after is not None
        if not blocked and limits.monthly_remaining is None:
            return
        now = self._clock()
        with store.reading(self._engine) as connection:
            row = connection.execute(
                sa.select(table).where(table.c.workspace == workspace)
            ).one_or_none()
        if row is None:
            return
        limit = limits.monthly_limit or row.monthly_limit
        used = row.used
        if limits.monthly_remaining is not None:
            used = max(limit - limits.monthly_remaining, 0)
        drifted = limit != row.monthly_limit or abs(used - row.used) > limit * _WORTH_WRITING
        if not blocked and not drifted:
            return
        values: dict[str, object] = {"monthly_limit": limit, "used": used}
        if limits.retry_after is not None:
            values["blocked_until"] = now + limits.retry_after
        with store.writing(self._engine) as connection:
            connection.execute(
                sa.update(table).where(table.c.workspace == workspace).values(values)
            )

    def remaining(self, workspace: str) -> int | None:
        """How many calls of the running 30 days are left; None when nothing was asked yet."""
        with store.reading(self._engine) as connection:
            row = connection.execute(
                sa.select(table).where(table.c.workspace == workspace)
            ).one_or_none()
        if row is None:
            return None
        if self._clock() - row.period_started >= PERIOD_SECONDS:
            return int(row.monthly_limit)
        return max(int(row.monthly_limit) - int(row.used), 0)

    def _try(self, workspace: str, urgency: Urgency) -> float | None:
        """Count one call if it may be made now, else return the seconds to wait."""
        now = self._clock()
        grants = [table.c[f"granted_{n}"] for n in range(1, PER_SECOND + 1)]
        reserved = RESERVED[urgency]
        over = table.c.period_started <= now - PERIOD_SECONDS
        allowed = [table.c.blocked_until <= now, grants[reserved] <= now - SECOND]
        if urgency is Urgency.LOOK_AROUND:
            spare = table.c.used < table.c.monthly_limit * (1 - KEPT_FOR_PEOPLE)
            allowed.append(sa.or_(over, spare))
        moved = {grants[n].name: grants[n + 1] for n in range(PER_SECOND - 1)}
        values: dict[str, object] = {**moved, grants[-1].name: now}
        values["used"] = sa.case((over, 1), else_=table.c.used + 1)
        values["period_started"] = sa.case((over, now), else_=table.c.period_started)
        with store.writing(self._engine) as connection:
            counted = connection.execute(
                sa.update(table).where(table.c.workspace == workspace, *allowed).values(values)
            )
            if counted.rowcount == 1:
                return None
            row = connection.execute(
                sa.select(table).where(table.c.workspace == workspace)
            ).one_or_none()
            if row is None:
                connection.execute(
                    store.insert(connection, table)
                    .values(workspace=workspace)
                    .on_conflict_do_nothing()
                )
                return 0.0
        if row.blocked_until > now:
            return float(row.blocked_until - now)
        free_at = getattr(row, grants[reserved].name)
        if free_at > now - SECOND:
            return float(free_at + SECOND - now)
        return float(max(row.period_started + PERIOD_SECONDS - now, SECOND))


_WORTH_WRITING = 0.005
"""Half a per cent of the month (50 calls) of difference between Livestorm's count and ours."""
