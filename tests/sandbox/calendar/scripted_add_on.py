"""An add-on server that says what a test tells it, for looking at how the page shows it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.simulation import serve

Json = dict[str, Any]
Answer = Json | Callable[[Json], Json]


@dataclass
class ScriptedAddOn:
    """What it answers, and what it was asked.

    Attributes:
        answers: Path → JSON, or a function of the event object.
        calls: Path and event object of every call, in order.
        headers: Headers of the same calls.
        gate: Calls wait here while it is cleared, so that a test can look at the waiting page.
        url: Origin while served.
    """

    answers: dict[str, Answer] = field(default_factory=dict)
    calls: list[tuple[str, Json]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    @contextmanager
    def serve(self) -> Iterator[None]:
        """Answer over HTTP until the block ends."""
        app = Flask(__name__)

        @app.post("/addon/<path:name>")
        def addon(name: str) -> ResponseReturnValue:
            event = request.get_json()
            self.calls.append((f"/addon/{name}", event))
            self.headers.append(dict(request.headers))
            self.gate.wait()
            answer = self.answers.get(f"/addon/{name}")
            if answer is None:
                return "nothing scripted", 404
            return jsonify(answer(event) if callable(answer) else answer)

        @app.get("/<name>")
        def page(name: str) -> ResponseReturnValue:
            return f"<!doctype html><title>{name}</title><h1>{name}</h1>"

        self.gate.set()
        with serve(app) as server:
            self.url = server.url
            try:
                yield
            finally:
                self.gate.set()

    def asked(self, path: str) -> list[Json]:
        """The event objects sent to one path."""
        return [event for called, event in self.calls if called == path]


def pushed(*sections: Json, title: str = "Scripted", **card: Any) -> Json:
    """A trigger's answer with one card."""
    shown = {"header": {"title": title}, "sections": list(sections), **card}
    return {"action": {"navigations": [{"pushCard": shown}]}}


def conference(markup: Json) -> Json:
    """The answer of ``/addon/conference``."""
    action = {"createConferenceDataActionMarkup": {"createConferenceData": markup}}
    return {"hostAppAction": {"calendarAction": action}}


def room(uri: str) -> Json:
    """A conference with one room."""
    return {
        "conferenceId": "lv-1",
        "conferenceSolutionId": "livestorm",
        "entryPoints": [{"type": "VIDEO", "uri": uri}],
        "parameters": [{"key": "livestorm_event_id", "value": "lv-1"}],
    }
