"""How soon the people of sessions may be read again."""

from datetime import timedelta

import pytest

from addon.sync.people_pace import Read, due
from tests.addon.sync.calendar_model import NOW


@pytest.mark.parametrize(
    ("counts", "guests", "hours"),
    [
        ([0], 0, None),
        ([500], 150, None),
        ([501], 150, 11),
        ([40] * 10, 40, None),
        ([200], 200, None),
        ([201], 200, 5),
        ([5000], 200, 100),
    ],
)
def test_pause_grows_with_what_reading_costs(
    counts: list[int], guests: int, hours: int | None
) -> None:
    expected = None if hours is None else NOW + timedelta(hours=hours)
    assert due([Read(count, NOW) for count in counts], guests=guests) == expected


def test_what_was_never_read_is_read_at_once() -> None:
    assert due([Read(3000, None)], guests=0) is None
