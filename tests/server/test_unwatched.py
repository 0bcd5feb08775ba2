"""A link whose maker died before anything was watched for it is watched from its first job on."""

import sqlalchemy as sa

from addon.store.tables import calendars, links, workspace_watches
from tests.server.calls import CAMILLE, connect
from tests.server.two_way import activate, begin, saved_room
from tests.support.program import Program


def test_first_job_has_both_sides_watched(program: Program) -> None:
    two_way = begin(program)
    connect(program)
    activate(program)
    event_id, room = saved_room(two_way)
    engine = two_way.product.engine
    with engine.begin() as transaction:
        # As the process left it: the link, with its mark, and nothing else.
        transaction.execute(sa.delete(calendars))
        transaction.execute(sa.delete(workspace_watches))
        link = transaction.execute(sa.select(links)).one()
        assert link.synced_at is None
        two_way.product.wakes.mark(transaction, link.id)
    two_way.settle()
    with engine.connect() as connection:
        watched = connection.execute(sa.select(calendars.c.user_id, calendars.c.calendar_id)).all()
        assert [tuple(one) for one in watched] == [(link.user_id, CAMILLE)]
        workspaces = connection.scalars(sa.select(workspace_watches.c.workspace_id)).all()
        assert workspaces == [link.workspace_id]
    # Google rings for it, and what it rings for is carried.
    program.google.world.patch_event(CAMILLE, event_id, {"summary": "Heard"})
    two_way.settle()
    assert program.livestorm.world.events[str(room["conferenceId"])].title == "Heard"
