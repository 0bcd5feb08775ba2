"""What Livestorm allows: who may call when, and what an answer says about the rest.

Source: developers.livestorm.co/docs/rate-limits-and-quotas: 5 calls a second and, unless the plan
says more, 10,000 calls in 30 days, per workspace.
"""

import enum
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol


class Urgency(enum.IntEnum):
    """Which calls go first when a workspace's calls run short; the smaller the more urgent."""

    PERSON_WAITING = 0
    """Somebody is looking at a spinner."""
    CARRY_CHANGE = 1
    """A change made on one side is to reach the other."""
    LOOK_AROUND = 2
    """Polls, sweeps and checks; may only use what the others will not need."""


@dataclass(frozen=True)
class RateLimits:
    """What the headers of one answer say; None where a header is absent or unusable.

    Attributes:
        monthly_limit: calls in one 30-day period.
        monthly_remaining: calls left of them.
        monthly_resets_at: instant at which the next period starts.
        interval_limit: calls in one second.
        interval_remaining: calls left in this second.
        retry_after: seconds to wait before the next call; only when this one was refused for it.
    """

    monthly_limit: int | None = None
    monthly_remaining: int | None = None
    monthly_resets_at: datetime | None = None
    interval_limit: int | None = None
    interval_remaining: int | None = None
    retry_after: float | None = None


class Allowance(Protocol):
    """The one gate through which every call to a workspace passes, shared by all processes."""

    def acquire(self, workspace: str, urgency: Urgency, *, wait_seconds: float) -> None:
        """Take one call; wait for it at most `wait_seconds`.

        Raises:
            LivestormFailure: RATE_LIMITED, with `retry_after`, when there is none in that time.
        """

    def observe(self, workspace: str, limits: RateLimits) -> None:
        """Learn from the headers of an answer.

        Must not raise: the answer is there, perhaps to a write, and would be lost over bookkeeping.
        """


def header(headers: Mapping[str, str], name: str) -> str | None:
    """Return a header whatever its case."""
    wanted = name.lower()
    return next((value for key, value in headers.items() if key.lower() == wanted), None)


# 429 by Livestorm's documentation; 503 is the other one that RFC 9110 §10.2.3 gives the header to.
_ASKED_TO_WAIT = frozenset({429, 503})


def rate_limits(status: int, headers: Mapping[str, str]) -> RateLimits:
    """Read the limits an answer carries.

    The published OpenAPI description of 2021 spelt the monthly headers "RateLimit-Montly-…"; both
    spellings are read. The documentation lists Retry-After among the headers of every answer;
    beside a success it asks nobody to wait, so it is read from refusals only.
    """
    return RateLimits(
        monthly_limit=_count(headers, "RateLimit-Monthly-Limit", "RateLimit-Montly-Limit"),
        monthly_remaining=_count(
            headers, "RateLimit-Monthly-Remaining", "RateLimit-Montly-Remaining"
        ),
        monthly_resets_at=_reset(header(headers, "RateLimit-Reset")),
        interval_limit=_count(headers, "RateLimit-Interval-Limit"),
        interval_remaining=_count(headers, "RateLimit-Interval-Remaining"),
        retry_after=retry_after_seconds(headers) if status in _ASKED_TO_WAIT else None,
    )


# 12 digits are far above any allowance; more is noise that must not reach a database column.
_COUNT = re.compile(r"\d{1,12}")


def _count(headers: Mapping[str, str], *names: str) -> int | None:
    for name in names:
        value = (header(headers, name) or "").strip()
        if _COUNT.fullmatch(value) and value.isascii():
            return int(value)
    return None


def _reset(value: str | None) -> datetime | None:
    if value is None:
        return None
    stripped = value.strip()
    try:
        if _COUNT.fullmatch(stripped) and stripped.isascii():
            return datetime.fromtimestamp(int(stripped), UTC)
        return datetime.fromisoformat(stripped).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


# The longest wait Livestorm can mean: until the next 30-day period.
_LONGEST_WAIT_SECONDS = 30 * 24 * 3600.0


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After: seconds, or a date (RFC 9110 §10.2.3) counted from the answer's Date."""
    value = header(headers, "Retry-After")
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = _seconds_between(header(headers, "Date"), value)
    if math.isnan(seconds):
        return None
    return min(max(seconds, 0.0), _LONGEST_WAIT_SECONDS)


def _seconds_between(sent: str | None, until: str) -> float:
    try:
        return (parsedate_to_datetime(until) - parsedate_to_datetime(sent or "")).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return math.nan
