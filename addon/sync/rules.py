"""What the planner goes by beside the two sides."""

from dataclasses import dataclass
from datetime import datetime, timedelta

DELETION_GRACE = timedelta(seconds=60)
"""Long enough for a move (a deletion here, a creation there) and for the "Undo" that Calendar
offers; short enough to look immediate. The setting DELETE_GRACE_SECONDS replaces it."""

MISSING_GRACE = timedelta(hours=24)
"""How long Calendar may say that it knows no such event before that is believed. Nobody deleted it:
that would be seen. Google asks to back off and ask again (developers.google.com/workspace/calendar/
api/guides/errors, 404), and access that was taken away by mistake is given back within a day."""

MISSING_AGAIN = timedelta(hours=1)
"""When it is asked for again meanwhile: as rarely as anything that does not work."""

UNSAVED_GRACE = timedelta(hours=24)
"""How long a Calendar event may stay unsaved in an open editor before we stop waiting for it."""

SOONEST = timedelta(seconds=60)
"""Livestorm refuses sessions in the past; this covers the way of the request and two clocks that
differ a little."""

MAKING = timedelta(seconds=10)
"""Within this time of its creation, a change of Livestorm's event is still our own: settings are
copied from the template, and a start that was misread is put right. As long as a room may take
until it is given up; nobody has found the new event and rewritten it by then."""

LOOK_AHEAD = timedelta(days=2 * 366)
"""Occurrences later than this get no session yet: a yearly event still shows the next one."""

GUEST_LIMIT = 200
"""Guests that are kept the same; the figure of Livestorm's help article on Google Calendar, and
where Calendar stops telling guests about each other's answers."""

OCCURRENCE_SESSIONS = 10

SUDDENLY_EMPTY = 5
"""When at least so many people leave one side, and nobody is left there, that is taken for a fault
until it is seen again after the grace time. Fewer are removed by hand often enough."""


@dataclass(frozen=True)
class Rules:
    """Settings, and facts that belong to neither side.

    Attributes:
        now: The present instant.
        linked_at: Since when they belong together.
        placeholder_title: What Livestorm is told to call an event without a title.
        placeholder_titles: What such an event may be called besides: every language's.
        written_title, written_start: What Livestorm's event was given before both sides ever met.
        occurrence_sessions: How many upcoming occurrences of a series get a session each; 0: only
            the first.
        bare_cancellation_is_deletion: Whether a cancelled Calendar event of which only an id is
            left was deleted, rather than moved out of sight.
        never_guests: Normalised addresses that are never registered and never become guests:
            members of the workspace, the accounts that organize.
        groups: Normalised addresses that look like groups; they only add a warning.
        footer: HTML put below the description in Calendar; empty for none.
    """

    now: datetime
    linked_at: datetime
    placeholder_title: str = "Livestorm"
    placeholder_titles: frozenset[str] = frozenset()
    written_title: str | None = None
    written_start: datetime | None = None
    occurrence_sessions: int = OCCURRENCE_SESSIONS
    guest_limit: int = GUEST_LIMIT
    deletion_grace: timedelta = DELETION_GRACE
    missing_grace: timedelta = MISSING_GRACE
    unsaved_grace: timedelta = UNSAVED_GRACE
    bare_cancellation_is_deletion: bool = False
    never_guests: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    footer: str = ""

    @property
    def soonest(self) -> datetime:
        """The earliest start that Livestorm takes."""
        return self.now + SOONEST

    def stands_in(self, title: str) -> bool:
        """Whether a title is nobody's wish: none at all, or one that was put in its place."""
        return title in {"", self.placeholder_title} or title in self.placeholder_titles
