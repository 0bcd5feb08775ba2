"""Tokens: renewed by one process at a time, given up only when Livestorm says so."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Literal

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from addon import clock
from addon.connections import Connections, NotConnected
from addon.connections.credentials import OAUTH, REFRESH_AHEAD, REFRESH_LEASE
from addon.livestorm import FailureKind, Livestorm, LivestormFailure, Urgency
from addon.livestorm.oauth import OAuthClient
from addon.store import connections as store
from addon.store import users
from addon.store.allowance import DatabaseAllowance
from addon.store.engine import create_engine
from addon.store.tables import livestorm_connections as table
from addon.store.users import Account
from addon.store.vault import Vault
from sandbox.livestorm import LivestormSimulator
from sandbox.simulation import Fault

KEY = Fernet.generate_key().decode()
CAMILLE = "camille@acme.test"


@pytest.fixture
def process(
    database_url: str, livestorm: LivestormSimulator
) -> Iterator[Callable[[], Connections]]:
    """Make the part of one more process on the same database."""
    engines: list[sa.Engine] = []

    def make() -> Connections:
        engine = create_engine(database_url)
        engines.append(engine)
        oauth = OAuthClient(
            app=livestorm.url, client_id="sandbox-client", client_secret="sandbox-secret"
        )
        client = Livestorm(api=f"{livestorm.url}/v1", allowance=DatabaseAllowance(engine))
        return Connections(engine=engine, vault=Vault([KEY]), livestorm=client, oauth=oauth)

    yield make
    for engine in engines:
        engine.dispose()


@pytest.fixture
def account(engine: sa.Engine, livestorm: LivestormSimulator) -> Account:
    """Camille, connected, with an access token whose time is over."""
    user_id = users.account_of(engine, "1001", CAMILLE, clock.now()).user_id
    tokens = livestorm.world.grant(CAMILLE)
    workspace, member = livestorm.world.member(CAMILLE)
    secret = {"access_token": tokens.access_token, "refresh_token": tokens.refresh_token}
    store.save(
        engine,
        user_id=user_id,
        workspace_id=workspace.id,
        workspace_name=workspace.name,
        workspace_slug=None,
        kind=OAUTH,
        sealed=Vault([KEY]).seal(user_id, secret),
        expires_at=clock.now() - timedelta(minutes=1),
        owner_id=member.person.id,
        owner_email=CAMILLE,
        now=clock.now(),
    )
    return fresh(engine, user_id)


def fresh(engine: sa.Engine, user_id: str) -> Account:
    account = users.account(engine, user_id)
    assert account is not None
    return account


def refreshes(livestorm: LivestormSimulator) -> int:
    return len(livestorm.log.matching("POST", "/oauth/token"))


def ask(connections: Connections, account: Account) -> str:
    """Make one call with the account's connection; return whose workspace answered."""
    workspace = connections.workspace(account, urgency=Urgency.PERSON_WAITING)
    return workspace.organization().name


@pytest.mark.parametrize("rotation", ["at_once", "until_new_token_used", "none"])
def test_many_in_two_processes_renew_it_once(
    engine: sa.Engine,
    livestorm: LivestormSimulator,
    account: Account,
    process: Callable[[], Connections],
    rotation: Literal["at_once", "until_new_token_used", "none"],
) -> None:
    livestorm.switches.refresh_rotation = rotation
    livestorm.latency = 0.1
    processes = [process(), process()]
    with ThreadPoolExecutor(4) as threads:
        names = list(threads.map(lambda n: ask(processes[n % 2], account), range(4)))
    assert names == ["Acme"] * 4
    assert refreshes(livestorm) == 1
    # What was kept is good for the next time, and for the one after that.
    connections = process()
    for _ in range(2):
        expire(engine)
        assert ask(connections, fresh(engine, account.user_id)) == "Acme"
    assert refreshes(livestorm) == 3


def expire(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.update(table).values(expires_at=clock.now() - timedelta(minutes=1)))


def test_a_token_with_time_left_is_used_as_it_is(
    engine: sa.Engine,
    livestorm: LivestormSimulator,
    account: Account,
    process: Callable[[], Connections],
) -> None:
    with engine.begin() as connection:
        connection.execute(
            sa.update(table).values(expires_at=clock.now() + REFRESH_AHEAD + timedelta(minutes=1))
        )
    assert ask(process(), fresh(engine, account.user_id)) == "Acme"
    assert refreshes(livestorm) == 0


@pytest.mark.parametrize("kind", ["status", "drop_before", "drop_after", "html500"])
def test_livestorm_down_gives_nothing_up(
    engine: sa.Engine,
    livestorm: LivestormSimulator,
    account: Account,
    process: Callable[[], Connections],
    kind: Literal["status", "drop_before", "drop_after", "html500"],
) -> None:
    connections = process()
    livestorm.faults.add(Fault(kind, path="/oauth/token", times=None))
    with pytest.raises(LivestormFailure) as away:
        ask(connections, account)
    assert away.value.kind is FailureKind.UNAVAILABLE
    livestorm.faults.clear()
    # Where the answer alone was lost, the old refresh token is good until the new one is used.
    assert ask(connections, fresh(engine, account.user_id)) == "Acme"


def test_an_ended_grant_asks_to_connect_again(
    engine: sa.Engine,
    livestorm: LivestormSimulator,
    account: Account,
    process: Callable[[], Connections],
) -> None:
    _, member = livestorm.world.member(CAMILLE)
    livestorm.world.grants.revoke_user(member.user_id)
    connections = process()
    with pytest.raises(NotConnected):
        ask(connections, account)
    lost = fresh(engine, account.user_id)
    assert lost.connection is not None
    assert not lost.connection.usable
    calls = len(livestorm.log)
    with pytest.raises(NotConnected):
        ask(connections, lost)
    assert len(livestorm.log) == calls, "Livestorm is not asked again"


def test_who_died_while_renewing_blocks_nobody_for_long(
    engine: sa.Engine,
    livestorm: LivestormSimulator,
    account: Account,
    process: Callable[[], Connections],
) -> None:
    assert account.connection is not None
    generation = account.connection.generation
    long_ago = clock.now() - REFRESH_LEASE
    assert store.begin_refresh(engine, account.user_id, generation, long_ago, REFRESH_LEASE)
    assert ask(process(), account) == "Acme"
    # And while somebody is at it, the others wait no longer than they may.
    expire(engine)
    busy = fresh(engine, account.user_id)
    assert busy.connection is not None
    now = clock.now()
    assert store.begin_refresh(engine, busy.user_id, busy.connection.generation, now, REFRESH_LEASE)
    assert not store.begin_refresh(
        engine, busy.user_id, busy.connection.generation, now, REFRESH_LEASE
    )
    with pytest.raises(LivestormFailure) as late:
        process().workspace(busy, urgency=Urgency.PERSON_WAITING, deadline=time.monotonic() + 0.3)
    assert late.value.kind is FailureKind.UNAVAILABLE
    assert not late.value.maybe_done


def test_a_secret_that_cannot_be_read_is_no_connection_and_not_given_up(
    engine: sa.Engine, account: Account, process: Callable[[], Connections]
) -> None:
    with engine.begin() as connection:
        connection.execute(sa.update(table).values(secret=Vault([KEY]).seal("another", {})))
    with pytest.raises(NotConnected):
        ask(process(), fresh(engine, account.user_id))
    kept = fresh(engine, account.user_id)
    assert kept.connection is not None
    assert kept.connection.usable
