"""Rows that connect a person to a Livestorm workspace."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from addon.store import engine as store
from addon.store.grants import ACTIVE
from addon.store.tables import google_grants, workspaces
from addon.store.tables import livestorm_connections as table


def save(
    engine: sa.Engine,
    *,
    user_id: str,
    workspace_id: str,
    workspace_name: str,
    workspace_slug: str | None,
    kind: str,
    sealed: str,
    expires_at: datetime | None,
    owner_id: str | None,
    owner_email: str | None,
    now: datetime,
) -> None:
    """Store or replace the one connection of a person, and what its workspace is called."""
    named = {"name": workspace_name, "slug": workspace_slug}
    values = {
        "workspace_id": workspace_id,
        "kind": kind,
        "secret": sealed,
        "expires_at": expires_at,
        "owner_id": owner_id,
        "owner_email": owner_email,
        "state": "active",
        "connected_at": now,
        "refresh_until": None,
    }
    with store.writing(engine) as connection:
        connection.execute(
            store.insert(connection, workspaces)
            .values(id=workspace_id, created_at=now, **named)
            .on_conflict_do_update(index_elements=["id"], set_=named)
        )
        connection.execute(
            store.insert(connection, table)
            .values(user_id=user_id, generation=1, **values)
            .on_conflict_do_update(
                index_elements=["user_id"],
                set_={**values, "generation": table.c.generation + 1},
            )
        )


def forget(engine: sa.Engine, user_id: str) -> None:
    """Erase a person's connection, secret and all."""
    with store.writing(engine) as connection:
        connection.execute(sa.delete(table).where(table.c.user_id == user_id))


def refuse(engine: sa.Engine, user_id: str, generation: int) -> None:
    """Note that Livestorm no longer accepts the secret of this generation."""
    with store.writing(engine) as connection:
        connection.execute(
            sa.update(table)
            .where(table.c.user_id == user_id, table.c.generation == generation)
            .values(state="reconnect", refresh_until=None)
        )


def remember_owner(engine: sa.Engine, user_id: str, owner_id: str | None) -> None:
    """Keep the Livestorm person id that owns this person's events; None looks it up anew."""
    with store.writing(engine) as connection:
        connection.execute(
            sa.update(table).where(table.c.user_id == user_id).values(owner_id=owner_id)
        )


def begin_refresh(
    engine: sa.Engine, user_id: str, generation: int, now: datetime, lease: timedelta
) -> bool:
    """Take the right to spend this generation's refresh token; False when somebody has it.

    A refresh token works once, so two processes must not both send it. The lease ends by
    itself: a process that died with it blocks nobody for longer than `lease`.
    """
    with store.writing(engine) as connection:
        taken = connection.execute(
            sa.update(table)
            .where(
                table.c.user_id == user_id,
                table.c.generation == generation,
                sa.or_(table.c.refresh_until.is_(None), table.c.refresh_until < now),
            )
            .values(refresh_until=now + lease)
        )
        return taken.rowcount == 1


def end_refresh(
    engine: sa.Engine,
    user_id: str,
    generation: int,
    *,
    sealed: str | None,
    expires_at: datetime | None,
) -> None:
    """Replace the secret of `generation` by its successor; None gives the lease back unused."""
    values: dict[str, object] = {"refresh_until": None}
    if sealed is not None:
        values |= {
            "secret": sealed,
            "expires_at": expires_at,
            "state": "active",
            "generation": generation + 1,
        }
    with store.writing(engine) as connection:
        connection.execute(
            sa.update(table)
            .where(table.c.user_id == user_id, table.c.generation == generation)
            .values(values)
        )


def people_of(
    engine: sa.Engine, workspace_id: str, *, most: int, activated: bool = True
) -> list[str]:
    """Return our ids of people with a usable connection to a workspace, the newest first.

    `activated`: only those whose events are kept in sync.
    """
    people = (
        sa.select(table.c.user_id)
        .where(
            table.c.workspace_id == workspace_id,
            table.c.state == "active",
        )
        .order_by(table.c.connected_at.desc())
        .limit(most)
    )
    if activated:
        people = people.join(
            google_grants,
            sa.and_(
                google_grants.c.user_id == table.c.user_id,
                google_grants.c.state == ACTIVE,
            ),
        )
    with store.reading(engine) as connection:
        return [row.user_id for row in connection.execute(people)]
