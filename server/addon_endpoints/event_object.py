"""Google's event object: what comes with every add-on call, parsed and bounded.

Source: developers.google.com/workspace/add-ons/concepts/event-objects. Unknown keys are ignored
(deprecated duplicates still arrive), every string has a limit, and nothing is trusted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from addon.google.events import known_timezone

MAX_ID = 1024
"""Calendar's event ids have at most 1,024 characters of ASCII; calendar ids are addresses, far
shorter. Counted in bytes: two of them must fit into one entry of a PostgreSQL index, 2,704."""

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
    """A string that a database can keep: no NUL, no half of a surrogate pair, not too long.

    Attributes:
        longest: In bytes of UTF-8, which is what indices and databases count.
    """

    def __init__(self, longest: int, **options: Any) -> None:
        """Take strings of at most `longest` bytes, and null."""
        super().__init__(allow_none=True, **options)
        self.longest = longest

    def deserialize(
        self,
        value: Any,
        attr: str | None = None,
        data: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Return the string, or None for null.

        marshmallow's own steps, for whatever a field may be, take several times as long.

        Raises:
            ValidationError: it is no string, or none to keep.
        """
        del attr, data, kwargs
        if value is None:
            return None
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if "\0" in value:
            raise ValidationError("contains a character that is not text")
        try:
            size = len(value.encode())
        except UnicodeEncodeError:
            raise ValidationError("contains a character that is not text") from None
        if size > self.longest:
            raise ValidationError(f"is longer than {self.longest} bytes")
        return value


class FormInput(fields.Field[str | None]):
    """The first value of a text input; None where something else came in its place.

    Google sends `{"stringInputs": {"value": […]}}`; in Apps Script the same lies one level
    deeper, under an empty key. It is what a person typed, so nothing about it is refused: what is
    no text is left out, and what is too long is cut.
    """

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str | None:
        del attr, data, kwargs
        if isinstance(value, Mapping) and "" in value:
            value = value[""]
        strings = value.get("stringInputs") if isinstance(value, Mapping) else None
        values = strings.get("value", []) if isinstance(strings, Mapping) else None
        # Google leaves out what is empty.
        first = (values[0] if values else "") if isinstance(values, list) else None
        if not isinstance(first, str):
            return None
        return first[:MAX_INPUT].replace("\0", "").encode("utf-8", "replace").decode()


class _Part(Schema):
    """An object of which a few keys are read. None of them must be there."""

    class Meta:
        unknown = EXCLUDE

    def load(self, data: Any, **options: Any) -> Any:
        """Check the keys that are there, and those alone.

        marshmallow's own way, for whatever a schema may be, takes more than twice as long, and
        every call of Google's passes here five times.

        Raises:
            ValidationError: naming every key that is wrong.
        """
        del options
        if not isinstance(data, Mapping):
            raise ValidationError(self.error_messages["type"])
        loaded: dict[str, Any] = {}
        wrong: dict[str, Any] = {}
        for name, part in self.load_fields.items():
            if name in data:
                try:
                    loaded[name] = part.deserialize(data[name], name, data)
                except ValidationError as error:
                    wrong[name] = error.messages
        if wrong:
            raise ValidationError(wrong)
        return loaded


class _Within(fields.Nested):
    """A part of an object, or null in its place."""

    def __init__(self, part: type[_Part]) -> None:
        super().__init__(part, allow_none=True)

    def deserialize(
        self,
        value: Any,
        attr: str | None = None,
        data: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Return what is read of the part, or None for null, in fewer steps than marshmallow's own.

        Raises:
            ValidationError: something in it is wrong.
        """
        del attr, data, kwargs
        return None if value is None else self.schema.load(value)


class _TimeZone(_Part):
    id = Text(MAX_ZONE)


class _Common(_Part):
    userLocale = Text(MAX_LOCALE)  # noqa: N815 - Google's spelling
    timeZone = _Within(_TimeZone)  # noqa: N815
    formInputs = fields.Dict(  # noqa: N815
        keys=Text(MAX_ID),
        values=FormInput(allow_none=True),
        allow_none=True,
        validate=validate.Length(max=MAX_INPUTS),
    )


class _Authorization(_Part):
    userOAuthToken = Text(MAX_TOKEN)  # noqa: N815
    # One of Google's own samples reads it in this spelling.
    userOauthToken = Text(MAX_TOKEN)  # noqa: N815
    userIdToken = Text(MAX_TOKEN)  # noqa: N815


class _Organizer(_Part):
    email = Text(MAX_ID)


class _Calendar(_Part):
    calendarId = Text(MAX_ID)  # noqa: N815
    id = Text(MAX_ID)
    recurringEventId = Text(MAX_ID)  # noqa: N815
    organizer = _Within(_Organizer)


@dataclass(frozen=True)
class EventObject:
    """What the program reads of an event object.

    Attributes:
        locale: The person's language tag; English when Google does not say.
        timezone: The person's zone, a known IANA name; UTC when there is none.
        inputs: The card's form, by input name: what was typed, or None where that cannot be read.
            An input that is missing was left empty, for Google leaves empty ones out
            (developers.google.com/workspace/add-ons/concepts/event-objects), and with the last of
            them the whole form. None when the form is no form, or nothing came that could have
            had one.
        google_token: The person's access token for this one call.
        user_id_token: Their ID token, not verified here.
        calendar_id: The calendar, None outside an event.
        event_id: The event, None for a new one that has no id yet.
        series_id: Of an occurrence, the event id of its series.
        organizer: Address of the event's organizer; of a team calendar, the calendar's id.
    """

    locale: str
    timezone: str
    inputs: Mapping[str, str | None] | None
    google_token: str | None = field(repr=False)
    user_id_token: str | None = field(repr=False)
    calendar_id: str | None
    event_id: str | None
    series_id: str | None
    organizer: str | None


class EventObjectSchema(_Part):
    """Parses a request body into an `EventObject`."""

    commonEventObject = _Within(_Common)  # noqa: N815
    authorizationEventObject = _Within(_Authorization)  # noqa: N815
    calendar = _Within(_Calendar)

    def load(self, data: Any, **options: Any) -> EventObject:
        """Check a body and turn it into a value.

        Raises:
            ValidationError: naming everything that is wrong.
        """
        return _value(super().load(data, **options))


def _value(data: Mapping[str, Any]) -> EventObject:
    envelope = data.get("commonEventObject")
    common = envelope or {}
    authorization = data.get("authorizationEventObject") or {}
    calendar = data.get("calendar") or {}
    zone = (common.get("timeZone") or {}).get("id")
    return EventObject(
        locale=common.get("userLocale") or DEFAULT_LOCALE,
        timezone=known_timezone(zone) or DEFAULT_ZONE,
        inputs=None if envelope is None else envelope.get("formInputs", {}),
        google_token=authorization.get("userOAuthToken")
        or authorization.get("userOauthToken")
        or None,
        user_id_token=authorization.get("userIdToken") or None,
        calendar_id=calendar.get("calendarId") or None,
        event_id=calendar.get("id") or None,
        series_id=calendar.get("recurringEventId") or None,
        organizer=(calendar.get("organizer") or {}).get("email") or None,
    )
