"""What people do on Livestorm's dashboard reaches Calendar within seconds of their working there.

Livestorm tells of neither edits nor deletions, so these are looked for: through the processes of
`livestorm-calendar up`, and with the 10,000 calls a month that Livestorm gives by default.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

from addon.store.tables import links
from sandbox.google import GoogleSimulator
from sandbox.livestorm import LivestormSimulator
from sandbox.livestorm.changes import events
from tests.server.calls import CAMILLE, ask_for_room, calendar_event, connect
from tests.server.two_way import activate
from tests.support.program import Program, command, wait_until_ready

POLL_SECONDS = 2
GRACE_SECONDS = 2

EDIT_SECONDS = 10.0
"""A look every 2 s, a job, and a write; a busy machine makes it several times longer."""

COMPARED_SECONDS = 30.0

DELETION_SECONDS = EDIT_SECONDS + GRACE_SECONDS

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Nothing here depends on the kind of database."""


@pytest.fixture
def up(
    settings_environment: dict[str, str],
    google: GoogleSimulator,
    livestorm: LivestormSimulator,
    tmp_path: Path,
) -> Iterator[Program]:
    """The program with its worker, in which Camille is connected and activated."""
    google.switches.https_webhooks_only = False
    assert livestorm.switches.limits_enabled
    assert livestorm.switches.limit_per_month == 10_000
    environment = settings_environment | {
        "LIVESTORM_POLL_SECONDS": str(POLL_SECONDS),
        "DELETE_GRACE_SECONDS": str(GRACE_SECONDS),
    }
    log = tmp_path / "up.log"
    with command("up", environment=environment, log=log) as process:
        wait_until_ready(environment["BASE_URL"], process, log)
        with Program(environment["BASE_URL"], google, livestorm, environment) as program:
            connect(program)
            activate(program)
            yield program


@ONE_DATABASE
def test_edit_and_deletion_right_after_creation(up: Program, engine: sa.Engine) -> None:
    world = up.livestorm.world
    event_id, livestorm_id = room(up, "Webinar")
    within(COMPARED_SECONDS, lambda: compared(engine))
    with world.lock:
        events.update_event(
            world, world.workspace, world.events[livestorm_id], {"title": "Edited there"}
        )
    within(EDIT_SECONDS, lambda: calendar(up, event_id)["summary"] == "Edited there")
    with world.lock:
        events.delete_event(world, world.workspace, world.events[livestorm_id])
    within(DELETION_SECONDS, lambda: calendar(up, event_id)["status"] == "cancelled")

    event_id, livestorm_id = room(up, "Deleted at once")
    within(COMPARED_SECONDS, lambda: compared(engine))
    with world.lock:
        events.delete_event(world, world.workspace, world.events[livestorm_id])
    within(DELETION_SECONDS, lambda: calendar(up, event_id)["status"] == "cancelled")


def room(program: Program, title: str) -> tuple[str, str]:
    """Save an event with a room; return its id and that of the Livestorm event."""
    event_id = calendar_event(program, summary=title)
    made = ask_for_room(program, event_id)
    assert "error" not in made
    program.google.world.attach_conference(CAMILLE, event_id, made)
    return event_id, str(made["conferenceId"])


def compared(engine: sa.Engine) -> bool:
    """Whether both sides were compared once, which the creation of a room has done at once."""
    with engine.connect() as connection:
        uncompared = sa.select(links.c.id).where(links.c.compared_at.is_(None))
        return connection.scalar(uncompared) is None


def calendar(program: Program, event_id: str) -> dict[str, object]:
    """Return the event as it is in Calendar now."""
    try:
        return dict(program.google.world.event(CAMILLE, event_id))
    except (KeyError, requests.RequestException):
        return {"status": "cancelled", "summary": None}


def within(seconds: float, done: Callable[[], bool]) -> None:
    """Wait for something that has to be done in so long."""
    give_up = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < give_up
        time.sleep(0.05)
