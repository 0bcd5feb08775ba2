"""A bare Flask view under the program's own gunicorn settings: what there is to lose against.

`python -m bench.bare PORT FILE` answers every POST to /addon/home with the bytes of FILE, made
JSON by its content type, and does nothing else.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from flask import Flask, Response

from bench.program import Served, free_port
from server.gunicorn import Server

START_SECONDS = 30
"""Forking two workers takes about a second on an idle core."""


class BareServer(Server):
    """The program's server, with another application in it."""

    def __init__(self, *, port: int, body: bytes) -> None:
        """Serve `body` on `port`."""
        self._body = body
        super().__init__(port=port, public=False)

    def load_config(self) -> None:
        """Take the program's settings, but for its metrics, which are not kept here."""
        super().load_config()
        self.cfg.set("child_exit", lambda _server, _worker: None)

    def load(self) -> Flask:
        """Make the application."""
        app, body = Flask("bare"), self._body

        @app.post("/addon/home")
        def home() -> Response:
            return Response(body, content_type="application/json")

        return app


@contextmanager
def bare(body: bytes, folder: Path) -> Iterator[Served]:
    """Serve `body` until the block ends; `folder` is for a file."""
    file, port = folder / "body.json", free_port()
    file.write_bytes(body)
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "bench.bare", str(port), str(file)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + START_SECONDS
            while True:
                try:
                    if requests.post(f"{url}/addon/home", timeout=START_SECONDS).ok:
                        break
                except requests.ConnectionError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.05)
            yield Served(url, process.pid)
        finally:
            process.terminate()
            process.wait(START_SECONDS)


if __name__ == "__main__":
    BareServer(port=int(sys.argv[1]), body=Path(sys.argv[2]).read_bytes()).run()
