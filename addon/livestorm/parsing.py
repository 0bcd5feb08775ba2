"""From Livestorm's JSON:API documents to the values of `resources`.

Unknown members are ignored, numbers may come as strings, ids as numbers; an attribute of the wrong
type counts as absent. What an object cannot do without (its id, an event's title, a session's
event) makes the whole document UNREADABLE when it is missing: guessing a title would carry the
guess into somebody's calendar. No other exception leaves this module, whatever the JSON.
"""

from addon.livestorm.attributes import Attributes, identifier_of
from addon.livestorm.failures import unreadable
from addon.livestorm.resources import (
    Event,
    FieldSpec,
    Job,
    Me,
    Organization,
    Person,
    Session,
    Webhook,
)


def event(document: object) -> Event:
    """Parse the document of one event, with its sessions when they are included."""
    return event_item(Attributes.of(document).members.get("data"), document)


def event_item(item: object, document: object) -> Event:
    """Parse one event of a document whose `included` may hold its sessions."""
    identifier, resource, attributes = _resource(item, "event")
    if "title" not in attributes.members:
        raise unreadable("an event without title")
    owner = attributes.nested("owner")
    return Event(
        id=identifier,
        title=attributes.text("title") or "",
        slug=attributes.text("slug"),
        description=attributes.text("description") or None,
        status=attributes.text("status"),
        registration_link=attributes.text("registration_link"),
        everyone_can_speak=attributes.flag("everyone_can_speak"),
        estimated_duration_minutes=attributes.number("estimated_duration"),
        scheduling_status=attributes.text("scheduling_status"),
        owner_id=owner.identifier("id"),
        owner_email=owner.nested("attributes").text("email"),
        created_at=attributes.instant("created_at"),
        updated_at=attributes.instant("updated_at"),
        fields=tuple(_fields(attributes)),
        sessions=tuple(_included_sessions(identifier, resource, Attributes.of(document))),
    )


def _included_sessions(event_id: str, resource: Attributes, document: Attributes) -> list[Session]:
    """Return the event's sessions among `included`, in the order the event names them."""
    included = {
        found: item
        for item in document.items("included")
        if (member := Attributes.of(item)).members.get("type") == "sessions"
        and (found := member.identifier("id"))
    }
    named = resource.nested("relationships").nested("sessions").items("data")
    if named:
        wanted = [Attributes.of(item).identifier("id") for item in named]
        return [
            session_item(included[found], event_id=event_id)
            for found in wanted
            if found in included
        ]
    # Without the relationship a session is ours only when it says so, or when the document has
    # nobody else it could belong to.
    alone = not isinstance(document.members.get("data"), list)
    sessions = []
    for item in included.values():
        owner = _session_event(Attributes.of(item))
        if owner == event_id or (owner is None and alone):
            sessions.append(session_item(item, event_id=event_id))
    return sessions


def _fields(attributes: Attributes) -> list[FieldSpec]:
    fields = []
    for item in attributes.items("fields"):
        member = Attributes.of(item)
        if (identifier := member.identifier("id")) is None:
            continue
        options = (
            Attributes.of(option).text("value")
            for option in member.nested("options").items("items")
        )
        fields.append(
            FieldSpec(
                id=identifier,
                type=member.text("type") or "text",
                required=member.flag("required") or False,
                custom=member.flag("custom") or False,
                order=member.number("order"),
                options=tuple(option for option in options if option is not None),
            )
        )
    return fields


def session(document: object, *, event_id: str | None = None) -> Session:
    """Parse the document of one session; `event_id` as for `session_item`."""
    return session_item(Attributes.of(document).members.get("data"), event_id=event_id)


def session_item(item: object, document: object = None, *, event_id: str | None = None) -> Session:
    """Parse one session; `event_id` is the event it was asked for, should it not name one."""
    del document  # nothing a session needs is among `included`
    identifier, resource, attributes = _resource(item, "session")
    owner = _session_event(resource) or event_id
    if owner is None:
        raise unreadable("a session without event")
    return Session(
        id=identifier,
        event_id=owner,
        status=attributes.text("status"),
        timezone=attributes.text("timezone") or "UTC",
        room_link=attributes.text("room_link"),
        name=attributes.text("name"),
        starts_at=attributes.instant("estimated_started_at"),
        started_at=attributes.instant("started_at"),
        ended_at=attributes.instant("ended_at"),
        canceled_at=attributes.instant("canceled_at"),
        duration_seconds=attributes.number("duration"),
        registrants_count=attributes.number("registrants_count"),
        updated_at=attributes.instant("updated_at"),
    )


def _session_event(resource: Attributes) -> str | None:
    # The OpenAPI schema says event_type_id where every sample answer says event_id.
    named = resource.nested("attributes").identifier("event_id", "event_type_id")
    if named is not None:
        return named
    return resource.nested("relationships").nested("event").nested("data").identifier("id")


def person(document: object) -> Person:
    """Parse the document of one person, registrant or user."""
    return person_item(Attributes.of(document).members.get("data"))


def person_item(item: object, document: object = None) -> Person:
    """Parse one person, registrant or user."""
    del document  # an included session says nothing that the registration does not
    identifier, _, attributes = _resource(item, "person")
    registration = attributes.nested("registrant_detail")
    return Person(
        id=identifier,
        role=attributes.text("role"),
        email=(attributes.text("email") or "").strip() or None,
        first_name=attributes.text("first_name"),
        last_name=attributes.text("last_name"),
        timezone=attributes.text("timezone"),
        is_guest_speaker=registration.flag("is_guest_speaker") or False,
        connection_link=registration.text("connection_link"),
        registration_type=registration.text("registration_type"),
        event_id=registration.identifier("event_id"),
        session_id=registration.identifier("session_id"),
        attended=registration.flag("attended"),
        updated_at=attributes.instant("updated_at"),
    )


def organization(document: object) -> Organization:
    """Parse the document of a workspace."""
    return _organization_item(Attributes.of(document).members.get("data"))


def _organization_item(item: object) -> Organization:
    identifier, _, attributes = _resource(item, "organization")
    return Organization(
        id=identifier, name=attributes.text("name") or "", slug=attributes.text("slug") or ""
    )


def me(document: object) -> Me:
    """Parse "who am I": a user with their workspace, or the workspace alone for an API token."""
    members = Attributes.of(document)
    item = members.members.get("data")
    resource = Attributes.of(item)
    if resource.members.get("type") == "organizations":
        return Me(user=None, organization=_organization_item(item))
    user = person_item(item)
    workspace_id = (
        resource.nested("relationships").nested("organization").nested("data").identifier("id")
    )
    included = [
        candidate
        for candidate in members.items("included")
        if Attributes.of(candidate).members.get("type") == "organizations"
    ]
    for candidate in included:
        if workspace_id in {None, Attributes.of(candidate).identifier("id")}:
            return Me(user=user, organization=_organization_item(candidate))
    if workspace_id is None:
        raise unreadable("a user without organization")
    return Me(user=user, organization=Organization(id=workspace_id, name="", slug=""))


def job(document: object) -> Job:
    """Parse a bulk job.

    The reference page's sample has the members at top level without `data`, and the two places
    that name the counters name them differently; all are read.
    """
    top = Attributes.of(document)
    resource = top.nested("data") if "data" in top.members else top
    identifier = resource.identifier("id")
    if identifier is None:
        raise unreadable("a job without id")
    attributes = resource.nested("attributes") if "attributes" in resource.members else resource
    return Job(
        id=identifier,
        status=attributes.text("status"),
        total=attributes.number("total_items", "total_tasks"),
        processed=attributes.number("total_processed_items", "total_processed_tasks"),
        succeeded=attributes.number("total_success", "total_succeeded"),
        failed=attributes.number("total_fail", "total_failed"),
    )


def webhook(document: object) -> Webhook:
    """Parse the document of one webhook subscription."""
    return webhook_item(Attributes.of(document).members.get("data"))


def webhook_item(item: object, document: object = None) -> Webhook:
    """Parse one webhook subscription."""
    del document
    identifier, _, attributes = _resource(item, "webhook")
    url, kind = attributes.text("url"), attributes.text("event")
    if url is None or kind is None:
        raise unreadable("a webhook without address or event")
    return Webhook(id=identifier, url=url, event=kind)


def _resource(item: object, name: str) -> tuple[str, Attributes, Attributes]:
    """Return id, resource and attributes of a resource object."""
    resource = Attributes.of(item)
    identifier = identifier_of(resource.members.get("id"))
    if identifier is None:
        raise unreadable(f"no {name}, or one without id")
    if not isinstance(resource.members.get("attributes"), dict):
        raise unreadable(f"a {name} without attributes")
    return identifier, resource, resource.nested("attributes")
