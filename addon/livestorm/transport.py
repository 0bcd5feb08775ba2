"""Sending one HTTP request and reading its answer, within a given time.

Connections are kept and reused, one pool per thread, because a connection set-up costs more than
most calls. What `requests` puts above its connections is left out: one thread serves many
credentials, so a cookie set for one must not go out with another, nor a password from a ~/.netrc.
"""

import importlib.metadata
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
import urllib3.exceptions
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies

from addon.livestorm.failures import FailureKind, LivestormFailure, unreadable
from addon.livestorm.protocol import Query, Response

USER_AGENT = f"livestorm-calendar/{importlib.metadata.version('livestorm-calendar')}"

# A little over the 3 s after which TCP repeats a lost packet of its handshake (RFC 6298 §2).
_CONNECT_SECONDS = 3.05

# 50 events with descriptions of 100 kB each are 5 MB; an answer above this is not a page of
# anything, and one thread must not fill a worker's memory.
_BODY_BYTES = 8 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True)
class Wire:
    """What goes out: an absolute URL, headers (the credential among them) and a body."""

    method: str
    url: str
    headers: Mapping[str, str]
    query: Query = ()
    content: bytes | None = None
    writes: bool = False


def fits_a_header(value: str) -> bool:
    """Whether a text can go into a header: what a person pasted may hold anything."""
    return value.isascii() and value.isprintable()


class Transport:
    """Sends requests; thread-safe.

    Args:
        timeout_seconds: longest wait for one answer when there is no nearer deadline.
    """

    def __init__(self, *, timeout_seconds: float) -> None:
        self._timeout_seconds = timeout_seconds
        self._local = threading.local()
        # Read from the environment once; reading it takes as long as sending a request.
        self._certificates: str | bool = (
            os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
        )
        self._proxies: dict[str, dict[str, str]] = {}

    def send(
        self, wire: Wire, *, authorization: str | None = None, deadline: float | None = None
    ) -> Response:
        """Send a request and read its whole answer, whatever its status.

        Args:
            wire: the request.
            authorization: value of the Authorization header.
            deadline: `time.monotonic()` value after which nobody waits for the answer any more.

        Raises:
            LivestormFailure: UNAVAILABLE when no answer came, UNREADABLE when it was too large,
                UNAUTHORIZED when the credential cannot even be sent; `maybe_done` tells whether a
                write may have been carried out.
        """
        if authorization is not None and not fits_a_header(authorization):
            raise LivestormFailure(FailureKind.UNAUTHORIZED, detail="not a possible credential")
        until = time.monotonic() + self._timeout_seconds
        if deadline is not None:
            until = min(until, deadline)
        outcome = self._attempt(wire, authorization, until)
        # Raised here, outside the handler: the library's exceptions carry the URL, which may hold
        # an e-mail address, and must not hang on ours.
        if isinstance(outcome, LivestormFailure):
            raise outcome
        return outcome

    def _attempt(
        self, wire: Wire, authorization: str | None, until: float
    ) -> Response | LivestormFailure:
        left = until - time.monotonic()
        if left <= 0:
            return LivestormFailure(FailureKind.UNAVAILABLE, detail="no time left to send this")
        try:
            answer = self._connections().send(
                _prepared(wire, authorization),
                stream=True,
                timeout=(min(_CONNECT_SECONDS, left), left),
                verify=self._certificates,
                proxies=self._proxies_for(wire.url),
            )
            with answer:
                body = _body(answer, until, writes=wire.writes)
                return Response(answer.status_code, dict(answer.headers), body)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            return _no_answer(error, writes=wire.writes)

    def _connections(self) -> HTTPAdapter:
        connections: HTTPAdapter | None = getattr(self._local, "connections", None)
        if connections is None:
            # A thread has one request under way, so one connection per host is all it can use.
            connections = self._local.connections = HTTPAdapter(pool_maxsize=1)
        return connections

    def _proxies_for(self, url: str) -> dict[str, str]:
        host = urlsplit(url).netloc
        if host not in self._proxies:
            self._proxies[host] = get_environ_proxies(url)
        return self._proxies[host]


def _prepared(wire: Wire, authorization: str | None) -> requests.PreparedRequest:
    headers = {
        "User-Agent": USER_AGENT,
        "Accept-Encoding": "gzip, deflate",
        "Connection": "keep-alive",
        **wire.headers,
    }
    if authorization is not None:
        headers["Authorization"] = authorization
    query = [(name, _encodable(value)) for name, value in wire.query]
    return requests.Request(
        wire.method, wire.url, headers=headers, params=query, data=wire.content
    ).prepare()


def _encodable(text: str) -> str:
    # A lone surrogate, which JSON may carry, has no bytes to be percent-encoded.
    return text.encode("utf-8", "replace").decode("utf-8")


def _body(answer: requests.Response, until: float, *, writes: bool) -> bytes:
    """Read a body as it arrives, so that a trickle cannot outlast the deadline by long.

    The time-out of `requests` is per read; what ends a trickle is the look at the clock between.
    """
    chunks: list[bytes] = []
    size = 0
    while chunk := answer.raw.read1(_CHUNK_BYTES, decode_content=True):
        chunks.append(chunk)
        size += len(chunk)
        if size > _BODY_BYTES:
            raise unreadable("an answer of more than 8 MiB").during(
                status=answer.status_code, writes=writes
            )
        if time.monotonic() > until:
            raise LivestormFailure(
                FailureKind.UNAVAILABLE, detail="the answer took too long", maybe_done=writes
            )
    return b"".join(chunks)


def _no_answer(error: Exception, *, writes: bool) -> LivestormFailure:
    """Classify a transport failure: was the request on its way when it happened?"""
    # requests wraps what urllib3 raised, which wraps the reason: MaxRetryError(reason=…).
    inner = error.args[0] if error.args else None
    reason = getattr(inner, "reason", None) or inner
    name = type(reason if isinstance(reason, Exception) else error).__name__
    unsent = isinstance(
        error, requests.exceptions.ConnectTimeout | requests.exceptions.ProxyError
    ) or isinstance(
        reason,
        urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError,
    )
    if unsent:
        return LivestormFailure(FailureKind.UNAVAILABLE, detail=f"cannot connect ({name})")
    return LivestormFailure(
        FailureKind.UNAVAILABLE, detail=f"no answer ({name})", maybe_done=writes
    )
