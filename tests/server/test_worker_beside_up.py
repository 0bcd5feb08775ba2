"""A worker started by hand beside the one that `livestorm-calendar up` keeps alive."""

import os
import signal
import time
from pathlib import Path

import sqlalchemy as sa

from addon.store.tables import workers
from tests.addon.jobs.rig import one_kind
from tests.support.program import START_SECONDS, command, wait_until_ready


@one_kind
def test_each_has_a_name_of_its_own_and_keeps_it(
    settings_environment: dict[str, str], engine: sa.Engine, tmp_path: Path
) -> None:
    up_log, hand_log = tmp_path / "up", tmp_path / "by-hand"
    with command("up", environment=settings_environment, log=up_log) as up:
        wait_until_ready(settings_environment["BASE_URL"], up, up_log)
        [supervised] = wait_for(1, engine).items()
        with command("worker", environment=settings_environment, log=hand_log) as by_hand:
            both = wait_for(2, engine)
            assert both.items() >= {supervised}

            os.kill(supervised_worker(up.pid), signal.SIGKILL)
            deadline = time.monotonic() + START_SECONDS
            while (now := beating(engine)).items() >= {supervised} and time.monotonic() < deadline:
                time.sleep(0.1)

            # The killed one began anew under its name; the other one was left alone.
            assert now.keys() == both.keys()
            assert [name for name in both if now[name] != both[name]] == [supervised[0]]
            assert (up.poll(), by_hand.poll()) == (None, None)
    assert (up.returncode, by_hand.returncode) == (0, 0)


def beating(engine: sa.Engine) -> dict[str, str]:
    """Return which process beats, by the name of the worker."""
    with engine.connect() as connection:
        rows = connection.execute(sa.select(workers.c.executor_id, workers.c.incarnation))
        return {row.executor_id: row.incarnation for row in rows}


def wait_for(count: int, engine: sa.Engine) -> dict[str, str]:
    """Wait until so many workers have a name, and return which process has it."""
    deadline = time.monotonic() + START_SECONDS
    while len(found := beating(engine)) < count and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(found) == count
    return found


def supervised_worker(supervisor: int) -> int:
    """Return the process id of a supervisor's worker (Linux)."""
    for thread in Path(f"/proc/{supervisor}/task").iterdir():
        for child in (thread / "children").read_text().split():
            if b"worker" in Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0"):
                return int(child)
    raise AssertionError("there is no worker")
