"""Livestorm is heard, polled and listed, and links are woken by what changed there."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from addon.clock import now
from addon.livestorm import Event, Session
from addon.store import connections as connection_store
from addon.store.tables import google_grants, links, livestorm_connections, workspace_watches
from addon.sync.notice.event_listing import EMPTY_LOOKS
from addon.sync.notice.subscriptions import EVENTS
from sandbox.livestorm.changes import events, people, sessions
from sandbox.livestorm.grants import SCOPES
from sandbox.livestorm.records import Webhook
from sandbox.simulation import Fault
from tests.addon.sync.notice.rig import SAM, Pair, Rig

one_kind = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what cannot depend on the kind of database."""

READ_ONLY = tuple(scope for scope in SCOPES if not scope.startswith("webhooks"))


@pytest.fixture(autouse=True)
def unlimited(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests look around faster than five calls a second would allow."""
    rig.livestorm.switches.limits_enabled = False
    monkeypatch.setattr("addon.store.allowance.SECOND", 0.0)


def watched(rig: Rig, **options: Any) -> Pair:
    """A pair in a workspace whose webhooks are made and whose first poll and listing are done."""
    pair = rig.pair(**options)
    rig.look()
    rig.look_at_workspace()
    rig.poll()
    rig.compare()
    rig.clear_logs()
    return pair


def event_of(rig: Rig, pair: Pair) -> Any:
    return rig.livestorm.world.events[pair.livestorm_event_id]


def session_of(rig: Rig, pair: Pair) -> Any:
    return rig.livestorm.world.sessions[pair.livestorm_session_id]


def retitle(rig: Rig, pair: Pair, title: str) -> None:
    """Edit an event on Livestorm's dashboard."""
    world = rig.livestorm.world
    events.update_event(world, world.workspace, event_of(rig, pair), {"title": title})


def reschedule(rig: Rig, pair: Pair) -> None:
    """Move a session on Livestorm's dashboard."""
    world, session = rig.livestorm.world, session_of(rig, pair)
    later = session.estimated_started_at + 3600
    sessions.update_session(world, world.workspace, session, {"estimated_started_at": later})


def register(rig: Rig, pair: Pair, email: str) -> None:
    """Register somebody on the event's page."""
    world = rig.livestorm.world
    people.register(
        world, world.workspace, session_of(rig, pair), {"email": email}, registration_type="form"
    )
    assert rig.livestorm.settle()


def unregister(rig: Rig, pair: Pair, email: str) -> None:
    """Remove somebody on Livestorm's dashboard."""
    world = rig.livestorm.world
    person = world.workspace.person_by_email(email)
    assert person is not None
    people.unregister(world, world.workspace, session_of(rig, pair), person, whole_event=True)


def delete(rig: Rig, pair: Pair) -> None:
    """Delete an event on Livestorm's dashboard."""
    world = rig.livestorm.world
    events.delete_event(world, world.workspace, event_of(rig, pair))


def people_changed(rig: Rig, pair: Pair) -> bool:
    row = rig.row(pair)
    return bool(row.people_seq > row.people_read_seq)


def later(seconds: float = 601.0) -> time_machine.travel:
    """Beyond the time for which changes are looked at twice."""
    return time_machine.travel(now() + timedelta(seconds=seconds))


# Subscriptions


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


def test_subscribing_again_after_a_crash_doubles_nothing(rig: Rig) -> None:
    rig.pair()
    rig.livestorm.faults.add(Fault("drop_after", "/v1/webhooks$", method="POST", skip=2))
    rig.look_at_workspace()
    rig.poll()
    workspace = rig.livestorm.world.workspace
    assert sorted(one.event for one in workspace.webhooks.values()) == sorted(EVENTS)


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


def test_address_that_livestorm_refuses_leaves_polls(rig: Rig) -> None:
    rig.livestorm.switches.webhook_urls = "https"
    pair = watched(rig)
    assert rig.livestorm.world.workspace.webhooks == {}
    retitle(rig, pair, "Edited")
    rig.poll()
    assert rig.marked() == {pair.id}


# Deliveries


def test_registration_wakes_its_link_and_has_people_read(rig: Rig) -> None:
    pair, other = watched(rig), watched(rig)
    register(rig, pair, "new@partner.test")
    assert rig.marked() == {pair.id}
    assert people_changed(rig, pair)
    assert not people_changed(rig, other)


def test_registration_of_a_guest_whom_calendar_invites_is_no_news(rig: Rig) -> None:
    pair = watched(rig, attendees=[{"email": "Invited@Partner.test"}])
    register(rig, pair, "invited@partner.test")
    assert rig.marked() == set()
    assert not people_changed(rig, pair)


def test_registration_of_somebody_who_declined_is_news(rig: Rig) -> None:
    declined = {"email": "no@partner.test", "responseStatus": "declined"}
    pair = watched(rig, attendees=[declined])
    register(rig, pair, "no@partner.test")
    assert people_changed(rig, pair)


def test_new_session_and_start_and_end_wake_the_link(rig: Rig) -> None:
    pair = watched(rig)
    world, session = rig.livestorm.world, session_of(rig, pair)
    for act in (sessions.start_session, sessions.end_session):
        act(world, world.workspace, session)
        assert rig.livestorm.settle()
        assert rig.marked() == {pair.id}
        rig.compare()


def test_delivery_twice_is_one_wake_up_more_and_nothing_else(rig: Rig) -> None:
    rig.livestorm.switches.webhook_delivery = "twice"
    pair = watched(rig)
    register(rig, pair, "new@partner.test")
    row = rig.row(pair)
    assert row.people_seq - row.people_read_seq == 2
    rig.compare()
    assert rig.marked() == set()


def test_events_that_are_not_linked_wake_nothing(rig: Rig) -> None:
    watched(rig)
    rig.livestorm.world.add_event("Not from Calendar", starts_at=now().timestamp() + 9000)
    assert rig.livestorm.settle()
    assert rig.marked() == set()


# Polls


def test_edit_in_livestorm_is_found_by_the_next_poll(rig: Rig) -> None:
    pair = watched(rig)
    watched(rig)
    with later():
        retitle(rig, pair, "Edited")
        rig.clear_logs()
        rig.poll()
        assert rig.marked() == {pair.id}
        assert rig.livestorm_calls() == ["GET /v1/events", "GET /v1/sessions"]


def test_rescheduled_session_is_found_although_its_event_did_not_move(rig: Rig) -> None:
    pair = watched(rig)
    with later():
        reschedule(rig, pair)
        rig.poll()
        assert rig.marked() == {pair.id}


def test_overlap_of_polls_brings_each_change_once(rig: Rig) -> None:
    pair = watched(rig)
    with later():
        retitle(rig, pair, "Edited")
        rig.poll()
        assert rig.marked() == {pair.id}
        rig.compare()
        rig.poll()
        assert rig.marked() == set()
    with later(700):
        retitle(rig, pair, "Edited again")
        rig.poll()
        assert rig.marked() == {pair.id}


def test_change_by_a_clock_that_is_behind_is_found(rig: Rig) -> None:
    pair = watched(rig)
    with later(3600):
        rig.poll()
        event_of(rig, pair).title = "Written a moment ago by a slow clock"
        event_of(rig, pair).updated_at = int(now().timestamp()) - 240
        rig.poll()
        assert rig.marked() == {pair.id}


def test_cursor_goes_with_the_marks(rig: Rig) -> None:
    pair = watched(rig)
    before = rig.watch().polled_until
    with later():
        retitle(rig, pair, "Edited")
        rig.livestorm.faults.add(Fault("status", "/v1/sessions$", status=503, times=None))
        rig.poll()
        assert rig.marked() == set()
        assert rig.watch().polled_until == before
        rig.livestorm.faults.clear()
        rig.poll()
        assert rig.marked() == {pair.id}
        assert rig.watch().polled_until > before


def test_flood_of_changes_gives_way_to_a_listing(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("addon.sync.notice.workspaces.POLL_PAGES", 1)
    pairs = [watched(rig) for _ in range(3)]
    with later():
        for number in range(60):
            rig.livestorm.world.add_event(f"Bulk {number}")
        for pair in pairs:
            retitle(rig, pair, "Edited in bulk")
        rig.poll()
        assert rig.marked() == {pair.id for pair in pairs}
        rig.compare()
        rig.clear_logs()
    with later(2000):
        rig.poll()
        assert rig.marked() == set()


class Agreed:
    """Takes an event of a certain title for what was agreed."""

    def event(self, base: Any, event: Event) -> bool:
        del base
        return event.title == "Ours"

    def session(self, base: Any, session: Session) -> bool:
        del base, session
        return True


def test_what_both_sides_agreed_on_is_no_change(rig: Rig) -> None:
    noticing = rig.new_noticing(agreement=Agreed())
    pair, other = watched(rig), watched(rig)
    with later():
        retitle(rig, pair, "Ours")
        retitle(rig, other, "Theirs")
        with rig.engine.begin() as connection:
            connection.execute(sa.update(workspace_watches).values(next_poll_at=now()))
        rig.look_at_workspace(noticing)
        assert rig.marked() == {other.id}


def test_polls_keep_their_pace(rig: Rig) -> None:
    watched(rig)
    first = rig.watch().next_poll_at
    assert first > now() + timedelta(minutes=10)
    rig.spend(8500)
    rig.poll()
    assert rig.watch().next_poll_at > now() + timedelta(hours=1)
    assert rig.look_at_workspace() == 0


def test_idle_month_stays_within_its_share(rig: Rig) -> None:
    watched(rig)
    rig.clear_logs()
    at, end = now(), now() + timedelta(days=2)
    while at < end:
        with time_machine.travel(at):
            rig.look_at_workspace()
        at = max(at + timedelta(minutes=1), rig.watch().next_poll_at)
    # Two days of thirty, of nine thousand calls.
    assert 300 < len(rig.livestorm.log) < 9000 * 2 / 30


# Listings


def test_deleted_event_is_found_by_the_listing_and_left_to_be_read(rig: Rig) -> None:
    pair, other = watched(rig), watched(rig)
    with later():
        rig.list_events()
        rig.compare()
        delete(rig, pair)
        rig.poll()
        assert rig.marked() == set()
        rig.list_events()
        assert rig.marked() == {pair.id}
        assert rig.row(pair).state == "active"
        assert rig.row(other).state == "active"


def test_listing_of_fifty_events_is_one_call(rig: Rig) -> None:
    watched(rig)
    with later():
        rig.poll()
        rig.clear_logs()
        rig.list_events()
        assert rig.livestorm_calls() == ["GET /v1/events", "GET /v1/sessions", "GET /v1/events"]
        assert "filter[created_since]" in rig.livestorm.log[2].query


def test_30_removed_registrant_is_found_by_the_count(rig: Rig) -> None:
    pair = watched(rig)
    register(rig, pair, "one@partner.test")
    register(rig, pair, "two@partner.test")
    with later():
        rig.list_events()
        rig.compare()
        rig.list_events()
        assert rig.marked() == set()
        unregister(rig, pair, "one@partner.test")
        rig.list_events()
        assert rig.marked() == {pair.id}
        assert people_changed(rig, pair)


def test_guests_whom_we_registered_are_no_news_to_the_count(rig: Rig) -> None:
    pair = watched(rig)
    with later():
        rig.list_events()
        rig.compare()
        guests = [{"email": f"guest{number}@partner.test"} for number in range(5)]
        rig.google.world.patch_event(pair.calendar_id, pair.event_id, {"attendees": guests})
        rig.look()
        for guest in guests:
            register(rig, pair, guest["email"])
        rig.compare()
        rig.list_events()
        assert rig.marked() == set()


def test_lost_poll_is_made_good_by_the_listing(rig: Rig) -> None:
    pair = watched(rig)
    with later():
        retitle(rig, pair, "Never polled")
        with rig.engine.begin() as connection:
            connection.execute(
                sa.update(workspace_watches).values(polled_until=now() + timedelta(minutes=6))
            )
        rig.list_events()
        assert rig.marked() == {pair.id}


def test_24_workspace_that_is_suddenly_empty_wakes_nothing(rig: Rig) -> None:
    pairs = [watched(rig) for _ in range(8)]
    with later():
        for pair in pairs:
            delete(rig, pair)
        for _ in range(EMPTY_LOOKS):
            rig.list_events()
            assert rig.marked() == set()
        rig.list_events()
        assert rig.marked() == {pair.id for pair in pairs}


def test_link_made_a_moment_ago_is_not_missing(rig: Rig) -> None:
    watched(rig)
    with later():
        pair = rig.pair()
        rig.compare()
        delete(rig, pair)
        rig.list_events()
        assert pair.id not in rig.marked()


def test_failed_listing_is_not_repeated_at_every_poll(rig: Rig) -> None:
    watched(rig)
    with later():
        rig.poll()
        # Polls ask for events too, first.
        rig.livestorm.faults.add(Fault("status", "/v1/events$", status=503, times=3, skip=1))
        rig.list_events()
        rig.clear_logs()
        rig.poll()
        assert rig.livestorm_calls() == ["GET /v1/events", "GET /v1/sessions"]


# Whose connection, and whether at all


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


def test_workspace_is_asked_with_whoevers_connection_works(rig: Rig) -> None:
    pair = watched(rig)
    rig.person(SAM)
    with rig.engine.begin() as connection:
        connection.execute(
            sa.update(livestorm_connections)
            .where(livestorm_connections.c.user_id == rig.people[SAM])
            .values(secret=rig.vault.seal(rig.people[SAM], {"token": "over"}))
        )
    with later():
        retitle(rig, pair, "Edited")
        rig.poll()
        assert rig.marked() == {pair.id}


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
