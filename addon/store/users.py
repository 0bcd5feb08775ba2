"""People: one row per Google account that ever called, with what a card needs to know of them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from addon.store import engine as store
from addon.store.kept import KeptSelect
from addon.store.tables import google_grants, livestorm_connections, users, workspaces


@dataclass(frozen=True)
class Template:
    """The Livestorm event whose settings new events copy.

    `gone`: Livestorm no longer shows it to this person, so nothing can be copied.
    """

    event_id: str
    title: str
    gone: bool = False


@dataclass(frozen=True)
class Connection:
    """A person's connection to a Livestorm workspace. `sealed` opens with the vault."""

    workspace_id: str
    workspace_name: str
    kind: str
    sealed: str = field(repr=False)
    expires_at: datetime | None
    owner_id: str | None
    owner_email: str | None
    usable: bool
    generation: int


@dataclass(frozen=True)
class Account:
    """A person: how they are connected to Livestorm, and their consent for the calendar.

    `grant`: state of "Activate with Google" (`addon.store.grants`), None if never given.
    """

    user_id: str
    google_sub: str
    email: str | None
    template: Template | None
    connection: Connection | None
    grant: str | None

    @property
    def activated(self) -> bool:
        """Whether this person's events are kept in sync."""
        return self.grant == "active"


_ACCOUNT = (
    sa.select(
        users.c.id,
        users.c.google_sub,
        users.c.email,
        users.c.template_event_id,
        users.c.template_title,
        users.c.template_gone_at.is_not(None).label("template_gone"),
        livestorm_connections.c.workspace_id,
        workspaces.c.name,
        livestorm_connections.c.kind,
        livestorm_connections.c.secret,
        livestorm_connections.c.expires_at,
        livestorm_connections.c.owner_id,
        livestorm_connections.c.owner_email,
        livestorm_connections.c.state,
        livestorm_connections.c.generation,
        google_grants.c.state.label("grant_state"),
    )
    .select_from(users)
    .outerjoin(livestorm_connections, livestorm_connections.c.user_id == users.c.id)
    .outerjoin(workspaces, workspaces.c.id == livestorm_connections.c.workspace_id)
    .outerjoin(google_grants, google_grants.c.user_id == users.c.id)
)
_BY_SUB = KeptSelect(_ACCOUNT.where(users.c.google_sub == sa.bindparam("google_sub")))
_BY_ID = KeptSelect(_ACCOUNT.where(users.c.id == sa.bindparam("user_id")))


def account_of(engine: sa.Engine, google_sub: str, email: str | None, now: datetime) -> Account:
    """Return the account of a Google identity, made on its first call.

    One select when the person is known and their address has not changed.
    """
    row = _BY_SUB.first(engine, google_sub=google_sub)
    known = None if row is None else _account(row)
    if known is None or (email is not None and known.email != email):
        with store.writing(engine) as connection:
            new = store.insert(connection, users).values(
                id=uuid.uuid4().hex, google_sub=google_sub, email=email, created_at=now
            )
            # A call without an address takes none away.
            seen = {"email": email} if email is not None else {"google_sub": google_sub}
            connection.execute(new.on_conflict_do_update(index_elements=["google_sub"], set_=seen))
        row = _BY_SUB.first(engine, google_sub=google_sub)
        if row is None:
            raise LookupError("the account was erased while it was read")
        known = _account(row)
    return known


def account(engine: sa.Engine, user_id: str) -> Account | None:
    """Return the account with our own id, or None when it is gone."""
    row = _BY_ID.first(engine, user_id=user_id)
    return None if row is None else _account(row)


def save_template(
    engine: sa.Engine, user_id: str, template: Template | None, now: datetime
) -> None:
    """Remember the event whose settings this person's new events copy; None forgets it."""
    values = {
        "template_event_id": template.event_id if template else None,
        "template_title": template.title if template else None,
        "template_saved_at": now,
        "template_gone_at": None,
    }
    with store.writing(engine) as connection:
        connection.execute(sa.update(users).where(users.c.id == user_id).values(values))


def note_template_gone(
    engine: sa.Engine, user_id: str, event_id: str, gone_at: datetime | None
) -> None:
    """Remember since when a template cannot be copied; None: it can.

    Nothing happens if the person has saved another one meanwhile.
    """
    with store.writing(engine) as connection:
        connection.execute(
            sa.update(users)
            .where(users.c.id == user_id, users.c.template_event_id == event_id)
            .values(template_gone_at=gone_at)
        )


def _account(row: Sequence[Any]) -> Account:
    (
        user_id, google_sub, email, template_id, template_title, template_gone,
        workspace_id, workspace_name, kind, secret, expires_at, owner_id, owner_email, state,
        generation, grant,
    ) = row  # fmt: skip
    return Account(
        user_id=user_id,
        google_sub=google_sub,
        email=email,
        template=Template(template_id, template_title or "", gone=bool(template_gone))
        if template_id
        else None,
        connection=None
        if workspace_id is None
        else Connection(
            workspace_id=workspace_id,
            workspace_name=workspace_name,
            kind=kind,
            sealed=secret,
            expires_at=expires_at,
            owner_id=owner_id,
            owner_email=owner_email,
            usable=state == "active",
            generation=generation,
        ),
        grant=grant,
    )
