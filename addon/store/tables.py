"""The tables. Every module beside this one owns the statements of one of them."""

import sqlalchemy as sa

from addon.jobs.heartbeats import heartbeat_table
from addon.store.types import Instant

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID = sa.String(32)
"""Our own ids: the 32 hex digits of a random UUID."""

users = sa.Table(
    "users",
    metadata,
    sa.Column("id", ID, primary_key=True),
    # Google's stable account id; an e-mail address may change hands, this never does.
    sa.Column("google_sub", sa.String(255), nullable=False, unique=True),
    sa.Column("email", sa.String(320)),
    sa.Column("created_at", Instant, nullable=False),
    # The Livestorm event whose settings every new event copies.
    sa.Column("template_event_id", sa.String(64)),
    sa.Column("template_title", sa.Text),
    sa.Column("template_saved_at", Instant),
)

workspaces = sa.Table(
    "workspaces",
    metadata,
    # Livestorm's organization id.
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("slug", sa.String(255)),
    sa.Column("created_at", Instant, nullable=False),
)

livestorm_connections = sa.Table(
    "livestorm_connections",
    metadata,
    sa.Column("user_id", ID, sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("workspace_id", sa.ForeignKey("workspaces.id"), nullable=False, index=True),
    # "oauth" or "api_token".
    sa.Column("kind", sa.String(16), nullable=False),
    # Encrypted; see addon/store/vault.py.
    sa.Column("secret", sa.Text, nullable=False),
    # When the access token stops working; null for an API token, which does not expire.
    sa.Column("expires_at", Instant),
    # Livestorm's person id of the team member who will own new events, once known.
    sa.Column("owner_id", sa.String(64)),
    sa.Column("owner_email", sa.String(320)),
    # "active", or "reconnect" when Livestorm no longer accepts the credential.
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("connected_at", Instant, nullable=False),
    # Counts the secrets stored for this row: a refresh only replaces the secret it started from.
    sa.Column("generation", sa.Integer, nullable=False, default=0),
    sa.Column("refresh_until", Instant),
)

tickets = sa.Table(
    "tickets",
    metadata,
    # SHA-256 of the ticket: who reads the table cannot use one.
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("purpose", sa.String(32), nullable=False),
    sa.Column("expires_at", Instant, nullable=False, index=True),
)

intents = sa.Table(
    "intents",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("calendar_id", sa.String(1024), nullable=False),
    sa.Column("event_id", sa.String(1024), nullable=False),
    # Part of the slug of the Livestorm event, by which an orphan is recognised.
    sa.Column("mark", sa.String(32), nullable=False, unique=True),
    # "open" until the Livestorm event is known, then "done".
    sa.Column("state", sa.String(8), nullable=False, index=True),
    # Whoever holds the lease works on it; a lease that ran out belongs to a crash.
    sa.Column("lease", ID),
    sa.Column("lease_until", Instant),
    # When Livestorm was last asked to create something; null while it never was.
    sa.Column("sent_at", Instant),
    sa.Column("link_id", ID),
    sa.Column("created_at", Instant, nullable=False),
    sa.UniqueConstraint("user_id", "calendar_id", "event_id"),
)

links = sa.Table(
    "links",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("workspace_id", sa.ForeignKey("workspaces.id"), nullable=False, index=True),
    sa.Column("calendar_id", sa.String(1024), nullable=False),
    sa.Column("event_id", sa.String(1024), nullable=False),
    sa.Column("ical_uid", sa.String(1024), index=True),
    sa.Column("livestorm_event_id", sa.String(64), nullable=False, index=True),
    sa.Column("livestorm_session_id", sa.String(64), nullable=False),
    sa.Column("room_link", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("starts_at", Instant),
    sa.Column("timezone", sa.String(64)),
    sa.Column("template_event_id", sa.String(64)),
    sa.Column("template_title", sa.Text),
    # "active", or why it is not: "unlinked", "deleted".
    sa.Column("state", sa.String(16), nullable=False),
    # The Calendar event could not be read at creation: its values are stand-ins until it is.
    sa.Column("placeholder", sa.Boolean, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    # What both sides last agreed on; null until they were compared for the first time.
    sa.Column("base", sa.JSON),
    sa.Column("synced_at", Instant),
    # The stamp: somebody said that this link may have changed. addon/jobs owns these.
    sa.Column("dirty_at", Instant),
    sa.Column("dirty_seq", sa.Integer, nullable=False, default=0),
    sa.Column("synced_seq", sa.Integer, nullable=False, default=0),
    sa.Column("queued", sa.Boolean, nullable=False, default=False),
    sa.Column("queued_at", Instant),
    sa.Column("next_at", Instant),
    sa.Index("ix_links_calendar_event", "calendar_id", "event_id"),
)

history = sa.Table(
    "history",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("link_id", sa.ForeignKey("links.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("at", Instant, nullable=False),
    # Where the change was seen: "calendar", "livestorm", "person" (somebody pressed something).
    sa.Column("side", sa.String(16), nullable=False),
    sa.Column("what", sa.String(64), nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),
)

allowances = sa.Table(
    "allowances",
    metadata,
    # Livestorm's organization id; no foreign key, a workspace is asked about before it is stored.
    sa.Column("workspace", sa.String(128), primary_key=True),
    # When the latest five calls were granted, oldest first, in seconds since 1970.
    *(sa.Column(f"granted_{n}", sa.Float, nullable=False, default=0.0) for n in range(1, 6)),
    # Calls of the running 30 days, and when those began.
    sa.Column("period_started", sa.Float, nullable=False, default=0.0),
    sa.Column("used", sa.Integer, nullable=False, default=0),
    # What Livestorm itself last said, which also counts calls made elsewhere.
    sa.Column("monthly_limit", sa.Integer, nullable=False, default=10_000),
    # Livestorm refused everything until then, in seconds since 1970.
    sa.Column("blocked_until", sa.Float, nullable=False, default=0.0),
)

workers = heartbeat_table(metadata)
