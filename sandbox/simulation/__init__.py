"""What the simulators have in common: faults, the call log, switches, control and serving."""

from sandbox.simulation.calls import CallLog, LoggedCall
from sandbox.simulation.control import install_control
from sandbox.simulation.faults import Fault, Faults
from sandbox.simulation.gate import ApiGate, Simulator
from sandbox.simulation.serving import HangUp, Server, serve
from sandbox.simulation.switches import SwitchBoard, switch

__all__ = [
    "ApiGate",
    "CallLog",
    "Fault",
    "Faults",
    "HangUp",
    "LoggedCall",
    "Server",
    "Simulator",
    "SwitchBoard",
    "install_control",
    "serve",
    "switch",
]
