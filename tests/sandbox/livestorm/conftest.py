"""A simulator on a real port, clients for it, and a receiver of its webhooks."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from flask import Flask, request
from flask.typing import ResponseReturnValue

from sandbox.livestorm import LivestormSimulator
from sandbox.simulation import serve


class Api:
    """A client that sends one credential and checks nothing."""

    def __init__(self, base: str, authorization: str | None) -> None:
        self.base = base
        self.session = requests.Session()
        if authorization is not None:
            self.session.headers["Authorization"] = authorization

    def get(self, path: str, **params: str | int) -> requests.Response:
        return self.session.get(self.base + path, params=params)

    def filtered(self, path: str, **filters: str | int) -> list[dict[str, Any]]:
        params = {f"filter[{name}]": value for name, value in filters.items()}
        answer = self.session.get(self.base + path, params=params)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["data"])

    def send(self, method: str, path: str, body: object = None) -> requests.Response:
        return self.session.request(method, self.base + path, json=body)

    def post(self, path: str, type_: str, attributes: object, **more: Any) -> requests.Response:
        data = {"type": type_, "attributes": attributes, **more}
        return self.send("POST", path, {"data": data})

    def patch(self, path: str, type_: str, attributes: object) -> requests.Response:
        return self.send("PATCH", path, {"data": {"type": type_, "attributes": attributes}})

    def delete(self, path: str) -> requests.Response:
        return self.session.delete(self.base + path)

    # What many tests need first

    def people_id(self, email: str) -> str:
        (person,) = self.filtered("/people", role="team_member", email=email)
        return str(person["id"])

    def create_event(self, *starts: str, **attributes: object) -> requests.Response:
        attributes = {
            "title": "Launch",
            "owner_id": self.people_id("camille@acme.test"),
            "status": "published",
            **attributes,
        }
        sessions = [
            {
                "type": "sessions",
                "attributes": {"estimated_started_at": start, "timezone": "Europe/Paris"},
            }
            for start in starts
        ]
        return self.post("/events", "events", attributes, relationships={"sessions": sessions})

    def event_with_session(self, **attributes: object) -> tuple[str, str]:
        document = self.create_event("2035-06-01T10:00:00Z", **attributes).json()
        return document["data"]["id"], document["included"][0]["id"]

    def register(self, session_id: str, email: str, **fields: object) -> requests.Response:
        values = [{"id": "email", "value": email}]
        values += [{"id": name, "value": str(value)} for name, value in fields.items()]
        return self.post(f"/sessions/{session_id}/people", "people", {"fields": values})


@dataclass
class Receiver:
    """Takes webhooks; ``status`` is what it answers."""

    url: str = ""
    status: int = 204
    payloads: list[dict[str, Any]] = field(default_factory=list)

    @property
    def events(self) -> list[str]:
        return [one["data"]["meta"]["webhook"]["event"] for one in self.payloads]


@pytest.fixture(scope="session")
def served() -> Iterator[LivestormSimulator]:
    """One simulator for all tests: compiling its routes anew takes a tenth of a second."""
    simulator = LivestormSimulator(empty=True)
    with simulator.serve():
        yield simulator


@pytest.fixture
def sim(served: LivestormSimulator) -> LivestormSimulator:
    """A simulator in its first state, without seeded events and without limiter."""
    served.reset()
    served.switches.limits_enabled = False
    return served


@pytest.fixture
def base(sim: LivestormSimulator) -> str:
    return f"{sim.url}/v1"


@pytest.fixture
def api(sim: LivestormSimulator, base: str) -> Iterator[Api]:
    """A client with the workspace's private token."""
    client = Api(base, sim.world.api_token())
    yield client
    client.session.close()


@pytest.fixture
def sam(sim: LivestormSimulator, base: str) -> Iterator[Api]:
    """A client with Sam's OAuth token."""
    client = Api(base, f"Bearer {sim.world.grant('sam@acme.test').access_token}")
    yield client
    client.session.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    app = Flask(__name__)

    @app.post("/hook")
    def hook() -> ResponseReturnValue:
        receiver.payloads.append(request.get_json())
        return "", receiver.status

    with serve(app) as server:
        receiver.url = f"{server.url}/hook"
        yield receiver
