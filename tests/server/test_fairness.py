"""A workspace with more links to compare than its calls allow slows nobody else."""

import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from addon.jobs.dbos_engine import WORKER_CONCURRENCY
from addon.store.tables import allowances, links
from tests.server.browsing import browser
from tests.server.calls import CAMILLE, SAM, ask_for_room, calendar_event, connect
from tests.server.two_way import TwoWay, activate, saved_room
from tests.support.program import command

MARKED = 300

ACTIVATED = 2000
"""Events of one person who activates. Taken all at once, they are a minute of a worker's jobs."""

SECONDS = 10.0
"""For one edit, with 300 links before it: their calls alone take a minute and a quarter."""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_workspace_with_many_links_keeps_nobody_elses_change_waiting(two_way: TwoWay) -> None:
    saved_room(two_way)
    two_way.settle()
    events, room = sams_room(two_way)
    marked = mark_many(two_way)
    world, engine = two_way.program.livestorm.world, two_way.product.engine

    with ThreadPoolExecutor(WORKER_CONCURRENCY) as worker:
        for link_id in marked:
            worker.submit(run, two_way, link_id)
        began = time.monotonic()
        two_way.program.google.world.patch_event(SAM, events, {"summary": "In time"})
        edited(two_way, events)
        worker.submit(run, two_way, of_event(engine, events)).result()
        assert time.monotonic() - began < SECONDS
    assert world.events[room].title == "In time"

    with engine.connect() as connection:
        rows = connection.execute(sa.select(links).where(links.c.id.in_(marked))).all()
    assert {(one.trouble, one.failures) for one in rows} == {(None, 0)}
    # Those that found no place are taken up again, none of them long from now.
    waiting = [one for one in rows if one.next_at is not None and one.base is None]
    assert len(waiting) > MARKED / 2
    assert all(one.waits and one.dirty_at is not None for one in waiting)


def sams_room(two_way: TwoWay) -> tuple[str, str]:
    """Connect Sam to another workspace; return an event of Sam's and its room."""
    world = two_way.program.livestorm.world
    world.add_workspace("Strangers", [("sam@strangers.test", "Sam", "Other")])
    sam = browser(two_way.program)
    connect(sam, account=SAM, member="sam@strangers.test")
    activate(sam, account=SAM)
    event_id = calendar_event(sam, account=SAM)
    room = ask_for_room(sam, event_id, account=SAM)
    sam.google.world.attach_conference(SAM, event_id, room)
    two_way.settle()
    return event_id, str(room["conferenceId"])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_person_with_two_thousand_events_keeps_nobody_elses_edit_waiting(
    two_way: TwoWay, tmp_path: Path
) -> None:
    """With a worker as it is, whose engine takes waiting jobs in no order."""
    saved_room(two_way)
    two_way.settle()
    event_id, room = sams_room(two_way)
    product, engine = two_way.product, two_way.product.engine
    marked = copies_of_camilles(two_way, ACTIVATED)
    product.syncing.activated(user_of(engine, CAMILLE))
    worker = command("worker", environment=two_way.program.environment, log=tmp_path / "worker")
    with worker:
        wait(lambda: compared(engine, marked) > 0)
        product.afterwards.finish()
        began = time.monotonic()
        two_way.program.google.world.patch_event(SAM, event_id, {"summary": "In time"})
        edited(two_way, event_id)
        wait(lambda: two_way.program.livestorm.world.events[room].title == "In time")
        assert time.monotonic() - began < SECONDS
        # The others move on meanwhile, those that take place next first.
        assert 0 < compared(engine, marked) < ACTIVATED / 2


def compared(engine: sa.Engine, marked: list[str]) -> int:
    """How many of these links have been compared."""
    with engine.connect() as connection:
        done = sa.select(sa.func.count()).where(
            links.c.id.in_(marked), links.c.compared_at.is_not(None)
        )
        return connection.execute(done).scalar_one()


def wait(until: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until something is so."""
    give_up = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < give_up, "waited in vain"
        time.sleep(0.05)


def edited(two_way: TwoWay, event_id: str) -> None:
    """Let an edited event of Sam's be known, as listing its calendar does; mark its link."""
    engine, link_id = two_way.product.engine, of_event(two_way.product.engine, event_id)
    resource = two_way.program.google.world.event(SAM, event_id)
    with engine.begin() as transaction:
        two_way.product.notices.calendar_read(transaction, link_id, resource)
        two_way.product.wakes.mark(transaction, link_id)


def mark_many(two_way: TwoWay) -> list[str]:
    """Mark links of Camille's; return their ids."""
    made = copies_of_camilles(two_way, MARKED)
    with two_way.product.engine.begin() as transaction:
        two_way.product.wakes.mark_all(transaction, made)
    return made


def copies_of_camilles(two_way: TwoWay, count: int) -> list[str]:
    """Add links like Camille's one; return their ids."""
    with two_way.product.engine.begin() as transaction:
        row = transaction.execute(sa.select(links).where(links.c.calendar_id == CAMILLE)).one()
        copies = [
            row._asdict()
            | {
                "id": uuid.uuid4().hex,
                "event_id": uuid.uuid4().hex,
                "base": None,
                "calendar_seen": None,
                "created_at": datetime.now(UTC),
                "compared_at": None,
            }
            for _ in range(count)
        ]
        transaction.execute(sa.insert(links), copies)
    return [one["id"] for one in copies]


def of_event(engine: sa.Engine, event_id: str) -> str:
    with engine.connect() as connection:
        found: str = connection.execute(
            sa.select(links.c.id).where(links.c.event_id == event_id)
        ).scalar_one()
    return found


def user_of(engine: sa.Engine, calendar_id: str) -> str:
    with engine.connect() as connection:
        found: str = connection.execute(
            sa.select(links.c.user_id).where(links.c.calendar_id == calendar_id).limit(1)
        ).scalar_one()
    return found


def run(two_way: TwoWay, link_id: str) -> None:
    """Do a link's job as a worker's engine does."""
    with two_way.product.engine.begin() as transaction:
        claim = two_way.product.wakes.claim(transaction, link_id)
    assert claim is not None
    two_way.product.job.run(claim)


def test_refusal_by_our_own_count_of_calls_is_no_trouble(
    two_way: TwoWay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("addon.store.allowance.CARRYING_WAITS", 0.0)
    event_id, _ = saved_room(two_way)
    two_way.settle()
    taken = {f"granted_{n}": time.time() + 0.5 for n in range(1, 6)}
    link = told(two_way, event_id, **taken)
    assert (link.trouble, link.failures) == (None, 0)
    assert link.waits
    assert link.next_at < datetime.now(UTC) + timedelta(seconds=5)


def test_refusal_by_livestorm_is_one(two_way: TwoWay) -> None:
    event_id, _ = saved_room(two_way)
    two_way.settle()
    link = told(two_way, event_id, blocked_until=time.time() + 3600)
    assert link.trouble["kind"] == "rate_limited"
    assert link.failures == 1
    assert link.next_at > datetime.now(UTC) + timedelta(minutes=40)


def told(two_way: TwoWay, event_id: str, **allowance: float) -> Any:
    """Run the job of a link while the workspace's allowance stands so; return its row."""
    engine = two_way.product.engine
    link_id = of_event(engine, event_id)
    with engine.begin() as transaction:
        transaction.execute(sa.update(allowances).values(allowance))
        two_way.product.wakes.mark(transaction, link_id)
    run(two_way, link_id)
    return two_way.link()
