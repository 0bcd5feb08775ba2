"""The drawer of troubles really troubles the simulators."""

from typing import Any

import pytest
import requests

from sandbox.calendar.controls import TROUBLES
from sandbox.google import GoogleSimulator
from sandbox.livestorm import LivestormSimulator
from sandbox.simulation import Fault


@pytest.fixture
def controls(http: requests.Session, page_url: str) -> Any:
    def ask(method: str, name: str = "", value: object = None) -> Any:
        path = f"{page_url}/page/api/controls{name and '/' + name}"
        return http.request(method, path, json={"value": value}, timeout=10)

    return ask


def values(controls: Any) -> dict[str, object]:
    return {one["name"]: one["value"] for one in controls("GET").json()["controls"]}


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.name)
def test_each_trouble_goes_on_and_off(
    controls: Any, google: GoogleSimulator, livestorm: LivestormSimulator, trouble: Any
) -> None:
    simulator: GoogleSimulator | LivestormSimulator = google
    if trouble.side == "livestorm":
        simulator = livestorm
    assert controls("PUT", trouble.name, value=True).status_code == 204
    assert len(simulator.faults) == len(trouble.faults)
    assert values(controls)[trouble.name] is True

    assert controls("PUT", trouble.name, value=False).status_code == 204
    assert len(simulator.faults) == 0
    assert values(controls)[trouble.name] is False


def test_livestorm_down_is_really_down(controls: Any, livestorm: LivestormSimulator) -> None:
    controls("PUT", "livestorm_down", value=True)

    assert requests.get(f"{livestorm.url}/v1/ping", timeout=10).status_code == 503


def test_a_switch_leaves_other_faults_alone(controls: Any, google: GoogleSimulator) -> None:
    google.faults.add(Fault("slow", path="^/token", seconds=1, times=None))

    controls("PUT", "google_calendar_down", value=True)
    controls("PUT", "google_calendar_down", value=False)

    assert [fault.path for fault in google.faults] == ["^/token"]


def test_latency_and_reset(controls: Any, livestorm: LivestormSimulator) -> None:
    controls("PUT", "livestorm_latency", value=1.5)
    controls("PUT", "livestorm_down", value=True)
    assert livestorm.latency == 1.5

    assert controls("DELETE").status_code == 204

    assert livestorm.latency == 0
    assert not any(values(controls).values())


def test_a_control_that_is_none_is_said(controls: Any) -> None:
    assert controls("PUT", "absent", value=True).status_code == 502
    assert "seconds" in controls("PUT", "livestorm_latency", value="long").json()["error"]
