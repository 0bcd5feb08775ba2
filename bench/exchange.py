"""Ask over HTTP/1.1 as many callers at once, from one thread.

The callers share two cores with what is measured, so this costs some 20 µs a request: requests
are bytes made beforehand, and of an answer only status and length are read.
"""

import re
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

PATIENCE_SECONDS = 30.0
"""As long as Google waits for an add-on; nothing measured here may come near."""

NO_CONTENT = 204

_CHUNK_BYTES = 64 * 1024
_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\nContent-Length: *(\d+)", re.IGNORECASE)


class NoAnswer(Exception):
    """The server closed a connection, answered what cannot be read, or took too long."""


@dataclass(frozen=True)
class Answer:
    """One answer: its status, its body, and the seconds from sending to its last byte."""

    status: int
    body: bytes
    seconds: float


@dataclass(frozen=True)
class Flood:
    """What came of asking for a while.

    Attributes:
        answered: Answers with status 200.
        refused: Answers with another status.
        seconds: How long it took.
        own_seconds: Processor time that asking took of that; close to `seconds` would mean that
            the asking was measured, and not the server.
    """

    answered: int
    refused: int
    seconds: float
    own_seconds: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answered / self.seconds


class Caller:
    """One connection, kept open."""

    def __init__(self, origin: str) -> None:
        """Connect to an origin such as `http://127.0.0.1:8080`."""
        parts = urlsplit(origin)
        self.socket = socket.create_connection((parts.hostname, parts.port), PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""
        self._began = 0.0

    def ask(self, request: bytes, due: float | None = None) -> None:
        """Send a request; the answer to the one before must have been read.

        Args:
            request: Its bytes.
            due: `time.perf_counter()` value from which its time is taken: now, if not given.
        """
        self._began = time.perf_counter() if due is None else due
        self.socket.sendall(request)

    def read(self) -> Answer | None:
        """Read what has arrived; return the answer when it is complete.

        Raises:
            NoAnswer: there will be none.
        """
        chunk = self.socket.recv(_CHUNK_BYTES)
        if not chunk:
            raise NoAnswer("the server closed the connection")
        self._received += chunk
        head_ends = self._received.find(_HEAD_END)
        if head_ends < 0:
            return None
        # "HTTP/1.1 200 OK"
        status = int(self._received[9:12])
        length = _LENGTH.search(self._received, 0, head_ends)
        if length is None and status != NO_CONTENT:
            raise NoAnswer("the answer does not say how long it is")
        body_begins = head_ends + len(_HEAD_END)
        if length is not None and len(self._received) < body_begins + int(length[1]):
            return None
        answer = Answer(
            status,
            self._received[body_begins:],
            time.perf_counter() - self._began,
        )
        self._received = b""
        return answer


@contextmanager
def callers(origin: str, count: int) -> Iterator[list[Caller]]:
    """Open `count` connections, and close them at the end."""
    opened: list[Caller] = []
    try:
        for _ in range(count):
            opened.append(Caller(origin))
        yield opened
    finally:
        for caller in opened:
            caller.socket.close()


def post(origin: str, path: str, body: bytes, bearer: str) -> bytes:
    """Return the bytes of a request as the Apps Script bridge sends it."""
    head = (
        f"POST {path} HTTP/1.1",
        f"Host: {urlsplit(origin).netloc}",
        f"Authorization: Bearer {bearer}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Accept-Encoding: gzip",
        "User-Agent: Mozilla/5.0 (compatible; Google-Apps-Script)",
    )
    return "\r\n".join((*head, "", "")).encode() + body


def at_once(asking: Sequence[Caller], requests: Sequence[bytes]) -> list[Answer]:
    """Send one request from each caller in the same moment and wait for all answers.

    Raises:
        NoAnswer: one of them stayed away.
    """
    answers: dict[Caller, Answer] = {}
    with selectors.DefaultSelector() as waiting:
        for caller in asking:
            waiting.register(caller.socket, selectors.EVENT_READ, caller)
        for caller, request in zip(asking, requests, strict=True):
            caller.ask(request)
        while len(answers) < len(asking):
            for caller, answer in _arrived(waiting):
                if answer is not None:
                    answers[caller] = answer
    return [answers[caller] for caller in asking]


def flood(asking: Sequence[Caller], requests: Sequence[bytes], seconds: float) -> Flood:
    """Have every caller ask again as soon as it is answered, for some seconds.

    Args:
        asking: The callers; each sends its own request of `requests`, again and again.
        requests: One for each caller.
        seconds: How long.

    Raises:
        NoAnswer: one of them stayed away.
    """
    sends = dict(zip(asking, requests, strict=True))
    answered = refused = 0
    with selectors.DefaultSelector() as waiting:
        began, own_began = time.perf_counter(), time.process_time()
        for caller, request in sends.items():
            waiting.register(caller.socket, selectors.EVENT_READ, caller)
            caller.ask(request)
        under_way = len(asking)
        while under_way:
            going_on = time.perf_counter() - began < seconds
            for caller, answer in _arrived(waiting):
                if answer is None:
                    continue
                if answer.status == 200:
                    answered += 1
                else:
                    refused += 1
                if going_on:
                    caller.ask(sends[caller])
                else:
                    under_way -= 1
        took = time.perf_counter() - began
        return Flood(answered, refused, took, time.process_time() - own_began)


def paced(asking: Sequence[Caller], requests: Sequence[bytes], rate: float) -> list[Answer]:
    """Send requests at a steady rate, whatever becomes of those before.

    An answer's time counts from when its request was due, so that one that has to wait for a free
    connection is not taken for fast.

    Args:
        asking: The connections; enough of them that one is always free.
        requests: In the order in which they are sent.
        rate: Requests a second.

    Raises:
        NoAnswer: one of them stayed away.
    """
    answers: list[Answer] = []
    free = list(asking)
    with selectors.DefaultSelector() as waiting:
        for caller in asking:
            waiting.register(caller.socket, selectors.EVENT_READ, caller)
        began, sent = time.perf_counter(), 0
        while len(answers) < len(requests):
            now = time.perf_counter()
            while sent < len(requests) and free and began + sent / rate <= now:
                free.pop().ask(requests[sent], began + sent / rate)
                sent += 1
            patience = PATIENCE_SECONDS
            if sent < len(requests) and free:
                patience = max(began + sent / rate - now, 0)
            for key, _ in waiting.select(patience):
                caller = key.data
                answer = caller.read()
                if answer is not None:
                    answers.append(answer)
                    free.append(caller)
            if time.perf_counter() - began > len(requests) / rate + PATIENCE_SECONDS:
                raise NoAnswer(f"{len(requests) - len(answers)} answers did not come")
    return answers


def _arrived(waiting: selectors.BaseSelector) -> Iterator[tuple[Caller, Answer | None]]:
    ready = waiting.select(PATIENCE_SECONDS)
    if not ready:
        raise NoAnswer(f"nothing came for {PATIENCE_SECONDS:g} s")
    for key, _ in ready:
        caller: Caller = key.data
        yield caller, caller.read()
