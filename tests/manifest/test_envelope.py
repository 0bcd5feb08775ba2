"""What the bridge sends: the event object of Google's HTTP runtime, as the user."""

import json
from typing import Any

import pytest

from tests.manifest.platform import IDENTITY_TOKEN, OAUTH_TOKEN, Bridge

pytestmark = pytest.mark.browser

CARD = {"header": {"title": "Livestorm"}}
PUSH = {"action": {"navigations": [{"pushCard": CARD}]}}

COMMON = {
    "hostApp": "CALENDAR",
    "platform": "WEB",
    "userLocale": "fr-FR",
    "timeZone": {"id": "Europe/Paris", "offset": "7200000"},
}

TOKENS = {"userOAuthToken": OAUTH_TOKEN, "userIdToken": IDENTITY_TOKEN}


def test_homepage_is_posted_as_the_user(bridge: Bridge) -> None:
    bridge.server.answer("/addon/home", PUSH)

    bridge.call("onHomepage", {"commonEventObject": COMMON, "hostApp": "calendar"})

    call = bridge.server.last
    assert call.path == "/addon/home"
    assert call.headers["Authorization"] == f"Bearer {IDENTITY_TOKEN}"
    assert call.headers["Content-Type"] == "application/json"
    assert call.body == {"commonEventObject": COMMON, "authorizationEventObject": TOKENS}


def test_an_opened_event_is_told_as_google_told_it(bridge: Bridge) -> None:
    bridge.server.answer("/addon/event", PUSH)
    calendar = {
        "calendarId": "camille@acme.test",
        "id": "abc_20261124T090000Z",
        "recurringEventId": "abc",
        "organizer": {"email": "sam@acme.test"},
    }

    bridge.call("onEventOpen", {"commonEventObject": COMMON, "calendar": calendar})

    assert bridge.server.last.path == "/addon/event"
    assert bridge.server.last.body["calendar"] == calendar


def test_a_new_conference_names_the_calendar_and_the_event(bridge: Bridge) -> None:
    bridge.page.evaluate("AppsScriptSandbox.configure({userLocale: 'fr'})")

    bridge.call("createConference", {"eventData": {"calendarId": "cal@acme.test", "eventId": "e1"}})

    assert bridge.server.last.path == "/addon/conference"
    assert bridge.server.last.body == {
        "commonEventObject": {"hostApp": "CALENDAR", "userLocale": "fr"},
        "authorizationEventObject": TOKENS,
        "calendar": {"calendarId": "cal@acme.test", "id": "e1"},
    }


def test_a_click_carries_parameters_and_form_but_nothing_of_the_bridge(bridge: Bridge) -> None:
    bridge.server.answer("/addon/template", PUSH)
    form = {"template_id": {"stringInputs": {"value": ["42"]}}}
    (widget,) = bridge.widgets(
        button(
            {
                "function": f"{bridge.server.url}/addon/template",
                "parameters": [{"key": "from", "value": "panel"}],
            }
        )
    )

    bridge.click(widget["buttonList"]["buttons"][0]["onClick"], formInputs=form, **COMMON)

    assert bridge.server.last.path == "/addon/template"
    assert bridge.server.last.body["commonEventObject"] == {
        **COMMON,
        "parameters": {"from": "panel"},
        "formInputs": form,
    }


@pytest.mark.parametrize("given", [{}, {"formInputs": None}, {"formInputs": ["damaged"]}])
def test_a_form_goes_on_as_it_came_or_did_not(bridge: Bridge, given: dict[str, Any]) -> None:
    bridge.server.answer("/addon/template", PUSH)
    (widget,) = bridge.widgets(button({"function": f"{bridge.server.url}/addon/template"}))
    bridge.click(widget["buttonList"]["buttons"][0]["onClick"], **given)
    carried = bridge.server.last.body["commonEventObject"]
    assert {name: carried[name] for name in carried if name == "formInputs"} == given


def test_sign_out_and_settings_go_to_their_endpoints(bridge: Bridge) -> None:
    bridge.server.answer("/addon/sign-out", PUSH)
    bridge.server.answer("/addon/settings-url", {"hostAppAction": {}})

    bridge.call("onSignOut", {"commonEventObject": COMMON})
    bridge.call("createSettingsUrl")

    assert [call.path for call in bridge.server.calls] == ["/addon/sign-out", "/addon/settings-url"]
    assert all(call.body["authorizationEventObject"] == TOKENS for call in bridge.server.calls)


@pytest.mark.parametrize("given", [None, 7, "event", [], {"commonEventObject": None}])
def test_an_event_object_of_another_form_still_makes_an_envelope(
    bridge: Bridge, given: object
) -> None:
    bridge.server.answer("/addon/home", PUSH)

    bridge.call("onHomepage", given)

    assert bridge.server.last.body == {
        "commonEventObject": {"hostApp": "CALENDAR", "userLocale": "en"},
        "authorizationEventObject": TOKENS,
    }


def test_the_wait_stays_under_googles_limits(bridge: Bridge) -> None:
    bridge.server.answer("/addon/home", PUSH)

    bridge.call("onHomepage", {})
    bridge.call("createConference", {"eventData": {}})

    card, conference = bridge.apps_script.fetches
    # 30 s is what Google gives a function; 8 s is what the server takes for a conference at most.
    assert card["timeoutSeconds"] <= 25
    assert 8 < conference["timeoutSeconds"] <= 15


def test_redirects_are_not_followed(bridge: Bridge) -> None:
    bridge.server.answer("/addon/home", PUSH)

    bridge.call("onHomepage", {})

    assert bridge.apps_script.fetches[0]["followRedirects"] is False


def test_no_token_is_ever_logged(bridge: Bridge) -> None:
    bridge.call("onHomepage", {})
    bridge.apps_script.identity_token = None
    bridge.call("onHomepage", {})

    assert len(bridge.log) >= 2
    assert not [line for line in bridge.log if IDENTITY_TOKEN in line or OAUTH_TOKEN in line]


def foreign_urls(own: str) -> list[str]:
    port = own.rsplit(":", 1)[1]
    return [
        "https://evil.example/addon/home",
        f"{own}.evil.example/addon/home",
        f"http://127.0.0.1:{port}@evil.example/",
        f"{own}@evil.example/",
        own,
        "/addon/home",
        "javascript:alert(1)",
        "",
    ]


def test_a_card_cannot_make_the_bridge_call_another_host(bridge: Bridge) -> None:
    for url in foreign_urls(bridge.server.url):
        assert bridge.widgets(button({"function": url})) == []

    assert bridge.apps_script.fetches == []


def test_a_forged_click_cannot_make_the_bridge_call_another_host(bridge: Bridge) -> None:
    for url in foreign_urls(bridge.server.url):
        event = {"commonEventObject": {"parameters": {"livestorm_bridge_url": url}}}
        assert "pushCard" in bridge.call("onAction", event)["navigations"][0]

    assert bridge.apps_script.fetches == []


def button(action: dict[str, Any]) -> dict[str, Any]:
    return {"buttonList": {"buttons": [{"text": "Go", "onClick": {"action": action}}]}}


def test_payload_is_json_that_keeps_every_character(bridge: Bridge) -> None:
    bridge.server.answer("/addon/event", PUSH)
    calendar = {"id": 'é 👌 \u2028 " \\ </script>'}

    bridge.call("onEventOpen", {"calendar": calendar})

    assert json.loads(bridge.apps_script.fetches[0]["payload"])["calendar"] == calendar
    assert bridge.server.last.body["calendar"] == calendar
