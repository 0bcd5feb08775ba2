"""How a call to Livestorm looks on the wire, without sending anything.

A `Call` is a request as a value together with the function that reads its answer, so everything but
the sending is pure. Source: developers.livestorm.co/docs/requests and .../docs/pagination.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from addon.livestorm.attributes import Attributes
from addon.livestorm.failures import FailureKind, LivestormFailure, classify, unreadable

T = TypeVar("T")

Query = tuple[tuple[str, str], ...]

# The documented maximum; the default is 20.
PAGE_SIZE = 50


@dataclass(frozen=True)
class Request:
    """One HTTP request: `path` is below the API's root and already quoted."""

    method: str
    path: str
    query: Query = ()
    body: Mapping[str, object] | None = None

    @property
    def writes(self) -> bool:
        """Whether it can change something at Livestorm."""
        return self.method != "GET"

    def content(self) -> bytes | None:
        """Return the body's bytes, in ASCII: lone surrogates in a title cannot break them."""
        return None if self.body is None else json.dumps(self.body).encode("ascii")


@dataclass(frozen=True)
class Response:
    """One HTTP answer, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Call(Generic[T]):
    """A request and the reading of its answer.

    Attributes:
        read: turns the body of a successful answer into the result; raises UNREADABLE only.
        repeatable: whether the HTTP layer may send it again by itself after a passing failure.
    """

    request: Request
    read: Callable[[bytes], T]
    repeatable: bool = False

    def result(self, response: Response) -> T:
        """Return what the answer brings.

        Raises:
            LivestormFailure: when the answer is not a success or cannot be read.
        """
        writes = self.request.writes
        if not 200 <= response.status < 300:  # noqa: PLR2004
            raise classify(response.status, response.headers, response.body, writes=writes)
        try:
            return self.read(response.body)
        except LivestormFailure as failure:
            raise failure.during(status=response.status, writes=writes) from None


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list.

    Attributes:
        next_page: None on the last, and on one that does not tell.
        total: how many items all pages had when this one was read, when known.
        tells: whether it says if there are more pages.
    """

    items: tuple[T, ...]
    next_page: int | None
    total: int | None = None
    tells: bool = True


# Livestorm's ids are UUIDs in every official sample. Anything outside these characters could reach
# another path, and cannot exist there.
_IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,100}")


def path(*parts: str) -> str:
    """Join fixed words and ids to a path.

    Raises:
        LivestormFailure: NOT_FOUND for an id that cannot be one, without asking Livestorm.
    """
    for part in parts:
        if not _IDENTIFIER.fullmatch(part):
            raise LivestormFailure(FailureKind.NOT_FOUND, detail="this cannot be an identifier")
    return "/" + "/".join(parts)


_WORDS = frozenset(
    {
        *("ping", "organization", "me", "people", "events", "sessions", "bulk", "jobs", "tasks"),
        "webhooks",
    }
)
"""The fixed words of all paths in `addon.livestorm.calls`."""


def template(path: str) -> str:
    """Return a path with "{id}" for each id: for logs and figures."""
    return "/".join(part if part in _WORDS or not part else "{id}" for part in path.split("/"))


def decode(body: bytes) -> object:
    """Return the JSON of a body.

    Raises:
        LivestormFailure: UNREADABLE.
    """
    try:
        decoded: object = json.loads(body)
    except (ValueError, RecursionError):
        # ValueError covers bad JSON, bad UTF-8 and numbers of thousands of digits.
        raise unreadable("the answer is not JSON") from None
    return decoded


def document(parse: Callable[[object], T]) -> Callable[[bytes], T]:
    """Make a parser of JSON documents a reader of bodies."""
    return lambda body: parse(decode(body))


def nothing(body: bytes) -> None:
    """Read an answer that carries nothing of interest.

    Raises:
        LivestormFailure: UNREADABLE for a web page: whatever sent it, it was not the API.
    """
    if body.lstrip().startswith(b"<"):
        raise unreadable("a web page instead of an answer")


def page_of(parse_item: Callable[[object, object], T]) -> Callable[[object], Page[T]]:
    """Make a parser of one resource, given it and its document, a parser of list documents."""

    def parse(value: object) -> Page[T]:
        members = Attributes.of(value)
        if not isinstance(members.members.get("data"), list):
            raise unreadable("a list without data")
        items = tuple(parse_item(item, value) for item in members.items("data"))
        meta = members.nested("meta")
        tells = "next_page" in meta.members or meta.number("page_count") is not None
        return Page(items, _next_page(meta), meta.number("record_count"), tells)

    return parse


def _next_page(meta: Attributes) -> int | None:
    current = meta.number("current_page") or 0
    following = meta.number("next_page")
    if following is None and "next_page" not in meta.members:
        count = meta.number("page_count")
        following = current + 1 if count is not None and current + 1 < count else None
    # A page that does not advance would be read for ever.
    return following if following is not None and following > current else None


def paged(query: Query, page: int) -> Query:
    """Add the page to a query; Livestorm counts pages from 0."""
    return (*query, ("page[number]", str(page)), ("page[size]", str(PAGE_SIZE)))
