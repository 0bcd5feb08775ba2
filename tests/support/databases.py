"""A fresh, migrated database for every test, copied from one that was migrated once."""

import contextlib
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from server.migration import migrate
from tests.support.postgresql import locked, shared_cluster

KINDS = ("sqlite", "postgresql")
"""Every database the program promises to run on; fixtures are parametrized over them."""

_TEMPLATE = "migrated"
_MIGRATING = "migrating"


@contextlib.contextmanager
def fresh_database(kind: str, *, shared: Path, folder: Path) -> Iterator[str]:
    """Give the URL of a new database with every migration applied, and remove it at the end.

    Args:
        kind: One of `KINDS`.
        shared: Folder that all worker processes of this run share.
        folder: Folder of this test alone, for a database that is a file.
    """
    if kind == "sqlite":
        file = folder / f"database-{secrets.token_hex(4)}.sqlite"
        shutil.copyfile(_sqlite_template(shared), file)
        yield f"sqlite:///{file}"
        return
    with locked(shared):
        cluster = shared_cluster(shared)
        if not cluster.exists(_TEMPLATE):
            # Under another name until it is ready: a half migrated one is never copied.
            cluster.drop(_MIGRATING)
            _migrate(cluster.create(_MIGRATING))
            cluster.create(_TEMPLATE, template=_MIGRATING)
    name = f"test-{secrets.token_hex(8)}"
    url = cluster.create(name, template=_TEMPLATE)
    try:
        yield url
    finally:
        cluster.drop(name)


def _sqlite_template(shared: Path) -> Path:
    file = shared / "migrated.sqlite"
    with locked(shared):
        if not file.exists():
            migrating = shared / "migrating.sqlite"
            migrating.unlink(missing_ok=True)
            _migrate(f"sqlite:///{migrating}")
            migrating.rename(file)
    return file


def _migrate(url: str) -> None:
    migrate(url)


LATE_SECONDS = 10.0
"""Far longer than what a request leaves to other threads takes, on a crowded machine too."""


def close(engine: sa.Engine) -> None:
    """Close all connections, also those that threads of the program still use at the moment.

    `dispose` leaves such a one open when it comes back, and whichever test runs when it is found
    by the garbage collector would fail for it.
    """
    pool = engine.pool
    engine.dispose()
    gives_up = time.monotonic() + LATE_SECONDS
    while isinstance(pool, sa.QueuePool) and pool.checkedout() and time.monotonic() < gives_up:
        time.sleep(0.01)
    pool.dispose()
