"""Tell a change in Livestorm from what both sides agreed on, before a call is spent on it."""

from typing import Any

from addon import description
from addon.livestorm import Event, Session
from addon.sync.base import Base
from addon.sync.stored import UnreadableBase, from_json
from addon.sync.values import title, whole_minute


class BaseAgreement:
    """Implements `addon.sync.notice.Agreement` on the base of a link."""

    def event(self, base: Any, event: Event) -> bool:
        """Whether an event is as the base says: words, length, and every session followed.

        A session that it came without was deleted, unless it came without any: some answers do.
        """
        agreed = _base(base)
        if agreed is None or agreed.title is None or agreed.livestorm_gone_since is not None:
            return False
        text, minutes = agreed.description, agreed.minutes
        same = (
            title(event.title) == agreed.title.livestorm
            and text is not None
            and description.clean(event.description or "") == text.livestorm
            and minutes is not None
            and (event.estimated_duration_minutes or None) == minutes.livestorm
        )
        there = {session.id for session in event.sessions}
        whole = not there or self.followed(base) <= there
        return same and whole and all(self.session(base, session) for session in event.sessions)

    def session(self, base: Any, session: Session) -> bool:
        """Whether a session starts when the base says and takes place as planned."""
        agreed = _base(base)
        if agreed is None:
            return False
        followed = [one for one in agreed.occurrences.values() if one.session_id == session.id]
        if not followed or session.canceled_at is not None or session.status == "canceled":
            return False
        start = whole_minute(session.starts_at) if session.starts_at else None
        return all(one.session_start == start for one in followed)

    def followed(self, base: Any) -> frozenset[str]:
        """Return the ids of the sessions that occurrences have."""
        agreed = _base(base)
        return (
            frozenset(one.session_id for one in agreed.occurrences.values())
            if agreed
            else frozenset()
        )


def _base(value: Any) -> Base | None:
    if value is None:
        return None
    try:
        return from_json(value)
    except UnreadableBase:
        return None
