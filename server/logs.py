"""Structured logs: one JSON object a line, with the request's id, and nothing secret.

Values are ids, counts, kinds and our own words. Tokens, titles, names and addresses are never
passed to a logger; what a library might add to a message is cut here.
"""

import logging
import re
import secrets
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from flask import Flask, Response, g, request
from structlog.contextvars import bind_contextvars, clear_contextvars

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
"""What is accepted as a request id from a proxy in front of us."""

_TOKENS = re.compile(
    r"ya29\.[\w.-]+|eyJ[\w-]+\.[\w-]+\.[\w-]+|(?i:bearer|ticket=|code=|state=)\s*[\w.~+/=-]{8,}"
)
"""Google access tokens, JWTs, bearer values and one-use secrets in URLs."""

_ADDRESSES = re.compile(r"[\w.+-]+(?:@|%40)[\w-]+\.[\w.-]+")


_CHATTY = ("alembic", "googleapiclient", "google_auth_httplib2", "urllib3")
"""Libraries that log what they do in passing."""


def configure(level: int = logging.INFO) -> None:
    """Send the logs of this process, and of the libraries in it, to standard output as JSON."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_secrets,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


def hide_secrets(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Cut tokens and e-mail addresses out of every text of a log line."""
    del logger, method
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _ADDRESSES.sub("[address]", _TOKENS.sub("[secret]", value))
    return event


def install(app: Flask) -> None:
    """Give every request of `app` an id, in its log lines and in its answer."""

    @app.before_request
    def begin() -> None:
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(16)
        clear_contextvars()
        bind_contextvars(request_id=g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-ID"] = g.get("request_id", "")
        return response
