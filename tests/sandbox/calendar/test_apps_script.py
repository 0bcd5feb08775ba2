"""What Google's servers do for a running script."""

import base64
import json
import socket
from typing import Any

import pytest
import requests

from sandbox.calendar.apps_script import fetched
from sandbox.calendar.project import Project
from sandbox.google import GoogleSimulator
from tests.sandbox.calendar.scripted_add_on import ScriptedAddOn


@pytest.fixture
def fetch(http: requests.Session, page_url: str) -> Any:
    def ask(url: str, **options: Any) -> Any:
        asked = {
            "url": url,
            "method": "post",
            "headers": {},
            "contentType": None,
            "payload": None,
            "followRedirects": False,
            "timeoutSeconds": 5,
            **options,
        }
        return http.post(f"{page_url}/apps_script/fetch", json=asked, timeout=10).json()

    return ask


def test_a_request_goes_out_as_the_script_wrote_it(fetch: Any, add_on: ScriptedAddOn) -> None:
    add_on.answers["/addon/home"] = {"hello": "é"}

    answer = fetch(
        f"{add_on.url}/addon/home",
        headers={"Authorization": "Bearer abc"},
        contentType="application/json",
        payload='{"a": "é"}',
    )

    assert answer["status"] == 200
    assert json.loads(answer["body"]) == {"hello": "é"}
    assert add_on.calls == [("/addon/home", {"a": "é"})]
    assert add_on.headers[0]["Authorization"] == "Bearer abc"


def test_an_error_status_is_an_answer(fetch: Any, add_on: ScriptedAddOn) -> None:
    answer = fetch(f"{add_on.url}/addon/home", contentType="application/json", payload="{}")

    assert (answer["status"], answer["body"]) == (404, "nothing scripted")


def test_an_answer_that_takes_too_long_is_a_timeout(fetch: Any, add_on: ScriptedAddOn) -> None:
    add_on.gate.clear()
    url = f"{add_on.url}/addon/home"

    answer = fetch(url, contentType="application/json", payload="{}", timeoutSeconds=0.2)

    assert answer == {"error": f"Timeout: {url}"}


def test_what_the_manifest_does_not_list_is_not_called(fetch: Any, google: GoogleSimulator) -> None:
    answer = fetch(f"{google.url}/calendar/v3/calendars/primary/events")

    assert "allowlist" in answer["error"]
    assert list(google.log) == []


def test_a_server_that_is_away_is_said() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        away = f"http://127.0.0.1:{closed.getsockname()[1]}"
    project = Project(program_url=away, livestorm_url="http://127.0.0.1:1")

    answer = fetched(
        project,
        {"url": f"{away}/addon/home", "method": "get", "followRedirects": 0, "timeoutSeconds": 5},
    )

    assert answer == {"error": f"Address unavailable: {away}/addon/home"}


def test_the_identity_token_is_the_signed_in_persons(http: requests.Session, page_url: str) -> None:
    http.put(f"{page_url}/page/api/account", json={"email": "sam@acme.test"}, timeout=10)

    token = http.get(f"{page_url}/apps_script/identity_token", timeout=10).json()["token"]

    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["aud"] == "sandbox-script-client"
    assert claims["email"] == "sam@acme.test"


def test_the_oauth_token_opens_the_persons_calendar(
    http: requests.Session, page_url: str, google: GoogleSimulator
) -> None:
    token = http.get(f"{page_url}/apps_script/oauth_token", timeout=10).json()["token"]

    answer = requests.get(
        f"{google.url}/calendar/v3/calendars/primary/events/absent",
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )

    # 404 and not 401 or 403: the token was good for reading events.
    assert answer.status_code == 404


def test_only_scripts_of_the_project_are_served(http: requests.Session, page_url: str) -> None:
    assert http.get(f"{page_url}/apps_script/project/config.js", timeout=10).status_code == 200
    assert http.get(f"{page_url}/apps_script/project/other.js", timeout=10).status_code == 404
