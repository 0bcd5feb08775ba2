"""What holds for every endpoint: who may call it, how it refuses, what it never tells."""

import re
from typing import NamedTuple

import pytest
import requests
import sqlalchemy as sa
from flask import Flask

from addon.product import build
from server import settings
from server.app import create_app
from server.callers import Caller, caller_of, require_declarations
from tests.cards.google_messages import parse_response
from tests.server.calls import CAMILLE, connect
from tests.server.databases import contents
from tests.support.program import Program

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ADDON = ("home", "event", "template", "sync", "conference", "settings-url", "sign-out")
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
TRACES = re.compile(r"Traceback|File \"|line \d+|\.py\b|sqlalchemy|sqlite|psycopg", re.IGNORECASE)


class Endpoint(NamedTuple):
    path: str
    methods: frozenset[str]
    caller: Caller


@pytest.fixture
def endpoints(settings_environment: dict[str, str]) -> list[Endpoint]:
    """Every endpoint of the application, with values for what its path leaves open."""
    values = settings.read(settings_environment)
    product = build(values.options())
    app = create_app(values, product)
    product.engine.dispose()
    found = [
        Endpoint(
            re.sub("<[^>]*>", "unknown", rule.rule),
            frozenset(rule.methods or ()),
            caller_of(app, rule.endpoint),
        )
        for rule in app.url_map.iter_rules()
    ]
    assert len(found) > 12
    return found


@pytest.mark.usefixtures("database_url")
def test_an_endpoint_that_does_not_name_its_callers_is_not_served() -> None:
    app = Flask("careless", root_path=".", static_folder=None)
    app.add_url_rule("/open", view_func=lambda: "for everybody", endpoint="open")
    with pytest.raises(LookupError, match="open"):
        require_declarations(app)


def test_endpoints_of_the_contract_have_the_callers_of_the_contract(
    endpoints: list[Endpoint],
) -> None:
    callers = {endpoint.path: endpoint.caller for endpoint in endpoints}
    assert {path for path, caller in callers.items() if caller is Caller.ANYBODY} == {
        *("/healthz", "/readyz", "/metrics", "/static/unknown")
    }
    addon = {path for path, caller in callers.items() if caller is Caller.ADDON}
    assert addon == {f"/addon/{name}" for name in ADDON}
    assert callers["/livestorm/connect"] is Caller.TICKET
    assert callers["/livestorm/callback"] is Caller.OAUTH_RETURN


def refusal(answer: requests.Response, endpoint: Endpoint, method: str) -> str | None:
    """Say what is wrong with the answer to a caller who proves nothing; None when it is right."""
    told_once = endpoint.path == "/integration/erased"
    expected = {
        Caller.ADDON: {401},
        # A used link from the add-on leads to the page that asks to sign in.
        Caller.TICKET: {303} if endpoint.path == "/integration/from-addon" else {400, 403},
        Caller.OAUTH_RETURN: {403},
        Caller.GOOGLE_PUSH: {204},
        Caller.LIVESTORM_WEBHOOK: {404},
        # A page that asks to sign in; for a form, the refusal for want of its own token.
        # What was erased is told once, to whom it was: others are sent back.
        Caller.PERSON: {400} if method == "POST" else {303} if told_once else {200, 401},
        # Sent to Google, which finds out who it is.
        Caller.VISITOR: {302},
    }
    if answer.status_code not in expected[endpoint.caller]:
        return f"{method} {endpoint.path} answers {answer.status_code}"
    if CAMILLE in answer.text or "Acme" in answer.text:
        return f"{method} {endpoint.path} tells about somebody"
    return None


def test_whoever_proves_nothing_gets_nothing(
    program: Program, engine: sa.Engine, endpoints: list[Endpoint]
) -> None:
    connect(program)
    before = contents(engine)
    program.livestorm.clear_log()
    program.google.clear_log()
    wrong = []
    for endpoint in endpoints:
        if endpoint.caller is Caller.ANYBODY:
            continue
        for method in sorted(endpoint.methods & {"GET", "POST"}):
            for query in ("", "?ticket=made-up&state=made-up&code=made-up"):
                answer = requests.request(
                    method, program.url + endpoint.path + query, allow_redirects=False, timeout=10
                )
                wrong.append(refusal(answer, endpoint, method))
    assert [words for words in wrong if words] == []
    assert len(wrong) >= 2 * (len(ADDON) + 3)
    assert contents(engine) == before
    assert len(program.livestorm.log) == 0
    assert len(program.google.log) == 0


def test_a_wrong_method_is_refused_and_the_right_ones_named(
    program: Program, endpoints: list[Endpoint]
) -> None:
    right: dict[str, frozenset[str]] = {}
    for endpoint in endpoints:
        right[endpoint.path] = right.get(endpoint.path, frozenset()) | endpoint.methods
    for path, methods in right.items():
        for method in METHODS - methods:
            answer = requests.request(method, program.url + path, timeout=10)
            assert answer.status_code == 405, f"{method} {path}"
            allowed = {name.strip() for name in answer.headers["Allow"].split(",")}
            assert allowed == methods, f"{method} {path}"


@pytest.mark.parametrize(
    "path",
    [
        *("/addon", "/addon/", "/addon/nothing", "/addon/home/", "/addon/home/more"),
        *("/hooks", "/hooks/", "/hooks/nothing", "/hooks/livestorm", "/healthz/", "/metrics/all"),
    ],
)
def test_programs_get_problems(program: Program, path: str) -> None:
    answer = program.post(path, headers={"X-Request-ID": "asked-with-this"})
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is nothing at this address.",
        "request_id": "asked-with-this",
    }


@pytest.mark.parametrize("path", ["/", "/nothing", "/livestorm", "/livestorm/nothing", "/addons"])
def test_people_get_pages(program: Program, path: str) -> None:
    answer = program.get(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Page not found" in answer.text
    french = program.get(path, headers={"Accept-Language": "fr-CA,fr;q=0.9"})
    assert "Page introuvable" in french.text
    assert 'lang="fr"' in french.text


# What is said to browsers


def test_every_answer_carries_the_security_headers(program: Program) -> None:
    answers = [
        program.addon("/addon/home"),
        program.post("/addon/home"),
        program.get("/nothing"),
        program.get("/livestorm/connect"),
        program.get("/static/pages.css"),
        program.get("/healthz"),
        program.post("/livestorm/connect"),
        program.get("/addon/home"),
    ]
    assert [answer.status_code for answer in answers] == [200, 401, 404, 403, 200, 200, 400, 405]
    for answer in answers:
        headers = answer.headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Strict-Transport-Security"].startswith("max-age=")
        assert re.fullmatch("[0-9a-f]{32}", headers["X-Request-ID"])
    stored = [answer.headers["Cache-Control"] for answer in answers if "static" not in answer.url]
    assert set(stored) == {"no-store"}


def test_request_ids_are_taken_over_when_they_are_ids(program: Program) -> None:
    def request_id(given: str) -> str:
        return program.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"]

    assert request_id("3f1c-a.b_C9") == "3f1c-a.b_C9"
    made = [request_id(given) for given in ("", "short", "x" * 65, "with space!", "<script>aaaa")]
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in made)
    assert len(set(made)) == len(made)


def test_cookies_are_for_this_server_and_no_script(program: Program) -> None:
    url = re.search(r"http[^\"]*ticket=[\w-]+", program.addon("/addon/home").text)
    assert url is not None
    answer = requests.get(url[0], allow_redirects=False, timeout=10)
    assert answer.status_code == 302
    [cookie] = answer.raw.headers.getlist("Set-Cookie")
    parts = {part.strip().partition("=")[0] for part in cookie.split(";")}
    assert {"Secure", "HttpOnly", "SameSite", "Path"} <= parts
    assert "SameSite=Lax" in cookie
    assert "Domain" not in parts


def test_a_cookie_that_was_changed_is_no_session(program: Program) -> None:
    requests_with = {"Cookie": "livestorm_calendar=eyJwZXJzb24iOiJhIn0.AAAA.AAAA"}
    assert program.get("/livestorm/connect", headers=requests_with).status_code == 403


# Faults of our own


@pytest.fixture
def broken(program: Program, engine: sa.Engine) -> Program:
    """The program on a database that lost the tables of people and tickets."""
    assert program.addon("/addon/home").status_code == 200
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE tickets RENAME TO tickets_lost"))
    return program


@pytest.mark.parametrize("name", ["home", "template", "sign-out"])
def test_a_person_who_is_known_gets_a_card(broken: Program, name: str) -> None:
    answer = broken.addon(f"/addon/{name}", headers={"X-Request-ID": "find-me-by-this"})
    assert answer.status_code == 200
    parse_response(answer.json())
    assert not TRACES.search(answer.text)
    assert "find-me-by-this" in answer.text


def test_calendar_gets_an_error_it_knows(broken: Program) -> None:
    event = {"calendar": {"calendarId": CAMILLE, "id": "abcde"}}
    answer = broken.addon("/addon/conference", event=event)
    assert answer.status_code == 200
    parse_response(answer.json())
    assert '"UNKNOWN"' in answer.text


def test_no_stack_trace_ever_leaves(broken: Program, engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE users RENAME TO users_lost"))
    answers = [
        *(broken.addon(f"/addon/{name}") for name in ADDON if name != "settings-url"),
        broken.get("/livestorm/connect?ticket=abc"),
    ]
    for answer in answers:
        assert answer.status_code == 500
        assert not TRACES.search(answer.text)
        assert answer.headers["X-Request-ID"] in answer.text
        assert "Content-Security-Policy" in answer.headers
    assert answers[0].json()["title"] == "Internal Server Error"
    assert "Something went wrong on our side" in answers[-1].text


def test_a_body_that_is_too_large_is_refused(program: Program) -> None:
    answer = program.addon("/addon/home", event={"padding": "x" * (1024 * 1024)})
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"
    form = {"token": "x" * (1024 * 1024 + 1)}
    assert program.post("/livestorm/connect", data=form).status_code in {400, 413}
