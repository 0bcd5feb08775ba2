"""The pace of looking around follows what is left of the month."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addon.sync.notice.budget import (
    CALLS_PER_EVENT,
    LONGEST_LISTING,
    LONGEST_POLL,
    PERIOD_SECONDS,
    POLL_CALLS,
    Load,
    Standing,
    events_a_month,
    pace,
    spare,
    standing,
)

MONTH = Standing(limit=10_000, used=0, seconds_left=PERIOD_SECONDS)


def minutes(where: Standing, load: Load) -> tuple[int, int]:
    found = pace(where, load, shortest_poll=60, shortest_listing=600)
    return round(found.poll / 60), round(found.listing / 60)


@pytest.mark.parametrize(
    ("events", "pages", "poll", "listing"),
    [(50, 2, 15, 52), (500, 11, 36, 695), (5_000, 101, 360, 10_080)],
)
def test_numbers_of_the_document(events: int, pages: int, poll: int, listing: int) -> None:
    assert minutes(MONTH, Load(events, pages)) == (poll, listing)


def test_bought_calls_are_used() -> None:
    where = Standing(limit=100_000, used=0, seconds_left=PERIOD_SECONDS)
    assert minutes(where, Load(5_000, 101)) == (4, 625)


def test_never_more_often_than_asked_for() -> None:
    where = Standing(limit=10_000_000, used=0, seconds_left=PERIOD_SECONDS)
    found = pace(where, Load(0, 1), shortest_poll=60, shortest_listing=600)
    assert (found.poll, found.listing) == (60, 600)


def test_spent_month_is_polled_four_times_a_day() -> None:
    where = Standing(limit=10_000, used=9_500, seconds_left=PERIOD_SECONDS / 2)
    found = pace(where, Load(10, 1), shortest_poll=60, shortest_listing=600)
    assert (found.poll, found.listing) == (LONGEST_POLL, LONGEST_LISTING)


def test_nine_hundred_events_leave_nothing_for_more_than_that() -> None:
    assert spare(MONTH, Load(900, 18)) == 0


def test_what_is_left_near_the_end_is_used() -> None:
    early = Standing(limit=10_000, used=5_000, seconds_left=PERIOD_SECONDS / 2)
    late = Standing(limit=10_000, used=5_000, seconds_left=PERIOD_SECONDS / 30)
    load = Load(100, 2)
    assert minutes(late, load)[0] < minutes(early, load)[0]


def test_the_busier_of_week_and_month_counts() -> None:
    assert events_a_month(100, 7, age_days=60) == 100
    assert events_a_month(100, 70, age_days=60) == 300


def test_what_a_first_week_is_yet_to_bring_is_expected() -> None:
    assert events_a_month(60, 60, age_days=2) == 900
    assert events_a_month(5, 5, age_days=0.1) == 150


def test_a_period_that_is_over_is_a_new_one() -> None:
    assert standing(10_000, 9_000, 0.0, PERIOD_SECONDS) == MONTH
    assert standing(10_000, 9_000, 0.0, PERIOD_SECONDS - 10).used == 9_000
    assert standing(10_000, 5, 1000.0, 0.0).seconds_left == PERIOD_SECONDS


@given(
    limit=st.integers(0, 1_000_000),
    used=st.integers(0, 1_000_000),
    left=st.floats(1.0, PERIOD_SECONDS),
    events=st.floats(0, 100_000),
    pages=st.integers(0, 1000),
)
def test_looking_around_never_takes_what_people_will_need(
    limit: int, used: int, left: float, events: float, pages: int
) -> None:
    where, load = Standing(limit, used, left), Load(events, pages)
    found = pace(where, load, shortest_poll=60, shortest_listing=600)
    assert 60 <= found.poll <= LONGEST_POLL
    assert 600 <= found.listing <= LONGEST_LISTING
    needed = CALLS_PER_EVENT * events * left / PERIOD_SECONDS
    around = POLL_CALLS * left / found.poll + max(pages, 1) * left / found.listing
    least = POLL_CALLS * left / LONGEST_POLL + max(pages, 1) * left / LONGEST_LISTING
    assert around <= max(limit - used - needed, 0) + least + 1e-6
