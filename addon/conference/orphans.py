"""Find the Livestorm event that a lost answer or a crash left behind."""

from datetime import datetime, timedelta

from addon.conference.draft import carries
from addon.livestorm import Event, Workspace

CLOCKS_APART = timedelta(minutes=5)
"""How far before the intent Livestorm's clock may say that the event was created."""


def find_orphan(workspace: Workspace, *, mark: str, since: datetime) -> Event | None:
    """Return the event that carries `mark`, created since the intent was written.

    Livestorm has no filter for slugs, so events are listed by their creation
    (developers.livestorm.co/reference/get_events, `filter[created_since]`). Should there be
    several, the oldest is the one that everybody finds.

    Raises:
        LivestormFailure: Livestorm cannot be asked.
    """
    found = [
        event
        for event in workspace.events(created_since=since - CLOCKS_APART)
        if carries(event.slug, mark)
    ]
    if not found:
        return None
    oldest = min(found, key=lambda event: (event.created_at or since, event.id))
    return workspace.with_sessions(oldest)
