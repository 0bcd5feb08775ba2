"""Who may call, how often, and how refusals look (docs/livestorm.md §1, §2)."""

import base64
import json
import time
from collections.abc import Callable

import pytest
import requests
import time_machine

from sandbox.livestorm import LivestormSimulator
from tests.sandbox.livestorm.conftest import Api

MakeApi = Callable[..., Api]


@pytest.fixture
def as_(base: str) -> MakeApi:
    return lambda authorization: Api(base, authorization)


def test_private_token_goes_without_prefix(api: Api) -> None:
    """§1.2, §1.7: the raw token opens /ping, which answers 200 with an empty body."""
    answer = api.get("/ping")
    assert (answer.status_code, answer.content) == (200, b"")


def test_private_token_is_a_jwt_of_the_workspace(sim: LivestormSimulator) -> None:
    """§1.2: aud, jti, iat and org; no user, no expiry."""
    payload = sim.world.api_token().split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert set(claims) == {"aud", "jti", "iat", "org"}
    assert claims["aud"] == "api.livestorm.co"
    assert claims["org"] == sim.world.workspace.id


def test_private_token_with_bearer_is_looked_up_at_doorkeeper(
    sim: LivestormSimulator, as_: MakeApi
) -> None:
    """§1.2: the trap: 401 with Doorkeeper's challenge."""
    answer = as_(f"Bearer {sim.world.api_token()}").get("/ping")
    assert answer.status_code == 401
    challenge = answer.headers["WWW-Authenticate"]
    assert 'Bearer realm="Doorkeeper"' in challenge
    assert 'error="invalid_token"' in challenge


@pytest.mark.parametrize("authorization", [None, "nonsense", ""])
def test_a_bad_raw_token_is_refused_in_json(as_: MakeApi, authorization: str | None) -> None:
    """§1.2, §1.5: 401 with an errors document of strings."""
    answer = as_(authorization).get("/ping")
    assert answer.status_code == 401
    assert "WWW-Authenticate" not in answer.headers
    (error,) = answer.json()["errors"]
    assert error["status"] == "unauthorized"
    assert error["code"] == "401"
    assert set(error) == {"title", "detail", "code", "status"}
    assert all(isinstance(value, str) for value in error.values())


def test_an_oauth_token_needs_bearer(sim: LivestormSimulator, as_: MakeApi) -> None:
    """§1.2."""
    token = sim.world.grant("sam@acme.test").access_token
    assert as_(f"Bearer {token}").get("/ping").status_code == 200
    assert as_(token).get("/ping").status_code == 401


def test_bearer_401_body_is_a_switch(sim: LivestormSimulator, as_: MakeApi) -> None:
    """§1.2."""
    assert as_("Bearer no").get("/ping").content == b""
    sim.switches.bearer_401_body = "errors"
    assert as_("Bearer no").get("/ping").json()["errors"][0]["code"] == "401"


def test_answers_are_json_api(api: Api) -> None:
    """§1.1."""
    content_type = api.get("/organization").headers["Content-Type"]
    assert content_type.startswith("application/vnd.api+json")


@pytest.mark.parametrize("media_type", ["application/json", "application/vnd.api+json"])
def test_both_media_types_are_taken(api: Api, media_type: str) -> None:
    """§1.1."""
    owner = api.people_id("sam@acme.test")
    body = {"data": {"type": "events", "attributes": {"title": "T", "owner_id": owner}}}
    answer = api.session.post(
        f"{api.base}/events", data=json.dumps(body), headers={"Content-Type": media_type}
    )
    assert answer.status_code == 201


def test_me_of_an_oauth_token_is_the_user(sam: Api, sim: LivestormSimulator) -> None:
    """§1.7."""
    document = sam.get("/me", include="organization").json()
    assert document["data"]["type"] == "users"
    assert document["data"]["attributes"]["email"] == "sam@acme.test"
    assert document["data"]["attributes"]["role"] == "moderator"
    organization = document["data"]["relationships"]["organization"]["data"]
    assert organization == {"type": "organizations", "id": sim.world.workspace.id}
    assert document["included"][0]["attributes"]["name"] == "Acme"
    assert "included" not in sam.get("/me").json()


def test_me_of_a_private_token_is_the_organization(api: Api) -> None:
    """§1.7."""
    data = api.get("/me").json()["data"]
    assert data["type"] == "organizations"
    assert data["attributes"] == {"name": "Acme", "slug": "acme", "parent_id": None}


def test_organization(api: Api, sim: LivestormSimulator) -> None:
    """§1.7."""
    data = api.get("/organization").json()["data"]
    assert (data["id"], data["type"]) == (sim.world.workspace.id, "organizations")


@pytest.mark.parametrize(
    ("scopes", "path", "status"),
    [
        (["events:read"], "/events", 200),
        (["events:write"], "/events", 200),
        (["identity:read"], "/events", 403),
        (["events:read"], "/me", 403),
        (["events:read"], "/users", 403),
        (["admin:read"], "/users", 200),
        (["admin:read"], "/organization", 200),
        (["events:read"], "/webhooks", 403),
        (["webhooks:write"], "/webhooks", 200),
        ([], "/ping", 200),
    ],
)
def test_scopes(
    sim: LivestormSimulator, as_: MakeApi, scopes: list[str], path: str, status: int
) -> None:
    """§1.2: entity by level, write includes read; /ping needs none."""
    assert as_(sim.world.api_token(scopes=scopes)).get(path).status_code == status


def test_reading_does_not_write(sim: LivestormSimulator, as_: MakeApi) -> None:
    """§1.2."""
    reader = as_(sim.world.api_token(scopes=["events:read"]))
    assert reader.post("/events", "events", {"title": "No"}).status_code == 403
    assert sim.world.events == {}


def test_missing_scope_status_is_a_switch(sim: LivestormSimulator, as_: MakeApi) -> None:
    """§1.5: one page says 403, another 401."""
    sim.switches.missing_scope = 401
    assert as_(sim.world.api_token(scopes=[])).get("/events").status_code == 401


def test_a_workspace_that_is_not_validated_is_blocked(sim: LivestormSimulator, api: Api) -> None:
    """§1.2, §1.5."""
    sim.world.workspace.validated = False
    answer = api.get("/ping")
    assert answer.status_code == 403
    assert answer.json()["errors"][0]["detail"] == "Workspace blocked"


def test_payment_required_is_a_switch(sim: LivestormSimulator, api: Api) -> None:
    """§1.5, §3.5: the contacts allowance refuses registrations."""
    _, session_id = api.event_with_session()
    sim.switches.payment_required = "registrations"
    assert api.register(session_id, "a@b.test").status_code == 402
    assert api.get("/events").status_code == 200
    sim.switches.payment_required = "everything"
    assert api.get("/events").status_code == 402


def test_html_500_is_a_switch(sim: LivestormSimulator, api: Api) -> None:
    """§1.1: unexpected failures may be HTML."""
    sim.switches.html_500 = True
    answer = api.get("/events")
    assert answer.status_code == 500
    assert answer.headers["Content-Type"].startswith("text/html")


def test_workspaces_do_not_see_each_other(sim: LivestormSimulator, as_: MakeApi) -> None:
    """§1.2: a token belongs to one workspace."""
    event = sim.world.add_event("Ours")
    other = sim.world.add_workspace("Globex", [("hank@globex.test", "Hank", "Scorpio")])
    stranger = as_(sim.world.api_token(other))
    assert stranger.get(f"/events/{event.id}").status_code == 404
    assert stranger.get("/events").json()["data"] == []


def test_limit_headers_are_on_every_answer(api: Api) -> None:
    """§1.6."""
    headers = api.get("/ping").headers
    assert headers["RateLimit-Monthly-Limit"] == "10000"
    assert headers["RateLimit-Monthly-Remaining"] == "9999"
    assert headers["RateLimit-Interval-Limit"] == "5"
    assert headers["RateLimit-Interval-Remaining"] == "4"
    assert int(headers["RateLimit-Reset"]) > time.time()
    assert "Retry-After" not in headers


def test_old_spelling_of_the_monthly_headers(sim: LivestormSimulator, api: Api) -> None:
    """§1.6: 2021 wrote Montly."""
    sim.switches.monthly_header_spelling = "Montly"
    assert api.get("/ping").headers["RateLimit-Montly-Limit"] == "10000"


@pytest.mark.parametrize("window", ["fixed", "sliding"])
def test_six_calls_in_a_second_are_one_too_many(
    sim: LivestormSimulator, api: Api, window: str
) -> None:
    """§1.5, §1.6: 429 with Retry-After and the words of the throttle."""
    sim.switches.change({"limits_enabled": True, "limit_window": window})
    with time_machine.travel(1_900_000_000.2, tick=False) as clock:
        statuses = [api.get("/ping").status_code for _ in range(5)]
        refused = api.get("/ping")
        assert (statuses, refused.status_code) == ([200] * 5, 429)
        assert refused.headers["Retry-After"] == "1"
        assert refused.headers["RateLimit-Interval-Remaining"] == "0"
        assert "throttle limit" in refused.json()["errors"][0]["detail"]
        clock.shift(0.9)
        # A new second of the clock, but not yet a whole second after the first five.
        assert api.get("/ping").status_code == (200 if window == "fixed" else 429)
        clock.shift(0.2)
        assert api.get("/ping").status_code == 200


def test_the_month_starts_with_the_first_call(sim: LivestormSimulator, api: Api) -> None:
    """§1.6: 30 days from the first request, refused calls cost nothing."""
    sim.switches.change({"limits_enabled": True, "limit_per_month": 2})
    with time_machine.travel(1_900_000_000, tick=False) as clock:
        assert [api.get("/ping").status_code for _ in range(3)] == [200, 200, 429]
        clock.shift(10)
        refused = api.get("/ping")
        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == str(30 * 86400 - 10)
        assert refused.headers["RateLimit-Reset"] == str(1_900_000_000 + 30 * 86400)
        assert refused.headers["RateLimit-Monthly-Remaining"] == "0"
        clock.shift(30 * 86400)
        assert api.get("/ping").status_code == 200


def test_the_allowance_belongs_to_the_workspace(sim: LivestormSimulator, as_: MakeApi) -> None:
    """§1.6: by default all tokens of a workspace share it, other workspaces do not."""
    other = sim.world.add_workspace("Globex", [("hank@globex.test", "Hank", "Scorpio")])
    tokens = [sim.world.api_token(), sim.world.api_token(scopes=["events:read"])]
    stranger = as_(sim.world.api_token(other))
    sim.switches.change({"limits_enabled": True, "limit_per_month": 1})
    assert [as_(token).get("/ping").status_code for token in tokens] == [200, 429]
    assert stranger.get("/ping").status_code == 200
    sim.switches.limit_scope = "token"
    assert [as_(token).get("/ping").status_code for token in tokens] == [200, 200]


def test_unknown_paths_and_methods(api: Api) -> None:
    """§1.5, §3.4: POST /v1/sessions is not documented; nor is anything else here."""
    assert api.get("/conferences").status_code == 404
    assert api.post("/sessions", "sessions", {}).status_code == 404
    assert api.get("/conferences").json()["errors"][0]["code"] == "404"


def test_a_fault_speaks_livestorm(sim: LivestormSimulator, api: Api) -> None:
    """§1.5: injected errors have the same form as real ones."""
    added = requests.post(
        f"{sim.url}/_control/faults",
        json={"kind": "status", "path": "/v1/events$", "status": 429, "retry_after": 3},
    )
    assert added.status_code == 201
    answer = api.get("/events")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")
    assert answer.json()["errors"][0]["code"] == "429"
    assert api.get("/events").status_code == 200


def test_reset_keeps_the_private_token(sim: LivestormSimulator, api: Api) -> None:
    """The sandbox can be reset without connecting anew with a token."""
    api.create_event()
    sim.reset()
    assert api.get("/ping").status_code == 200
    assert sim.world.events == {}
    assert sim.switches.limits_enabled
