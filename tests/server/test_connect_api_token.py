"""The page that takes a workspace API token, where there is no OAuth client."""

import re
from html import unescape

import pytest
import requests
import sqlalchemy as sa

from addon.store.tables import livestorm_connections
from sandbox.simulation import Fault
from tests.server.calls import CAMILLE, SAM, ask_for_room, authentication_url, calendar_event
from tests.server.databases import contents
from tests.support.program import Program

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

GUEST = "guest@partner.test"
"""A Google account whose address no team member of the workspace has."""


@pytest.fixture(autouse=True)
def _without_oauth_client(settings_environment: dict[str, str]) -> None:
    settings_environment |= {"LIVESTORM_CLIENT_ID": "", "LIVESTORM_CLIENT_SECRET": ""}


def open_form(program: Program, account: str = CAMILLE) -> requests.Response:
    """Follow the link that Calendar shows; return the form."""
    link = authentication_url(ask_for_room(program, "connecting", account=account))
    form = program.http.get(link)
    assert form.status_code == 200, form.text
    return form


def send(program: Program, form: requests.Response, **fields: str) -> requests.Response:
    """Fill the form in and send it as a browser without JavaScript does."""
    [action] = re.findall(r'<form method="post"([^>]*)>', form.text)
    assert "action" not in action, "it is sent to the page's own address"
    csrf = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form.text)
    assert csrf is not None
    data = {"csrf_token": csrf[1], **fields}
    return program.http.post(form.url, data=data)


def test_a_good_token_connects(program: Program, engine: sa.Engine) -> None:
    form = open_form(program)
    assert "What this token can do" in form.text
    assert "Only owners and administrators can" in form.text
    assert not re.search(r"<script|\son\w+=", form.text), "it works without JavaScript"
    token = program.livestorm.world.api_token()
    page = send(program, form, token=f"  {token}\n", email="")
    assert page.status_code == 200
    assert "Livestorm is connected" in page.text
    assert "Acme" in page.text
    assert token not in page.text
    room = ask_for_room(program, calendar_event(program))
    event = program.livestorm.world.events[room["conferenceId"]]
    assert event.owner.id == program.livestorm.world.member(CAMILLE)[1].person.id
    asked = [call.headers.get("authorization") for call in program.livestorm.log]
    assert set(asked) == {token}, "an API token goes without Bearer"
    assert token not in repr(contents(engine))


def test_the_page_in_french(program: Program) -> None:
    program.http.headers["Accept-Language"] = "fr"
    form = open_form(program)
    assert "Jeton d’API" in unescape(form.text)
    page = send(program, form, token="wrong")
    assert 'lang="fr"' in page.text
    assert "Livestorm n’accepte pas ce jeton" in unescape(page.text)


@pytest.mark.parametrize(
    "token", ["wrong", "Bearer x", "é", "a\tb", "x" * 4096, "x" * 5000, "", "  "]
)
def test_a_bad_token_is_said_and_can_be_mended(
    program: Program, engine: sa.Engine, token: str
) -> None:
    form = open_form(program)
    page = send(program, form, token=token, email=CAMILLE)
    assert page.status_code == 400
    assert 'role="alert">Livestorm does not accept this token.' in page.text
    assert f'value="{CAMILLE}"' in page.text, "what was typed is kept"
    assert not token.strip() or token not in page.text, "but not the token"
    assert contents(engine)["livestorm_connections"] == []
    again = send(program, page, token=program.livestorm.world.api_token(), email=CAMILLE)
    assert "Livestorm is connected" in again.text


def test_an_address_that_nobody_has(program: Program, engine: sa.Engine) -> None:
    token = program.livestorm.world.api_token()
    form = open_form(program, GUEST)
    page = send(program, form, token=token)
    assert page.status_code == 400
    assert "Nobody in this workspace has this e-mail address" in page.text
    page = send(program, page, token=token, email="nobody@acme.test")
    assert "Nobody in this workspace has this e-mail address" in page.text
    assert contents(engine)["livestorm_connections"] == []
    page = send(program, page, token=token, email="Sam@Acme.test")
    assert "Livestorm is connected" in page.text
    event_id = calendar_event(program, account=GUEST)
    room = ask_for_room(program, event_id, account=GUEST)
    event = program.livestorm.world.events[room["conferenceId"]]
    assert event.owner.id == program.livestorm.world.member(SAM)[1].person.id


def test_a_token_that_may_not_do_enough(program: Program, engine: sa.Engine) -> None:
    token = program.livestorm.world.api_token(scopes=["events:read", "events:write"])
    page = send(program, open_form(program), token=token)
    assert page.status_code == 403
    assert "it may not do enough" in page.text
    assert contents(engine)["livestorm_connections"] == []


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", status=503, path="/v1/", times=None),
        Fault("status", status=429, path="/v1/", times=None),
        Fault("drop_before", path="/v1/", times=None),
        Fault("html500", path="/v1/organization", times=None),
    ],
    ids=lambda fault: f"{fault.kind} {fault.status}",
)
def test_livestorm_down(program: Program, engine: sa.Engine, fault: Fault) -> None:
    form = open_form(program)
    token = program.livestorm.world.api_token()
    program.livestorm.faults.add(fault)
    page = send(program, form, token=token)
    assert page.status_code == 200
    assert "Livestorm does not answer at the moment" in page.text
    assert contents(engine)["livestorm_connections"] == []
    program.livestorm.faults.clear()
    assert "Livestorm is connected" in send(program, page, token=token).text


def test_the_form_only_counts_with_its_own_mark(program: Program, engine: sa.Engine) -> None:
    form = open_form(program)
    token = program.livestorm.world.api_token()
    for data in ({"token": token}, {"token": token, "csrf_token": "made-up"}):
        page = program.http.post(form.url, data=data)
        assert page.status_code == 400
        assert "This page is too old" in page.text
    assert contents(engine)["livestorm_connections"] == []
    assert len(program.livestorm.log) == 0


def test_the_form_only_counts_in_its_own_browser(program: Program, engine: sa.Engine) -> None:
    form = open_form(program)
    program.http.cookies.clear()
    assert send(program, form, token=program.livestorm.world.api_token()).status_code == 400
    assert contents(engine)["livestorm_connections"] == []


def test_the_form_can_be_loaded_again_but_not_used_again(program: Program) -> None:
    form = open_form(program)
    again = program.get("/livestorm/connect")
    assert again.status_code == 200
    token = program.livestorm.world.api_token()
    assert "Livestorm is connected" in send(program, again, token=token).text
    late = send(program, form, token=token)
    assert late.status_code == 403
    assert "This link is no longer valid" in late.text


@pytest.mark.parametrize(
    "missing", ["/v1/ping$", "/v1/organization$", "/v1/people$", "/v1/(ping|organization|people)$"]
)
def test_what_an_api_may_lack_is_done_without(program: Program, missing: str) -> None:
    """Without a team to choose from, Livestorm chooses the owner."""
    program.livestorm.switches.owner_missing = "default_owner"
    form = open_form(program)
    program.livestorm.faults.add(Fault("status", missing, status=404, times=None))
    page = send(program, form, token=program.livestorm.world.api_token(), email="")
    assert "Livestorm is connected" in page.text
    room = ask_for_room(program, calendar_event(program))
    assert room["conferenceId"] in program.livestorm.world.events


def test_an_address_that_has_no_api_at_all(program: Program, engine: sa.Engine) -> None:
    form = open_form(program)
    program.livestorm.faults.add(Fault("status", "/v1/", status=404, times=None))
    page = send(program, form, token=program.livestorm.world.api_token(), email="")
    assert "Livestorm does not answer" in page.text
    assert contents(engine)["livestorm_connections"] == []


def test_a_workspace_of_others(program: Program, engine: sa.Engine) -> None:
    people = [("oz@other.test", "Oz", "Other"), ("bo@other.test", "Bo", "Other")]
    token = program.livestorm.world.api_token(program.livestorm.world.add_workspace("O", people))
    page = send(program, open_form(program), token=token)
    assert "Nobody in this workspace has this e-mail address" in page.text
    with engine.connect() as connection:
        assert connection.execute(sa.select(livestorm_connections)).all() == []


def test_the_only_team_member_is_meant(program: Program) -> None:
    people = [("oz@other.test", "Oz", "Other")]
    token = program.livestorm.world.api_token(program.livestorm.world.add_workspace("O", people))
    page = send(program, open_form(program), token=token)
    assert "Livestorm is connected" in page.text
    assert "oz@other.test" in page.text


def test_a_token_that_livestorm_took_back_asks_to_connect_again(program: Program) -> None:
    token = program.livestorm.world.api_token()
    send(program, open_form(program), token=token)
    event_id = calendar_event(program)
    program.livestorm.faults.add(Fault("status", status=401, path="/v1/events", times=None))
    url = authentication_url(ask_for_room(program, event_id))
    assert url.startswith(f"{program.url}/livestorm/connect?ticket=")
    home = program.addon("/addon/home").text
    assert "/livestorm/connect?ticket=" in home
