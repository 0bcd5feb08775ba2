"""A plan while it is being made."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from addon.google.events import Moment
from addon.sync.actions import (
    Action,
    CreateSession,
    DeleteCalendar,
    DeleteSession,
    Note,
    PatchCalendar,
    Question,
    Register,
    Unregister,
    UpdateLivestormEvent,
    UpdateSession,
    Wait,
    Why,
)
from addon.sync.base import SINGLE, Base, Pair
from addon.sync.calendar_side import CalendarSide
from addon.sync.livestorm_side import LivestormSide
from addon.sync.rules import MAKING, Rules
from addon.sync.values import Canonical, Guest, When
from addon.sync.words import GuestReason, Unsynced

T = TypeVar("T")


@dataclass(frozen=True)
class Situation:
    """Everything a decision may look at. Both sides are present."""

    base: Base
    calendar: CalendarSide
    livestorm: LivestormSide
    rules: Rules
    says_calendar: Canonical
    says_livestorm: Canonical

    def made_with(self, made: Pair[T], says: Pair[T], updated: datetime | None) -> Pair[T] | None:
        """Return what both sides had before they ever agreed, if one was changed since.

        Where neither was, Calendar counts: Livestorm may have rewritten, or never taken, what it
        was asked for when the event was made.

        Args:
            made: What both had when the event was made.
            says: What they say now.
            updated: When Livestorm's was last changed. What Livestorm did by itself meanwhile is
                nobody's wish.
        """
        created = self.livestorm.created
        edited = created is not None and updated is not None and updated > created + MAKING
        if not edited:
            made = Pair(made.calendar, says.livestorm)
        return None if made == says else made

    def edited_in_livestorm(self, updated: datetime | None) -> bool:
        """Whether somebody changed what we made there.

        Args:
            updated: When the event, or one of its sessions, was last changed. In doubt it was
                somebody: a line too much in the history loses nothing.
        """
        made = self.livestorm.created
        return made is None or updated is None or updated > made + MAKING


@dataclass(frozen=True)
class UnsyncedGuest:
    """Somebody who is not on both sides, and why."""

    address: str
    reason: GuestReason


@dataclass
class Draft:
    """Collects what the parts of the planner decide.

    Attributes:
        base: The base as it is right now: with what was found equal, without what is still to be
            written.
    """

    base: Base
    event: UpdateLivestormEvent = field(default_factory=UpdateLivestormEvent)
    patches: dict[str, PatchCalendar] = field(default_factory=dict)
    moves: list[UpdateSession] = field(default_factory=list)
    creations: list[CreateSession] = field(default_factory=list)
    registrations: list[Register] = field(default_factory=list)
    removals: list[Unregister] = field(default_factory=list)
    deletions: list[DeleteSession] = field(default_factory=list)
    cancellations: list[DeleteCalendar] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    unsynced: set[Unsynced] = field(default_factory=set)
    unsynced_guests: set[UnsyncedGuest] = field(default_factory=set)

    def change_event(
        self,
        why: Why,
        *,
        title: str | None = None,
        description: str | None = None,
        minutes: int | None = None,
    ) -> None:
        """Add to the one update of the Livestorm event."""
        self.event = UpdateLivestormEvent(
            title=self.event.title if title is None else title,
            description=self.event.description if description is None else description,
            minutes=self.event.minutes if minutes is None else minutes,
            why=(*self.event.why, why),
        )

    def patch(self, occurrence: str) -> PatchCalendar:
        """Return the one change of a Calendar event as it is so far."""
        return self.patches.get(occurrence, PatchCalendar(occurrence))

    def change_calendar(
        self,
        why: Why,
        *,
        title: str | None = None,
        description: str | None = None,
    ) -> None:
        """Add words to the change of the Calendar event."""
        patch = self.patch(SINGLE)
        self.patches[SINGLE] = replace(
            patch,
            title=patch.title if title is None else title,
            description=patch.description if description is None else description,
            why=(*patch.why, why),
        )

    def move_calendar(self, occurrence: str, when: When, why: Why) -> None:
        """Give a Calendar event another time."""
        patch = self.patch(occurrence)
        start, end = moment(when.start, when), moment(when.end, when)
        self.patches[occurrence] = replace(patch, start=start, end=end, why=(*patch.why, why))

    def lengthen_calendar(self, minutes: int, when: When, why: Why) -> None:
        """Give the Calendar event another length, from its start or the new one it is given."""
        patch = self.patch(SINGLE)
        start = patch.start.instant if patch.start else when.start
        end = moment(start + timedelta(minutes=minutes), when)
        self.patches[SINGLE] = replace(patch, end=end, why=(*patch.why, why))

    def invite(self, occurrence: str, guests: tuple[Guest, ...], why: tuple[Why, ...]) -> None:
        """Add people to a guest list."""
        patch = self.patch(occurrence)
        self.patches[occurrence] = replace(patch, add=(*patch.add, *guests), why=(*patch.why, *why))

    def uninvite(self, occurrence: str, address: str, why: Why) -> None:
        """Take somebody off a guest list."""
        patch = self.patch(occurrence)
        self.patches[occurrence] = replace(
            patch, remove=(*patch.remove, address), why=(*patch.why, why)
        )

    def actions(self) -> tuple[Action, ...]:
        """Everything decided, in the order in which it is to be done.

        Questions come alone: the answer may change everything else.
        """
        if self.questions:
            return tuple(self.questions)
        event = (self.event,) if self.event != UpdateLivestormEvent() else ()
        patches = tuple(self.patches[key] for key in sorted(self.patches))
        return (
            *event,
            *self.moves,
            *self.creations,
            *self.registrations,
            *self.removals,
            *self.deletions,
            *patches,
            *self.cancellations,
            *self.waits,
        )


def moment(instant: datetime, when: When) -> Moment:
    """Return an instant as Calendar is to be given it: in the event's zone, or as a day."""
    if when.day is None:
        return Moment(instant, when.timezone)
    return Moment(instant, when.timezone, when.date_of(instant))
