"""Changes of people: registering, removing, inviting."""

import re
from typing import Any
from uuid import uuid4

from sandbox.livestorm.changes import mails
from sandbox.livestorm.records import Event, Field, Person, Registration, Session, Workspace
from sandbox.livestorm.refusal import Refused
from sandbox.livestorm.times import session_status
from sandbox.livestorm.world import World

ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")
"""Anything that looks like one address; Livestorm's own rule is not documented."""

NAMES = ("first_name", "last_name")


def register(
    world: World,
    workspace: Workspace,
    session: Session,
    values: dict[str, Any],
    *,
    registration_type: str = "API",
    referrer: str | None = None,
    utm: dict[str, str | None] | None = None,
    guest_speaker: bool = False,
) -> Registration:
    """Register a person to a session (§3.5). Emits people.registered.

    Only ``email`` is mandatory, whatever the form requires; without an e-mail field in the
    event's form a person without address is made (§3.3).

    Raises:
        Refused: A field that does not exist, a wrong address, somebody who is registered already,
            or a session that is over.
    """
    event = workspace.events[session.event_id]
    status = session_status(session, event, world.now(), world.switches)
    if status == "canceled":
        raise Refused(422, "Session is canceled")
    over = status in ("past", "past_not_started", "on_demand")
    if over and world.switches.register_after_end == "422":
        raise Refused(422, "Session is over")
    checked = _checked(world, event, values)
    person = _person(world, workspace, event, checked)
    if person.id in session.registrations:
        raise Refused(world.switches.duplicate_registration, "This email is already registered")
    stamp = world.stamp()
    registration = Registration(
        person=person,
        role=person.role,
        created_at=stamp,
        updated_at=stamp,
        password_key=None if person.role == "team_member" else world.new_key(),
        registration_type=registration_type,
        values=checked,
        referrer=referrer,
        utm=utm or {},
        is_guest_speaker=guest_speaker,
    )
    session.registrations[person.id] = registration
    if world.switches.registration_moves_session:
        world.touch(event, session)
    mails.confirm(world, workspace, event, session, registration)
    world.announce("people.registered", workspace, (session, registration))
    return registration


def attach(world: World, session: Session, person: Person) -> None:
    """Attach a person to a session at its creation: its host, or those the request names."""
    stamp = world.stamp()
    session.registrations[person.id] = Registration(
        person=person,
        role=person.role,
        created_at=stamp,
        updated_at=stamp,
        password_key=None if person.role == "team_member" else world.new_key(),
        registration_type="API",
        values={"email": person.email},
    )


def update_registration(
    world: World,
    workspace: Workspace,
    session: Session,
    registration: Registration,
    values: dict[str, Any],
) -> None:
    """Change what a registrant filled in. No webhook tells (§4).

    Raises:
        Refused: A field that does not exist.
    """
    event = workspace.events[session.event_id]
    _refuse_unknown(event, values)
    registration.values.update(values)
    registration.updated_at = world.stamp()
    _name(world, registration.person, values)


def unregister(
    world: World,
    workspace: Workspace,
    session: Session,
    person: Person,
    *,
    whole_event: bool | None = None,
) -> None:
    """Remove a person (§3.5). No webhook tells (§4).

    Args:
        world: The world.
        workspace: Where the session is.
        session: The session they are registered to.
        person: Who goes.
        whole_event: Whether they go from the event's other sessions too, as they do when somebody
            removes them at the dashboard; by default as the switch ``remove_person_scope`` says.

    Raises:
        Refused: They are not registered.
    """
    event = workspace.events[session.event_id]
    if person.id not in session.registrations:
        raise Refused(404, "Not found")
    if whole_event is None:
        whole_event = world.switches.remove_person_scope == "event"
    for one in workspace.sessions_of(event) if whole_event else [session]:
        if one.registrations.pop(person.id, None) and world.switches.registration_moves_session:
            world.touch(event, one)


def invite_guest_speaker(
    world: World, workspace: Workspace, session: Session, email: str, name: str
) -> Registration:
    """Invite a guest speaker; people do this at the dashboard, no API can (§3.5).

    Somebody who is registered already becomes one.
    """
    person = workspace.person_by_email(email)
    known = session.registrations.get(person.id) if person is not None else None
    if known is not None:
        known.is_guest_speaker = True
        known.updated_at = world.stamp()
        return known
    first_name, _, last_name = name.partition(" ")
    values = {"email": email, "first_name": first_name, "last_name": last_name}
    return register(
        world,
        workspace,
        session,
        {key: value for key, value in values.items() if value},
        registration_type="invitation",
        guest_speaker=True,
    )


def attend(world: World, session: Session, registration: Registration) -> None:
    """Enter the room of a session that is live."""
    if session.started_at and not session.ended_at:
        registration.attended = True
        registration.updated_at = world.stamp()


def _checked(world: World, event: Event, values: dict[str, Any]) -> dict[str, Any]:
    values = dict(values)
    if not event.has_email_field and "email" in values:
        if world.switches.email_on_anonymous_form == "422":
            raise Refused(422, "The field 'email' doesn't exist")
    elif event.has_email_field:
        email = values.get("email")
        if not isinstance(email, str) or not email.strip():
            raise Refused(422, "Email can't be blank")
        if ADDRESS.fullmatch(email.strip()) is None:
            raise Refused(422, "Email is invalid")
        values["email"] = email.strip()
    _refuse_unknown(event, {key: value for key, value in values.items() if key != "email"})
    return values


def _refuse_unknown(event: Event, values: dict[str, Any]) -> None:
    form = {one.id: one for one in event.fields}
    unknown = [f"The field '{name}' doesn't exist" for name in values if name not in form]
    if unknown:
        raise Refused(422, *unknown)
    wrong = [name for name, value in values.items() if not _answers(form[name], value)]
    if wrong:
        raise Refused(422, *(f"The field '{name}' is invalid" for name in wrong))


def _answers(asked: Field, value: Any) -> bool:
    if asked.multiple_answers:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    return value is None or isinstance(value, str)


def _person(world: World, workspace: Workspace, event: Event, values: dict[str, Any]) -> Person:
    stamp = world.stamp()
    email = values.get("email")
    if email is None or not event.has_email_field:
        email = f"{stamp}+{uuid4()}@unknown.livestorm.co"
    elif world.switches.email_case == "lower":
        email = email.lower()
        values["email"] = email
    person = workspace.person_by_email(email)
    if person is None:
        person = Person(world.new_id(), email, None, None, "participant", stamp, stamp)
        workspace.add_person(person)
    _name(world, person, values)
    return person


def _name(world: World, person: Person, values: dict[str, Any]) -> None:
    for name in NAMES:
        if values.get(name) and getattr(person, name) != values[name]:
            setattr(person, name, values[name])
            person.updated_at = world.stamp()
