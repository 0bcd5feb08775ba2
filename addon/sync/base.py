"""The base: what each side said when both last agreed, and what has to be remembered since.

Every value is kept once per side, because agreement is not always equality: a title is cut, a
length is ignored, a past start cannot be taken, an editor spells HTML its own way. "Changed" then
means: this side no longer says what it said, whatever the other one holds. That is what keeps an
ignored length from looking like somebody's wish, without any list of such cases.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Any, Generic, TypeAlias, TypeVar

from addon.sync.values import When

T = TypeVar("T")

Difference: TypeAlias = Mapping[str, Any] | None
"""What one occurrence has of its own beside its series, as Calendar writes it; None: it is
cancelled."""

SINGLE = ""
"""The key of the only occurrence of an event that does not recur, and of a series as a whole."""


@dataclass(frozen=True)
class Pair(Generic[T]):
    """What the two sides said of one thing."""

    calendar: T
    livestorm: T


class Standing(Enum):
    """What was agreed about one person at one occurrence."""

    BOTH = "both"
    """On the guest list and registered."""
    SPEAKER = "speaker"
    """On the guest list, and a guest speaker in Livestorm; never removed there by us."""
    UNSURE = "unsure"
    """On the guest list; the registration may have gone with one that we removed elsewhere."""
    CALENDAR_ONLY = "calendar_only"
    """On the guest list; Livestorm refused them."""
    LIVESTORM_ONLY = "livestorm_only"
    """Registered, and taken off the guest list without being unregistered."""
    LEFT_OUT = "left_out"
    """Registered; to be added to the guest list as soon as it has room or may be written."""
    NOT_KEPT = "not_kept"
    """Registered, and added to the guest list, on which Calendar did not keep them."""
    TEAM = "team"
    """A member of the workspace, invited or at the session: neither registered nor removed by us.
    Remembered because it shows only where the people of a session are read."""


@dataclass(frozen=True)
class Agreed:
    """One occurrence and its session.

    Attributes:
        session_id: The Livestorm session.
        when: When Calendar had it; None until both agreed on it for the first time.
        session_start: When Livestorm had it; None if it gave no date.
        guests: By normalised address.
        session_gone_since: Since when the session is known to be deleted or cancelled.
        emptied_since: Since when a whole list of people is missing on one side.
        registrants: How many people Livestorm counted when they were last read, with those that
            the program registered or removed since; None before that.
        people_read: When that was.
    """

    session_id: str
    when: When | None = None
    session_start: datetime | None = None
    guests: Mapping[str, Standing] = field(default_factory=dict)
    session_gone_since: datetime | None = None
    emptied_since: datetime | None = None
    registrants: int | None = None
    people_read: datetime | None = None

    def counting(self, change: int) -> "Agreed":
        """The same after the program registered (or, below 0, removed) so many people."""
        if self.registrants is None:
            return self
        return replace(self, registrants=self.registrants + change)

    def is_over(self, now: datetime) -> bool:
        """Whether it was over, as far as was agreed."""
        return self.when is not None and self.when.over_at <= now


@dataclass(frozen=True)
class Made:
    """What both sides had when their link was made: what they go by until they first agree.

    The title is not among it: the link's own row has the one that Livestorm's event was made with.

    Attributes:
        start: None in Calendar while the event is not saved.
        followed: The Calendar event was saved and its person had activated, so that whatever
            happens to either side since is to be carried, a deletion too.
    """

    description: Pair[str]
    start: Pair[datetime | None]
    minutes: Pair[int | None]
    followed: bool


@dataclass(frozen=True)
class Base:
    """Stored with the link.

    Attributes:
        made: None once both sides agreed, and where it is not known.
        title, description, minutes: None before the first agreement on them.
        when, recurrence: The Calendar event's own, of a series the whole's.
        occurrences: By key (see `addon.sync.occurrences.key_of`); `SINGLE` without a series.
        calendar_gone_since, livestorm_gone_since: Since when a side is known to be deleted.
        calendar_missing_since: Since when Calendar says that it knows no such event.
        kept: Sessions still to come whose occurrence is no more; they have people of their own, or
            Livestorm would not delete them.
        asked: For which occurrences, by key, Livestorm was asked for a session and no answer was
            stored, and when they were then. Such a session may be there, and it is ours.
        differing: By key, the occurrences that differed from their series when it was given
            another length, and have not been seen to differ still; see `addon.sync.differing`.
    """

    made: Made | None = None
    title: Pair[str] | None = None
    description: Pair[str] | None = None
    minutes: Pair[int | None] | None = None
    when: When | None = None
    recurrence: tuple[str, ...] = ()
    occurrences: Mapping[str, Agreed] = field(default_factory=dict)
    calendar_gone_since: datetime | None = None
    livestorm_gone_since: datetime | None = None
    calendar_missing_since: datetime | None = None
    kept: tuple[str, ...] = ()
    asked: Mapping[str, When] = field(default_factory=dict)
    differing: Mapping[str, Difference] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        """Whether both sides were ever compared."""
        return self.title is not None

    @property
    def agreed(self) -> bool:
        """Whether nothing is left of which only the values are known that it was made with."""
        fields = (self.title, self.description, self.minutes)
        starts = [one.when for one in self.occurrences.values()]
        return bool(starts) and None not in (*fields, *starts)

    def keeping(self, session_id: str) -> "Base":
        """The base with a session that stays although its occurrence is no more."""
        return replace(self, kept=tuple(sorted({*self.kept, session_id})))

    def with_occurrence(self, key: str, agreed: Agreed | None) -> "Base":
        """The base with one occurrence replaced, or removed (None)."""
        others = {name: value for name, value in self.occurrences.items() if name != key}
        if agreed is not None:
            others[key] = agreed
        return replace(self, occurrences=dict(sorted(others.items())))
