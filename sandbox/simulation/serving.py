"""Serving a simulator over real HTTP/1.1, in this process."""

import http.client
import io
import socket
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from werkzeug.serving import DechunkedInput, ThreadedWSGIServer, WSGIRequestHandler

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Headers = Sequence[tuple[str, str]]

PORTS_TRIED = 50
"""How far a taken port may move: enough for a machine where every neighbour is taken as well."""


class HangUp(ConnectionAbortedError):
    """Raised by an application to close the connection really.

    With a ``status`` the head and ``body`` are sent first, whatever length the headers promise.
    """

    def __init__(self, status: str | None = None, headers: Headers = (), body: bytes = b"") -> None:
        super().__init__("the simulator hangs up")
        self.status = status
        self.headers = headers
        self.body = body


class KeepAliveHandler(WSGIRequestHandler):
    """Request handler with real keep-alive.

    Werkzeug's own closes every connection, and waits 10 ms after every answer for unread input.
    Here the request body is read whole before the application runs, and the answer leaves in one
    write, so neither is needed. Answers are therefore never streamed.
    """

    protocol_version = "HTTP/1.1"
    # Without this a second small write waits up to 40 ms for the peer's delayed acknowledgement.
    disable_nagle_algorithm = True

    def setup(self) -> None:
        """Tell the server that the connection is open."""
        super().setup()
        cast("_Server", self.server).connections.add(self.connection)

    def finish(self) -> None:
        """Tell the server that the connection is over."""
        cast("_Server", self.server).connections.discard(self.connection)
        super().finish()

    def run_wsgi(self) -> None:
        """Answer one request."""
        if self.headers.get("Expect", "").strip().lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        environ = self.make_environ()
        environ["wsgi.input"] = io.BytesIO(self._request_body())
        started: list[tuple[str, Headers]] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], exc_info: object = None
        ) -> Any:
            del exc_info  # nothing is sent before the end, so a second start may replace the first
            started[:] = [(status, headers)]

        try:
            answer: Iterable[bytes] = self.server.app(environ, start_response)
            try:
                body = b"".join(answer)
            finally:
                close = getattr(answer, "close", None)
                if close is not None:
                    close()
            status, headers = started[0]
            self._send(status, headers, body)
        except HangUp as hang_up:
            self.close_connection = True
            if hang_up.status is not None:
                self._send(hang_up.status, hang_up.headers, hang_up.body)
            self.connection.shutdown(socket.SHUT_RDWR)

    def _request_body(self) -> bytes:
        source = cast(BinaryIO, self.rfile)
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            dechunked: io.RawIOBase = DechunkedInput(source)
            return dechunked.readall()
        length = self.headers.get("Content-Length", "0")
        return source.read(int(length)) if length.isdigit() else b""

    def _send(self, status: str, headers: Headers, body: bytes) -> None:
        code = int(status.split(" ", 1)[0])
        names = {name.lower() for name, _ in headers}
        head = [f"HTTP/1.1 {code} {http.client.responses.get(code, 'Unknown')}"]
        head += [f"{name}: {value}" for name, value in headers]
        if "date" not in names:
            head.append(f"Date: {self.date_time_string()}")
        bodyless = self.command == "HEAD" or code in (204, 304)
        if "content-length" not in names and code not in (204, 304):
            head.append(f"Content-Length: {len(body)}")
        if self.close_connection:
            head.append("Connection: close")
        raw = "\r\n".join([*head, "", ""]).encode("latin-1")
        self.wfile.write(raw if bodyless else raw + body)

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 (Werkzeug's name)
        """Stay silent: the simulator keeps its own log of calls."""


class _Server(ThreadedWSGIServer):
    """Threaded server that knows its open connections, so that it can really stop."""

    def __init__(self, host: str, port: int, app: "WSGIApplication", fd: int) -> None:
        self.connections: set[socket.socket] = set()
        super().__init__(host, port, app, KeepAliveHandler, fd=fd)

    def hang_up(self) -> None:
        """Close every connection that is still open."""
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the peer or the handler was faster

    def handle_error(self, request: object, client_address: object) -> None:
        """Report a fault of the simulator itself, but not a peer that went away."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, cast(Any, client_address))


@dataclass(frozen=True)
class Server:
    """A simulator that is being served. ``url`` is its origin, without a slash at the end."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """The origin, such as ``http://127.0.0.1:8082``."""
        return f"http://{self.host}:{self.port}"


def _listen(host: str, port: int) -> socket.socket:
    """Return a listening socket on ``port`` or the next free one; 0 means any."""
    for candidate in range(port, port + (PORTS_TRIED if port else 1)):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            listener.listen(128)  # as Werkzeug's own queue
        except OSError:
            listener.close()
            continue
        return listener
    raise OSError(f"no free port from {port} to {port + PORTS_TRIED - 1} on {host}")


@contextmanager
def serve(app: "WSGIApplication", port: int = 0, *, host: str = "127.0.0.1") -> Iterator[Server]:
    """Serve a WSGI application in threads of this process until the block ends.

    Args:
        app: The application. It may raise ``HangUp``.
        port: Port to listen on, the next free one when it is taken; 0 for any free port.
        host: Address to listen on.

    Raises:
        OSError: None of the ports tried is free.
    """
    with _listen(host, port) as listener:
        server = _Server(host, listener.getsockname()[1], app, listener.fileno())
    # 20 ms: how long stopping takes at most; half a second, the default, adds up in tests.
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    try:
        yield Server(host, server.port)
    finally:
        server.shutdown()
        thread.join()
        server.hang_up()
        server.server_close()
