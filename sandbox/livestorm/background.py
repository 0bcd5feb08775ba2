"""What happens later: bulk jobs and webhook deliveries, on threads of their own."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

WORKERS = 4
"""Threads: enough that one receiver that hangs does not hold up the others."""


class Background:
    """Runs callables after a pause, in real time, which tests that move the clock do not move."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._condition = threading.Condition()
        self._running = 0
        self._stopped = False
        self._threads: list[threading.Thread] = []

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        """Run ``do`` after ``seconds``; at once, in this thread, when that is 0."""
        if seconds <= 0:
            do()
        else:
            self.put(seconds, do)

    def put(self, seconds: float, do: Callable[[], None]) -> None:
        """Run ``do`` on a background thread after ``seconds``, first come first served.

        After ``stop()`` nothing is taken on any more, until ``start()``.
        """
        with self._condition:
            if self._stopped:
                return
            self._start_threads()
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._order), do))
            self._condition.notify()

    def settle(self, timeout: float = 5.0) -> bool:
        """Wait until nothing is due or running; return whether that came in time."""
        deadline = time.monotonic() + timeout
        with self._condition:
            while self._due or self._running:
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._condition.wait(min(left, 0.05))
            return True

    def clear(self) -> None:
        """Forget what is due."""
        with self._condition:
            self._due.clear()

    def stop(self) -> None:
        """Forget what is due and end the threads."""
        with self._condition:
            self._due.clear()
            self._stopped = True
            self._condition.notify_all()
            threads, self._threads = self._threads, []
        for thread in threads:
            # A delivery that hangs ends with its own time-out; the thread is a daemon.
            thread.join(timeout=1)

    def start(self) -> None:
        """Take work on again after ``stop()``."""
        with self._condition:
            self._stopped = False

    def _start_threads(self) -> None:
        while len(self._threads) < WORKERS:
            thread = threading.Thread(target=self._work, daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        while True:
            do = self._next()
            if do is None:
                return
            try:
                do()
            except Exception:
                log.exception("a background task of the simulator failed")
            finally:
                with self._condition:
                    self._running -= 1
                    self._condition.notify_all()

    def _next(self) -> Callable[[], None] | None:
        with self._condition:
            while not self._stopped:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    self._running += 1
                    return heapq.heappop(self._due)[2]
                self._condition.wait(wait)
            return None
