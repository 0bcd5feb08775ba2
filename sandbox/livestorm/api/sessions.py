"""``/sessions`` and ``/events/{id}/sessions`` (§3.4)."""

from collections.abc import Callable
from typing import Any

from sandbox.livestorm.api import bodies
from sandbox.livestorm.api.documents import (
    Resource,
    event_resource,
    reference,
    registrant_resource,
    session_resource,
)
from sandbox.livestorm.api.endpoints import Answer, Call, Endpoints
from sandbox.livestorm.api.event_requests import planned_session
from sandbox.livestorm.api.events import event_of
from sandbox.livestorm.api.queries import Query, with_included
from sandbox.livestorm.changes import sessions
from sandbox.livestorm.records import Person, Session
from sandbox.livestorm.refusal import Refused
from sandbox.livestorm.times import read_start, read_zone, session_status

INCLUDES = ("event", "people")
FILTERS = (
    "status",
    "date_from",
    "date_to",
    "created_since",
    "created_until",
    "updated_since",
    "updated_until",
    "include_breakout_rooms",
)
WRITABLE = ("estimated_started_at", "timezone", "name", "embed_url")


def install(endpoints: Endpoints) -> None:
    """Register the endpoints."""
    endpoints.route("/sessions", "GET", "events:read")(list_sessions)
    endpoints.route("/events/<event_id>/sessions", "GET", "events:read")(list_event_sessions)
    endpoints.route("/events/<event_id>/sessions", "POST", "events:write")(create_session)
    endpoints.route("/sessions/<session_id>", "GET", "events:read")(get_session)
    endpoints.route("/sessions/<session_id>", "PATCH", "events:write")(update_session)
    endpoints.route("/sessions/<session_id>", "PUT", "events:write")(update_session)
    endpoints.route("/sessions/<session_id>", "DELETE", "events:write")(delete_session)


def session_of(call: Call, session_id: str) -> Session:
    """Return a session of the caller's workspace.

    Raises:
        Refused: 404.
    """
    session = call.caller.workspace.sessions.get(session_id)
    if session is None or not call.world.switches.events_visible:
        raise Refused(404, "Not found")
    return session


def list_sessions(call: Call) -> Answer:
    """``GET /sessions``."""
    visible = call.world.switches.events_visible
    return _listing(call, list(call.caller.workspace.sessions.values()) if visible else [])


def list_event_sessions(call: Call, event_id: str) -> Answer:
    """``GET /events/{id}/sessions``."""
    return _listing(call, call.caller.workspace.sessions_of(event_of(call, event_id)))


def create_session(call: Call, event_id: str) -> Answer:
    """``POST /events/{id}/sessions``; the host is the event's owner."""
    event = event_of(call, event_id)
    data = bodies.read_data()
    planned = planned_session(call, bodies.attributes_of(data))
    if call.world.switches.past_session == "422":
        sessions.refuse_past(call.world, planned.starts_at)
    session = sessions.create_session(
        call.world,
        call.caller.workspace,
        event,
        starts_at=planned.starts_at,
        timezone=planned.timezone,
        name=planned.name,
        attached=_attached(call, data),
    )
    return Answer(
        201, {"data": _alone(call, session_resource(call.world, call.caller.workspace, session))}
    )


def get_session(call: Call, session_id: str) -> Answer:
    """``GET /sessions/{id}``."""
    session = session_of(call, session_id)
    present, included = _presentation(call, Query(call.world.switches, includes=INCLUDES).include)
    return Answer(200, with_included({"data": _alone(call, present(session))}, included(session)))


def update_session(call: Call, session_id: str) -> Answer:
    """``PATCH`` and ``PUT /sessions/{id}``."""
    session = session_of(call, session_id)
    attributes = bodies.attributes_of(bodies.read_data())
    unknown = [name for name in attributes if name not in WRITABLE]
    if unknown and call.world.switches.unknown_attribute == "400":
        raise Refused(400, *(f"{name} is not allowed" for name in unknown))
    changes: dict[str, Any] = {
        name: bodies.optional_text(attributes, name)
        for name in ("name", "embed_url")
        if name in attributes
    }
    zone = read_zone(attributes.get("timezone") or session.timezone)
    if attributes.get("timezone"):
        changes["timezone"] = zone.key
    if attributes.get("estimated_started_at") is not None:
        changes["estimated_started_at"] = read_start(
            attributes["estimated_started_at"], zone, call.world.switches
        )
    sessions.update_session(call.world, call.caller.workspace, session, changes)
    return Answer(
        200, {"data": _alone(call, session_resource(call.world, call.caller.workspace, session))}
    )


def delete_session(call: Call, session_id: str) -> Answer:
    """``DELETE /sessions/{id}``."""
    session = session_of(call, session_id)
    sessions.delete_session(call.world, call.caller.workspace, session)
    return Answer(204)


def _alone(call: Call, resource: Resource) -> Resource:
    """A session that is an answer by itself."""
    if not call.world.switches.session_names_event:
        del resource["attributes"]["event_id"]
    return resource


def _attached(call: Call, data: dict[str, Any]) -> list[Person]:
    attached = []
    for one in bodies.related(data, "people"):
        resource = one.get("data")
        identifier = resource.get("id") if isinstance(resource, dict) else None
        person = call.caller.workspace.people.get(str(identifier))
        if person is None:
            raise Refused(422, "Team member not found")
        attached.append(person)
    return attached


def _listing(call: Call, candidates: list[Session]) -> Answer:
    world, workspace = call.world, call.caller.workspace
    query = Query(world.switches, filters=FILTERS, includes=INCLUDES)
    created = query.within("created", "since", "until")
    updated = query.within("updated", "since", "until")
    planned = query.within("date", "from", "to")
    statuses = query.several("status")
    found = [
        session
        for session in candidates
        if created(session.created_at)
        and updated(session.updated_at)
        and planned(session.estimated_started_at)
        and (
            session.breakout_room_parent_session_id is None or query.flag("include_breakout_rooms")
        )
        and (
            statuses is None
            or session_status(
                session, workspace.events[session.event_id], world.now(), world.switches
            )
            in statuses
        )
    ]
    present, included = _presentation(call, query.include)
    return Answer(
        200,
        query.listing(
            found,
            present,
            lambda page: [one for session in page for one in included(session)],
            created=lambda session: session.created_at,
        ),
    )


def _presentation(
    call: Call, include: list[str]
) -> tuple[Callable[[Session], Resource], Callable[[Session], list[Resource]]]:
    world, workspace = call.world, call.caller.workspace

    def present(session: Session) -> Resource:
        resource = session_resource(world, workspace, session)
        relationships: Resource = {}
        if "event" in include:
            relationships["event"] = {"data": reference("events", session.event_id)}
        if "people" in include:
            relationships["people"] = {
                "data": [reference("people", one) for one in session.registrations]
            }
        if relationships:
            resource["relationships"] = relationships
        return resource

    def included(session: Session) -> list[Resource]:
        found: list[Resource] = []
        if "event" in include:
            found.append(event_resource(world, workspace, workspace.events[session.event_id]))
        if "people" in include:
            found += [
                registrant_resource(world, workspace, session, one)
                for one in session.registrations.values()
            ]
        return found

    return present, included
