"""Program and both simulators in this process, background work done when the measurement says so.

What is counted this way is exact and the same on every machine: calls, not seconds. The clock is
moved; whoever pauses moves it as well, so that days pass in seconds.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog
import time_machine

from addon.connections import Connections
from addon.livestorm import Livestorm, TimeForm
from addon.livestorm.oauth import OAuthClient
from addon.product import PLACEHOLDER_TITLE, Product
from addon.store.allowance import AllowanceClock, DatabaseAllowance
from addon.store.vault import Vault
from addon.sync.job import Job
from addon.sync.rules import DELETION_GRACE, OCCURRENCE_SESSIONS
from bench.program import scratch, settings_environment
from cards import placeholder_titles
from sandbox.google import GoogleSimulator
from sandbox.livestorm import LivestormSimulator
from sandbox.simulation import LoggedCall, serve
from server import settings
from server.app import create_app
from tests.server.calls import connect
from tests.server.two_way import TwoWay, activate, begin
from tests.support.program import Program


@dataclass(frozen=True)
class Moved:
    """The program between both simulators, and the clock of all three."""

    rig: TwoWay
    clock: time_machine.Traveller


@contextmanager
def activated(database: str) -> Iterator[Moved]:
    """Run everything until the block ends; one person is connected and has activated.

    Args:
        database: "sqlite" or "postgresql"; a fresh one.
    """
    # Each call is logged; only figures are to be printed.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    google, livestorm = GoogleSimulator(), LivestormSimulator(empty=True)
    with (
        scratch(database) as (url, _),
        google.serve(),
        livestorm.serve(),
        time_machine.travel(datetime.now(UTC), tick=True) as clock,
    ):
        environment = settings_environment(google.url, livestorm.url, url)
        app = create_app(settings.read(environment))

        def sleep(seconds: float) -> None:
            # What Livestorm has under way takes real time.
            livestorm.settle()
            clock.shift(seconds)

        product = _pausing_with(sleep, app.extensions["product"], environment)
        with (
            serve(app, int(environment["PORT"])) as server,
            Program(server.url, google, livestorm, environment, product) as program,
        ):
            rig = begin(program)
            connect(program)
            activate(program)
            yield Moved(rig, clock)
        product.engine.dispose()


def _pausing_with(
    sleep: Callable[[float], None], product: Product, environment: Mapping[str, str]
) -> Product:
    """Return the product with background work that sleeps this way."""
    livestorm = Livestorm(
        api=environment["LIVESTORM_API"],
        allowance=DatabaseAllowance(product.engine, clock=AllowanceClock(sleep=sleep)),
        time_form=TimeForm.OFFSET,
    )
    oauth = OAuthClient(
        app=environment["LIVESTORM_APP"],
        client_id=environment["LIVESTORM_CLIENT_ID"],
        client_secret=environment["LIVESTORM_CLIENT_SECRET"],
    )
    vault = Vault([environment["TOKEN_KEYS"]])
    connections = Connections(engine=product.engine, vault=vault, livestorm=livestorm, oauth=oauth)
    job = Job(
        engine=product.engine,
        wakes=product.wakes,
        calendar=product.calendar,
        activation=product.activation,
        connections=connections,
        notices=product.notices,
        deletion_grace=DELETION_GRACE,
        occurrence_sessions=OCCURRENCE_SESSIONS,
        bare_cancellation_is_deletion=False,
        placeholder_title=PLACEHOLDER_TITLE,
        placeholder_titles=placeholder_titles(),
        sleep=sleep,
    )
    return replace(product, connections=connections, job=job)


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
