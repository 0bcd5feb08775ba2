"""Who is linked to what: a person's connection to a Livestorm workspace."""

from addon.connections.connect import Connected, Connecting, ConnectProblem, ConnectRefused
from addon.connections.credentials import Connections, NotConnected

__all__ = [
    "ConnectProblem",
    "ConnectRefused",
    "Connected",
    "Connecting",
    "Connections",
    "NotConnected",
]
