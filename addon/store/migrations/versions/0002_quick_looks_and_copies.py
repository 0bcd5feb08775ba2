"""Quick looks at workspaces where something happens; copies of linked events."""

import sqlalchemy as sa
from alembic import op

from addon.store.types import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column("workspace_watches", sa.Column("active_at", Instant(), nullable=True))
    op.add_column("workspace_watches", sa.Column("quick_at", Instant(), nullable=True))
    op.add_column("workspace_watches", sa.Column("put_by", sa.Float(), nullable=True))
    op.add_column("workspace_watches", sa.Column("put_by_at", Instant(), nullable=True))
    op.add_column("links", sa.Column("copies", sa.JSON(), nullable=True))
