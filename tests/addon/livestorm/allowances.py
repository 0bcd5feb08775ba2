"""Allowances for tests, in memory."""

import threading
import time
from dataclasses import dataclass, field

from addon.livestorm import FailureKind, LivestormFailure, RateLimits, Urgency


@dataclass
class OpenAllowance:
    """Lets everything pass and remembers what it was asked and told."""

    acquired: list[tuple[str, Urgency, float]] = field(default_factory=list)
    observed: list[tuple[str, RateLimits]] = field(default_factory=list)

    def acquire(self, workspace: str, urgency: Urgency, *, wait_seconds: float) -> None:
        self.acquired.append((workspace, urgency, wait_seconds))

    def observe(self, workspace: str, limits: RateLimits) -> None:
        self.observed.append((workspace, limits))


class EmptyAllowance(OpenAllowance):
    """Lets nothing pass."""

    def acquire(self, workspace: str, urgency: Urgency, *, wait_seconds: float) -> None:
        super().acquire(workspace, urgency, wait_seconds=wait_seconds)
        raise LivestormFailure(FailureKind.RATE_LIMITED, detail="none left", retry_after=60)


class SpacedAllowance(OpenAllowance):
    """Spaces calls so that Livestorm's limit of calls a second is kept, for one process."""

    def __init__(self, per_second: float) -> None:
        super().__init__()
        self._gap = 1 / per_second
        self._next = time.monotonic()
        self._lock = threading.Lock()

    def acquire(self, workspace: str, urgency: Urgency, *, wait_seconds: float) -> None:
        super().acquire(workspace, urgency, wait_seconds=wait_seconds)
        with self._lock:
            slot = max(self._next, time.monotonic())
            self._next = slot + self._gap
        time.sleep(slot - time.monotonic() if slot > time.monotonic() else 0)
