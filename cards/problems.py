"""What keeps an event from being in sync, in words.

Each problem says what happened, what that means for the event, and what to do. "Sync now" and
the sign-in buttons stand below these words on the card, and are called by their labels.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from cards.messages import Translator, message_id


class ProblemKind(Enum):
    """Everything that can keep an event from being in sync."""

    LIVESTORM_DOWN = auto()
    """No answer, a time-out, or an answer that makes no sense."""
    LIVESTORM_REFUSED = auto()
    """Livestorm did not accept the values; `Problem.detail` has its words."""
    VANISHED = auto()
    """Livestorm does not find the event, and it is doubted that it was deleted."""
    RATE_LIMITED = auto()
    """The workspace's allowance of requests is used up; `Problem.retry_at` says until when."""
    PERMISSION = auto()
    """The person's role in the workspace does not allow it."""
    PLAN_LIMIT = auto()
    """The workspace's Livestorm plan does not allow it (any more)."""
    LIVESTORM_ACCESS_LOST = auto()
    """Livestorm no longer accepts the person's connection."""
    OTHER_WORKSPACE = auto()
    """The person is connected to another workspace than the event's."""
    GOOGLE_ACCESS_LOST = auto()
    """Google no longer accepts the consent given with "Activate with Google"."""
    GOOGLE_DOWN = auto()
    """Google Calendar gave no usable answer."""
    GOOGLE_LIMIT = auto()
    """Google takes no more changes of this calendar for some hours."""
    CALENDAR_REFUSED = auto()
    """Google Calendar does not let this person read or change the event."""


@dataclass(frozen=True)
class Problem:
    """One thing that went wrong.

    Attributes:
        kind: Which.
        retry_at: When it is tried again by itself (aware).
        detail: Livestorm's own words, as plain text.
    """

    kind: ProblemKind
    retry_at: datetime | None = None
    detail: str | None = None


@dataclass(frozen=True)
class Explanation:
    """A problem in words: a headline, the cause, what it means for the event, what to do.

    `passing`: it goes away by itself, so that nobody need be alarmed.
    """

    headline: str
    cause: str
    meaning: str
    remedy: str
    passing: bool


def explain(t: Translator, problem: Problem, zone: str | None = None) -> Explanation:
    """`problem` in the words of one language; times are shown in `zone`."""
    headline, cause, meaning, remedy = _WORDS[problem.kind]
    return Explanation(
        t.gettext(headline),
        t.gettext(cause),
        t.gettext(meaning),
        _by_itself(t, problem.retry_at, zone) if remedy is None else t.gettext(remedy),
        passing=remedy is None,
    )


def try_again(t: Translator, retry_at: datetime | None, zone: str | None) -> str:
    """The sentence that says when trying again makes sense."""
    if retry_at is None:
        return t.gettext("Please try again in a few minutes.")
    return t.gettext("Please try again after {moment}.", moment=t.moment(retry_at, zone))


def _by_itself(t: Translator, retry_at: datetime | None, zone: str | None) -> str:
    """What there is to do where waiting is all that helps: nothing."""
    if retry_at is None:
        return t.gettext(
            "You need not do anything: we keep trying. To try at once, press “Sync now”."
        )
    return t.gettext(
        "You need not do anything: we try again on {moment}. To try at once, press “Sync now”.",
        moment=t.moment(retry_at, zone),
    )


_WAITING = message_id("Changes and guests wait, and nothing is lost. The join link stays the same.")
_STOPPED = message_id(
    "The join link works as before, but changes and new guests are not carried over any more."
)
_NO_REMEDY = None
"""In place of what to do: waiting is all there is, so `_by_itself` says it."""

# Headline, cause, what it means for the event, what to do.
_WORDS: Mapping[ProblemKind, tuple[str, str, str, str | None]] = {
    ProblemKind.LIVESTORM_DOWN: (
        message_id("Livestorm is not answering"),
        message_id("Livestorm cannot be reached at the moment."),
        _WAITING,
        _NO_REMEDY,
    ),
    ProblemKind.LIVESTORM_REFUSED: (
        message_id("Livestorm refused a change"),
        message_id("Livestorm did not accept a change of this event."),
        message_id("The join link works as before, but the two sides are not the same."),
        message_id(
            "Check title, time and guests of the event, correct what Livestorm may not like, save,"
            " then press “Sync now”."
        ),
    ),
    ProblemKind.VANISHED: (
        message_id("Livestorm does not find this event"),
        message_id(
            "Several of your Livestorm events cannot be found any more. Perhaps they were deleted,"
            " perhaps you may no longer see them."
        ),
        message_id("Nothing is deleted in Google Calendar while that is in doubt."),
        message_id(
            "If you deleted the event in Livestorm, delete it in Google Calendar as well. If not,"
            " ask an administrator of the workspace to check your role, then press “Sync now”."
        ),
    ),
    ProblemKind.RATE_LIMITED: (
        message_id("Livestorm asks us to wait"),
        message_id(
            "Your Livestorm workspace has used up the number of requests"
            " that Livestorm accepts for now."
        ),
        _WAITING,
        _NO_REMEDY,
    ),
    ProblemKind.PERMISSION: (
        message_id("Livestorm does not allow this"),
        message_id(
            "Your role in the Livestorm workspace does not allow you to change this event there."
        ),
        _STOPPED,
        message_id(
            "Ask an administrator of the workspace to change your role, then press “Sync now”."
        ),
    ),
    ProblemKind.PLAN_LIMIT: (
        message_id("Your Livestorm plan has reached a limit"),
        message_id(
            "The plan of your Livestorm workspace allows no more at present, for example no more"
            " registrants."
        ),
        _STOPPED,
        message_id(
            "Ask an administrator of the workspace to check the plan in Livestorm, then press"
            " “Sync now”."
        ),
    ),
    ProblemKind.LIVESTORM_ACCESS_LOST: (
        message_id("Livestorm has signed you out"),
        message_id("Livestorm no longer accepts the access that you gave us."),
        _STOPPED,
        message_id(
            "Press “Sign in to Livestorm”. What has changed since is carried over after that."
        ),
    ),
    ProblemKind.OTHER_WORKSPACE: (
        message_id("You use another Livestorm workspace"),
        message_id(
            "The room of this event is in a Livestorm workspace to which you are not connected"
            " at present."
        ),
        _STOPPED,
        message_id(
            "Open the Livestorm panel beside your calendar and press “Sign out”. Then sign in to"
            " Livestorm and choose the workspace of this event."
        ),
    ),
    ProblemKind.GOOGLE_ACCESS_LOST: (
        message_id("Google no longer gives us access"),
        message_id("The access to your calendar that you gave us was withdrawn or has expired."),
        _STOPPED,
        message_id(
            "Press “Activate with Google”. What has changed since is carried over after that."
        ),
    ),
    ProblemKind.GOOGLE_DOWN: (
        message_id("Google Calendar is not answering"),
        message_id("Google Calendar cannot be reached at the moment."),
        _WAITING,
        _NO_REMEDY,
    ),
    ProblemKind.GOOGLE_LIMIT: (
        message_id("Google Calendar asks us to wait"),
        message_id("Your calendar was changed so often that Google takes no more changes for now."),
        _WAITING,
        _NO_REMEDY,
    ),
    ProblemKind.CALENDAR_REFUSED: (
        message_id("Google Calendar does not allow this"),
        message_id(
            "Google Calendar does not let you change this event, or it is no longer in this"
            " calendar."
        ),
        message_id(
            "The join link works as before, but changes made in Livestorm do not appear here."
        ),
        message_id(
            "Ask the owner of the calendar for the right to make changes, then press “Sync now”."
        ),
    ),
}
