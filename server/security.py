"""What every answer says to browsers, and the limits on what comes in."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request

from server.callers import Caller, caller_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MAX_BODY_BYTES = 1024 * 1024
"""An event object with the guests of a large event is some 100 kB; nothing we are sent is more."""

MAX_FORM_PARTS = 50
"""Our largest form has a handful of fields."""

# No Cross-Origin-Opener-Policy: Calendar watches for the end of the pop-up that it opened, and the
# policy would make it look closed at once.
_HEADERS = {
    # Pages load nothing but our own style sheet and script, and run nothing inline.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Tickets and codes travel in URLs; no other site learns them.
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    # Two years, the least that browsers' preload lists take (hstspreload.org).
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
}

# Unless an answer says otherwise, as style sheets do.
_NOT_KEPT = ("Cache-Control", "no-store")

_USED_UP = frozenset({Caller.TICKET, Caller.OAUTH_RETURN, Caller.VISITOR})
"""Opening these pages spends a ticket or a code, or begins a flow."""


def install(app: Flask) -> None:
    """Set limits and headers on `app`."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_BODY_BYTES
    app.config["MAX_FORM_PARTS"] = MAX_FORM_PARTS

    @app.before_request
    def preview() -> Response | None:
        """Link previews and scanners ask with HEAD, which must spend nothing."""
        if request.method != "HEAD" or request.endpoint is None:
            return None
        if caller_of(app, request.endpoint) in _USED_UP:
            return Response(status=HTTPStatus.NO_CONTENT)
        return None

    app.wsgi_app = _WithHeaders(app.wsgi_app)  # type: ignore[method-assign]


class _WithHeaders:
    """WSGI layer that adds the headers to every answer, whoever in the application made it."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app
        self._headers = list(_HEADERS.items())

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            if not any(name == _NOT_KEPT[0] for name, _ in headers):
                headers = [*headers, _NOT_KEPT]
            return start_response(status, headers + self._headers, *exc_info)

        return self._app(environ, start)
