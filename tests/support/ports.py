"""Ports for programs that are started with one."""

import random
import socket

PORTS = range(20_000, 32_000)
"""Below what Linux gives to connections that go out (32,768 and above): one of those, made by
another test, could take the port before the program does."""

_TRIES = 100
"""A hundred taken ports in a row mean that something else is wrong."""


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody uses."""
    # Not from the seeded generator: it gives every worker the same.
    chance = random.SystemRandom()
    for _ in range(_TRIES):
        port = chance.choice(PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise OSError("no free port was found")
