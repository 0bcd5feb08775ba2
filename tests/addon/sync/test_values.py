"""Canonical values: equal things are equal, and times are what people mean by them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addon.sync.values import (
    Canonical,
    Guest,
    Role,
    When,
    address,
    at_time_of,
    by_address,
    canonical,
    livestorm_title,
    title,
)

PARIS = "Europe/Paris"


seconds = st.integers(0, 3_000_000_000).map(lambda one: datetime.fromtimestamp(one, UTC))


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("Ada@Partner.Test", "ada@partner.test"),
        ("  ada@partner.test\u200b ", "ada@partner.test"),
        ("ada+news@partner.test", "ada+news@partner.test"),
        ("a.d.a@gmail.com", "a.d.a@gmail.com"),
        ("Ren\u00c9@partner.test", "ren\u00e9@partner.test"),
        ("rene\u0301@partner.test", "ren\u00e9@partner.test"),
    ],
)
def test_addresses_have_one_form(written: str, normal: str) -> None:
    assert address(written) == normal


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "@partner.test",
        "ada@",
        "a b@partner.test",
        "a@b@c",
        "<ada@x.test>",
        "a" * 255 + "@x",
    ],
)
def test_what_is_no_address_is_none(text: str) -> None:
    assert address(text) is None


@given(st.text() | st.text(min_size=1, max_size=8).map(lambda name: f"{name}@partner.test"))
def test_normalising_settles_at_once(text: str) -> None:
    known = address(text)
    assert known is None or address(known) == known
    assert title(title(text)) == title(text)


def test_titles_lose_stray_spaces_only() -> None:
    assert title("  Spring\u00a0 launch\n") == "Spring launch"


def test_livestorm_needs_a_title_of_bounded_length() -> None:
    assert livestorm_title("", "Untitled") == "Untitled"
    assert livestorm_title("x" * 254 + " yz", "") == "x" * 254


def test_of_two_entries_for_one_person_the_weightier_counts() -> None:
    entries = [Guest("a@x.test", Role.ATTENDEE), Guest("a@x.test", Role.ORGANIZER)]
    assert by_address(entries) == by_address(entries[::-1])
    assert by_address(entries)["a@x.test"].role is Role.ORGANIZER


def test_lengths_are_whole_minutes() -> None:
    when = When(utc(2026, 3, 2, 9), utc(2026, 3, 2, 9, 45), PARIS)
    assert when.minutes == 45
    assert replace(when, end=when.start).minutes is None


def test_moving_keeps_the_length() -> None:
    when = When(utc(2026, 3, 2, 9), utc(2026, 3, 2, 10), PARIS)
    assert when.moved_to(utc(2026, 3, 4, 9)) == When(utc(2026, 3, 4, 9), utc(2026, 3, 4, 10), PARIS)


def all_day(day: date, days: int = 1) -> When:
    start = at_time_of(day, utc(2026, 1, 1, 8), PARIS)  # nine o'clock in Paris
    end = at_time_of(day + timedelta(days=days), utc(2026, 1, 1, 8), PARIS)
    return When(start, end, PARIS, day)


def test_an_all_day_event_moves_by_days_across_a_clock_change() -> None:
    """The clocks of Paris go forward on 29 March 2026; nine stays nine."""
    when = all_day(date(2026, 3, 28), days=2)
    later = when.moved_to(utc(2026, 3, 30, 20))
    assert later == all_day(date(2026, 3, 30), days=2)
    assert (when.start.hour, later.start.hour) == (8, 7)


def test_an_all_day_event_is_over_at_midnight() -> None:
    assert all_day(date(2026, 3, 2)).over_at == utc(2026, 3, 2, 23)


def test_a_session_may_be_at_any_time_of_an_all_day_event() -> None:
    """Scenario 45: the day is the calendar's, not that of UTC."""
    when = all_day(date(2026, 3, 2))
    assert when.starts_with(utc(2026, 3, 1, 23, 30))
    assert when.starts_with(utc(2026, 3, 2, 22, 59))
    assert not when.starts_with(utc(2026, 3, 2, 23, 30))


@given(
    st.builds(
        Canonical,
        title=st.text(),
        description=st.text(),
        when=st.none()
        | st.builds(
            When,
            start=seconds,
            end=seconds,
            timezone=st.just(PARIS),
        ),
        minutes=st.none() | st.integers(1, 600),
        guests=st.lists(
            st.builds(
                Guest,
                address=st.emails() | st.text(),
                role=st.sampled_from(Role),
                first_name=st.text(max_size=5),
            )
        ).map(lambda guests: {one.address: one for one in guests}),
    )
)
def test_canonical_values_are_their_own_canonical_form(value: Canonical) -> None:
    once = canonical(value)
    assert canonical(once) == once
