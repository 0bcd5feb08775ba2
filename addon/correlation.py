"""What work is done for: an id that goes from a request to the job it wakes, and into the logs.

Requests have the id of `server.logs`. What nobody asked for has the name of what began it and a
colon, which no id from outside may contain, so that the two cannot be mistaken for each other.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from structlog.contextvars import bound_contextvars, get_contextvars

MAX_LENGTH = 80
"""Ids from outside have at most 64 characters, names of our own at most 40, with 17 more."""

SWEEPS = frozenset({"sweep-calendars", "sweep-links", "list-workspace"})
"""What compares without having been told: whatever it finds, no notification brought."""

_KEY = "request_id"
_BYTES = 8
"""64 random bits tell apart all the work that is ever looked for in one log."""


def current() -> str | None:
    """Return the id of what this thread works for, None when nothing was said."""
    found = get_contextvars().get(_KEY)
    return found if isinstance(found, str) else None


def begun_by(name: str) -> str:
    """Return a new id for work that no request asked for, such as a schedule's."""
    return f"{name}:{secrets.token_hex(_BYTES)}"


@contextmanager
def working_for(request_id: str, **values: str) -> Iterator[None]:
    """Bind an id, and more values of ours, to every log line and wake-up of this thread."""
    with bound_contextvars(**{_KEY: request_id}, **values):
        yield


def is_sweep(request_id: str | None) -> bool:
    """Whether this is the id of work that compares without having been told."""
    name, colon, _ = (request_id or "").partition(":")
    return bool(colon) and name in SWEEPS
