"""The supervisor in a process of its own, with children that are small but real."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.restarts import EX_CONFIG

PATIENCE_SECONDS = 20.0

STOP_SECONDS = 1.5

_SUPERVISOR = """
import logging, sys
from server.supervisor import ChildSpec, supervise
logging.basicConfig(level=logging.INFO)
children = [
    ChildSpec(f"child {n}", [sys.executable, "-c", code], {"NUMBER": str(n)})
    for n, code in enumerate(sys.argv[2:])
]
sys.exit(supervise(children, stop_seconds=float(sys.argv[1])))
"""

_NOTE_START = """
import os, signal, sys, time
from pathlib import Path
def note(word):
    with Path(os.environ["NOTES"]).open("a") as notes:
        notes.write(f"{os.environ['NUMBER']} {word} {os.getpid()}\\n")
note("start")
"""

LIVES = _NOTE_START + "time.sleep(3600)"
ENDS = _NOTE_START + "sys.exit(0)"
MISCONFIGURED = (
    _NOTE_START
    + f"""
print("SECRET_KEY is missing", file=sys.stderr)
sys.exit({EX_CONFIG})
"""
)
ENDS_POLITELY = (
    _NOTE_START
    + """
def end(*_):
    note("end")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
time.sleep(3600)
"""
)
STUBBORN = _NOTE_START + "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(3600)"
LEAVES_SOMETHING_BEHIND = (
    _NOTE_START
    + """
if os.fork() == 0:
    note("left")
    time.sleep(3600)
time.sleep(3600)
"""
)
FOLLOWS_ITS_SUPERVISOR = (
    """
from server.supervisor import end_with_supervisor
end_with_supervisor()
"""
    + ENDS_POLITELY
)

Supervisor = subprocess.Popen[bytes]


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "notes"
    path.touch()
    return path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """What the supervisor and its children say."""
    return tmp_path / "log"


@pytest.fixture
def supervised(notes: Path, log: Path) -> Iterator[Callable[..., Supervisor]]:
    """Start a supervisor over children given by their code; ends all that is left at the end."""
    started: list[Supervisor] = []

    def start(*codes: str) -> Supervisor:
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-c", _SUPERVISOR, str(STOP_SECONDS), *codes],
                env={**os.environ, "NOTES": str(notes)},
                stderr=output,
            )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
            process.wait(PATIENCE_SECONDS)
    for _, _, pid in noted(notes):
        if alive(pid):
            os.kill(pid, signal.SIGKILL)


def noted(notes: Path) -> list[tuple[str, str, int]]:
    lines = (line.split() for line in notes.read_text().splitlines())
    return [(number, word, int(pid)) for number, word, pid in lines]


def pids(notes: Path, number: str, word: str = "start") -> list[int]:
    return [pid for n, w, pid in noted(notes) if (n, w) == (number, word)]


def alive(pid: int) -> bool:
    """Whether the process runs; one that only waits to be reaped does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def eventually(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_a_child_that_ends_with_success_is_started_again(
    supervised: Callable[..., Supervisor], notes: Path
) -> None:
    supervised(LIVES, ENDS)
    eventually(lambda: len(pids(notes, "1")) >= 3)
    assert len(pids(notes, "0")) == 1


def test_a_child_that_is_killed_is_started_again_and_the_others_are_not(
    supervised: Callable[..., Supervisor], notes: Path
) -> None:
    supervised(LIVES, LIVES)
    eventually(lambda: pids(notes, "0") and pids(notes, "1"))
    os.kill(pids(notes, "0")[0], signal.SIGKILL)
    eventually(lambda: len(pids(notes, "0")) == 2)
    assert len(pids(notes, "1")) == 1


def test_what_a_killed_child_leaves_behind_is_killed_before_its_restart(
    supervised: Callable[..., Supervisor], notes: Path
) -> None:
    supervised(LEAVES_SOMETHING_BEHIND)
    eventually(lambda: pids(notes, "0", "left"))
    os.kill(pids(notes, "0")[0], signal.SIGKILL)
    eventually(lambda: len(pids(notes, "0")) == 2)
    assert not alive(pids(notes, "0", "left")[0])


def test_wrong_settings_stop_everything_and_are_the_exit_code(
    supervised: Callable[..., Supervisor], notes: Path, log: Path
) -> None:
    process = supervised(LIVES, MISCONFIGURED)
    assert process.wait(PATIENCE_SECONDS) == EX_CONFIG
    message, _, verdict = log.read_text().partition("\n")
    assert message == "SECRET_KEY is missing"
    assert "child 1 ended because of its settings" in verdict
    assert len(pids(notes, "1")) == 1
    assert not any(alive(pid) for pid in pids(notes, "0"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_the_children_end_by_themselves(
    supervised: Callable[..., Supervisor], notes: Path, number: signal.Signals
) -> None:
    process = supervised(ENDS_POLITELY, ENDS_POLITELY)
    eventually(lambda: pids(notes, "0") and pids(notes, "1"))
    # The handler is set right after the note.
    time.sleep(0.2)
    process.send_signal(number)
    assert process.wait(PATIENCE_SECONDS) == 0
    assert pids(notes, "0", "end") == pids(notes, "0")
    assert pids(notes, "1", "end") == pids(notes, "1")


def test_a_child_that_does_not_end_is_killed_with_all_it_started(
    supervised: Callable[..., Supervisor], notes: Path
) -> None:
    process = supervised(STUBBORN, LEAVES_SOMETHING_BEHIND)
    eventually(lambda: pids(notes, "0") and pids(notes, "1", "left"))
    time.sleep(0.2)
    asked = time.monotonic()
    process.terminate()
    assert process.wait(PATIENCE_SECONDS) == 0
    assert time.monotonic() - asked >= STOP_SECONDS
    assert not any(alive(pid) for _, _, pid in noted(notes))


def test_a_second_signal_does_not_wait(supervised: Callable[..., Supervisor], notes: Path) -> None:
    process = supervised(STUBBORN)
    eventually(lambda: pids(notes, "0"))
    time.sleep(0.2)
    asked = time.monotonic()
    process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE_SECONDS) == 0
    assert time.monotonic() - asked < STOP_SECONDS


def test_children_end_when_their_supervisor_is_killed(
    supervised: Callable[..., Supervisor], notes: Path
) -> None:
    process = supervised(FOLLOWS_ITS_SUPERVISOR)
    eventually(lambda: pids(notes, "0"))
    time.sleep(0.2)
    process.kill()
    eventually(lambda: pids(notes, "0", "end"))
