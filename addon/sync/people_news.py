"""News about people in Livestorm: whom to read for it, and when it is carried. Pure.

Somebody says that people changed (`links.people_seq`), not who. They are read once what is
followed is known, and count as read (`links.people_read_seq`) only when everything that reading
them showed is on both sides: what is not carried is found by reading them again.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from addon.sync import people_pace
from addon.sync.actions import Wait
from addon.sync.base import Base
from addon.sync.livestorm_side import LivestormSide
from addon.sync.plan import Plan
from addon.sync.words import Unsynced

_HELD_BACK = {Unsynced.READ_ONLY, Unsynced.GUEST_LIST}
"""Parts on account of which a guest list is not written; some day it may be."""


@dataclass(frozen=True)
class Wanted:
    """Whose people have to be read for the news there is.

    Attributes:
        sessions: By id, those that have not been read.
        later: Reading them costs so much that it has to wait.
    """

    sessions: tuple[str, ...] = ()
    later: bool = False


def wanted(decided: Plan, livestorm: LivestormSide, *, news: int, now: datetime) -> Wanted:
    """Return whose people a plan lacks.

    Where Livestorm's counts have grown by as many people as there is news of, they say which
    sessions it is about; otherwise it may be about any.

    Args:
        decided: The plan, made without them.
        livestorm: What it was made of.
        news: How often somebody said that people changed.
        now: The present instant.
    """
    if decided.calendar is None or news <= 0:
        return Wanted()
    followed = [
        (agreed, session)
        for agreed in decided.base.occurrences.values()
        if (session := livestorm.sessions.get(agreed.session_id)) and session.state.exists
    ]
    moved = [
        (agreed, one)
        for agreed, one in followed
        if agreed.registrants is None or one.count != agreed.registrants
    ]
    gained = sum(
        max((one.count or 0) - (agreed.registrants or 0), 0)
        for agreed, one in moved
        if agreed.registrants is not None
    )
    about = moved if gained >= news else followed
    unread = [one for _, one in about if one.registrants is None and not one.out_of_reach]
    beyond = tuple(one.id for one in unread if (one.count or 0) > people_pace.MOST_PEOPLE)
    if beyond:
        # No call is made for them: they are only named as out of reach.
        return Wanted(beyond)
    missing = tuple(one.id for one in unread)
    due = people_pace.due(
        (people_pace.Read(one.count, agreed.people_read) for agreed, one in about),
        guests=len(decided.calendar.guests),
    )
    if missing and due is not None and due > now:
        return Wanted(later=True)
    return Wanted(missing)


def is_carried(decided: Plan, livestorm: LivestormSide, *, news: int, now: datetime) -> bool:
    """Whether a plan, wholly carried out, leaves nothing to do of what people in Livestorm did."""
    return (
        decided.calendar is not None
        and wanted(decided, livestorm, news=news, now=now) == Wanted()
        and not any(session.out_of_reach for session in livestorm.sessions.values())
        and not any(isinstance(one, Wait) for one in decided.actions)
        and not decided.unsynced & _HELD_BACK
    )


def noted(decided: Plan, livestorm: LivestormSide, *, now: datetime) -> Plan:
    """The plan, with a base that remembers whose people were read, and how many they were."""
    occurrences = {}
    for key, agreed in decided.base.occurrences.items():
        session = livestorm.sessions.get(agreed.session_id)
        if session is not None and session.registrants is not None:
            agreed = replace(agreed, registrants=session.count, people_read=now)  # noqa: PLW2901
        occurrences[key] = agreed
    return replace(decided, base=replace(decided.base, occurrences=occurrences))


def next_look(base: Base, guests: int, now: datetime) -> datetime | None:
    """Return when a session may be read again that was too large to be read at any news."""
    found = [
        people_pace.due([people_pace.last_read(one)], guests=guests)
        for one in base.occurrences.values()
    ]
    return min((due for due in found if due is not None and due > now), default=None)
