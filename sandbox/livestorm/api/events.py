"""``/events`` (§3.3)."""

from collections.abc import Callable

from sandbox.livestorm.api import bodies
from sandbox.livestorm.api.documents import (
    Resource,
    event_resource,
    reference,
    registrant_resource,
    session_resource,
    tag_resource,
)
from sandbox.livestorm.api.endpoints import Answer, Call, Endpoints
from sandbox.livestorm.api.event_requests import (
    beside_template,
    owner_of,
    planned_sessions,
    read_changes,
    refuse_unknown,
    team_member,
    template_of,
)
from sandbox.livestorm.api.queries import Query, with_included
from sandbox.livestorm.changes import events
from sandbox.livestorm.records import Event, Registration, Session, Tag
from sandbox.livestorm.refusal import Refused
from sandbox.livestorm.times import scheduling_status, session_status

INCLUDES = ("sessions", "tags")
FILTERS = (
    "title",
    "everyone_can_speak",
    "scheduling_status",
    "created_since",
    "created_until",
    "updated_since",
    "updated_until",
    "tag",
)


def install(endpoints: Endpoints) -> None:
    """Register the endpoints."""
    endpoints.route("/events", "GET", "events:read")(list_events)
    endpoints.route("/events", "POST", "events:write")(create_event)
    endpoints.route("/events/<event_id>", "GET", "events:read")(get_event)
    endpoints.route("/events/<event_id>", "PATCH", "events:write")(patch_event)
    endpoints.route("/events/<event_id>", "PUT", "events:write")(put_event)
    endpoints.route("/events/<event_id>", "DELETE", "events:write")(delete_event)
    endpoints.route("/events/<event_id>/tags", "POST", "events:write")(add_tag)
    endpoints.route("/events/<event_id>/tags", "DELETE", "events:write")(remove_tag)
    endpoints.route("/events/<event_id>/people", "GET", "events:read")(list_people)
    endpoints.route("/events/<event_id>/people/<person_id>", "GET", "events:read")(get_person)


def event_of(call: Call, event_id: str) -> Event:
    """Return an event of the caller's workspace.

    Raises:
        Refused: 404.
    """
    event = call.caller.workspace.events.get(event_id)
    if event is None or not call.world.switches.events_visible:
        raise Refused(404, "Event Not found")
    return event


def list_events(call: Call) -> Answer:
    """``GET /events``."""
    world, workspace = call.world, call.caller.workspace
    query = Query(world.switches, filters=FILTERS, includes=INCLUDES)
    created = query.within("created", "since", "until")
    updated = query.within("updated", "since", "until")
    speak, tags = query.flag("everyone_can_speak"), query.several("tag")
    found = [
        event
        for event in workspace.events.values()
        if world.switches.events_visible
        and created(event.created_at)
        and updated(event.updated_at)
        and speak in (None, event.settings.everyone_can_speak)
        and (tags is None or tags & {one.title.lower() for one in event.tags})
        and _titled(call, event, query.text("title"))
        and _scheduled(call, event, query.several("scheduling_status"))
    ]
    present, include = _presentation(call, query.include)
    return Answer(
        200,
        query.listing(
            found,
            present,
            lambda page: [one for event in page for one in include(event)],
            created=lambda event: event.created_at,
        ),
    )


def create_event(call: Call) -> Answer:
    """``POST /events``: event and sessions in one call."""
    world = call.world
    data = bodies.read_data()
    attributes = bodies.attributes_of(data)
    planned = planned_sessions(call, data)
    source = template_of(call, attributes.pop("copy_from_event_id", None))
    owner = owner_of(call, attributes.pop("owner_id", None), creating=True)
    changes = read_changes(call, attributes)
    event = events.create_event(
        world,
        call.caller.workspace,
        owner=owner,
        title=changes.pop("title", None),
        copy_from=source,
        planned=planned,
        **beside_template(changes, source),
    )
    always = world.switches.sessions_included == "always"
    return _single(call, event, 201, ["sessions"] if always else [])


def get_event(call: Call, event_id: str) -> Answer:
    """``GET /events/{id}``."""
    event = event_of(call, event_id)
    return _single(call, event, 200, Query(call.world.switches, includes=INCLUDES).include)


def patch_event(call: Call, event_id: str) -> Answer:
    """``PATCH /events/{id}``."""
    event = event_of(call, event_id)
    attributes = bodies.attributes_of(bodies.read_data())
    refuse_unknown(call, [name for name in ("copy_from_event_id",) if name in attributes])
    attributes.pop("copy_from_event_id", None)
    owner_id = attributes.pop("owner_id", None)
    changes = read_changes(call, attributes)
    if owner_id is not None:
        changes["owner"] = team_member(call, owner_id)
    events.update_event(call.world, call.caller.workspace, event, changes)
    return _single(call, event, 200, [])


def put_event(call: Call, event_id: str) -> Answer:
    """``PUT /events/{id}``; what becomes of attributes that are left out is a switch."""
    event = event_of(call, event_id)
    if call.world.switches.put_omitted == "reset":
        sent = bodies.attributes_of(bodies.read_data())
        default = Event("", "", "", "", event.owner, 0, 0)
        changes = {
            name: getattr(default.settings, name) for name in events.SETTINGS if name not in sent
        }
        if "description" not in sent:
            changes["description"] = None
        events.update_event(call.world, call.caller.workspace, event, changes)
    return patch_event(call, event_id)


def delete_event(call: Call, event_id: str) -> Answer:
    """``DELETE /events/{id}``."""
    events.delete_event(call.world, call.caller.workspace, event_of(call, event_id))
    return Answer(204)


def add_tag(call: Call, event_id: str) -> Answer:
    """``POST /events/{id}/tags``."""
    event, title = event_of(call, event_id), _tag_title()
    tags = call.caller.workspace.tags
    known = next((one for one in tags.values() if one.title.lower() == title.lower()), None)
    tag = known or Tag(call.world.new_id(), title)
    tags[tag.id] = tag
    if tag not in event.tags:
        event.tags.append(tag)
        call.world.touch(event)
    return Answer(201, {"data": tag_resource(tag)})


def remove_tag(call: Call, event_id: str) -> Answer:
    """``DELETE /events/{id}/tags``: detaches only, the tag stays."""
    event, title = event_of(call, event_id), _tag_title()
    remaining = [one for one in event.tags if one.title.lower() != title.lower()]
    if len(remaining) == len(event.tags):
        raise Refused(404, "Not found")
    event.tags = remaining
    call.world.touch(event)
    return Answer(204)


def list_people(call: Call, event_id: str) -> Answer:
    """``GET /events/{id}/people``."""
    event = event_of(call, event_id)
    query = Query(call.world.switches, filters=("role", "email"))
    found = [
        (session, registration)
        for session, registration in _registrations(call, event)
        if query.text("role") in (None, registration.role)
        and (query.text("email") or registration.person.email).lower()
        == registration.person.email.lower()
    ]
    if call.world.switches.event_people_rows == "per_person":
        found = list({row[1].person.id: row for row in reversed(found)}.values())[::-1]
    return Answer(
        200,
        query.listing(
            found,
            lambda row: registrant_resource(call.world, call.caller.workspace, *row),
            created=lambda row: row[1].created_at,
        ),
    )


def get_person(call: Call, event_id: str, person_id: str) -> Answer:
    """``GET /events/{event_id}/people/{id}``."""
    for session, registration in _registrations(call, event_of(call, event_id)):
        if registration.person.id == person_id:
            workspace = call.caller.workspace
            resource = registrant_resource(call.world, workspace, session, registration)
            return Answer(200, {"data": resource})
    raise Refused(404, "Not found")


def _registrations(call: Call, event: Event) -> list[tuple[Session, Registration]]:
    return [
        (session, registration)
        for session in call.caller.workspace.sessions_of(event)
        for registration in session.registrations.values()
    ]


def _tag_title() -> str:
    title = bodies.optional_text(bodies.attributes_of(bodies.read_data()), "title")
    if not title:
        raise Refused(422, "Title can't be blank")
    return title


def _titled(call: Call, event: Event, wanted: str | None) -> bool:
    if wanted is None:
        return True
    if call.world.switches.title_filter == "exact":
        return event.title.lower() == wanted.lower()
    return wanted.lower() in event.title.lower()


def _scheduled(call: Call, event: Event, wanted: set[str] | None) -> bool:
    if wanted is None:
        return True
    world = call.world
    statuses = [
        session_status(one, event, world.now(), world.switches)
        for one in call.caller.workspace.sessions_of(event)
    ]
    return scheduling_status(event, statuses) in wanted


def _presentation(
    call: Call, include: list[str]
) -> tuple[Callable[[Event], Resource], Callable[[Event], list[Resource]]]:
    world, workspace = call.world, call.caller.workspace
    if world.switches.sessions_included == "never":
        include = [one for one in include if one != "sessions"]

    def present(event: Event) -> Resource:
        resource = event_resource(world, workspace, event)
        relationships: Resource = {}
        if "sessions" in include:
            relationships["sessions"] = {
                "data": [reference("sessions", one) for one in event.session_ids]
            }
        if "tags" in include:
            relationships["tags"] = {"data": [reference("tags", one.id) for one in event.tags]}
        if relationships:
            resource["relationships"] = relationships
        return resource

    def included(event: Event) -> list[Resource]:
        found: list[Resource] = []
        if "sessions" in include:
            found += [
                session_resource(world, workspace, one) for one in workspace.sessions_of(event)
            ]
        if "tags" in include:
            found += [tag_resource(one) for one in event.tags]
        return found

    return present, included


def _single(call: Call, event: Event, status: int, include: list[str]) -> Answer:
    present, included = _presentation(call, include)
    return Answer(status, with_included({"data": present(event)}, included(event)))
