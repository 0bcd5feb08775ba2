"""Nothing that is anybody's business is written anywhere, by web and worker, whatever goes wrong.

The program runs as in production. Secrets and personal words are planted on both sides, the whole
story is told with its failures, and then everything that was written is searched.
"""

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import sqlalchemy as sa
from flask import Flask

from addon.store.tables import links, metadata
from sandbox.google import GoogleSimulator
from sandbox.livestorm import LivestormSimulator
from sandbox.simulation import Fault
from server import settings
from server.app import create_app
from tests.server.calls import CAMILLE, SAM, ask_for_room, authentication_url, calendar_event
from tests.server.two_way import activate
from tests.support.program import Program, browser_like_session, command, wait_until_ready

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

TITLE = "Canary-Title-4711"
EDITED = "Canary-Edited-4711"
TEMPLATE = "Canary-Template-4711"
DESCRIPTION = "Canary-Description-4711"
GUEST = "gale.canary@partner.test"
REQUEST_ID = "canary-request-4711"

PATIENCE_SECONDS = 45.0
"""Each of the things waited for takes a second or two on an idle machine."""


class Recorded(requests.Session):
    """Keeps every secret that it sends, and every answer that it gets."""

    def __init__(self, inner: requests.Session) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies = inner.cookies
        self.sent: set[str] = set()
        self.answers: list[requests.Response] = []

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        header = request.headers.get("Authorization")
        if header:
            self.sent.add(str(header).removeprefix("Bearer "))
        for name, values in parse_qs(urlsplit(request.url or "").query).items():
            if name in {"ticket", "code", "state", "code_challenge"}:
                self.sent.update(values)
        answer = super().send(request, **options)
        self.answers.append(answer)
        return answer


@dataclass
class Whole:
    """The program with its worker, and whatever it writes."""

    program: Program
    http: Recorded
    log: Path
    supervisor: int
    database: sa.Engine

    def wait(self, condition: Callable[[], object]) -> None:
        """Wait until it is so."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, self.log.read_text()[-8000:]
            time.sleep(0.1)

    def link(self, column: str) -> Any:
        """A value of the first link that was made."""
        with self.database.connect() as connection:
            first = sa.select(links.c[column]).order_by(links.c.created_at).limit(1)
            return connection.execute(first).scalar_one_or_none()

    def lines(self) -> list[dict[str, Any]]:
        """The log, every line of which is a JSON object."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@pytest.fixture
def whole(
    settings_environment: dict[str, str],
    google: GoogleSimulator,
    livestorm: LivestormSimulator,
    engine: sa.Engine,
    tmp_path: Path,
) -> Iterator[Whole]:
    google.switches.https_webhooks_only = False
    livestorm.switches.limits_enabled = False
    environment = settings_environment | {"SWEEP_SECONDS": "2", "LIVESTORM_POLL_SECONDS": "1"}
    log = tmp_path / "up.log"
    with command("up", environment=environment, log=log) as process:
        url = environment["BASE_URL"]
        wait_until_ready(url, process, log)
        recorded = Recorded(browser_like_session())
        with Program(url, google, livestorm, environment, http=recorded) as program:
            yield Whole(program, recorded, log, process.pid, engine)


def first_story(whole: Whole) -> dict[str, Any]:
    """Denied once, signed in, a template, activation, a room; return the event of its card."""
    program, http = whole.program, whole.http
    event_id = calendar_event(
        program,
        summary=TITLE,
        description=DESCRIPTION,
        attendees=[{"email": GUEST, "displayName": "Gale Canary"}],
    )
    consent = http.get(authentication_url(ask_for_room(program, event_id)))
    denied = http.post(consent.url, data={"decision": "deny"})
    assert "You did not allow" in denied.text
    consent = http.get(authentication_url(ask_for_room(program, event_id)))
    http.post(consent.url, data={"email": CAMILLE, "decision": "authorize"})
    template = program.livestorm.world.add_event(TEMPLATE).id
    form = {"template_id": {"stringInputs": {"value": [template]}}}
    saved = program.addon("/addon/template", event={"commonEventObject": {"formInputs": form}})
    assert TEMPLATE in saved.text
    assert activate(program).status_code == 200
    room = ask_for_room(program, event_id)
    assert "error" not in room
    program.google.world.attach_conference(CAMILLE, event_id, room)
    whole.wait(lambda: whole.link("synced_at"))
    return {"calendar": {"calendarId": CAMILLE, "id": event_id}}


def background_work(whole: Whole, event: dict[str, Any]) -> None:
    """A change on each side is carried; then carrying fails at each side, with words at hand."""
    program = whole.program
    event_id, world = event["calendar"]["id"], program.livestorm.world
    program.google.world.patch_event(CAMILLE, event_id, {"summary": EDITED})
    room = str(whole.link("livestorm_event_id"))
    whole.wait(lambda: world.events[room].title == EDITED)
    quoting = json.dumps({"errors": [{"detail": f'"{TITLE}" of {GUEST} is taken'}]})
    program.livestorm.faults.add(
        Fault("status", status=422, method="PATCH", times=None, body=quoting)
    )
    program.google.world.patch_event(CAMILLE, event_id, {"summary": TITLE})
    whole.wait(lambda: (whole.link("trouble") or {}).get("kind") == "livestorm_refused")
    program.livestorm.faults.clear()
    program.google.faults.add(Fault("status", status=500, path="/events", times=None))
    pressed = program.addon("/addon/sync", event=event, headers={"X-Request-ID": REQUEST_ID})
    assert pressed.headers["X-Request-ID"] == REQUEST_ID
    whole.wait(lambda: (whole.link("trouble") or {}).get("kind") == "google_down")
    program.google.faults.clear()


def everything_goes_wrong(whole: Whole, event: dict[str, Any]) -> None:
    """Every kind of failure there is, each with names and titles at hand."""
    program, http = whole.program, whole.http
    google, livestorm = program.google, program.livestorm
    for fault in (
        Fault("status", status=500, method="POST", path="/v1/events$", times=3),
        Fault("html500", method="POST", path="/v1/events$", times=3),
        Fault("drop_after", method="POST", path="/v1/events$"),
        Fault("status", status=422, method="POST", path="/v1/events$"),
    ):
        livestorm.faults.add(fault)
        ask_for_room(program, calendar_event(program, summary=TITLE))
        livestorm.faults.clear()
    google.faults.add(Fault("status", status=500, path="/events/", times=None))
    ask_for_room(program, calendar_event(program, summary=TITLE))
    google.faults.clear()
    for token in ("eyJhbGciOiJub25lIn0.e30.", google.identity_token(SAM, "somebody-else")):
        program.addon("/addon/home", headers={"Authorization": f"Bearer {token}"})
    http.get(f"{program.url}/livestorm/connect?ticket=canary-ticket-4711")
    http.get(f"{program.url}/livestorm/callback?state=canary-state-4711&code=canary-code-4711")
    http.get(f"{program.url}/nothing/{CAMILLE}")
    http.post(f"{program.url}/hooks/livestorm/canary-hook-4711", data=TITLE)
    with whole.database.begin() as connection:
        connection.execute(sa.text("ALTER TABLE links RENAME TO links_lost"))
    program.addon("/addon/event", event=event)
    ask_for_room(program, event["calendar"]["id"])
    with whole.database.begin() as connection:
        connection.execute(sa.text("ALTER TABLE links_lost RENAME TO links"))
        connection.execute(sa.text("ALTER TABLE users RENAME TO users_lost"))
    assert program.addon("/addon/home").status_code == 500
    with whole.database.begin() as connection:
        connection.execute(sa.text("ALTER TABLE users_lost RENAME TO users"))


def every_endpoint(whole: Whole) -> None:
    """Each address is asked for by the person who is signed in, also with words in the path."""
    program, http = whole.program, whole.http
    app: Flask = create_app(settings.read(program.environment))
    app.extensions["product"].engine.dispose()
    token = re.search(
        r'name="csrf_token"[^>]* value="([^"]+)"', http.get(f"{program.url}/integration").text
    )
    assert token is not None
    asked = 0
    for rule in sorted(
        app.url_map.iter_rules(), key=lambda one: (one.rule.endswith("/erase"), one.rule)
    ):
        for value in (str(whole.link("id")), TITLE):
            path = re.sub(r"<[^>]+>", value, rule.rule)
            for method in {"GET", "POST"} & (rule.methods or set()):
                answer = http.request(
                    method,
                    program.url + path,
                    data={"csrf_token": token[1], "title": TITLE} if method == "POST" else None,
                    headers={"Referer": program.url},
                    timeout=20,
                )
                assert answer.status_code < 500, path
                asked += 1
    assert asked > 30


def test_nothing_is_told(whole: Whole) -> None:
    program = whole.program
    event = first_story(whole)
    assert TITLE in program.addon("/addon/event", event=event).text
    background_work(whole, event)
    everything_goes_wrong(whole, event)
    # The web process shows what the worker counted; it subscribes at its first look.
    subscribed = r'remote_calls_total\{[^}]*path="/webhooks"[^}]*verb="POST"\} [1-9]'
    whole.wait(lambda: re.search(subscribed, program.get("/metrics").text))
    metrics = program.get("/metrics").text
    every_endpoint(whole)
    program.addon("/addon/sign-out")

    secrets, told = secrets_of(whole), written(whole)
    words = {TITLE, EDITED, TEMPLATE, DESCRIPTION, GUEST, "Camille", "Gale", CAMILLE, SAM}
    words |= {CAMILLE.replace("@", "%40"), "canary-ticket-4711", "canary-code-4711"}
    words |= {"canary-hook-4711", "canary-state-4711"}
    for what, text in (told | {"metrics": metrics}).items():
        assert len(text) > 100, f"there is something to look through in {what}"
        assert {one for one in secrets | words if one in text} == set(), what

    # What went wrong can be told all the same, and whose doing it was.
    lines = whole.lines()
    errors = [one for one in lines if one["event"] == "unexpected_error"]
    assert any("no such table: users" in one["exception"] for one in errors)
    calls = [one for one in lines if one["event"] == "remote_call"]
    mine = [one for one in calls if one["request_id"] == REQUEST_ID]
    assert {(one["vendor"], one["outcome"]) for one in mine} >= {("google", "unavailable")}
    assert all("link" in one for one in mine), "those that the worker made, in its job"
    assert all(
        {"verb", "path", "status", "milliseconds", "request_id"} <= one.keys() for one in calls
    )
    assert {one["request_id"].partition(":")[0] for one in calls} >= {"poll-workspace"}
    assert re.search(r'carried_total\{side="calendar"\} [1-9]', metrics)
    assert re.search(r'comparisons_total\{outcome="paused",trouble="google_down"\} [1-9]', metrics)
    assert "\nlivestorm_calendar_workers 1.0\n" in metrics

    # Answers carry no secret but the tickets of the links that are made for them, and what a
    # browser takes along to a consent.
    ours = [one for one in whole.http.answers if one.url.startswith(program.url)]
    assert len(ours) > 40
    given = r"(?:ticket|state|code_challenge)(?:=|%3D)([\w.-]+)"
    kept = secrets - set(re.findall(given, "".join(one.text for one in ours)))
    shown = {one.url: text for text in kept for one in ours if text in one.text}
    assert shown == {}
    # And an error says nothing of anybody.
    failed = [one for one in ours if one.headers["Content-Type"].endswith("problem+json")]
    assert len(failed) > 5
    assert {word for word in words for one in failed if word in one.text} == set()
    assert all(one.json()["request_id"] == one.headers["X-Request-ID"] for one in failed)


def secrets_of(whole: Whole) -> set[str]:
    """Every secret there was: tokens, codes, tickets, keys, secrets of webhook addresses."""
    google, livestorm = whole.program.google, whole.program.livestorm
    grants = livestorm.world.grants
    tokens = [token.tokens for token in grants._by_access.values()]
    hooks = re.findall(r"/hooks/livestorm/([\w-]+)", repr(livestorm.world.workspace.webhooks))
    found = {
        *whole.http.sent,
        *(text for one in tokens for text in (one.access_token, one.refresh_token)),
        *grants.codes,
        *hooks,
        *(call.headers.get("authorization", "").removeprefix("Bearer ") for call in google.log),
        *(whole.program.environment[name] for name in ("SECRET_KEY", "TOKEN_KEYS")),
        *(whole.program.environment[f"{who}_CLIENT_SECRET"] for who in ("GOOGLE", "LIVESTORM")),
    }
    found = {secret for secret in found if len(secret) > 8}
    assert len(found) > 20
    assert hooks
    return found


def written(whole: Whole) -> dict[str, str]:
    """Everything that the program wrote for others than the person: logs, jobs, arguments."""
    inspector = sa.inspect(whole.database)
    names = [name for name in inspector.get_table_names() if name not in metadata.tables]
    assert "workflow_status" in names
    with whole.database.connect() as connection:
        jobs = [
            repr(row)
            for name in names
            for row in connection.execute(sa.text(f'SELECT * FROM "{name}"'))
        ]
    processes = [whole.supervisor, *children(whole.supervisor)]
    processes += [grandchild for child in processes[1:] for grandchild in children(child)]
    assert len(processes) == 5, "supervisor, master and two web processes, worker"
    arguments = [Path(f"/proc/{pid}/cmdline").read_text() for pid in processes]
    return {"log": whole.log.read_text(), "jobs": "".join(jobs), "arguments": "".join(arguments)}


def children(pid: int) -> list[int]:
    """Return the processes that a process started (Linux)."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]
