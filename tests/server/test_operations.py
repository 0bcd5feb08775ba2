"""What those who run the server ask it: does it live, is it ready, how is it doing."""

import os
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

from sandbox.simulation import Fault
from server import metrics
from tests.server.calls import CAMILLE, ask_for_room, calendar_event, connect
from tests.support.program import Program, browser_like_session

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM alembic_version",
        "DROP TABLE alembic_version",
        # Another program's database, or one from the future: nobody knows what it holds.
        "UPDATE alembic_version SET version_num = 'later'",
    ],
)
def test_ready_is_a_database_of_this_version(
    program: Program, engine: sa.Engine, change: str
) -> None:
    assert program.get("/readyz").json() == {"status": "ready"}
    with engine.begin() as connection:
        connection.execute(sa.text(change))
    answer = program.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"] == "The database is not at this program's version."
    assert program.get("/healthz").json() == {"status": "ok"}


@sqlite_only
def test_not_ready_without_a_database(program: Program, engine: sa.Engine) -> None:
    file = Path(str(engine.url.database))
    assert program.product is not None
    program.product.engine.dispose()
    engine.dispose()
    for part in file.parent.glob(f"{file.name}*"):
        part.unlink()
    file.mkdir()
    answer = program.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["detail"] == "The database does not answer."
    assert str(file) not in answer.text
    assert program.get("/healthz").status_code == 200


def figure(text: str, name: str) -> float:
    """What an exposition says of one of our figures, 0 when it does not name it."""
    found = re.search(rf"^livestorm_calendar_{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def count(program: Program, endpoint: str, status: int) -> int:
    """What the metrics say about one endpoint."""
    answer = program.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    line = rf'^livestorm_calendar_requests_total{{endpoint="{endpoint}",status="{status}"}} (\S+)$'
    found = re.search(line, answer.text, re.MULTILINE)
    return int(float(found[1])) if found else 0


@sqlite_only
def test_metrics_name_endpoints_and_nobody(program: Program) -> None:
    connect(program)
    before = count(program, "addon.home", 200), count(program, "none", 404)
    program.addon("/addon/home")
    program.get(f"/nothing/{CAMILLE}?ticket=abc")
    assert (count(program, "addon.home", 200), count(program, "none", 404)) == (
        before[0] + 1,
        before[1] + 1,
    )
    text = program.get("/metrics").text
    assert "livestorm_calendar_request_seconds_bucket" in text
    assert CAMILLE not in text
    assert "nothing" not in text


@sqlite_only
def test_metrics_tell_of_calls_rooms_and_standing(program: Program, engine: sa.Engine) -> None:
    def value(line: str) -> float:
        return figure(program.get("/metrics").text, line)

    created = 'conferences_total{outcome="created"}'
    refused = 'conferences_total{outcome="permanent"}'
    posted = 'remote_calls_total{outcome="ok",path="/events",vendor="livestorm",verb="POST"}'
    slow = 'remote_call_seconds_count{path="/calendars/{calendar}/events/{event}",vendor="google"'
    names = created, refused, posted, f'{slow},verb="GET"}}'
    before = [value(name) for name in names]
    connect(program)
    assert "error" not in ask_for_room(program, calendar_event(program))
    program.livestorm.faults.add(Fault("status", status=422, method="POST", path="/v1/events$"))
    assert "error" in ask_for_room(program, calendar_event(program))
    after = [value(name) for name in names]
    assert [new - old for old, new in zip(before, after, strict=True)] == [1, 1, 1, 2]
    text = program.get("/metrics").text
    assert CAMILLE not in text
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", text), "no id of anything"
    # How things stand is kept for some seconds; a new reader has kept nothing.
    now = metrics.exposition(metrics.Standing(engine)).decode()
    assert [figure(now, name) for name in ("database_up", "links_held")] == [1, 1]
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE links RENAME TO links_lost"))
    without = metrics.exposition(metrics.Standing(engine)).decode()
    assert figure(without, "database_up") == 0
    assert "links_held" not in without
    assert figure(without, created) == after[0], "what was counted does not need the database"


@sqlite_only
def test_metrics_are_of_all_processes_of_a_server(gunicorn_program: Program) -> None:
    program = gunicorn_program
    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(lambda _: program.get("/healthz").status_code, range(60)))
    assert statuses == [200] * 60
    # Whichever worker answers, it says the same.
    assert {count(program, "operations.healthz", 200) for _ in range(12)} == {60}
    # And what a worker counted outlives it.
    killed = _workers_of_this_test(program)[0]
    os.kill(killed, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while killed in _workers_of_this_test(program) and time.monotonic() < deadline:
        time.sleep(0.1)
    with browser_like_session() as session:
        # Connections that the killed one had accepted are reset.
        again = replace(program, http=session)
        while time.monotonic() < deadline:
            with suppress(requests.ConnectionError):
                assert count(again, "operations.healthz", 200) == 60
                return
    pytest.fail("no worker answers any more")


def _workers_of_this_test(program: Program) -> list[int]:
    """The gunicorn workers that were started with this test's settings."""
    port = f"PORT={program.environment['PORT']}\0".encode()
    found: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if port in (folder / "environ").read_bytes():
                parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
                found[int(folder.name)] = int(parent)
        except OSError:
            # It ended meanwhile, or is not ours.
            continue
    return sorted(pid for pid, parent in found.items() if parent in found)
