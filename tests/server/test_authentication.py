"""Who may call /addon/*: the person's own token, or Google's system token with the person's."""

import time
from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from sandbox.google import SCRIPT_CLIENT_ID, SYSTEM_ACCOUNT, GoogleSimulator
from sandbox.google.keys import SigningKey
from sandbox.simulation import Fault
from tests.addon.google.forgery import signed_with_public_key, unsigned, with_claims
from tests.server.calls import CAMILLE, SAM, connect
from tests.server.databases import contents
from tests.support.program import Program

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

OTHER_ACCOUNT = "service-210987654321@gcp-sa-gsuiteaddons.iam.gserviceaccount.com"


def headers_that_prove_nothing(google: GoogleSimulator) -> dict[str, str | None]:
    """Authorization headers, by what is wrong with them."""
    audience, now = SCRIPT_CLIENT_ID, time.time()
    good = google.identity_token(CAMILLE, audience)
    key, other = google.keys.current, SigningKey.generate()
    tokens = {
        "wrong audience": google.identity_token(CAMILLE, "sandbox-google-client"),
        "audience as a part": google.identity_token(CAMILLE, audience[:-1]),
        "expired": google.identity_token(CAMILLE, audience, iat=now - 3700, exp=now - 13),
        "not yet valid": google.identity_token(CAMILLE, audience, iat=now + 13),
        "wrong issuer": google.identity_token(CAMILLE, audience, iss="https://evil.test"),
        "bad signature": google.identity_token(CAMILLE, audience, key=other.private),
        "unknown key": google.identity_token(CAMILLE, audience, key=other.private, kid=other.kid),
        "claims changed": with_claims(good, sub=google.accounts[SAM].sub),
        "alg none": unsigned(good, kid=key.kid),
        "alg HS256": signed_with_public_key(good, kid=key.kid, certificate=key.certificate),
        "another service account": google.system_token(audience, OTHER_ACCOUNT),
        "its address longer": google.system_token(audience, f"x{SYSTEM_ACCOUNT}"),
        "its address unverified": google.system_token(audience, email_verified=False),
        "system token for others": google.system_token("https://other.test/"),
        "not a token": "junk",
    }
    return {
        "none": None,
        "empty": "",
        "no scheme": good,
        "other scheme": f"Basic {good}",
        "no token": "Bearer",
        "two tokens": f"Bearer {good} {good}",
        "two headers in one": f"Bearer {good}, Bearer {good}",
        **{name: f"Bearer {token}" for name, token in tokens.items()},
    }


def post(program: Program, header: str | None, body: Mapping[str, Any], path: str) -> Any:
    headers = {} if header is None else {"Authorization": header}
    return program.http.post(program.url + path, json=body, headers=headers)


def test_whoever_is_not_proven_is_refused_and_nothing_is_done(
    program: Program, engine: sa.Engine
) -> None:
    connect(program)
    body = {
        "authorizationEventObject": {
            "userIdToken": program.google.identity_token(CAMILLE, SCRIPT_CLIENT_ID)
        }
    }
    before = contents(engine)
    program.livestorm.clear_log()
    answers = {
        name: post(program, header, body, "/addon/sign-out")
        for name, header in headers_that_prove_nothing(program.google).items()
    }
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(
        answers, 401
    )
    for answer in answers.values():
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == 401
    assert contents(engine) == before
    assert len(program.livestorm.log) == 0


def test_clocks_may_differ_by_some_seconds(program: Program) -> None:
    now = time.time()
    for token in (
        program.google.identity_token(CAMILLE, SCRIPT_CLIENT_ID, exp=now - 7),
        program.google.identity_token(CAMILLE, SCRIPT_CLIENT_ID, iat=now + 7),
    ):
        assert post(program, f"Bearer {token}", {}, "/addon/home").status_code == 200


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER "])
def test_the_scheme_is_spelt_in_any_way(program: Program, scheme: str) -> None:
    token = program.google.identity_token(CAMILLE, SCRIPT_CLIENT_ID)
    assert post(program, f"{scheme} {token}", {}, "/addon/home").status_code == 200


def test_a_refused_caller_is_refused_whatever_the_body(program: Program) -> None:
    for token in ("junk", program.google.system_token(SCRIPT_CLIENT_ID, OTHER_ACCOUNT)):
        for body in (b"", b"{", b"[]", b'{"calendar": 5}'):
            answer = program.post(
                "/addon/home", data=body, headers={"Authorization": f"Bearer {token}"}
            )
            assert answer.status_code == 401


# The HTTP runtime: Google's system token, and the person's inside the event object


def from_http_runtime(
    program: Program, user_id_token: object, path: str = "/addon/template"
) -> Any:
    authorization = {} if user_id_token is None else {"userIdToken": user_id_token}
    body = {
        "commonEventObject": {"formInputs": {}},
        "authorizationEventObject": authorization,
    }
    system = program.google.system_token(program.url)
    return post(program, f"Bearer {system}", body, path)


def test_the_person_is_the_one_of_the_id_token(program: Program) -> None:
    connect(program)
    token = program.google.identity_token(CAMILLE, SCRIPT_CLIENT_ID)
    assert "Acme" in from_http_runtime(program, token, "/addon/home").text
    sam = program.google.identity_token(SAM, SCRIPT_CLIENT_ID)
    answer = from_http_runtime(program, sam, "/addon/home")
    assert answer.status_code == 200
    assert "Acme" not in answer.text
    assert "/livestorm/connect?ticket=" in answer.text


def test_a_system_token_alone_is_nobody(program: Program, engine: sa.Engine) -> None:
    connect(program)
    google = program.google
    now = time.time()
    before = contents(engine)
    tokens = {
        "none": None,
        "empty": "",
        "junk": "junk",
        "wrong audience": google.identity_token(CAMILLE, "sandbox-google-client"),
        "expired": google.identity_token(CAMILLE, SCRIPT_CLIENT_ID, exp=now - 13),
        "the system token again": google.system_token(program.url),
        "another service account": google.system_token(SCRIPT_CLIENT_ID, OTHER_ACCOUNT),
        "unsigned": unsigned(
            google.identity_token(CAMILLE, SCRIPT_CLIENT_ID), kid=google.keys.current.kid
        ),
    }
    statuses = {
        name: from_http_runtime(program, token).status_code for name, token in tokens.items()
    }
    assert statuses == dict.fromkeys(tokens, 401)
    assert contents(engine) == before


def test_the_bearer_goes_before_the_token_in_the_body(program: Program) -> None:
    """A person's own bearer says who they are; nobody becomes another by an event object."""
    connect(program)
    camille = program.google.identity_token(CAMILLE, SCRIPT_CLIENT_ID)
    answer = program.addon(
        "/addon/home", account=SAM, event={"authorizationEventObject": {"userIdToken": camille}}
    )
    assert answer.status_code == 200
    assert "Acme" not in answer.text


@pytest.fixture
def without_service_account(settings_environment: dict[str, str]) -> None:
    settings_environment["ADDON_SERVICE_ACCOUNT"] = ""


@pytest.mark.usefixtures("without_service_account")
def test_without_a_service_account_no_system_token_is_accepted(program: Program) -> None:
    token = program.google.identity_token(CAMILLE, SCRIPT_CLIENT_ID)
    assert from_http_runtime(program, token).status_code == 401
    unverified = program.google.system_token(program.url, email_verified=False)
    assert post(program, f"Bearer {unverified}", {}, "/addon/home").status_code == 401
    assert program.addon("/addon/home").status_code == 200


# Google's certificates


def fetches(program: Program) -> int:
    return len(program.google.log.matching("GET", "/certs"))


def test_a_new_key_is_found_and_an_old_one_forgotten(program: Program) -> None:
    old = program.google.identity_token(CAMILLE, SCRIPT_CLIENT_ID)
    retired = program.google.identity_token(CAMILLE, SCRIPT_CLIENT_ID, jti="unused")
    assert post(program, f"Bearer {old}", {}, "/addon/home").status_code == 200
    program.google.rotate_keys(retire_old=True)
    for _ in range(3):
        assert program.addon("/addon/home").status_code == 200
    assert fetches(program) == 2
    assert post(program, f"Bearer {retired}", {}, "/addon/home").status_code == 401


def test_made_up_keys_do_not_become_requests_to_google(program: Program) -> None:
    for n in range(40):
        token = program.google.identity_token(CAMILLE, SCRIPT_CLIENT_ID, kid=f"{n}")
        assert post(program, f"Bearer {token}", {}, "/addon/home").status_code == 401
    assert fetches(program) <= 11
    assert program.addon("/addon/home").status_code == 200


def test_an_outage_of_the_certificates_is_never_a_refusal(
    program: Program, engine: sa.Engine
) -> None:
    program.google.faults.add(Fault("status", status=500, path="/certs", times=None))
    answer = program.addon("/addon/home")
    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert int(answer.headers["Retry-After"]) > 0
    assert contents(engine)["users"] == []
    program.google.faults.clear()
    time.sleep(1.1)
    assert program.addon("/addon/home").status_code == 200
