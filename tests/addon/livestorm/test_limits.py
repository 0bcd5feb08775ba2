"""Rate-limit headers, in both spellings."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addon.livestorm import RateLimits
from addon.livestorm.limits import rate_limits


@pytest.mark.parametrize("month", ["Monthly", "Montly", "monthly"])
def test_every_header(month: str) -> None:
    headers = {
        f"RateLimit-{month}-Limit": "10000",
        f"RateLimit-{month}-Remaining": "9876",
        "ratelimit-interval-limit": "5",
        "RATELIMIT-INTERVAL-REMAINING": "4",
        "RateLimit-Reset": "1606465799",
        "Retry-After": "1",
    }

    assert rate_limits(429, headers) == RateLimits(
        monthly_limit=10_000,
        monthly_remaining=9_876,
        monthly_resets_at=datetime.fromtimestamp(1606465799, UTC),
        interval_limit=5,
        interval_remaining=4,
        retry_after=1.0,
    )


def test_no_header() -> None:
    assert rate_limits(200, {}) == RateLimits()


def test_reset_in_iso_form() -> None:
    limits = rate_limits(200, {"RateLimit-Reset": "2020-11-28T11:30:00+01:00"})
    assert limits.monthly_resets_at == datetime(2020, 11, 28, 10, 30, tzinfo=UTC)


@given(st.text(max_size=30) | st.sampled_from(["9" * 13, "-1", "1e3", "٣", "9" * 12, "inf"]))
def test_nonsense_is_none(value: str) -> None:
    limits = rate_limits(
        429,
        {
            "RateLimit-Monthly-Limit": value,
            "RateLimit-Interval-Remaining": value,
            "RateLimit-Reset": value,
            "Retry-After": value,
            "Date": value,
        },
    )
    assert limits.monthly_limit is None or 0 <= limits.monthly_limit < 10**12
    assert limits.interval_remaining == limits.monthly_limit
    assert limits.retry_after is None or 0 <= limits.retry_after <= 30 * 24 * 3600


def test_beside_a_success_nobody_is_asked_to_wait() -> None:
    assert rate_limits(200, {"Retry-After": "1"}).retry_after is None
    assert rate_limits(503, {"Retry-After": "1"}).retry_after == 1.0
