"""What can go wrong, in words: the cause first, then what the person can do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from cards.messages import Translator, message_id


class ProblemKind(Enum):
    """Everything that can keep us from doing what was asked."""

    LIVESTORM_DOWN = auto()
    """No answer, a time-out, or an answer that makes no sense."""
    LIVESTORM_REFUSED = auto()
    """Livestorm did not accept the values; `Problem.detail` has its words."""
    RATE_LIMITED = auto()
    """The workspace's allowance of requests is used up; `Problem.retry_at` says until when."""
    PERMISSION = auto()
    """The person's role in the workspace does not allow it."""
    PLAN_LIMIT = auto()
    """The workspace's Livestorm plan does not allow it (any more)."""
    NOT_FOUND = auto()
    """The Livestorm event is gone, or was never visible to this person."""
    TEMPLATE_GONE = auto()
    """The event whose settings were to be copied cannot be read any more."""
    LIVESTORM_ACCESS_LOST = auto()
    """Livestorm no longer accepts the person's connection."""
    GOOGLE_ACCESS_LOST = auto()
    """Google no longer accepts the consent given with "Activate with Google"."""
    GOOGLE_DOWN = auto()
    """Google Calendar gave no usable answer."""
    CALENDAR_EVENT_UNREADABLE = auto()
    """The Calendar event does not exist yet, or this person may not read it."""
    UNEXPECTED = auto()
    """A defect of ours; `Problem.reference` finds it in the logs."""


@dataclass(frozen=True)
class Problem:
    """One thing that went wrong.

    Attributes:
        kind: Which.
        retry_at: Earliest instant at which trying again makes sense (aware).
        detail: Livestorm's own words, as plain text.
        reference: What support needs to find this failure.
    """

    kind: ProblemKind
    retry_at: datetime | None = None
    detail: str | None = None
    reference: str | None = None


@dataclass(frozen=True)
class Explanation:
    """A problem in words: a headline, the cause, and what to do."""

    headline: str
    cause: str
    remedy: str


def explain(t: Translator, problem: Problem, zone: str | None = None) -> Explanation:
    """`problem` in the words of one language; times are shown in `zone`."""
    headline, cause, remedy = _WORDS[problem.kind]
    return Explanation(
        t.gettext(headline),
        t.gettext(cause),
        try_again(t, problem.retry_at, zone) if remedy is None else t.gettext(remedy),
    )


def try_again(t: Translator, retry_at: datetime | None, zone: str | None) -> str:
    """The sentence that says when to try again."""
    if retry_at is None:
        return t.gettext("Please try again in a few minutes.")
    return t.gettext("Please try again after {moment}.", moment=t.moment(retry_at, zone))


_WAIT = None
"""In place of what to do: waiting is all there is, so `try_again` says it."""

# Headline, cause, what to do.
_WORDS: Mapping[ProblemKind, tuple[str, str, str | None]] = {
    ProblemKind.LIVESTORM_DOWN: (
        message_id("Livestorm is not answering"),
        message_id("Livestorm did not answer us. Your event and your settings are safe."),
        _WAIT,
    ),
    ProblemKind.LIVESTORM_REFUSED: (
        message_id("Livestorm did not accept this event"),
        message_id("Livestorm did not accept something in this event."),
        message_id("Correct the event in Google Calendar, save it, then try again."),
    ),
    ProblemKind.RATE_LIMITED: (
        message_id("Livestorm asks us to wait"),
        message_id(
            "Your Livestorm workspace has used up the number of requests"
            " that Livestorm accepts for now. Nothing is lost."
        ),
        _WAIT,
    ),
    ProblemKind.PERMISSION: (
        message_id("Your Livestorm role does not allow this"),
        message_id("In your Livestorm workspace, your role does not allow this."),
        message_id("Ask an administrator of the workspace to do it or to change your role."),
    ),
    ProblemKind.PLAN_LIMIT: (
        message_id("Your Livestorm plan has reached a limit"),
        message_id("The plan of your Livestorm workspace does not allow this at present."),
        message_id(
            "Ask an administrator of the workspace to check the plan in Livestorm, then try again."
        ),
    ),
    ProblemKind.NOT_FOUND: (
        message_id("This event is not in Livestorm any more"),
        message_id(
            "The Livestorm event was deleted, or it belongs to a workspace that you cannot see."
        ),
        message_id(
            "For a new link, remove the video conference from the event in"
            " Google Calendar, then choose Livestorm again."
        ),
    ),
    ProblemKind.TEMPLATE_GONE: (
        message_id("The event you copy settings from is gone"),
        message_id(
            "The event whose settings you copy was deleted in Livestorm,"
            " or you can no longer see it."
        ),
        message_id(
            "Open the Livestorm panel beside your calendar, then save the ID of"
            " another event, or empty the field and save."
        ),
    ),
    ProblemKind.LIVESTORM_ACCESS_LOST: (
        message_id("Livestorm has signed you out"),
        message_id("Livestorm no longer accepts the access that you gave us."),
        message_id("Sign in to Livestorm again. Your events stay as they are."),
    ),
    ProblemKind.GOOGLE_ACCESS_LOST: (
        message_id("Google no longer gives us access"),
        message_id("Google no longer gives us access to your calendar."),
        message_id("Activate the integration with Google again. Your events stay as they are."),
    ),
    ProblemKind.GOOGLE_DOWN: (
        message_id("Google Calendar is not answering"),
        message_id("Google Calendar did not answer us. Your event is safe."),
        _WAIT,
    ),
    ProblemKind.CALENDAR_EVENT_UNREADABLE: (
        message_id("We cannot read this event"),
        message_id(
            "This event is not saved yet, or its calendar does not let you see its details."
        ),
        message_id("Save the event, then open it again."),
    ),
    ProblemKind.UNEXPECTED: (
        message_id("Something went wrong on our side"),
        message_id("We could not do this because of an error on our side."),
        message_id("Please try again. If it happens again, contact support."),
    ),
}
