"""Envelopes and conference data: taken by Google, and never over its limits."""

from dataclasses import replace

import pytest
from google.protobuf import json_format  # type: ignore[import-untyped]

from cards import (
    Conference,
    Envelope,
    ErrorType,
    conference,
    conference_error,
    notified,
    pushed,
    requesting_google_scopes,
    settings_url,
    updated,
)
from tests.cards.google_messages import conference_of, parse_response
from tests.cards.samples import ROOM, panel

ROOM_CONFERENCE = Conference("0c2b6f7e", "5d1f", ROOM)


def test_a_trigger_is_answered_bare() -> None:
    card = panel("en")
    response = pushed(card)
    assert response == {"action": {"navigations": [{"pushCard": card}]}}
    parse_response(response)


def test_a_click_puts_the_new_card_in_place_and_says_so() -> None:
    card = panel("en")
    response = updated(card, "Saved.")
    assert response == {
        "action": {"navigations": [{"updateCard": card}], "notification": {"text": "Saved."}}
    }
    parse_response(response)
    assert "notification" not in updated(card)["action"]


def test_a_click_can_be_answered_wrapped() -> None:
    card = panel("fr")
    for response in (
        updated(card, "Enregistré.", envelope=Envelope.WRAPPED),
        notified("Enregistré.", envelope=Envelope("wrapped")),
    ):
        assert list(response) == ["renderActions"]
        parse_response(response, wrapped=True)
        with pytest.raises(json_format.ParseError, match='no field named "renderActions"'):
            parse_response(response)


def test_a_notification_is_one_short_line() -> None:
    response = notified("One\nline " * 500)
    parse_response(response)
    text = response["action"]["notification"]["text"]
    assert "\n" not in text
    assert len(text) == 600
    assert text.endswith("…")


def test_a_conference_carries_what_calendar_keeps_on_the_event() -> None:
    response = conference(replace(ROOM_CONFERENCE, label="Livestorm", note="<b>Welcome</b>"))
    assert response == {
        "hostAppAction": {
            "calendarAction": {
                "createConferenceDataActionMarkup": {
                    "createConferenceData": {
                        "conferenceId": "0c2b6f7e",
                        "conferenceSolutionId": "livestorm",
                        "entryPoints": [{"type": "VIDEO", "uri": ROOM, "label": "Livestorm"}],
                        "parameters": [
                            {"key": "livestorm_event_id", "value": "0c2b6f7e"},
                            {"key": "livestorm_session_id", "value": "5d1f"},
                        ],
                        "note": "<b>Welcome</b>",
                    }
                }
            }
        }
    }
    parse_response(response)


def test_a_conference_leaves_out_what_it_has_not() -> None:
    response = conference(ROOM_CONFERENCE)
    parse_response(response)
    data = conference_of(response)
    assert data is not None
    assert "note" not in data
    assert "label" not in data["entryPoints"][0]


@pytest.mark.parametrize(
    ("field", "limit"),
    [
        ("livestorm_event_id", 512),
        ("livestorm_session_id", 1024),
        ("label", 512),
        ("note", 2048),
    ],
)
def test_a_conference_stays_within_googles_limits(field: str, limit: int) -> None:
    at_limit = {field: "x" * limit}
    parse_response(conference(replace(ROOM_CONFERENCE, **at_limit)))
    for value in ("x" * (limit + 1), ""):
        with pytest.raises(ValueError, match=f"{field} has {len(value)} characters"):
            replace(ROOM_CONFERENCE, **{field: value})


def test_a_join_link_stays_within_googles_limit() -> None:
    longest = ROOM + "x" * (1300 - len(ROOM))
    parse_response(conference(replace(ROOM_CONFERENCE, join_url=longest)))
    with pytest.raises(ValueError, match="1301 characters, 1300 are allowed"):
        replace(ROOM_CONFERENCE, join_url=longest + "x")


UNUSABLE_URLS = [
    "",
    "/integration",
    "calendar.example/integration",
    "//calendar.example/",
    "http://calendar.example/",
    "http://127.0.0.1.example/",
    "ftp://127.0.0.1/",
    "javascript:alert(1)",
    "data:text/html,hi",
    "https://",
    "https:///path",
    "https://[::1",
    "https://calendar.example/a b",
    "https://calendar.example/\n",
    "https://calendar.example/\u202e",
]
USABLE_URLS = [
    "https://calendar.example",
    "HTTPS://calendar.example/é?a=b#c",
    "http://127.0.0.1:8080/x",
    "http://localhost:8080/x",
    "http://[::1]:8080/x",
]


@pytest.mark.parametrize("url", UNUSABLE_URLS)
def test_a_url_that_google_would_not_open_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="the URL must be absolute and https"):
        replace(ROOM_CONFERENCE, join_url=url)
    with pytest.raises(ValueError, match="the URL must be absolute and https"):
        settings_url(url)
    with pytest.raises(ValueError, match="the URL must be absolute and https"):
        conference_error(ErrorType.AUTHENTICATION, url)


@pytest.mark.parametrize("url", USABLE_URLS)
def test_a_url_that_google_opens_is_carried_as_it_is(url: str) -> None:
    response = settings_url(url)
    parse_response(response)
    action = response["hostAppAction"]["calendarAction"]
    assert action == {"createConferenceSettingUrlActionMarkup": {"settingsUrl": url}}
    parse_response(conference_error(ErrorType.AUTHENTICATION, url))


def test_a_refused_url_is_not_repeated_in_the_error() -> None:
    with pytest.raises(ValueError, match="URL") as raised:
        settings_url("/livestorm/connect?ticket=secret")
    assert "secret" not in str(raised.value)


def test_signing_in_is_asked_for_with_the_place_to_do_it() -> None:
    response = conference_error(ErrorType.AUTHENTICATION, "https://calendar.example/connect")
    parse_response(response)
    assert conference_of(response) == {
        "error": {
            "type": "AUTHENTICATION",
            "authenticationUrl": "https://calendar.example/connect",
        }
    }
    with pytest.raises(ValueError, match="1301 characters"):
        conference_error(ErrorType.AUTHENTICATION, "https://a.example/".ljust(1301, "x"))


@pytest.mark.parametrize("error_type", [each for each in ErrorType if each.name[0] != "A"])
def test_every_other_error_stands_alone(error_type: ErrorType) -> None:
    response = conference_error(error_type)
    parse_response(response)
    assert conference_of(response) == {"error": {"type": error_type.name}}
    with pytest.raises(ValueError, match="no other error has one"):
        conference_error(error_type, "https://calendar.example/connect")


def test_signing_in_without_a_place_to_do_it_is_a_defect() -> None:
    with pytest.raises(ValueError, match="needs the URL"):
        conference_error(ErrorType.AUTHENTICATION)


def test_missing_google_scopes_are_asked_for() -> None:
    scope = "https://www.googleapis.com/auth/calendar.events.readonly"
    some = requesting_google_scopes([scope])
    assert some == {"requesting_google_scopes": {"scopes": [scope]}}
    parse_response(some)
    every = requesting_google_scopes()
    assert every == {"requesting_google_scopes": {"all_scopes": True}}
    parse_response(every)
    with pytest.raises(ValueError, match="no scope"):
        requesting_google_scopes([])


@pytest.mark.parametrize(
    "response",
    [
        {"action": {"navigations": [{"pushCard": {}, "updateCard": {}}]}},
        {"action": {"notification": {"txt": "Saved."}}},
        {"action": {"navigations": [{"pushCard": {"header": {"tilte": "x"}}}]}},
        {"hostAppAction": {"calendarAction": {"createConferenceData": {}}}},
        {
            "hostAppAction": {
                "calendarAction": {
                    "createConferenceDataActionMarkup": {
                        "createConferenceData": {"error": {"type": "NOPE"}}
                    }
                }
            }
        },
        {"debug": True},
    ],
)
def test_the_messages_of_these_tests_are_as_strict_as_googles(response: dict[str, object]) -> None:
    with pytest.raises(json_format.ParseError):
        parse_response(response)
