"""The parts both simulators are made of, tried on a small Flask app over real sockets."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import pytest
import requests
from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.simulation import (
    ApiGate,
    CallLog,
    Fault,
    Faults,
    Server,
    SwitchBoard,
    install_control,
    serve,
    switch,
)


@dataclass
class Switches(SwitchBoard):
    """Switches of the small company."""

    duplicate: Literal[409, 422] = switch(409, "Status of a duplicate.", "nowhere")
    loud: bool = switch(default=False, says="Whether it shouts.")


class Company:
    """A company with one counter."""

    def __init__(self) -> None:
        self.log = CallLog()
        self.faults = Faults()
        self.latency = 0.0
        self.switches = Switches()
        self.count = 0
        self.app = Flask(__name__)

        @self.app.post("/api/count")
        def count() -> ResponseReturnValue:
            self.count += 1
            return jsonify(count=self.count, got=request.get_json(silent=True))

        @self.app.get("/page")
        def page() -> ResponseReturnValue:
            return "page"

        install_control(self.app, self)
        gate = ApiGate(
            self.app.wsgi_app,
            self,
            lambda path: path.startswith("/api/"),
            lambda status: (b'{"error": %d}' % status, "application/json"),
        )
        self.app.wsgi_app = gate  # type: ignore[method-assign]

    def now(self) -> float:
        return time.time()

    def reset(self) -> None:
        self.count = 0


@pytest.fixture
def company() -> Company:
    return Company()


@pytest.fixture
def server(company: Company) -> Iterator[Server]:
    with serve(company.app) as running:
        yield running


def test_one_connection_carries_many_calls(company: Company, server: Server) -> None:
    with requests.Session() as session:
        ports = set()
        for _ in range(3):
            answer = session.post(f"{server.url}/api/count", json={"a": 1}, stream=True)
            connection = answer.raw.connection
            assert connection is not None
            ports.add(connection.sock.getsockname()[1])
            assert answer.json()["got"] == {"a": 1}
    assert company.count == 3
    assert len(ports) == 1


def test_a_body_nobody_reads_does_not_spoil_the_next_request(server: Server) -> None:
    with requests.Session() as session:
        assert session.post(f"{server.url}/nowhere", data=b"x" * 100_000).status_code == 404
        assert session.get(f"{server.url}/page").text == "page"


def test_chunked_bodies_arrive(server: Server) -> None:
    answer = requests.post(
        f"{server.url}/api/count",
        data=iter([b'{"a":', b" 2}"]),
        headers={"Content-Type": "application/json"},
    )
    assert answer.json()["got"] == {"a": 2}


def test_only_api_calls_are_logged(company: Company, server: Server) -> None:
    requests.get(f"{server.url}/page")
    requests.post(f"{server.url}/api/count?x=1", json={"a": 1}, headers={"Authorization": "t"})
    (call,) = company.log
    assert (call.method, call.path, call.query, call.body, call.status) == (
        "POST",
        "/api/count",
        {"x": "1"},
        {"a": 1},
        200,
    )
    assert call.headers["authorization"] == "t"
    assert company.log.matching("POST", "count$") == [call]


@pytest.mark.parametrize(("kind", "done"), [("drop_before", 0), ("drop_after", 1)])
def test_a_dropped_call_has_no_answer(
    company: Company, server: Server, kind: Literal["drop_before", "drop_after"], done: int
) -> None:
    company.faults.add(Fault(kind=kind, method="POST", path="count$"))
    with pytest.raises(requests.ConnectionError):
        requests.post(f"{server.url}/api/count")
    assert company.count == done
    assert [call.status for call in company.log] == [0]
    assert requests.post(f"{server.url}/api/count").status_code == 200


def test_a_truncated_answer_breaks_off(company: Company, server: Server) -> None:
    company.faults.add(Fault(kind="truncated"))
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.post(f"{server.url}/api/count")
    assert company.count == 1


def test_a_status_fault_answers_in_the_company_s_own_form(company: Company, server: Server) -> None:
    fault = company.faults.add(Fault(kind="status", status=429, retry_after=7, times=2, skip=1))
    answers = [requests.post(f"{server.url}/api/count") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 429, 429, 200]
    assert answers[1].headers["Retry-After"] == "7"
    assert answers[1].json() == {"error": 429}
    assert (company.count, fault.hits) == (2, 2)


def test_html_500(company: Company, server: Server) -> None:
    company.faults.add(Fault(kind="html500"))
    answer = requests.post(f"{server.url}/api/count")
    assert answer.status_code == 500
    assert answer.headers["Content-Type"].startswith("text/html")
    assert company.count == 0


@pytest.mark.parametrize("kind", ["slow", "slow_after"])
def test_a_slow_call_outlives_the_client_s_patience(
    company: Company, server: Server, kind: Literal["slow", "slow_after"]
) -> None:
    company.faults.add(Fault(kind=kind, seconds=0.3))
    with pytest.raises(requests.Timeout):
        requests.post(f"{server.url}/api/count", timeout=0.1)
    assert company.count == (1 if kind == "slow_after" else 0)
    deadline = time.monotonic() + 5
    while company.count == 0 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert company.count == 1


def test_latency_is_added_to_every_call(company: Company, server: Server) -> None:
    company.latency = 0.1
    began = time.perf_counter()
    requests.post(f"{server.url}/api/count")
    assert time.perf_counter() - began >= 0.1


def test_control_over_http(company: Company, server: Server) -> None:
    control = f"{server.url}/_control"
    assert requests.get(f"{control}/switches").json() == {"duplicate": 409, "loud": False}
    changed = requests.patch(f"{control}/switches", json={"duplicate": 422, "loud": True})
    assert changed.json() == {"duplicate": 422, "loud": True}
    assert company.switches.duplicate == 422
    described = requests.get(f"{control}/switches?describe=1").json()
    assert described[0]["choices"] == [409, 422]
    assert described[0]["source"] == "nowhere"
    added = requests.post(f"{control}/faults", json={"kind": "status", "path": "count"})
    assert added.status_code == 201
    assert requests.post(f"{server.url}/api/count").status_code == 503
    assert [call["status"] for call in requests.get(f"{control}/log").json()] == [503]
    assert requests.delete(f"{control}/log").status_code == 204
    assert len(company.log) == 0
    assert requests.put(f"{control}/latency", json={"seconds": 0.01}).json() == {"seconds": 0.01}
    company.count = 5
    assert requests.post(f"{control}/reset").status_code == 204
    assert company.count == 0


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "switches", {"duplicate": 500}),
        ("PATCH", "switches", {"loud": True, "unknown": 1}),
        ("PATCH", "switches", {"loud": 1}),
        ("PATCH", "switches", []),
        ("POST", "faults", {"kind": "fire"}),
        ("POST", "faults", {"kind": "slow", "colour": 1}),
        ("PUT", "latency", {"seconds": -1}),
        ("PUT", "latency", {}),
    ],
)
def test_control_refuses_what_it_does_not_know(
    company: Company, server: Server, method: str, path: str, body: object
) -> None:
    answer = requests.request(method, f"{server.url}/_control/{path}", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert company.switches == Switches()
    assert len(company.faults) == 0
    assert company.latency == 0


def test_a_taken_port_falls_to_the_next(company: Company, server: Server) -> None:
    with serve(company.app, server.port) as second:
        assert second.port > server.port
        assert requests.get(f"{second.url}/page").text == "page"


def test_switches_refuse_unknown_names() -> None:
    switches = Switches()
    with pytest.raises(AttributeError):
        switches.duplicat = 422  # type: ignore[attr-defined]
    switches.duplicate = 422
    switches.restore()
    assert switches == Switches()
