"""A bare HTTP server for what no well-behaved server does."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

REQUEST_BYTES = 65_536

Answer = Callable[[socket.socket], None]


@dataclass
class WireServer:
    """Accepts connections and answers each request with the next answer in turn.

    Attributes:
        url: its origin.
        requests: what came in, raw.
        connections: how many connections were opened.
    """

    url: str
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0


@contextmanager
def wire_server(*answers: Answer) -> Iterator[WireServer]:
    """Serve the answers one after the other, then close every further connection."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = WireServer(f"http://127.0.0.1:{listener.getsockname()[1]}")
    left = list(answers)
    threads: list[threading.Thread] = []
    opened: list[socket.socket] = []

    def converse(connection: socket.socket) -> None:
        with connection:
            while left:
                try:
                    request = _request(connection)
                    if not request:
                        return
                    server.requests.append(request)
                    left.pop(0)(connection)
                except (ConnectionError, Closed):
                    return

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            server.connections += 1
            opened.append(connection)
            thread = threading.Thread(target=converse, args=(connection,))
            thread.start()
            threads.append(thread)

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield server
    finally:
        left.clear()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join()
        for connection in opened:
            with suppress(OSError):  # closed already
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join()


class Closed(Exception):
    """The answer was to close the connection."""


def _request(connection: socket.socket) -> bytes:
    raw = b""
    while b"\r\n\r\n" not in raw:
        piece = connection.recv(REQUEST_BYTES)
        if not piece:
            return raw
        raw += piece
    head, _, body = raw.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
            while len(body) < length:
                body += connection.recv(REQUEST_BYTES)
    return head + b"\r\n\r\n" + body


def answer(body: bytes = b"{}", *, status: str = "200 OK", headers: str = "") -> Answer:
    """Answer well."""
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode()
    return lambda connection: connection.sendall(head + body)


def raw(content: bytes) -> Answer:
    """Send these bytes and close."""

    def send(connection: socket.socket) -> None:
        connection.sendall(content)
        raise Closed

    return send


def hang_up() -> Answer:
    """Close without an answer."""
    return raw(b"")


def silence(stop: threading.Event) -> Answer:
    """Do not answer."""

    def send(_: socket.socket) -> None:
        stop.wait()
        raise Closed

    return send


def trickle(body: bytes, *, pause: float, stop: threading.Event) -> Answer:
    """Send a body byte by byte."""

    def send(connection: socket.socket) -> None:
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode())
        for byte in body:
            if stop.wait(pause):
                raise Closed
            connection.sendall(bytes([byte]))

    return send


def endless(*, stop: threading.Event) -> Answer:
    """Send a body that does not end."""

    def send(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while not stop.is_set():
            connection.sendall(b" " * REQUEST_BYTES)
        raise Closed

    return send
