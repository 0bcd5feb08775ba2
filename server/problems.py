"""Errors as the outside sees them: problem details on API paths, readable pages elsewhere."""

from http import HTTPStatus

import structlog
from flask import Flask, Response, current_app, g, json, render_template, request
from werkzeug.exceptions import HTTPException

CALLED_BY_PROGRAMS = frozenset({"addon", "hooks", "healthz", "readyz", "metrics"})
"""What their paths begin with; everything else is called by people with a browser."""

_log = structlog.get_logger(__name__)


def problem(status: int, detail: str) -> Response:
    """Return problem details (RFC 9457). `detail` is written for whoever calls."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "request_id": g.get("request_id"),
    }
    return current_app.response_class(
        json.dumps(body), status=status, content_type="application/problem+json"
    )


def install(app: Flask) -> None:
    """Answer every error of `app` in the form its caller understands."""
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, unexpected)


def http_error(error: HTTPException) -> Response:
    """Answer an error that has a status of its own."""
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    answer = _answer(status, _DETAILS.get(status, error.description or ""))
    allow = dict(error.get_headers()).get("Allow")
    if allow:
        answer.headers["Allow"] = allow
    return answer


def unexpected(error: Exception) -> Response:
    """Answer an error that nobody foresaw.

    The traceback goes to the log; outside, the request id is all that is needed to find it.
    """
    _log.error("unexpected_error", error=type(error).__name__, exc_info=error)
    return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, _DETAILS[500])


def _answer(status: int, detail: str) -> Response:
    if request.path.split("/", 2)[1] in CALLED_BY_PROGRAMS:
        return problem(status, detail)
    page = render_template("problem.html", status=status, request_id=g.get("request_id"))
    return current_app.response_class(page, status=status)


_DETAILS = {
    400: "The request cannot be read.",
    404: "There is nothing at this address.",
    405: "This address does not answer to this method.",
    413: "The request is too large.",
    500: "Something went wrong on our side. The request id finds it in the logs.",
}
