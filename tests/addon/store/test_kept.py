"""Selects that are kept: they read as SQLAlchemy reads, and outlive their connection."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from addon.store import connections, users
from addon.store import engine as store
from addon.store.kept import KeptSelect
from addon.store.tables import users as users_table

NOW = datetime(2026, 3, 2, 9, 30, 1, 250_000, tzinfo=UTC)

_STATEMENT = sa.select(users_table.c.email, users_table.c.created_at).where(
    users_table.c.google_sub == sa.bindparam("google_sub")
)


@pytest.fixture
def account(engine: sa.Engine) -> users.Account:
    return users.account_of(engine, "100001", "camille@acme.test", NOW)


def test_a_row_has_the_values_that_its_columns_stand_for(
    engine: sa.Engine, account: users.Account
) -> None:
    kept = KeptSelect(_STATEMENT)
    assert kept.first(engine, google_sub=account.google_sub) == ("camille@acme.test", NOW)
    assert kept.first(engine, google_sub="100002") is None


def test_a_connection_that_broke_meanwhile_is_replaced(
    engine: sa.Engine, account: users.Account
) -> None:
    kept = KeptSelect(_STATEMENT)
    with store.driver(engine) as connection:
        driver = connection.dbapi_connection
        assert driver is not None
    _break(engine, driver)
    for _ in range(2):
        assert kept.first(engine, google_sub=account.google_sub) == ("camille@acme.test", NOW)


def test_a_database_that_cannot_be_opened_is_reported_as_sqlalchemy_does(tmp_path: Path) -> None:
    engine = store.create_engine(f"sqlite:///{tmp_path}/folder/database.sqlite")
    (tmp_path / "folder").rmdir()
    with pytest.raises(sa.exc.SQLAlchemyError):
        KeptSelect(_STATEMENT).first(engine, google_sub="100001")


def test_a_database_without_the_table_is_reported_as_sqlalchemy_does(engine: sa.Engine) -> None:
    missing = sa.table("nowhere", sa.column("email", sa.String))
    with pytest.raises(sa.exc.DBAPIError):
        KeptSelect(sa.select(missing.c.email)).first(engine)


def test_a_call_without_an_address_takes_none_away(
    engine: sa.Engine, account: users.Account
) -> None:
    assert users.account_of(engine, account.google_sub, None, NOW).email == "camille@acme.test"
    moved = users.account_of(engine, account.google_sub, "camille@acme.example", NOW)
    assert (moved.user_id, moved.email) == (account.user_id, "camille@acme.example")


def test_an_account_knows_when_its_connection_expires(
    engine: sa.Engine, account: users.Account
) -> None:
    connections.save(
        engine,
        user_id=account.user_id,
        workspace_id="w1",
        workspace_name="Acme",
        workspace_slug=None,
        kind="oauth",
        sealed="sealed",
        expires_at=NOW,
        owner_id="o1",
        owner_email=None,
        now=NOW,
    )
    read = users.account(engine, account.user_id)
    assert read is not None
    assert read.connection is not None
    assert read.connection.expires_at == NOW


def _break(engine: sa.Engine, driver: Any) -> None:
    """Lose a connection that is kept for later, as when the database is restarted."""
    if engine.dialect.name == "sqlite":
        driver.close()
        return
    other = sa.create_engine(engine.url, poolclass=sa.NullPool)
    with other.connect() as connection:
        terminate = sa.func.pg_terminate_backend(driver.info.backend_pid)
        assert connection.scalar(sa.select(terminate)) is True
