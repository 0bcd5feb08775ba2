"""Work that a request leaves to other threads."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import ParamSpec, TypeVar

import structlog

BESIDE_THREADS = 16
"""As many as there are request threads: each request has at most one call beside it."""

AFTERWARDS_SECONDS = 0.1
"""Ten rooms asked for in one moment are answered within some 50 ms of each other, and until then
the processor is theirs."""

P = ParamSpec("P")
T = TypeVar("T")

_log = structlog.get_logger(__name__)


class Beside(ThreadPoolExecutor):
    """Runs calls next to a request, whose id their log lines have as well."""

    def __init__(self, threads: int = BESIDE_THREADS, *, name: str = "beside") -> None:
        """Run at most so many calls at a time."""
        super().__init__(threads, thread_name_prefix=name)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Begin a call."""
        context = copy_context()
        return super().submit(lambda: context.run(fn, *args, **kwargs))


class Afterwards:
    """Runs what nobody waits for, one after another, once whoever waited has been answered.

    What a process that dies takes along must be made good by a sweep.
    """

    def __init__(self) -> None:
        """Begin nothing yet."""
        self._one = Beside(1, name="afterwards")

    def __call__(self, work: Callable[[], None]) -> None:
        """Have `work` done in a moment; what it raises is logged."""
        done = self._one.submit(_run, work, time.monotonic() + AFTERWARDS_SECONDS)
        done.add_done_callback(_report)

    def finish(self) -> None:
        """Wait until everything is done that was left here so far."""
        self._one.submit(_nothing).result()


def _nothing() -> None:
    """The last of what is waited for."""


def _run(work: Callable[[], None], begins: float) -> None:
    time.sleep(max(begins - time.monotonic(), 0))
    work()


def _report(done: Future[None]) -> None:
    error = done.exception()
    if error is not None:
        _log.error("not_done_afterwards", error=type(error).__name__, exc_info=error)
