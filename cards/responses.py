"""What the server answers to Google: envelopes around cards, and conference data.

Answers to triggers are bare ``RenderActions``; a trigger answered with a
``renderActions`` wrapper fails. For clicks Google documents the wrapper while
Calendar add-ons in use answer bare, so that one is a switch (`Envelope`).
Sources: developers.google.com/workspace/add-ons/guides/alternate-runtimes and
…/add-ons/reference/rpc/apps.extensions.markup. Google refuses a whole answer for
one unknown key, so nothing else is ever added.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from cards.widgets import MAX_TEXT, Card, JsonObject, clean, require_url

CONFERENCE_SOLUTION_ID = "livestorm"
"""The conference solution's id in the manifest; events carry it, so it never changes."""

# Limits of conference data: apps.extensions.markup, ConferenceDataMarkup.
MAX_CONFERENCE_ID = 512
MAX_URI = 1300
MAX_ENTRY_LABEL = 512
MAX_NOTE = 2048
MAX_CONFERENCE_PARAMETER_KEY = 50
MAX_CONFERENCE_PARAMETER_VALUE = 1024
# The same reference gives 1300 and Apps Script 1800; the smaller one suits both.
MAX_AUTHENTICATION_URL = 1300


class Envelope(Enum):
    """How an answer to a click is wrapped; the values are those of ``ACTION_ENVELOPE``."""

    BARE = "bare"
    WRAPPED = "wrapped"


class ErrorType(Enum):
    """Why no conference was made (apps.extensions.markup, ConferenceErrorType)."""

    AUTHENTICATION = "AUTHENTICATION"
    CONFERENCE_SOLUTION_FORBIDDEN = "CONFERENCE_SOLUTION_FORBIDDEN"
    PERMANENT = "PERMANENT"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    TEMPORARY = "TEMPORARY"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Conference:
    """A Livestorm room as Calendar keeps it on an event.

    Attributes:
        livestorm_event_id: The Livestorm event; also the conference id, at most 512 characters.
        livestorm_session_id: The session the link leads to.
        join_url: The room link: https (http on loopback), at most 1300 characters.
        label: What Calendar shows in place of the link, at most 512 characters.
        note: Shown to every guest under the link; HTML, at most 2048 characters. Not for
            joining details: Calendar shows those itself.

    Raises:
        ValueError: A value is empty where it may not be, or over its limit.
    """

    livestorm_event_id: str
    livestorm_session_id: str
    join_url: str
    label: str | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        _bounded("livestorm_event_id", self.livestorm_event_id, MAX_CONFERENCE_ID)
        _bounded("livestorm_session_id", self.livestorm_session_id, MAX_CONFERENCE_PARAMETER_VALUE)
        require_url(self.join_url, MAX_URI)
        if self.label is not None:
            _bounded("label", self.label, MAX_ENTRY_LABEL)
        if self.note is not None:
            _bounded("note", self.note, MAX_NOTE)


def pushed(card: Card) -> JsonObject:
    """The answer to a trigger: show `card`."""
    return {"action": {"navigations": [{"pushCard": card}]}}


def updated(
    card: Card,
    notification: str | None = None,
    *,
    envelope: Envelope = Envelope.BARE,
) -> JsonObject:
    """The answer to a click: put `card` in place of the one shown, and maybe say something.

    Args:
        card: The new card. Calendar keeps the values of inputs that both cards have.
        notification: One short sentence of plain text.
        envelope: Which of the two forms Google is sent.
    """
    action: JsonObject = {"navigations": [{"updateCard": card}]}
    if notification is not None:
        action["notification"] = _notification(notification)
    return _click({"action": action}, envelope)


def notified(text: str, *, envelope: Envelope = Envelope.BARE) -> JsonObject:
    """The answer to a click that changes nothing on the card: one short sentence."""
    return _click({"action": {"notification": _notification(text)}}, envelope)


def conference(conf: Conference) -> JsonObject:
    """The answer to "add Livestorm to this event": the room."""
    entry_point: JsonObject = {"type": "VIDEO", "uri": conf.join_url}
    if conf.label is not None:
        entry_point["label"] = conf.label
    data: JsonObject = {
        "conferenceId": conf.livestorm_event_id,
        "conferenceSolutionId": CONFERENCE_SOLUTION_ID,
        "entryPoints": [entry_point],
        "parameters": [
            {"key": "livestorm_event_id", "value": conf.livestorm_event_id},
            {"key": "livestorm_session_id", "value": conf.livestorm_session_id},
        ],
    }
    if conf.note is not None:
        data["note"] = conf.note
    return _conference_data(data)


def conference_error(error_type: ErrorType, authentication_url: str | None = None) -> JsonObject:
    """The answer to "add Livestorm to this event" when there is no room to give.

    Args:
        error_type: Why; Google has no field for words of ours.
        authentication_url: Where to sign in; goes with AUTHENTICATION, and only with it.

    Raises:
        ValueError: The URL is missing, out of place, not https, or over 1300 characters.
    """
    error: JsonObject = {"type": error_type.value}
    if (error_type is ErrorType.AUTHENTICATION) != (authentication_url is not None):
        raise ValueError("AUTHENTICATION needs the URL to sign in at, and no other error has one")
    if authentication_url is not None:
        error["authenticationUrl"] = require_url(authentication_url, MAX_AUTHENTICATION_URL)
    return _conference_data({"error": error})


def settings_url(url: str) -> JsonObject:
    """The answer to "where are this add-on's settings?"."""
    return _calendar_action(
        {"createConferenceSettingUrlActionMarkup": {"settingsUrl": require_url(url, MAX_URI)}}
    )


def requesting_google_scopes(scopes: Sequence[str] | None = None) -> JsonObject:
    """Have Google ask the person for `scopes`, or for all of the manifest, and call again."""
    if scopes is None:
        return {"requesting_google_scopes": {"all_scopes": True}}
    if not scopes:
        raise ValueError("no scope to ask for")
    return {"requesting_google_scopes": {"scopes": list(scopes)}}


def _click(render_actions: JsonObject, envelope: Envelope) -> JsonObject:
    if envelope is Envelope.WRAPPED:
        return {"renderActions": render_actions}
    return render_actions


def _notification(text: str) -> JsonObject:
    return {"text": clean(text, MAX_TEXT)}


def _conference_data(data: JsonObject) -> JsonObject:
    return _calendar_action({"createConferenceDataActionMarkup": {"createConferenceData": data}})


def _calendar_action(action: JsonObject) -> JsonObject:
    return {"hostAppAction": {"calendarAction": action}}


def _bounded(name: str, value: str, limit: int) -> None:
    if not 1 <= len(value) <= limit:
        raise ValueError(f"{name} has {len(value)} characters, 1 to {limit} are allowed")
