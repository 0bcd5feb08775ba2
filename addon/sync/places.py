"""How many links of one workspace a worker brings up to date at a time."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

AT_ONCE = 4
"""A quarter of a worker's jobs (`addon.jobs.dbos_engine.WORKER_CONCURRENCY`), so that one workspace
with thousands of links to compare keeps no other person's change from being carried. Four wait for
four calls a second, which is all that a workspace gives to changes."""

LINKS_A_SECOND = 2.0
"""A comparison takes two calls, mostly: a read and a write."""

LONGEST_PAUSE_SECONDS = 300.0
"""Two thousand links, tried once in five minutes each, take a fifth of the jobs that a worker can
begin (`WORKER_CONCURRENCY` per `POLL_SECONDS`)."""

SHORTEST_PAUSE_SECONDS = 1.0


class Places:
    """Counts the jobs that run, by workspace. One per process, thread-safe."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._taken: Counter[str] = Counter()
        self._lock = Lock()

    @contextmanager
    def place(self, workspace_id: str) -> Iterator[bool]:
        """Take a place for as long as the block runs; yield whether there was one."""
        with self._lock:
            free = self._taken[workspace_id] < self._at_once
            if free:
                self._taken[workspace_id] += 1
        try:
            yield free
        finally:
            if free:
                with self._lock:
                    self._taken[workspace_id] -= 1
                    if not self._taken[workspace_id]:
                        del self._taken[workspace_id]


def pause(outstanding: int, chance: float) -> float:
    """Return the seconds for which a link steps back.

    Args:
        outstanding: Links of its workspace that wait as well: it comes back about when those are
            done, so that it is not taken up again and again for nothing.
        chance: A random number from 0 to 1.
    """
    ahead = outstanding / LINKS_A_SECOND * (0.5 + 0.5 * chance)
    return min(max(ahead, SHORTEST_PAUSE_SECONDS * (1 + chance)), LONGEST_PAUSE_SECONDS)
