"""Tables of these tests: links with nothing but the wake-up columns, and what the runs left."""

import sqlalchemy as sa

from addon.jobs.heartbeats import heartbeat_table
from addon.jobs.turns import turn_table
from addon.store.types import Instant

metadata = sa.MetaData()

links = sa.Table(
    "test_links",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("dirty_at", Instant),
    sa.Column("dirty_seq", sa.Integer, nullable=False, default=0),
    sa.Column("synced_seq", sa.Integer, nullable=False, default=0),
    sa.Column("queued", sa.Boolean, nullable=False, default=False),
    sa.Column("queued_at", Instant),
    sa.Column("next_at", Instant),
    sa.Column("waits", sa.Boolean, nullable=False, default=False),
    sa.Column("woken_by", sa.String(80)),
    sa.Column("claim", sa.String(16)),
    # How long a run of this link takes, in seconds.
    sa.Column("takes", sa.Float, nullable=False, default=0.0),
)

runs = sa.Table(
    "test_runs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("what", sa.String(64), nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("began", sa.Float, nullable=False),
    sa.Column("ended", sa.Float),
)

workers = heartbeat_table(metadata)

turns = turn_table(metadata)
