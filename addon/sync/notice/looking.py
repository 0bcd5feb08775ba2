"""Threads that look for due work and do it, a few pieces at a time."""

import threading
import time
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import Generic, TypeVar

import sqlalchemy as sa
import structlog

T = TypeVar("T")

OUTAGE_SECONDS = 5.0
"""Pause while the database does not answer: long enough to leave it alone while it restarts."""

_log = structlog.get_logger(__name__)


class Looking(Generic[T]):
    """Takes due work from the database and does it on a few threads of its own.

    A piece of work that fails in a way nobody foresaw is logged, and taken again once its lease
    is over; the other pieces go on. The threads do not keep the process from ending: what they
    leave undone, another worker takes over.
    """

    def __init__(
        self,
        name: str,
        *,
        take: Callable[[int], Sequence[T]],
        look: Callable[[T], None],
        at_once: int,
        every_seconds: float,
    ) -> None:
        """Put together.

        Args:
            name: For the threads' names.
            take: Returns up to so many pieces of due work, leased to the caller.
            look: Does one piece.
            at_once: Pieces at a time.
            every_seconds: Pause between two looks for due work.
        """
        self._name = name
        self._take = take
        self._look = look
        self._every = every_seconds
        self._free = threading.Semaphore(at_once)
        self._at_once = at_once
        self._waiting: SimpleQueue[T | None] = SimpleQueue()
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to look."""
        self._begin(self._seek, "seek")
        for number in range(self._at_once):
            self._begin(self._work, str(number))

    def stop(self, grace_seconds: float) -> None:
        """Take nothing more, and wait so long for what is being done."""
        self._stopped.set()
        for _ in range(self._at_once):
            self._waiting.put(None)
        give_up = time.monotonic() + grace_seconds
        for thread in self._threads:
            thread.join(max(give_up - time.monotonic(), 0.0))

    def _begin(self, target: Callable[[], None], name: str) -> None:
        thread = threading.Thread(target=target, name=f"{self._name}-{name}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _seek(self) -> None:
        """Hand out due work for ever. Whatever ends this but `stop` is begun anew."""
        try:
            while not self._stopped.wait(self._every):
                self._hand_out()
        finally:
            if not self._stopped.is_set():
                _log.error("looking_failed", name=self._name, exc_info=True)
                self._stopped.wait(OUTAGE_SECONDS)
                self._begin(self._seek, "seek")

    def _hand_out(self) -> None:
        free = 0
        while free < self._at_once and self._free.acquire(blocking=False):
            free += 1
        taken: Sequence[T] = ()
        try:
            if free:
                taken = self._take(free)
        except sa.exc.SQLAlchemyError as error:
            _log.warning("database_unreachable", name=self._name, error=type(error).__name__)
            self._stopped.wait(OUTAGE_SECONDS)
        finally:
            for _ in range(free - len(taken)):
                self._free.release()
        for piece in taken:
            self._waiting.put(piece)

    def _work(self) -> None:
        """Do pieces until `stop`. A thread that dies of one is replaced."""
        ended = False
        try:
            while (piece := self._waiting.get()) is not None and not self._stopped.is_set():
                self._do(piece)
            ended = True
        finally:
            if not ended:
                _log.error("look_failed", name=self._name, exc_info=True)
                self._begin(self._work, "again")

    def _do(self, piece: T) -> None:
        try:
            self._look(piece)
        except sa.exc.SQLAlchemyError as error:
            _log.warning("look_not_stored", name=self._name, error=type(error).__name__)
        finally:
            self._free.release()
