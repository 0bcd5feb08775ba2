"""The room and the registration page, at the links that Livestorm hands out (§3.2)."""

from collections.abc import Callable

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from sandbox.livestorm.changes import people
from sandbox.livestorm.pages.language import chosen_language, moment, text
from sandbox.livestorm.records import Event, Registration, Session, Workspace
from sandbox.livestorm.refusal import Refused
from sandbox.livestorm.times import session_status
from sandbox.livestorm.world import World

OPEN = ("upcoming", "live", "draft")


def rooms_blueprint(world: Callable[[], World]) -> Blueprint:
    """Return the pages below ``/p``."""
    blueprint = Blueprint("rooms", __name__, url_prefix="/p")

    @blueprint.get("/<event_id>/live")
    def room(event_id: str) -> ResponseReturnValue:
        with world().lock:
            return _room(world(), event_id)

    @blueprint.get("/<event_id>")
    def registration(event_id: str) -> ResponseReturnValue:
        with world().lock:
            return _registration(world(), event_id, problem=None, link=None)

    @blueprint.post("/<event_id>")
    def register(event_id: str) -> ResponseReturnValue:
        with world().lock:
            return _register(world(), event_id)

    return blueprint


def missing_page() -> ResponseReturnValue:
    """Return the page for what does not exist."""
    language = chosen_language()
    page = render_template(
        "livestorm/message.html",
        title=text(language, "not_found"),
        message=text(language, "not_found_why"),
    )
    return page, 404


def _room(world: World, event_id: str) -> ResponseReturnValue:
    found = _found(world, event_id)
    session = _session(world, *found) if found is not None else None
    if found is None or session is None:
        return missing_page()
    _, event = found
    status = session_status(session, event, world.now(), world.switches)
    personal, wrong = _personal(session)
    if personal is not None and status == "live":
        people.attend(world, session, personal)
    page = render_template(
        "livestorm/room.html",
        event=event,
        session=session,
        status=status,
        when=moment(chosen_language(), session.estimated_started_at, session.timezone),
        personal=personal,
        wrong=wrong,
        key=request.args.get("key"),
        registration_link=world.registration_link(event),
        registrants=len(session.participants),
    )
    return page, 403 if wrong else 200


def _personal(session: Session) -> tuple[Registration | None, bool]:
    """Return whose personal link this is, and whether it is a wrong one."""
    email = request.args.get("email")
    if not email:
        return None, False
    for one in session.registrations.values():
        if one.person.email.lower() == email.lower():
            fits = one.password_key in (None, request.args.get("key"))
            return (one, False) if fits else (None, True)
    return None, True


def _registration(
    world: World, event_id: str, *, problem: str | None, link: str | None
) -> ResponseReturnValue:
    found = _found(world, event_id)
    if found is None:
        return missing_page()
    _, event = found
    session = _session(world, *found)
    status = session_status(session, event, world.now(), world.switches) if session else None
    when = (
        moment(chosen_language(), session.estimated_started_at, session.timezone)
        if session is not None
        else None
    )
    return render_template(
        "livestorm/register.html",
        event=event,
        session=session,
        open=status in OPEN,
        when=when,
        problem=problem,
        link=link,
    )


def _register(world: World, event_id: str) -> ResponseReturnValue:
    found = _found(world, event_id)
    session = _session(world, *found) if found is not None else None
    if found is None or session is None:
        return missing_page()
    workspace, event = found
    values = {one.id: request.form[one.id] for one in event.fields if request.form.get(one.id)}
    try:
        registration = people.register(
            world, workspace, session, values, registration_type="registration_page"
        )
    except Refused as refused:
        page = _registration(world, event_id, problem=", ".join(refused.details), link=None)
        return page, refused.status  # type: ignore[return-value]  # the page is a text here
    link = world.connection_link(session, registration)
    return _registration(world, event_id, problem=None, link=link)


def _found(world: World, event_id: str) -> tuple[Workspace, Event] | None:
    workspace = world.workspace_of(event_id)
    return None if workspace is None else (workspace, workspace.events[event_id])


def _session(world: World, workspace: Workspace, event: Event) -> Session | None:
    """Return the session of ``?s=``, else the next one, else the last."""
    asked = request.args.get("s")
    sessions = sorted(workspace.sessions_of(event), key=lambda one: one.estimated_started_at)
    if asked is not None:
        return next((one for one in sessions if one.id == asked), None)
    ahead = [
        one for one in sessions if session_status(one, event, world.now(), world.switches) in OPEN
    ]
    return next(iter(ahead or sessions[-1:]), None)
