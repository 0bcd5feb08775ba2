"""The program on a database, between two simulators, in this process."""

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping

from cryptography.fernet import Fernet

from addon.product import build
from addon.store.allowance import AllowanceClock
from sandbox import google as google_sandbox
from sandbox.google import GoogleSimulator
from sandbox.livestorm import LivestormSimulator
from sandbox.simulation import serve
from server import settings
from server.app import create_app
from tests.support.databases import close
from tests.support.ports import free_port
from tests.support.program import Program

MOMENT_SECONDS = 0.05
"""A pause of the program, of a second or more, in tests that do not look at the clock."""


def environment(
    database_url: str, google: GoogleSimulator, livestorm: LivestormSimulator
) -> dict[str, str]:
    """Every setting of the program, pointing at the simulators and at a free port."""
    port = free_port()
    return {
        "BASE_URL": f"http://127.0.0.1:{port}",
        "PORT": str(port),
        "DATABASE_URL": database_url,
        "SECRET_KEY": "tests-only-" + "0123456789abcdef" * 2,
        "TOKEN_KEYS": Fernet.generate_key().decode(),
        "GOOGLE_CLIENT_ID": google_sandbox.DEFAULT_CLIENT_ID,
        "GOOGLE_CLIENT_SECRET": google_sandbox.DEFAULT_CLIENT_SECRET,
        "ADDON_AUDIENCES": f"{google_sandbox.SCRIPT_CLIENT_ID},http://127.0.0.1:{port}",
        "ADDON_SERVICE_ACCOUNT": google_sandbox.SYSTEM_ACCOUNT,
        "LIVESTORM_CLIENT_ID": "sandbox-client",
        "LIVESTORM_CLIENT_SECRET": "sandbox-secret",
        "GOOGLE_CALENDAR_API": f"{google.url}/calendar/v3/",
        "GOOGLE_OAUTH_AUTHORIZE": f"{google.url}/o/oauth2/v2/auth",
        "GOOGLE_OAUTH_TOKEN": f"{google.url}/token",
        "GOOGLE_OAUTH_REVOKE": f"{google.url}/revoke",
        "GOOGLE_CERTS": f"{google.url}/certs",
        "LIVESTORM_API": f"{livestorm.url}/v1",
        "LIVESTORM_APP": livestorm.url,
        "LIVESTORM_EVENT_PAGE": f"{livestorm.url}/dashboard/events/{{event}}",
        "CALENDAR_EVENT_PAGE": f"{google.url}/?eid={{event}}",
        "SWEEP_SECONDS": "600",
        "DELETE_GRACE_SECONDS": "60",
        "OCCURRENCE_SESSIONS": "10",
        "LIVESTORM_POLL_SECONDS": "60",
    }


class _Skipping:
    """Skips the waits for Livestorm's allowance while the simulator counts no calls.

    The allowance still has everybody wait their turn, but by a clock that jumps to it: looking
    around may make two calls a second, and half of a test would be such pauses.
    """

    def __init__(self, livestorm: LivestormSimulator) -> None:
        self._livestorm = livestorm
        self._lock = threading.Lock()
        self._skipped = 0.0

    def now(self) -> float:
        return time.time() + self._skipped

    def sleep(self, seconds: float) -> None:
        if self._livestorm.switches.limits_enabled:
            time.sleep(seconds)
            return
        with self._lock:
            self._skipped += seconds


def _a_moment(seconds: float) -> None:
    """Wait for what is done in no time in a test, as the registrations of a bulk are."""
    time.sleep(min(seconds, MOMENT_SECONDS))


@contextlib.contextmanager
def running(
    values: Mapping[str, str], google: GoogleSimulator, livestorm: LivestormSimulator
) -> Iterator[Program]:
    """Serve the Flask application over HTTP/1.1 with these settings."""
    read = settings.read(values)
    skipping = _Skipping(livestorm)
    clock = AllowanceClock(now=skipping.now, sleep=skipping.sleep)
    product = build(read.options(), sleep=_a_moment, allowance_clock=clock)
    with serve(create_app(read, product), int(values["PORT"])) as server:
        assert server.url == values["BASE_URL"], "the free port was taken meanwhile"
        with Program(server.url, google, livestorm, values, product) as program:
            yield program
    product.afterwards.finish()
    close(product.engine)
