"""Resources as JSON:API documents (§1.3, §3.1)."""

from typing import Any

from sandbox.livestorm.records import (
    Event,
    Field,
    Job,
    Member,
    Person,
    Registration,
    Session,
    Tag,
    Task,
    Webhook,
    Workspace,
)
from sandbox.livestorm.refusal import error_document
from sandbox.livestorm.times import scheduling_status, session_status
from sandbox.livestorm.world import World

Resource = dict[str, Any]


def reference(type_: str, id_: str) -> Resource:
    """Return a resource identifier."""
    return {"type": type_, "id": id_}


def event_resource(world: World, workspace: Workspace, event: Event) -> Resource:
    """Return an event."""
    settings = event.settings
    shown = event.fields if world.switches.event_fields == "listed" else []
    statuses = [
        session_status(one, event, world.now(), world.switches)
        for one in workspace.sessions_of(event)
    ]
    return {
        "id": event.id,
        "type": "events",
        "attributes": {
            "title": event.title,
            "slug": event.slug,
            "registration_link": world.registration_link(event),
            "estimated_duration": event.estimated_duration,
            "registration_page_enabled": settings.detailed_registration_page_enabled
            or settings.light_registration_page_enabled,
            "detailed_registration_page_enabled": settings.detailed_registration_page_enabled,
            "light_registration_page_enabled": settings.light_registration_page_enabled,
            "everyone_can_speak": settings.everyone_can_speak,
            "description": event.description,
            "status": event.status,
            "recording_enabled": settings.recording_enabled,
            "recording_public": settings.recording_public,
            "show_in_company_page": settings.show_in_company_page,
            "chat_enabled": settings.chat_enabled,
            "polls_enabled": settings.polls_enabled,
            "questions_enabled": settings.questions_enabled,
            "language": event.language,
            "published_at": event.published_at,
            "scheduling_status": scheduling_status(event, statuses),
            "created_at": event.created_at,
            "updated_at": event.updated_at,
            "owner": {
                "id": event.owner.id,
                "type": "people",
                "attributes": _person_attributes(event.owner),
            },
            "sessions_count": len(event.session_ids),
            "fields": [field_attributes(one, order) for order, one in enumerate(shown)],
        },
    }


def field_attributes(field: Field, order: int) -> Resource:
    """Return a field of a registration form."""
    shown: Resource = {
        "id": field.id,
        "type": field.type,
        "order": order,
        "required": field.required,
    }
    if field.custom:
        shown["custom"] = True
    if field.options:
        shown["options"] = {
            "items": [{"value": one} for one in field.options],
            "multiple_answers": field.multiple_answers,
        }
    return shown


def session_resource(world: World, workspace: Workspace, session: Session) -> Resource:
    """Return a session."""
    event = workspace.events[session.event_id]
    running = session.started_at and session.ended_at
    return {
        "id": session.id,
        "type": "sessions",
        "attributes": {
            "event_id": session.event_id,
            "status": session_status(session, event, world.now(), world.switches),
            "timezone": session.timezone,
            "room_link": world.room_link(session),
            "name": session.name,
            "attendees_count": sum(one.attended for one in session.registrations.values()),
            "registrants_count": len(session.registrations),
            "duration": session.ended_at - session.started_at if running else None,
            "estimated_started_at": session.estimated_started_at,
            "started_at": session.started_at,
            "ended_at": session.ended_at,
            "canceled_at": session.canceled_at,
            "created_at": session.created_at,
            "updated_at": session.updated_at,
            "breakout_room_parent_session_id": session.breakout_room_parent_session_id,
        },
    }


def _person_attributes(person: Person) -> Resource:
    return {
        "role": person.role,
        "created_at": person.created_at,
        "updated_at": person.updated_at,
        "timezone": person.timezone,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "avatar_link": person.avatar_link,
    }


def person_resource(person: Person) -> Resource:
    """Return a person outside any event."""
    return {"id": person.id, "type": "people", "attributes": _person_attributes(person)}


VISITOR = (
    "browser_name",
    "browser_version",
    "os_name",
    "os_version",
    "screen_height",
    "screen_width",
    "ip_city",
    "ip_country_code",
    "ip_country_name",
)
"""What Livestorm knows of a visitor; all null when the registration came by the API (§3.1)."""


def registrant_resource(
    world: World, workspace: Workspace, session: Session, registration: Registration
) -> Resource:
    """Return a person in the context of a session."""
    event = workspace.events[session.event_id]
    resource = person_resource(registration.person)
    utm = registration.utm
    resource["attributes"].update(
        role=registration.role,
        registrant_detail={
            "event_id": session.event_id,
            "session_id": session.id,
            "created_at": registration.created_at,
            "updated_at": registration.updated_at,
            "fields": _answers(event, registration),
            "referrer": registration.referrer,
            **{
                name: utm.get(name)
                for name in (
                    "utm_source",
                    "utm_medium",
                    "utm_term",
                    "utm_content",
                    "utm_campaign",
                )
            },
            **dict.fromkeys(VISITOR),
            "password_key": registration.password_key,
            "connection_link": world.connection_link(session, registration),
            "attended": registration.attended,
            "attendance_rate": _attendance_rate(session, registration),
            "attendance_duration": registration.attendance_seconds,
            "has_viewed_replay": False,
            "registration_type": registration.registration_type,
            "is_highlighted": False,
            "is_guest_speaker": registration.is_guest_speaker,
            "session_role": None,
        },
        messages_count=0,
        questions_count=0,
        votes_count=0,
        up_votes_count=0,
        replay_view_detail=None,
    )
    return resource


def _answers(event: Event, registration: Registration) -> list[Resource]:
    person = registration.person
    known = {
        "email": person.email,
        "first_name": person.first_name,
        "last_name": person.last_name,
        **registration.values,
    }
    return [
        {
            "id": one.id,
            "type": one.type,
            "value": known.get(one.id),
            "required": one.required,
            **({"custom": True} if one.custom else {}),
        }
        for one in event.fields
    ]


def _attendance_rate(session: Session, registration: Registration) -> int | None:
    length = session.ended_at - session.started_at
    if not session.ended_at or length <= 0:
        return None
    return round(100 * registration.attendance_seconds / length)


def user_resource(world: World, workspace: Workspace, member: Member) -> Resource:
    """Return a team member's account (§1.7)."""
    person = member.person
    return {
        "id": world.user_id(member),
        "type": "users",
        "attributes": {
            "role": member.role,
            "created_at": person.created_at,
            "updated_at": person.updated_at,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "email": person.email,
            "avatar_link": person.avatar_link,
            "locale": member.locale,
            "pending_invite": member.pending_invite,
            "website_link": None,
            "linkedin_link": None,
            "facebook_link": None,
            "twitter_handle": None,
        },
        "relationships": {"organization": {"data": reference("organizations", workspace.id)}},
    }


def organization_resource(workspace: Workspace) -> Resource:
    """Return a workspace (§1.7)."""
    return {
        "id": workspace.id,
        "type": "organizations",
        "attributes": {"name": workspace.name, "slug": workspace.slug, "parent_id": None},
    }


def tag_resource(tag: Tag) -> Resource:
    """Return a tag."""
    return {"id": tag.id, "type": "tags", "attributes": {"title": tag.title}}


def webhook_resource(webhook: Webhook) -> Resource:
    """Return a subscription (§3.1)."""
    return {
        "id": webhook.id,
        "type": "webhooks",
        "attributes": {
            "url": webhook.url,
            "event": webhook.event,
            "created_at": webhook.created_at,
            "updated_at": webhook.updated_at,
        },
    }


def job_resource(world: World, job: Job) -> Resource:
    """Return a bulk job (§3.6)."""
    short = world.switches.job_counters == "success_fail"
    succeeded = sum(one.status == "succeeded" for one in job.tasks)
    failed = sum(one.status == "failed" for one in job.tasks)
    return {
        "id": job.id,
        "type": "jobs",
        "attributes": {
            "status": job.status,
            "total_items": len(job.tasks),
            "total_processed_items": succeeded + failed,
            "total_success" if short else "total_succeeded": succeeded,
            "total_fail" if short else "total_failed": failed,
            "created_at": job.created_at,
            "updated_at": job.updated_at,
        },
    }


def created_job_resource(world: World, job: Job) -> Resource:
    """Return a bulk job as its creation answers it: other names, and the input (§3.6)."""
    resource = job_resource(world, job)
    attributes = resource["attributes"]
    attributes["total_tasks"] = attributes.pop("total_items")
    attributes["total_processed_tasks"] = attributes.pop("total_processed_items")
    attributes["source"] = "api"
    attributes["organization_id"] = job.workspace_id
    attributes["input"] = [one.input["input"] for one in job.tasks]
    return resource


def task_resource(world: World, workspace: Workspace, job: Job, task: Task) -> Resource:
    """Return one registration of a bulk job: the registrant, or why it failed (§3.6)."""
    attributes: Resource = {"status": task.status}
    if task.errors:
        attributes["errors"] = error_document(422, *task.errors)["errors"]
    session = workspace.sessions.get(job.session_id)
    if session is not None and task.registrant_id in session.registrations:
        registration = session.registrations[task.registrant_id]
        attributes["registrant"] = registrant_resource(world, workspace, session, registration)
    return {"id": task.id, "type": "tasks", "attributes": attributes}
