"""The commands, run as whoever operates the server runs them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa
from click.testing import CliRunner
from cryptography.fernet import Fernet

from addon.store.engine import create_engine
from addon.store.schema import is_current
from addon.store.tables import workers
from sandbox.simulation import Fault
from server.cli import EX_UNAVAILABLE, main
from server.doctor import clock_finding
from server.restarts import EX_CONFIG
from tests.server.calls import connect
from tests.support.ports import free_port
from tests.support.program import Program, command, wait_until_ready

PROGRAM = Path(sys.executable).with_name("livestorm-calendar")
COMMANDS = ("serve", "worker", "up", "manifest", "doctor", "links", "rotate-keys", "sandbox")
sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def run(
    *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [PROGRAM, *arguments],
        env={**inherited, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_names_every_command() -> None:
    answer = run("--help")
    assert answer.returncode == 0
    assert all(f"\n  {name} " in answer.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    answer = run(name, "-h")
    assert answer.returncode == 0
    assert answer.stdout.startswith(f"Usage: livestorm-calendar {name}")
    assert len(answer.stdout.splitlines()) > 3


def test_an_unknown_command_is_a_mistake() -> None:
    assert run("fly").returncode == 2


@pytest.mark.parametrize("name", ["serve", "worker", "up"])
def test_without_settings_nothing_starts(name: str) -> None:
    secret = "hunter2-hunter2"
    answer = run(name, environment={"SECRET_KEY": secret, "LIVESTORM_API": f"http://{secret}"})
    assert answer.returncode == EX_CONFIG
    for missing in ("BASE_URL", "TOKEN_KEYS", "GOOGLE_CLIENT_ID", "ADDON_AUDIENCES"):
        assert f"{missing}: is missing" in answer.stderr
    assert "SECRET_KEY: must be at least 32 bytes" in answer.stderr
    assert "LIVESTORM_API: must be https" in answer.stderr
    assert secret not in answer.stderr + answer.stdout
    assert "Traceback" not in answer.stderr


@sqlite_only
@pytest.mark.parametrize("name", ["serve", "worker", "up"])
def test_a_database_that_does_not_answer_is_said(
    settings_environment: dict[str, str], name: str
) -> None:
    settings_environment["DATABASE_URL"] = "postgresql://someone:hunter2@127.0.0.1:9/nothing"
    answer = run(name, environment=settings_environment)
    # Not the code of wrong settings: it may be there again at the next try.
    assert answer.returncode == EX_UNAVAILABLE != EX_CONFIG
    assert "DATABASE_URL" in answer.stderr
    assert "Traceback" not in answer.stderr + answer.stdout
    assert "hunter2" not in answer.stderr + answer.stdout


# serve


@sqlite_only
def test_serve_makes_the_database_and_ends_when_asked(
    settings_environment: dict[str, str], tmp_path: Path
) -> None:
    database = tmp_path / "new" / "folder" / "database.sqlite"
    settings_environment["DATABASE_URL"] = f"sqlite:///{database}"
    log = tmp_path / "serve.log"
    with command("serve", environment=settings_environment, log=log) as process:
        wait_until_ready(settings_environment["BASE_URL"], process, log)
        assert database.exists()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=25) == 0
    folders = list(Path("/tmp").glob(f"livestorm-calendar-metrics-*/*_{process.pid}.db"))
    assert folders == []


def test_two_may_begin_at_once_on_one_new_database(
    settings_environment: dict[str, str], tmp_path: Path, database_url: str
) -> None:
    engine = create_engine(database_url)
    if engine.dialect.name == "sqlite":
        Path(str(engine.url.database)).unlink()
    else:
        with engine.begin() as connection:
            connection.execute(sa.text("DROP SCHEMA IF EXISTS dbos CASCADE"))
            connection.execute(sa.text("DROP SCHEMA public CASCADE"))
            connection.execute(sa.text("CREATE SCHEMA public"))
    port = free_port()
    other = {
        **settings_environment,
        "PORT": str(port),
        "BASE_URL": f"http://127.0.0.1:{port}",
    }
    logs = tmp_path / "one.log", tmp_path / "two.log"
    with (
        command("serve", environment=settings_environment, log=logs[0]) as one,
        command("serve", environment=other, log=logs[1]) as two,
    ):
        wait_until_ready(settings_environment["BASE_URL"], one, logs[0])
        wait_until_ready(other["BASE_URL"], two, logs[1])
    assert is_current(engine)
    engine.dispose()
    for log in logs:
        assert "Traceback" not in log.read_text()


@sqlite_only
def test_up_serves_and_works_and_ends_with_its_children(
    settings_environment: dict[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "up.log"
    with command("up", environment=settings_environment, log=log) as process:
        wait_until_ready(settings_environment["BASE_URL"], process, log)
        # The hard way: nobody is there to end the children.
        process.kill()
        process.wait()
        deadline = time.monotonic() + 25
        while time.monotonic() < deadline:
            try:
                requests.get(f"{settings_environment['BASE_URL']}/healthz", timeout=1)
            except requests.ConnectionError:
                break
            except requests.Timeout:
                # It is putting things away.
                continue
            time.sleep(0.1)
        else:
            pytest.fail("the web server outlived its supervisor")


# doctor


@sqlite_only
def test_doctor_finds_nothing_wrong(program: Program) -> None:
    connect(program)
    answer = run("doctor", environment=program.environment)
    lines = answer.stdout.splitlines()
    assert answer.returncode == 0, answer.stdout
    assert [line.partition(":")[0] for line in lines] == [
        "ok   settings",
        "ok   database",
        "ok   migrations",
        "ok   keys",
        "note worker",
        "ok   Google certificates",
        "ok   Google Calendar API",
        "ok   Livestorm API",
        "ok   clock",
    ]


@sqlite_only
@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"SECRET_KEY": "short"}, "settings"),
        ({"DATABASE_URL": "postgresql://u:hunter2@127.0.0.1:9/none"}, "database"),
        ({"TOKEN_KEYS": Fernet.generate_key().decode()}, "keys"),
        ({"GOOGLE_CERTS": "http://127.0.0.1:9/certs"}, "Google certificates"),
        ({"GOOGLE_CERTS": "{google}/nothing"}, "Google certificates"),
        ({"GOOGLE_CALENDAR_API": "http://127.0.0.1:9/calendar/v3/"}, "Google Calendar API"),
        ({"DATABASE_URL": "sqlite:////dev/null/x.sqlite"}, "database"),
        ({"DATABASE_URL": "sqlite:////proc/nowhere/x.sqlite"}, "database"),
        ({"LIVESTORM_API": "http://127.0.0.1:9/v1"}, "Livestorm API"),
    ],
)
def test_doctor_finds_what_is_wrong(
    program: Program, change: dict[str, str], what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(program)
    urls = {"google": program.google.url, "livestorm": program.livestorm.url}
    wrong = {name: value.format(**urls) for name, value in change.items()}
    for name, value in {**program.environment, **wrong}.items():
        monkeypatch.setenv(name, value)
    answer = CliRunner().invoke(main, ["doctor"])
    assert answer.exit_code == 1
    failed = [line for line in answer.output.splitlines() if line.startswith("FAIL")]
    assert [line.partition(":")[0] for line in failed] == [f"FAIL {what}"]
    assert "hunter2" not in answer.output
    assert what == "settings" or " keys: " in answer.output


@sqlite_only
@pytest.mark.parametrize(
    ("what", "path"),
    [
        ("Google Calendar API", "/calendar/v3/calendars/primary/events"),
        ("Livestorm API", "/v1/ping"),
    ],
)
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"status": 401}, "answers (401)"),
        ({"status": 403}, "answers (403)"),
        ({"status": 404}, "answers (404)"),
        ({"status": 429}, "answers (429)"),
        ({"status": 500}, "answers (500)"),
        ({"status": 503}, "answers (503)"),
        ({"kind": "drop_before"}, "no answer (ConnectionError)"),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else "",
)
def test_doctor_takes_any_answer_of_an_api_but_its_failures(
    program: Program, what: str, path: str, fault: dict[str, Any], words: str
) -> None:
    simulator = program.google if path.startswith("/calendar") else program.livestorm
    simulator.faults.add(Fault(**{"kind": "status", "path": f"^{path}$", **fault}))
    answer = CliRunner(env=program.environment).invoke(main, ["doctor"])
    good = fault.get("status", 500) < 500
    assert f"{'ok  ' if good else 'FAIL'} {what}: {words}" in answer.output.splitlines()
    assert answer.exit_code == (0 if good else 1)


@sqlite_only
def test_doctor_finds_a_database_that_is_behind(program: Program, engine: sa.Engine) -> None:
    connect(program)
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM alembic_version"))
    answer = run("doctor", environment=program.environment)
    assert answer.returncode == 1
    assert "FAIL migrations: not migrated: start `serve` once" in answer.stdout
    assert "ok   keys: TOKEN_KEYS open all 1 stored secrets" in answer.stdout
    others = {**program.environment, "TOKEN_KEYS": Fernet.generate_key().decode()}
    answer = run("doctor", environment=others)
    assert "FAIL keys: TOKEN_KEYS do not open 1 of 1 stored secrets" in answer.stdout


@sqlite_only
def test_doctor_looks_at_keys_before_anything_is_stored(program: Program, tmp_path: Path) -> None:
    new = {**program.environment, "DATABASE_URL": f"sqlite:///{tmp_path}/new.sqlite"}
    lines = run("doctor", environment=new).stdout.splitlines()
    assert "ok   keys: TOKEN_KEYS are keys; stored secrets can be tried after migrating" in lines


@sqlite_only
def test_doctor_only_notes_a_missing_worker(program: Program, engine: sa.Engine) -> None:
    def said() -> str:
        [line] = [
            one
            for one in run("doctor", environment=program.environment).stdout.splitlines()
            if " worker: " in one
        ]
        return line

    assert said() == "note worker: none"
    beat = {"executor_id": "here-0", "incarnation": "a", "beats": 7}
    now = datetime.now(UTC)
    with engine.begin() as connection:
        connection.execute(sa.insert(workers).values(started_at=now, beat_at=now, **beat))
    assert said() == "ok   worker: 1 at work"
    with engine.begin() as connection:
        connection.execute(sa.update(workers).values(beat_at=now - timedelta(hours=2)))
    assert said().startswith("note worker: none; the last was seen 2:00:")
    assert run("doctor", environment=program.environment).returncode == 0


@pytest.mark.parametrize(
    ("date", "good", "words"),
    [
        ("Mon, 23 Nov 2026 12:00:01 GMT", True, "0 s from Google's"),
        ("Mon, 23 Nov 2026 12:00:30 GMT", False, "28 s from Google's"),
        ("Mon, 23 Nov 2026 11:59:00 GMT", False, "59 s from Google's"),
        ("", True, "not compared"),
    ],
)
def test_doctor_compares_the_clock_with_googles(date: str, good: bool, words: str) -> None:
    answer = requests.Response()
    answer.headers["Date"] = date
    answer.elapsed = timedelta(seconds=2)
    found = clock_finding(answer, datetime(2026, 11, 23, 12, tzinfo=UTC))
    assert (found.good, found.words.startswith(words)) == (good, True), found.words
