"""Every call the product makes to Livestorm, each with its source.

The functions only describe calls (`protocol.Call`); `client.Workspace` makes them. Paths are below
the API's root, "https://api.livestorm.co/v1". The operations are documented at
developers.livestorm.co/reference and in the OpenAPI description at
api.livestorm.co/api-docs/v1/swagger.yaml; a docstring names the page where there is more to know.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from addon.livestorm import parsing, writes
from addon.livestorm.protocol import (
    Call,
    Page,
    Query,
    Request,
    document,
    nothing,
    page_of,
    paged,
    path,
)
from addon.livestorm.resources import (
    Event,
    Job,
    Me,
    Organization,
    Person,
    Session,
    Webhook,
)
from addon.livestorm.writes import (
    EventChanges,
    EventDraft,
    RegistrantDraft,
    SessionChanges,
    SessionDraft,
    TimeForm,
)


def ping() -> Call[None]:
    """Check the credential: GET /ping (developers.livestorm.co/docs/api-token-authentication)."""
    return Call(Request("GET", path("ping")), nothing, repeatable=True)


def organization() -> Call[Organization]:
    """Read the workspace: GET /organization."""
    return Call(
        Request("GET", path("organization")), document(parsing.organization), repeatable=True
    )


def me() -> Call[Me]:
    """Read who the credential stands for: GET /me, a user only with OAuth."""
    request = Request("GET", path("me"), (("include", "organization"),))
    return Call(request, document(parsing.me), repeatable=True)


def team_members(page: int, email: str | None = None) -> Call[Page[Person]]:
    """List the workspace's team members: GET /people.

    Their people ids are what `owner_id` wants
    (developers.livestorm.co/reference/post_events-id-sessions).
    """
    query: Query = (("filter[role]", "team_member"),)
    if email is not None:
        query = (*query, ("filter[email]", email))
    return _people_page(path("people"), query, page)


def create_event(draft: EventDraft, form: TimeForm) -> Call[Event]:
    """Make an event with its session: POST /events.

    Source: developers.livestorm.co/changelog/
    api-easier-event-creation-and-registrant-removal-endpoints. Not repeatable: Livestorm knows no
    idempotency keys.
    """
    request = Request("POST", path("events"), body=writes.new_event(draft, form))
    return Call(request, document(parsing.event))


def event(event_id: str) -> Call[Event]:
    """Read an event with its sessions: GET /events/{id}."""
    request = Request("GET", path("events", event_id), (("include", "sessions"),))
    return Call(request, document(parsing.event), repeatable=True)


def events(
    page: int,
    *,
    created_since: datetime | None = None,
    updated_since: datetime | None = None,
    title: str | None = None,
) -> Call[Page[Event]]:
    """List events with their sessions: GET /events.

    Filters take Unix seconds or ISO 8601; seconds leave nothing to interpret.
    """
    query: Query = (("include", "sessions"),)
    query += _since("created_since", created_since) + _since("updated_since", updated_since)
    if title is not None:
        query = (*query, ("filter[title]", title))
    request = Request("GET", path("events"), paged(query, page))
    return Call(request, document(page_of(parsing.event_item)), repeatable=True)


def update_event(event_id: str, changes: EventChanges) -> Call[Event]:
    """Change an event: PATCH /events/{id}. PUT is not used: what it does to the rest is unknown."""
    request = Request("PATCH", path("events", event_id), body=writes.event_changes(changes))
    return Call(request, document(parsing.event))


def delete_event(event_id: str) -> Call[None]:
    """Delete an event: DELETE /events/{id}."""
    return Call(Request("DELETE", path("events", event_id)), nothing)


def session(session_id: str, *, event_id: str | None = None) -> Call[Session]:
    """Read a session: GET /sessions/{id}; of which event, should the answer not say so."""
    request = Request("GET", path("sessions", session_id))
    return Call(request, document(_session_of(event_id)), repeatable=True)


def event_sessions(event_id: str, page: int) -> Call[Page[Session]]:
    """List an event's sessions: GET /events/{id}/sessions."""
    request = Request("GET", path("events", event_id, "sessions"), paged((), page))

    def item(value: object, _: object) -> Session:
        return parsing.session_item(value, event_id=event_id)

    return Call(request, document(page_of(item)), repeatable=True)


def sessions(page: int, *, updated_since: datetime | None = None) -> Call[Page[Session]]:
    """List the workspace's sessions: GET /sessions."""
    query = _since("updated_since", updated_since)
    request = Request("GET", path("sessions"), paged(query, page))
    return Call(request, document(page_of(parsing.session_item)), repeatable=True)


def create_session(event_id: str, draft: SessionDraft, form: TimeForm) -> Call[Session]:
    """Add a session: POST /events/{id}/sessions; the start must be in the future.

    Source: developers.livestorm.co/reference/post_events-id-sessions.
    """
    body = writes.new_session(draft, form)
    request = Request("POST", path("events", event_id, "sessions"), body=body)
    return Call(request, document(_session_of(event_id)))


def update_session(
    session_id: str, changes: SessionChanges, form: TimeForm, *, event_id: str | None = None
) -> Call[Session]:
    """Change a session: PATCH /sessions/{id}; of which event, should the answer not say so."""
    body = writes.session_changes(changes, form)
    request = Request("PATCH", path("sessions", session_id), body=body)
    return Call(request, document(_session_of(event_id)))


def delete_session(session_id: str) -> Call[None]:
    """Delete a session: DELETE /sessions/{id}; with registrants it may be refused."""
    return Call(Request("DELETE", path("sessions", session_id)), nothing)


def session_people(session_id: str, page: int, email: str | None = None) -> Call[Page[Person]]:
    """List everybody of a session, or the one with an address: GET /sessions/{id}/people."""
    query: Query = () if email is None else (("filter[email]", email),)
    return _people_page(path("sessions", session_id, "people"), query, page)


def register(session_id: str, draft: RegistrantDraft) -> Call[Person]:
    """Register one person: POST /sessions/{id}/people.

    Source: developers.livestorm.co/reference/post_sessions-id-people. A second registration of an
    address is refused as CONFLICT.
    """
    body = writes.registration(draft)
    request = Request("POST", path("sessions", session_id, "people"), body=body)
    return Call(request, document(parsing.person))


def unregister_email(session_id: str, email: str) -> Call[None]:
    """Remove a registrant by address: DELETE /sessions/{id}/people?filter[email]=….

    Source: developers.livestorm.co/changelog/
    api-easier-event-creation-and-registrant-removal-endpoints.
    """
    query: Query = (("filter[email]", email),)
    return Call(Request("DELETE", path("sessions", session_id, "people"), query), nothing)


def unregister_person(session_id: str, person_id: str) -> Call[None]:
    """Remove a registrant by id: DELETE /sessions/{id}/people/{person_id}."""
    return Call(Request("DELETE", path("sessions", session_id, "people", person_id)), nothing)


def register_many(session_id: str, drafts: Sequence[RegistrantDraft]) -> Call[Job]:
    """Register up to 50 people as a job: POST /sessions/{id}/people/bulk, answered with 202.

    Source: developers.livestorm.co/reference/post_sessions-id-people-bulk.
    """
    body = writes.bulk_registration(drafts)
    request = Request("POST", path("sessions", session_id, "people", "bulk"), body=body)
    return Call(request, document(parsing.job))


def job(job_id: str) -> Call[Job]:
    """Read how far a job is: GET /jobs/{id}."""
    return Call(Request("GET", path("jobs", job_id)), document(parsing.job), repeatable=True)


def webhooks(page: int) -> Call[Page[Webhook]]:
    """List the workspace's webhook subscriptions: GET /webhooks.

    Source: developers.livestorm.co/docs/webhooks-1.
    """
    request = Request("GET", path("webhooks"), paged((), page))
    return Call(request, document(page_of(parsing.webhook_item)), repeatable=True)


def create_webhook(url: str, event_name: str) -> Call[Webhook]:
    """Subscribe an https address to one kind of notification: POST /webhooks."""
    request = Request("POST", path("webhooks"), body=writes.new_webhook(url, event_name))
    return Call(request, document(parsing.webhook))


def delete_webhook(webhook_id: str) -> Call[None]:
    """End a subscription: DELETE /webhooks/{id}."""
    return Call(Request("DELETE", path("webhooks", webhook_id)), nothing)


def _people_page(where: str, query: Query, page: int) -> Call[Page[Person]]:
    request = Request("GET", where, paged(query, page))
    return Call(request, document(page_of(parsing.person_item)), repeatable=True)


def _session_of(event_id: str | None) -> Callable[[object], Session]:
    return partial(parsing.session, event_id=event_id)


def _since(name: str, instant: datetime | None) -> Query:
    """Write a lower bound; fractions are rounded down, so that nothing falls between two polls."""
    return () if instant is None else ((f"filter[{name}]", str(int(instant.timestamp()))),)
