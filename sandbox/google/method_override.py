"""Long GETs that arrive as POSTs."""

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class MethodOverride:
    """Turns ``POST`` with ``x-http-method-override: GET`` back into the GET it stands for.

    google-api-python-client sends GETs whose address exceeds 2048 characters that way, the query
    in a form body.
    """

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        override = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "").upper()
        if environ["REQUEST_METHOD"] == "POST" and override == "GET":
            length = int(environ.get("CONTENT_LENGTH") or 0)
            form = environ["wsgi.input"].read(length).decode("ascii", "replace")
            given = environ.get("QUERY_STRING", "")
            environ["QUERY_STRING"] = "&".join(part for part in (given, form) if part)
            environ["REQUEST_METHOD"] = "GET"
            environ["wsgi.input"] = io.BytesIO(b"")
            environ["CONTENT_LENGTH"] = "0"
            environ.pop("CONTENT_TYPE", None)
        return self._app(environ, start_response)
