"""A receiver of push messages that remembers what it got."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import Flask, Response, request

from sandbox.simulation import serve


@dataclass(frozen=True)
class Message:
    """One push message as it arrived."""

    headers: dict[str, str]
    body: bytes

    @property
    def state(self) -> str:
        """X-Goog-Resource-State."""
        return self.headers["x-goog-resource-state"]

    @property
    def number(self) -> int:
        """X-Goog-Message-Number."""
        return int(self.headers["x-goog-message-number"])


@dataclass
class Receiver:
    """Answers with ``statuses`` in turn, then with 204."""

    statuses: list[int] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    url: str = ""
    arrived: threading.Condition = field(default_factory=threading.Condition)

    @contextmanager
    def serve(self) -> Iterator["Receiver"]:
        """Listen until the block ends."""
        app = Flask(__name__)

        @app.post("/hook")
        def hook() -> Response:
            headers = {name.lower(): value for name, value in request.headers.items()}
            with self.arrived:
                self.messages.append(Message(headers, request.get_data()))
                status = self.statuses.pop(0) if self.statuses else 204
                self.arrived.notify_all()
            return Response(status=status)

        with serve(app) as server:
            self.url = f"{server.url}/hook"
            yield self

    def wait_for(self, number: int, seconds: float = 5.0) -> list[Message]:
        """The messages, once there are that many."""
        until = time.monotonic() + seconds
        with self.arrived:
            while len(self.messages) < number and time.monotonic() < until:
                self.arrived.wait(0.05)
            assert len(self.messages) >= number, self.messages
            return list(self.messages)
