"""What people do in Livestorm, and a workspace that is being watched."""

from datetime import timedelta
from typing import Any

import time_machine

from addon.clock import now
from sandbox.livestorm.changes import events, people, sessions
from tests.addon.sync.notice.rig import Pair, Rig


def watched(rig: Rig, **options: Any) -> Pair:
    """A pair in a workspace whose webhooks are made, and that was polled and listed."""
    pair = rig.pair(**options)
    rig.look()
    rig.look_at_workspace()
    rig.poll()
    rig.list_events()
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
