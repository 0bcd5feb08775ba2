"""The tables. Every module beside this one owns the statements of one of them."""

import sqlalchemy as sa

from addon.correlation import MAX_LENGTH
from addon.jobs.heartbeats import heartbeat_table
from addon.jobs.turns import turn_table
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
    # Since when Livestorm has refused to copy it: it was deleted, or hidden from this person.
    sa.Column("template_gone_at", Instant),
    # Steps of setting up that only the person knows to be done; see addon/dashboard/steps.py.
    sa.Column("steps_done", sa.JSON),
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
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
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
    sa.Column("recurring", sa.Boolean, nullable=False, default=False),
    # Made while nothing was activated: not kept in sync until the person says so.
    sa.Column("held", sa.Boolean, nullable=False, default=False),
    sa.Column("created_at", Instant, nullable=False),
    # How often somebody said that the people in Livestorm changed, and how much of that was read:
    # people are asked for only when they have to be, for they cost a call of the month.
    sa.Column("people_seq", sa.Integer, nullable=False, default=0),
    sa.Column("people_read_seq", sa.Integer, nullable=False, default=0),
    # Since when both sides have been the same without interruption; null while they are not.
    sa.Column("synced_at", Instant),
    # When both sides were last compared, whatever came of it.
    sa.Column("compared_at", Instant),
    # How often in a row carrying changes has failed; makes the pauses longer.
    sa.Column("failures", sa.Integer, nullable=False, default=0),
    # The stamp: somebody said that this link may have changed. addon/jobs owns these.
    sa.Column("dirty_at", Instant),
    sa.Column("dirty_seq", sa.Integer, nullable=False, default=0),
    sa.Column("synced_seq", sa.Integer, nullable=False, default=0),
    sa.Column("queued", sa.Boolean, nullable=False, default=False),
    sa.Column("queued_at", Instant),
    sa.Column("next_at", Instant),
    sa.Column("waits", sa.Boolean, nullable=False, default=False),
    # On whose behalf it was woken: the id of a request or a schedule; see addon/correlation.py.
    sa.Column("woken_by", sa.String(MAX_LENGTH)),
    # Which job began last.
    sa.Column("claim", sa.String(16)),
    # Last, because they are large: SQLite reads a row from its beginning to the column asked for.
    # When time alone makes work: an occurrence of a series is over, the next one is to be seen.
    sa.Column("compare_at", Instant),
    # What keeps them apart, as `addon/sync` stores it: a kind, and when to try again.
    sa.Column("trouble", sa.JSON),
    # What is not carried and why, for the card and the page.
    sa.Column("unsynced", sa.JSON),
    # For a series: which session each upcoming occurrence has.
    sa.Column("occurrences", sa.JSON),
    # While people are being registered: {"done": …, "of": …}, for whoever watches.
    sa.Column("registering", sa.JSON),
    # A deletion seen on one side, waiting for its grace time: {"side": …, "at": …}.
    sa.Column("deletion", sa.JSON),
    # What both sides last agreed on; null until they were compared for the first time.
    sa.Column("base", sa.JSON),
    # The event resource as Calendar last told it, so that a job need not read what a list brought.
    sa.Column("calendar_seen", sa.JSON),
    # Other events of Calendar with the same room: [[calendar id, event id], …]; see
    # addon/store/copies.py.
    sa.Column("copies", sa.JSON),
    sa.Index("ix_links_calendar_event", "calendar_id", "event_id"),
    # A person's links in the order of the list, and those of one month.
    sa.Index("ix_links_user_start", "user_id", "starts_at", "recurring"),
)
# The calendar asks for every series of a person, whenever it began.
sa.Index(
    "ix_links_series",
    links.c.user_id,
    sqlite_where=sa.text("recurring"),
    postgresql_where=sa.text("recurring"),
)
# What `addon.jobs` looks for every minute: links with outstanding work, however many there are.
sa.Index(
    "ix_links_dirty",
    links.c.id,
    sqlite_where=links.c.dirty_at.is_not(None),
    postgresql_where=links.c.dirty_at.is_not(None),
)
# What operators count every half minute.
sa.Index(
    "ix_links_held", links.c.id, sqlite_where=sa.text("held"), postgresql_where=sa.text("held")
)
# What `addon.store.retention` looks for: links that came to an end, and events long past.
sa.Index(
    "ix_links_over",
    links.c.id,
    sqlite_where=sa.text("state <> 'active'"),
    postgresql_where=sa.text("state <> 'active'"),
)
sa.Index(
    "ix_links_single_start",
    links.c.starts_at,
    sqlite_where=sa.text("NOT recurring"),
    postgresql_where=sa.text("NOT recurring"),
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

google_grants = sa.Table(
    "google_grants",
    metadata,
    sa.Column("user_id", ID, sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    # Encrypted; see addon/store/vault.py. Empty once the grant was given up.
    sa.Column("secret", sa.Text, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("scopes", sa.Text, nullable=False),
    # "active", "revoked" when Google ended it, "off" when the person deactivated.
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("activated_at", Instant, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False, default=0),
    sa.Column("refresh_until", Instant),
)

calendars = sa.Table(
    "calendars",
    metadata,
    sa.Column("id", ID, primary_key=True),
    # By whose grant the calendar is read; a shared calendar has a row for each of its readers.
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("calendar_id", sa.String(1024), nullable=False),
    sa.Column("timezone", sa.String(64)),
    # Where the next incremental list begins; null makes it a full one.
    sa.Column("sync_token", sa.Text),
    sa.Column("listed_at", Instant),
    # The stamp of a push: somebody said that this calendar changed. Cleared by the list that
    # began after it.
    sa.Column("pushed_at", Instant),
    # On whose behalf; see addon/correlation.py.
    sa.Column("pushed_by", sa.String(MAX_LENGTH)),
    # One list at a time: two consumers of one sync token would lose changes.
    sa.Column("lease", ID),
    sa.Column("lease_until", Instant),
    sa.Column("next_at", Instant),
    sa.Column("failures", sa.Integer, nullable=False, default=0),
    sa.UniqueConstraint("user_id", "calendar_id"),
)
sa.Index(
    "ix_calendars_pushed",
    calendars.c.pushed_at,
    sqlite_where=calendars.c.pushed_at.is_not(None),
    postgresql_where=calendars.c.pushed_at.is_not(None),
)

channels = sa.Table(
    "channels",
    metadata,
    # The id that Google echoes with every message.
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column(
        "calendar", sa.ForeignKey("calendars.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    # SHA-256 of the token that comes with every message.
    sa.Column("token_digest", sa.String(64), nullable=False),
    # Null until Google has answered the watch; the first message may come before.
    sa.Column("resource_id", sa.String(255)),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False, index=True),
    # A newer channel took over; to be stopped.
    sa.Column("replaced", sa.Boolean, nullable=False, default=False),
)

workspace_watches = sa.Table(
    "workspace_watches",
    metadata,
    sa.Column("workspace_id", sa.ForeignKey("workspaces.id"), primary_key=True),
    # SHA-256 of the secret in the address that Livestorm's webhooks call.
    sa.Column("secret_digest", sa.String(64), nullable=False, unique=True),
    # The subscriptions made with it, by event name; see addon/sync/notice.
    sa.Column("subscriptions", sa.JSON, nullable=False),
    sa.Column("subscribed_at", Instant),
    # Everything changed before this was seen by a poll; null before the first.
    sa.Column("polled_until", Instant),
    sa.Column("next_poll_at", Instant, nullable=False, index=True),
    sa.Column("lease", ID),
    sa.Column("lease_until", Instant),
    # When something last happened in it that somebody did, and from when on a look may follow that.
    sa.Column("active_at", Instant),
    sa.Column("quick_at", Instant),
    # Calls put by for such looks at an instant; null before the first look. See
    # addon/sync/notice/budget.py.
    sa.Column("put_by", sa.Float),
    sa.Column("put_by_at", Instant),
)

erasures = sa.Table(
    "erasures",
    metadata,
    # Random; the browser that asked keeps it in its session.
    sa.Column("id", ID, primary_key=True),
    # Whose data; null once nothing is left of it. No foreign key: it outlives the person's row.
    sa.Column("user_id", ID, unique=True),
    # How many rows of each kind there were, and what the companies could not be told.
    sa.Column("found", sa.JSON, nullable=False),
    sa.Column("untold", sa.JSON, nullable=False),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("finished_at", Instant, index=True),
    # Whoever holds the lease works on it; a lease that ran out belongs to a crash.
    sa.Column("lease", ID),
    sa.Column("lease_until", Instant),
)

workers = heartbeat_table(metadata)

turns = turn_table(metadata)
