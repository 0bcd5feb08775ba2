"""``/people``, ``/sessions/{id}/people`` and ``/people_attributes`` (§3.5)."""

from typing import Any

from flask import request

from sandbox.livestorm.api import bodies
from sandbox.livestorm.api.documents import (
    Resource,
    created_job_resource,
    event_resource,
    person_resource,
    reference,
    registrant_resource,
    session_resource,
)
from sandbox.livestorm.api.endpoints import Answer, Call, Endpoints
from sandbox.livestorm.api.queries import Query
from sandbox.livestorm.api.sessions import session_of
from sandbox.livestorm.changes import jobs, people
from sandbox.livestorm.records import Person, Registration, Session
from sandbox.livestorm.refusal import Refused

BULK_LIMIT = 50
"""Registrations in one bulk call (§3.5)."""

UTM = ("utm_source", "utm_medium", "utm_term", "utm_content", "utm_campaign")


def install(endpoints: Endpoints) -> None:
    """Register the endpoints."""
    route = endpoints.route
    route("/people", "GET", "events:read")(list_people)
    route("/people/<person_id>", "GET", "events:read")(get_person)
    route("/people_attributes", "GET", "events:read")(list_attributes)
    of_session = "/sessions/<session_id>/people"
    route(of_session, "GET", "events:read")(list_registrants)
    route(of_session, "POST", "events:write", registering=True)(register)
    route(of_session, "DELETE", "events:write")(unregister_by_email)
    route(f"{of_session}/bulk", "POST", "events:write", registering=True)(register_many)
    route(f"{of_session}/<person_id>", "GET", "events:read")(get_registrant)
    route(f"{of_session}/<person_id>", "PATCH", "events:write")(update_registrant)
    route(f"{of_session}/<person_id>", "DELETE", "events:write")(unregister)


def list_people(call: Call) -> Answer:
    """``GET /people``: everybody in the workspace."""
    query = Query(call.world.switches, filters=("role", "email"))
    found = [
        person
        for person in call.caller.workspace.people.values()
        if query.text("role") in (None, person.role) and _addressed(query, person)
    ]
    return Answer(
        200,
        query.listing(found, person_resource, created=lambda person: person.created_at),
    )


def get_person(call: Call, person_id: str) -> Answer:
    """``GET /people/{id}``."""
    person = call.caller.workspace.people.get(person_id)
    if person is None:
        raise Refused(404, "Not found")
    return Answer(200, {"data": person_resource(person)})


def list_registrants(call: Call, session_id: str) -> Answer:
    """``GET /sessions/{id}/people``."""
    world, workspace = call.world, call.caller.workspace
    session = session_of(call, session_id)
    query = Query(
        world.switches,
        filters=(
            "role",
            "attended",
            "email",
            "created_since",
            "created_until",
            "updated_since",
            "updated_until",
        ),
        includes=("event", "session"),
    )
    created = query.within("created", "since", "until")
    updated = query.within("updated", "since", "until")
    found = [
        one
        for one in session.registrations.values()
        if query.text("role") in (None, one.role)
        and query.flag("attended") in (None, one.attended)
        and _addressed(query, one.person)
        and created(one.created_at)
        and updated(one.updated_at)
    ]

    def present(one: Registration) -> Resource:
        resource = registrant_resource(world, workspace, session, one)
        related = {"event": ("events", session.event_id), "session": ("sessions", session.id)}
        relationships = {
            name: {"data": reference(*related[name])} for name in query.include if name in related
        }
        return {**resource, "relationships": relationships} if relationships else resource

    def included(page: list[Registration]) -> list[Resource]:
        event = workspace.events[session.event_id]
        found: list[Resource] = []
        if page and "event" in query.include:
            found.append(event_resource(world, workspace, event))
        if page and "session" in query.include:
            found.append(session_resource(world, workspace, session))
        return found

    return Answer(200, query.listing(found, present, included, created=lambda one: one.created_at))


def get_registrant(call: Call, session_id: str, person_id: str) -> Answer:
    """``GET /sessions/{session_id}/people/{id}``."""
    session = session_of(call, session_id)
    return _single(call, session, _registration_of(session, person_id), 200)


def register(call: Call, session_id: str) -> Answer:
    """``POST /sessions/{id}/people``."""
    session = session_of(call, session_id)
    attributes = bodies.attributes_of(bodies.read_data())
    # A top-level email is ignored (§3.5): only `fields` counts.
    registration = people.register(call.world, call.caller.workspace, session, **_asked(attributes))
    return _single(call, session, registration, 201)


def update_registrant(call: Call, session_id: str, person_id: str) -> Answer:
    """``PATCH /sessions/{id}/people/{person_id}``."""
    session = session_of(call, session_id)
    registration = _registration_of(session, person_id)
    values = _values(bodies.attributes_of(bodies.read_data()))
    people.update_registration(call.world, call.caller.workspace, session, registration, values)
    return _single(call, session, registration, 200)


def unregister(call: Call, session_id: str, person_id: str) -> Answer:
    """``DELETE /sessions/{id}/people/{person_id}``."""
    person = call.caller.workspace.people.get(person_id)
    return _remove(call, session_of(call, session_id), person)


def unregister_by_email(call: Call, session_id: str) -> Answer:
    """``DELETE /sessions/{id}/people?filter[email]=…``."""
    session = session_of(call, session_id)
    email = Query(call.world.switches, filters=("email",)).text("email")
    if not email:
        raise Refused(400, "filter[email] is missing")
    return _remove(call, session, call.caller.workspace.person_by_email(email))


def register_many(call: Call, session_id: str) -> Answer:
    """``POST /sessions/{id}/people/bulk``: up to 50, worked off later (§3.5)."""
    world, workspace = call.world, call.caller.workspace
    session = session_of(call, session_id)
    if world.switches.bulk not in {"accept", "422_for_one"}:
        raise Refused(int(world.switches.bulk))
    tasks = bodies.attributes_of(bodies.read_data()).get("tasks")
    if not isinstance(tasks, list) or not tasks or not all(isinstance(one, dict) for one in tasks):
        raise Refused(400, "tasks must be an array of registrations")
    if len(tasks) > BULK_LIMIT:
        raise Refused(world.switches.bulk_over_limit, f"At most {BULK_LIMIT} tasks are allowed")
    if world.switches.bulk_nested_tasks == "accept":
        tasks = [one.get("attributes", one) for one in tasks]
    asked = []
    for one in tasks:
        task = _asked(one)
        asked.append({**task, "fields": task["values"], "input": one})
        wrong = people.ADDRESS.fullmatch(str(task["values"].get("email"))) is None
        if wrong and world.switches.bulk == "422_for_one":
            raise Refused(422, "Tasks are invalid")
    job = jobs.start_bulk(world, workspace, session, asked)
    resource = created_job_resource(world, job)
    world.later(world.switches.job_seconds, lambda: jobs.work_off(world, workspace, job))
    if world.switches.job_document == "top_level":
        return Answer(202, {"id": resource["id"], "type": "jobs", **resource["attributes"]})
    return Answer(202, {"data": resource})


BUILTIN_ATTRIBUTES = (
    ("email", "Email", "email"),
    ("first_name", "First name", "text"),
    ("last_name", "Last name", "text"),
    ("avatar", "Avatar", "avatar"),
    ("company", "Company", "text"),
    ("job_title", "Job title", "text"),
)


def list_attributes(call: Call) -> Answer:
    """``GET /people_attributes``."""
    attributes: dict[str, Resource] = {
        slug: _attribute(slug, name, kind, builtin=True, options=())
        for slug, name, kind in BUILTIN_ATTRIBUTES
    }
    for event in call.caller.workspace.events.values():
        for one in event.fields:
            kind = "multiple_select" if one.multiple_answers else "unique_select"
            attributes.setdefault(
                one.id,
                _attribute(
                    one.id,
                    one.id.replace("_", " ").capitalize(),
                    kind if one.options else "text",
                    builtin=False,
                    options=one.options,
                ),
            )
    key = request.args.get("sort", "name")
    found = sorted(
        attributes.values(),
        key=lambda one: str(one["attributes"].get(key.lstrip("-"))),
        reverse=key.startswith("-"),
    )
    return Answer(200, Query(call.world.switches).listing(found, lambda one: one))


def _attribute(
    slug: str, name: str, kind: str, *, builtin: bool, options: tuple[str, ...]
) -> Resource:
    return {
        "id": slug,
        "type": "people_attributes",
        "attributes": {
            "slug": slug,
            "name": name,
            "description": None,
            "type": kind,
            "builtin": builtin,
            "placeholder": None,
            "options": [
                {"label": value, "value": value, "position": position}
                for position, value in enumerate(options)
            ],
            "user_id": None,
        },
    }


def _addressed(query: Query, person: Person) -> bool:
    wanted = query.text("email")
    return wanted is None or wanted.lower() == person.email.lower()


def _registration_of(session: Session, person_id: str) -> Registration:
    registration = session.registrations.get(person_id)
    if registration is None:
        raise Refused(404, "Not found")
    return registration


def _single(call: Call, session: Session, registration: Registration, status: int) -> Answer:
    workspace = call.caller.workspace
    return Answer(
        status, {"data": registrant_resource(call.world, workspace, session, registration)}
    )


def _remove(call: Call, session: Session, person: Person | None) -> Answer:
    try:
        if person is None:
            raise Refused(404, "Not found")  # noqa: TRY301 (the same refusal as of a stranger)
        people.unregister(call.world, call.caller.workspace, session, person)
    except Refused:
        if call.world.switches.remove_unknown_person == 404:
            raise
    return Answer(204)


def _asked(attributes: dict[str, Any]) -> dict[str, Any]:
    return {
        "values": _values(attributes),
        "referrer": bodies.optional_text(attributes, "referrer"),
        "utm": {name: bodies.optional_text(attributes, name) for name in UTM},
    }


def _values(attributes: dict[str, Any]) -> dict[str, Any]:
    """Return what was filled in, from the array of ``{id, value}`` (§3.5).

    Raises:
        Refused: 400, an object or anything else that is no such array.
    """
    fields = attributes.get("fields", [])
    if not isinstance(fields, list):
        raise Refused(400, "fields must be an array")
    for one in fields:
        if not isinstance(one, dict) or not isinstance(one.get("id"), str):
            raise Refused(400, "fields must be an array of id and value")
    return {one["id"]: one.get("value") for one in fields}
