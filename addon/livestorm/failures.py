"""What can go wrong when talking to Livestorm: one exception, one closed set of kinds.

Every refusal is classified here and nowhere else, so that the rest of the program decides by
`FailureKind` and never reads a vendor's text. Sources: developers.livestorm.co, pages
"Requests and responses", "API token authentication" and "Rate limits and quotas".
"""

import enum
import json
import re
from collections.abc import Iterator, Mapping
from typing import Self

from addon.livestorm.limits import header, retry_after_seconds


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
    """No such object, or this credential cannot see it."""

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


class LivestormFailure(Exception):
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
        self.kind = kind
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
    410: FailureKind.NOT_FOUND,
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
        _kind(status, headers, text),
        status=status,
        detail=text,
        retry_after=retry_after_seconds(headers),
        # 408 and 425 come from whatever stands before the application, but only a definite
        # refusal (another 4xx) proves that nothing was done.
        maybe_done=writes and not (_definite_refusal(status)),
    )


def _definite_refusal(status: int) -> bool:
    return 400 <= status < 500 and status not in {408, 425}  # noqa: PLR2004


def _kind(status: int, headers: Mapping[str, str], text: str) -> FailureKind:
    if status in {401, 403}:
        return _credential_kind(status, header(headers, "WWW-Authenticate") or "", text)
    if status == 422 and says_already_registered(text):  # noqa: PLR2004
        return FailureKind.CONFLICT
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


# Longest body whose text is looked at: an error is a few hundred bytes, anything longer is a page.
_READ_BYTES = 20_000
# Enough for Livestorm's longest known error text, short enough for a log line.
_DETAIL_CHARACTERS = 300
# Error objects nest one or two levels; deeper is not an error text.
_DEPTH = 4


def error_text(body: bytes) -> str:
    """Return the words of an error answer, whatever its form; "" when there are none."""
    start = body[:_READ_BYTES].decode("utf-8", "replace").strip()
    if start.startswith("<"):
        return "an HTML page instead of JSON"
    try:
        document: object = json.loads(body[:_READ_BYTES])
    except (ValueError, RecursionError):
        return "a body that is not JSON" if start else ""
    return "; ".join(dict.fromkeys(_texts(document, _DEPTH)))


def _texts(value: object, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        if value.strip():
            yield value.strip()
    elif depth and isinstance(value, list):
        for item in value:
            yield from _texts(item, depth - 1)
    elif depth and isinstance(value, dict):
        yield from _object_texts(value, depth)


def _object_texts(value: dict[str, object], depth: int) -> Iterator[str]:
    if "errors" in value:
        yield from _texts(value["errors"], depth - 1)
        return
    for name in ("detail", "error_description", "message", "title", "error"):
        # A list under one of these names is Rails' own form of errors, {"title": ["is blank"]}.
        if isinstance(value.get(name), str | dict):
            yield from _texts(value[name], depth - 1)
            return
    if not {"code", "status"} & value.keys():
        for name, item in value.items():
            for text in _texts(item, depth - 1):
                yield f"{name} {text}"


_WORD = re.compile(r"""[^\s<>()"',;]+""")
_NAMED_SECRET = re.compile(
    r"\b(bearer\s+|(?:key|token|secret|password|code|email)=)[^\s&]+", re.IGNORECASE
)
_JWT = re.compile(r"\beyJ[\w.\-]+")
_LONG_RUN = re.compile(r"[A-Za-z0-9_+/=\-]{20,}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ATTRIBUTE_NAME = re.compile(r"[a-z_\-/]+")


def safe_detail(text: str) -> str:
    """Bound a text and take out what must not reach a log.

    Removed are e-mail addresses, the query part of URLs, named secrets and every long run of
    characters that could be a token or a personal key. Identifiers (UUIDs) and attribute names
    stay, because they are what a person needs to find the cause.
    """
    cut = text[:_READ_BYTES]
    if len(text) > _READ_BYTES:
        # Half a word could be half an address, which no pattern would know any more.
        cut = cut.rpartition(" ")[0]
    printable = " ".join("".join(c if c.isprintable() else " " for c in cut).split())
    named = _JWT.sub("[hidden]", _NAMED_SECRET.sub(r"\1[hidden]", printable))
    hidden = _WORD.sub(_hide_word, named)
    if len(hidden) <= _DETAIL_CHARACTERS:
        return hidden
    return hidden[: _DETAIL_CHARACTERS - 1] + "…"


def _hide_word(found: re.Match[str]) -> str:
    word = found.group()
    if "://" in word:
        word = word.partition("?")[0]
    if "@" in word or "%40" in word:
        return "[address]"
    return _LONG_RUN.sub(_hide_run, word)


def _hide_run(found: re.Match[str]) -> str:
    run = found.group()
    if _ATTRIBUTE_NAME.fullmatch(run):
        return run
    # A path of several identifiers is one run, because "/" is also a base64 character.
    parts = run.split("/")
    if all(_UUID.fullmatch(part) or len(part) < 20 for part in parts):  # noqa: PLR2004
        return run
    return "[hidden]"
