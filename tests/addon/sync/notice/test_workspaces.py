"""With whose connection a workspace is asked, and whether at all."""

from datetime import timedelta

import sqlalchemy as sa

from addon.clock import now
from addon.store import connections as connection_store
from addon.store.tables import google_grants, links, livestorm_connections, workspace_watches
from sandbox.simulation import Fault
from tests.addon.sync.notice.dashboard import (
    delete,
    later,
    retitle,
    watched,
)
from tests.addon.sync.notice.rig import SAM, Rig, one_kind


def test_nothing_is_asked_while_nobody_is_activated(rig: Rig) -> None:
    watched(rig)
    with rig.engine.begin() as connection:
        connection.execute(sa.update(google_grants).values(state="off"))
    with later():
        rig.poll()
        assert len(rig.livestorm.log) == 0


def test_nothing_is_asked_while_nobody_is_connected(rig: Rig) -> None:
    pair = watched(rig)
    connection_store.forget(rig.engine, pair.user_id)
    with later():
        rig.poll()
        assert len(rig.livestorm.log) == 0
        assert rig.watch().next_poll_at < now() + timedelta(minutes=12)


def sams_token_is_over(rig: Rig) -> None:
    with rig.engine.begin() as connection:
        connection.execute(
            sa.update(livestorm_connections)
            .where(livestorm_connections.c.user_id == rig.people[SAM])
            .values(secret=rig.vault.seal(rig.people[SAM], {"token": "over"}))
        )


def test_workspace_is_asked_with_whoevers_connection_works(rig: Rig) -> None:
    pair = watched(rig)
    rig.person(SAM)
    sams_token_is_over(rig)
    with later():
        retitle(rig, pair, "Edited")
        rig.poll()
        assert rig.marked() == {pair.id}


@one_kind
def test_workspace_is_not_asked_with_the_connection_of_whoever_deactivated(rig: Rig) -> None:
    pair = watched(rig)
    rig.person(SAM)
    with rig.engine.begin() as connection:
        connection.execute(
            sa.update(google_grants)
            .where(google_grants.c.user_id == rig.people[SAM])
            .values(state="off")
        )
    sams_token_is_over(rig)
    with later():
        retitle(rig, pair, "Edited")
        rig.poll()
        assert rig.marked() == {pair.id}
        assert {call.status for call in rig.livestorm.log} == {200}


@one_kind
def test_nothing_is_asked_about_links_of_whoever_is_not_connected(rig: Rig) -> None:
    """Somebody else's connection could, but no job would compare them."""
    pair = watched(rig)
    rig.person(SAM)
    connection_store.forget(rig.engine, pair.user_id)
    with later():
        rig.poll()
        assert len(rig.livestorm.log) == 0
        rig.pair(email=SAM)
        delete(rig, pair)
        rig.list_events()
        assert len(rig.livestorm.log) == 1
        assert pair.id not in rig.marked()


def test_failing_workspace_slows_nobody_else(rig: Rig) -> None:
    watched(rig)
    rig.livestorm.faults.add(Fault("status", "/v1/", status=500, times=None))
    with later():
        rig.poll()
        pair = rig.row(rig.pair())
        rig.look()
        assert pair.id in rig.marked()


def test_refusal_for_the_rate_is_waited_for(rig: Rig) -> None:
    watched(rig)
    rig.livestorm.faults.add(Fault("status", "/v1/", status=429, retry_after=7200, times=None))
    with later():
        rig.poll()
        assert rig.watch().next_poll_at > now() + timedelta(minutes=100)


def test_workspace_without_links_is_given_up_with_its_webhooks(rig: Rig) -> None:
    watched(rig)
    with rig.engine.begin() as connection:
        connection.execute(sa.update(links).values(state="unlinked"))
    with later(86_500):
        rig.poll()
        assert rig.livestorm.world.workspace.webhooks == {}
        with rig.engine.connect() as connection:
            assert connection.execute(sa.select(workspace_watches)).all() == []


@one_kind
def test_workspace_without_links_is_given_up_although_nobody_is_connected(rig: Rig) -> None:
    pair = watched(rig)
    connection_store.forget(rig.engine, pair.user_id)
    with rig.engine.begin() as connection:
        connection.execute(sa.update(links).values(state="unlinked"))
    with later(86_500):
        rig.poll()
        with rig.engine.connect() as connection:
            assert connection.execute(sa.select(workspace_watches)).all() == []


@one_kind
def test_one_worker_looks_at_a_workspace_at_a_time(rig: Rig) -> None:
    watched(rig)
    other = rig.new_noticing()
    with rig.engine.begin() as connection:
        connection.execute(sa.update(workspace_watches).values(next_poll_at=now()))
    [watch] = rig.noticing.workspaces.take(8)
    assert other.workspaces.take(8) == []
    with later(121):
        assert len(other.workspaces.take(8)) == 1
        before = rig.watch()
        rig.noticing.workspaces.look(watch)
        after = rig.watch()
    assert (after.polled_until, after.lease) == (before.polled_until, before.lease)
