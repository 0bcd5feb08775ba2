"""What a request about events asks for, read and checked (§3.3)."""

from typing import Any

from sandbox.livestorm.api import bodies
from sandbox.livestorm.api.endpoints import Call
from sandbox.livestorm.changes import events
from sandbox.livestorm.changes.events import PlannedSession
from sandbox.livestorm.changes.sessions import refuse_past
from sandbox.livestorm.records import Event, Field, Person
from sandbox.livestorm.refusal import Refused
from sandbox.livestorm.times import read_start, read_zone

WRITABLE = {"title", "slug", "status", "description", *events.SETTINGS}
PAGES = ("detailed_registration_page_enabled", "light_registration_page_enabled")
NULLABLE = ("description", "recording_public", "title")


def team_member(call: Call, person_id: Any) -> Person:
    """Return the team member with a people id.

    Raises:
        Refused: 422 Team member not found.
    """
    member = call.caller.workspace.member_by_person(str(person_id))
    if member is None:
        raise Refused(422, "Team member not found")
    return member.person


def planned_session(call: Call, attributes: dict[str, Any]) -> PlannedSession:
    """Return the session that a request asks for.

    Raises:
        Refused: 422, a time or zone that is wrong or over.
    """
    switches = call.world.switches
    zone = attributes.get("timezone")
    if zone is None and switches.missing_timezone != "422":
        utc = switches.missing_timezone == "utc"
        zone = "UTC" if utc else call.caller.workspace.timezone
    read = read_zone(zone)
    starts_at = read_start(attributes.get("estimated_started_at"), read, switches)
    return PlannedSession(starts_at, read.key, bodies.optional_text(attributes, "name"))


def planned_sessions(call: Call, data: dict[str, Any]) -> list[PlannedSession]:
    """Return the sessions that a new event is to have.

    Raises:
        Refused: 422, one that is over or not understood.
    """
    planned = []
    for one in bodies.related(data, "sessions"):
        session = planned_session(call, bodies.attributes_of(one))
        if call.world.switches.past_session == "422":
            try:
                refuse_past(call.world, session.starts_at)
            except Refused:
                if call.world.switches.past_session_of_new_event == "skip":
                    continue
                raise
        planned.append(session)
    return planned


def template_of(call: Call, event_id: Any) -> Event | None:
    """Return the event that ``copy_from_event_id`` names, or ``None``.

    Raises:
        Refused: It does not exist, unless the switch ignores that.
    """
    # An empty text is sent by integrations in production and means none (§3.3).
    if not event_id:
        return None
    source = call.caller.workspace.events.get(str(event_id))
    rule = call.world.switches.copy_unknown_event
    if source is None and rule != "ignore":
        raise Refused(int(rule), "Event Not found")
    return source


def owner_of(call: Call, owner_id: Any, *, creating: bool) -> Person:
    """Return the team member that ``owner_id`` names, or the default owner by the switch.

    Raises:
        Refused: 422 Team member not found.
    """
    if owner_id is None and creating and call.world.switches.owner_missing == "default_owner":
        member = call.caller.member or call.caller.workspace.members[0]
        return member.person
    return team_member(call, owner_id)


def read_changes(call: Call, attributes: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes that take effect, checked (§3.3)."""
    switches = call.world.switches
    changes: dict[str, Any] = {}
    unknown: list[str] = []
    for name, value in attributes.items():
        if name in WRITABLE:
            changes[name] = _checked(name, value)
        elif name == "registration_page_enabled":
            # The older name: off closes both pages, on opens the detailed one.
            changes[PAGES[0]] = bool(value)
            if not value:
                changes[PAGES[1]] = False
        elif name in ("estimated_duration", "language", "fields"):
            rule = getattr(switches, f"{name}_write")
            if rule == "400":
                raise Refused(400, f"{name} is not allowed")
            if rule == "accept":
                changes[name] = _accepted(name, value)
        else:
            unknown.append(name)
    refuse_unknown(call, unknown)
    return {name: value for name, value in changes.items() if value is not None or name in NULLABLE}


def refuse_unknown(call: Call, names: list[str]) -> None:
    """Refuse attributes that do not exist, if the switch says that Livestorm does."""
    if names and call.world.switches.unknown_attribute == "400":
        raise Refused(400, *(f"{name} is not allowed" for name in names))


def _checked(name: str, value: Any) -> Any:
    if name in events.SETTINGS and not isinstance(value, bool | None):
        raise Refused(400, f"{name} must be a boolean")
    if name == "status" and value not in ("draft", "published", None):
        raise Refused(422, "Status is not included in the list")
    if name in ("title", "slug", "description") and not isinstance(value, str | None):
        raise Refused(400, f"{name} must be a string")
    return value


def _accepted(name: str, value: Any) -> Any:
    if name == "estimated_duration":
        if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
            raise Refused(422, "Estimated duration is invalid")
        return value
    if name == "fields":
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise Refused(400, "fields must be an array")
        return [
            Field(str(one.get("id")), str(one.get("type", "text")), bool(one.get("required")))
            for one in value
        ]
    return str(value)


def beside_template(changes: dict[str, Any], source: Event | None) -> dict[str, Any]:
    """Return the changes that a copied event gets on top of its template."""
    # null means "not given" beside a template: what it decides stays.
    if source is not None and changes.get("description") is None:
        changes.pop("description", None)
    return changes
