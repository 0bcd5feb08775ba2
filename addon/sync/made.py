"""What a pair of events was made with, as the base that its first comparison goes by. Pure."""

from typing import Any

from addon import description
from addon.google.events import CalendarEvent
from addon.livestorm import Event, Session
from addon.sync.base import Base, Made, Pair
from addon.sync.calendar_side import when_of
from addon.sync.stored import to_json
from addon.sync.values import whole_minute, within_reach


def made_base(
    calendar: CalendarEvent | None, livestorm: Event, session: Session, *, followed: bool
) -> dict[str, Any]:
    """Return the base of a pair that was just made, as it is stored.

    Args:
        calendar: The Calendar event it was made from; None while that is not saved.
        livestorm: The event as Livestorm answered to being asked for it.
        session: The one that was made with it.
        followed: Its person has activated.
    """
    when = when_of(calendar) if calendar else None
    start = session.starts_at
    known = whole_minute(start) if start and within_reach(start) else None
    made = Made(
        description=Pair(
            description.clean(calendar.description) if calendar else "",
            description.clean(livestorm.description or ""),
        ),
        start=Pair(when.start if when else None, known),
        minutes=Pair(when.minutes if when else None, livestorm.estimated_duration_minutes or None),
        followed=followed and calendar is not None,
    )
    return to_json(Base(made=made))
