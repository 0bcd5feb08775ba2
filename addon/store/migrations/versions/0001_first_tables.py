"""First tables."""

import sqlalchemy as sa
from alembic import op

from addon.store.types import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "allowances",
        sa.Column("workspace", sa.String(length=128), nullable=False),
        sa.Column("granted_1", sa.Float(), nullable=False),
        sa.Column("granted_2", sa.Float(), nullable=False),
        sa.Column("granted_3", sa.Float(), nullable=False),
        sa.Column("granted_4", sa.Float(), nullable=False),
        sa.Column("granted_5", sa.Float(), nullable=False),
        sa.Column("period_started", sa.Float(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("monthly_limit", sa.Integer(), nullable=False),
        sa.Column("blocked_until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", name=op.f("pk_allowances")),
    )
    op.create_table(
        "erasures",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=True),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("untold", sa.JSON(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("lease", sa.String(length=32), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
        sa.UniqueConstraint("user_id", name=op.f("uq_erasures_user_id")),
    )
    with op.batch_alter_table("erasures", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_erasures_finished_at"), ["finished_at"], unique=False)

    op.create_table(
        "schedule_turns",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.String(length=255), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_schedule_turns")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("google_sub", sa.String(length=255), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("template_event_id", sa.String(length=64), nullable=True),
        sa.Column("template_title", sa.Text(), nullable=True),
        sa.Column("template_saved_at", Instant(), nullable=True),
        sa.Column("template_gone_at", Instant(), nullable=True),
        sa.Column("steps_done", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("google_sub", name=op.f("uq_users_google_sub")),
    )
    op.create_table(
        "workers",
        sa.Column("executor_id", sa.String(length=255), nullable=False),
        sa.Column("incarnation", sa.String(length=32), nullable=False),
        sa.Column("beats", sa.BigInteger(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("beat_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("executor_id", name=op.f("pk_workers")),
    )
    op.create_table(
        "workspaces",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.String(length=255), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspaces")),
    )
    op.create_table(
        "calendars",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("calendar_id", sa.String(length=1024), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=True),
        sa.Column("sync_token", sa.Text(), nullable=True),
        sa.Column("listed_at", Instant(), nullable=True),
        sa.Column("pushed_at", Instant(), nullable=True),
        sa.Column("pushed_by", sa.String(length=80), nullable=True),
        sa.Column("lease", sa.String(length=32), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("next_at", Instant(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_calendars_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendars")),
        sa.UniqueConstraint(
            "user_id", "calendar_id", name=op.f("uq_calendars_user_id_calendar_id")
        ),
    )
    with op.batch_alter_table("calendars", schema=None) as batch_op:
        batch_op.create_index(
            "ix_calendars_pushed",
            ["pushed_at"],
            unique=False,
            sqlite_where=sa.text("pushed_at IS NOT NULL"),
            postgresql_where=sa.text("pushed_at IS NOT NULL"),
        )

    op.create_table(
        "google_grants",
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("activated_at", Instant(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("refresh_until", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_google_grants_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_google_grants")),
    )
    op.create_table(
        "intents",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("calendar_id", sa.String(length=1024), nullable=False),
        sa.Column("event_id", sa.String(length=1024), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("lease", sa.String(length=32), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("link_id", sa.String(length=32), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_intents_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intents")),
        sa.UniqueConstraint("mark", name=op.f("uq_intents_mark")),
        sa.UniqueConstraint(
            "user_id",
            "calendar_id",
            "event_id",
            name=op.f("uq_intents_user_id_calendar_id_event_id"),
        ),
    )
    with op.batch_alter_table("intents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_intents_state"), ["state"], unique=False)

    op.create_table(
        "links",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("calendar_id", sa.String(length=1024), nullable=False),
        sa.Column("event_id", sa.String(length=1024), nullable=False),
        sa.Column("ical_uid", sa.String(length=1024), nullable=True),
        sa.Column("livestorm_event_id", sa.String(length=64), nullable=False),
        sa.Column("livestorm_session_id", sa.String(length=64), nullable=False),
        sa.Column("room_link", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=True),
        sa.Column("timezone", sa.String(length=64), nullable=True),
        sa.Column("template_event_id", sa.String(length=64), nullable=True),
        sa.Column("template_title", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("placeholder", sa.Boolean(), nullable=False),
        sa.Column("recurring", sa.Boolean(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("people_seq", sa.Integer(), nullable=False),
        sa.Column("people_read_seq", sa.Integer(), nullable=False),
        sa.Column("synced_at", Instant(), nullable=True),
        sa.Column("compared_at", Instant(), nullable=True),
        sa.Column("compare_at", Instant(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("dirty_at", Instant(), nullable=True),
        sa.Column("dirty_seq", sa.Integer(), nullable=False),
        sa.Column("synced_seq", sa.Integer(), nullable=False),
        sa.Column("queued", sa.Boolean(), nullable=False),
        sa.Column("queued_at", Instant(), nullable=True),
        sa.Column("next_at", Instant(), nullable=True),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("woken_by", sa.String(length=80), nullable=True),
        sa.Column("trouble", sa.JSON(), nullable=True),
        sa.Column("unsynced", sa.JSON(), nullable=True),
        sa.Column("occurrences", sa.JSON(), nullable=True),
        sa.Column("registering", sa.JSON(), nullable=True),
        sa.Column("deletion", sa.JSON(), nullable=True),
        sa.Column("base", sa.JSON(), nullable=True),
        sa.Column("calendar_seen", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_links_user_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_links_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
    )
    with op.batch_alter_table("links", schema=None) as batch_op:
        batch_op.create_index("ix_links_calendar_event", ["calendar_id", "event_id"], unique=False)
        batch_op.create_index(
            "ix_links_dirty",
            ["id"],
            unique=False,
            sqlite_where=sa.text("dirty_at IS NOT NULL"),
            postgresql_where=sa.text("dirty_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_links_held",
            ["id"],
            unique=False,
            sqlite_where=sa.text("held"),
            postgresql_where=sa.text("held"),
        )
        batch_op.create_index(batch_op.f("ix_links_ical_uid"), ["ical_uid"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_links_livestorm_event_id"), ["livestorm_event_id"], unique=False
        )
        batch_op.create_index(
            "ix_links_over",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state <> 'active'"),
            postgresql_where=sa.text("state <> 'active'"),
        )
        batch_op.create_index(
            "ix_links_series",
            ["user_id"],
            unique=False,
            sqlite_where=sa.text("recurring"),
            postgresql_where=sa.text("recurring"),
        )
        batch_op.create_index(
            "ix_links_single_start",
            ["starts_at"],
            unique=False,
            sqlite_where=sa.text("NOT recurring"),
            postgresql_where=sa.text("NOT recurring"),
        )
        batch_op.create_index(
            "ix_links_user_start", ["user_id", "starts_at", "recurring"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_links_workspace_id"), ["workspace_id"], unique=False)

    op.create_table(
        "livestorm_connections",
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("owner_id", sa.String(length=64), nullable=True),
        sa.Column("owner_email", sa.String(length=320), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("connected_at", Instant(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("refresh_until", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_livestorm_connections_user_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_livestorm_connections_workspace_id")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_livestorm_connections")),
    )
    with op.batch_alter_table("livestorm_connections", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_livestorm_connections_workspace_id"), ["workspace_id"], unique=False
        )

    op.create_table(
        "tickets",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_tickets_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_tickets")),
    )
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tickets_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "workspace_watches",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("secret_digest", sa.String(length=64), nullable=False),
        sa.Column("subscriptions", sa.JSON(), nullable=False),
        sa.Column("subscribed_at", Instant(), nullable=True),
        sa.Column("polled_until", Instant(), nullable=True),
        sa.Column("next_poll_at", Instant(), nullable=False),
        sa.Column("lease", sa.String(length=32), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_workspace_watches_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_workspace_watches")),
        sa.UniqueConstraint("secret_digest", name=op.f("uq_workspace_watches_secret_digest")),
    )
    with op.batch_alter_table("workspace_watches", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_workspace_watches_next_poll_at"), ["next_poll_at"], unique=False
        )

    op.create_table(
        "channels",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("calendar", sa.String(length=32), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("resource_id", sa.String(length=255), nullable=True),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("replaced", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar"], ["calendars.id"], name=op.f("fk_channels_calendar"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
    )
    with op.batch_alter_table("channels", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_channels_calendar"), ["calendar"], unique=False)
        batch_op.create_index(batch_op.f("ix_channels_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "history",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("link_id", sa.String(length=32), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("side", sa.String(length=16), nullable=False),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"], ["links.id"], name=op.f("fk_history_link_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_history_link_id"), ["link_id"], unique=False)
