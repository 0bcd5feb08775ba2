"""What a worker is called: by its machine and its number there, so that no two share a name.

A slot is held by binding an address of Linux' abstract socket namespace (unix(7)): the kernel lets
one process have it, and takes it back however that process ends. No file is left behind, and
nothing that cleans or hides folders of temporary files gets in the way. It reaches as far as a
host name does: containers have both to themselves, or share both.
"""

import errno
import hashlib
import itertools
import logging
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

BOOT = Path("/proc/sys/kernel/random/boot_id")
"""Another on each machine, and after each of its starts (random(4))."""

_NETWORK = Path("/proc/self/ns/net")
"""Another for each container on a machine, unless it uses the machine's own (namespaces(7))."""

_TOLD_APART = 8  # hexadecimal digits

_log = logging.getLogger(__name__)


def machine(url: sa.URL, *, boot: Path = BOOT) -> str:
    """Name the machine for its workers: the host name, and what tells it from others of that name.

    Machines from one image, and containers, are easily given the same. Whoever restarts a worker
    on a running machine finds its name unchanged; after a start of the machine the jobs that were
    cut off are taken over as from one that does not come back.

    Args:
        url: the database that the workers share. All workers of an SQLite file are on one
            machine, whose host name does.
        boot: the file that tells one start of a machine from all others.
    """
    name = socket.gethostname()
    known = []
    if url.get_backend_name() != "sqlite":
        with suppress(OSError):
            known.append(boot.read_text())
        with suppress(OSError):
            known.append(str(_NETWORK.readlink()))
    if not known:
        return name
    return f"{name}-{hashlib.sha256(repr(known).encode()).hexdigest()[:_TOLD_APART]}"


@contextmanager
def held_slot(url: sa.URL, wanted: str) -> Iterator[str]:
    """Hold a slot of this machine for as long as the `with` lasts, or the process.

    Args:
        url: the database that the workers share; those of another one count for themselves.
        wanted: taken when it is free; empty when any will do.

    Yields:
        `wanted`, or else the lowest number that no living worker has. After a restart that is the
        same one again, unless another worker ended too.
    """
    database = _database(url)
    candidates = itertools.chain([wanted] if wanted else [], map(str, itertools.count()))
    with ExitStack() as held:
        slot = next(one for one in candidates if _take(f"{database}/{one}", held))
        if wanted and slot != wanted:
            _log.warning("another worker has slot %s; this one takes slot %s", wanted, slot)
        yield slot


def _take(what: str, held: ExitStack) -> bool:
    """Take something that one process of this machine may have; False when another has it."""
    if sys.platform != "linux":
        # Nothing to hold it by: there, each worker is to be given a number of its own.
        return True
    # A digest, for an address has room for 107 bytes.
    address = f"\0livestorm-calendar/worker/{hashlib.sha256(what.encode()).hexdigest()}"
    try:
        held.enter_context(socket.socket(socket.AF_UNIX)).bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return False
        # A sandbox without such sockets is no reason not to work.
        _log.warning("workers of this machine cannot see each other: %s", error.strerror)
    return True


def _database(url: sa.URL) -> str:
    """Tell databases apart, and be the same for every way to write the address of one.

    On PostgreSQL by name only: should two servers have databases of one name, their workers on
    this machine just count together.
    """
    name = url.database or ""
    return str(Path(name).resolve()) if url.get_backend_name() == "sqlite" else name
