"""What can go wrong with Google's Calendar API, classified in this one place.

Source: developers.google.com/workspace/calendar/api/guides/errors.
"""

import json
from collections.abc import Mapping
from enum import Enum
from http import HTTPStatus

from addon.remote import RemoteFailure


class GoogleFailureKind(Enum):
    """The closed set of outcomes that callers tell apart."""

    UNAUTHORIZED = "unauthorized"  # 401: the access token is not accepted any more
    FORBIDDEN = "forbidden"  # 403 for any reason but the rate
    NOT_FOUND = "not_found"  # 404: never existed, or no access
    GONE = "gone"  # 410 deleted: already deleted
    RESYNC = "resync"  # 410 fullSyncRequired, updatedMinTooLongAgo
    CHANGED = "changed"  # 412: somebody wrote since we read
    DUPLICATE = "duplicate"  # 409: this id is taken
    INVALID = "invalid"  # 400: we asked for something Google does not accept
    RATE_LIMITED = "rate_limited"  # 403 or 429 usageLimits: slower
    QUOTA = "quota"  # 403 quotaExceeded: this calendar takes no writes for hours
    UNAVAILABLE = "unavailable"  # 5xx, time-outs, no connection
    UNREADABLE = "unreadable"  # an answer that is not what the API documents


class GoogleFailure(RemoteFailure):
    """A call to the Calendar API that did not succeed.

    Attributes:
        kind: What it means for the caller.
        status: The HTTP status, None when there was no answer.
        reason: Google's own reason code, such as `conditionNotMet`; safe to log.
        maybe_done: Whether a write may have happened all the same.
    """

    def __init__(
        self, kind: GoogleFailureKind, *, status: int | None, reason: str, maybe_done: bool = False
    ) -> None:
        """Hold the verdict; the message names kind, status and reason only."""
        super().__init__(f"{kind.value} (status {status}, {reason})")
        self.kind: GoogleFailureKind = kind
        self.status = status
        self.reason = reason
        self.maybe_done = maybe_done


_RATE_REASONS = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "dailyLimitExceeded"})
_QUOTA_REASONS = frozenset({"quotaExceeded", "calendarUsageLimitsExceeded"})

_BY_STATUS: Mapping[int, GoogleFailureKind] = {
    HTTPStatus.BAD_REQUEST: GoogleFailureKind.INVALID,
    HTTPStatus.UNAUTHORIZED: GoogleFailureKind.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN: GoogleFailureKind.FORBIDDEN,
    HTTPStatus.NOT_FOUND: GoogleFailureKind.NOT_FOUND,
    HTTPStatus.CONFLICT: GoogleFailureKind.DUPLICATE,
    HTTPStatus.PRECONDITION_FAILED: GoogleFailureKind.CHANGED,
    HTTPStatus.TOO_MANY_REQUESTS: GoogleFailureKind.RATE_LIMITED,
}

_MAX_REASON = 64
"""Google's reason codes are single words of at most some 30 letters."""


def classify(status: int, body: bytes) -> GoogleFailure:
    """Turn an answer that is not a success into the one failure it means."""
    reason = _reason(body)
    if status == HTTPStatus.GONE:
        gone = reason not in {"fullSyncRequired", "updatedMinTooLongAgo"}
        kind = GoogleFailureKind.GONE if gone else GoogleFailureKind.RESYNC
    elif status == HTTPStatus.FORBIDDEN and reason in _RATE_REASONS:
        kind = GoogleFailureKind.RATE_LIMITED
    elif status == HTTPStatus.FORBIDDEN and reason in _QUOTA_REASONS:
        kind = GoogleFailureKind.QUOTA
    elif status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        kind = GoogleFailureKind.UNAVAILABLE
    else:
        kind = _BY_STATUS.get(status, GoogleFailureKind.INVALID)
    return GoogleFailure(
        kind, status=status, reason=reason, maybe_done=kind is GoogleFailureKind.UNAVAILABLE
    )


def _reason(body: bytes) -> str:
    try:
        reason = json.loads(body)["error"]["errors"][0]["reason"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return "unknown"
    return reason[:_MAX_REASON] if isinstance(reason, str) and reason.isalnum() else "unknown"
