"""Program and both simulators in this process, background work done when the measurement says so.

What is counted this way is exact and the same on every machine: calls, not seconds.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from bench.program import scratch, settings_environment
from sandbox.google import GoogleSimulator
from sandbox.livestorm import LivestormSimulator
from sandbox.simulation import LoggedCall, serve
from server import settings
from server.app import create_app
from tests.server.calls import connect
from tests.server.two_way import TwoWay, activate, begin
from tests.support.program import Program


@contextmanager
def activated(database: str) -> Iterator[TwoWay]:
    """Run everything until the block ends; one person is connected and has activated.

    Args:
        database: "sqlite" or "postgresql"; a fresh one.
    """
    # Each call is logged; only figures are to be printed.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    google, livestorm = GoogleSimulator(), LivestormSimulator(empty=True)
    with scratch(database) as (url, _), google.serve(), livestorm.serve():
        environment = settings_environment(google.url, livestorm.url, url)
        app = create_app(settings.read(environment))
        product = app.extensions["product"]
        with (
            serve(app, int(environment["PORT"])) as server,
            Program(server.url, google, livestorm, environment, product) as program,
        ):
            rig = begin(program)
            connect(program)
            activate(program)
            yield rig
        product.engine.dispose()


@dataclass(frozen=True)
class Asked:
    """What both companies were asked.

    Attributes:
        google: Calls by method and kind of path.
        livestorm: Likewise.
    """

    google: Counter[str]
    livestorm: Counter[str]

    def __str__(self) -> str:
        parts = [
            f"{name}: {', '.join(f'{count} × {call}' for call, count in calls.items()) or '–'}"
            for name, calls in (("Google", self.google), ("Livestorm", self.livestorm))
        ]
        return "; ".join(parts)


def asked(rig: TwoWay) -> Asked:
    """Return the calls since the logs were last emptied, and empty them."""
    rig.program.livestorm.settle()
    found = Asked(_kinds(rig.program.google.log), _kinds(rig.program.livestorm.log))
    rig.program.google.clear_log()
    rig.program.livestorm.clear_log()
    return found


def _kinds(log: Iterable[LoggedCall]) -> Counter[str]:
    return Counter(kind(call) for call in log)


def kind(call: LoggedCall) -> str:
    """Return method and path of a call, ids replaced by dots."""
    words = call.path.strip("/").split("/")
    if words[:2] == ["calendar", "v3"]:
        words = words[2:]
    elif words[0] == "v1":
        words = words[1:]
    return f"{call.method} /" + "/".join(word if word in _NAMES else "…" for word in words)


_NAMES = frozenset(
    {
        *("calendars", "events", "watch", "channels", "stop", "token"),
        *("sessions", "people", "bulk", "jobs", "tasks", "webhooks"),
        *("me", "organization", "oauth"),
    }
)
