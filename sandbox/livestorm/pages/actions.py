"""What the dashboard's forms do. Everything changes the world as a person in Livestorm would."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from sandbox.livestorm.changes import events, people, sessions
from sandbox.livestorm.pages.dashboard import SHOWN_SETTINGS, present_workspace
from sandbox.livestorm.pages.language import LANGUAGES
from sandbox.livestorm.records import Event, Field, Session, Workspace
from sandbox.livestorm.refusal import Refused
from sandbox.livestorm.times import read_start, read_zone
from sandbox.livestorm.world import World

Act = Callable[[World, Workspace, Event], str]
SessionAct = Callable[[World, Workspace, Session], str]


def actions_blueprint(world: Callable[[], World]) -> Blueprint:
    """Return the endpoints that the forms below ``/dashboard`` post to."""
    blueprint = Blueprint("actions", __name__, url_prefix="/dashboard/events")

    @blueprint.post("")
    def create() -> ResponseReturnValue:
        with world().lock:
            return _create(world())

    @blueprint.post("/<event_id>/<action>")
    def change_event(event_id: str, action: str) -> ResponseReturnValue:
        act = EVENT_ACTIONS.get(action)
        with world().lock:
            workspace = world().workspace_of(event_id)
            if act is None or workspace is None:
                return redirect(url_for("dashboard.events"), 303)
            event = workspace.events[event_id]
            return _done(event_id, lambda: act(world(), workspace, event))

    @blueprint.post("/<event_id>/sessions/<session_id>/<action>")
    def change_session(event_id: str, session_id: str, action: str) -> ResponseReturnValue:
        act = SESSION_ACTIONS.get(action)
        with world().lock:
            workspace = world().workspace_of(event_id)
            session = workspace.sessions.get(session_id) if workspace is not None else None
            if act is None or workspace is None or session is None:
                return redirect(url_for("dashboard.events"), 303)
            return _done(event_id, lambda: act(world(), workspace, session))

    return blueprint


def _done(event_id: str, act: Callable[[], str]) -> ResponseReturnValue:
    """Do it and go back to the event's page, or to the list when it is gone."""
    about = request.form.get("email", "")
    try:
        done = act()
    except Refused as refused:
        done, about = "refused", ", ".join(refused.details)
    if done == "deleted_event":
        return redirect(url_for("dashboard.events", done="deleted"), 303)
    return redirect(url_for("dashboard.event", event_id=event_id, done=done, about=about), 303)


def _create(world: World) -> ResponseReturnValue:
    workspace = present_workspace(world)
    owner = workspace.member_by_person(request.form.get("owner", "")) or workspace.members[0]
    try:
        starts_at, zone = _start(world, workspace)
        event = events.create_event(
            world,
            workspace,
            owner=owner.person,
            title=request.form.get("title", ""),
            description=request.form.get("description") or None,
            estimated_duration=_minutes(),
            status="published",
            planned=[events.PlannedSession(starts_at, zone)],
        )
    except Refused as refused:
        why = ", ".join(refused.details)
        return redirect(url_for("dashboard.new_event", done="refused", about=why), 303)
    return redirect(url_for("dashboard.event", event_id=event.id, done="created"), 303)


def _start(world: World, workspace: Workspace) -> tuple[int, str]:
    """Return the start in the form: wall time in its zone, and that zone."""
    zone = read_zone(request.form.get("timezone") or workspace.timezone)
    # The page always means wall time, whatever the switches say about the API.
    wall = replace(world.switches, naive_time="wall")
    return read_start(request.form.get("start", ""), zone, wall), zone.key


def _minutes() -> int:
    asked = request.form.get("duration", "30")
    if not asked.isdigit() or not 0 < int(asked) <= 24 * 60:
        raise Refused(422, "Estimated duration is invalid")
    return int(asked)


def _save(world: World, workspace: Workspace, event: Event) -> str:
    changes: dict[str, Any] = {
        "title": request.form.get("title", ""),
        "description": request.form.get("description", "").replace("\r\n", "\n") or None,
        "estimated_duration": _minutes(),
        "fields": _form(event),
    }
    if request.form.get("language") in LANGUAGES:
        changes["language"] = request.form["language"]
    changes |= {name: name in request.form for name in SHOWN_SETTINGS}
    events.update_event(world, workspace, event, changes)
    return "saved"


def _form(event: Event) -> list[Field]:
    others = [one for one in event.fields if one.id != "email"]
    asked = [Field("email", "text", required=True)] if "email_field" in request.form else []
    return [*asked, *others]


def _publish(world: World, workspace: Workspace, event: Event) -> str:
    events.update_event(world, workspace, event, {"status": "published"})
    return "saved"


def _delete(world: World, workspace: Workspace, event: Event) -> str:
    events.delete_event(world, workspace, event)
    return "deleted_event"


def _add_session(world: World, workspace: Workspace, event: Event) -> str:
    starts_at, zone = _start(world, workspace)
    sessions.refuse_past(world, starts_at)
    sessions.create_session(world, workspace, event, starts_at=starts_at, timezone=zone)
    return "saved"


def _reschedule(world: World, workspace: Workspace, session: Session) -> str:
    starts_at, zone = _start(world, workspace)
    changes = {"estimated_started_at": starts_at, "timezone": zone}
    sessions.update_session(world, workspace, session, changes)
    return "saved"


def _start_session(world: World, workspace: Workspace, session: Session) -> str:
    sessions.start_session(world, workspace, session)
    return "saved"


def _end_session(world: World, workspace: Workspace, session: Session) -> str:
    sessions.end_session(world, workspace, session)
    return "saved"


def _cancel_session(world: World, workspace: Workspace, session: Session) -> str:
    sessions.cancel_session(world, workspace, session)
    return "saved"


def _delete_session(world: World, workspace: Workspace, session: Session) -> str:
    # At the dashboard this is documented: only sessions without registrants (§3.4).
    if session.participants:
        raise Refused(422, "Session has registrants")
    sessions.delete_session(world, workspace, session)
    return "deleted"


def _register(world: World, workspace: Workspace, session: Session) -> str:
    form = {"email", *people.NAMES}
    values = {name: request.form[name].strip() for name in form if request.form.get(name)}
    people.register(world, workspace, session, values, registration_type="manual")
    return "registered"


def _invite(world: World, workspace: Workspace, session: Session) -> str:
    name = " ".join(filter(None, (request.form.get(one) for one in people.NAMES)))
    email = request.form.get("email", "").strip()
    people.invite_guest_speaker(world, workspace, session, email, name)
    return "registered"


def _unregister(world: World, workspace: Workspace, session: Session) -> str:
    person = workspace.person_by_email(request.form.get("email", ""))
    if person is None:
        raise Refused(404, "Not found")
    # At the dashboard this is documented: from all sessions of the event (§3.5).
    people.unregister(world, workspace, session, person, whole_event=True)
    return "removed"


EVENT_ACTIONS: dict[str, Act] = {
    "save": _save,
    "publish": _publish,
    "delete": _delete,
    "add-session": _add_session,
}
SESSION_ACTIONS: dict[str, SessionAct] = {
    "reschedule": _reschedule,
    "start": _start_session,
    "end": _end_session,
    "cancel": _cancel_session,
    "delete": _delete_session,
    "register": _register,
    "invite": _invite,
    "unregister": _unregister,
}
