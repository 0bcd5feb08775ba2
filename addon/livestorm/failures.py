"""What can go wrong when talking to Livestorm: one exception, one closed set of kinds.

Every refusal is classified here and nowhere else, so that the rest of the program decides by
`FailureKind` and never reads a vendor's text. Sources: developers.livestorm.co, pages
"Requests and responses", "API token authentication" and "Rate limits and quotas".
"""

import enum
import re
from collections.abc import Mapping
from typing import Self

from addon.livestorm.detail import error_text, has_errors, safe_detail
from addon.livestorm.limits import header, retry_after_seconds
from addon.remote import RemoteFailure


class FailureKind(enum.Enum):
    """What a failed call means for the product."""

    UNAUTHORIZED = "unauthorized"
    """The credential is missing, wrong, expired or revoked. Livestorm documents 401 for a missing
    scope too (and 403 on another page); where the answer does not tell them apart it is this."""

    FORBIDDEN = "forbidden"
    """The credential is good but may not do this: scope, role, or a workspace without API."""

    PAYMENT_REQUIRED = "payment_required"
    """The plan's allowance of active contacts is used up."""

    NOT_FOUND = "not_found"
    """No such object, or this credential cannot see it. Only the API's own 404 is this, told by
    its list of errors: whoever reads it may end a pair of events. Another 404 (of a gateway, or of
    an address that is not the API) and 410 (an API that was retired) are UNREADABLE."""

    CONFLICT = "conflict"
    """It exists already; for a registration: this address is registered for the session."""

    INVALID = "invalid"
    """Livestorm understood and refuses; sending the same again will not help."""

    RATE_LIMITED = "rate_limited"
    """Too many calls; nothing was done. `retry_after` says when to come back, when known."""

    UNAVAILABLE = "unavailable"
    """No answer, or Livestorm's own failure (5xx). Worth trying later."""

    UNREADABLE = "unreadable"
    """An answer that is not what Livestorm documents."""


class LivestormFailure(RemoteFailure):
    """A call to Livestorm that did not bring what was asked for.

    Attributes:
        kind: what it means; the only thing decisions are taken on.
        status: the HTTP status, None when there was no answer.
        detail: bounded text for logs and operators, without tokens, keys or e-mail addresses.
        retry_after: seconds to wait before the next call, when Livestorm said so.
        maybe_done: True when the request may have been carried out all the same (time-out after
            sending, connection lost, 5xx, unreadable answer to a write): look before repeating.
    """

    def __init__(
        self,
        kind: FailureKind,
        *,
        status: int | None = None,
        detail: str = "",
        retry_after: float | None = None,
        maybe_done: bool = False,
    ) -> None:
        self.kind: FailureKind = kind
        self.status = status
        self.detail = safe_detail(detail)
        self.retry_after = retry_after
        self.maybe_done = maybe_done
        super().__init__(f"{kind.value}: {self.detail}" if self.detail else kind.value)

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions with keyword-only arguments do not pickle by themselves, and a job engine
        # stores the failures of its steps.
        return (_rebuild, (self.kind, self.status, self.detail, self.retry_after, self.maybe_done))

    def during(self, *, status: int | None, writes: bool) -> Self:
        """Return the same failure with the circumstances in which it came up."""
        return type(self)(
            self.kind,
            status=self.status if self.status is not None else status,
            detail=self.detail,
            retry_after=self.retry_after,
            maybe_done=self.maybe_done or writes,
        )


def _rebuild(
    kind: FailureKind,
    status: int | None,
    detail: str,
    retry_after: float | None,
    maybe_done: bool,  # noqa: FBT001  positional because pickle calls it
) -> LivestormFailure:
    return LivestormFailure(
        kind, status=status, detail=detail, retry_after=retry_after, maybe_done=maybe_done
    )


def unreadable(detail: str) -> LivestormFailure:
    """Build the failure for an answer that does not have the documented form."""
    return LivestormFailure(FailureKind.UNREADABLE, detail=detail)


_BY_STATUS = {
    400: FailureKind.INVALID,
    401: FailureKind.UNAUTHORIZED,
    402: FailureKind.PAYMENT_REQUIRED,
    403: FailureKind.FORBIDDEN,
    404: FailureKind.NOT_FOUND,
    408: FailureKind.UNAVAILABLE,
    409: FailureKind.CONFLICT,
    410: FailureKind.UNREADABLE,
    422: FailureKind.INVALID,
    425: FailureKind.UNAVAILABLE,
    429: FailureKind.RATE_LIMITED,
}

# Livestorm documents 409 for a second registration, but its API has also been seen to answer 422
# with one of these texts (github.com/livestorm/stormbatch, JobResults.vue).
_ALREADY_REGISTERED = (
    "already been invited",
    "already registered",
    "already been registered",
    "has already been taken",
)


def says_already_registered(text: str) -> bool:
    """Whether Livestorm's text says that this address is registered already."""
    lowered = text.lower()
    return any(phrase in lowered for phrase in _ALREADY_REGISTERED)


# Seen in answers to registrations (github.com/livestorm/stormbatch).
_UNKNOWN_FIELD = re.compile(r"the field ['\"“]([a-z0-9_\-]+)['\"”] doesn['’]t exist", re.IGNORECASE)


def unknown_fields(failure: LivestormFailure) -> frozenset[str]:
    """Return the ids of the fields that Livestorm says the registration form does not have."""
    if failure.kind is not FailureKind.INVALID:
        return frozenset()
    return frozenset(_UNKNOWN_FIELD.findall(failure.detail))


def classify(
    status: int, headers: Mapping[str, str], body: bytes, *, writes: bool = True
) -> LivestormFailure:
    """Turn an answer that is not a success into the failure it means.

    Args:
        status: HTTP status of the answer.
        headers: its headers, any case.
        body: its body: JSON errors of any form, an HTML page, or nothing.
        writes: whether the request could change something; decides `maybe_done`.
    """
    text = error_text(body)
    return LivestormFailure(
        _kind(status, headers, body, text),
        status=status,
        detail=text,
        retry_after=retry_after_seconds(headers),
        # 408 and 425 come from whatever stands before the application, but only a definite
        # refusal (another 4xx) proves that nothing was done.
        maybe_done=writes and not (_definite_refusal(status)),
    )


def _definite_refusal(status: int) -> bool:
    return 400 <= status < 500 and status not in {408, 425}  # noqa: PLR2004


def _kind(  # noqa: PLR0911 - one return per rule
    status: int, headers: Mapping[str, str], body: bytes, text: str
) -> FailureKind:
    if status in {401, 403}:
        return _credential_kind(status, header(headers, "WWW-Authenticate") or "", text)
    if status == 422 and says_already_registered(text):  # noqa: PLR2004
        return FailureKind.CONFLICT
    if status == 404 and not has_errors(body):  # noqa: PLR2004
        return FailureKind.UNREADABLE
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if 400 <= status < 500:  # noqa: PLR2004
        return FailureKind.INVALID
    if 500 <= status < 600:  # noqa: PLR2004
        return FailureKind.UNAVAILABLE
    return FailureKind.UNREADABLE


def _credential_kind(status: int, challenge: str, text: str) -> FailureKind:
    """Tell a bad credential from a missing right.

    "API token authentication" says 401 for a missing scope, "Requests and responses" says 403. The
    error code of the WWW-Authenticate header (RFC 6750 §3.1) decides where there is one; after it,
    a text that speaks of scopes; last the status.
    """
    if "invalid_token" in challenge:
        return FailureKind.UNAUTHORIZED
    if "insufficient_scope" in challenge or "scope" in text.lower():
        return FailureKind.FORBIDDEN
    return _BY_STATUS[status]
