"""Google's event object: what comes with every add-on call, parsed and bounded.

Source: developers.google.com/workspace/add-ons/concepts/event-objects. Unknown keys are ignored
(deprecated duplicates still arrive), every string has a limit, and nothing is trusted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate

from addon.google.events import known_timezone

MAX_ID = 1024
"""Calendar's event ids have at most 1,024 characters; calendar ids are addresses, far shorter."""

MAX_TOKEN = 8192
"""Google's access and ID tokens are one to two thousand characters."""

MAX_INPUT = 2048
"""The longest thing anybody pastes into our one text field is a URL."""

MAX_LOCALE = 64
MAX_ZONE = 64
"""Tags and zone names in use have at most some 35 characters."""

MAX_INPUTS = 100
"""A card has at most 100 widgets."""

DEFAULT_ZONE = "UTC"
DEFAULT_LOCALE = "en"


class Text(fields.String):
    """A string that a database can keep: no NUL, no half of a surrogate pair."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
            raise ValidationError("contains a character that is not text")
        return text


def _text(longest: int, **options: Any) -> Text:
    return Text(allow_none=True, validate=validate.Length(max=longest), **options)


class FormInput(fields.Field[str]):
    """The first value of a form input.

    Google sends `{"stringInputs": {"value": […]}}`; in Apps Script the same lies one level
    deeper, under an empty key.
    """

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        del attr, data, kwargs
        if isinstance(value, Mapping) and "" in value:
            value = value[""]
        if not isinstance(value, Mapping):
            raise ValidationError("is not a form input")
        strings = value.get("stringInputs")
        values = strings.get("value") if isinstance(strings, Mapping) else None
        first = values[0] if isinstance(values, list) and values else ""
        checked: str = _text(MAX_INPUT).deserialize(first) or ""
        return checked


class _Part(Schema):
    class Meta:
        unknown = EXCLUDE


class _TimeZone(_Part):
    id = _text(MAX_ZONE)


class _Common(_Part):
    userLocale = _text(MAX_LOCALE)  # noqa: N815 - Google's spelling
    timeZone = fields.Nested(_TimeZone, allow_none=True)  # noqa: N815
    formInputs = fields.Dict(  # noqa: N815
        keys=_text(MAX_ID),
        values=FormInput(),
        allow_none=True,
        validate=validate.Length(max=MAX_INPUTS),
    )


class _Authorization(_Part):
    userOAuthToken = _text(MAX_TOKEN)  # noqa: N815
    # One of Google's own samples reads it in this spelling.
    userOauthToken = _text(MAX_TOKEN)  # noqa: N815
    userIdToken = _text(MAX_TOKEN)  # noqa: N815


class _Calendar(_Part):
    calendarId = _text(MAX_ID)  # noqa: N815
    id = _text(MAX_ID)


@dataclass(frozen=True)
class EventObject:
    """What the program reads of an event object.

    Attributes:
        locale: The person's language tag; English when Google does not say.
        timezone: The person's zone, a known IANA name; UTC when there is none.
        inputs: The card's form, by input name.
        google_token: The person's access token for this one call.
        user_id_token: Their ID token, not verified here.
        calendar_id: The calendar, None outside an event.
        event_id: The event, None for a new one that has no id yet.
    """

    locale: str
    timezone: str
    inputs: Mapping[str, str]
    google_token: str | None = field(repr=False)
    user_id_token: str | None = field(repr=False)
    calendar_id: str | None
    event_id: str | None


class EventObjectSchema(_Part):
    """Parses a request body into an `EventObject`."""

    commonEventObject = fields.Nested(_Common, allow_none=True)  # noqa: N815
    authorizationEventObject = fields.Nested(_Authorization, allow_none=True)  # noqa: N815
    calendar = fields.Nested(_Calendar, allow_none=True)

    @post_load
    def build(self, data: dict[str, Any], **_kwargs: Any) -> EventObject:
        """Turn the checked parts into a value."""
        common = data.get("commonEventObject") or {}
        authorization = data.get("authorizationEventObject") or {}
        calendar = data.get("calendar") or {}
        zone = (common.get("timeZone") or {}).get("id")
        return EventObject(
            locale=common.get("userLocale") or DEFAULT_LOCALE,
            timezone=known_timezone(zone) or DEFAULT_ZONE,
            inputs=common.get("formInputs") or {},
            google_token=authorization.get("userOAuthToken")
            or authorization.get("userOauthToken")
            or None,
            user_id_token=authorization.get("userIdToken") or None,
            calendar_id=calendar.get("calendarId") or None,
            event_id=calendar.get("id") or None,
        )
