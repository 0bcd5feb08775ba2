"""Rows of "Activate with Google": a person's consent to background work on their calendars."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from addon.store import engine as store
from addon.store.tables import google_grants as table

ACTIVE = "active"
REVOKED = "revoked"
OFF = "off"


@dataclass(frozen=True)
class Grant:
    """A person's grant. `sealed` opens with the vault; `state` is one of the three above."""

    user_id: str
    sealed: str = field(repr=False)
    expires_at: datetime
    scopes: str
    state: str
    activated_at: datetime
    generation: int


_COLUMNS = [
    table.c.secret.label("sealed") if name == "sealed" else table.c[name]
    for name in Grant.__dataclass_fields__
]


def find(engine: sa.Engine, user_id: str) -> Grant | None:
    """Return a person's grant, in whatever state; None when they never activated."""
    with store.reading(engine) as connection:
        row = connection.execute(
            sa.select(*_COLUMNS).where(table.c.user_id == user_id)
        ).one_or_none()
    return None if row is None else Grant(*row)


def save(
    engine: sa.Engine,
    *,
    user_id: str,
    sealed: str,
    expires_at: datetime,
    scopes: str,
    now: datetime,
) -> None:
    """Store or replace a person's grant and make it active."""
    values = {
        "secret": sealed,
        "expires_at": expires_at,
        "scopes": scopes,
        "state": ACTIVE,
        "activated_at": now,
        "refresh_until": None,
    }
    with store.writing(engine) as connection:
        connection.execute(
            store.insert(connection, table)
            .values(user_id=user_id, generation=1, **values)
            .on_conflict_do_update(
                index_elements=["user_id"],
                set_={**values, "generation": table.c.generation + 1},
            )
        )


def end(engine: sa.Engine, user_id: str, *, state: str, generation: int | None = None) -> bool:
    """End a grant: REVOKED by Google, or OFF by the person, whose secret is then erased.

    With a generation, only that one is ended: a consent given meanwhile stays.
    """
    with store.writing(engine) as connection:
        statement = sa.update(table).where(table.c.user_id == user_id)
        if generation is not None:
            statement = statement.where(table.c.generation == generation)
        ended = connection.execute(statement.values(state=state, secret="", refresh_until=None))
        return ended.rowcount == 1


def begin_refresh(
    engine: sa.Engine, user_id: str, generation: int, now: datetime, lease: timedelta
) -> bool:
    """Take the right to refresh this generation; False when somebody has it."""
    with store.writing(engine) as connection:
        taken = connection.execute(
            sa.update(table)
            .where(
                table.c.user_id == user_id,
                table.c.generation == generation,
                table.c.state == ACTIVE,
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
    """Replace the secret of `generation`; None gives the lease back unused."""
    values: dict[str, object] = {"refresh_until": None}
    if sealed is not None:
        values |= {"secret": sealed, "expires_at": expires_at, "generation": generation + 1}
    with store.writing(engine) as connection:
        connection.execute(
            sa.update(table)
            .where(
                table.c.user_id == user_id,
                table.c.generation == generation,
                table.c.state == ACTIVE,
            )
            .values(values)
        )
