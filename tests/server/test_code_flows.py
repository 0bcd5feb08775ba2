"""Sign-ins under way: several at a time, and nothing that arrives late takes one away."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
import requests
import sqlalchemy as sa
import time_machine

from addon import clock
from addon.store.tables import livestorm_connections, users
from server.app import SESSION_LIFETIME
from server.browser.code_flows import MOST_AT_ONCE
from tests.server.browsing import browser, press, sign_in, text_of
from tests.server.calls import CAMILLE, SAM, ask_for_room, authentication_url
from tests.support.program import Program

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SESSION = "livestorm_calendar"


@pytest.fixture
def _api_tokens(settings_environment: dict[str, str]) -> None:
    """People connect with a workspace's API token."""
    settings_environment |= {"LIVESTORM_CLIENT_ID": "", "LIVESTORM_CLIENT_SECRET": ""}


def livestorm_link(program: Program, account: str) -> str:
    return authentication_url(ask_for_room(program, "connecting", account=account))


def at_livestorm(program: Program, account: str) -> str:
    """Follow the person's link as far as Livestorm's consent page; return that page's address."""
    page = program.http.get(livestorm_link(program, account))
    assert page.url.startswith(program.livestorm.url)
    return page.url


def allow_at_livestorm(program: Program, consent: str, account: str) -> requests.Response:
    return program.http.post(consent, data={"email": account, "decision": "authorize"})


def at_google(program: Program, account: str = CAMILLE) -> tuple[str, list[str]]:
    """Go as far as Google's consent page; return where its form goes and what may be ticked."""
    google = program.google.url
    program.http.post(f"{google}/signin", data={"account": account, "continue": "/signin"})
    consent = program.get("/google/activate")
    action = re.search(r'action="(/o/oauth2[^"]+)"', consent.text)
    assert action is not None, consent.text
    scopes = re.findall(r'name="scope" value="([^"]+)"', consent.text)
    return google + unescape(action[1]), scopes


def allow_at_google(program: Program, form: tuple[str, list[str]]) -> requests.Response:
    return program.http.post(form[0], data={"scope": form[1], "decision": "allow"})


def connected(engine: sa.Engine) -> set[str]:
    with engine.connect() as connection:
        joined = sa.select(users.c.email).join(
            livestorm_connections, livestorm_connections.c.user_id == users.c.id
        )
        return set(connection.execute(joined).scalars())


def flow_cookies(program: Program) -> Iterator[str]:
    return (cookie.name for cookie in program.http.cookies if cookie.name.startswith("code_flow_"))


def put_session_back(program: Program, before: str) -> None:
    """What a browser does with the answer to something asked for before, arriving only now."""
    assert program.http.cookies[SESSION]
    program.http.cookies.set(SESSION, before, domain="127.0.0.1", path="/")


def test_a_late_answer_does_not_take_an_activation_away(program: Program) -> None:
    visitor = browser(program)
    sign_in(visitor, CAMILLE)
    before = visitor.http.cookies[SESSION]
    form = at_google(visitor)
    put_session_back(visitor, before)
    assert "Calendar integration is activated" in text_of(allow_at_google(visitor, form))


def test_a_late_answer_does_not_take_a_connection_away(program: Program) -> None:
    visitor = browser(program)
    sign_in(visitor, CAMILLE)
    before = visitor.http.cookies[SESSION]
    consent = at_livestorm(visitor, CAMILLE)
    put_session_back(visitor, before)
    page = allow_at_livestorm(visitor, consent, CAMILLE)
    assert "Livestorm is connected" in text_of(page)


def test_two_windows_activate_side_by_side(program: Program) -> None:
    visitor = browser(program)
    first, second = at_google(visitor), at_google(visitor)
    assert "integration is activated" in text_of(allow_at_google(visitor, first))
    assert "integration is activated" in text_of(allow_at_google(visitor, second))


def test_two_windows_connect_each_its_own_person(program: Program, engine: sa.Engine) -> None:
    visitor = browser(program)
    first, second = at_livestorm(visitor, CAMILLE), at_livestorm(visitor, SAM)
    assert "is connected" in text_of(allow_at_livestorm(visitor, first, CAMILLE))
    assert connected(engine) == {CAMILLE}
    assert "is connected" in text_of(allow_at_livestorm(visitor, second, SAM))
    assert connected(engine) == {CAMILLE, SAM}


@pytest.mark.usefixtures("_api_tokens")
def test_two_token_forms_connect_each_its_own_person(program: Program, engine: sa.Engine) -> None:
    visitor = browser(program)
    first = visitor.http.get(livestorm_link(visitor, CAMILLE))
    visitor.http.get(livestorm_link(visitor, SAM))
    flow = re.search(r'name="flow"[^>]*value="([^"]+)"', first.text)
    assert flow is not None
    token = program.livestorm.world.api_token()
    csrf = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', first.text)
    assert csrf is not None
    data = {"csrf_token": csrf[1], "flow": flow[1], "token": token}
    page = visitor.http.post(first.url, data=data)
    assert "Livestorm is connected" in text_of(page)
    assert connected(engine) == {CAMILLE}


def test_windows_left_open_do_not_pile_up(program: Program) -> None:
    visitor = browser(program)
    forms = [at_google(visitor) for _ in range(MOST_AT_ONCE + 2)]
    assert len(list(flow_cookies(visitor))) == MOST_AT_ONCE
    assert allow_at_google(visitor, forms[0]).status_code == 403
    assert "integration is activated" in text_of(allow_at_google(visitor, forms[-1]))


def test_signing_out_ends_what_is_under_way(program: Program, engine: sa.Engine) -> None:
    """Whoever uses this browser next must not connect their Livestorm to somebody else."""
    visitor = browser(program)
    sign_in(visitor, CAMILLE)
    consent = at_livestorm(visitor, CAMILLE)
    press(visitor, "/integration", "/integration/sign-out")
    assert list(flow_cookies(visitor)) == []
    assert allow_at_livestorm(visitor, consent, CAMILLE).status_code == 403
    assert connected(engine) == set()


def test_a_made_up_flow_is_none(program: Program) -> None:
    """The cookies are signed, and those of one company are nothing to the other."""
    visitor = browser(program)
    at_google(visitor)
    [name] = flow_cookies(visitor)
    value = visitor.http.cookies[name]
    other = name.replace("google", "livestorm")
    for made_up in (value, value[:-2] + "AA", "x" * 5000, "e30.x.y"):
        answer = requests.get(
            f"{program.url}/livestorm/connect",
            headers={"Cookie": f"{other}={made_up}"},
            timeout=30,
        )
        assert answer.status_code == 403


def test_only_a_visit_renews_a_session(program: Program) -> None:
    """Not each answer: one that arrives late would put back who was signed in before."""
    visitor = browser(program)
    start = clock.now()
    sign_in(visitor, CAMILLE)
    assert "Set-Cookie" not in visitor.get("/static/pages.css").headers
    for visit in range(1, 4):
        with time_machine.travel(start + visit * (SESSION_LIFETIME - timedelta(days=2))):
            assert "Set-Cookie" not in visitor.get("/static/pages.css").headers
            page = visitor.get("/integration")
            assert CAMILLE in text_of(page)
            assert SESSION in page.headers["Set-Cookie"]
    visits = 3 * (SESSION_LIFETIME - timedelta(days=2))
    with time_machine.travel(start + visits + SESSION_LIFETIME + timedelta(days=1)):
        assert CAMILLE not in text_of(visitor.get("/integration"))
