"""The program's figures for Prometheus: what is counted as it happens, and how things stand.

No label names a person, a workspace or an event: all come from closed sets. What is counted is
kept in files of one folder by all processes of a machine (`server.metrics_folder`); how things
stand is read from the database, and so the same from every machine.
"""

import threading
import time
from collections.abc import Iterator
from functools import cache

import sqlalchemy as sa
import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client import values as metric_values
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from addon import clock, observations
from addon.observations import ConferenceAsked, LinkCompared, Observation, RemoteCall
from addon.store import figures
from addon.store.figures import Figures

PREFIX = "livestorm_calendar"

KEPT_SECONDS = 15.0
"""How long figures of the database are shown before they are read anew: Prometheus asks every 15 s
or less often, and whoever else asks costs nothing."""

# From a card out of memory to the eight-second budget of a conference.
_ANSWERS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15)
# From a lookup nearby to the ten seconds after which a call is given up.
_CALLS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 10)

_REQUESTS = Counter(
    f"{PREFIX}_requests_total", "Requests answered, by endpoint and status", ["endpoint", "status"]
)
_REQUEST_SECONDS = Histogram(
    f"{PREFIX}_request_seconds",
    "Time to answer a request, by endpoint",
    ["endpoint"],
    buckets=_ANSWERS,
)
_CALLS_MADE = Counter(
    f"{PREFIX}_remote_calls_total",
    "Calls to Google and Livestorm, by what became of them",
    ["vendor", "verb", "path", "outcome"],
)
_CALL_SECONDS = Histogram(
    f"{PREFIX}_remote_call_seconds",
    "Time until Google or Livestorm had answered",
    ["vendor", "verb", "path"],
    buckets=_CALLS,
)
_CONFERENCES = Counter(
    f"{PREFIX}_conferences_total",
    "Rooms asked for: created, known, adopted, or why there is none",
    ["outcome"],
)
_COMPARISONS = Counter(
    f"{PREFIX}_comparisons_total",
    "Jobs of links: same, carried, idle, waiting, paused (and why), broken, taken over",
    ["outcome", "trouble"],
)
_CARRIED = Counter(
    f"{PREFIX}_carried_total",
    "Comparisons that carried changes, by where those were made",
    ["side"],
)
_DRIFT = Counter(
    f"{PREFIX}_drift_total",
    "Changes that only a sweep found, by where they were made: no notification told of them",
    ["side"],
)

_log = structlog.get_logger(__name__)


def listen() -> None:
    """Count what happens in this process from now on."""
    observations.listen(count)


def count(observation: Observation) -> None:
    """Count one thing that happened."""
    match observation:
        case RemoteCall(vendor, verb, path, outcome, seconds):
            _call(vendor, verb, path, outcome).inc()
            _call_seconds(vendor, verb, path).observe(seconds)
        case ConferenceAsked(outcome):
            _CONFERENCES.labels(outcome).inc()
        case LinkCompared(outcome, trouble, sides, swept):
            _COMPARISONS.labels(outcome, trouble).inc()
            for side in sides:
                _CARRIED.labels(side).inc()
                if swept:
                    _DRIFT.labels(side).inc()


def answered(endpoint: str, status: int, seconds: float) -> None:
    """Count an answer given to whoever called."""
    _requests(endpoint, status).inc()
    _request_seconds(endpoint).observe(seconds)


def exposition(standing: "Standing") -> bytes:
    """Return the figures of all processes of this machine, in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(standing)
    if metric_values.ValueClass.__name__ != "MmapedValue":
        return generate_latest() + generate_latest(registry)
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


class Standing(Collector):
    """How things stand, read from the database at most every `KEPT_SECONDS`. Thread-safe."""

    def __init__(self, engine: sa.Engine) -> None:
        """Read the figures of this database."""
        self._engine = engine
        self._lock = threading.Lock()
        self._read_at = -KEPT_SECONDS
        self._kept: Figures | None = None

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield one gauge for each figure; only that the database is away while it is."""
        found = self._figures()
        yield _gauge("database_up", "Whether the database answers", 0 if found is None else 1)
        if found is not None:
            yield from _gauges(found)

    def _figures(self) -> Figures | None:
        with self._lock:
            if time.monotonic() - self._read_at >= KEPT_SECONDS:
                try:
                    self._kept = figures.read(self._engine, clock.now())
                except sa.exc.SQLAlchemyError as error:
                    _log.error("figures_not_read", error=type(error).__name__)
                    self._kept = None
                self._read_at = time.monotonic()
            return self._kept


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{PREFIX}_{name}", words, value=value)


def _gauges(found: Figures) -> Iterator[GaugeMetricFamily]:
    yield _gauge("links_outstanding", "Links with work that no job has done", found.outstanding)
    yield _gauge(
        "queue_age_seconds",
        "How long the link that waits longest could have been compared",
        found.waited_seconds,
    )
    trouble = GaugeMetricFamily(
        f"{PREFIX}_links_in_trouble", "Links that cannot be brought up to date", labels=["kind"]
    )
    for kind, number in sorted(found.in_trouble.items()):
        trouble.add_metric([kind], number)
    yield trouble
    yield _gauge("links_held", "Links made before activation, not kept in sync", found.held)
    yield _gauge("intents_open", "Rooms whose making has no known end", found.intents_open)
    yield _gauge("intent_age_seconds", "Age of the oldest of those", found.intent_seconds)
    yield _gauge("channels", "Calendar watch channels in use", found.channels)
    yield _gauge("channels_expiring", "Watch channels not renewed in time", found.channels_expiring)
    yield _gauge("workspaces", "Livestorm workspaces ever asked for anything", found.workspaces)
    yield _gauge(
        "workspaces_low", "Workspaces with less than a tenth of their month", found.workspaces_low
    )
    yield _gauge(
        "workspaces_blocked", "Workspaces that refuse every call now", found.workspaces_blocked
    )
    yield _gauge(
        "allowance_left_lowest_ratio",
        "Share of the month's calls left to the workspace that has least",
        found.allowance_left,
    )
    yield _gauge("workers", "Worker processes that show signs of life", found.workers)


# As many as there are endpoints, statuses and paths; finding a label costs more than counting.
@cache
def _requests(endpoint: str, status: int) -> Counter:
    return _REQUESTS.labels(endpoint, str(status))


@cache
def _request_seconds(endpoint: str) -> Histogram:
    return _REQUEST_SECONDS.labels(endpoint)


@cache
def _call(vendor: str, verb: str, path: str, outcome: str) -> Counter:
    return _CALLS_MADE.labels(vendor, verb, path, outcome)


@cache
def _call_seconds(vendor: str, verb: str, path: str) -> Histogram:
    return _CALL_SECONDS.labels(vendor, verb, path)
