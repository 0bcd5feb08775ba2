"""Nothing that is anybody's business leaves through logs or answers, the whole story through."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import sqlalchemy as sa

from sandbox.simulation import Fault
from tests.server.calls import CAMILLE, SAM, ask_for_room, authentication_url, calendar_event
from tests.support.program import Program

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

TITLE = "Canary-Title-4711"
TEMPLATE = "Canary-Template-4711"
DESCRIPTION = "Canary-Description-4711"


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


def everything_goes_wrong(
    program: Program, engine: sa.Engine, recorded: Recorded, event: dict[str, Any]
) -> None:
    """Every kind of failure there is, each with names and titles at hand."""
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
    recorded.get(f"{program.url}/livestorm/connect?ticket=canary-ticket-4711")
    recorded.get(f"{program.url}/livestorm/callback?state=canary-state-4711&code=canary-code-4711")
    recorded.get(f"{program.url}/nothing/{CAMILLE}")
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE links RENAME TO links_lost"))
    program.addon("/addon/event", event=event)
    ask_for_room(program, event["calendar"]["id"])
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE links_lost RENAME TO links"))
        connection.execute(sa.text("ALTER TABLE users RENAME TO users_lost"))
    assert program.addon("/addon/home").status_code == 500
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE users_lost RENAME TO users"))


def test_nothing_is_told(gunicorn_program: Program, engine: sa.Engine, tmp_path: Path) -> None:
    recorded = Recorded(gunicorn_program.http)
    program = Program(
        gunicorn_program.url,
        gunicorn_program.google,
        gunicorn_program.livestorm,
        gunicorn_program.environment,
        http=recorded,
    )
    google, livestorm = program.google, program.livestorm
    event_id = calendar_event(
        program,
        summary=TITLE,
        description=DESCRIPTION,
        attendees=[{"email": "guest@partner.test", "displayName": "Gale Partner"}],
    )

    # The story: asked to sign in, denied once, signed in, a template, a room.
    url = authentication_url(ask_for_room(program, event_id))
    consent = recorded.get(url)
    denied = recorded.post(consent.url, data={"decision": "deny"})
    assert "You did not allow" in denied.text
    url = authentication_url(ask_for_room(program, event_id))
    consent = recorded.get(url)
    recorded.post(consent.url, data={"email": CAMILLE, "decision": "authorize"})
    template = livestorm.world.add_event(TEMPLATE).id
    form = {"template_id": {"stringInputs": {"value": [template]}}}
    saved = program.addon("/addon/template", event={"commonEventObject": {"formInputs": form}})
    assert TEMPLATE in saved.text
    assert "error" not in ask_for_room(program, event_id)
    event = {"calendar": {"calendarId": CAMILLE, "id": event_id}}
    assert TITLE in program.addon("/addon/event", event=event).text

    everything_goes_wrong(program, engine, recorded, event)
    program.addon("/addon/sign-out")

    grants = livestorm.world.grants
    tokens = [token.tokens for token in grants._by_access.values()]
    secrets = {
        *recorded.sent,
        *(text for one in tokens for text in (one.access_token, one.refresh_token)),
        *grants.codes,
        *(call.headers.get("authorization", "").removeprefix("Bearer ") for call in google.log),
        *(program.environment[name] for name in ("SECRET_KEY", "TOKEN_KEYS")),
        *(program.environment[f"{who}_CLIENT_SECRET"] for who in ("GOOGLE", "LIVESTORM")),
    }
    secrets = {secret for secret in secrets if len(secret) > 8}
    assert len(secrets) > 15
    people = {CAMILLE, SAM, CAMILLE.replace("@", "%40"), "Camille", "Gale", "guest@partner.test"}
    words = {TITLE, TEMPLATE, DESCRIPTION, "canary-ticket-4711", "canary-code-4711"}
    log = (tmp_path / "serve.log").read_text()
    assert log.count("\n") > 10, "there is something to look through"
    assert "unexpected_error" in log
    assert "no such table: users" in log
    told = {text for text in secrets | people | words if text in log}
    assert told == set()

    # Answers carry no secret but the ticket of the link that is made for it.
    ours = [answer for answer in recorded.answers if answer.url.startswith(program.url)]
    assert len(ours) > 15
    kept = secrets - set(re.findall(r"ticket=([\w-]+)", "".join(one.text for one in ours)))
    assert {text for text in kept for one in ours if text in one.text} == set()
