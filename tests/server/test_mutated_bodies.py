"""Mutated bodies for each add-on endpoint: no 5xx, no stack trace, nothing written."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sandbox.google import SCRIPT_CLIENT_ID
from server import settings
from server.app import create_app
from tests.server.calls import CAMILLE, SAM, connect
from tests.server.databases import contents
from tests.server.mutations import mutated
from tests.support.program import Program

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

BODIES = int(os.environ.get("MUTATED_BODIES", "1000"))
"""For each endpoint. Every run of the suite tries the first thousand; see docs/develop.md."""

TRACES = re.compile(rb"Traceback|File \"|\.py\b|sqlalchemy|marshmallow", re.IGNORECASE)

REFERENCE = "reference-of-the-fault"

TICKETS = frozenset({"tickets"})
"""Whoever is asked to connect gets a ticket to do so, whatever else the body says."""

# Who calls: Camille is connected and has a template. Sam is not connected where a body that is
# still good would do what the endpoint is for.
CALLERS = {
    "home": CAMILLE,
    "event": CAMILLE,
    "template": CAMILLE,
    "sync": CAMILLE,
    "conference": SAM,
    "settings-url": CAMILLE,
    "sign-out": SAM,
}


def event_object(token: str) -> dict[str, Any]:
    """Everything that Google may send. What was typed is no id, so that it is never saved."""
    return {
        "commonEventObject": {
            "hostApp": "CALENDAR",
            "platform": "WEB",
            "userLocale": "fr-FR",
            "timeZone": {"id": "Europe/Paris", "offset": "7200000"},
            "parameters": {"k": "v"},
            "formInputs": {
                "template_id": {"stringInputs": {"value": ["not an id"]}},
                "other": {"": {"stringInputs": {"value": ["x", "y"]}}},
                "day": {"dateInput": {"msSinceEpoch": "1700000000000"}},
            },
        },
        "authorizationEventObject": {
            "userOAuthToken": "ya29.nothing",
            "userIdToken": token,
            "systemIdToken": token,
            "authorizedScopes": ["https://www.googleapis.com/auth/calendar.addons.execute"],
        },
        "calendar": {
            "calendarId": CAMILLE,
            "id": "abcdefghij0123456789",
            "recurringEventId": "abcdefghij",
            "organizer": {"email": CAMILLE},
            "attendees": [{"email": SAM, "responseStatus": "accepted", "self": True}],
            "capabilities": {"canSetConferenceData": True},
            "conferenceData": {"conferenceId": "x", "parameters": {"addOnParameters": {}}},
        },
    }


@pytest.mark.parametrize("name", CALLERS)
def test_mutated_bodies(
    program: Program,
    engine: sa.Engine,
    settings_environment: dict[str, str],
    name: str,
    tmp_path: Path,
) -> None:
    connect(program)
    event_id = program.livestorm.world.add_event("Template").id
    form = {"template_id": {"stringInputs": {"value": [event_id]}}}
    program.addon("/addon/template", event={"commonEventObject": {"formInputs": form}})
    program.addon("/addon/home", account=SAM)
    account = CALLERS[name]
    token = program.google.identity_token(account, SCRIPT_CLIENT_ID)
    headers = {"Authorization": f"Bearer {token}", "X-Request-ID": REFERENCE}
    app = create_app(settings.read(settings_environment))
    client = app.test_client()
    before = contents(engine, without=TICKETS)
    program.livestorm.clear_log()
    statuses: dict[int, int] = {}
    for body in mutated(event_object(token), BODIES, seed=len(name)):
        answer = client.post(f"/addon/{name}", data=body, headers=headers)
        statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
        assert answer.status_code in {200, 400, 422}, body
        assert not TRACES.search(answer.data), body
        assert answer.is_json, body
        # A fault of ours would come as a card with the reference, or as an error for Calendar.
        assert answer.status_code != 200 or REFERENCE.encode() not in answer.data, body
        assert b"UNKNOWN" not in answer.data, body
    app.extensions["product"].engine.dispose()
    # Good and bad ones were both among them.
    assert min(statuses[200], statuses[400], statuses[422]) > BODIES / 50
    # A mutation may look like an id, which is then looked up.
    assert [call for call in program.livestorm.log if call.method != "GET"] == []
    after = contents(engine, without=TICKETS)
    if name == "template":
        # A field that a mutation emptied clears the template, as an emptied field should.
        assert before.pop("users") != after.pop("users")
        # What looked like an id was looked up, and each call to Livestorm is counted.
        for table in (before, after):
            table.pop("allowances")
    assert after == before
