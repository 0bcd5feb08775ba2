"""Pure functions from values to the card JSON that Google Calendar shows.

Every card function takes a language first: one of `messages.LANGUAGES`, or a locale
tag as Google sends it, whose region then decides how dates and times are written.
"""

from cards.connect import connect_card
from cards.errors import error_card
from cards.event import event_card
from cards.event_view import (
    Apart,
    ApartReason,
    EventState,
    EventTime,
    EventUrls,
    EventView,
    GuestReason,
    InSync,
    Linked,
    MissingStep,
    NoLivestorm,
    NotActivated,
    NotConnected,
    Pending,
    Registering,
    SomeoneElses,
    Stopped,
    SyncState,
    UnsyncedGuest,
    UnsyncedPart,
)
from cards.linked import synced_notice
from cards.messages import LANGUAGES, language_for
from cards.placeholders import placeholder_title, placeholder_titles
from cards.problems import Problem, ProblemKind
from cards.responses import (
    CONFERENCE_SOLUTION_ID,
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
from cards.template import (
    TEMPLATE_INPUT,
    SyncOff,
    TemplateProblem,
    TemplateProblemKind,
    TemplateView,
    signed_out_notice,
    template_notice,
    template_panel,
    template_problem_notice,
)
from cards.widgets import Card, JsonObject, is_openable

__all__ = [
    "CONFERENCE_SOLUTION_ID",
    "LANGUAGES",
    "TEMPLATE_INPUT",
    "Apart",
    "ApartReason",
    "Card",
    "Conference",
    "Envelope",
    "ErrorType",
    "EventState",
    "EventTime",
    "EventUrls",
    "EventView",
    "GuestReason",
    "InSync",
    "JsonObject",
    "Linked",
    "MissingStep",
    "NoLivestorm",
    "NotActivated",
    "NotConnected",
    "Pending",
    "Problem",
    "ProblemKind",
    "Registering",
    "SomeoneElses",
    "Stopped",
    "SyncOff",
    "SyncState",
    "TemplateProblem",
    "TemplateProblemKind",
    "TemplateView",
    "UnsyncedGuest",
    "UnsyncedPart",
    "conference",
    "conference_error",
    "connect_card",
    "error_card",
    "event_card",
    "is_openable",
    "language_for",
    "notified",
    "placeholder_title",
    "placeholder_titles",
    "pushed",
    "requesting_google_scopes",
    "settings_url",
    "signed_out_notice",
    "synced_notice",
    "template_notice",
    "template_panel",
    "template_problem_notice",
    "updated",
]
