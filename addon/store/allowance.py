"""The calls a workspace may make: five a second and 10,000 in 30 days, over all processes.

Livestorm counts per workspace (developers.livestorm.co/docs/rate-limits-and-quotas), so the
count is a row in the database, which every web and worker process shares.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import sqlalchemy as sa
import structlog

from addon.livestorm import FailureKind, LivestormFailure, RateLimits, Urgency
from addon.store import engine as store
from addon.store.kept import Kept, KeptSelect, Row
from addon.store.tables import allowances as table

_log = structlog.get_logger(__name__)

PER_SECOND = 5
"""Livestorm's limit; the table has one column for each of the latest five grants."""

SECOND = 1.05
"""Five calls may begin in this many seconds: one second, and 50 ms because calls that left
spaced may arrive closer together."""

PERIOD_SECONDS = 30 * 24 * 3600
"""The monthly allowance is counted over 30 days from its first call."""

PERIOD_KNOWN_TO = 3600.0
"""How exactly the beginning of the running period is known. That first call may have been another
program's, so ours is only a guess; every answer says when the next period begins."""

RESERVED = {Urgency.PERSON_WAITING: 0, Urgency.CARRY_CHANGE: 1, Urgency.LOOK_AROUND: 3}
"""Of the five calls of a second, how many a class leaves for the classes above it."""

CARRYING_WAITS = 2.0
"""Seconds that a change waits for a call. Of the jobs that a worker runs for a workspace one is
served every quarter of a second; whoever waits longer competes with other workers, and comes back
later instead of holding a place that other people's changes need."""

KEPT_FOR_PEOPLE = 0.1
"""Looking around stops when this part of the month's calls is left: ten per cent create about
a hundred events and carry their changes, until the month is over."""


LONGEST_BLOCK_SECONDS = 3600.0
"""A refusal is believed for an hour. Livestorm may say weeks, but whoever buys more calls does not
tell us: a call an hour finds out, and 720 refused ones in a month cost nothing."""

LONG_BLOCK_SECONDS = 60.0
"""A person does not wait longer than this for a block that may be over: their call is made."""


def of_whoever_connects(user_id: str) -> str:
    """Return for what the calls of a person count before it is known which workspace is theirs."""
    return f"connecting:{user_id}"


@dataclass(frozen=True)
class AllowanceClock:
    """What an allowance counts and waits by; the two belong together.

    Attributes:
        now: Seconds since 1970.
        sleep: Waits so many seconds, after which `now` is as much later.
    """

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


REAL_TIME = AllowanceClock()


class DatabaseAllowance:
    """Implements `addon.livestorm.Allowance` on the `allowances` table."""

    def __init__(self, engine: sa.Engine, *, clock: AllowanceClock = REAL_TIME) -> None:
        """Count in `engine`, by `clock`."""
        self._engine = engine
        self._clock = clock.now
        self._sleep = clock.sleep
        self._latest = _Latest()

    def acquire(self, workspace: str, urgency: Urgency, *, wait_seconds: float) -> None:
        """Wait, at most `wait_seconds`, until one more call may be made, and count it.

        To carry a change it never waits longer than `CARRYING_WAITS`.

        Raises:
            LivestormFailure: RATE_LIMITED, with `retry_after` in seconds.
        """
        if urgency is Urgency.CARRY_CHANGE:
            wait_seconds = min(wait_seconds, CARRYING_WAITS)
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
        if limits.retry_after is None and limits.monthly_remaining is None:
            return
        now = self._clock()
        latest = self._latest.allowed if self._latest.workspace == workspace else None
        if latest is not None and not latest.news(limits, now):
            return
        found = _READ.first(self._engine, of_workspace=workspace)
        if found is None:
            return
        values = Allowed.of(found).news(limits, now)
        if values:
            with store.writing(self._engine) as connection:
                connection.execute(_WRITE, {"of_workspace": workspace, **values})

    def let_a_person_try(self, workspace: str) -> None:
        """End a long block, because somebody asks whether it is still there."""
        with store.writing(self._engine) as connection:
            found = _LOCK.run(connection, of_workspace=workspace)
            if found is not None and Allowed.of(found).is_long_blocked(self._clock()):
                connection.execute(_WRITE, {"of_workspace": workspace, "blocked_until": 0.0})

    def remaining(self, workspace: str) -> int | None:
        """How many calls of the running 30 days are left; None when nothing was asked yet."""
        found = _READ.first(self._engine, of_workspace=workspace)
        if found is None:
            return None
        row = Allowed.of(found)
        if self._clock() - row.period_started >= PERIOD_SECONDS:
            return row.monthly_limit
        return max(row.monthly_limit - row.used, 0)

    def _try(self, workspace: str, urgency: Urgency) -> float | None:
        """Count one call if it may be made now, else return the seconds to wait."""
        # What a power cut undoes here are calls of the last moment, which are history by then.
        with store.writing(self._engine, durable=False) as connection:
            found = _LOCK.run(connection, of_workspace=workspace)
            if found is None:
                new = store.insert(connection, table).values(workspace=workspace)
                connection.execute(new.on_conflict_do_nothing())
                found = _LOCK.run(connection, of_workspace=workspace)
            if found is None:
                raise sa.exc.NoResultFound("the row of an allowance that was just made")
            # Only now: getting hold of the row may have taken longer than the grants reach back.
            now = self._clock()
            allowed = Allowed.of(found)
            pause = allowed.pause(urgency, now)
            if pause is None:
                allowed = allowed.after_one_more(now)
                _COUNT.run(
                    connection,
                    of_workspace=workspace,
                    period_started=allowed.period_started,
                    used=allowed.used,
                    **dict(zip(_GRANTS, allowed.granted, strict=True)),
                )
                self._latest.workspace, self._latest.allowed = workspace, allowed
            return pause


class _Latest(threading.local):
    """What a thread counted last: the answer it observes next is to that call."""

    workspace: str = ""
    allowed: "Allowed | None" = None


@dataclass(frozen=True)
class Allowed:
    """A row of the table.

    Attributes:
        granted: The latest grants, oldest first, in seconds since 1970 like all times here.
        period_started: When the running 30 days began.
        used: Calls since then.
        monthly_limit: Calls of 30 days.
        blocked_until: Livestorm refuses everything until then.
    """

    granted: tuple[float, ...]
    period_started: float
    used: int
    monthly_limit: int
    blocked_until: float

    @classmethod
    def of(cls, row: Row) -> Self:
        """Read a row of `_READ` or `_LOCK`."""
        return cls(row[:PER_SECOND], *row[PER_SECOND:])

    def is_long_blocked(self, now: float) -> bool:
        """Whether it is worth asking in between whether the block is still there."""
        return self.blocked_until > now + LONG_BLOCK_SECONDS

    def pause(self, urgency: Urgency, now: float) -> float | None:
        """Seconds until one more call of this class may be made; None when it may be made now."""
        asks_anew = urgency is Urgency.PERSON_WAITING and self.is_long_blocked(now)
        if self.blocked_until > now and not asks_anew:
            return self.blocked_until - now
        free_at = self.granted[RESERVED[urgency]]
        # A grant from further ahead than that was counted before the clock was set back.
        if now - SECOND < free_at <= now + SECOND:
            return free_at + SECOND - now
        period_ends = self.period_started + PERIOD_SECONDS
        spare = self.used < self.monthly_limit * (1 - KEPT_FOR_PEOPLE)
        if urgency is Urgency.LOOK_AROUND and now < period_ends and not spare:
            return max(period_ends - now, SECOND)
        return None

    def after_one_more(self, now: float) -> "Allowed":
        """Return the row after one more call at `now`."""
        begins = now >= self.period_started + PERIOD_SECONDS
        return replace(
            self,
            granted=(*self.granted[1:], now),
            used=1 if begins else self.used + 1,
            period_started=now if begins else self.period_started,
        )

    def news(self, limits: RateLimits, now: float) -> dict[str, float]:
        """Return what an answer says that is not in the row yet, by column."""
        limit = limits.monthly_limit or self.monthly_limit
        used = self.used
        if limits.monthly_remaining is not None:
            used = max(limit - limits.monthly_remaining, 0)
        drifted = limit != self.monthly_limit or abs(used - self.used) > limit * _WORTH_WRITING
        # Of a shorter block this may be the answer to a call that left before the refusal.
        answered_again = bool(limits.monthly_remaining) and self.is_long_blocked(now)
        begun = _period_begun(limits, now)
        moved = begun is not None and abs(begun - self.period_started) > PERIOD_KNOWN_TO
        if limits.retry_after is None and not drifted and not answered_again and not moved:
            return {}
        values: dict[str, float] = {"monthly_limit": limit, "used": used}
        if begun is not None and moved:
            values["period_started"] = begun
        if limits.retry_after is not None:
            values["blocked_until"] = now + min(limits.retry_after, LONGEST_BLOCK_SECONDS)
        elif answered_again:
            values["blocked_until"] = 0.0
        return values


def _period_begun(limits: RateLimits, now: float) -> float | None:
    """Return when the running period began, by what an answer says of its end; None: unknown.

    An end that is past, or all but there, may be that of a second, and is believed of none.
    """
    if limits.monthly_remaining is None or limits.monthly_resets_at is None:
        return None
    ends = limits.monthly_resets_at.timestamp()
    if not now + PERIOD_KNOWN_TO < ends <= now + PERIOD_SECONDS + PERIOD_KNOWN_TO:
        return None
    return ends - PERIOD_SECONDS


_WORTH_WRITING = 0.005
"""Half a per cent of the month (50 calls) of difference between Livestorm's count and ours."""

_GRANTS = tuple(f"granted_{n}" for n in range(1, PER_SECOND + 1))
"""The columns of the latest grants, oldest first."""

_COLUMNS = [
    table.c[name] for name in (*_GRANTS, "period_started", "used", "monthly_limit", "blocked_until")
]
_OURS = table.c.workspace == sa.bindparam("of_workspace")
_SELECT = sa.select(*_COLUMNS).where(_OURS)
_READ = KeptSelect(_SELECT)
_LOCK = Kept(lambda _: _SELECT.with_for_update(), *_COLUMNS)
_WRITE = sa.update(table).where(_OURS)
_COUNT = Kept(lambda _: _WRITE, keys=(*_GRANTS, "period_started", "used"))
