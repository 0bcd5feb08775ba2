"""The gate every API call passes: latency, faults, and the log."""

import io
import json
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import parse_qsl

from sandbox.simulation.calls import CallLog, LoggedCall
from sandbox.simulation.faults import Fault, Faults
from sandbox.simulation.serving import HangUp, Headers
from sandbox.simulation.switches import SwitchBoard

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HTML_500 = b"""<!DOCTYPE html>
<html><head><title>We're sorry, but something went wrong (500)</title></head>
<body><h1>We're sorry, but something went wrong.</h1></body></html>
"""


class Simulator(Protocol):
    """What the gate and the control surface need of a simulator."""

    log: CallLog
    faults: Faults
    latency: float

    @property
    def switches(self) -> SwitchBoard:
        """The company's unknown behaviours."""

    def now(self) -> float:
        """The simulator's clock, Unix seconds."""

    def reset(self) -> None:
        """Start again from the first state."""


class ApiGate:
    """WSGI layer round a simulator's application.

    Args:
        app: The application (``flask_app.wsgi_app``).
        simulator: Whose latency, faults and log to use.
        is_api: Whether a path belongs to the API. Only those calls are logged and spoiled.
        error: Makes the company's own error answer for a status: (body, content type).
    """

    def __init__(
        self,
        app: "WSGIApplication",
        simulator: Simulator,
        is_api: Callable[[str], bool],
        error: Callable[[int], tuple[bytes, str]],
    ) -> None:
        self._app = app
        self._simulator = simulator
        self._is_api = is_api
        self._error = error

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        if not self._is_api(environ.get("PATH_INFO", "")):
            return self._app(environ, start_response)
        return self._answer_api(environ, start_response)

    def _answer_api(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        simulator = self._simulator
        at, began = simulator.now(), time.perf_counter()
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if environ.get("wsgi.input_terminated") and not body:
            body = environ["wsgi.input"].read()
        environ["wsgi.input"] = io.BytesIO(body)
        status, headers, answer = "0", cast(Headers, []), b""
        try:
            if simulator.latency > 0:
                time.sleep(simulator.latency)
            fault = simulator.faults.take(environ["REQUEST_METHOD"], environ["PATH_INFO"], body)
            if fault is None:
                status, headers, answer = self._executed(environ)
            else:
                status, headers, answer = self._spoiled(fault, environ)
        except HangUp as hang_up:
            status = hang_up.status or "0"
            raise
        finally:
            simulator.log.append(_logged(environ, body, status, at, time.perf_counter() - began))
        start_response(status, list(headers))
        return [answer]

    def _executed(self, environ: "WSGIEnvironment") -> tuple[str, Headers, bytes]:
        started: list[tuple[str, Headers]] = []

        def start(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Any:
            del exc_info
            started[:] = [(status, headers)]

        answer = self._app(environ, start)
        try:
            body = b"".join(answer)
        finally:
            close = getattr(answer, "close", None)
            if close is not None:
                close()
        return (*started[0], body)

    def _spoiled(self, fault: Fault, environ: "WSGIEnvironment") -> tuple[str, Headers, bytes]:
        match fault.kind:
            case "drop_before":
                raise HangUp
            case "drop_after":
                self._executed(environ)
                raise HangUp
            case "truncated":
                status, headers, body = self._executed(environ)
                raise HangUp(status, headers, body[: len(body) // 2])
            case "slow":
                time.sleep(fault.seconds)
                return self._executed(environ)
            case "slow_after":
                answer = self._executed(environ)
                time.sleep(fault.seconds)
                return answer
            case "html500":
                return self._refused(500, HTML_500, "text/html; charset=utf-8", fault)
            case "status":
                body, content_type = self._error(fault.status)
                if fault.body is not None:
                    body = fault.body.encode()
                return self._refused(fault.status, body, content_type, fault)

    @staticmethod
    def _refused(
        status: int, body: bytes, content_type: str, fault: Fault
    ) -> tuple[str, Headers, bytes]:
        headers = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
        if fault.retry_after is not None:
            headers.append(("Retry-After", f"{fault.retry_after:g}"))
        return f"{status} Fault", headers, body


def _logged(
    environ: "WSGIEnvironment", body: bytes, status: str, at: float, seconds: float
) -> LoggedCall:
    text = body.decode("utf-8", "replace")
    parsed: Any = text or None
    if "json" in environ.get("CONTENT_TYPE", "") and text:
        try:
            parsed = json.loads(text)
        except ValueError:
            parsed = text  # what was sent is the finding, however broken it is
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    if "CONTENT_TYPE" in environ:
        headers["content-type"] = environ["CONTENT_TYPE"]
    return LoggedCall(
        method=environ["REQUEST_METHOD"],
        path=environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace"),
        query=dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)),
        body=parsed,
        status=int(status.split(" ", 1)[0]),
        at=at,
        seconds=seconds,
        query_string=environ.get("QUERY_STRING", ""),
        headers=headers,
    )
