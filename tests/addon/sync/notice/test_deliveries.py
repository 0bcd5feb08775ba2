"""What webhooks deliver wakes the right link, and only when it is news."""

from addon.clock import now
from sandbox.livestorm.changes import sessions
from tests.addon.sync.notice.dashboard import (
    people_changed,
    register,
    session_of,
    watched,
)
from tests.addon.sync.notice.rig import Rig


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
