"""The OAuth code flow (docs/livestorm.md §2)."""

import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import time_machine

from sandbox.livestorm import LivestormSimulator
from tests.sandbox.livestorm.conftest import Api

CALLBACK = "http://127.0.0.1:9/livestorm/callback"
VERIFIER = "v" * 64
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
)
SECRET = {"client_id": "sandbox-client", "client_secret": "sandbox-secret"}


def authorize(
    sim: LivestormSimulator, decision: str = "authorize", **changes: str | None
) -> requests.Response:
    """Answer the consent page as Sam, and return the redirect."""
    query = {
        "response_type": "code",
        "client_id": "sandbox-client",
        "redirect_uri": CALLBACK,
        "scope": "identity:read events:write",
        "state": "s1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changes,
    }
    return requests.post(
        f"{sim.url}/oauth/authorize",
        params={name: value for name, value in query.items() if value is not None},
        data={"email": "sam@acme.test", "decision": decision},
        allow_redirects=False,
    )


def back(answer: requests.Response) -> dict[str, str]:
    """Return what the redirect carries."""
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"].startswith(CALLBACK)
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()}


def token(sim: LivestormSimulator, **fields: str) -> requests.Response:
    return requests.post(f"{sim.url}/oauth/token", data={**SECRET, **fields})


def exchange(sim: LivestormSimulator, code: str, **changes: str) -> requests.Response:
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
        **changes,
    }
    return token(sim, **fields)


def refresh(sim: LivestormSimulator, refresh_token: str) -> requests.Response:
    return token(sim, grant_type="refresh_token", refresh_token=refresh_token)


def ping(sim: LivestormSimulator, access_token: str) -> int:
    return Api(f"{sim.url}/v1", f"Bearer {access_token}").get("/ping").status_code


@pytest.fixture
def tokens(sim: LivestormSimulator) -> dict[str, str]:
    return dict(exchange(sim, back(authorize(sim))["code"]).json())


def test_the_consent_page_names_people_and_scopes(sim: LivestormSimulator) -> None:
    """§2: a page of the application's host."""
    query = {
        "response_type": "code",
        "client_id": "sandbox-client",
        "redirect_uri": CALLBACK,
        "scope": "events:read",
    }
    english = requests.get(f"{sim.url}/oauth/authorize", params=query)
    assert english.status_code == 200
    assert "sam@acme.test" in english.text
    assert "See your events" in english.text
    french = requests.get(
        f"{sim.url}/oauth/authorize", params=query, headers={"Accept-Language": "fr-FR,fr;q=0.9"}
    )
    assert "Autoriser" in french.text


def test_code_flow(sim: LivestormSimulator) -> None:
    """§2: code and state come back; the answer has Doorkeeper's members."""
    answer = back(authorize(sim))
    assert answer["state"] == "s1"
    issued = exchange(sim, answer["code"])
    assert issued.status_code == 200
    assert issued.headers["Cache-Control"] == "no-store"
    document = issued.json()
    assert set(document) == {
        "access_token",
        "token_type",
        "expires_in",
        "refresh_token",
        "scope",
        "created_at",
    }
    assert (document["token_type"], document["expires_in"]) == ("Bearer", 7200)
    assert document["scope"] == "identity:read events:write"
    me = Api(f"{sim.url}/v1", f"Bearer {document['access_token']}").get("/me").json()
    assert me["data"]["attributes"]["email"] == "sam@acme.test"


def test_granted_scopes_bind(sim: LivestormSimulator, tokens: dict[str, str]) -> None:
    """§1.2, §2."""
    sam = Api(f"{sim.url}/v1", f"Bearer {tokens['access_token']}")
    assert sam.get("/events").status_code == 200
    assert sam.get("/webhooks").status_code == 403


def test_deny(sim: LivestormSimulator) -> None:
    """§2."""
    assert back(authorize(sim, decision="deny")) == {"error": "access_denied", "state": "s1"}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "event:read"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_wrong_requests_go_back_with_an_error(
    sim: LivestormSimulator, changes: dict[str, str], error: str
) -> None:
    """§2: scopes are plural nouns."""
    assert back(authorize(sim, **changes))["error"] == error


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"client_id": "nobody"}, 401),
        ({"redirect_uri": "http://evil.test/"}, 400),
        ({"redirect_uri": "nonsense"}, 400),
    ],
)
def test_nobody_is_sent_to_a_wrong_place(
    sim: LivestormSimulator, changes: dict[str, str], status: int
) -> None:
    """§2: an error page instead of a redirect."""
    answer = authorize(sim, **changes)
    assert answer.status_code == status
    assert "Location" not in answer.headers


def test_strict_redirects(sim: LivestormSimulator) -> None:
    """§2: only what was registered."""
    sim.switches.redirect_uris = "strict"
    assert authorize(sim).status_code == 400


def test_pkce_is_optional(sim: LivestormSimulator) -> None:
    """§2: until a switch requires it."""
    plain: dict[str, str | None] = {"code_challenge": None, "code_challenge_method": None}
    code = back(authorize(sim, "authorize", **plain))["code"]
    assert exchange(sim, code).status_code == 200
    sim.switches.pkce = "required"
    assert back(authorize(sim, "authorize", **plain))["error"] == "invalid_request"


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 64},
        {"code_verifier": ""},
        {"redirect_uri": "http://127.0.0.1:9/other"},
        {"code": "nonsense"},
    ],
)
def test_a_code_needs_its_verifier_and_redirect(
    sim: LivestormSimulator, changes: dict[str, str]
) -> None:
    """§2."""
    answer = exchange(sim, **{"code": back(authorize(sim))["code"], **changes})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_code_is_spent_once_and_in_time(sim: LivestormSimulator) -> None:
    """§2: ten minutes."""
    with time_machine.travel(1_900_000_000, tick=False) as clock:
        code = back(authorize(sim))["code"]
        late = back(authorize(sim))["code"]
        assert exchange(sim, code).status_code == 200
        assert exchange(sim, code).json()["error"] == "invalid_grant"
        clock.shift(600)
        assert exchange(sim, late).json()["error"] == "invalid_grant"


def test_wrong_secret(sim: LivestormSimulator) -> None:
    """§2."""
    code = back(authorize(sim))["code"]
    answer = exchange(sim, code, client_secret="wrong")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert token(sim, grant_type="password").json()["error"] == "unsupported_grant_type"


def test_parameters_in_the_query_and_basic_authentication(sim: LivestormSimulator) -> None:
    """§2: both seen in the wild."""
    fields = {
        "grant_type": "authorization_code",
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    for how in ("query", "basic"):
        code = back(authorize(sim))["code"]
        params = {**fields, "code": code}
        if how == "query":
            answer = requests.post(f"{sim.url}/oauth/token", params={**params, **SECRET})
        else:
            secret = ("sandbox-client", "sandbox-secret")
            answer = requests.post(f"{sim.url}/oauth/token", data=params, auth=secret)
        assert answer.status_code == 200, how


def test_the_api_host_has_no_token_endpoint(sim: LivestormSimulator) -> None:
    """§2: it is on the application's host."""
    assert requests.post(f"{sim.url}/v1/oauth/token", data=SECRET).status_code in (401, 404)


def test_access_tokens_expire(sim: LivestormSimulator) -> None:
    """§2: lifetime by switch."""
    sim.switches.oauth_token_seconds = 60
    with time_machine.travel(1_900_000_000, tick=False) as clock:
        issued = exchange(sim, back(authorize(sim))["code"]).json()
        clock.shift(59)
        assert ping(sim, issued["access_token"]) == 200
        clock.shift(1)
        assert ping(sim, issued["access_token"]) == 401
        renewed = refresh(sim, issued["refresh_token"]).json()
        assert ping(sim, renewed["access_token"]) == 200


def test_rotation_until_first_use(sim: LivestormSimulator, tokens: dict[str, str]) -> None:
    """§2: Doorkeeper's default: the old pair dies with the first use of the new one."""
    renewed = refresh(sim, tokens["refresh_token"]).json()
    assert renewed["refresh_token"] != tokens["refresh_token"]
    assert ping(sim, tokens["access_token"]) == 200
    assert refresh(sim, tokens["refresh_token"]).status_code == 200
    assert ping(sim, renewed["access_token"]) == 200
    assert ping(sim, tokens["access_token"]) == 401
    spent = refresh(sim, tokens["refresh_token"])
    assert (spent.status_code, spent.json()["error"]) == (400, "invalid_grant")


def test_rotation_at_once(sim: LivestormSimulator, tokens: dict[str, str]) -> None:
    """§2: the harder case."""
    sim.switches.refresh_rotation = "at_once"
    assert refresh(sim, tokens["refresh_token"]).status_code == 200
    assert refresh(sim, tokens["refresh_token"]).status_code == 400
    assert ping(sim, tokens["access_token"]) == 401


def test_no_rotation(sim: LivestormSimulator, tokens: dict[str, str]) -> None:
    """§2: the answer may lack a refresh token; the old one stays."""
    sim.switches.refresh_rotation = "none"
    assert "refresh_token" not in refresh(sim, tokens["refresh_token"]).json()
    assert refresh(sim, tokens["refresh_token"]).status_code == 200


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
def test_revoke(sim: LivestormSimulator, tokens: dict[str, str], which: str) -> None:
    """§2: by either token; both are dead then, and the 401 says so."""
    answer = requests.post(f"{sim.url}/oauth/revoke", data={**SECRET, "token": tokens[which]})
    assert answer.status_code == 200
    refused = Api(f"{sim.url}/v1", f"Bearer {tokens['access_token']}").get("/ping")
    assert refused.status_code == 401
    assert "revoked" in refused.headers["WWW-Authenticate"]
    assert refresh(sim, tokens["refresh_token"]).status_code == 400


def test_revoke_needs_the_client(sim: LivestormSimulator, tokens: dict[str, str]) -> None:
    """RFC 7009 §2.1, §2.2: an unknown token is no error, an unknown client is."""
    url = f"{sim.url}/oauth/revoke"
    assert requests.post(url, data={"token": tokens["access_token"]}).status_code == 401
    assert requests.post(url, data={**SECRET, "token": "nonsense"}).status_code == 200
    assert ping(sim, tokens["access_token"]) == 200


def test_introspect(sim: LivestormSimulator, tokens: dict[str, str]) -> None:
    """§2: Doorkeeper's endpoint."""
    url = f"{sim.url}/oauth/introspect"
    shown = requests.post(url, data={**SECRET, "token": tokens["access_token"]}).json()
    assert shown["active"] is True
    assert requests.post(url, data={**SECRET, "token": "no"}).json() == {"active": False}


def test_a_shortcut_for_tests(sim: LivestormSimulator) -> None:
    """world.grant gives what the flow gives."""
    granted = sim.world.grant("camille@acme.test", ["identity:read"])
    me = Api(f"{sim.url}/v1", f"Bearer {granted.access_token}").get("/me").json()
    assert me["data"]["attributes"]["role"] == "host"
    with pytest.raises(LookupError):
        sim.world.grant("nobody@acme.test")
