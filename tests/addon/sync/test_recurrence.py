"""Expanding series: clock changes, exclusions, odd rules, and rules that make no sense."""

import time
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addon.sync.recurrence import expand, key_of
from addon.sync.values import When

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
UNTIL = datetime(2026, 7, 1, tzinfo=UTC)

PARIS = When(
    datetime(2026, 3, 23, 8, tzinfo=UTC), datetime(2026, 3, 23, 9, tzinfo=UTC), "Europe/Paris"
)
DAY = When(
    datetime(2026, 3, 27, 8, tzinfo=UTC),
    datetime(2026, 3, 28, 8, tzinfo=UTC),
    "Europe/Paris",
    date(2026, 3, 27),
)


def starts(when: When, *lines: str) -> list[str]:
    return [f"{one.start:%m-%d %H:%M}" for _, one in expand(when, lines, since=SINCE, until=UNTIL)]


def test_a_series_keeps_its_time_of_day_when_clocks_change() -> None:
    """Scenario 48: weekly at nine in Paris, before and after 29 March."""
    assert starts(PARIS, "RRULE:FREQ=WEEKLY;COUNT=3") == [
        "03-23 08:00",
        "03-30 07:00",
        "04-06 07:00",
    ]


def test_a_time_that_a_clock_change_skips_becomes_a_real_one() -> None:
    night = When(
        datetime(2026, 3, 28, 1, 30, tzinfo=UTC),
        datetime(2026, 3, 28, 2, tzinfo=UTC),
        "Europe/Paris",
    )
    assert starts(night, "RRULE:FREQ=DAILY;COUNT=3") == [
        "03-28 01:30",
        "03-29 01:30",
        "03-30 00:30",
    ]


def test_an_all_day_series_is_one_of_days() -> None:
    made = expand(DAY, ("RRULE:FREQ=DAILY;COUNT=4",), since=SINCE, until=UNTIL)
    assert [key for key, _ in made] == ["20260327", "20260328", "20260329", "20260330"]
    assert [one.start.hour for _, one in made] == [8, 8, 7, 7]
    assert [one.day for _, one in made][-1] == date(2026, 3, 30)


@pytest.mark.parametrize(
    ("until", "count"),
    [
        ("UNTIL=20260406T070000Z", 3),
        ("UNTIL=20260406T065959Z", 2),
        ("UNTIL=20260406", 3),
        ("UNTIL=20260406T090000", 3),
        ("UNTIL=20260322T000000Z", 0),
    ],
)
def test_a_rule_ends_where_it_says(until: str, count: int) -> None:
    assert len(starts(PARIS, f"RRULE:FREQ=WEEKLY;{until}")) == count


def test_excluded_and_additional_dates() -> None:
    """Scenario 42: RDATE and EXDATE name a zone of their own."""
    assert starts(
        PARIS,
        "RRULE:FREQ=WEEKLY;COUNT=3",
        "EXDATE;TZID=Europe/Paris:20260330T090000",
        "EXDATE:20260406T070000Z",
        "RDATE;TZID=America/New_York:20260401T030000",
        "RDATE;VALUE=PERIOD:20260402T070000Z/PT1H",
    ) == ["03-23 08:00", "04-01 07:00", "04-02 07:00"]


def test_excluded_dates_of_an_all_day_series() -> None:
    assert starts(DAY, "RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20260328") == [
        "03-27 08:00",
        "03-29 07:00",
    ]


def test_what_is_over_or_far_off_is_left_out() -> None:
    made = expand(
        PARIS,
        ("RRULE:FREQ=WEEKLY",),
        since=datetime(2026, 4, 6, 8, tzinfo=UTC),
        until=datetime(2026, 4, 20, 7, tzinfo=UTC),
    )
    assert [f"{one.start:%m-%d}" for _, one in made] == ["04-13", "04-20"]


def test_rules_are_followed_whatever_their_start() -> None:
    """The reckoning is shifted by centuries inside; leap days and week numbers must survive."""
    leap = When(datetime(2024, 2, 29, 9, tzinfo=UTC), datetime(2024, 2, 29, 10, tzinfo=UTC), "UTC")
    made = expand(leap, ("RRULE:FREQ=YEARLY",), since=SINCE, until=datetime(2033, 1, 1, tzinfo=UTC))
    assert [one.start.year for _, one in made] == [2028, 2032]
    last_friday = "RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=2"
    assert starts(PARIS, last_friday) == ["03-27 08:00", "04-24 07:00"]
    assert starts(PARIS, "RRULE:FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;COUNT=1") == ["05-11 07:00"]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=1",
        "FREQ=MONTHLY;BYMONTHDAY=99",
        "FREQ=SECONDLY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=MONTHLY;BYDAY=99MO",
    ],
)
def test_a_rule_that_never_comes_true_costs_little(rule: str) -> None:
    began = time.process_time()
    assert len(starts(PARIS, f"RRULE:{rule}")) <= 1
    assert time.process_time() - began < 2


PARTS = [
    *("FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=YEARLY", "FREQ=HOURLY", "BYDAY=MO"),
    *("BYDAY=-1FR", "BYDAY=99MO", "BYSETPOS=0", "BYSETPOS=-1", "BYMONTHDAY=31", "BYMONTH=13"),
    *("BYWEEKNO=53", "BYEASTER=1", "BYHOUR=1,99", "INTERVAL=00", "INTERVAL=-1", "COUNT=0"),
    *("COUNT=99999999", "UNTIL=20261301", "UNTIL=99991231T235959Z", "UNTIL=00010101T000000Z"),
    *("WKST=XX", "BYYEARDAY=400", "", "="),
]
LINES = st.lists(st.sampled_from(PARTS), max_size=5).map(lambda parts: "RRULE:" + ";".join(parts))
OTHERS = [
    *("EXDATE:20260330T070000Z", "RDATE;TZID=No/Where:20260330T070000", "RDATE:99991231T235959Z"),
    *("RDATE;VALUE=DATE:20260331", "EXRULE:FREQ=DAILY", "RDATE:00000000", "EXDATE:", "RRULE"),
]


@given(
    st.lists(LINES | st.sampled_from(OTHERS) | st.text(), min_size=1, max_size=4),
    st.sampled_from([PARIS, DAY]),
)
def test_whatever_the_lines_say_expanding_never_fails(lines: list[str], when: When) -> None:
    made = expand(when, tuple(lines), since=SINCE, until=UNTIL)
    assert [key_of(one) for _, one in made] == [key for key, _ in made]
    assert len(dict(made)) == len(made)
