"""News about people in Livestorm: whom to read for it, and when it is carried. Pure.

Somebody says that people changed (`links.people_seq`), not who. They are read once what is
followed is known, and count as read (`links.people_read_seq`) only when everything that reading
them showed is on both sides: what is not carried is found by reading them again.
"""

from addon.sync.actions import Wait
from addon.sync.livestorm_side import LivestormSide
from addon.sync.plan import Plan
from addon.sync.words import Unsynced

_HELD_BACK = {Unsynced.READ_ONLY, Unsynced.GUEST_LIST}
"""Parts on account of which a guest list is not written; some day it may be."""


def unread(decided: Plan, livestorm: LivestormSide) -> list[str]:
    """Return the sessions, by id, that a plan follows without their people having been read."""
    if decided.calendar is None:
        return []
    followed = {agreed.session_id for agreed in decided.base.occurrences.values()}
    return sorted(
        session.id
        for session in livestorm.sessions.values()
        if session.id in followed
        and session.state.exists
        and session.registrants is None
        and not session.out_of_reach
    )


def is_carried(decided: Plan, livestorm: LivestormSide) -> bool:
    """Whether a plan, wholly carried out, leaves nothing to do of what people in Livestorm did."""
    return (
        decided.calendar is not None
        and not unread(decided, livestorm)
        and not any(session.out_of_reach for session in livestorm.sessions.values())
        and not any(isinstance(one, Wait) for one in decided.actions)
        and not decided.unsynced & _HELD_BACK
    )
