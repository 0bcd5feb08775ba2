"""Every part of a card that our cards use arrives in CardService as it was meant."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cards
from tests.manifest.platform import Bridge

pytestmark = pytest.mark.browser

LINK = {
    "openLink": {"url": "https://app.livestorm.co/p/1", "openAs": "OVERLAY", "onClose": "RELOAD"}
}


def test_a_whole_card(bridge: Bridge) -> None:
    header = {
        "title": "Livestorm",
        "subtitle": "Template",
        "imageUrl": "https://lh3.googleusercontent.com/logo",
        "imageType": "CIRCLE",
        "imageAltText": "Livestorm",
    }
    card = {
        "name": "template",
        "header": header,
        "peekCardHeader": {"title": "Peek", "imageType": "SQUARE"},
        "displayStyle": "PEEK",
        "sections": [
            {
                "header": "More",
                "collapsible": True,
                "uncollapsibleWidgetsCount": 1,
                "widgets": [{"textParagraph": {"text": "one"}}, {"divider": {}}],
            },
            {"widgets": [{"textParagraph": {"text": "two"}}]},
        ],
        "cardActions": [{"actionLabel": "Help", "onClick": LINK}],
        "fixedFooter": {
            "primaryButton": {"text": "Save", "onClick": LINK},
            "secondaryButton": {"text": "Cancel", "onClick": LINK},
        },
    }

    rendered = bridge.render(card)

    assert rendered == {
        "kind": "Card",
        **card,
        "fixedFooter": {
            "primaryButton": {"text": "Save", "onClick": LINK, "type": "FILLED"},
            "secondaryButton": {"text": "Cancel", "onClick": LINK, "type": "OUTLINED"},
        },
    }


WIDGETS: list[dict[str, Any]] = [
    {"textParagraph": {"text": "Some <b>bold</b> text"}},
    {"textInput": {"name": "template_id", "label": "Livestorm event ID"}},
    {
        "textInput": {
            "name": "template_id",
            "label": "ID",
            "hintText": "from the dashboard",
            "value": "42",
            "type": "MULTIPLE_LINE",
            "initialSuggestions": {"items": [{"text": "a"}, {"text": "b"}]},
            "validation": {"characterLimit": 200, "inputType": "TEXT"},
        }
    },
    {"decoratedText": {"text": "Only text"}},
    {
        "decoratedText": {
            "topLabel": "Top",
            "text": "Text",
            "bottomLabel": "Bottom",
            "wrapText": True,
            "startIcon": {"knownIcon": "CLOCK", "altText": "When"},
            "endIcon": {"iconUrl": "https://x.test/i.png"},
            "onClick": LINK,
        }
    },
    {"decoratedText": {"text": "t", "startIcon": {"materialIcon": {"name": "sync", "fill": True}}}},
    {"decoratedText": {"text": "t", "button": {"text": "Open", "onClick": LINK}}},
    {
        "decoratedText": {
            "text": "t",
            "switchControl": {
                "name": "on",
                "value": "yes",
                "selected": True,
                "controlType": "CHECK_BOX",
            },
        }
    },
    {
        "buttonList": {
            "buttons": [
                {"text": "A", "altText": "Letter A", "disabled": True, "onClick": LINK},
                {"text": "B", "type": "FILLED", "onClick": LINK},
                {"text": "C", "type": "FILLED_TONAL", "onClick": LINK},
                {"text": "D", "type": "BORDERLESS", "onClick": LINK},
                {"text": "E", "type": "OUTLINED", "onClick": LINK},
                {"icon": {"knownIcon": "EMAIL"}, "altText": "Mail", "onClick": LINK},
                {"icon": {"materialIcon": {"name": "sync"}}, "onClick": LINK},
            ]
        }
    },
    {
        "selectionInput": {
            "name": "which",
            "label": "Which",
            "type": "DROPDOWN",
            "items": [
                {"text": "One", "value": "1", "selected": True},
                {"text": "Two", "value": "2", "selected": False},
            ],
        }
    },
    {"image": {"imageUrl": "https://x.test/i.png", "altText": "A picture", "onClick": LINK}},
    {"divider": {}},
]


@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: next(iter(widget)))
def test_a_widget_keeps_everything(bridge: Bridge, widget: dict[str, Any]) -> None:
    assert bridge.widgets(widget) == [widget]


def test_a_colour_fills_the_button(bridge: Bridge) -> None:
    color = {"red": 1, "green": 0.5, "alpha": 0.3}
    button = {"text": "Save", "color": color, "type": "OUTLINED", "onClick": LINK}

    (widget,) = bridge.widgets({"buttonList": {"buttons": [button]}})

    (rendered,) = widget["buttonList"]["buttons"]
    assert rendered["backgroundColor"] == "#ff8000"
    assert rendered["type"] == "FILLED"


def test_an_image_without_alternative_text_is_decoration(bridge: Bridge) -> None:
    (widget,) = bridge.widgets({"image": {"imageUrl": "https://x.test/i.png"}})

    assert widget["image"]["altText"] == ""


@pytest.mark.parametrize("kind", ["action", "openDynamicLinkAction"])
def test_an_action_becomes_a_call_of_the_dispatcher(bridge: Bridge, kind: str) -> None:
    url = f"{bridge.server.url}/addon/sync"
    action = {
        "function": url,
        "parameters": [{"key": "id", "value": "e1"}, {"key": "calendar", "value": "c"}],
        "loadIndicator": "NONE",
        "persistValues": True,
        "requiredWidgets": ["template_id"],
        "allWidgetsAreRequired": True,
    }

    (widget,) = bridge.widgets(buttons({"text": "Sync", "onClick": {kind: action}}))

    assert widget["buttonList"]["buttons"][0]["onClick"] == {
        kind: {
            "functionName": "onAction",
            "parameters": {"id": "e1", "calendar": "c", "livestorm_bridge_url": url},
            "loadIndicator": "NONE",
            "persistValues": True,
            "requiredWidgets": ["template_id"],
            "allWidgetsAreRequired": True,
        }
    }


def test_inputs_call_when_they_change(bridge: Bridge) -> None:
    action = {"function": f"{bridge.server.url}/addon/template"}
    widgets = bridge.widgets(
        {"textInput": {"name": "a", "label": "A", "onChangeAction": action}},
        {"selectionInput": {"name": "b", "items": [{"text": "B"}], "onChangeAction": action}},
        {"decoratedText": {"text": "C", "switchControl": {"name": "c", "onChangeAction": action}}},
    )

    expected = {
        "functionName": "onAction",
        "parameters": {"livestorm_bridge_url": action["function"]},
    }
    assert widgets[0]["textInput"]["onChangeAction"] == expected
    assert widgets[1]["selectionInput"]["onChangeAction"] == expected
    assert widgets[2]["decoratedText"]["switchControl"]["onChangeAction"] == expected


@pytest.mark.parametrize(
    "unknown",
    [
        {"hologram": {"text": "x"}},
        {},
        {"textParagraph": None},
        {"textParagraph": {"text": 5}},
        {"textInput": {"label": "no name"}},
        {"textInput": {"name": "no_label"}},
        {"selectionInput": {"name": "no_items"}},
        {"image": {"altText": "no address"}},
        {"buttonList": {"buttons": [{"text": "no click"}, {"onClick": LINK}]}},
        {"buttonList": {"buttons": [{"text": "x", "onClick": {"overflowMenu": {}}}]}},
        {"buttonList": {"buttons": [{"text": "x", "onClick": {"openLink": {"url": "ftp://x"}}}]}},
        {"decoratedText": {"topLabel": "no text"}},
        "a string",
        None,
    ],
)
def test_what_cannot_be_shown_is_left_out_and_the_rest_is_shown(
    bridge: Bridge, unknown: object
) -> None:
    known = {"textParagraph": {"text": "still here"}}

    assert bridge.widgets(known, unknown, known) == [known, known]


def test_an_unknown_icon_leaves_the_text(bridge: Bridge) -> None:
    decorated = {"text": "t", "startIcon": {"knownIcon": "toString"}}

    assert bridge.widgets({"decoratedText": decorated}) == [{"decoratedText": {"text": "t"}}]


def test_no_more_widgets_and_sections_than_google_takes(bridge: Bridge) -> None:
    paragraph = {"textParagraph": {"text": "x"}}
    card = {"sections": [{"widgets": [paragraph] * 101}] + [{"widgets": [paragraph]}] * 100}

    rendered = bridge.render(card)

    assert len(rendered["sections"]) == 100
    assert len(rendered["sections"][0]["widgets"]) == 100


@pytest.mark.parametrize("language", ["en", "fr"])
def test_nothing_of_our_own_cards_is_lost(bridge: Bridge, language: str) -> None:
    card = cards.connect_card(language, connect_url=f"{bridge.server.url}/livestorm/connect?t=1")

    rendered = bridge.render(card)

    assert rendered["header"] == card["header"]
    assert rendered["sections"] == card["sections"]


def buttons(*button: dict[str, Any]) -> dict[str, Any]:
    return {"buttonList": {"buttons": list(button)}}


# Anything at all, and often something with the keys that the renderer looks at.
KEYS = st.sampled_from(
    [
        "header",
        "title",
        "subtitle",
        "sections",
        "widgets",
        "textParagraph",
        "text",
        "textInput",
        "name",
        "label",
        "hintText",
        "value",
        "decoratedText",
        "topLabel",
        "startIcon",
        "icon",
        "knownIcon",
        "materialIcon",
        "iconUrl",
        "button",
        "buttonList",
        "buttons",
        "onClick",
        "action",
        "function",
        "parameters",
        "key",
        "openLink",
        "url",
        "color",
        "red",
        "switchControl",
        "selectionInput",
        "items",
        "image",
        "imageUrl",
        "divider",
        "cardActions",
        "actionLabel",
        "fixedFooter",
        "primaryButton",
        "uncollapsibleWidgetsCount",
        "validation",
        "characterLimit",
        "requiredWidgets",
        "__proto__",
        "type",
        "navigations",
        "pushCard",
        "updateCard",
        "pop",
        "popToCard",
        "notification",
        "link",
        "calendarAction",
        "settingsUrl",
        "entryPoints",
        "uri",
        "createConferenceDataActionMarkup",
        "createConferenceData",
        "conferenceId",
        "error",
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 300)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["https://x.test/", "http://127.0.0.1:1/", "FILLED", "CLOCK", "constructor"])
)
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=40,
)


FEW = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""Examples that each cross the browser and two servers, and hold many cards or answers."""

NOT_A_CARD = ("Card: it has no content.", "Card: two inputs are called ")
"""The only complaints of CardService that are the card's fault and not the renderer's."""


@FEW
@given(
    all_cards=st.lists(
        st.dictionaries(KEYS, JSON, max_size=4)
        | st.builds(
            lambda widgets: {"sections": [{"widgets": widgets}]}, st.lists(JSON, max_size=5)
        ),
        min_size=8,
        max_size=16,
    )
)
def test_no_json_breaks_the_renderer(bridge: Bridge, all_cards: list[Any]) -> None:
    complaints = bridge.page.evaluate(
        """cards => cards.map(card => {
            try { renderCard_(card); return null; } catch (error) { return error.message; }
        })""",
        all_cards,
    )

    assert not [each for each in complaints if each and not each.startswith(NOT_A_CARD)]


@FEW
@given(body=st.dictionaries(st.sampled_from(["action", "hostAppAction", "renderActions"]), JSON))
def test_no_answer_makes_the_bridge_fail(bridge: Bridge, body: dict[str, Any]) -> None:
    for path in ("/addon/home", "/addon/sync", "/addon/conference", "/addon/settings-url"):
        bridge.server.answer(path, body)
    click = {"parameters": {"livestorm_bridge_url": f"{bridge.server.url}/addon/sync"}}

    assert bridge.call("onHomepage", {})[0]["kind"] == "Card"
    assert bridge.call("onAction", {"commonEventObject": click})["kind"] == "ActionResponse"
    assert bridge.call("createConference", {})["kind"] == "ConferenceData"
    assert bridge.call("createSettingsUrl").startswith("http")
