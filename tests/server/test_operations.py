"""What those who run the server ask it: does it live, is it ready, how is it doing."""

import os
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.server.calls import CAMILLE, connect
from tests.support.program import Program

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
    assert count(program, "operations.healthz", 200) == 60


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
