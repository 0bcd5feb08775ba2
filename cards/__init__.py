"""Pure functions from values to the card JSON that Google Calendar shows.

Every card function takes a language first: one of `messages.LANGUAGES`, or a locale
tag as Google sends it, whose region then decides how dates and times are written.
"""

from cards.connect import connect_card
from cards.errors import error_card
from cards.event import event_card, synced_notice
from cards.event_view import (
    EventState,
    EventTime,
    EventUrls,
    EventView,
    GuestReason,
    InSync,
    Linked,
    NoLivestorm,
    NotActivated,
    NotConnected,
    Pending,
    SomeoneElses,
    Stopped,
    SyncState,
    UnsyncedGuest,
    UnsyncedPart,
)
from cards.messages import LANGUAGES, language_for
from cards.placeholders import placeholder_title
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
    "NoLivestorm",
    "NotActivated",
    "NotConnected",
    "Pending",
    "Problem",
    "ProblemKind",
    "SomeoneElses",
    "Stopped",
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
