"""The base as JSON, as it lies in the database."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from addon.sync.base import Agreed, Base, Made, Pair, Standing
from addon.sync.values import When

VERSION = 1
"""Raised when an older base can no longer be read as it is; `from_json` then converts it."""

T = TypeVar("T")
Json = dict[str, Any]


class UnreadableBase(Exception):
    """The stored value is not a base that this program wrote. Holds nothing of it."""


def to_json(base: Base) -> Json:
    """Return `base` as JSON values; equal bases give equal JSON."""
    return {
        "version": VERSION,
        "made": None if base.made is None else _made_out(base.made),
        "title": _pair_out(base.title),
        "description": _pair_out(base.description),
        "minutes": _pair_out(base.minutes),
        "when": _when_out(base.when),
        "recurrence": list(base.recurrence),
        "occurrences": {
            key: _agreed_out(agreed) for key, agreed in sorted(base.occurrences.items())
        },
        "calendar_gone_since": _instant_out(base.calendar_gone_since),
        "livestorm_gone_since": _instant_out(base.livestorm_gone_since),
        "calendar_missing_since": _instant_out(base.calendar_missing_since),
        "kept": list(base.kept),
        "asked": {key: _when_out(when) for key, when in sorted(base.asked.items())},
        "differing": {key: one and dict(one) for key, one in sorted(base.differing.items())},
    }


def from_json(value: object) -> Base:
    """Return the base that `to_json` wrote; None stands for the one before the first meeting.

    Raises:
        UnreadableBase: it is none. Going on as if the sides had never met would overwrite one of
            them, so this is never guessed.
    """
    if value is None:
        return Base()
    try:
        return _base_in(value)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UnreadableBase from None


def _base_in(value: Any) -> Base:
    if value["version"] != VERSION:
        raise ValueError("another version")
    return Base(
        # Bases from before it was kept have none; nor of what stays below.
        made=_made_in(value.get("made")),
        title=_pair_in(value["title"], _text),
        description=_pair_in(value["description"], _text),
        minutes=_pair_in(value["minutes"], _number),
        when=_when_in(value["when"]),
        recurrence=tuple(_text(line) for line in _list(value["recurrence"])),
        occurrences={
            key: _agreed_in(agreed) for key, agreed in sorted(value["occurrences"].items())
        },
        calendar_gone_since=_instant_in(value["calendar_gone_since"]),
        livestorm_gone_since=_instant_in(value["livestorm_gone_since"]),
        calendar_missing_since=_instant_in(value.get("calendar_missing_since")),
        kept=tuple(_text(one) for one in _list(value.get("kept", []))),
        asked={
            key: when
            for key, one in sorted(value.get("asked", {}).items())
            if (when := _when_in(one)) is not None
        },
        differing={
            key: None if one is None else dict(one)
            for key, one in sorted(value.get("differing", {}).items())
        },
    )


def _made_out(made: Made) -> Json:
    start = made.start
    return {
        "description": _pair_out(made.description),
        "start": [_instant_out(start.calendar), _instant_out(start.livestorm)],
        "minutes": _pair_out(made.minutes),
        "followed": made.followed,
    }


def _made_in(value: Any) -> Made | None:
    if value is None:
        return None
    description = _pair_in(value["description"], _text)
    start = _pair_in(value["start"], _instant_in)
    minutes = _pair_in(value["minutes"], _number)
    if description is None or start is None or minutes is None:
        raise ValueError("a part is missing")
    return Made(description, start, minutes, followed=value["followed"] is True)


def _pair_out(pair: Pair[T] | None) -> list[T] | None:
    return None if pair is None else [pair.calendar, pair.livestorm]


def _pair_in(value: Any, read: Callable[[Any], T]) -> Pair[T] | None:
    if value is None:
        return None
    calendar, livestorm = value
    return Pair(read(calendar), read(livestorm))


def _when_out(when: When | None) -> Json | None:
    if when is None:
        return None
    return {
        "start": when.start.isoformat(),
        "end": when.end.isoformat(),
        "timezone": when.timezone,
        "day": when.day and when.day.isoformat(),
    }


def _when_in(value: Any) -> When | None:
    if value is None:
        return None
    return When(
        start=datetime.fromisoformat(value["start"]),
        end=datetime.fromisoformat(value["end"]),
        timezone=_text(value["timezone"]),
        day=None if value["day"] is None else date.fromisoformat(value["day"]),
    )


def _agreed_out(agreed: Agreed) -> Json:
    return {
        "session": agreed.session_id,
        "when": _when_out(agreed.when),
        "start": _instant_out(agreed.session_start),
        "guests": {address: one.value for address, one in sorted(agreed.guests.items())},
        "session_gone_since": _instant_out(agreed.session_gone_since),
        "emptied_since": _instant_out(agreed.emptied_since),
        "registrants": agreed.registrants,
        "people_read": _instant_out(agreed.people_read),
    }


def _agreed_in(value: Any) -> Agreed:
    guests: Mapping[str, str] = value["guests"]
    return Agreed(
        session_id=_text(value["session"]),
        when=_when_in(value["when"]),
        session_start=_instant_in(value["start"]),
        guests={address: Standing(one) for address, one in sorted(guests.items())},
        session_gone_since=_instant_in(value["session_gone_since"]),
        emptied_since=_instant_in(value["emptied_since"]),
        # Bases stored before these were remembered have neither.
        registrants=_number(value.get("registrants")),
        people_read=_instant_in(value.get("people_read")),
    )


def _instant_out(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _instant_in(value: Any) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _number(value: Any) -> int | None:
    if value is not None and not isinstance(value, int):
        raise TypeError("not a number")
    return value
