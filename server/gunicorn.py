"""The production web process: gunicorn around the application."""

import gc
import socket
import sys
import time
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from server import logs
from server.metrics_folder import metrics_folder

WORKERS = 2
THREADS = 16
"""Measured with one upstream call of 50 ms per request on two cores: 2 × 16 answers 467 requests
a second, `sync` workers 37, and more threads bring nothing below 50 requests at a time."""

REQUEST_SECONDS = 30
"""Google gives up on an add-on after 30 s; a worker that hangs longer is replaced."""

GRACEFUL_SECONDS = 20
"""A conference takes at most 8 s, so everything under way ends; and a supervisor that kills after
30 s never has to."""

KEEP_ALIVE_SECONDS = 75
"""Longer than the 60 s after which common load balancers drop idle connections, so that they are
never the ones to find a closed one."""

PORT_SECONDS = 5.0
"""How long a predecessor that is being replaced may take to leave the port."""

MAX_REQUEST_LINE = 4094
MAX_HEADERS = 50
"""Google sends some twenty headers; one-use links are a few hundred characters."""


class _Log(Logger):  # type: ignore[misc]
    """gunicorn's own log, where all others go and in their form."""

    def setup(self, cfg: Any) -> None:
        """Hand every line to the handler of `server.logs`."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with settings from code, serving what a factory makes in each worker."""

    def __init__(self, *, port: int, public: bool) -> None:
        """Listen on `port`, of every interface or of loopback alone; TLS ends at a proxy."""
        self.address = ("0.0.0.0" if public else "127.0.0.1", port)  # noqa: S104 - behind a proxy
        self._options = {
            "bind": "{}:{}".format(*self.address),
            "workers": WORKERS,
            "threads": THREADS,
            "worker_class": "gthread",
            # A socket for each worker, between which the kernel deals out connections. Of a shared
            # one, whichever worker wakes first takes all that come in the same moment.
            "reuse_port": True,
            "timeout": REQUEST_SECONDS,
            "graceful_timeout": GRACEFUL_SECONDS,
            "keepalive": KEEP_ALIVE_SECONDS,
            "limit_request_line": MAX_REQUEST_LINE,
            "limit_request_fields": MAX_HEADERS,
            "child_exit": _forget_worker,
            "logger_class": _Log,
            "control_socket_disable": True,
            "proc_name": "livestorm-calendar",
        }
        super().__init__()

    def load_config(self) -> None:
        """Hand the settings to gunicorn."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Make the application; called once in every worker, after the fork."""
        # After the folder of the metrics was named: they look for it when they are imported.
        from cards.messages import LANGUAGES, translator_for  # noqa: PLC0415
        from server.app import create_app  # noqa: PLC0415
        from server.settings import read  # noqa: PLC0415

        app = create_app(read())
        app.extensions["product"].warm_up()
        for language in LANGUAGES:
            translator_for(language)
        # What was made by now stays for good: a look at all of it whether it is still in use would
        # hold every thread up for some 50 ms, again and again.
        gc.collect()
        gc.freeze()
        return app


def serve(port: int, *, public: bool) -> None:
    """Serve until SIGTERM, to others than this machine if `public`.

    Ends the process when another one listens on the port.
    """
    logs.configure()
    server = Server(port=port, public=public)
    if not _is_free(server.address):
        sys.exit(f"PORT: another program listens on {port}.")
    with metrics_folder():
        # Once, for all workers that are forked, now and after a crash. What runs, each makes for
        # itself (`Server.load`).
        from server.app import create_app  # noqa: F401, PLC0415

        server.run()


def _is_free(address: tuple[str, int]) -> bool:
    """Whether nobody listens there: workers with sockets of their own would share the port."""
    deadline = time.monotonic() + PORT_SECONDS
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(address)
            except OSError:
                if time.monotonic() > deadline:
                    return False
            else:
                return True
        time.sleep(0.1)


def _forget_worker(_server: Any, worker: Any) -> None:
    from prometheus_client import multiprocess  # noqa: PLC0415 - see `load`

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
