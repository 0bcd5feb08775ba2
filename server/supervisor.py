"""Keep the processes of one machine alive: the supervisor behind `livestorm-calendar up`."""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue
from types import FrameType

from server.restarts import GiveUp, Life, after_exit

WORKER_SLOT = "WORKER_SLOT"
"""Environment variable with the slot that a worker of this machine takes if it is free, a number
from 0 on: with it comes the name that it had before a restart."""

SUPERVISOR_PID = "SUPERVISOR_PID"
"""Environment variable by which a process knows that it is supervised, and by whom."""

STOP_SECONDS = 30.0
"""How long the processes may take to end after SIGTERM; then they are killed. Service managers and
container platforms grant as much before they kill everything. What a process allows its
requests and jobs must be less."""

_PR_SET_PDEATHSIG = 1
"""prctl(2): the signal this process gets when its parent ends."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ChildSpec:
    """A process to keep alive."""

    name: str
    """For the log, such as "web" or "worker 0"."""
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    """Added to the supervisor's own environment."""


@dataclass(frozen=True)
class _Exited:
    name: str
    code: int


@dataclass(frozen=True)
class _Stop:
    """SIGTERM or SIGINT came."""


_Event = _Exited | _Stop


def supervise(children: Sequence[ChildSpec], *, stop_seconds: float = STOP_SECONDS) -> int:
    """Run `children` until SIGTERM or SIGINT, restarting whatever exits, however it exits.

    Must be called from the main thread. On the signal every child gets SIGTERM and
    `stop_seconds` to end; a second signal, or the end of that time, kills their process groups.

    Returns:
        0 after a signal; `restarts.EX_CONFIG` when a child said that its settings are wrong. Its
        message is on stderr, which the children share.
    """
    return _Supervisor(children, stop_seconds).run()


def end_with_supervisor() -> None:
    """Have this process get SIGTERM when its supervisor ends, even by kill -9.

    Otherwise the orphans would keep the port and the names of the workers from the next `up`.
    Does nothing when unsupervised, and on systems other than Linux.
    """
    supervisor = os.environ.get(SUPERVISOR_PID)
    if supervisor is None or sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    # It may have ended before the line above.
    if os.getppid() != int(supervisor):
        os.kill(os.getpid(), signal.SIGTERM)


class _Supervisor:
    """The process shell: starts, waits and signals; `restarts` decides."""

    def __init__(self, children: Sequence[ChildSpec], stop_seconds: float) -> None:
        self._children = {child.name: child for child in children}
        if len(self._children) < len(children):
            raise ValueError("two children have the same name")
        self._stop_seconds = stop_seconds
        # A SimpleQueue may be put into from a signal handler; a Queue may deadlock there.
        self._events: SimpleQueue[_Event] = SimpleQueue()
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._lives: dict[str, Life] = {}
        self._due: dict[str, float] = {}

    def run(self) -> int:
        with self._signals():
            try:
                for name in self._children:
                    self._start(name)
                return self._keep_alive()
            finally:
                self._stop()

    def _keep_alive(self) -> int:
        while True:
            event = self._next(min(self._due.values(), default=None))
            if isinstance(event, _Stop):
                return 0
            if isinstance(event, _Exited):
                given_up = self._exited(event)
                if given_up is not None:
                    return given_up.exit_code
            for name, at in list(self._due.items()):
                if at <= time.monotonic():
                    del self._due[name]
                    self._start(name)

    def _exited(self, event: _Exited) -> GiveUp | None:
        del self._running[event.name]
        decision = after_exit(self._lives[event.name], event.code, time.monotonic())
        if isinstance(decision, GiveUp):
            _log.error(
                "%s ended because of its settings (exit code %d): see its message above. "
                "Stopping, as starting it again cannot help.",
                *(event.name, event.code),
            )
            return decision
        self._lives[event.name] = decision.life
        self._due[event.name] = decision.at
        pause = decision.at - time.monotonic()
        _log.warning("%s ended (exit code %d); restart in %.1f s", event.name, event.code, pause)
        return None

    def _start(self, name: str) -> None:
        child = self._children[name]
        process = subprocess.Popen(  # noqa: S603 -- the commands are the program's own
            child.command,
            env={**os.environ, **child.environment, SUPERVISOR_PID: str(os.getpid())},
            # A group of its own: Ctrl-C reaches the supervisor alone, which then ends the children
            # gracefully, and a child can be killed with all that it started.
            process_group=0,
        )
        self._running[name] = process
        life = self._lives.get(name, Life(0.0))
        self._lives[name] = replace(life, started_at=time.monotonic())
        threading.Thread(target=self._wait, args=(name, process), daemon=True).start()

    def _wait(self, name: str, process: subprocess.Popen[bytes]) -> None:
        code = process.wait()
        # What it left behind (requests of a killed web server) would hold the port it needs again.
        _kill_group(process)
        self._events.put(_Exited(name, code))

    def _next(self, until: float | None) -> _Event | None:
        """Return the next event, or None when it is `until` (steady clock; None is never)."""
        timeout = None if until is None else max(0.0, until - time.monotonic())
        try:
            return self._events.get(timeout=timeout)
        except Empty:
            return None

    def _stop(self) -> None:
        for process in self._running.values():
            process.terminate()
        deadline = time.monotonic() + self._stop_seconds
        while self._running:
            event = self._next(deadline)
            if isinstance(event, _Exited):
                del self._running[event.name]
            else:
                _log.warning("killing %s", ", ".join(self._running))
                break
        for process in self._running.values():
            _kill_group(process)
            process.wait()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def stop(_number: int, _frame: FrameType | None) -> None:
            self._events.put(_Stop())

        before = {number: signal.signal(number, stop) for number in _STOPPING}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


_STOPPING = (signal.SIGTERM, signal.SIGINT)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    # Nobody of the group is left when all went well.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
