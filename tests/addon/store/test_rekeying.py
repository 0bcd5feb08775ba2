"""Exchanging keys: everything is sealed anew, nothing is lost on the way."""

from datetime import datetime

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from addon.store import connections, rekeying, users
from addon.store.rekeying import Census, Resealed
from addon.store.tables import google_grants, metadata
from addon.store.tables import livestorm_connections as table
from addon.store.vault import Vault

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def connect(engine: sa.Engine, vault: Vault, now: datetime, sub: str) -> str:
    """Store a sealed secret of a new person; return our id of them."""
    user_id = users.account_of(engine, sub, None, now).user_id
    connections.save(
        engine,
        user_id=user_id,
        workspace_id="acme",
        workspace_name="Acme",
        workspace_slug=None,
        kind="api_token",
        sealed=vault.seal(user_id, {"token": f"secret of {sub}"}),
        expires_at=None,
        owner_id=None,
        owner_email=None,
        now=now,
    )
    return user_id


def test_every_table_with_a_sealed_secret_is_known() -> None:
    assert {one.name for one in metadata.tables.values() if "secret" in one.c} == {
        one.name for one in rekeying.SEALED
    }


@pytest.mark.parametrize("page", [1, 2, 500])
def test_keys_are_exchanged(
    engine: sa.Engine, now: datetime, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rekeying, "PAGE", page)
    old, both, new = Vault([OLD]), Vault([NEW, OLD]), Vault([NEW])
    people = [connect(engine, old, now, f"{n}") for n in range(3)]
    people.append(connect(engine, both, now, "3"))
    lost = connect(engine, Vault([Fernet.generate_key().decode()]), now, "4")
    with engine.begin() as connection:
        for user_id, secret in ((people[0], old.seal(people[0], {})), (people[1], "")):
            connection.execute(
                sa.insert(google_grants).values(
                    user_id=user_id,
                    secret=secret,
                    expires_at=now,
                    scopes="",
                    state="off",
                    activated_at=now,
                    generation=1,
                )
            )
    assert rekeying.census(engine, both) == Census(newest=1, older=4, unreadable=1)
    assert rekeying.census(engine, new) == Census(newest=1, older=0, unreadable=5)

    assert rekeying.reseal(engine, both) == Resealed(4, 1, [(table.name, lost)])

    assert rekeying.census(engine, new) == Census(newest=5, older=0, unreadable=1)
    assert rekeying.reseal(engine, both) == Resealed(0, 5, [(table.name, lost)])
    sample = rekeying.census(engine, new, most=1)
    # Which ones is the database's choice.
    assert sample.newest + sample.unreadable == 2, "one of each table"
    with engine.connect() as connection:
        rows = connection.execute(sa.select(table.c.user_id, table.c.secret)).all()
    kept = {row.user_id: row.secret for row in rows}
    for n, user_id in enumerate(people):
        assert new.open(user_id, kept[user_id]) == {"token": f"secret of {n}"}
