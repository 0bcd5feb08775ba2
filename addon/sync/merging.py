"""Three-way merge of one thing that both sides have."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from addon.sync.base import Pair
from addon.sync.words import Side

T = TypeVar("T")


@dataclass(frozen=True)
class Verdict(Generic[T]):
    """What is to become of one thing.

    Attributes:
        source: The side whose value counts; None when nothing is to be carried.
        lost: The other side's own change, which is overwritten; None when it had none.
    """

    source: Side | None
    lost: T | None = None


def merge(
    base: Pair[T] | None,
    now: Pair[T],
    *,
    same: Callable[[T, T], bool],
    alike: Callable[[T, T], bool] | None = None,
    newer: Side,
    says_something: Callable[[T], bool] = bool,
) -> Verdict[T]:
    """Decide between two sides.

    Args:
        base: What they said when they last agreed; None at their first meeting, where Calendar
            counts, because Livestorm's event was made from it, unless it says nothing.
        now: What they say now.
        same: Whether Calendar's and Livestorm's value mean the same.
        alike: Whether they do when both differ from before, where one may be what the other side
            made of it; `same` if not given.
        newer: The side that was changed last.
        says_something: Whether a value could be a wish, or be missed.
    """
    if same(now.calendar, now.livestorm):
        return Verdict(None)
    if base is not None and base.livestorm == now.livestorm:
        return Verdict(Side.CALENDAR if base.calendar != now.calendar else None)
    if base is not None and base.calendar == now.calendar:
        return Verdict(Side.LIVESTORM)
    if (alike or same)(now.calendar, now.livestorm):
        return Verdict(None)
    source = newer
    if base is None:
        source = Side.CALENDAR if says_something(now.calendar) else Side.LIVESTORM
    return Verdict(source, _lost(source, now, says_something))


def _lost(source: Side, now: Pair[T], says_something: Callable[[T], bool]) -> T | None:
    loser = now.livestorm if source is Side.CALENDAR else now.calendar
    return loser if says_something(loser) else None


def newer_side(calendar: datetime | None, livestorm: datetime | None) -> Side:
    """Return the side that was changed last; Calendar when that cannot be told.

    Livestorm's times are whole seconds, so within one second nothing can be told.
    """
    if livestorm is None:
        return Side.CALENDAR
    if calendar is None:
        return Side.LIVESTORM
    return Side.CALENDAR if calendar.replace(microsecond=0) >= livestorm else Side.LIVESTORM
