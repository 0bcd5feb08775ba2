"""Canonical values: what each side says, in a form in which equal things are equal."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from addon import description

LIVESTORM_TITLE = 255
"""Livestorm's titles are a single database string; longer ones are cut, not refused."""

_LONGEST_ADDRESS = 254  # RFC 5321 §4.5.3.1.3, without the angle brackets
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b\ufeff]")


class Role(Enum):
    """What somebody is to an event."""

    ATTENDEE = "attendee"
    SPEAKER = "speaker"
    """A guest speaker of Livestorm; its API only shows them."""
    ORGANIZER = "organizer"
    """Of the Calendar event, or the owner of the calendar itself."""
    TEAM = "team"
    """A member of the Livestorm workspace."""
    RESOURCE = "resource"
    """A room, a thing, a calendar."""


@dataclass(frozen=True)
class Guest:
    """Somebody on a guest list or among registrants. `address` is normalised.

    Attributes:
        declined: They answered no in Calendar.
    """

    address: str
    role: Role = Role.ATTENDEE
    first_name: str = ""
    last_name: str = ""
    declined: bool = False


@dataclass(frozen=True)
class When:
    """When an event takes place. Instants in UTC and whole minutes, which both sides can hold.

    Attributes:
        timezone: IANA zone in which a series keeps its time of day.
        day: The first day of an all-day event; `start` is then nine in the morning of it, and
            `end` nine in the morning of the day after its last.
    """

    start: datetime
    end: datetime
    timezone: str
    day: date | None = None

    @property
    def minutes(self) -> int | None:
        """The length; None when there is none to speak of: all day, or no time at all."""
        length = int((self.end - self.start) / timedelta(minutes=1))
        return length if self.day is None and length > 0 else None

    @property
    def over_at(self) -> datetime:
        """The instant at which it is over."""
        if self.day is None:
            return max(self.start, self.end)
        return instant(datetime.combine(self.date_of(self.end), time(0)), self.timezone)

    def date_of(self, moment: datetime) -> date:
        """The date in the event's zone at an instant."""
        return local(moment, self.timezone).date()

    def moved_to(self, start: datetime) -> "When":
        """The same length from another start; an all-day event moves by whole days."""
        if self.day is None:
            return replace(self, start=start, end=start + (self.end - self.start))
        days = self.date_of(start) - self.day
        return replace(
            self,
            start=_days_later(self.start, days, self.timezone),
            end=_days_later(self.end, days, self.timezone),
            day=self.day + days,
        )

    def starts_with(self, start: datetime) -> bool:
        """Whether a session at this instant is where it should be: all day, any time of the day."""
        if self.day is None:
            return self.start == start
        return self.date_of(start) == self.day


@dataclass(frozen=True)
class Canonical:
    """What one side says about the event as a whole.

    Attributes:
        description: As `addon.description.clean` writes it.
        when: None when that side names no time.
        minutes: Length in whole minutes; None when that side has none.
        guests: By normalised address; everybody, whatever their role.
        recurrence: The rules of a series; empty for a single event, and in Livestorm always.
    """

    title: str
    description: str
    when: When | None
    minutes: int | None
    guests: Mapping[str, Guest] = field(default_factory=dict)
    recurrence: tuple[str, ...] = ()


def canonical(value: Canonical) -> Canonical:
    """Bring every part of a value into its one form; doing so twice changes nothing."""
    guests = [
        replace(
            guest,
            address=known,
            first_name=title(guest.first_name),
            last_name=title(guest.last_name),
        )
        for guest in value.guests.values()
        if (known := address(guest.address)) is not None
    ]
    return replace(
        value,
        title=title(value.title),
        description=description.clean(value.description),
        when=value.when
        and replace(
            value.when, start=whole_minute(value.when.start), end=whole_minute(value.when.end)
        ),
        guests=by_address(guests),
    )


def by_address(guests: list[Guest]) -> dict[str, Guest]:
    """Index guests by address; of two entries for one address the weightier role counts."""
    weight = [Role.ORGANIZER, Role.TEAM, Role.RESOURCE, Role.SPEAKER, Role.ATTENDEE]
    ordered = sorted(
        guests,
        key=lambda one: (one.address, -weight.index(one.role), one.first_name, one.last_name),
    )
    return {guest.address: guest for guest in ordered}


def address(text: str) -> str | None:
    """Return the normal form of an e-mail address, None when it is none.

    Lower case throughout: both sides compare so, and Livestorm stores so. Space around it and
    invisible characters are slips of the clipboard. Nothing else is changed: what follows a plus
    or where dots stand is a matter of one provider's mailboxes, and to Calendar and Livestorm two
    spellings are two guests with two join links.
    """
    plain = _UNSEEN.sub("", text.encode("utf-8", "ignore").decode()).strip()
    # Twice: composing may make a capital, and lower case may come apart ("İ").
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFC", plain).lower())
    fits = len(plain) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(plain)
    return plain if fits else None


def title(text: str) -> str:
    """Return a line of text as both sides show it: single spaces, none around it."""
    plain = text.encode("utf-8", "ignore").decode()
    return unicodedata.normalize("NFC", " ".join(_UNSEEN.sub(" ", plain).split()))


def livestorm_title(of: str, placeholder: str) -> str:
    """What Livestorm calls an event of this Calendar title: it needs one, of bounded length."""
    return (of or placeholder)[:LIVESTORM_TITLE].rstrip()


def whole_minute(moment: datetime) -> datetime:
    """Drop what is less than a minute: Livestorm's pages neither show nor keep it."""
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def within_reach(moment: datetime) -> bool:
    """Whether an instant is far enough from the edges of what can be reckoned with."""
    return 1900 <= moment.year < 9000  # noqa: PLR2004 - no event is out there


def local(moment: datetime, timezone: str) -> datetime:
    """The wall clock of a zone at an instant."""
    return moment.astimezone(ZoneInfo(timezone))


def instant(wall: datetime, timezone: str) -> datetime:
    """The instant of a wall time; one skipped by a clock change becomes the one an hour on."""
    return wall.replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def at_time_of(day: date, model: datetime, timezone: str) -> datetime:
    """The instant on a day at which the clock shows what it showed at `model`."""
    return instant(datetime.combine(day, local(model, timezone).time()), timezone)


def _days_later(moment: datetime, days: timedelta, timezone: str) -> datetime:
    wall = local(moment, timezone).replace(tzinfo=None)
    return instant(wall + days, timezone)
