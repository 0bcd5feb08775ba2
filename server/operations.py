"""What those who run the server ask it: does it live, is it ready, how is it doing."""

import time
from functools import cache
from http import HTTPStatus

import sqlalchemy as sa
import structlog
from flask import Blueprint, Flask, Response, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)
from prometheus_client import values as metric_values

from addon.store import schema
from server.callers import Caller, called_by
from server.problems import problem

_log = structlog.get_logger(__name__)

_SECONDS = Histogram(
    "livestorm_calendar_request_seconds",
    "Time to answer a request, by endpoint",
    ["endpoint"],
    # From a card out of memory to the eight-second budget of a conference.
    buckets=(0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15),
)
_REQUESTS = Counter(
    "livestorm_calendar_requests_total",
    "Requests answered, by endpoint and status",
    ["endpoint", "status"],
)


def blueprint(engine: sa.Engine) -> Blueprint:
    """Return the endpoints of operations for a server on this database."""
    operations = Blueprint("operations", __name__)

    @operations.get("/healthz")
    @called_by(Caller.ANYBODY)
    def healthz() -> dict[str, str]:
        """The process lives."""
        return {"status": "ok"}

    @operations.get("/readyz")
    @called_by(Caller.ANYBODY)
    def readyz() -> Response | dict[str, str]:
        """The database answers and has every migration."""
        try:
            current = schema.is_current(engine)
        except sa.exc.SQLAlchemyError as error:
            _log.error("database_unreachable", error=type(error).__name__)
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, "The database does not answer.")
        if not current:
            return problem(
                HTTPStatus.SERVICE_UNAVAILABLE, "The database is not at this program's version."
            )
        return {"status": "ready"}

    @operations.get("/metrics")
    @called_by(Caller.ANYBODY)
    def metrics() -> Response:
        """Prometheus metrics of all web processes of this machine."""
        registry: CollectorRegistry | None = None
        if metric_values.ValueClass.__name__ == "MmapedValue":
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        body = generate_latest(registry) if registry else generate_latest()
        return Response(body, content_type=CONTENT_TYPE_LATEST)

    return operations


def install(app: Flask) -> None:
    """Measure every request of `app`."""

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        endpoint = request.endpoint or "none"
        _requests(endpoint, response.status_code).inc()
        if "began" in g:
            _seconds(endpoint).observe(time.perf_counter() - g.began)
        return response


@cache  # As many as there are endpoints and statuses; finding a label costs more than counting.
def _requests(endpoint: str, status: int) -> Counter:
    return _REQUESTS.labels(endpoint, str(status))


@cache
def _seconds(endpoint: str) -> Histogram:
    return _SECONDS.labels(endpoint)
