"""Google's messages, to check answers as strictly as Google does.

`Card` is published (google-apps-card). The envelope around it is not, so its messages
are built here, in the descriptor pool of the published ones, from the public references:
developers.google.com/workspace/add-ons/guides/alternate-runtimes (RenderActions,
SubmitFormResponse) and …/reference/rpc/apps.extensions.markup (HostAppAction and
conference data). Unknown keys, wrong enums, wrong types and two members of a oneof are
refused; `check_card` and `check_conference` add what the messages cannot say.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from google.apps import card_v1

# protobuf ships no types, and its messages are built at run time here anyway.
from google.protobuf import (  # type: ignore[import-untyped]
    descriptor_pb2,
    json_format,
    message_factory,
)

_Field = descriptor_pb2.FieldDescriptorProto
_CARD = card_v1.Card.pb(card_v1.Card()).DESCRIPTOR
_MARKUP = "apps.extensions.markup"

_SCALARS = {"string": _Field.TYPE_STRING, "bool": _Field.TYPE_BOOL}

# Enum name: its values. Zero is the unspecified one that proto3 needs.
_ENUMS = {
    "ConferenceErrorType": (
        "CONFERENCE_ERROR_TYPE_UNSPECIFIED AUTHENTICATION CONFERENCE_SOLUTION_FORBIDDEN"
        " PERMANENT PERMISSION_DENIED TEMPORARY UNKNOWN"
    ),
    "EntryPointType": "ENTRY_POINT_TYPE_UNSPECIFIED VIDEO PHONE MORE SIP",
    "EntryPointFeature": "ENTRY_POINT_FEATURE_UNSPECIFIED TOLL TOLL_FREE",
    "CalendarSubscriptionOperation": "OPERATION_UNSPECIFIED CREATE",
}

# Message name: its fields as "name: type"; "[type]" repeats, a leading "|" puts the
# field in the message's one oneof. Types with a dot or a capital are messages or enums.
_MESSAGES: dict[str, dict[str, str]] = {
    "Navigation": {
        "pop_to_root": "|bool",
        "pop": "|bool",
        "pop_to_card": "|string",
        "push_card": "|google.apps.card.v1.Card",
        "update_card": "|google.apps.card.v1.Card",
    },
    "Notification": {"text": "string"},
    "RenderedAction": {
        "navigations": "[Navigation]",
        "link": "google.apps.card.v1.OpenLink",
        "notification": "Notification",
    },
    "EditAttendeesActionMarkup": {"add_attendee_emails": "[string]"},
    "EditConferenceDataActionMarkup": {"conference_data": "ConferenceDataMarkup"},
    "AddonAttachment": {
        "resource_url": "string",
        "title": "string",
        "mime_type": "string",
        "icon_url": "string",
    },
    "AddAttachmentsActionMarkup": {"addon_attachments": "[AddonAttachment]"},
    "CalendarSubscriptionActionMarkup": {
        "operation": "CalendarSubscriptionOperation",
        "calendar_id": "string",
    },
    "EntryPointMarkup": {
        "type": "EntryPointType",
        "uri": "string",
        "label": "string",
        "meeting_code": "string",
        "access_code": "string",
        "passcode": "string",
        "password": "string",
        "pin": "string",
        "region_code": "string",
        "features": "[EntryPointFeature]",
    },
    "ConferenceParameterMarkup": {"key": "string", "value": "string"},
    "ConferenceErrorMarkup": {"type": "ConferenceErrorType", "authentication_url": "string"},
    "ConferenceDataMarkup": {
        "conference_id": "string",
        "conference_solution_id": "string",
        "entry_points": "[EntryPointMarkup]",
        "parameters": "[ConferenceParameterMarkup]",
        "note": "string",
        "error": "ConferenceErrorMarkup",
    },
    "CreateConferenceDataActionMarkup": {"create_conference_data": "ConferenceDataMarkup"},
    "CreateConferenceSettingUrlActionMarkup": {"settings_url": "string"},
    "CalendarClientActionMarkup": {
        "edit_attendees_action_markup": "|EditAttendeesActionMarkup",
        "edit_conference_data_action_markup": "|EditConferenceDataActionMarkup",
        "add_attachments_action_markup": "|AddAttachmentsActionMarkup",
        "calendar_subscription_action_markup": "|CalendarSubscriptionActionMarkup",
        "create_conference_data_action_markup": "|CreateConferenceDataActionMarkup",
        "create_conference_setting_url_action_markup": "|CreateConferenceSettingUrlActionMarkup",
    },
    "HostAppActionMarkup": {"calendar_action": "CalendarClientActionMarkup"},
    "RenderActions": {
        "action": "RenderedAction",
        "host_app_action": "HostAppActionMarkup",
        "schema": "string",
    },
    "SubmitFormResponse": {"render_actions": "RenderActions", "state_changed": "bool"},
    "RequestingGoogleScopes": {"scopes": "[string]", "all_scopes": "bool"},
    "ScopesResponse": {"requesting_google_scopes": "RequestingGoogleScopes"},
}

# Limits of cards (developers.google.com/workspace/add-ons/concepts/restrictions and the
# style guide) and of conference data (apps.extensions.markup).
MAX_WIDGETS = 100
MAX_BUTTONS_IN_ROW = 3
MAX_CONFERENCE_ID = 512
MAX_URI = 1300
MAX_ENTRY_LABEL = 512
MAX_NOTE = 2048
MAX_PARAMETER_KEY = 50
MAX_PARAMETER_VALUE = 1024


def _build() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(
        name="tests/cards/envelope.proto",
        package=_MARKUP,
        syntax="proto3",
        dependency=[_CARD.file.name],
    )
    for name, values in _ENUMS.items():
        enum = file.enum_type.add(name=name)
        for number, value in enumerate(values.split()):
            enum.value.add(name=value, number=number)
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        if any(kind.startswith("|") for kind in fields.values()):
            message.oneof_decl.add(name="one")
        for number, (field_name, kind) in enumerate(fields.items(), start=1):
            _add_field(message, number, field_name, kind)
    _CARD.file.pool.Add(file)
    found = _CARD.file.pool.FindFileByName(file.name).message_types_by_name
    return {name: message_factory.GetMessageClass(found[name]) for name in _MESSAGES}


def _add_field(message: descriptor_pb2.DescriptorProto, number: int, name: str, kind: str) -> None:
    bare = kind.strip("|[]")
    field = message.field.add(
        name=name,
        number=number,
        label=_Field.LABEL_REPEATED if kind.startswith("[") else _Field.LABEL_OPTIONAL,
    )
    if bare in _SCALARS:
        field.type = _SCALARS[bare]
    elif bare in _ENUMS:
        field.type, field.type_name = _Field.TYPE_ENUM, f".{_MARKUP}.{bare}"
    else:
        field.type = _Field.TYPE_MESSAGE
        field.type_name = f".{bare}" if "." in bare else f".{_MARKUP}.{bare}"
    if kind.startswith("|"):
        field.oneof_index = 0


_CLASSES = _build()


def parse_card(card: dict[str, Any]) -> Any:
    """Parse one card as Google does, and check what parsing does not.

    Raises:
        json_format.ParseError: Google would refuse it.
        AssertionError: Google would take it and show nonsense.
    """
    message = json_format.ParseDict(
        card, card_v1.Card.pb(card_v1.Card()), ignore_unknown_fields=False
    )
    check_card(card)
    return message


def parse_response(response: dict[str, Any], *, wrapped: bool = False) -> Any:
    """Parse a whole answer of the server, and check every card and conference in it.

    Args:
        response: The decoded JSON body.
        wrapped: Whether it answers a click in the documented, wrapped form. Triggers are
            always answered bare.

    Raises:
        json_format.ParseError: Google would refuse it.
        AssertionError: Google would take it and show nonsense.
    """
    if list(response) == ["requesting_google_scopes"]:
        name = "ScopesResponse"
    else:
        name = "SubmitFormResponse" if wrapped else "RenderActions"
    message = json_format.ParseDict(response, _CLASSES[name](), ignore_unknown_fields=False)
    for card in cards_of(response):
        parse_card(card)
    data = conference_of(response)
    if data is not None:
        check_conference(data)
    return message


def cards_of(response: dict[str, Any]) -> list[dict[str, Any]]:
    """The cards an answer shows."""
    action = response.get("renderActions", response).get("action", {})
    return [
        card
        for navigation in action.get("navigations", ())
        for key in ("pushCard", "updateCard")
        if (card := navigation.get(key)) is not None
    ]


def conference_of(response: dict[str, Any]) -> dict[str, Any] | None:
    """The conference data of an answer, if it has any."""
    action = response.get("hostAppAction", {}).get("calendarAction", {})
    data: dict[str, Any] | None = action.get("createConferenceDataActionMarkup", {}).get(
        "createConferenceData"
    )
    return data


def widgets_of(card: dict[str, Any]) -> list[dict[str, Any]]:
    """The widgets of a card, in order."""
    return [widget for section in card["sections"] for widget in section["widgets"]]


def buttons_of(card: dict[str, Any]) -> list[dict[str, Any]]:
    """The buttons of a card, in order."""
    return [
        button
        for widget in widgets_of(card)
        for button in widget.get("buttonList", {}).get("buttons", ())
    ]


def texts_of(card: dict[str, Any]) -> list[str]:
    """Every text a person reads on a card, in order, as it is sent (markup included)."""
    return list(_texts(card))


def check_card(card: dict[str, Any]) -> None:
    """Check what the card message accepts although it would be wrong on the screen."""
    assert card["header"]["title"].strip(), "a card has a title"
    assert card["sections"], "a card has a section"
    assert all(section["widgets"] for section in card["sections"]), "a section has a widget"
    widgets = widgets_of(card)
    assert len(widgets) <= MAX_WIDGETS, "Google shows at most 100 widgets"
    names = [widget["textInput"].get("name") for widget in widgets if "textInput" in widget]
    assert all(names), "an input without name is never sent back"
    assert len(set(names)) == len(names), "two inputs of one name"
    for widget in widgets:
        if "textInput" in widget:
            field = widget["textInput"]
            assert field.get("label") or field.get("hintText"), "an input needs a label or a hint"
        if "buttonList" in widget:
            assert 1 <= len(widget["buttonList"]["buttons"]) <= MAX_BUTTONS_IN_ROW
        if "decoratedText" in widget:
            assert widget["decoratedText"]["text"].strip(), "a decorated text needs a text"
        if "textParagraph" in widget:
            assert widget["textParagraph"]["text"].strip(), "an empty paragraph is a gap"
    for button in buttons_of(card):
        assert button["text"].strip(), "a button says what it does"
        assert button["onClick"], "a button does something"
    for on_click in _values(card, "onClick"):
        action, link = on_click.get("action"), on_click.get("openLink")
        assert (action is None) != (link is None)
        check_url(action["function"] if action else link["url"])
    for image in _values(card, "imageUrl"):
        check_url(image)


def check_conference(data: dict[str, Any]) -> None:
    """Check conference data against Google's limits and the rules between its fields."""
    if "error" in data:
        assert list(data) == ["error"], "an error stands alone"
        url = data["error"].get("authenticationUrl")
        assert (data["error"]["type"] == "AUTHENTICATION") == (url is not None)
        if url is not None:
            check_url(url)
            assert len(url) <= MAX_URI
        return
    assert 1 <= len(data["conferenceId"]) <= MAX_CONFERENCE_ID
    assert data["conferenceSolutionId"] == "livestorm"
    assert [point["type"] for point in data["entryPoints"]] == ["VIDEO"]
    point = data["entryPoints"][0]
    check_url(point["uri"])
    assert len(point["uri"]) <= MAX_URI
    assert len(point.get("label", "")) <= MAX_ENTRY_LABEL
    assert len(data.get("note", "")) <= MAX_NOTE
    for parameter in data.get("parameters", ()):
        assert 1 <= len(parameter["key"]) <= MAX_PARAMETER_KEY
        assert len(parameter["value"]) <= MAX_PARAMETER_VALUE


def check_url(url: str) -> None:
    """Check that a URL is absolute and https, or http to this machine."""
    parts = urlsplit(url)
    assert parts.hostname, f"not absolute: {url!r}"
    loopback = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    assert parts.scheme == "https" or (parts.scheme == "http" and loopback), url
    assert not set(url) & set(" \t\r\n"), url


def _texts(value: Any) -> Iterator[str]:
    shown = {"text", "topLabel", "bottomLabel", "label", "hintText", "title", "subtitle", "header"}
    if isinstance(value, dict):
        for key, child in value.items():
            if key in shown and isinstance(child, str):
                yield child
            else:
                yield from _texts(child)
    elif isinstance(value, list):
        for child in value:
            yield from _texts(child)


def _values(value: Any, key: str) -> Iterator[Any]:
    """Every value under `key`, at any depth."""
    if isinstance(value, dict):
        if key in value:
            yield value[key]
        for child in value.values():
            yield from _values(child, key)
    elif isinstance(value, list):
        for child in value:
            yield from _values(child, key)
