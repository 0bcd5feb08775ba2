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
    Pace,
    PutBy,
    Shortest,
    Standing,
    events_a_month,
    pace,
    put_by,
    spare,
    spent,
    standing,
)

MONTH = Standing(limit=10_000, used=0, seconds_left=PERIOD_SECONDS)
SHORTEST = Shortest(poll=60, listing=600)

NOTHING = PutBy(0, 0)
ALL = PutBy(3000, 0)


def minutes(where: Standing, load: Load, saved: PutBy) -> tuple[int, int, int, int]:
    found = pace(where, load, saved, SHORTEST)
    each = (found.quiet, found.quick, found.listing, found.listing_quick)
    quiet, quick, listing, listing_quick = (round(one / 60) for one in each)
    return quiet, quick, listing, listing_quick


@pytest.mark.parametrize(
    ("events", "pages", "saved", "expected"),
    [
        (5, 1, 0, (11, 5, 0, 0)),
        (5, 1, 100, (11, 1, 0, 0)),
        (5, 1, 300, (5, 1, 0, 0)),
        (50, 2, 0, (23, 11, 0, 0)),
        (50, 2, 300, (11, 1, 0, 0)),
        (500, 11, 0, (72, 36, 1389, 1389)),
        (500, 11, 100, (72, 1, 1389, 6)),
        (500, 11, 300, (36, 1, 695, 6)),
        (5_000, 101, 0, (360, 360, 10_080, 10_080)),
    ],
)
def test_numbers_of_the_document(
    events: int, pages: int, saved: int, expected: tuple[int, int, int, int]
) -> None:
    assert minutes(MONTH, Load(events, pages), PutBy(saved, 0)) == expected


def test_bought_calls_are_used() -> None:
    where = Standing(limit=100_000, used=0, seconds_left=PERIOD_SECONDS)
    assert minutes(where, Load(5_000, 101), ALL) == (4, 1, 625, 50)


def test_never_more_often_than_asked_for() -> None:
    where = Standing(limit=10_000_000, used=0, seconds_left=PERIOD_SECONDS)
    saved = put_by(None, where, Load(0, 1), 0, SHORTEST)
    assert pace(where, Load(0, 1), saved, SHORTEST) == Pace(60, 60, 0, 0)
    assert pace(where, Load(0, 3), saved, SHORTEST) == Pace(60, 60, 600, 90)


@pytest.mark.parametrize("pages", [1, 3])
def test_spent_month_is_looked_at_four_times_a_day(pages: int) -> None:
    where = Standing(limit=10_000, used=9_500, seconds_left=PERIOD_SECONDS / 2)
    saved = put_by(PutBy(300, 0), where, Load(10, pages), 60, SHORTEST)
    found = pace(where, Load(10, pages), saved, SHORTEST)
    listing = 0 if pages <= POLL_CALLS else LONGEST_LISTING
    assert found == Pace(LONGEST_POLL, LONGEST_POLL, listing, listing)


def test_nine_hundred_events_leave_nothing_for_more_than_that() -> None:
    assert spare(MONTH, Load(900, 18)) == 0
    assert put_by(None, MONTH, Load(900, 18), 0, SHORTEST) == NOTHING


def test_what_is_left_near_the_end_is_used() -> None:
    early = Standing(limit=10_000, used=5_000, seconds_left=PERIOD_SECONDS / 2)
    late = Standing(limit=10_000, used=5_000, seconds_left=PERIOD_SECONDS / 30)
    load = Load(100, 2)
    assert minutes(late, load, NOTHING)[0] < minutes(early, load, NOTHING)[0]


def test_a_small_workspace_is_listed_only_and_a_large_one_polled() -> None:
    assert Load(50, POLL_CALLS).lists_only
    assert not Load(50, POLL_CALLS + 1).lists_only
    assert not Load(50, 1, listing_tells_all=False).lists_only


def test_what_is_not_spent_is_put_by_up_to_a_bound() -> None:
    load = Load(5, 1)
    first = put_by(None, MONTH, load, 0, SHORTEST)
    assert first == PutBy(100, 0)
    hour = put_by(first, MONTH, load, 3600, SHORTEST)
    assert 110 < hour.calls < 112
    assert put_by(first, MONTH, load, 30 * 24 * 3600, SHORTEST).calls == 300
    assert spent(hour, 12).calls == hour.calls - 12
    assert spent(first, 101).calls == 0
    # A clock that was set back takes nothing.
    assert put_by(hour, MONTH, load, 0, SHORTEST) == PutBy(hour.calls, 0)


@pytest.mark.parametrize(("poll", "first"), [(60, 100), (90, 100), (30, 200), (5, 1200), (1, 3000)])
def test_shorter_pauses_are_kept_for_as_long(poll: float, first: int) -> None:
    load, shortest = Load(5, 1), Shortest(poll=poll, listing=600)
    saved = put_by(None, MONTH, load, 0, shortest)
    assert saved.calls == first
    assert pace(MONTH, load, saved, shortest).quick == poll


def test_a_busy_first_day_leaves_shorter_pauses_as_they_are() -> None:
    """Thirty events in a day are taken for nine hundred a month, which leave nothing to spare."""
    load, shortest = Load(900, 1), Shortest(poll=2, listing=600)
    saved = put_by(None, MONTH, load, 0, shortest)
    assert put_by(spent(saved, 1000), MONTH, load, 60, shortest).calls == 2000
    assert pace(MONTH, load, PutBy(2000, 0), shortest).quick == 2
    used = Standing(limit=10_000, used=8_500, seconds_left=PERIOD_SECONDS / 2)
    assert put_by(saved, used, load, 60, shortest).calls == 500
    over = Standing(limit=10_000, used=9_900, seconds_left=PERIOD_SECONDS / 2)
    assert put_by(saved, over, load, 60, shortest) == PutBy(0, 60)


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
    quick=st.booleans(),
)
def test_looking_around_never_takes_what_people_will_need(
    *, limit: int, used: int, left: float, events: float, pages: int, quick: bool
) -> None:
    where, load = Standing(limit, used, left), Load(events, pages)
    bucket = put_by(ALL, where, load, 0, SHORTEST)
    assert bucket.calls <= spare(where, load)
    # Once it is used up, what comes in is all there is.
    found = pace(where, load, NOTHING, SHORTEST)
    pause, listing = (found.quick, found.listing_quick) if quick else (found.quiet, found.listing)
    assert 60 <= pause <= LONGEST_POLL
    needed = CALLS_PER_EVENT * events * left / PERIOD_SECONDS
    spare_calls = max(limit - used - needed, 0)
    if load.lists_only:
        around, least = max(pages, 1) * left / pause, max(pages, 1) * left / LONGEST_POLL
    else:
        assert 600 <= listing <= LONGEST_LISTING
        around = POLL_CALLS * left / pause + pages * left / listing
        least = POLL_CALLS * left / LONGEST_POLL + pages * left / LONGEST_LISTING
    assert around <= spare_calls + least + 1e-6
