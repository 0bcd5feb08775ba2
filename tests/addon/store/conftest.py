"""A person in the database, and the instant at which the tests play."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from addon.store import users

NOW = datetime(2027, 3, 10, 14, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def user_id(engine: sa.Engine) -> str:
    """Our id of a person."""
    return users.account_of(engine, "1001", "camille@acme.test", NOW).user_id
