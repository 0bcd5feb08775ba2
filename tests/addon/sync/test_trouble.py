"""How long a link pauses, by what went wrong and how often."""

import pytest

from addon.livestorm import FailureKind, LivestormFailure
from addon.sync import trouble

WEEKS = 14 * 24 * 3600.0


def pause(retry_after: float | None, *, failures: int = 0, jitter: float = 0.5) -> float:
    failure = LivestormFailure(FailureKind.RATE_LIMITED, status=429, retry_after=retry_after)
    return trouble.of(failure, failures, jitter).seconds


@pytest.mark.parametrize("jitter", [0.0, 0.5, 1.0])
def test_a_link_never_pauses_much_longer_than_an_hour(jitter: float) -> None:
    assert 3600 <= pause(WEEKS, jitter=jitter) <= 3600 * 1.25
    assert pause(None, failures=100, jitter=jitter) <= 3600 * 1.25


@pytest.mark.parametrize("jitter", [0.0, 0.5, 1.0])
def test_it_does_not_come_back_before_livestorm_asked_it_to(jitter: float) -> None:
    assert 120 <= pause(120, jitter=jitter) <= 150


def test_it_pauses_longer_each_time() -> None:
    assert [pause(None, failures=number) for number in range(3)] == [15, 30, 60]
