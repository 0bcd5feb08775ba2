"""What keeps a link from being brought up to date, and how long to wait. Pure."""

from dataclasses import dataclass

from addon.connections import NotConnected
from addon.connections.activation import NotActivated
from addon.google.failures import GoogleFailure, GoogleFailureKind
from addon.livestorm import FailureKind, LivestormFailure

FIRST_PAUSE_SECONDS = 15.0
LONGEST_PAUSE_SECONDS = 3600.0
"""From a hiccup to a long outage: doubling reaches an hour after eight failures, and an hour is
how long a link then waits at most once the cause is gone. It is tried for ever."""

JITTER = 0.25
"""Pauses vary by a quarter either way, so that links that failed together do not return so; the
pause that Livestorm asks for only upwards, for before it is over nothing is answered."""

QUOTA_SECONDS = 3600.0
"""Calendar's use limits block a calendar for hours
(developers.google.com/workspace/calendar/api/guides/errors, quotaExceeded)."""

BUSY = GoogleFailureKind.CHANGED


@dataclass(frozen=True)
class Trouble:
    """Why, as a word of the closed set below, and how many seconds to wait.

    `detail`: Livestorm's own words for what it refused, safe to show; None otherwise.
    """

    kind: str
    seconds: float
    detail: str | None = None


VANISHED = "vanished"
"""Livestorm does not find the event, and it is doubted that it was deleted."""

_LIVESTORM = {
    FailureKind.UNAUTHORIZED: "livestorm_access_lost",
    FailureKind.FORBIDDEN: "permission",
    FailureKind.PAYMENT_REQUIRED: "plan_limit",
    FailureKind.NOT_FOUND: "livestorm_refused",
    FailureKind.CONFLICT: "livestorm_refused",
    FailureKind.INVALID: "livestorm_refused",
    FailureKind.RATE_LIMITED: "rate_limited",
    FailureKind.UNAVAILABLE: "livestorm_down",
    FailureKind.UNREADABLE: "livestorm_down",
}

_GOOGLE = {
    GoogleFailureKind.UNAUTHORIZED: "google_access_lost",
    GoogleFailureKind.FORBIDDEN: "calendar_refused",
    GoogleFailureKind.NOT_FOUND: "calendar_refused",
    GoogleFailureKind.INVALID: "calendar_refused",
    GoogleFailureKind.DUPLICATE: "calendar_refused",
    GoogleFailureKind.QUOTA: "google_quota",
    GoogleFailureKind.CHANGED: "being_edited",
}


class DeletionDoubted(LivestormFailure):
    """Livestorm does not find an event, which does not prove that it was deleted."""

    def __init__(self, detail: str) -> None:
        """`detail` is for logs."""
        super().__init__(FailureKind.UNREADABLE, detail=detail)


def of(failure: LivestormFailure | GoogleFailure, failures: int, jitter: float) -> Trouble:
    """Return what a failure means for the link.

    Args:
        failure: What happened.
        failures: How often in a row it failed before.
        jitter: A random number from 0 to 1.
    """
    pause = min(FIRST_PAUSE_SECONDS * 2 ** min(failures, 20), LONGEST_PAUSE_SECONDS)
    detail, asked = None, 0.0
    if isinstance(failure, LivestormFailure):
        kind = _LIVESTORM[failure.kind]
        detail = (failure.detail or None) if kind == "livestorm_refused" else None
        if isinstance(failure, DeletionDoubted):
            kind, pause = VANISHED, LONGEST_PAUSE_SECONDS
        # Livestorm may say weeks; see `addon.store.allowance.LONGEST_BLOCK_SECONDS`.
        asked = min(failure.retry_after or 0.0, LONGEST_PAUSE_SECONDS)
    else:
        kind = _GOOGLE.get(failure.kind, "google_down")
        if failure.kind is GoogleFailureKind.QUOTA:
            pause = max(pause, QUOTA_SECONDS)
    seconds = max(pause * (1 - JITTER + 2 * JITTER * jitter), asked * (1 + JITTER * jitter))
    return Trouble(kind, seconds, detail)


def without_secret(gone: NotActivated | NotConnected, failures: int, jitter: float) -> Trouble:
    """Return what it means that a stored secret cannot be read; the rest as for `of`."""
    failure = (
        GoogleFailure(GoogleFailureKind.UNAUTHORIZED, status=None, reason="noSecret")
        if isinstance(gone, NotActivated)
        else LivestormFailure(FailureKind.UNAUTHORIZED)
    )
    return of(failure, failures, jitter)


OUR_LIMIT_SECONDS = 2.0
"""A refusal by our own count of calls that is over this soon is about the second, not the month."""


def is_our_limit(failure: LivestormFailure | GoogleFailure) -> bool:
    """Whether only our own count of a second's calls refused: nothing is wrong, others are first.

    A refusal that Livestorm gave, or a month without calls, is something to tell.
    """
    return (
        isinstance(failure, LivestormFailure)
        and failure.kind is FailureKind.RATE_LIMITED
        and failure.status is None
        and (failure.retry_after or 0.0) <= OUR_LIMIT_SECONDS
    )


def some_failed() -> LivestormFailure:
    """The failure of a bulk registration that left people for another try."""
    return LivestormFailure(
        FailureKind.UNAVAILABLE, detail="some people are still to be registered"
    )


def stops_everything(failure: LivestormFailure | GoogleFailure) -> bool:
    """Whether trying the other actions now is useless: no access, no answer, too many calls."""
    if isinstance(failure, LivestormFailure):
        return failure.kind in {
            FailureKind.UNAUTHORIZED,
            FailureKind.RATE_LIMITED,
            FailureKind.UNAVAILABLE,
        }
    return failure.kind in {
        GoogleFailureKind.UNAUTHORIZED,
        GoogleFailureKind.RATE_LIMITED,
        GoogleFailureKind.QUOTA,
        GoogleFailureKind.UNAVAILABLE,
    }
