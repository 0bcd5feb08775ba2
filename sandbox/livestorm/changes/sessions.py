"""Changes of sessions."""

from collections.abc import Sequence
from typing import Any

from sandbox.livestorm.changes import mails, people
from sandbox.livestorm.records import Event, Person, Session, Workspace
from sandbox.livestorm.refusal import Refused
from sandbox.livestorm.times import session_status
from sandbox.livestorm.world import World


def create_session(
    world: World,
    workspace: Workspace,
    event: Event,
    *,
    starts_at: int,
    timezone: str | None = None,
    name: str | None = None,
    attached: Sequence[Person] = (),
    parent: Session | None = None,
) -> Session:
    """Create a session. Its host is the event's owner (§3.4). Emits session.created."""
    stamp = world.stamp()
    session = Session(
        id=world.new_id(),
        event_id=event.id,
        workspace_id=workspace.id,
        timezone=timezone or workspace.timezone,
        estimated_started_at=starts_at,
        created_at=stamp,
        updated_at=stamp,
        name=name,
        breakout_room_parent_session_id=parent.id if parent is not None else None,
    )
    workspace.sessions[session.id] = session
    event.session_ids.append(session.id)
    hosts = [event.owner] if world.switches.owner_registered else []
    for person in {one.id: one for one in [*hosts, *attached]}.values():
        people.attach(world, session, person)
    if world.switches.session_moves_event:
        world.touch(event)
    world.announce("session.created", workspace, session)
    return session


def update_session(
    world: World, workspace: Workspace, session: Session, changes: dict[str, Any]
) -> None:
    """Change a session: ``estimated_started_at``, ``timezone``, ``name``, ``embed_url``.

    Raises:
        Refused: It would be moved into the past, or has started.
    """
    event = workspace.events[session.event_id]
    moved = changes.get("estimated_started_at", session.estimated_started_at)
    if moved != session.estimated_started_at:
        if world.switches.reschedule_started == "422" and (session.started_at or session.ended_at):
            raise Refused(422, "Session has already started")
        if world.switches.past_reschedule == "422":
            refuse_past(world, moved)
    before = {name: getattr(session, name) for name in changes}
    for name, value in changes.items():
        setattr(session, name, value)
    if before == changes:
        return
    world.touch(event, session)
    if moved != before.get("estimated_started_at", moved):
        mails.tell_rescheduled(world, workspace, session)


def delete_session(world: World, workspace: Workspace, session: Session) -> None:
    """Delete a session, or what the switches make of it when it has registrants (§3.4).

    Raises:
        Refused: It has registrants, or is live.
    """
    event = workspace.events[session.event_id]
    switches = world.switches
    status = session_status(session, event, world.now(), switches)
    if status == "live" and switches.delete_live_session == "refuse":
        raise Refused(422, "Session is live")
    has_people = session.participants or switches.delete_session == "refuse_host"
    if has_people and switches.delete_session.startswith("refuse"):
        raise Refused(switches.delete_session_refusal, "Session has registrants")
    if session.participants and switches.delete_session == "cancel":
        cancel_session(world, workspace, session)
        return
    mails.tell_canceled(world, workspace, session)
    del workspace.sessions[session.id]
    event.session_ids.remove(session.id)
    if switches.session_moves_event:
        world.touch(event)


def cancel_session(world: World, workspace: Workspace, session: Session) -> None:
    """Cancel a session: it stays, and its page says so (§3.4)."""
    if session.canceled_at:
        return
    event = workspace.events[session.event_id]
    session.canceled_at = world.stamp()
    world.touch(event, session)
    mails.tell_canceled(world, workspace, session)


def start_session(world: World, workspace: Workspace, session: Session) -> None:
    """Go live. Emits session.started.

    Raises:
        Refused: It has started, ended or was cancelled.
    """
    if session.started_at or session.canceled_at:
        raise Refused(422, "Session cannot be started")
    session.started_at = world.stamp()
    world.touch(workspace.events[session.event_id], session)
    world.announce("session.started", workspace, session)


def end_session(world: World, workspace: Workspace, session: Session) -> None:
    """End a live session. Emits session.ended, then who attended and who did not (§4).

    Raises:
        Refused: It is not live.
    """
    if not session.started_at or session.ended_at:
        raise Refused(422, "Session is not live")
    session.ended_at = world.stamp()
    world.touch(workspace.events[session.event_id], session)
    world.announce("session.ended", workspace, session)
    for registration in session.registrations.values():
        if registration.attended and not registration.attendance_seconds:
            registration.attendance_seconds = session.ended_at - session.started_at
        name = "people.attended" if registration.attended else "people.not_attended"
        world.announce(name, workspace, (session, registration))


def refuse_past(world: World, starts_at: int) -> None:
    """Refuse a start that is over: a session's date must be in the future (§3.4)."""
    if starts_at <= world.now():
        raise Refused(422, "Estimated started at must be in the future")
