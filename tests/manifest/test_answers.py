"""What becomes of the server's answers: cards, steps, conferences; and of answers that fail."""

import time
from typing import Any

import pytest
from flask import Response

import cards
from tests.manifest.platform import Bridge, Call

pytestmark = pytest.mark.browser

CARD = {"header": {"title": "Livestorm"}}
OTHER = {"header": {"title": "Template"}}
CONFERENCE = cards.Conference(
    livestorm_event_id="ev-1",
    livestorm_session_id="se-1",
    join_url="https://app.livestorm.co/p/ev-1/live?s=se-1",
    label="app.livestorm.co",
    note="Hosted by <b>Acme</b>",
)


def click_on(bridge: Bridge, path: str, **common: object) -> Any:
    parameters = {"livestorm_bridge_url": bridge.server.url + path, "kept": "yes"}
    return bridge.call("onAction", {"commonEventObject": {"parameters": parameters, **common}})


def retry_button(card: dict[str, Any]) -> dict[str, Any]:
    (button,) = card["sections"][0]["widgets"][1]["buttonList"]["buttons"]
    on_click: dict[str, Any] = button["onClick"]
    return on_click


# ---------------------------------------------------------------- triggers


def test_a_trigger_shows_every_card_in_order(bridge: Bridge) -> None:
    navigations = [{"pushCard": CARD}, {"pushCard": OTHER}]
    bridge.server.answer("/addon/home", {"action": {"navigations": navigations}})

    shown = bridge.call("onHomepage", {})

    assert shown == [{"kind": "Card", **CARD}, {"kind": "Card", **OTHER}]


def test_sign_out_shows_the_card_that_is_left(bridge: Bridge) -> None:
    bridge.server.answer("/addon/sign-out", cards.updated(CARD))

    assert bridge.call("onSignOut", {}) == {"kind": "UniversalActionResponse", "cards": [CARD]}


# ------------------------------------------------------------------ clicks


@pytest.mark.parametrize("envelope", list(cards.Envelope))
def test_a_click_may_be_answered_bare_or_wrapped(bridge: Bridge, envelope: cards.Envelope) -> None:
    answer = cards.updated(CARD, "Saved.", envelope=envelope)
    bridge.server.answer("/addon/template", answer)

    assert click_on(bridge, "/addon/template") == {
        "kind": "ActionResponse",
        "navigations": [{"updateCard": CARD}],
        "notification": {"text": "Saved."},
    }


def test_every_step_a_click_can_ask_for(bridge: Bridge) -> None:
    link = {"url": "https://app.livestorm.co/p/1", "openAs": "OVERLAY", "onClose": "RELOAD"}
    steps: list[dict[str, Any]] = [
        {"pop": True},
        {"popToRoot": True},
        {"popToCard": "template"},
        {"updateCard": CARD},
        {"pushCard": OTHER},
    ]
    answer = {"renderActions": {"action": {"navigations": steps, "link": link}}}
    bridge.server.answer("/addon/sync", {**answer, "stateChanged": True})

    assert click_on(bridge, "/addon/sync") == {
        "kind": "ActionResponse",
        "navigations": [{"popCard": True}, *steps[1:]],
        "openLink": link,
        "stateChanged": True,
    }


# -------------------------------------------------------------- conference


def test_a_conference_has_all_that_apps_script_knows(bridge: Bridge) -> None:
    bridge.server.answer("/addon/conference", cards.conference(CONFERENCE))

    # Apps Script has no label: Calendar shows the link itself.
    assert bridge.call("createConference", {}) == {
        "kind": "ConferenceData",
        "conferenceId": "ev-1",
        "conferenceSolutionId": "livestorm",
        "entryPoints": [{"type": "VIDEO", "uri": CONFERENCE.join_url}],
        "parameters": [
            {"key": "livestorm_event_id", "value": "ev-1"},
            {"key": "livestorm_session_id", "value": "se-1"},
        ],
        "note": CONFERENCE.note,
    }


def test_every_kind_of_entry_point(bridge: Bridge) -> None:
    codes = {"meetingCode": "1", "accessCode": "2", "passcode": "3", "password": "4", "pin": "5"}
    points = [
        {"type": "VIDEO", "uri": "https://x.test/1", **codes},
        {"type": "PHONE", "uri": "tel:+331", "regionCode": "FR", "features": ["TOLL"]},
        {"type": "PHONE", "uri": "tel:+332", "features": ["TOLL_FREE"]},
        {"type": "SIP", "uri": "sip:a@x.test"},
        {"type": "MORE", "uri": "https://x.test/more"},
    ]
    data = {"conferenceId": "1", "conferenceSolutionId": "livestorm", "entryPoints": points}
    bridge.server.answer("/addon/conference", conference_answer(data))

    assert bridge.call("createConference", {}) == {"kind": "ConferenceData", **data}


@pytest.mark.parametrize("error", list(cards.ErrorType))
def test_every_conference_error_keeps_its_type(bridge: Bridge, error: cards.ErrorType) -> None:
    url = "https://x.test/connect" if error is cards.ErrorType.AUTHENTICATION else None
    bridge.server.answer("/addon/conference", cards.conference_error(error, url))

    shown = bridge.call("createConference", {})

    expected = {"type": error.value} | ({"authenticationUrl": url} if url else {})
    assert shown == {"kind": "ConferenceData", "error": expected}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"conferenceId": "1"},
        {"conferenceId": "1", "entryPoints": [{"type": "HOLOGRAM", "uri": "https://x.test"}]},
        {"conferenceId": "1", "entryPoints": [{"type": "VIDEO", "uri": "gopher://x.test"}]},
        {"conferenceId": "x" * 513, "entryPoints": [{"type": "VIDEO", "uri": "https://x.test"}]},
        {"error": {"type": "AUTHENTICATION"}},
    ],
)
def test_a_conference_that_calendar_would_refuse_is_temporary(
    bridge: Bridge, data: dict[str, Any]
) -> None:
    bridge.server.answer("/addon/conference", conference_answer(data))

    assert bridge.call("createConference", {})["error"] == {"type": "TEMPORARY"}


def conference_answer(data: dict[str, Any]) -> dict[str, Any]:
    action = {"createConferenceDataActionMarkup": {"createConferenceData": data}}
    return {"hostAppAction": {"calendarAction": action}}


# ---------------------------------------------------------------- settings


def test_the_settings_page_is_the_one_the_server_names(bridge: Bridge) -> None:
    bridge.server.answer(
        "/addon/settings-url", cards.settings_url("https://x.test/integration?t=1")
    )

    assert bridge.call("createSettingsUrl") == "https://x.test/integration?t=1"


@pytest.mark.parametrize("answer", [("down", 503), {"hostAppAction": {}}])
def test_settings_lead_to_the_integration_page_whatever_happens(
    bridge: Bridge, answer: Any
) -> None:
    bridge.server.answer("/addon/settings-url", answer)

    assert bridge.call("createSettingsUrl") == f"{bridge.server.url}/integration"


# ---------------------------------------------------------------- failures


SHORT_PATIENCE_SECONDS = 1.0
"""Where an answer comes too late, so that nobody waits for it as long as in earnest."""


def too_late() -> tuple[str, int]:
    time.sleep(SHORT_PATIENCE_SECONDS * 1.5)
    return "{}", 200


FAILURES: dict[str, Any] = {
    "server error": ("<h1>500</h1>", 500),
    "unavailable": ("busy", 503),
    "redirect": lambda: Response(status=302, headers={"Location": "/elsewhere"}),
    "not found": ("nothing", 404),
    "too late": too_late,
    "HTML": ("<h1>Welcome to the hotel's network</h1>", 200),
    "truncated JSON": ('{"action": {"navi', 200),
    "empty": ("", 200),
    "a JSON list": ("[]", 200),
    "nothing to show": ("{}", 200),
    "a prompt for scopes": {"requesting_google_scopes": {"all_scopes": True}},
}


@pytest.fixture
def short_patience(bridge: Bridge) -> None:
    bridge.apps_script.patience_seconds = SHORT_PATIENCE_SECONDS


@pytest.mark.parametrize("answer", FAILURES.values(), ids=FAILURES)
@pytest.mark.usefixtures("short_patience")
def test_no_usable_answer_is_a_temporary_conference_error(bridge: Bridge, answer: Any) -> None:
    bridge.server.answer("/addon/conference", answer)

    shown = bridge.call("createConference", {"eventData": {}})

    assert shown == {"kind": "ConferenceData", "error": {"type": "TEMPORARY"}}
    assert len(bridge.server.calls) == 1


@pytest.mark.parametrize("answer", FAILURES.values(), ids=FAILURES)
@pytest.mark.usefixtures("short_patience")
def test_no_usable_answer_is_a_card_that_can_be_tried_again(bridge: Bridge, answer: Any) -> None:
    bridge.server.answer("/addon/home", answer)

    (card,) = bridge.call("onHomepage", {})

    assert "again" in card["sections"][0]["widgets"][0]["textParagraph"]["text"]
    assert retry_button(card)["action"]["functionName"] == "onAction"


@pytest.mark.parametrize(
    ("locale", "title", "retry"),
    [
        ("en-GB", "Livestorm cannot be reached", "Try again"),
        ("fr-FR", "Livestorm est injoignable", "Réessayer"),
        ("fr", "Livestorm est injoignable", "Réessayer"),
        ("fr_CA", "Livestorm est injoignable", "Réessayer"),
        ("de-AT", "Livestorm ist nicht erreichbar", "Erneut versuchen"),
        ("es-419", "Livestorm no está disponible", "Volver a intentarlo"),
        ("fy", "Livestorm cannot be reached", "Try again"),
        ("constructor", "Livestorm cannot be reached", "Try again"),
        ("", "Livestorm cannot be reached", "Try again"),
    ],
)
def test_the_error_card_speaks_the_users_language(
    bridge: Bridge, locale: str, title: str, retry: str
) -> None:
    bridge.server.answer("/addon/home", ("down", 503))

    (card,) = bridge.call("onHomepage", {"commonEventObject": {"userLocale": locale}})

    assert card["header"]["title"] == title
    assert card["sections"][0]["widgets"][1]["buttonList"]["buttons"][0]["text"] == retry


def test_every_language_has_every_text(bridge: Bridge) -> None:
    every = bridge.page.evaluate("MESSAGES")

    assert set(every) == set(cards.LANGUAGES)
    english = every.pop("en")
    for texts in every.values():
        assert texts.keys() == english.keys()
        assert all(english[key] != texts[key] for key in english)


def test_a_refused_user_is_told_to_install_again(bridge: Bridge) -> None:
    bridge.server.answer("/addon/home", ('{"title": "Unauthorized"}', 401))

    (card,) = bridge.call("onHomepage", {})

    assert "install it again" in card["sections"][0]["widgets"][0]["textParagraph"]["text"]


def test_a_refused_user_gets_no_conference_by_trying_again(bridge: Bridge) -> None:
    bridge.server.answer("/addon/conference", ('{"title": "Unauthorized"}', 401))

    assert bridge.call("createConference", {})["error"] == {"type": "PERMISSION_DENIED"}


def test_without_an_identity_token_nothing_is_sent(bridge: Bridge) -> None:
    bridge.apps_script.identity_token = None

    (card,) = bridge.call("onHomepage", {"commonEventObject": {"userLocale": "fr"}})
    conference = bridge.call("createConference", {})

    assert "réinstallez-le" in card["sections"][0]["widgets"][0]["textParagraph"]["text"]
    assert conference["error"] == {"type": "PERMISSION_DENIED"}
    assert bridge.apps_script.fetches == []


def test_an_outage_of_google_itself_is_temporary(bridge: Bridge) -> None:
    bridge.apps_script.services_are_down = True

    assert bridge.call("createConference", {})["error"] == {"type": "TEMPORARY"}
    assert bridge.call("onHomepage", {})[0]["header"]["title"] == "Livestorm cannot be reached"


# --------------------------------------------------------------- try again


def test_trying_a_trigger_again_puts_its_card_in_place_of_the_error(bridge: Bridge) -> None:
    calendar = {"calendarId": "c", "id": "e"}
    bridge.server.answer("/addon/event", ("down", 503))
    (error_card,) = bridge.call("onEventOpen", {"calendar": calendar})
    bridge.server.answer("/addon/event", cards.pushed(CARD))
    click = retry_button(error_card)["action"]["parameters"]

    shown = bridge.call(
        "onAction", {"commonEventObject": {"parameters": click}, "calendar": calendar}
    )

    assert shown["navigations"] == [{"updateCard": CARD}]
    first, second = bridge.server.calls
    assert second.path == first.path
    assert second.body["calendar"] == calendar
    assert second.body["commonEventObject"]["parameters"] == {}


FORM = {"template_id": {"stringInputs": {"value": ["é 42"]}}}


def failed_save(bridge: Bridge) -> dict[str, Any]:
    bridge.server.answer("/addon/template", ("down", 503))
    shown = click_on(bridge, "/addon/template", formInputs=FORM, userLocale="fr")
    (step,) = shown["navigations"]
    card: dict[str, Any] = step["pushCard"]
    return card


def test_a_failed_click_covers_the_form_and_trying_again_sends_it(bridge: Bridge) -> None:
    error_card = failed_save(bridge)
    bridge.server.answer("/addon/template", cards.updated(OTHER, "Saved."))

    shown = bridge.click(retry_button(error_card), formInputs={}, userLocale="fr")

    # The error card goes, and what it lay on is replaced.
    assert shown["navigations"] == [{"popCard": True}, {"updateCard": OTHER}]
    assert shown["notification"] == {"text": "Saved."}
    assert [common(call) for call in bridge.server.calls] == [common(bridge.server.calls[0])] * 2
    assert common(bridge.server.last)["formInputs"] == FORM
    assert common(bridge.server.last)["parameters"] == {"kept": "yes"}


def test_trying_again_may_fail_again_and_again(bridge: Bridge) -> None:
    first = failed_save(bridge)

    (step,) = bridge.click(retry_button(first), formInputs={}, userLocale="fr")["navigations"]

    assert step == {"updateCard": first}


def test_a_form_of_another_hand_is_no_form(bridge: Bridge) -> None:
    click = retry_button(failed_save(bridge))
    click["action"]["parameters"]["livestorm_bridge_form"] = "{not json"
    bridge.server.answer("/addon/template", cards.notified("Done."))

    shown = bridge.click(click)

    assert shown["navigations"] == [{"popCard": True}]
    # The server refuses that; an empty form would clear what was saved.
    assert common(bridge.server.last)["formInputs"] is None


def common(call: Call) -> dict[str, Any]:
    value: dict[str, Any] = call.body["commonEventObject"]
    return value
