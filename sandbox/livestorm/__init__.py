"""A simulated Livestorm: its public API, OAuth, rooms and dashboard."""

from sandbox.livestorm.grants import SCOPES, Tokens
from sandbox.livestorm.simulator import LivestormSimulator
from sandbox.livestorm.switches import Switches

__all__ = ["SCOPES", "LivestormSimulator", "Switches", "Tokens"]
