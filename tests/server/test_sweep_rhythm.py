"""However short `SWEEP_SECONDS` is, sweeps are made as often as it says."""

import time
from pathlib import Path

import pytest

from server.background import sweep_calendars_cron
from tests.server.calls import connect
from tests.server.two_way import activate, begin, saved_room
from tests.support.program import START_SECONDS, Program, command

LISTS = r"^/calendar/v3/calendars/[^/]+/events$"


@pytest.mark.parametrize(
    ("sweep_seconds", "cron"),
    [
        (1, "*/1 * * * * *"),
        (11, "*/1 * * * * *"),
        (30, "*/5 * * * * *"),
        (60, "*/10 * * * * *"),
        (600, "*/10 * * * * *"),
        (86_400, "*/10 * * * * *"),
    ],
)
def test_a_short_round_has_sweeps_that_are_as_close(sweep_seconds: int, cron: str) -> None:
    assert sweep_calendars_cron(sweep_seconds) == cron


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_second_is_every_second(program: Program, tmp_path: Path) -> None:
    rig = begin(program)
    connect(program)
    activate(program)
    saved_room(rig)
    rig.settle()
    program.google.clear_log()
    environment = {**program.environment, "SWEEP_SECONDS": "1"}
    with command("worker", environment=environment, log=tmp_path / "worker.log"):
        wait_for_lists(program, 1, START_SECONDS)
        # A sweep in ten seconds would make one of them, or two.
        wait_for_lists(program, 4, 10)


def wait_for_lists(program: Program, count: int, seconds: float) -> None:
    """Wait until the calendar was listed so often; fail when that takes longer than allowed."""
    give_up = time.monotonic() + seconds
    while len(program.google.log.matching("GET", LISTS)) < count:
        assert time.monotonic() < give_up
        time.sleep(0.1)
