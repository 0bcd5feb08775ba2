"""Open the database: one SQLite file by default, PostgreSQL by changing one URL."""

import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.pool import ConnectionPoolEntry

SQLITE_BUSY_MILLISECONDS = 30_000
"""How long a writer waits for the file's single write lock. Every write transaction here is a
few statements long, so 30 s is only ever reached when the disk is stuck."""

WAKE_UP_SECONDS = 2.0
"""How long a wake-up from outside waits for the write lock. Whoever sends it gives up long before
a stuck disk is well again, and repeats it when told that it was not stored; meanwhile it would
keep a thread from people. Far more than the transactions ahead of it take."""

PERSON_SECONDS = 5.0
"""How long a card waits for a lock: several times what any transaction here holds one, and a card
that is not there by then is better an error that can be tried again. Calendar gives up after 30 s
and says nothing of use."""

POOL_SIZE = 20
"""16 request threads per web process, and room for the calls that run beside a request."""

POOL_OVERFLOW = 20
"""Short bursts of side work may double the pool; beyond that callers queue."""

_BUSY_TIMEOUT = f"PRAGMA busy_timeout={SQLITE_BUSY_MILLISECONDS}"

_LOCK_NOT_AVAILABLE = "55P03"
"""PostgreSQL's code of a lock that `lock_timeout` ended the wait for."""

_plain_engines: weakref.WeakKeyDictionary[sa.Engine, sa.Engine] = weakref.WeakKeyDictionary()
"""Engine → the engine that `reading` and `writing` use in its place."""

_turns: weakref.WeakKeyDictionary[sa.Engine, threading.RLock] = weakref.WeakKeyDictionary()
"""SQLite engine → the lock by which the threads of this process take turns at writing."""


def create_engine(url: str) -> sa.Engine:
    """Return an engine for `url` (SQLAlchemy form; `sqlite:///…` or `postgresql+psycopg://…`).

    A plain `postgresql://` is read as psycopg 3, the driver that is installed. For SQLite the
    folder of the file is made, and the file is put into WAL mode, where readers never wait
    for a writer.
    """
    parsed = sa.engine.make_url(url)
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        parsed,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        # The connection that was used last still has its pages at hand.
        pool_use_lifo=True,
        # Errors quote the statement, and end up in logs; titles and addresses must not.
        hide_parameters=True,
    )
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    return engine


def reading(engine: sa.Engine) -> sa.Connection:
    """Return a connection, to be closed by `with`, for selects that each see what is committed.

    No transaction is opened: on SQLite nothing is locked, on PostgreSQL a round trip is saved.
    """
    return _plain(engine).connect()


@contextmanager
def driver(engine: sa.Engine) -> Iterator[sa.PoolProxiedConnection]:
    """Give the driver's own connection for one select, as `reading` does SQLAlchemy's.

    On SQLite it is one that the thread keeps: fetching one from the pool and giving it back takes
    as long as the select. A connection whose select fails is given up.
    """
    if engine.dialect.name == "sqlite":
        connection = _kept_by_this_thread(engine)
        try:
            yield connection
        except BaseException:
            _kept.connections.pop(engine).invalidate()
            raise
    else:
        # Only SQLAlchemy's connection turns psycopg's own transactions off, and on again.
        with reading(engine) as plain:
            try:
                yield plain.connection
            except BaseException:
                plain.invalidate()
                raise


class _Kept(threading.local):
    """What a thread keeps: a connection to each database that it reads."""

    def __init__(self) -> None:
        self.connections: weakref.WeakKeyDictionary[sa.Engine, sa.PoolProxiedConnection] = (
            weakref.WeakKeyDictionary()
        )


_kept = _Kept()


def _kept_by_this_thread(engine: sa.Engine) -> sa.PoolProxiedConnection:
    connection = _kept.connections.get(engine)
    if connection is None:
        connection = _kept.connections[engine] = engine.raw_connection()
        # From here on it is the thread's, and ends with it; the pool makes itself another.
        connection.detach()
    return connection


@contextmanager
def writing(
    engine: sa.Engine, *, durable: bool = True, within: float | None = None
) -> Iterator[sa.Connection]:
    """Give a connection inside one transaction, committed at the end, undone by an exception.

    On SQLite the write lock is taken at the start: a transaction that reads first and writes
    later could otherwise fail at the write with nothing left to retry.
    No remote call may happen inside (docs/design rule 6).

    Args:
        engine: The database.
        durable: False where a power cut may undo what was committed last, which saves the wait
            for the disk. A crash of the program undoes nothing either way.
        within: For how many seconds at most to wait for SQLite's write lock, or for each lock of
            PostgreSQL's that a statement needs. Without, and outside of `patient`: up to
            `SQLITE_BUSY_MILLISECONDS`, and without end.

    Raises:
        sqlalchemy.exc.TimeoutError: a lock was not to be had in time.
        sqlalchemy.exc.SQLAlchemyError: the database fails.
    """
    within = min((one for one in (within, _patience.seconds) if one is not None), default=None)
    if engine.dialect.name == "sqlite":
        give_up = None if within is None else time.monotonic() + within
        # A thread that finds the file locked looks again after up to 100 ms; here it is woken.
        with _turn(engine, give_up), _plain(engine).connect() as connection:
            driver = connection.connection
            if not durable:
                driver.execute("PRAGMA synchronous=NORMAL")
            try:
                with connection.begin():
                    _begin_immediately(driver, give_up)
                    yield connection
            finally:
                if not durable:
                    driver.execute("PRAGMA synchronous=FULL")
    else:
        with engine.begin() as connection:
            if not durable:
                connection.exec_driver_sql("SET LOCAL synchronous_commit TO OFF")
            if within is not None:
                milliseconds = max(int(within * 1000), 1)  # 0 would be without end
                connection.exec_driver_sql(f"SET LOCAL lock_timeout TO {milliseconds}")
            try:
                yield connection
            except sa.exc.OperationalError as error:
                if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                    raise
                raise sa.exc.TimeoutError("a row has been locked for too long") from error


@contextmanager
def patient(seconds: float) -> Iterator[None]:
    """Let every `writing` of this thread wait for `seconds` at most while the block runs.

    For a request that somebody waits for; what it leaves to other threads has time.
    """
    before, _patience.seconds = _patience.seconds, seconds
    try:
        yield
    finally:
        _patience.seconds = before


class _Patience(threading.local):
    """How long a thread waits for locks; None: as long as it takes."""

    seconds: float | None = None


_patience = _Patience()


@contextmanager
def _turn(engine: sa.Engine, give_up: float | None) -> Iterator[None]:
    """Hold this process's turn at writing; `give_up` is a time of the steady clock."""
    turn = _turns[engine]
    if not turn.acquire(timeout=-1 if give_up is None else max(give_up - time.monotonic(), 0)):
        raise sa.exc.TimeoutError("another thread has been writing for too long")
    try:
        yield
    finally:
        turn.release()


def _begin_immediately(driver: sa.PoolProxiedConnection, give_up: float | None) -> None:
    """Begin a transaction with the file's write lock; `give_up` is a time of the steady clock."""
    if give_up is None:
        driver.execute("BEGIN IMMEDIATE")
        return
    left = max(give_up - time.monotonic(), 0)
    driver.execute(f"PRAGMA busy_timeout={int(left * 1000)}")
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        raise sa.exc.TimeoutError("another process has been writing for too long") from error
    finally:
        driver.execute(_BUSY_TIMEOUT)


def _plain(engine: sa.Engine) -> sa.Engine:
    """Return an engine over the same pool that begins nothing by itself.

    An engine without listeners, too: a single one, such as `begin` below, doubles what SQLAlchemy
    does for every statement.
    """
    plain = _plain_engines.get(engine)
    if plain is None or plain.pool is not engine.pool:  # another pool since `dispose()`
        plain = sa.Engine(
            engine.pool, engine.dialect, engine.url, hide_parameters=engine.hide_parameters
        )
        if engine.dialect.name != "sqlite":
            plain = plain.execution_options(isolation_level="AUTOCOMMIT")
        _plain_engines[engine] = plain
    return plain


def _prepare_sqlite(engine: sa.Engine) -> None:
    _turns[engine] = threading.RLock()

    @sa.event.listens_for(engine, "connect")
    def connect(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
        # The driver must not open transactions by itself; the "begin" listener does.
        connection.isolation_level = None
        connection.execute(_BUSY_TIMEOUT)
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.connection.execute("BEGIN IMMEDIATE")


def insert(connection: sa.Connection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """Return the insert of the connection's own dialect, which has `on_conflict_do_…`."""
    return insert_into(table, connection.dialect.name)


def insert_into(table: sa.Table, dialect: str) -> sqlite.Insert | postgresql.Insert:
    """Return the insert of a dialect, for a statement that is kept.

    Both dialects spell these methods alike; SQLAlchemy just offers no common type for them.
    """
    if dialect == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
