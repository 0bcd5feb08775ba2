"""Other Calendar events that carry a link's room, should its own event go: duplicates, and halves.

A copy has another event id and another iCalUID, and nothing in it points to its original; only a
list that brings it shows that it is there. So it is noted then.
"""

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from addon.store.tables import links as table

Copy = tuple[str, str]
"""Calendar id and event id."""

KEPT = 5
"""Each costs a call when the original is gone. Whoever duplicates every week deletes the old ones
as time goes by, so of more than these the latest are the ones that are alive."""


def note(connection: sa.Connection, link_id: str, copies: Collection[Copy]) -> None:
    """Note copies of a link's event, the latest last; known ones keep their place."""
    known = connection.execute(sa.select(table.c.copies).where(table.c.id == link_id)).scalar()
    before = of_row(known)
    new = [one for one in copies if one not in before]
    if not new:
        return
    connection.execute(
        sa.update(table)
        .where(table.c.id == link_id)
        .values(copies=[list(one) for one in (*before, *new)[-KEPT:]])
    )


def of_row(value: object) -> Sequence[Copy]:
    """Read the column; None and what is not a copy are no copies."""
    if not isinstance(value, list):
        return ()
    return [(str(one[0]), str(one[1])) for one in value]
