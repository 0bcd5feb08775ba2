"""The OAuth flow, with the simulated Livestorm's consent page."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from addon.livestorm import Credential, FailureKind, Livestorm, LivestormFailure, Urgency, oauth
from addon.livestorm.oauth import OAuthClient, Tokens
from addon.livestorm.protocol import Response
from sandbox.livestorm import LivestormSimulator
from sandbox.simulation import Fault
from tests.addon.livestorm.strategies import any_json

REDIRECT = "https://calendar.example.com/livestorm/callback"
NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def client(simulator: LivestormSimulator) -> OAuthClient:
    return OAuthClient(simulator.url, "sandbox-client", "sandbox-secret")


def consent(url: str, decision: str = "authorize") -> dict[str, list[str]]:
    """Press a button on the consent page; return what the browser carries back."""
    page = requests.get(url, timeout=5)
    assert page.status_code == 200
    form = {"decision": decision, "email": "camille@acme.test"}
    back = requests.post(url, data=form, timeout=5, allow_redirects=False)
    assert back.headers["Location"].startswith(REDIRECT)
    return parse_qs(urlsplit(back.headers["Location"]).query)


def connected(client: OAuthClient) -> Tokens:
    verifier = oauth.new_verifier()
    url = client.authorize_url(redirect_uri=REDIRECT, state="state-1", verifier=verifier)
    answer = consent(url)
    assert answer["state"] == ["state-1"]
    return client.exchange_code(answer["code"][0], redirect_uri=REDIRECT, verifier=verifier)


def fails(client: OAuthClient, refresh_token: str = "x") -> LivestormFailure:
    with pytest.raises(LivestormFailure) as failed:
        client.refresh(refresh_token)
    return failed.value


def test_authorize_url() -> None:
    url = oauth.authorize_url(
        app="https://app.livestorm.co/",
        client_id="client",
        redirect_uri=REDIRECT,
        state="a b&c",
        verifier="v" * 43,
        scopes=("identity:read", "events:write"),
    )

    assert url.startswith("https://app.livestorm.co/oauth/authorize?response_type=code&")
    assert "scope=identity%3Aread%20events%3Awrite" in url
    query = parse_qs(urlsplit(url).query)
    assert query["state"] == ["a b&c"]
    assert query["redirect_uri"] == [REDIRECT]
    assert query["code_challenge_method"] == ["S256"]
    assert "v" * 43 not in url


def test_pkce() -> None:
    # The example of RFC 7636, appendix B.
    challenge = oauth.challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    assert challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

    verifier = oauth.new_verifier()
    assert 43 <= len(verifier) <= 128
    assert verifier != oauth.new_verifier()
    digest = hashlib.sha256(verifier.encode()).digest()
    assert base64.urlsafe_b64decode(oauth.challenge_of(verifier) + "=") == digest


def test_code_becomes_tokens_that_work(client: OAuthClient, simulator: LivestormSimulator) -> None:
    simulator.switches.pkce = "required"
    before = datetime.now(UTC)

    tokens = connected(client)

    assert tokens.refresh_token is not None
    assert tokens.scope.split() == list(oauth.SCOPES)
    assert before + timedelta(seconds=7190) < tokens.expires_at
    assert tokens.expires_at <= datetime.now(UTC) + timedelta(seconds=7200)
    livestorm = Livestorm(api=f"{simulator.url}/v1", allowance=_Open())
    credential = Credential(tokens.authorization, "unknown")
    me = livestorm.as_(credential, urgency=Urgency.PERSON_WAITING).me()
    assert me.user is not None
    assert me.user.email == "camille@acme.test"


class _Open:
    def acquire(self, workspace: str, urgency: Urgency, *, wait_seconds: float) -> None: ...

    def observe(self, workspace: str, limits: object) -> None: ...


def test_refusal_at_the_consent_page(client: OAuthClient) -> None:
    url = client.authorize_url(redirect_uri=REDIRECT, state="s", verifier=oauth.new_verifier())
    assert consent(url, "refuse") == {"error": ["access_denied"], "state": ["s"]}


def test_code_of_another_verifier(client: OAuthClient) -> None:
    url = client.authorize_url(redirect_uri=REDIRECT, state="s", verifier=oauth.new_verifier())
    code = consent(url)["code"][0]

    with pytest.raises(LivestormFailure) as failed:
        client.exchange_code(code, redirect_uri=REDIRECT, verifier=oauth.new_verifier())

    assert failed.value.kind is FailureKind.UNAUTHORIZED
    assert failed.value.detail.startswith("invalid_grant")
    assert not failed.value.maybe_done


def test_code_is_good_for_one_exchange(client: OAuthClient) -> None:
    verifier = oauth.new_verifier()
    url = client.authorize_url(redirect_uri=REDIRECT, state="s", verifier=verifier)
    code = consent(url)["code"][0]
    client.exchange_code(code, redirect_uri=REDIRECT, verifier=verifier)

    with pytest.raises(LivestormFailure) as failed:
        client.exchange_code(code, redirect_uri=REDIRECT, verifier=verifier)
    assert failed.value.kind is FailureKind.UNAUTHORIZED


def test_refresh_keeps_the_new_refresh_token(
    client: OAuthClient, simulator: LivestormSimulator
) -> None:
    simulator.switches.refresh_rotation = "at_once"
    first = connected(client)
    assert first.refresh_token is not None

    second = client.refresh(first.refresh_token)

    assert second.access_token != first.access_token
    assert second.refresh_token not in {None, first.refresh_token}
    assert fails(client, first.refresh_token).kind is FailureKind.UNAUTHORIZED
    assert second.refresh_token is not None
    client.refresh(second.refresh_token)


def test_refresh_keeps_the_old_refresh_token_when_there_is_no_new_one(
    client: OAuthClient, simulator: LivestormSimulator
) -> None:
    simulator.switches.refresh_rotation = "none"
    first = connected(client)
    assert first.refresh_token is not None

    assert client.refresh(first.refresh_token).refresh_token == first.refresh_token


def test_expiry_is_counted_from_before_the_call(
    client: OAuthClient, simulator: LivestormSimulator
) -> None:
    tokens = simulator.world.grant("camille@acme.test")
    simulator.switches.oauth_token_seconds = 60

    with time_machine.travel(NOW, tick=False):
        refreshed = client.refresh(tokens.refresh_token)

    assert refreshed.expires_at == NOW + timedelta(seconds=60)


def test_revoke(client: OAuthClient) -> None:
    tokens = connected(client)
    assert tokens.refresh_token is not None

    client.revoke(tokens.refresh_token)

    assert fails(client, tokens.refresh_token).kind is FailureKind.UNAUTHORIZED
    client.revoke("never known")


def test_wrong_client_is_no_fault_of_the_grant(simulator: LivestormSimulator) -> None:
    wrong = OAuthClient(simulator.url, "sandbox-client", "another-secret")
    grant = simulator.world.grant("camille@acme.test")

    failure = fails(wrong, grant.refresh_token)

    assert failure.kind is FailureKind.FORBIDDEN
    assert failure.detail.startswith("invalid_client")
    with pytest.raises(LivestormFailure) as failed:
        wrong.revoke(grant.refresh_token)
    assert failed.value.kind is FailureKind.FORBIDDEN


def test_lost_answer_may_have_spent_the_refresh_token(
    client: OAuthClient, simulator: LivestormSimulator
) -> None:
    grant = simulator.world.grant("camille@acme.test")
    simulator.faults.add(Fault(kind="drop_after", path="/oauth/token"))

    failure = fails(client, grant.refresh_token)

    assert failure.kind is FailureKind.UNAVAILABLE
    assert failure.maybe_done
    assert len(simulator.log) == 1


def test_livestorm_is_down(client: OAuthClient, simulator: LivestormSimulator) -> None:
    simulator.faults.add(Fault(kind="html500", path="/oauth/"))
    assert fails(client).kind is FailureKind.UNAVAILABLE
    simulator.faults.add(Fault(kind="status", status=429, retry_after=7, path="/oauth/"))
    limited = fails(client)
    assert (limited.kind, limited.retry_after) == (FailureKind.RATE_LIMITED, 7)


def test_secrets_stay_out_of_reprs(client: OAuthClient) -> None:
    tokens = Tokens("access-secret", "refresh-secret", NOW, "identity:read")
    assert "secret" not in repr(tokens)
    assert "sandbox-secret" not in repr(client)


def read(status: int, body: object) -> Tokens:
    return oauth.read_tokens(Response(status, {}, json.dumps(body).encode()), NOW)


@pytest.mark.parametrize(
    ("expires_in", "lifetime"),
    [(60, 60), ("60", 60), (None, 7200), (0, 7200), (-5, 7200), (10**30, 7200), ("soon", 7200)],
)
def test_lifetimes(expires_in: object, lifetime: int) -> None:
    tokens = read(200, {"access_token": "a", "token_type": "bearer", "expires_in": expires_in})
    assert tokens.expires_at == NOW + timedelta(seconds=lifetime)
    assert tokens.refresh_token is None
    assert tokens.scope == ""


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"access_token": ""},
        {"access_token": None},
        {"access_token": "two words"},
        {"access_token": "line\r\nX-Other: header"},
        {"access_token": "é"},
        {"access_token": "a", "token_type": "mac"},
        [],
        None,
    ],
)
def test_unreadable_token_answers(body: object) -> None:
    with pytest.raises(LivestormFailure) as failed:
        read(200, body)
    assert failed.value.kind is FailureKind.UNREADABLE
    assert failed.value.maybe_done


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"error": "invalid_grant"}, FailureKind.UNAUTHORIZED),
        (401, {"error": "invalid_grant"}, FailureKind.UNAUTHORIZED),
        (401, {"error": "invalid_client"}, FailureKind.FORBIDDEN),
        (400, {"error": "unauthorized_client"}, FailureKind.FORBIDDEN),
        (400, {"error": "invalid_scope"}, FailureKind.FORBIDDEN),
        (401, {}, FailureKind.FORBIDDEN),
        (400, {"error": "invalid_request"}, FailureKind.INVALID),
        (404, {}, FailureKind.UNREADABLE),
        (500, {"error": "invalid_grant"}, FailureKind.UNAVAILABLE),
        (302, {}, FailureKind.UNREADABLE),
    ],
)
def test_refusals(status: int, body: object, kind: FailureKind) -> None:
    with pytest.raises(LivestormFailure) as failed:
        read(status, body)
    assert failed.value.kind is kind
    assert failed.value.status == status


@given(st.sampled_from([200, 400, 401]), any_json)
def test_any_json_is_tokens_or_a_failure(status: int, body: object) -> None:
    try:
        tokens = read(status, body)
    except LivestormFailure:
        return
    assert status == 200
    assert tokens.authorization.isprintable()
