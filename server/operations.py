"""What those who run the server ask it: does it live, is it ready, how is it doing."""

import time
from http import HTTPStatus

import sqlalchemy as sa
import structlog
from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST

from addon.store import schema
from server import metrics
from server.callers import Caller, called_by
from server.problems import problem

_log = structlog.get_logger(__name__)

SLOW_SECONDS = 0.5
"""An answer that took longer has a line in the log. What is quick and well is only counted: a line
costs as much as a card, and one for each would hide the others."""


def blueprint(engine: sa.Engine) -> Blueprint:
    """Return the endpoints of operations for a server on this database."""
    operations = Blueprint("operations", __name__)
    standing = metrics.Standing(engine)

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

    @operations.get("/metrics", endpoint="metrics")
    @called_by(Caller.ANYBODY)
    def exposition() -> Response:
        """Prometheus metrics of all processes of this machine, and of the database."""
        return Response(metrics.exposition(standing), content_type=CONTENT_TYPE_LATEST)

    return operations


def install(app: Flask) -> None:
    """Measure every request of `app`, and log those that went wrong or took long."""
    metrics.listen()

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        endpoint = request.endpoint or "none"
        seconds = time.perf_counter() - g.get("began", time.perf_counter())
        metrics.answered(endpoint, response.status_code, seconds)
        if response.status_code >= HTTPStatus.BAD_REQUEST or seconds >= SLOW_SECONDS:
            _log.info(
                "request",
                endpoint=endpoint,
                verb=request.method,
                status=response.status_code,
                milliseconds=round(seconds * 1000),
            )
        return response
