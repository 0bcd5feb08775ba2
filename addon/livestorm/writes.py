"""What the program asks Livestorm to write, and the request bodies that say it.

A body carries the attributes that were given and nothing else: an attribute left out keeps what it
had (on PATCH), what the template has (with `copy_from_event_id`) or Livestorm's default.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from addon.livestorm.failures import FailureKind, LivestormFailure

Body: TypeAlias = dict[str, object]


class TimeForm(enum.Enum):
    """How a session's start is written; what Livestorm makes of each is not documented.

    The reference's example is a naive string beside `timezone`, a changelog entry shows a "Z". The
    wall time in `timezone` together with its offset means the same instant whether the reader
    honours the offset or drops it, so it is the default; the answer's Unix time tells whether it
    was understood.
    """

    OFFSET = "offset"
    """2026-03-29T10:30:00+02:00"""
    ZULU = "zulu"
    """2026-03-29T08:30:00Z"""
    WALL = "wall"
    """2026-03-29 10:30:00. Cannot tell the two passes of the hour that a clock change repeats."""


@dataclass(frozen=True)
class SessionDraft:
    """A session to make. `starts_at` is an aware instant, `timezone` an IANA name."""

    starts_at: datetime
    timezone: str
    name: str | None = None


@dataclass(frozen=True)
class SessionChanges:
    """What to change in a session; None leaves an attribute as it is.

    `starts_at` (aware instant) and `timezone` (IANA name) go together, because the start is
    written as wall time of that zone: a new zone alone could move the instant.
    """

    starts_at: datetime | None = None
    timezone: str | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        if (self.starts_at is None) != (self.timezone is None):
            raise ValueError("starts_at and timezone are given together or not at all")


@dataclass(frozen=True)
class EventDraft:
    """An event to make, published at once, together with its first session.

    Attributes:
        slug: the mark by which a lost answer's event is found again.
        description: clean HTML.
        owner_id: people id of the team member who owns it.
        copy_from_event_id: the template; attributes left None are then the template's.
        estimated_duration_minutes: not among the documented writable attributes; Livestorm may
            ignore it.
    """

    title: str
    slug: str
    description: str | None
    owner_id: str | None
    copy_from_event_id: str | None
    everyone_can_speak: bool | None
    session: SessionDraft
    estimated_duration_minutes: int | None = None


@dataclass(frozen=True)
class EventChanges:
    """What to change in an event; None leaves an attribute as it is, "" empties a text."""

    title: str | None = None
    description: str | None = None
    everyone_can_speak: bool | None = None
    estimated_duration_minutes: int | None = None
    owner_id: str | None = None
    status: str | None = None


@dataclass(frozen=True)
class RegistrantDraft:
    """Somebody to register for a session.

    Attributes:
        email: None only for events whose form has no e-mail field.
        extra: further fields of the registration form, as (field id, value).
    """

    email: str | None
    first_name: str | None = None
    last_name: str | None = None
    extra: tuple[tuple[str, str], ...] = ()


def without_fields(draft: RegistrantDraft, fields: frozenset[str]) -> RegistrantDraft:
    """Return a registration that leaves out what the form does not ask for; never the address."""
    return replace(
        draft,
        first_name=None if "first_name" in fields else draft.first_name,
        last_name=None if "last_name" in fields else draft.last_name,
        extra=tuple((name, value) for name, value in draft.extra if name not in fields),
    )


# Source: developers.livestorm.co/reference/post_sessions-id-people-bulk.
BULK_LIMIT = 50
"""Most registrations that one bulk call takes."""


def written_start(starts_at: datetime, timezone: str, form: TimeForm) -> str:
    """Write an instant as `estimated_started_at`.

    Fractions of a second are dropped: Livestorm keeps whole seconds.

    Raises:
        LivestormFailure: INVALID when the zone is not one this machine knows.
        ValueError: when `starts_at` is naive.
    """
    if starts_at.utcoffset() is None:
        raise ValueError("a session's start is an aware instant")
    whole = starts_at.replace(microsecond=0)
    zone = _zone(timezone)
    if form is TimeForm.ZULU:
        return whole.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    wall = whole.astimezone(zone)
    if form is TimeForm.WALL:
        return wall.replace(tzinfo=None).isoformat(sep=" ")
    return wall.isoformat()


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # KeyError: not found; ValueError: not a zone's name; OSError: a folder such as "Europe".
        raise LivestormFailure(FailureKind.INVALID, detail=f"unknown time zone {name}") from None


def new_event(draft: EventDraft, form: TimeForm) -> Body:
    """Write the body that makes an event with its session.

    The list under `relationships.sessions` is bare, without the `data` of JSON:API
    (developers.livestorm.co/changelog/api-easier-event-creation-and-registrant-removal-endpoints).
    """
    return _body(
        "events",
        {
            "title": draft.title,
            "slug": draft.slug,
            "status": "published",
            "description": draft.description,
            "owner_id": draft.owner_id,
            "copy_from_event_id": draft.copy_from_event_id,
            "everyone_can_speak": draft.everyone_can_speak,
            "estimated_duration": draft.estimated_duration_minutes,
        },
        {"sessions": [_given_resource("sessions", _session_attributes(draft.session, form))]},
    )


def event_changes(changes: EventChanges) -> Body:
    """Write the smallest PATCH body for an event.

    Raises:
        ValueError: when nothing is to change.
    """
    return _changed(
        "events",
        {
            "title": changes.title,
            "description": changes.description,
            "everyone_can_speak": changes.everyone_can_speak,
            "estimated_duration": changes.estimated_duration_minutes,
            "owner_id": changes.owner_id,
            "status": changes.status,
        },
    )


def new_session(draft: SessionDraft, form: TimeForm) -> Body:
    """Write the body that adds a session to an event."""
    return _body("sessions", _session_attributes(draft, form))


def session_changes(changes: SessionChanges, form: TimeForm) -> Body:
    """Write the smallest PATCH body for a session.

    Raises:
        ValueError: when nothing is to change.
        LivestormFailure: INVALID when the zone is unknown.
    """
    start = None
    if changes.starts_at is not None and changes.timezone is not None:
        start = written_start(changes.starts_at, changes.timezone, form)
    return _changed(
        "sessions",
        {
            "estimated_started_at": start,
            "timezone": changes.timezone,
            "name": changes.name,
        },
    )


def registration(draft: RegistrantDraft) -> Body:
    """Write the body that registers one person.

    Everything goes into `fields`; a top-level e-mail is ignored by Livestorm.
    """
    return {"data": {"type": "people", "attributes": {"fields": _fields(draft)}}}


def bulk_registration(drafts: Sequence[RegistrantDraft]) -> Body:
    """Write the body that registers several people as one job.

    The reference page and the OpenAPI description disagree about the nesting; this is the form of
    the OpenAPI description, which Livestorm's own tool sends (github.com/livestorm/stormbatch).

    Raises:
        ValueError: when there is nobody, or more than `BULK_LIMIT`.
    """
    if not 1 <= len(drafts) <= BULK_LIMIT:
        raise ValueError(f"a bulk registration takes 1 to {BULK_LIMIT} people")
    tasks = [{"fields": _fields(draft)} for draft in drafts]
    return {"data": {"type": "jobs", "attributes": {"tasks": tasks}}}


def new_webhook(url: str, event: str) -> Body:
    """Write the body that subscribes an https address to one kind of notification."""
    return _body("webhooks", {"url": url, "event": event})


def _session_attributes(draft: SessionDraft, form: TimeForm) -> Body:
    return {
        "estimated_started_at": written_start(draft.starts_at, draft.timezone, form),
        "timezone": draft.timezone,
        "name": draft.name,
    }


def _fields(draft: RegistrantDraft) -> list[Body]:
    given = (
        ("email", draft.email),
        ("first_name", draft.first_name),
        ("last_name", draft.last_name),
        *draft.extra,
    )
    return [{"id": name, "value": value} for name, value in given if value is not None]


def _given_resource(kind: str, attributes: Body) -> Body:
    given = {name: value for name, value in attributes.items() if value is not None}
    return {"type": kind, "attributes": given}


def _body(kind: str, attributes: Body, relationships: Body | None = None) -> Body:
    data = _given_resource(kind, attributes)
    if relationships:
        data["relationships"] = relationships
    return {"data": data}


def _changed(kind: str, attributes: Body) -> Body:
    data = _given_resource(kind, attributes)
    if not data["attributes"]:
        raise ValueError("a change that changes nothing")
    return {"data": data}
