"""Five calls a second and a workspace's month, over threads and processes, on both databases."""

import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import pairwise

import pytest
import sqlalchemy as sa

from addon.livestorm import FailureKind, LivestormFailure, RateLimits, Urgency
from addon.store.allowance import (
    CARRYING_WAITS,
    KEPT_FOR_PEOPLE,
    PER_SECOND,
    PERIOD_SECONDS,
    SECOND,
    AllowanceClock,
    DatabaseAllowance,
)
from addon.store.engine import create_engine, writing
from addon.store.tables import allowances

PERSON, CHANGE, LOOK = Urgency.PERSON_WAITING, Urgency.CARRY_CHANGE, Urgency.LOOK_AROUND
ACME = "acme"


class Clock:
    """A clock that stands still unless somebody sleeps or sets it."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def allowance(engine: sa.Engine, clock: Clock) -> DatabaseAllowance:
    return DatabaseAllowance(engine, clock=AllowanceClock(clock, clock.sleep))


def grants_at_once(allowance: DatabaseAllowance, urgency: Urgency, workspace: str = ACME) -> int:
    """How many calls of a class are granted without waiting."""
    granted = 0
    refused: LivestormFailure | None = None
    while refused is None and granted < 20:
        try:
            allowance.acquire(workspace, urgency, wait_seconds=0)
            granted += 1
        except LivestormFailure as failure:
            refused = failure
    assert refused is not None
    assert refused.kind is FailureKind.RATE_LIMITED
    assert not refused.maybe_done
    assert refused.retry_after is not None
    assert refused.retry_after > 0
    return granted


def test_five_a_second(allowance: DatabaseAllowance, clock: Clock) -> None:
    assert grants_at_once(allowance, PERSON) == PER_SECOND
    clock.now += SECOND - 0.01
    assert grants_at_once(allowance, PERSON) == 0
    clock.now += 0.02
    assert grants_at_once(allowance, PERSON) == PER_SECOND


def test_any_second_counts_not_only_those_of_the_clock(
    allowance: DatabaseAllowance, clock: Clock
) -> None:
    at: list[float] = []
    for _ in range(40):
        allowance.acquire(ACME, PERSON, wait_seconds=10)
        at.append(clock.now)
        clock.now += 0.13
    assert all(later - earlier >= 1.0 for earlier, later in zip(at, at[PER_SECOND:], strict=False))


def test_waiting_is_as_short_as_can_be(allowance: DatabaseAllowance, clock: Clock) -> None:
    began = clock.now
    for _ in range(PER_SECOND + 1):
        allowance.acquire(ACME, PERSON, wait_seconds=2)
    assert clock.slept == [pytest.approx(SECOND, abs=1e-3)]
    assert clock.now - began == pytest.approx(SECOND, abs=1e-3)


def test_who_cannot_wait_so_long_is_told_how_long(
    allowance: DatabaseAllowance, clock: Clock
) -> None:
    grants_at_once(allowance, PERSON)
    with pytest.raises(LivestormFailure) as refused:
        allowance.acquire(ACME, PERSON, wait_seconds=0.5)
    assert refused.value.retry_after == pytest.approx(SECOND, abs=1e-3)
    assert clock.slept == []


def test_a_change_waits_for_a_moment_only(allowance: DatabaseAllowance, clock: Clock) -> None:
    allowance.acquire(ACME, PERSON, wait_seconds=0)
    allowance.observe(ACME, RateLimits(retry_after=CARRYING_WAITS + 1))
    with pytest.raises(LivestormFailure) as failed:
        allowance.acquire(ACME, CHANGE, wait_seconds=60)
    assert failed.value.kind is FailureKind.RATE_LIMITED
    assert clock.slept == []
    allowance.acquire(ACME, PERSON, wait_seconds=60)


def test_workspaces_have_each_their_own(allowance: DatabaseAllowance) -> None:
    assert grants_at_once(allowance, PERSON, "a") == PER_SECOND
    assert grants_at_once(allowance, PERSON, "b") == PER_SECOND


def test_less_urgent_calls_leave_room_for_the_others(allowance: DatabaseAllowance) -> None:
    assert grants_at_once(allowance, LOOK) == 2
    assert grants_at_once(allowance, CHANGE) == 2
    assert grants_at_once(allowance, PERSON) == 1


def test_a_clock_that_was_set_back_blocks_nobody(
    allowance: DatabaseAllowance, clock: Clock
) -> None:
    grants_at_once(allowance, PERSON)
    clock.now -= 3600
    assert grants_at_once(allowance, PERSON) == PER_SECOND


# The month


def test_looking_around_stops_where_people_need_the_rest(
    allowance: DatabaseAllowance, engine: sa.Engine, clock: Clock
) -> None:
    allowance.acquire(ACME, PERSON, wait_seconds=0)
    began = clock.now
    spare = round(10_000 * (1 - KEPT_FOR_PEOPLE))
    with writing(engine) as connection:
        connection.execute(sa.update(allowances).values(used=spare - 1))
    clock.now += 60
    allowance.acquire(ACME, LOOK, wait_seconds=0)
    clock.now += 60
    with pytest.raises(LivestormFailure) as refused:
        allowance.acquire(ACME, LOOK, wait_seconds=3600)
    assert refused.value.retry_after == pytest.approx(began + PERIOD_SECONDS - clock.now, abs=2)
    allowance.acquire(ACME, CHANGE, wait_seconds=0)
    allowance.acquire(ACME, PERSON, wait_seconds=0)
    assert allowance.remaining(ACME) == 10_000 - spare - 2
    clock.now = began + PERIOD_SECONDS + 1
    assert allowance.remaining(ACME) == 10_000
    allowance.acquire(ACME, LOOK, wait_seconds=0)
    assert allowance.remaining(ACME) == 9_999


def test_nothing_is_known_of_a_workspace_that_was_never_asked(
    allowance: DatabaseAllowance,
) -> None:
    assert allowance.remaining("nobody") is None
    allowance.observe("nobody", RateLimits(monthly_remaining=5, retry_after=60))
    assert allowance.remaining("nobody") is None


def test_a_month_that_another_program_began_ends_when_livestorm_says(
    allowance: DatabaseAllowance, clock: Clock
) -> None:
    """Else nobody would look around for 29 days although calls are to be had tomorrow."""
    allowance.acquire(ACME, PERSON, wait_seconds=0)
    tomorrow = datetime.fromtimestamp(clock.now + 86_400, UTC)
    limits = RateLimits(monthly_limit=10_000, monthly_remaining=500, monthly_resets_at=tomorrow)
    allowance.observe(ACME, limits)
    with pytest.raises(LivestormFailure) as refused:
        allowance.acquire(ACME, LOOK, wait_seconds=0)
    assert refused.value.retry_after == pytest.approx(86_400, abs=2)
    clock.now += 86_400 + 1
    allowance.acquire(ACME, LOOK, wait_seconds=0)
    assert allowance.remaining(ACME) == 9_999


@pytest.mark.parametrize("seconds", [-60.0, 1.0, 40 * 86_400.0])
def test_an_end_of_the_month_that_cannot_be_is_not_believed(
    allowance: DatabaseAllowance, clock: Clock, seconds: float
) -> None:
    allowance.acquire(ACME, PERSON, wait_seconds=0)
    ends = datetime.fromtimestamp(clock.now + seconds, UTC)
    allowance.observe(ACME, RateLimits(monthly_remaining=500, monthly_resets_at=ends))
    clock.now += 100
    assert allowance.remaining(ACME) == 500


def test_livestorms_own_count_corrects_ours(allowance: DatabaseAllowance) -> None:
    allowance.acquire(ACME, PERSON, wait_seconds=0)
    allowance.observe(ACME, RateLimits(monthly_limit=20_000, monthly_remaining=12_345))
    assert allowance.remaining(ACME) == 12_345
    # A difference of a few calls under way is not worth a write each.
    allowance.observe(ACME, RateLimits(monthly_limit=20_000, monthly_remaining=12_340))
    assert allowance.remaining(ACME) == 12_345
    allowance.observe(ACME, RateLimits())
    assert allowance.remaining(ACME) == 12_345


def test_a_refusal_blocks_every_class_for_as_long_as_it_says(
    allowance: DatabaseAllowance, clock: Clock
) -> None:
    allowance.acquire(ACME, PERSON, wait_seconds=0)
    allowance.observe(ACME, RateLimits(retry_after=30))
    for urgency in Urgency:
        with pytest.raises(LivestormFailure) as refused:
            allowance.acquire(ACME, urgency, wait_seconds=5)
        assert refused.value.retry_after == pytest.approx(30, abs=1e-3)
    allowance.acquire(ACME, PERSON, wait_seconds=31)
    assert clock.slept == [pytest.approx(30, abs=1e-3)]


def test_a_month_that_is_used_up_is_asked_about_every_hour(
    allowance: DatabaseAllowance, clock: Clock
) -> None:
    allowance.acquire(ACME, CHANGE, wait_seconds=0)
    allowance.observe(ACME, RateLimits(monthly_remaining=0, retry_after=12 * 24 * 3600.0))
    with pytest.raises(LivestormFailure) as refused:
        allowance.acquire(ACME, CHANGE, wait_seconds=0)
    assert refused.value.retry_after == pytest.approx(3600, abs=1e-3)
    clock.now += 3601
    allowance.acquire(ACME, CHANGE, wait_seconds=0)


def test_a_person_may_ask_whether_a_long_block_is_over(
    allowance: DatabaseAllowance, clock: Clock
) -> None:
    allowance.acquire(ACME, PERSON, wait_seconds=0)
    clock.now += 2
    allowance.observe(ACME, RateLimits(monthly_remaining=0, retry_after=12 * 24 * 3600.0))
    allowance.acquire(ACME, PERSON, wait_seconds=0)
    # It was not, and others are not let through by that.
    with pytest.raises(LivestormFailure):
        allowance.acquire(ACME, CHANGE, wait_seconds=0)
    allowance.observe(ACME, RateLimits(monthly_limit=20_000, monthly_remaining=9_999))
    allowance.acquire(ACME, CHANGE, wait_seconds=0)


def test_a_press_lets_the_job_ask(allowance: DatabaseAllowance, clock: Clock) -> None:
    allowance.acquire(ACME, PERSON, wait_seconds=0)
    clock.now += 2
    allowance.observe(ACME, RateLimits(retry_after=40))
    allowance.let_a_person_try(ACME)
    with pytest.raises(LivestormFailure):
        allowance.acquire(ACME, CHANGE, wait_seconds=0)
    allowance.observe(ACME, RateLimits(retry_after=400))
    allowance.let_a_person_try(ACME)
    allowance.let_a_person_try("nobody yet")
    allowance.acquire(ACME, CHANGE, wait_seconds=0)


@pytest.mark.parametrize(
    "limits",
    [
        RateLimits(monthly_limit=999_999_999_999, monthly_remaining=0),
        RateLimits(monthly_limit=0, monthly_remaining=999_999_999_999),
        RateLimits(retry_after=30 * 24 * 3600.0),
    ],
)
def test_observing_never_fails(allowance: DatabaseAllowance, limits: RateLimits) -> None:
    allowance.acquire(ACME, PERSON, wait_seconds=0)
    allowance.observe(ACME, limits)


def test_observing_never_fails_without_a_database(
    allowance: DatabaseAllowance, engine: sa.Engine
) -> None:
    allowance.acquire(ACME, PERSON, wait_seconds=0)
    with writing(engine) as connection:
        connection.execute(sa.text("DROP TABLE allowances"))
    allowance.observe(ACME, RateLimits(retry_after=1))


# Over threads and processes, on the real clock


def _work(url: str, calls: int, threads: int) -> list[float]:
    """Make calls from several threads; return when each was granted."""
    engine = create_engine(url)
    allowance = DatabaseAllowance(engine)

    def call(_: int) -> float:
        allowance.acquire(ACME, PERSON, wait_seconds=30)
        return time.time()

    with ThreadPoolExecutor(threads) as pool:
        granted = list(pool.map(call, range(calls)))
    engine.dispose()
    return granted


@pytest.fixture
def processes() -> Iterator[ProcessPoolExecutor]:
    # A fork would take the threads of other fixtures along.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        yield pool


def test_never_more_over_processes_and_threads(
    database_url: str, engine: sa.Engine, processes: ProcessPoolExecutor
) -> None:
    works = [processes.submit(_work, database_url, 10, 5) for _ in range(2)]
    granted = sorted(at for work in works for at in work.result(timeout=60))
    assert len(granted) == 20
    # Each is noticed a little after it was granted, one more than another.
    for earlier, later in zip(granted, granted[PER_SECOND:], strict=False):
        assert later - earlier > 0.9
    with engine.connect() as connection:
        row = connection.execute(sa.select(allowances)).one()
    assert row.used == 20
    latest = [getattr(row, f"granted_{n}") for n in range(1, PER_SECOND + 1)]
    assert all(earlier <= later for earlier, later in pairwise(latest))


def test_a_writer_in_the_way_lets_no_more_calls_through(engine: sa.Engine) -> None:
    """What waited for the database is counted when it is granted, not when it asked."""
    allowance = DatabaseAllowance(engine)
    allowance.acquire(ACME, PERSON, wait_seconds=0)
    time.sleep(SECOND)
    granted: list[float] = []

    def call(_: int) -> None:
        allowance.acquire(ACME, PERSON, wait_seconds=30)
        granted.append(time.time())

    with ThreadPoolExecutor(12) as pool:
        with writing(engine) as connection:
            connection.execute(sa.update(allowances).values(monthly_limit=10_001))
            done = [pool.submit(call, n) for n in range(12)]
            time.sleep(1.5)
        for one in done:
            one.result(timeout=30)
    granted.sort()
    assert all(b - a > 0.9 for a, b in zip(granted, granted[PER_SECOND:], strict=False))
