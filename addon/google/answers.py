"""What the Calendar API answers to lists and watches, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class ChangesPage:
    """One page of an events list.

    Attributes:
        items: Event resources, possibly none although more pages follow.
        next_page: Token of the page after this one; None on the last.
        next_sync: On the last page, where the next incremental list begins.
        timezone: The calendar's zone.
    """

    items: tuple[dict[str, Any], ...]
    next_page: str | None
    next_sync: str | None = field(repr=False)
    timezone: str | None


@dataclass(frozen=True)
class WatchChannel:
    """What Calendar answered to a watch: its opaque resource id, and when the channel dies."""

    resource_id: str
    expires_at: datetime


def expiration(answer: Mapping[str, Any], asked_for: datetime) -> datetime:
    """Return when a channel dies; what was asked for where Calendar does not say.

    The channel is there either way: taken for failed, it would ring on for ever beside a new one.
    `expiration` is optional (developers.google.com/workspace/calendar/api/guides/push).
    """
    try:
        return datetime.fromtimestamp(int(answer["expiration"]) / 1000, UTC)
    except (KeyError, ValueError, TypeError, OverflowError, OSError):
        return asked_for
