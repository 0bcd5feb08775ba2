"""What surrounds the bridge in these tests: Google's side of it, and a server that answers.

`Server` stands where the program would: real HTTP, answers chosen by the test, every request
kept. `AppsScript` serves the page in which the bridge runs on the stand-ins of the sandbox, and
makes the requests that the bridge asks for, as the sandbox's page does.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from flask import Flask, Response, jsonify, request
from playwright.sync_api import Page
from werkzeug.serving import WSGIRequestHandler, make_server

from server.manifest import Target, apps_script_project, bridge_sources

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ROOT / "sandbox/calendar/static/apps_script/services.js"

IDENTITY_TOKEN = "identity.of.camille"
OAUTH_TOKEN = "oauth-of-camille"

Answer = Callable[[], Response | str | dict[str, Any] | tuple[str, int]]


class _Silent(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002
        """Nothing: pytest's output is for failures."""


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve on a free port; yields the origin."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Silent)
    # Looks for shutdown() often: there are two servers to every test.
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Call:
    """One request the server got."""

    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Server:
    """Answers POSTs with what the test put into `answers`, by path; 404 for the rest."""

    url: str = ""
    answers: dict[str, Answer | dict[str, Any]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)

    def app(self) -> Flask:
        app = Flask("server of the test")

        @app.route("/<path:path>", methods=["GET", "POST"])
        def answer(path: str) -> Any:
            self.calls.append(
                Call(f"/{path}", dict(request.headers), request.get_json(silent=True))
            )
            given = self.answers.get(f"/{path}", ("not found", 404))
            return given() if callable(given) else given

        return app

    def answer(self, path: str, answer: "Answer | dict[str, Any] | tuple[str, int]") -> None:
        """Answer POSTs to `path` with this from now on."""
        self.answers[path] = (
            answer if callable(answer) or isinstance(answer, dict) else _always(answer)
        )

    @property
    def last(self) -> Call:
        return self.calls[-1]


def _always(answer: tuple[str, int]) -> Answer:
    return lambda: answer


PATIENCE_SECONDS = 30.0
"""More than the bridge ever has, so that it decides; a test of time-outs takes less."""


@dataclass
class AppsScript:
    """The page's server: Apps Script's own side of the stand-ins."""

    url: str = ""
    project: dict[str, str] = field(default_factory=dict)
    identity_token: str | None = IDENTITY_TOKEN
    fetches: list[dict[str, Any]] = field(default_factory=list)
    services_are_down: bool = False
    patience_seconds: float = PATIENCE_SECONDS

    def sources(self) -> list[str]:
        """The stand-ins, then the bridge's files."""
        project = [text for name, text in self.project.items() if name.endswith(".js")]
        return [SERVICES.read_text(encoding="utf-8"), *project]

    def app(self) -> Flask:
        app = Flask("page of the test")

        @app.get("/")
        def page() -> str:
            scripts = "".join(f"<script>{source}</script>" for source in self.sources())
            return "<!doctype html>" + scripts

        @app.get("/worker.js")
        def worker() -> Response:
            call = "onmessage = ({data}) => postMessage(AppsScriptSandbox.plain(self[data]({})));"
            return Response("\n".join([*self.sources(), call]), mimetype="text/javascript")

        @app.get("/apps_script/identity_token")
        def identity_token() -> Response | tuple[str, int]:
            if self.services_are_down:
                return "down", 503
            return jsonify(token=self.identity_token)

        @app.get("/apps_script/oauth_token")
        def oauth_token() -> Response:
            return jsonify(token=OAUTH_TOKEN)

        @app.post("/apps_script/fetch")
        def fetch() -> Response:
            asked = request.get_json()
            self.fetches.append(asked)
            return jsonify(_fetch(asked, min(asked["timeoutSeconds"], self.patience_seconds)))

        return app


def _fetch(asked: dict[str, Any], timeout_seconds: float) -> dict[str, Any]:
    headers = dict(asked["headers"])
    if asked["contentType"]:
        headers["Content-Type"] = asked["contentType"]
    try:
        got = requests.request(
            asked["method"],
            asked["url"],
            headers=headers,
            data=asked["payload"].encode(),
            allow_redirects=asked["followRedirects"],
            timeout=timeout_seconds,
        )
    except requests.RequestException as error:
        return {"error": f"Address unavailable: {error}"}
    return {"status": got.status_code, "headers": dict(got.headers), "body": got.text}


@dataclass
class Bridge:
    """The bridge, running in a browser page."""

    page: Page
    server: Server
    apps_script: AppsScript
    log: list[str] = field(default_factory=list)

    def start(self) -> None:
        """Load the bridge afresh, with nothing answered, asked or logged yet."""
        self.server.answers.clear()
        self.server.calls.clear()
        self.apps_script.fetches.clear()
        self.apps_script.identity_token = IDENTITY_TOKEN
        self.apps_script.services_are_down = False
        self.apps_script.patience_seconds = PATIENCE_SECONDS
        self.page.goto(self.apps_script.url)
        self.log.clear()

    def call(self, function: str, *arguments: object) -> Any:
        """What a function of the bridge returns, as plain data."""
        return self.page.evaluate(
            "([name, given]) => AppsScriptSandbox.plain(globalThis[name](...given))",
            [function, list(arguments)],
        )

    def render(self, card: object) -> Any:
        """What the renderer makes of card JSON."""
        return self.call("renderCard_", card)

    def widgets(self, *widgets: object) -> Any:
        """What the renderer makes of widgets, in a card that has more than them."""
        card = {"header": {"title": "Card"}, "sections": [{"widgets": list(widgets)}]}
        sections = self.render(card).get("sections", [{"widgets": []}])
        return sections[0]["widgets"]

    def click(self, on_click: dict[str, Any], **common: object) -> Any:
        """Click what the renderer made clickable: calls the function with its parameters."""
        action = on_click["action"]
        event = {"commonEventObject": {"parameters": action.get("parameters", {}), **common}}
        return self.call(action["functionName"], event)


@contextmanager
def bridge_on(page: Page) -> Iterator[Bridge]:
    """The bridge as the command writes it for a test's server; `start` loads it into the page."""
    server, apps_script = Server(), AppsScript()
    bridge = Bridge(page, server, apps_script)
    page.on("console", lambda message: bridge.log.append(message.text))
    page.on("pageerror", lambda error: bridge.log.append(f"uncaught: {error}"))
    with serving(server.app()) as server.url, serving(apps_script.app()) as apps_script.url:
        apps_script.project = apps_script_project(Target(server.url), bridge_sources())
        yield bridge
