"""Occurrences that differ from their series, while the series is given another length. Pure.

Calendar may set them back then (stackoverflow.com/questions/70964918; not documented): a date that
was cancelled is there again, a moved one where it was. Whoever changes a length in Livestorm
wishes for neither. So what differs is noted before the series is written, and given back after.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from addon.sync.actions import Action, PatchCalendar, RestoreOccurrence
from addon.sync.base import SINGLE, Base, Difference
from addon.sync.calendar_side import CalendarSide, ExceptionSeen
from addon.sync.recurrence import key_of

Json = Mapping[str, Any]

WORDS = ("summary", "description", "location")
"""What an occurrence can have of its own beside its guests and its time, of what is read of it."""

NO_TIME = {"dateTime": None, "date": None, "timeZone": None}
"""A PATCH keeps what it does not name: a day needs the hour taken away."""

_DAY = 8  # characters of a key that are its day: YYYYMMDD


def at_risk(
    actions: Sequence[Action],
    calendar: CalendarSide,
    series: Json | None,
    exceptions: Sequence[Json],
    now: datetime,
) -> dict[str, Difference]:
    """Return what occurrences to come have of their own, by key, if that may be undone now.

    Args:
        actions: What is to be done.
        calendar: What Calendar says.
        series: The same as Calendar sent it.
        exceptions: Of the series, as sent.
        now: The present instant.
    """
    lengthens = any(
        isinstance(one, PatchCalendar) and one.occurrence == SINGLE and one.end is not None
        for one in actions
    )
    if series is None or not (lengthens and calendar.exceptions):
        return {}
    sent = {str(one.get("id")): one for one in exceptions}
    return {
        key: None if seen.cancelled else _own(calendar, seen, series, sent[seen.event_id])
        for key, seen in sorted(calendar.exceptions.items())
        if seen.event_id in sent and _is_ahead(seen, now)
    }


def set_back(base: Base, calendar: CalendarSide) -> tuple[RestoreOccurrence, ...]:
    """Return what is to be given back to the occurrences that no longer differ from their series.

    If the series has another time or rule by now, somebody gave it to it, and that may be why.
    """
    says = calendar.value
    if says is None or says.when is None or calendar.read_only:
        return ()
    moved = base.when is not None and base.when.start != says.when.start
    if moved or base.recurrence != says.recurrence:
        return ()
    return tuple(
        RestoreOccurrence(key, own)
        for key, own in sorted(base.differing.items())
        if key not in calendar.exceptions
    )


def _is_ahead(seen: ExceptionSeen, now: datetime) -> bool:
    """Whether an occurrence is to come, or was to; one of today may be."""
    to_come = seen.when is not None and seen.when.over_at > now
    return to_come or seen.key[:_DAY] >= f"{now - timedelta(days=1):%Y%m%d}"


def _own(calendar: CalendarSide, seen: ExceptionSeen, series: Json, sent: Json) -> Json:
    own = {part: sent.get(part) for part in WORDS if sent.get(part) != series.get(part)}
    if sent.get("attendees") != series.get("attendees") and seen.guests_complete:
        own["attendees"] = sent.get("attendees") or []
    if _has_own_time(calendar, seen):
        own |= {part: {**NO_TIME, **sent[part]} for part in ("start", "end") if part in sent}
    return own


def _has_own_time(calendar: CalendarSide, seen: ExceptionSeen) -> bool:
    of_series = calendar.value.when if calendar.value else None
    if seen.when is None or of_series is None:
        return False
    same_length = seen.when.end - seen.when.start == of_series.end - of_series.start
    return key_of(seen.when) != seen.key or not same_length
