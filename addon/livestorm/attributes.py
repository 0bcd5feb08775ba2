"""Reading single values out of JSON that somebody else wrote.

Nothing here raises: a value that is absent or of no use is None, and the parsers above decide which
of them an object cannot do without.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

# 18 digits keep every number inside a 64-bit column.
_INTEGER = re.compile(r"\s*[+-]?[0-9]{1,18}\s*")
_LARGEST = 10**18


def text_of(value: object) -> str | None:
    """Return a text that a database can store, or None.

    Numbers count as text, because identifiers have been seen as both. NUL and lone surrogates are
    legal in JSON, but in no UTF-8 column.
    """
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST:
        return str(value)
    if not isinstance(value, str):
        return None
    return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def identifier_of(value: object) -> str | None:
    """Return an object's id, never empty."""
    text = text_of(value)
    return text.strip() or None if text is not None else None


def number_of(value: object) -> int | None:
    """Return a whole number, also from a string or a fraction."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < _LARGEST else None
    if isinstance(value, float):
        return int(value) if math.isfinite(value) and abs(value) < _LARGEST else None
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    return None


def flag_of(value: object) -> bool | None:
    """Return a truth value."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return None


def instant_of(value: object) -> datetime | None:
    """Return an instant from Unix seconds, or from ISO 8601 with an offset.

    Livestorm writes "never" as 0, so whatever is not after 1970 is None.
    """
    seconds = number_of(value)
    try:
        if seconds is not None:
            return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
        if isinstance(value, str):
            parsed = datetime.fromisoformat(value.strip())
            return parsed.astimezone(UTC) if parsed.utcoffset() is not None else None
    except (ValueError, OverflowError, OSError):
        return None
    return None


@dataclass(frozen=True)
class Attributes:
    """The members of a JSON object, read by name."""

    members: Mapping[str, object]

    @classmethod
    def of(cls, value: object) -> Self:
        """Read any JSON value; what is not an object has no members."""
        return cls(value if isinstance(value, dict) else {})

    def nested(self, name: str) -> Self:
        """Return a member that is an object itself, empty when it is not."""
        return type(self).of(self.members.get(name))

    def items(self, name: str) -> list[object]:
        """Return a member that is a list, empty when it is not."""
        value = self.members.get(name)
        return value if isinstance(value, list) else []

    def identifier(self, *names: str) -> str | None:
        """Return the first usable id among the names."""
        return next(
            (found for name in names if (found := identifier_of(self.members.get(name)))), None
        )

    def text(self, name: str) -> str | None:
        """Return a text."""
        return text_of(self.members.get(name))

    def number(self, *names: str) -> int | None:
        """Return the first whole number among the names."""
        found = (number_of(self.members.get(name)) for name in names)
        return next((number for number in found if number is not None), None)

    def flag(self, name: str) -> bool | None:
        """Return a truth value."""
        return flag_of(self.members.get(name))

    def instant(self, name: str) -> datetime | None:
        """Return an instant, in UTC."""
        return instant_of(self.members.get(name))
