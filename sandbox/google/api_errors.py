"""The errors of the Calendar API, in Google's own JSON shape.

Source: developers.google.com/workspace/calendar/api/guides/errors.
"""

from typing import Any

Json = dict[str, Any]
"""A JSON object, as it goes over the wire."""


class ApiError(Exception):
    """One error answer of the Calendar API.

    Attributes:
        status: HTTP status.
        reason: Google's machine-readable reason, for example ``notFound``.
        message: Google's text.
        domain: Google's error domain: ``global``, ``calendar``, ``usageLimits``, ``push``.
        location: Parameter or header the error is about.
        location_type: ``parameter`` or ``header``.
    """

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        *,
        domain: str = "global",
        location: str | None = None,
        location_type: str | None = None,
    ) -> None:
        super().__init__(f"{status} {reason}: {message}")
        self.status = status
        self.reason = reason
        self.message = message
        self.domain = domain
        self.location = location
        self.location_type = location_type

    def body(self) -> Json:
        """The JSON body that Google sends with this error."""
        entry: Json = {"domain": self.domain, "reason": self.reason, "message": self.message}
        if self.location is not None:
            entry["locationType"] = self.location_type or "parameter"
            entry["location"] = self.location
        error: Json = {"errors": [entry], "code": self.status, "message": self.message}
        if self.status == 401:
            error["status"] = "UNAUTHENTICATED"
        if self.reason == "insufficientPermissions":
            error["status"] = "PERMISSION_DENIED"
            error["details"] = [
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
                    "domain": "googleapis.com",
                }
            ]
        return {"error": error}


def not_found() -> ApiError:
    """The event, calendar or channel does not exist, or the caller may not see it."""
    return ApiError(404, "notFound", "Not Found")


def invalid(message: str, location: str | None = None) -> ApiError:
    """A parameter or field has a value Google does not take."""
    return ApiError(400, "invalid", message, location=location)


def required(message: str) -> ApiError:
    """A needed field is missing."""
    return ApiError(400, "required", message)


def bad_request(message: str = "Bad Request") -> ApiError:
    """Parameters that do not go together."""
    return ApiError(400, "badRequest", message)


def condition_not_met() -> ApiError:
    """The etag in If-Match is not the current one."""
    return ApiError(
        412,
        "conditionNotMet",
        "Precondition Failed",
        location="If-Match",
        location_type="header",
    )


def duplicate() -> ApiError:
    """The client's event id is taken, be it by a deleted event."""
    return ApiError(409, "duplicate", "The requested identifier already exists.")


def already_deleted() -> ApiError:
    """The event to delete is deleted already (410, but no reason to resync)."""
    return ApiError(410, "deleted", "Resource has been deleted")


def full_sync_required() -> ApiError:
    """The sync token is no longer valid."""
    return ApiError(
        410,
        "fullSyncRequired",
        "Sync token is no longer valid, a full sync is required.",
        domain="calendar",
        location="syncToken",
    )


def updated_min_too_long_ago() -> ApiError:
    """``updatedMin`` lies too far in the past."""
    return ApiError(
        410,
        "updatedMinTooLongAgo",
        "The requested minimum modification time lies too far in the past.",
        domain="calendar",
        location="updatedMin",
    )


def forbidden(message: str = "Forbidden") -> ApiError:
    """The caller sees the resource but may not do this with it."""
    return ApiError(403, "forbidden", message)


def forbidden_for_non_organizer() -> ApiError:
    """A guest's copy was asked to change a property all copies share."""
    return ApiError(
        403,
        "forbiddenForNonOrganizer",
        "Shared properties can only be changed by the organizer of the event.",
        domain="calendar",
    )


def invalid_credentials() -> ApiError:
    """The access token is missing, unknown, expired or revoked."""
    return ApiError(
        401,
        "authError",
        "Invalid Credentials",
        location="Authorization",
        location_type="header",
    )


def insufficient_scopes() -> ApiError:
    """The access token is good but lacks a scope this method accepts."""
    return ApiError(
        403, "insufficientPermissions", "Request had insufficient authentication scopes."
    )


USAGE_LIMITS: dict[str, tuple[int, str]] = {
    "rateLimitExceeded": (403, "Rate Limit Exceeded"),
    "userRateLimitExceeded": (403, "User Rate Limit Exceeded"),
    "quotaExceeded": (403, "Calendar usage limits exceeded."),
    "backendError": (500, "Backend Error"),
}
"""Documented reasons of quota and server faults: default status and text."""


def injected(status: int, reason: str | None) -> ApiError:
    """The error Google would send for an injected fault.

    Args:
        status: HTTP status of the fault.
        reason: Google's reason; None picks the usual one for the status.
    """
    usual = {403: "rateLimitExceeded", 429: "rateLimitExceeded", 500: "backendError"}
    name = reason or usual.get(status, "backendError")
    if name == "authError" or status == 401:
        return invalid_credentials()
    if name == "fullSyncRequired":
        return full_sync_required()
    _, message = USAGE_LIMITS.get(name, (status, name))
    domain = "usageLimits" if status in (403, 429) else "global"
    return ApiError(status, name, message, domain=domain)
