"""Faults that look like Google's own: the documented errors, as bodies of injected faults.

Source: developers.google.com/workspace/calendar/api/guides/errors.
"""

import json

from sandbox.google import api_errors
from sandbox.simulation import Fault


def calendar_fault(
    reason: str,
    *,
    status: int | None = None,
    method: str | None = None,
    path: str = "/calendar/v3/",
    times: int | None = 1,
    retry_after: float | None = None,
) -> Fault:
    """A fault that answers one of the Calendar API's documented errors.

    Args:
        reason: Google's reason: rateLimitExceeded, userRateLimitExceeded, quotaExceeded,
            backendError, authError, fullSyncRequired.
        status: HTTP status; None for the documented one (rateLimitExceeded is also sent with 429).
        method: HTTP method, None for any.
        path: Pattern searched in the path.
        times: How many calls it spoils; None for every one.
        retry_after: Seconds in a Retry-After header; None for no header.
    """
    usual = {"authError": 401, "fullSyncRequired": 410}
    default = api_errors.USAGE_LIMITS.get(reason, (usual.get(reason, 500), ""))[0]
    error = api_errors.injected(status or default, reason)
    return Fault(
        kind="status",
        status=status or default,
        method=method,
        path=path,
        times=times,
        retry_after=retry_after,
        body=json.dumps(error.body()),
    )


def token_fault(
    error: str = "server_error", *, status: int = 503, times: int | None = 1, path: str = "^/token$"
) -> Fault:
    """A fault of the token or revocation endpoint: ``invalid_grant`` with 400, or an outage."""
    body = json.dumps({"error": error, "error_description": "Injected by a test."})
    return Fault(kind="status", status=status, method="POST", path=path, times=times, body=body)


def fault_body(status: int) -> tuple[bytes, str]:
    """Body and content type of a fault that only names a status."""
    body = json.dumps(api_errors.injected(status, None).body())
    return body.encode(), "application/json; charset=UTF-8"
