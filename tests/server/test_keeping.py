"""What is kept of people: sealed, theirs alone, and gone when they sign out."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from addon.store.tables import livestorm_connections
from sandbox.google import SCRIPT_CLIENT_ID
from sandbox.simulation import Fault
from server import settings
from server.app import create_app
from tests.server.calls import CAMILLE, SAM, ask_for_room, calendar_event, connect
from tests.server.databases import contents
from tests.support.program import Program


def tokens_of(program: Program) -> list[str]:
    """Every Livestorm token that was ever handed out."""
    grants = program.livestorm.world.grants
    found = [token.tokens for token in grants._by_access.values()]
    return [text for tokens in found for text in (tokens.access_token, tokens.refresh_token)]


def asks_to_connect(program: Program, account: str = CAMILLE) -> bool:
    return "/livestorm/connect?ticket=" in program.addon("/addon/home", account=account).text


# At rest


def test_no_token_can_be_read_from_the_database(program: Program, engine: sa.Engine) -> None:
    connect(program)
    ask_for_room(program, calendar_event(program))
    tokens = tokens_of(program)
    assert len(tokens) >= 2
    kept = repr(contents(engine))
    assert [token for token in tokens if token in kept] == []
    if engine.dialect.name == "sqlite":
        files = Path(str(engine.url.database)).parent.glob("*.sqlite*")
        raw = b"".join(file.read_bytes() for file in files)
        assert CAMILLE.encode() in raw
        assert [token for token in tokens if token.encode() in raw] == []


def test_a_secret_moved_to_another_person_does_not_open(
    program: Program, engine: sa.Engine
) -> None:
    connect(program)
    connect(program, account=SAM)
    table = livestorm_connections
    with engine.begin() as connection:
        rows = connection.execute(sa.select(table.c.user_id, table.c.secret)).all()
        swapped = zip(rows, reversed(rows), strict=True)
        for (user_id, _), (_, secret) in swapped:
            connection.execute(
                sa.update(table).where(table.c.user_id == user_id).values(secret=secret)
            )
    program.livestorm.clear_log()
    for account in (CAMILLE, SAM):
        event_id = calendar_event(program, account=account)
        answer = ask_for_room(program, event_id, account=account)
        assert answer["error"]["type"] == "AUTHENTICATION"
    assert len(program.livestorm.log) == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_keys_can_be_exchanged(program: Program, settings_environment: dict[str, str]) -> None:
    connect(program)
    old = settings_environment["TOKEN_KEYS"]
    new, lost = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    token = program.google.identity_token(CAMILLE, SCRIPT_CLIENT_ID)

    event_id = next(iter(program.livestorm.world.events))
    form = {"template_id": {"stringInputs": {"value": [event_id]}}}

    def saved_with(keys: str) -> str:
        app = create_app(settings.read({**settings_environment, "TOKEN_KEYS": keys}))
        answer = app.test_client().post(
            "/addon/template",
            json={"commonEventObject": {"formInputs": form}},
            headers={"Authorization": f"Bearer {token}"},
        )
        app.extensions["product"].engine.dispose()
        return answer.text

    assert "Saved." in saved_with(f"{new},{old}")
    assert "/livestorm/connect?ticket=" in saved_with(lost)
    # Nothing was given up meanwhile.
    assert "Saved." in saved_with(f"{new},{old}")


# Signing out


def test_signing_out_revokes_and_erases(program: Program, engine: sa.Engine) -> None:
    connect(program)
    connect(program, account=SAM)
    program.livestorm.clear_log()
    answer = program.addon("/addon/sign-out")
    assert "/livestorm/connect?ticket=" in answer.text
    assert answer.json()["action"]["notification"]["text"] == "You are signed out of Livestorm."
    revoked = program.livestorm.log.matching("POST", "/oauth/revoke")
    assert {call.status for call in revoked} == {200}
    grants = program.livestorm.world.grants
    _, camille = program.livestorm.world.member(CAMILLE)
    mine = [token for token in grants._by_access.values() if token.user_id == camille.user_id]
    assert mine
    assert all(token.revoked for token in mine)
    with engine.connect() as connection:
        assert len(connection.execute(sa.select(livestorm_connections)).all()) == 1
    assert asks_to_connect(program)
    assert not asks_to_connect(program, SAM)
    event_id = calendar_event(program)
    assert ask_for_room(program, event_id)["error"]["type"] == "AUTHENTICATION"
    # And again, which changes nothing.
    assert program.addon("/addon/sign-out").status_code == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", status=503, path="/oauth/revoke", times=None),
        Fault("drop_before", path="/oauth/revoke", times=None),
    ],
    ids=lambda fault: fault.kind,
)
def test_signing_out_erases_while_livestorm_is_down(
    program: Program, engine: sa.Engine, fault: Fault
) -> None:
    connect(program)
    program.livestorm.faults.add(fault)
    assert program.addon("/addon/sign-out").status_code == 200
    with engine.connect() as connection:
        assert connection.execute(sa.select(livestorm_connections)).all() == []
    assert asks_to_connect(program)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_token_that_is_not_revoked_keeps_none_from_being_revoked(program: Program) -> None:
    connect(program)
    program.livestorm.clear_log()
    program.livestorm.faults.add(Fault("status", status=503, path="/oauth/revoke", times=1))
    program.addon("/addon/sign-out")
    asked = program.livestorm.log.matching("POST", "/oauth/revoke")
    assert [call.status for call in asked] == [503, 200]
    _, camille = program.livestorm.world.member(CAMILLE)
    grants = program.livestorm.world.grants
    mine = [token for token in grants._by_access.values() if token.user_id == camille.user_id]
    assert mine
    assert all(token.revoked for token in mine)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_signed_out_can_connect_again(program: Program) -> None:
    connect(program)
    program.addon("/addon/sign-out")
    connect(program)
    assert "error" not in ask_for_room(program, calendar_event(program))


# Between people

PATHS = ("home", "event", "template", "sync", "settings-url", "conference")


@pytest.fixture
def private(program: Program) -> dict[str, str]:
    """What belongs to Camille alone: by what it is called."""
    connect(program)
    template = program.livestorm.world.add_event("Secret template").id
    form = {"template_id": {"stringInputs": {"value": [template]}}}
    program.addon("/addon/template", event={"commonEventObject": {"formInputs": form}})
    event_id = calendar_event(program, summary="Secret meeting")
    room = ask_for_room(program, event_id)
    return {
        "template": template,
        "template title": "Secret template",
        "title": "Secret meeting",
        "room": room["conferenceId"],
        "session": room["parameters"][1]["value"],
        "workspace": "Acme",
        "event": event_id,
    }


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_colleague_gets_nothing_of_somebody_else(
    program: Program, engine: sa.Engine, private: dict[str, str]
) -> None:
    """In one workspace; `test_isolation` asks every address for a stranger's things."""
    connect(program, account=SAM)
    mine = program.addon("/addon/event", event=_event(private["event"])).text
    assert private["room"] in mine
    before = {name: _of_camille(engine, name) for name in ("links", "users")}
    # Sam's own connection is to the same workspace, and the event's id Sam knows.
    secrets = {key: text for key, text in private.items() if key not in {"workspace", "event"}}
    told: dict[str, str] = {}
    for name in PATHS:
        answer = program.addon(f"/addon/{name}", account=SAM, event=_event(private["event"]))
        assert answer.status_code == 200
        told |= {f"{name}: {key}": text for key, text in secrets.items() if text in answer.text}
    assert told == {}
    assert {name: _of_camille(engine, name) for name in before} == before
    program.addon("/addon/sign-out", account=SAM)
    assert not asks_to_connect(program)
    assert private["template title"] in program.addon("/addon/home").text


def _event(event_id: str) -> dict[str, Any]:
    form = {"template_id": {"stringInputs": {"value": [""]}}}
    return {
        "calendar": {"calendarId": CAMILLE, "id": event_id},
        "commonEventObject": {"formInputs": form},
    }


def _of_camille(engine: sa.Engine, table: str) -> list[tuple[object, ...]]:
    rows = contents(engine)[table]
    user_id = next(row[0] for row in contents(engine)["users"] if CAMILLE in row)
    return [row for row in rows if user_id in row]
