"""What is going on in a workspace, for the pace of looking around."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from addon.store import engine as store
from addon.store.grants import ACTIVE
from addon.store.noticed import CONNECTED
from addon.store.tables import (
    allowances,
    google_grants,
    intents,
    links,
    livestorm_connections,
)

_UNASKED_LIMIT: int = 10_000
"""What Livestorm gives a workspace that was never asked for anything yet
(developers.livestorm.co/docs/rate-limits-and-quotas)."""


@dataclass(frozen=True)
class Activity:
    """What is going on in a workspace.

    Attributes:
        oldest: When the room of the oldest current link of somebody activated and connected was
            first asked for; None without any.
        made: Links made since each of the instants asked for, in their order.
        monthly_limit, used: Calls of the running period; `period_started` in Unix seconds.
    """

    oldest: datetime | None
    made: tuple[int, ...]
    monthly_limit: int
    used: int
    period_started: float


def of_workspace(
    engine: sa.Engine, workspace_id: str, *, since: datetime, made_since: tuple[datetime, ...]
) -> Activity:
    """Return what is going on in a workspace.

    Args:
        engine: The database.
        workspace_id: Which workspace.
        since: Single events that began before this are over for good.
        made_since: Count the links made since each of these.
    """
    kept = (
        links.c.workspace_id == workspace_id,
        links.c.state == "active",
        links.c.held.is_(False),
        google_grants.c.state == ACTIVE,
        sa.or_(links.c.starts_at.is_(None), links.c.starts_at >= since, links.c.recurring),
    )
    # A room that was put back on its event, or found again after an outage, was made before its
    # link; what was asked for first is the intent.
    made_at = sa.case(
        (intents.c.created_at < links.c.created_at, intents.c.created_at), else_=links.c.created_at
    )
    counts = [sa.func.count(sa.case((links.c.created_at >= instant, 1))) for instant in made_since]
    with store.reading(engine) as connection:
        oldest = connection.execute(
            sa.select(sa.func.min(made_at))
            .join(google_grants, google_grants.c.user_id == links.c.user_id)
            .join(livestorm_connections, CONNECTED)
            .outerjoin(
                intents,
                sa.and_(
                    intents.c.user_id == links.c.user_id,
                    intents.c.calendar_id == links.c.calendar_id,
                    intents.c.event_id == links.c.event_id,
                    intents.c.link_id == links.c.id,
                ),
            )
            .where(*kept)
        ).scalar_one()
        made = connection.execute(
            sa.select(*counts).where(
                links.c.workspace_id == workspace_id, links.c.created_at >= min(made_since)
            )
        ).one()
        row = connection.execute(
            sa.select(
                allowances.c.monthly_limit, allowances.c.used, allowances.c.period_started
            ).where(allowances.c.workspace == workspace_id)
        ).one_or_none()
    limit, used, started = row if row is not None else (_UNASKED_LIMIT, 0, 0.0)
    return Activity(oldest, tuple(made), limit, used, started)


def linked(engine: sa.Engine, workspace_id: str) -> bool:
    """Whether anything of a workspace is linked, whoever is activated."""
    with store.reading(engine) as connection:
        found = connection.execute(
            sa.select(links.c.id)
            .where(links.c.workspace_id == workspace_id, links.c.state == "active")
            .limit(1)
        )
        return found.one_or_none() is not None
