"""The base survives the database."""

import contextlib
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addon.sync.base import Agreed, Base, Made, Pair, Standing
from addon.sync.stored import UnreadableBase, from_json, to_json
from addon.sync.values import When

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
instants = st.integers(0, 50_000_000).map(lambda minutes: BEGINNING + timedelta(minutes=minutes))
times = st.builds(
    When,
    start=instants,
    end=instants,
    timezone=st.sampled_from(["Europe/Paris", "UTC"]),
    day=st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1)),
)
texts = st.builds(Pair, calendar=st.text(), livestorm=st.text())
agreements = st.builds(
    Agreed,
    session_id=st.text(min_size=1, max_size=8),
    when=st.none() | times,
    session_start=st.none() | instants,
    guests=st.dictionaries(st.emails(), st.sampled_from(Standing), max_size=4),
    session_gone_since=st.none() | instants,
    emptied_since=st.none() | instants,
)
makings = st.builds(
    Made,
    description=texts,
    start=st.builds(Pair, calendar=st.none() | instants, livestorm=st.none() | instants),
    minutes=st.builds(
        Pair, calendar=st.none() | st.integers(1, 999), livestorm=st.none() | st.integers(1, 999)
    ),
    followed=st.booleans(),
)
bases = st.builds(
    Base,
    made=st.none() | makings,
    title=st.none() | texts,
    description=st.none() | texts,
    minutes=st.none()
    | st.builds(
        Pair, calendar=st.none() | st.integers(1, 999), livestorm=st.none() | st.integers(1, 999)
    ),
    when=st.none() | times,
    recurrence=st.lists(st.text(), max_size=3).map(tuple),
    occurrences=st.dictionaries(st.text(max_size=8), agreements, max_size=3),
    calendar_gone_since=st.none() | instants,
    livestorm_gone_since=st.none() | instants,
    calendar_missing_since=st.none() | instants,
    kept=st.lists(st.text(min_size=1), max_size=2).map(tuple),
    asked=st.dictionaries(st.text(max_size=8), times, max_size=2),
    differing=st.dictionaries(
        st.text(max_size=8),
        st.none() | st.dictionaries(st.text(max_size=8), st.none() | st.text(), max_size=2),
        max_size=2,
    ),
)


@given(bases)
def test_a_base_comes_back_as_it_was(base: Base) -> None:
    assert from_json(json.loads(json.dumps(to_json(base)))) == base


def test_nothing_stored_is_the_base_before_the_first_meeting() -> None:
    assert from_json(None) == Base()
    assert not from_json(None).met


@pytest.mark.parametrize("value", [{}, [], "x", 3, {"version": 99}, {"version": 1}])
def test_what_is_no_base_is_never_taken_for_one(value: object) -> None:
    with pytest.raises(UnreadableBase):
        from_json(value)


def test_base_from_before_absence_was_kept_is_read() -> None:
    stored = to_json(Base())
    del stored["calendar_missing_since"]
    assert from_json(stored) == Base()


@given(bases, st.data())
def test_a_damaged_base_is_refused_or_means_what_it_says(base: Base, data: st.DataObject) -> None:
    stored: dict[str, Any] = to_json(base)
    damaged = data.draw(st.sampled_from(sorted(stored)))
    stored[damaged] = data.draw(st.sampled_from([None, 3, "x", [], {}, [1, 2, 3]]))
    with contextlib.suppress(UnreadableBase):
        assert to_json(from_json(stored)) == stored


def test_two_hundred_guests_of_ten_occurrences_stay_a_small_row() -> None:
    """A link's base lies in one database row; it must not grow beyond what one reads at once."""
    guests = {f"guest.number{one}@partner-company.test": Standing.BOTH for one in range(200)}
    start = datetime(2026, 3, 2, 8, tzinfo=UTC)
    when = When(start, start + timedelta(hours=1), "Europe/Paris")
    occurrences = {str(one): Agreed("s" * 36, when, start, guests) for one in range(10)}
    assert len(json.dumps(to_json(Base(occurrences=occurrences)))) < 150_000
