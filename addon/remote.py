"""Every call to another company: one line in the log, and told to whoever counts."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum

import structlog

from addon.observations import RemoteCall, tell

GOOGLE = "google"
LIVESTORM = "livestorm"

_BROKEN = "broken"
"""Outcome of a call that ended by a defect of ours."""

_log = structlog.get_logger(__name__)


class RemoteFailure(Exception):
    """A call to another company that did not bring what was asked for.

    Attributes:
        kind: What it means; each company's client has a closed set of its own.
        status: The HTTP status, None when there was no answer.
    """

    kind: Enum
    status: int | None


@dataclass
class Answer:
    """What is known of a call so far; the caller notes the HTTP status of its answer."""

    status: int | None = None


@contextmanager
def calling(vendor: str, verb: str, path: str, **more: str | int) -> Iterator[Answer]:
    """Log and count the call made inside, whether it succeeds or not.

    Args:
        vendor: `GOOGLE` or `LIVESTORM`.
        verb: The HTTP method.
        path: The path without ids and query: a word of ours stands for each id.
        more: For the log line; ids of workspaces and the like, nothing of a person.
    """
    answer = Answer()
    outcome = _BROKEN
    began = time.perf_counter()
    try:
        yield answer
        outcome = "ok"
    except RemoteFailure as failure:
        outcome = str(failure.kind.value)
        answer.status = failure.status
        raise
    finally:
        seconds = time.perf_counter() - began
        _log.info(
            "remote_call",
            vendor=vendor,
            verb=verb,
            path=path,
            status=answer.status,
            outcome=outcome,
            milliseconds=round(seconds * 1000),
            **more,
        )
        tell(RemoteCall(vendor, verb, path, outcome, seconds))
