"""Whether a Livestorm event that is gone was deleted, asked before its Calendar event is.

"Not found" also comes from an address that is not the API, and to a person who may no longer see
the event. Neither must reach the calendar (rule 1 of docs/design.md), and neither concerns one
event alone: the workspace is asked for its others, and counted is how many went with it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from addon import clock
from addon.livestorm import FailureKind, LivestormFailure, Workspace
from addon.livestorm.failures import unreadable
from addon.store import vanished
from addon.store.syncing import SyncLink
from addon.store.vanished import Counted
from addon.sync.trouble import DeletionDoubted

SEVERAL = 3
"""Two events may well be deleted by hand in the same hour; from the third on, they are doubted
where they are most of what there is."""

HELD = timedelta(days=1)
"""A right that was taken away or an address set wrong is put right within a working day. What is
still gone then ends its link, and both sides are left as they are."""


def believed(
    engine: sa.Engine,
    workspace: Workspace,
    link: SyncLink,
    gone_since: datetime | None,
    *,
    only_session: bool,
) -> bool:
    """Whether the Livestorm event of a link was deleted; False when nobody will ever know.

    Args:
        engine: The database.
        workspace: Asked with the rights with which the event was not found.
        link: Which.
        gone_since: Since when the event has been gone; None: since now.
        only_session: The event was read, and it is its only session that was not found.

    Raises:
        DeletionDoubted: it is to be looked at again.
        LivestormFailure: the workspace's events cannot be listed, so nothing is known.
    """
    now = clock.now()
    others = vanished.beside(engine, link.workspace_id, link.id, now=now)
    try:
        _count(link, others)
        if not only_session:
            _have_shown(workspace, link, others)
    except DeletionDoubted:
        if gone_since is None or now < gone_since + HELD:
            raise
        return False
    return True


def _count(link: SyncLink, others: Sequence[Counted]) -> None:
    """Doubt it where much of what the person, or the workspace, had is gone at once."""
    if _suspicious(_own(link, others)) or _suspicious(others):
        raise DeletionDoubted("several events of this workspace are gone at once")


def _have_shown(workspace: Workspace, link: SyncLink, others: Sequence[Counted]) -> None:
    """Doubt it where the workspace does not show its events to whoever did not find this one."""
    try:
        shown = workspace.some_events()
    except LivestormFailure as failure:
        if failure.kind is FailureKind.NOT_FOUND:
            # The address is wrong, which lasts as long as an outage and ends like one.
            raise unreadable("this address has no list of events") from None
        raise
    if any(event.id == link.livestorm_event_id for event in shown):
        raise unreadable("the event was not found, and yet is listed")
    if not shown and any(one.known > one.gone for one in _own(link, others)):
        raise DeletionDoubted("the workspace shows none of its events")


def _own(link: SyncLink, others: Sequence[Counted]) -> list[Counted]:
    return [one for one in others if one.user_id == link.user_id]


def _suspicious(others: Sequence[Counted]) -> bool:
    """Whether, the event itself counted, so many are gone that this is to be doubted."""
    known = 1 + sum(one.known for one in others)
    gone = 1 + sum(one.gone for one in others)
    return gone >= SEVERAL and gone * 2 > known
