"""A migrated database with the engine's tables, and links to wake."""

import pytest
import sqlalchemy as sa

from addon.jobs import LinkWakes
from addon.jobs.dbos_queue import DbosQueue, prepare
from tests.addon.jobs.rig import Rig
from tests.addon.jobs.tables import links, metadata


@pytest.fixture
def rig(engine: sa.Engine) -> Rig:
    """A database with the engine's tables and the links of these tests."""
    metadata.create_all(engine)
    prepare(engine)
    return Rig(engine, LinkWakes(links, DbosQueue(engine)))
