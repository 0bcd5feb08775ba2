"""A secret that no key opens for a while stops its person's links, and loses nothing of them."""

from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from addon.store.tables import google_grants, links, livestorm_connections
from addon.store.vault import Vault
from tests.server.calls import CAMILLE
from tests.server.two_way import TwoWay, saved_room

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    ("table", "trouble"),
    [(google_grants, "google_access_lost"), (livestorm_connections, "livestorm_access_lost")],
)
def test_what_was_noticed_meanwhile_is_carried_once_the_key_is_back(
    two_way: TwoWay, table: Any, trouble: str
) -> None:
    event_id, room = saved_room(two_way)
    two_way.settle()
    engine, link = two_way.product.engine, two_way.link()
    sealed = _replaced(engine, table, Vault([Fernet.generate_key().decode()]).seal(CAMILLE, {}))
    two_way.program.google.world.patch_event(CAMILLE, event_id, {"summary": "Meanwhile"})
    two_way.product.notices.touch(link.id)
    two_way.run_jobs()
    assert two_way.link().trouble["kind"] == trouble

    _replaced(engine, table, sealed)
    with engine.begin() as transaction:
        transaction.execute(sa.update(links).values(next_at=None))
    two_way.run_jobs()
    assert two_way.program.livestorm.world.events[str(room["conferenceId"])].title == "Meanwhile"
    assert two_way.link().trouble is None


def _replaced(engine: sa.Engine, table: Any, secret: str) -> str:
    """Store another secret; return the one that was there."""
    with engine.begin() as transaction:
        [before] = transaction.scalars(sa.select(table.c.secret))
        transaction.execute(sa.update(table).values(secret=secret))
        return str(before)
