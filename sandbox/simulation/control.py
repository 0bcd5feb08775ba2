"""The control surface ``/_control/*``: what tests in other processes and the sandbox page use."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Flask, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.simulation.faults import Fault
from sandbox.simulation.gate import Simulator


def install_control(app: Flask, simulator: Simulator) -> None:
    """Register the control endpoints of ``simulator`` on ``app``.

    ``GET`` and ``PATCH /_control/switches`` (``?describe=1`` explains them), ``GET``, ``POST`` and
    ``DELETE /_control/faults``, ``GET`` and ``DELETE /_control/log``,
    ``GET`` and ``PUT /_control/latency``, ``POST /_control/reset``.
    A wrong value is answered with 400 and ``{"error": …}``, and changes nothing.
    """
    control = Blueprint("control", __name__, url_prefix="/_control")

    @control.get("/switches")
    def show_switches() -> ResponseReturnValue:
        if request.args.get("describe"):
            return jsonify(simulator.switches.described())
        return jsonify(simulator.switches.to_json())

    @control.patch("/switches")
    def change_switches() -> ResponseReturnValue:
        try:
            simulator.switches.change(_object())
        except (AttributeError, ValueError) as problem:
            return jsonify(error=str(problem)), 400
        return jsonify(simulator.switches.to_json())

    @control.get("/faults")
    def show_faults() -> ResponseReturnValue:
        return jsonify([asdict(fault) for fault in simulator.faults])

    @control.post("/faults")
    def add_fault() -> ResponseReturnValue:
        try:
            fault = simulator.faults.add(Fault.from_json(_object()))
        except (TypeError, ValueError) as problem:
            return jsonify(error=str(problem)), 400
        return jsonify(asdict(fault)), 201

    @control.delete("/faults")
    def clear_faults() -> ResponseReturnValue:
        simulator.faults.clear()
        return "", 204

    @control.get("/log")
    def show_log() -> ResponseReturnValue:
        return jsonify([call.to_json() for call in simulator.log])

    @control.delete("/log")
    def clear_log() -> ResponseReturnValue:
        simulator.log.clear()
        return "", 204

    @control.get("/latency")
    def show_latency() -> ResponseReturnValue:
        return jsonify(seconds=simulator.latency)

    @control.put("/latency")
    def set_latency() -> ResponseReturnValue:
        try:
            seconds = float(_object()["seconds"])
        except (KeyError, TypeError, ValueError) as problem:
            return jsonify(error=f"seconds: {problem}"), 400
        if not 0 <= seconds <= 60:  # beyond a minute it is an outage, which is a fault
            return jsonify(error="seconds must be between 0 and 60"), 400
        simulator.latency = seconds
        return jsonify(seconds=simulator.latency)

    @control.post("/reset")
    def reset() -> ResponseReturnValue:
        simulator.reset()
        return "", 204

    app.register_blueprint(control)


def _object() -> dict[str, Any]:
    value = request.get_json(force=True, silent=True)
    if not isinstance(value, dict):
        raise ValueError("the body must be a JSON object")  # noqa: TRY004 (the caller's value)
    return value
