"""Calendar's push messages: which of them count. Decides only.

Google does not sign them; what proves one is the random token that was given with the channel.
Source: developers.google.com/workspace/calendar/api/guides/push.
"""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from addon.store.channels import Channel, Rung
from addon.sync.notice.listing import LONGEST_PAUSE

LIFETIME = timedelta(days=7)
"""Asked for: what Google gives when nothing is asked for, and the most that was ever observed. The
answer is believed, not this."""

RETRY_PAUSE = timedelta(minutes=10)
"""Between two attempts to open a channel. Until one succeeds the sweep lists the calendar, about
as often."""

PATIENCE = LONGEST_PAUSE * 2
"""No pause after a failure that may pass is longer. That of a calendar which was closed to its
person is, and Calendar rings for nobody whom it shows nothing: it is open again."""

_MAX_HEADER = 256
"""Google's own bound for a channel's token; ids are shorter."""


@dataclass(frozen=True)
class Message:
    """The headers of a push message that are looked at; it has no body."""

    channel_id: str
    token: str = field(repr=False)
    resource_id: str
    state: str


class Verdict(Enum):
    """What becomes of a message."""

    CHANGED = "changed"
    """The calendar is to be listed."""
    COVERED = "covered"
    """It is going to be listed soon anyway, from a moment after this message."""
    OPENED = "opened"
    """The first message of a channel; says nothing about events."""
    UNKNOWN = "unknown"
    WRONG_TOKEN = "wrong_token"  # noqa: S105 - a verdict
    WRONG_RESOURCE = "wrong_resource"
    EXPIRED = "expired"


def read(header: Callable[[str], str]) -> Message:
    """Read a message.

    Args:
        header: Returns a header of the request by name, empty when there is none; what is longer
            than anything Google may send is cut.
    """
    return Message(
        channel_id=header("X-Goog-Channel-ID")[:_MAX_HEADER],
        token=header("X-Goog-Channel-Token")[:_MAX_HEADER],
        resource_id=header("X-Goog-Resource-ID")[:_MAX_HEADER],
        state=header("X-Goog-Resource-State")[:_MAX_HEADER],
    )


def digest(token: str) -> str:
    """Return what is stored of a channel's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def judge(message: Message, rung: Rung | None, now: datetime) -> Verdict:
    """Say what a message means.

    An unknown channel takes as long to find out as a wrong token, and no comparison tells by its
    duration how much of a secret was right.
    """
    expected = rung.channel.token_digest if rung is not None else _NOBODYS
    proven = hmac.compare_digest(digest(message.token), expected)
    if rung is None:
        return Verdict.UNKNOWN
    channel = rung.channel
    if not proven:
        return Verdict.WRONG_TOKEN
    # Not known before the watch is answered, and the first message may be faster than the answer.
    if channel.resource_id is not None and not hmac.compare_digest(
        message.resource_id.encode(), channel.resource_id.encode()
    ):
        return Verdict.WRONG_RESOURCE
    if channel.expires_at <= now:
        return Verdict.EXPIRED
    if message.state == "sync":
        return Verdict.OPENED
    # Also when that lease is over: whoever has it may have a slower clock, or go on after a freeze.
    listing = rung.lease_until is not None
    waiting = rung.pushed_at is not None and rung.pushed_at <= now
    left_alone = rung.next_at is not None and rung.next_at > now + PATIENCE
    # Whatever else Google may say: created, changed and deleted all arrive as "exists".
    covered = waiting and not listing and not left_alone
    return Verdict.COVERED if covered else Verdict.CHANGED


def needs_channel(channels: Sequence[Channel], now: datetime) -> bool:
    """Whether a calendar needs a new channel: it has none, or one past half of its life.

    Renewed that early, because Google may silently stop a channel whose messages keep failing,
    and only a new one bounds how long that goes unnoticed.
    """
    fresh = any(
        not one.replaced
        and one.resource_id is not None
        and now < one.opened_at + (one.expires_at - one.opened_at) / 2
        for one in channels
    )
    tried = any(one.opened_at > now - RETRY_PAUSE for one in channels)
    return not fresh and not tried


_NOBODYS = digest("nobody")
"""Compared with when there is no such channel, so that this takes as long."""
