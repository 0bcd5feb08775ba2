"""One private PostgreSQL cluster for a whole test run, shared by its worker processes."""

import contextlib
import fcntl
import json
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from tests.support.ports import free_port

_START_SECONDS = 60
"""A cluster starts in about a second; a loaded machine may need several."""

OWNER = "owner"
"""File in the shared folder with the process id of the run's controller."""

_MEMORY = Path("/dev/shm")
"""Where Linux keeps files in memory. Every test copies a database of 400 files and removes it,
which takes three times as long on a disk."""

_MEMORY_BYTES = 2**30
"""How much must be free there: a run needs a third of it, for a database of 9 MB of each worker,
what is logged of them, and the server's own memory. Containers often have 64 MB."""

_SETTINGS = {
    # The cluster is thrown away with the run: nothing in it has to survive a power cut.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # Two test workers, each with a program of 40 connections and background work.
    "max_connections": "300",
    "unix_socket_directories": "",
    # Copying a database logs it whole; what is logged need not pile up.
    "max_wal_size": "128MB",
}


class PostgreSQLMissing(Exception):
    """The server programs are not on this machine; the message names what to install."""


@dataclass(frozen=True)
class Cluster:
    """A running cluster that belongs to this test run alone."""

    host: str
    port: int
    password: str

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://postgres:{self.password}@{self.host}:{self.port}/{database}"

    def create(self, database: str, *, template: str = "template1") -> str:
        """Create a database as a copy of `template` and return its SQLAlchemy URL."""
        self._execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(database), sql.Identifier(template)
            )
        )
        return self.url(database)

    def drop(self, database: str) -> None:
        """Drop a database, closing whatever is still connected to it."""
        self._execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
        )

    def exists(self, database: str) -> bool:
        """Whether the cluster has a database of that name."""
        with self._connect() as connection:
            found = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [database]
            ).fetchone()
        return found is not None

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=self.host,
            port=self.port,
            user="postgres",
            password=self.password,
            dbname="postgres",
            autocommit=True,
        )

    def _execute(self, statement: sql.Composed) -> None:
        with self._connect() as connection:
            connection.execute(statement)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder that the worker processes of one run share."""
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def shared_cluster(folder: Path) -> Cluster:
    """Return the run's cluster, starting it if no worker has yet.

    The caller holds `locked(folder)`.

    Raises:
        PostgreSQLMissing: There are no server programs on this machine.
    """
    note = folder / "cluster.json"
    if note.exists():
        return Cluster(**json.loads(note.read_text())["cluster"])
    programs = _programs()
    data = Path(tempfile.mkdtemp(prefix="livestorm-calendar-postgresql-", dir=_folder()))
    cluster = Cluster("127.0.0.1", free_port(), secrets.token_urlsafe(16))
    try:
        _start(programs, data, cluster)
    except BaseException:
        shutil.rmtree(data)
        raise
    note.write_text(
        json.dumps({"cluster": asdict(cluster), "data": str(data), "programs": str(programs)})
    )
    _end_with(int((folder / OWNER).read_text()), data)
    return cluster


def stop_cluster(folder: Path) -> None:
    """Stop the run's cluster and remove its files, if it was ever started."""
    note = folder / "cluster.json"
    if not note.exists():
        return
    known = json.loads(note.read_text())
    note.unlink()
    data = Path(known["data"])
    _run([Path(known["programs"]) / "pg_ctl", "stop", "-D", data / "db", "-m", "immediate"])
    shutil.rmtree(data)


def _start(programs: Path, data: Path, cluster: Cluster) -> None:
    user = _server_user()
    if user:
        shutil.chown(data, user)
    password_file = data / "password"
    password_file.write_text(cluster.password)
    if user:
        shutil.chown(password_file, user)
    _run(
        [
            *(programs / "initdb", "-D", data / "db", "-U", "postgres", "--encoding=UTF8"),
            *("--locale=C", "--auth=scram-sha-256", f"--pwfile={password_file}", "--no-sync"),
        ]
    )
    with (data / "db" / "postgresql.conf").open("a") as configuration:
        configuration.writelines(f"{name} = '{value}'\n" for name, value in _SETTINGS.items())
        configuration.write(f"listen_addresses = '{cluster.host}'\nport = {cluster.port}\n")
    _run(
        [
            *(programs / "pg_ctl", "start", "-D", data / "db", "-l", data / "log"),
            *("--wait", f"--timeout={_START_SECONDS}"),
        ]
    )


def _end_with(owner: int, data: Path) -> None:
    """Leave a process behind that ends the cluster if the run is killed before it can itself."""
    waiting = """(
        while kill -0 "$0"; do sleep 1; done
        server=$(head -n 1 "$1/db/postmaster.pid") && kill -QUIT "$server"
        while kill -0 "$server"; do sleep 1; done
        rm -rf "$1"
    ) &"""
    subprocess.run(
        ["sh", "-c", waiting, str(owner), data],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _run(command: list[str | Path]) -> None:
    """Run one of PostgreSQL's programs as the user it accepts, in a folder that user can enter."""
    # A file, not a pipe: the server inherits it and would keep a pipe open for ever.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            command,
            check=False,
            cwd="/",
            stdout=output,
            stderr=subprocess.STDOUT,
            user=_server_user(),
            env={**os.environ, "LC_ALL": "C"},
        )
        output.seek(0)
        if done.returncode:
            said = output.read().decode(errors="replace")
            raise RuntimeError(f"{command[0]} exited with {done.returncode}:\n{said}")


def _server_user() -> str | None:
    """Return the user to run the server as: PostgreSQL refuses to be run by root."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        return pwd.getpwnam("postgres").pw_name
    return "nobody"


def _folder() -> Path | None:
    """Return the folder for the cluster; None is the temporary one."""
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _MEMORY_BYTES
    return _MEMORY if roomy and os.access(_MEMORY, os.W_OK) else None


def _programs() -> Path:
    """Return the folder of `initdb` and `pg_ctl`; Debian keeps it off PATH."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name)
    )
    on_path = shutil.which("pg_ctl")
    for folder in [*reversed(folders), *([Path(on_path).parent] if on_path else [])]:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise PostgreSQLMissing(
        "The tests need a PostgreSQL server: install it (Debian: apt-get install postgresql), "
        "or let `make test` do it."
    )
