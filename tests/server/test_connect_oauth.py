"""The pop-up that connects somebody to Livestorm by its sign-in."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import sqlalchemy as sa
import time_machine

from addon import clock
from addon.store.tables import livestorm_connections, tickets, users
from sandbox.simulation import Fault
from server.browser.code_flows import FLOW_SECONDS
from tests.server.calls import CAMILLE, SAM, connect, sign_in_to_livestorm
from tests.server.databases import contents
from tests.support.program import Program, browser_like_session

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def other_browser() -> Iterator[requests.Session]:
    with browser_like_session() as session:
        yield session


def connect_link(program: Program, account: str = CAMILLE) -> str:
    """The link of the connect card's button."""
    found = re.search(
        r"http[^\"]*/livestorm/connect\?ticket=[\w-]+",
        program.addon("/addon/home", account=account).text,
    )
    assert found is not None
    return found[0]


def begin(program: Program, link: str, browser: requests.Session | None = None) -> dict[str, str]:
    """Open the link; return what Livestorm's consent page is asked with."""
    answer = (browser or program.http).get(link, allow_redirects=False)
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"].startswith(f"{program.livestorm.url}/oauth/authorize?")
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()} | {"": answer.headers["Location"]}


def authorize(program: Program, link: str, member: str = CAMILLE) -> str:
    """Open the link and say yes; return where Livestorm sends the browser, without going there."""
    asked = begin(program, link)
    answer = program.http.post(
        asked[""], data={"email": member, "decision": "authorize"}, allow_redirects=False
    )
    assert answer.status_code in {302, 303}
    return answer.headers["Location"]


def connected_users(engine: sa.Engine) -> dict[str, str | None]:
    """Google address → Livestorm address of everybody who is connected."""
    rows = sa.select(users.c.email, livestorm_connections.c.owner_email).join_from(
        users, livestorm_connections
    )
    with engine.connect() as connection:
        return {row.email: row.owner_email for row in connection.execute(rows)}


def test_the_way_there_and_back(program: Program, engine: sa.Engine) -> None:
    link = connect_link(program)
    asked = begin(program, link)
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"{program.url}/livestorm/callback"
    assert len(asked["state"]) >= 43
    program.livestorm.switches.pkce = "required"
    page = program.http.post(asked[""], data={"email": CAMILLE, "decision": "authorize"})
    assert page.status_code == 200
    assert "<h1>Livestorm is connected</h1>" in page.text
    assert "Acme" in page.text
    assert page.text.count(CAMILLE) == 2
    assert "close.js" in page.text
    assert connected_users(engine) == {CAMILLE: CAMILLE}
    assert "Acme" in program.addon("/addon/home").text


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"headers": {"Accept-Language": "fr-FR,fr;q=0.9,en;q=0.5"}}, "n’est plus valable"),
        ({"headers": {"Accept-Language": "it, en;q=0.5"}}, "is no longer valid"),
        ({"headers": {"Accept-Language": "xx;;;q=z"}}, "is no longer valid"),
        ({"params": {"lang": "fr"}}, "n’est plus valable"),
        ({"params": {"lang": "xx"}}, "is no longer valid"),
    ],
)
def test_pages_speak_the_browsers_language(
    program: Program, options: dict[str, Any], words: str
) -> None:
    page = program.get("/livestorm/connect", **options)
    assert page.status_code == 403
    assert words in page.text
    assert f'lang="{"fr" if "plus" in words else "en"}"' in page.text


def test_the_end_in_french(program: Program) -> None:
    program.http.headers["Accept-Language"] = "fr"
    page = sign_in_to_livestorm(program, connect_link(program))
    assert "Livestorm est connecté" in unescape(page.text)


# The ticket


def test_a_ticket_works_once(program: Program, other_browser: requests.Session) -> None:
    link = connect_link(program)
    begin(program, link)
    for browser in (program.http, other_browser):
        page = browser.get(link, allow_redirects=False)
        assert page.status_code == 403
        assert "This link is no longer valid" in page.text
        assert "Google Calendar" in page.text


def test_a_preview_does_not_use_the_ticket(program: Program) -> None:
    link = connect_link(program)
    assert program.http.head(link).status_code == 204
    begin(program, link)


@pytest.mark.parametrize(("minutes", "good"), [(9.9, True), (10.1, False)])
def test_a_ticket_lasts_ten_minutes(program: Program, minutes: float, good: bool) -> None:
    link = connect_link(program)
    with time_machine.travel(clock.now() + timedelta(minutes=minutes)):
        answer = program.http.get(link, allow_redirects=False)
    assert answer.status_code == (302 if good else 403)


def test_a_ticket_is_for_the_person_it_was_made_for(program: Program, engine: sa.Engine) -> None:
    connect(program)
    # In Camille's browser, with Camille's session.
    page = sign_in_to_livestorm(program, connect_link(program, SAM), member=SAM)
    assert "Livestorm is connected" in page.text
    assert connected_users(engine) == {CAMILLE: CAMILLE, SAM: SAM}


@pytest.mark.parametrize("ticket", ["", "x", "%00", "é" * 100, "a" * 5000, "1&ticket=2"])
def test_a_made_up_ticket(program: Program, ticket: str) -> None:
    connect_link(program)
    assert program.get(f"/livestorm/connect?ticket={ticket}").status_code in {403, 400}


def test_tickets_are_kept_as_digests_and_swept(program: Program, engine: sa.Engine) -> None:
    link = connect_link(program)
    ticket = parse_qs(urlsplit(link).query)["ticket"][0]
    assert ticket not in repr(contents(engine))
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        connect_link(program)
    with engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(tickets)).scalar() == 1


# The way back


def exchanges(program: Program) -> int:
    return len(program.livestorm.log.matching("POST", "/oauth/token"))


def test_the_way_back_works_once(program: Program, engine: sa.Engine) -> None:
    back = authorize(program, connect_link(program))
    assert program.http.get(back).status_code == 200
    before = contents(engine)
    again = program.http.get(back)
    assert again.status_code == 403
    assert exchanges(program) == 1
    assert contents(engine) == before


def test_a_preview_does_not_spend_the_code(program: Program) -> None:
    back = authorize(program, connect_link(program))
    assert program.http.head(back).status_code == 204
    assert "Livestorm is connected" in program.http.get(back).text


@pytest.mark.parametrize("state", ["", "&state=wrong", "&state=%00", "&state=" + "x" * 9000])
def test_a_wrong_state(program: Program, engine: sa.Engine, state: str) -> None:
    back = authorize(program, connect_link(program))
    before = contents(engine)
    wrong = re.sub("&?state=[^&]*", "", back) + state
    answer = program.http.get(wrong)
    # The web server itself refuses an address of that length.
    assert answer.status_code in {403, 400, 414}
    assert exchanges(program) == 0
    assert contents(engine) == before
    # The flow of this browser is not spent by it.
    assert program.http.get(back).status_code == 200


def test_another_browser_cannot_finish(
    program: Program, engine: sa.Engine, other_browser: requests.Session
) -> None:
    """Neither can somebody be made to connect the account of whoever sent the address."""
    back = authorize(program, connect_link(program))
    assert other_browser.get(back).status_code == 403
    begin(program, connect_link(program, SAM), other_browser)
    assert other_browser.get(back).status_code == 403
    assert exchanges(program) == 0
    assert connected_users(engine) == {}


def test_no_is_an_answer(program: Program, engine: sa.Engine) -> None:
    asked = begin(program, connect_link(program))
    page = program.http.post(asked[""], data={"decision": "deny"})
    assert page.status_code == 200
    assert "You did not allow the access, so nothing was changed." in page.text
    assert connected_users(engine) == {}
    late = program.get("/livestorm/callback", params={"state": asked["state"], "code": "x"})
    assert late.status_code == 403
    assert exchanges(program) == 0


@pytest.mark.parametrize(("late", "status"), [(-5, 200), (5, 403)])
def test_who_takes_too_long_begins_again(program: Program, late: int, status: int) -> None:
    program.livestorm.switches.oauth_code_seconds = 2 * FLOW_SECONDS
    back = authorize(program, connect_link(program))
    with time_machine.travel(clock.now() + timedelta(seconds=FLOW_SECONDS + late)):
        assert program.http.get(back).status_code == status


def test_a_code_that_livestorm_does_not_know(program: Program, engine: sa.Engine) -> None:
    back = re.sub("code=[^&]*", "code=made-up", authorize(program, connect_link(program)))
    page = program.http.get(back)
    assert page.status_code == 400
    assert "Livestorm did not accept this sign-in" in page.text
    assert connected_users(engine) == {}


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", status=503, path="/oauth/token", times=None),
        Fault("drop_before", path="/oauth/token", times=None),
        Fault("html500", path="/v1/", times=None),
        Fault("truncated", path="/oauth/token", times=None),
    ],
    ids=lambda fault: f"{fault.kind} {fault.path}",
)
def test_livestorm_down(program: Program, engine: sa.Engine, fault: Fault) -> None:
    back = authorize(program, connect_link(program))
    program.livestorm.faults.add(fault)
    page = program.http.get(back)
    assert page.status_code == 200
    assert "Livestorm does not answer at the moment" in page.text
    assert "press the sign-in button" in page.text
    assert connected_users(engine) == {}
    program.livestorm.faults.clear()
    assert "is connected" in sign_in_to_livestorm(program, connect_link(program)).text


def test_livestorm_forbids(program: Program, engine: sa.Engine) -> None:
    program.livestorm.switches.workspaces_validated = False
    page = program.http.get(authorize(program, connect_link(program)))
    assert page.status_code == 403
    assert "an administrator of your Livestorm workspace can change that" in page.text
    assert connected_users(engine) == {}


def test_who_was_erased_meanwhile(program: Program, engine: sa.Engine) -> None:
    back = authorize(program, connect_link(program))
    with engine.begin() as connection:
        connection.execute(sa.delete(users))
    page = program.http.get(back)
    assert page.status_code == 403
    assert "Your data here was erased in the meantime." in page.text
    assert connected_users(engine) == {}


def test_names_of_others_are_no_markup(program: Program) -> None:
    program.livestorm.world.workspace.name = "<script>alert(1)</script>"
    page = sign_in_to_livestorm(program, connect_link(program))
    assert "Livestorm is connected" in page.text
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text


def test_connecting_again_replaces_the_connection(program: Program, engine: sa.Engine) -> None:
    connect(program)
    _, member = program.livestorm.world.member(CAMILLE)
    program.livestorm.world.grants.revoke_user(member.user_id)
    event = {"calendar": {"calendarId": CAMILLE, "id": "abcdef"}}
    answer = program.addon("/addon/conference", event=event)
    found = re.search(r"http[^\"]*ticket=[\w-]+", answer.text)
    assert found is not None
    sign_in_to_livestorm(program, found[0], member=SAM)
    assert connected_users(engine) == {CAMILLE: SAM}
