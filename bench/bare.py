"""Bare Flask views under the program's own gunicorn settings: what there is to lose against.

`python -m bench.bare PORT FILE` answers POST to `JSON_PATH` with the value in FILE as Flask writes
JSON, and POST to `BYTES_PATH` with the bytes of FILE as they are, and does nothing else.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from flask import Flask, Response

from bench.program import Served
from server.gunicorn import Server
from tests.support.ports import free_port

JSON_PATH = "/json"
BYTES_PATH = "/bytes"

START_SECONDS = 30
"""Forking two workers takes about a second on an idle core."""


class BareServer(Server):
    """The program's server, with another application in it."""

    def __init__(self, *, port: int, body: bytes) -> None:
        """Serve `body`, which is a JSON object, on `port`."""
        self._body = body
        super().__init__(port=port, public=False)

    def load_config(self) -> None:
        """Take the program's settings, but for its metrics, which are not kept here."""
        super().load_config()
        self.cfg.set("child_exit", lambda _server, _worker: None)

    def load(self) -> Flask:
        """Make the application."""
        app, body = Flask("bare"), self._body
        value: dict[str, Any] = json.loads(body)

        @app.post(JSON_PATH)
        def written() -> dict[str, Any]:
            return value

        @app.post(BYTES_PATH)
        def ready_made() -> Response:
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
                    if requests.post(url + BYTES_PATH, timeout=START_SECONDS).ok:
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
