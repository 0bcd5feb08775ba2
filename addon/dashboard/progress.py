"""How far the first comparison of many events has come."""

from dataclasses import dataclass

import sqlalchemy as sa

from addon.dashboard.standing import hindrance
from addon.store import engine as store
from addon.store.tables import google_grants, links
from addon.store.users import Account


@dataclass(frozen=True)
class Progress:
    """So many of so many."""

    done: int
    of: int


def comparing(engine: sa.Engine, account: Account) -> Progress | None:
    """Return how many events were compared since a person activated; None once all were."""
    if hindrance(account) is not None or account.connection is None:
        return None
    activated = (
        sa.select(google_grants.c.activated_at)
        .where(google_grants.c.user_id == account.user_id)
        .scalar_subquery()
    )
    waiting = sa.or_(links.c.compared_at.is_(None), links.c.compared_at < activated)
    with store.reading(engine) as connection:
        row = connection.execute(
            sa.select(
                sa.func.count().label("all"),
                sa.func.count(sa.case((waiting, 1))).label("waiting"),
                # Nothing moves where no job is to come: it was left out, not yet compared.
                sa.func.count(sa.case((sa.and_(waiting, links.c.dirty_at.is_not(None)), 1))).label(
                    "outstanding"
                ),
            )
            .select_from(links)
            .where(
                links.c.user_id == account.user_id,
                links.c.state == "active",
                links.c.held.is_(False),
                links.c.workspace_id == account.connection.workspace_id,
            )
        ).one()
    if not row.outstanding:
        return None
    return Progress(row.all - row.waiting, row.all)
