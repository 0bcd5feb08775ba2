"""Webhook subscriptions are made, kept alive, renewed and cleared away."""

import pytest
import sqlalchemy as sa

from addon.clock import now
from addon.store.tables import livestorm_connections, workspace_watches
from addon.sync.notice.subscriptions import EVENTS
from sandbox.livestorm.grants import SCOPES
from sandbox.livestorm.records import Webhook
from sandbox.simulation import Fault
from tests.addon.sync.notice.dashboard import (
    later,
    people_changed,
    register,
    retitle,
    watched,
)
from tests.addon.sync.notice.rig import SAM, Rig, one_kind

READ_ONLY = tuple(scope for scope in SCOPES if not scope.startswith("webhooks"))


def test_first_look_subscribes_to_what_matters_and_keeps_no_secret(rig: Rig) -> None:
    rig.pair()
    assert rig.look_at_workspace() == 1
    webhooks = rig.livestorm.world.workspace.webhooks.values()
    assert sorted(one.event for one in webhooks) == sorted(EVENTS)
    [url] = {one.url for one in webhooks}
    secret = url.rpartition("/")[2]
    assert url == f"{rig.program.url}/hooks/livestorm/{secret}"
    row = rig.watch()
    assert secret not in str(row)
    assert set(row.subscriptions["subscriptions"]) == set(EVENTS)


def test_daily_check_makes_what_is_missing_and_costs_one_call_otherwise(rig: Rig) -> None:
    watched(rig)
    webhooks = rig.livestorm.world.workspace.webhooks
    before = set(webhooks)
    rig.poll()
    assert rig.livestorm.log.matching(path="webhooks") == []
    with later(86_500):
        rig.poll()
        assert len(rig.livestorm.log.matching(path="webhooks")) == 1
        gone = webhooks.pop(next(iter(webhooks)))
        rig.clear_logs()
    with later(2 * 86_500):
        rig.poll()
        assert sorted(one.event for one in webhooks.values()) == sorted(EVENTS)
        assert gone.id not in webhooks
        assert len(before & set(webhooks)) == len(EVENTS) - 1


def test_disabled_subscriptions_are_replaced_within_a_week(rig: Rig) -> None:
    pair = watched(rig)
    workspace = rig.livestorm.world.workspace
    for one in workspace.webhooks.values():
        one.disabled = True
    before = set(workspace.webhooks)
    with later(8 * 86_400):
        rig.poll()
        assert before.isdisjoint(workspace.webhooks)
        assert sorted(one.event for one in workspace.webhooks.values()) == sorted(EVENTS)
        rig.compare()
        register(rig, pair, "new@partner.test")
        assert people_changed(rig, pair)


def test_other_programs_subscriptions_are_left_alone(rig: Rig) -> None:
    # The old secret gets 404, which Livestorm would repeat for a while.
    rig.livestorm.switches.webhook_retry_scale = 0.0
    workspace = rig.livestorm.world.workspace
    theirs = Webhook("theirs", workspace.id, "https://zapier.test/x", "session.created", 1, 1)
    stale_url = f"{rig.program.url}/hooks/livestorm/of-an-earlier-secret"
    stale = Webhook("stale", workspace.id, stale_url, "session.created", 1, 1)
    workspace.webhooks |= {theirs.id: theirs, stale.id: stale}
    watched(rig)
    assert theirs.id in workspace.webhooks
    assert stale.id not in workspace.webhooks


def test_changed_key_replaces_the_secret(rig: Rig) -> None:
    pair = watched(rig)
    [old] = set(rig.webhook_urls())
    noticing = rig.new_noticing(key="another key")
    with later(86_500):
        with rig.engine.begin() as connection:
            connection.execute(sa.update(workspace_watches).values(next_poll_at=now()))
        rig.look_at_workspace(noticing)
        [new] = set(rig.webhook_urls())
    assert new != old
    assert rig.program.http.post(old, json={}, timeout=10).status_code == 404
    rig.compare()
    register(rig, pair, "new@partner.test")
    assert people_changed(rig, pair)


@one_kind
def test_server_at_another_address_leaves_no_webhook_at_the_old_one(rig: Rig) -> None:
    """Whoever has that address then would be told who registers."""
    watched(rig)
    moved = rig.new_noticing(base_url="http://127.0.0.1:9")
    rig.livestorm.faults.add(
        Fault("status", "/v1/webhooks/", method="DELETE", status=503, times=None, skip=2)
    )
    for days in (1, 2):
        with later(days * 86_500):
            with rig.engine.begin() as connection:
                connection.execute(sa.update(workspace_watches).values(next_poll_at=now()))
            rig.look_at_workspace(moved)
            rig.livestorm.faults.clear()
    webhooks = rig.livestorm.world.workspace.webhooks
    assert {one.url.partition("/hooks/")[0] for one in webhooks.values()} == {"http://127.0.0.1:9"}
    notes = rig.watch().subscriptions
    assert {one["id"] for one in notes["subscriptions"].values()} == set(webhooks)
    assert notes["leaving"] == []


def test_subscribing_again_after_a_crash_doubles_nothing(rig: Rig) -> None:
    rig.pair()
    rig.livestorm.faults.add(Fault("drop_after", "/v1/webhooks$", method="POST", skip=2))
    rig.look_at_workspace()
    rig.poll()
    workspace = rig.livestorm.world.workspace
    assert sorted(one.event for one in workspace.webhooks.values()) == sorted(EVENTS)


def test_first_webhook_is_listened_to_before_the_others_exist(rig: Rig) -> None:
    """Livestorm may call it at once, and the others wait for the allowance, or for Livestorm."""
    pair = rig.pair()
    rig.compare()
    rig.livestorm.faults.add(Fault("status", "/v1/webhooks$", method="POST", times=None, skip=1))
    rig.look_at_workspace()
    [webhook] = rig.livestorm.world.workspace.webhooks.values()
    assert webhook.event == EVENTS[0]
    meta = {"webhook": {"event": webhook.event, "organization_id": rig.workspace_id}}
    data = {"id": pair.livestorm_event_id, "type": "events", "attributes": {}, "meta": meta}
    assert rig.program.http.post(webhook.url, json={"data": data}, timeout=10).status_code == 204
    assert rig.marked() == {pair.id}


def test_token_without_the_webhook_right_polls_only_and_stays_connected(rig: Rig) -> None:
    rig.livestorm.switches.missing_scope = 401
    rig.person(livestorm_scopes=READ_ONLY)
    pair = watched(rig)
    assert rig.livestorm.world.workspace.webhooks == {}
    retitle(rig, pair, "Edited")
    rig.poll()
    assert rig.marked() == {pair.id}
    with rig.engine.connect() as connection:
        assert connection.scalar(sa.select(livestorm_connections.c.state)) == "active"


@one_kind
def test_another_persons_token_makes_webhooks_where_the_first_may_not(rig: Rig) -> None:
    rig.pair()
    rig.person(SAM, livestorm_scopes=READ_ONLY)
    rig.look_at_workspace()
    webhooks = rig.livestorm.world.workspace.webhooks.values()
    assert sorted(one.event for one in webhooks) == sorted(EVENTS)
    with rig.engine.connect() as connection:
        assert set(connection.scalars(sa.select(livestorm_connections.c.state))) == {"active"}


@pytest.mark.parametrize(("verb", "status"), [("POST", 409), ("GET", 500)])
@one_kind
def test_webhooks_that_cannot_be_had_keep_nobody_from_looking(
    rig: Rig, verb: str, status: int
) -> None:
    rig.livestorm.faults.add(
        Fault("status", "/v1/webhooks$", method=verb, status=status, times=None)
    )
    pair = rig.pair()
    rig.look_at_workspace()
    rig.look_now()
    rig.compare()
    with later():
        retitle(rig, pair, "Edited")
        rig.look_now()
        assert rig.marked() == {pair.id}
        rig.clear_logs()
        rig.look_now()
        assert rig.livestorm_calls() == ["GET /v1/events"]
    rig.livestorm.faults.clear()
    with later(2 * 3600):
        rig.look_now()
        assert len(rig.webhook_urls()) == len(EVENTS)


def test_address_that_livestorm_refuses_leaves_polls(rig: Rig) -> None:
    rig.livestorm.switches.webhook_urls = "https"
    pair = watched(rig)
    assert rig.livestorm.world.workspace.webhooks == {}
    retitle(rig, pair, "Edited")
    rig.poll()
    assert rig.marked() == {pair.id}
