"""Sending one HTTP request and reading its answer, within a given time.

Connections are kept and reused, one pool per thread, because a connection set-up costs more than
most calls. It is urllib3 without what `requests` puts above it, which takes as long again for each
call: one thread serves many credentials, so a cookie set for one must not go out with another, nor
a password from a ~/.netrc.
"""

import importlib.metadata
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import urllib3
from requests.utils import (
    DEFAULT_CA_BUNDLE_PATH,
    get_auth_from_url,
    get_environ_proxies,
    select_proxy,
)

from addon.livestorm.failures import FailureKind, LivestormFailure, unreadable
from addon.livestorm.protocol import Query, Response

USER_AGENT = f"livestorm-calendar/{importlib.metadata.version('livestorm-calendar')}"

# A little over the 3 s after which TCP repeats a lost packet of its handshake (RFC 6298 §2).
_CONNECT_SECONDS = 3.05

# 50 events with descriptions of 100 kB each are 5 MB; an answer above this is not a page of
# anything, and one thread must not fill a worker's memory.
_BODY_BYTES = 8 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024


_HEADERS = {
    "User-Agent": USER_AGENT,
    "Accept-Encoding": "gzip, deflate",
    "Connection": "keep-alive",
}


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
        self._certificates = (
            os.environ.get("REQUESTS_CA_BUNDLE")
            or os.environ.get("CURL_CA_BUNDLE")
            or DEFAULT_CA_BUNDLE_PATH
        )
        self._proxies: dict[str, str | None] = {}

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
        headers = dict(_HEADERS)
        headers.update(wire.headers)
        if authorization is not None:
            headers["Authorization"] = authorization
        url = wire.url
        if wire.query:
            url += "?" + urlencode([(name, _encodable(value)) for name, value in wire.query])
        try:
            answer = self._connections(url).request(
                wire.method,
                url,
                body=wire.content,
                headers=headers,
                timeout=urllib3.Timeout(connect=min(_CONNECT_SECONDS, left), read=left),
                # Whether to repeat a call is for `Gate` to say, and the API does not move.
                retries=False,
                redirect=False,
                preload_content=False,
            )
            try:
                body = _body(answer, until, writes=wire.writes)
            except BaseException:
                # The rest of the answer must not be read as the next one.
                answer.close()
                raise
            finally:
                answer.release_conn()
            return Response(answer.status, dict(answer.headers), body)
        except urllib3.exceptions.HTTPError as error:
            return _no_answer(error, writes=wire.writes)

    def _connections(self, url: str) -> urllib3.PoolManager:
        pools: dict[str | None, urllib3.PoolManager] | None = getattr(self._local, "pools", None)
        if pools is None:
            pools = self._local.pools = {}
        proxy = self._proxy_for(url)
        if proxy not in pools:
            pools[proxy] = self._pool(proxy)
        return pools[proxy]

    def _pool(self, proxy: str | None) -> urllib3.PoolManager:
        # A thread has one request under way, so one connection per host is all it can use.
        if proxy is None:
            return urllib3.PoolManager(maxsize=1, ca_certs=self._certificates)
        user, password = get_auth_from_url(proxy)
        basic = f"{user}:{password}" if user else None
        return urllib3.ProxyManager(
            proxy,
            proxy_headers=urllib3.make_headers(proxy_basic_auth=basic),
            maxsize=1,
            ca_certs=self._certificates,
        )

    def _proxy_for(self, url: str) -> str | None:
        host = urlsplit(url).netloc
        if host not in self._proxies:
            # As `requests` reads the environment for everything else that goes out.
            self._proxies[host] = select_proxy(url, get_environ_proxies(url))
        return self._proxies[host]


def _encodable(text: str) -> str:
    # A lone surrogate, which JSON may carry, has no bytes to be percent-encoded.
    return text.encode("utf-8", "replace").decode("utf-8")


def _body(answer: urllib3.BaseHTTPResponse, until: float, *, writes: bool) -> bytes:
    """Read a body as it arrives, so that a trickle cannot outlast the deadline by long.

    A time-out is per read; what ends a trickle is the look at the clock between.
    """
    chunks: list[bytes] = []
    size = 0
    while chunk := answer.read1(_CHUNK_BYTES, decode_content=True):
        chunks.append(chunk)
        size += len(chunk)
        if size > _BODY_BYTES:
            raise unreadable("an answer of more than 8 MiB").during(
                status=answer.status, writes=writes
            )
        if time.monotonic() > until:
            raise LivestormFailure(
                FailureKind.UNAVAILABLE, detail="the answer took too long", maybe_done=writes
            )
    return b"".join(chunks)


def _no_answer(error: Exception, *, writes: bool) -> LivestormFailure:
    """Classify a transport failure: was the request on its way when it happened?"""
    unsent = isinstance(
        error,
        urllib3.exceptions.NewConnectionError
        | urllib3.exceptions.ConnectTimeoutError
        | urllib3.exceptions.ProxyError,
    )
    name = type(error).__name__
    if unsent:
        return LivestormFailure(FailureKind.UNAVAILABLE, detail=f"cannot connect ({name})")
    return LivestormFailure(
        FailureKind.UNAVAILABLE, detail=f"no answer ({name})", maybe_done=writes
    )
