"""Structured logs: one JSON object a line, with the request's id, and nothing secret.

Values are ids, counts, kinds and our own words. Tokens, titles, names and addresses are never
passed to a logger; what a library or an exception might add to a message is cut here.
"""

import itertools
import logging
import re
import secrets
import sys
import threading
from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import Any

import structlog
from flask import Flask, Response, g, request
from structlog.contextvars import bind_contextvars, clear_contextvars

from server import tracebacks

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
"""What is accepted as a request id from a proxy in front of us."""

_TOKENS = re.compile(
    r"ya29\.[\w.-]+|1//[\w-]{20,}|eyJ[\w-]+\.[\w-]+\.[\w-]+"
    r"|(?i:bearer|ticket=|code=|state=|/hooks/livestorm/)\s*[\w.~+/=-]{8,}"
)
"""Google's access and refresh tokens, JWTs, bearer values, one-use secrets in URLs and the secrets
of webhook addresses."""

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
    logging.captureWarnings(capture=True)
    # Left alone, Python prints what ends a thread or the process as it is, messages and all.
    sys.excepthook = _ended_by
    threading.excepthook = _thread_ended_by


def hide_secrets(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Cut tokens, e-mail addresses and the words of exceptions out of a log line."""
    del logger, method
    for key, value in event.items():
        event[key] = _hidden(value)
    return event


def _hidden(value: Any) -> Any:
    if isinstance(value, str):
        return _ADDRESSES.sub("[address]", _TOKENS.sub("[secret]", tracebacks.without_words(value)))
    if isinstance(value, Mapping):
        return {key: _hidden(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden(inner) for inner in value]
    return value


def _ended_by(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    structlog.get_logger(__name__).critical("ended_by", exc_info=(kind, error, traceback))


def _thread_ended_by(ended: threading.ExceptHookArgs) -> None:
    structlog.get_logger(__name__).error(
        "thread_ended_by", exc_info=(ended.exc_type, ended.exc_value, ended.exc_traceback)
    )


def install(app: Flask) -> None:
    """Give every request of `app` an id, in its log lines and in its answer."""
    # An id is no secret: random once for each process, and counted from there. Asking the system
    # for each would let go of the interpreter, which costs a busy process more than the asking.
    process, numbers = secrets.token_hex(12), itertools.count()

    @app.before_request
    def begin() -> None:
        given = request.headers.get("X-Request-ID", "")
        taken = given and _REQUEST_ID.fullmatch(given)
        g.request_id = request_id = given if taken else f"{process}{next(numbers):08x}"
        clear_contextvars()
        bind_contextvars(request_id=request_id)

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-ID"] = g.get("request_id", "")
        return response
