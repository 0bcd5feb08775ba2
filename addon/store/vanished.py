"""How many Livestorm events of a workspace are gone at once, beside one that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from addon.store import engine as store
from addon.store.tables import links as table

TOGETHER = timedelta(hours=2)
"""Events that went within so long of each other went together: a workspace is listed every 43
minutes at best (docs/livestorm-budget.md), so one look may show half of them and the next the
others; and what is held is looked at again after 75 minutes at the latest."""


@dataclass(frozen=True)
class Counted:
    """Of one person in one workspace: how many other linked events are known, and are gone."""

    user_id: str
    known: int
    gone: int


def beside(
    engine: sa.Engine, workspace_id: str, link_id: str, *, now: datetime
) -> Sequence[Counted]:
    """Count a workspace's links that are still to take place, by person, one link left out.

    Gone are those whose Livestorm event is known to be, also where the link ended for it within
    `TOGETHER`.
    """
    gone = table.c.base["livestorm_gone_since"].as_string().is_not(None)
    ended = sa.and_(table.c.state != "active", table.c.compared_at >= now - TOGETHER, gone)
    with store.reading(engine) as connection:
        rows = connection.execute(
            sa.select(table.c.user_id, sa.func.count(), sa.func.sum(sa.case((gone, 1), else_=0)))
            .where(
                table.c.workspace_id == workspace_id,
                table.c.id != link_id,
                table.c.held.is_(False),
                sa.or_(table.c.state == "active", ended),
                sa.or_(table.c.starts_at >= now, table.c.starts_at.is_(None), table.c.recurring),
            )
            .group_by(table.c.user_id)
        )
        return [Counted(user_id, known, int(gone_now)) for user_id, known, gone_now in rows]
