"""Google's event object: any JSON becomes a value or is refused, and nothing else happens."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from server.addon_endpoints.event_object import (
    MAX_ID,
    MAX_INPUT,
    MAX_INPUTS,
    MAX_TOKEN,
    EventObject,
    EventObjectSchema,
)
from tests.server.mutations import ODD_VALUES

SCHEMA = EventObjectSchema()


def parsed(body: dict[str, Any]) -> EventObject:
    event: EventObject = SCHEMA.load(body)
    return event


def form(value: object) -> dict[str, Any]:
    return {"commonEventObject": {"formInputs": {"template_id": value}}}


def typed(value: object) -> str | None:
    inputs = parsed(form(value)).inputs
    assert inputs is not None
    return inputs["template_id"]


def test_everything_of_it_that_is_read() -> None:
    event = parsed(
        {
            "commonEventObject": {
                "hostApp": "CALENDAR",
                "userLocale": "fr-FR",
                "timeZone": {"id": "America/New_York", "offset": -1.8e7},
                "formInputs": {"template_id": {"stringInputs": {"value": ["abc"]}}},
            },
            "authorizationEventObject": {"userOAuthToken": "ya29.a", "userIdToken": "eyJ.b"},
            "calendar": {
                "calendarId": "c@x.test",
                "id": "e1",
                "recurringEventId": "s1",
                "organizer": {"email": "o@x.test"},
                "attendees": [{"email": "a"}],
            },
            "clientPlatform": "web",
        }
    )
    assert event == EventObject(
        locale="fr-FR",
        timezone="America/New_York",
        inputs={"template_id": "abc"},
        google_token="ya29.a",
        user_id_token="eyJ.b",
        calendar_id="c@x.test",
        event_id="e1",
        series_id="s1",
        organizer="o@x.test",
    )
    assert "ya29.a" not in repr(event)
    assert "eyJ.b" not in repr(event)


def test_a_form_that_is_left_out_is_empty() -> None:
    assert parsed({"commonEventObject": {}}).inputs == {}
    assert parsed({"commonEventObject": {"formInputs": {}}}).inputs == {}


def test_an_empty_one_has_defaults() -> None:
    for body in (
        {},
        {"commonEventObject": None, "authorizationEventObject": None, "calendar": None},
        {"commonEventObject": {"timeZone": None, "userLocale": None, "formInputs": None}},
        {
            "commonEventObject": {"timeZone": {}, "userLocale": "", "formInputs": None},
            "calendar": {"id": ""},
        },
    ):
        assert parsed(body) == EventObject(
            locale="en",
            timezone="UTC",
            inputs=None,
            google_token=None,
            user_id_token=None,
            calendar_id=None,
            event_id=None,
            series_id=None,
            organizer=None,
        )


def test_both_spellings_of_the_access_token() -> None:
    for spelling in ("userOAuthToken", "userOauthToken"):
        assert parsed({"authorizationEventObject": {spelling: "a"}}).google_token == "a"


@pytest.mark.parametrize("zone", ["Mars/Olympus", "Europe", "", "../UTC", "UTC\n", "x" * 64, "é"])
def test_an_unknown_zone_is_utc(zone: str) -> None:
    assert parsed({"commonEventObject": {"timeZone": {"id": zone}}}).timezone == "UTC"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"stringInputs": {"value": ["abc", "def"]}}, "abc"),
        ({"": {"stringInputs": {"value": ["in Apps Script"]}}}, "in Apps Script"),
        ({"stringInputs": {"value": [""]}}, ""),
        ({"stringInputs": {"value": []}}, ""),
        ({"stringInputs": {}}, ""),
        ({"stringInputs": {"value": ["a\0b"]}}, "ab"),
        ({"stringInputs": {"value": ["a\ud800b"]}}, "a?b"),
        ({"stringInputs": {"value": ["x" * 9000]}}, "x" * MAX_INPUT),
        # Not what a text input sends: nobody emptied the field.
        ({"stringInputs": {"value": [5]}}, None),
        ({"stringInputs": {"value": "abc"}}, None),
        ({"stringInputs": None}, None),
        ({"dateInput": {"msSinceEpoch": "1"}}, None),
        ({}, None),
        (None, None),
        ("abc", None),
        (["abc"], None),
    ],
)
def test_what_was_typed(value: object, text: str | None) -> None:
    assert typed(value) == text


@pytest.mark.parametrize(
    "body",
    [
        {"calendar": {"id": "x" * (MAX_ID + 1)}},
        {"calendar": {"calendarId": "é" * MAX_ID}},
        {"calendar": {"id": "a\0b"}},
        {"calendar": {"id": "a\udfffb"}},
        {"calendar": {"id": 5}},
        {"calendar": []},
        {"commonEventObject": "x"},
        {"commonEventObject": {"userLocale": "x" * 65}},
        {"commonEventObject": {"formInputs": []}},
        {"commonEventObject": {"formInputs": {str(n): {} for n in range(MAX_INPUTS + 1)}}},
        {"authorizationEventObject": {"userIdToken": "x" * (MAX_TOKEN + 1)}},
        {"authorizationEventObject": {"userOAuthToken": ["a"]}},
    ],
)
def test_what_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SCHEMA.load(body)


def test_ids_of_the_greatest_length_are_taken() -> None:
    event = parsed({"calendar": {"id": "x" * MAX_ID, "calendarId": "é" * (MAX_ID // 2)}})
    assert (event.event_id, event.calendar_id) == ("x" * MAX_ID, "é" * (MAX_ID // 2))


ANY_TEXT = st.text() | st.text(st.characters(categories=["Cs", "Cc", "Lu"]))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | ANY_TEXT
    | st.sampled_from(ODD_VALUES),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=12,
)
NAMES = (
    *("commonEventObject", "authorizationEventObject", "calendar", "userLocale", "timeZone"),
    *("formInputs", "template_id", "stringInputs", "value", "id", "calendarId", "userIdToken"),
    *("userOAuthToken", "userOauthToken", ""),
)
NAMED = st.recursive(
    JSON,
    lambda inner: st.dictionaries(st.sampled_from(NAMES), inner, max_size=6) | st.lists(inner),
    max_leaves=30,
)


@given(NAMED | JSON)
def test_any_json_is_a_value_or_refused(body: Any) -> None:
    try:
        event = SCHEMA.load(body)
    except ValidationError as error:
        json.dumps(error.messages)
        return
    assert isinstance(event, EventObject)
    for text in (event.locale, event.calendar_id, event.event_id, *(event.inputs or {}).values()):
        assert text is None or "\0" not in text
        assert text is None or text.encode()
    assert len((event.calendar_id or "").encode()) <= MAX_ID
