"""Changes of events."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from sandbox.livestorm.changes import mails, sessions
from sandbox.livestorm.records import Event, EventSettings, Person, Workspace
from sandbox.livestorm.refusal import Refused
from sandbox.livestorm.times import session_status
from sandbox.livestorm.world import World

SETTINGS = tuple(one.name for one in fields(EventSettings))
"""Names of the settings, all of them booleans."""

PLAIN = ("title", "description", "estimated_duration", "language", "fields", "emails_enabled")
"""Attributes that are simply replaced."""


@dataclass(frozen=True)
class PlannedSession:
    """A session asked for together with its event: start in Unix seconds, IANA zone."""

    starts_at: int
    timezone: str
    name: str | None = None


def create_event(
    world: World,
    workspace: Workspace,
    *,
    owner: Person,
    title: str | None,
    copy_from: Event | None = None,
    planned: Sequence[PlannedSession] = (),
    **attributes: Any,
) -> Event:
    """Create an event, with its first sessions.

    Emits event.created, then session.created for each session, then event.published (§4).

    Raises:
        Refused: A title that is empty, or a slug that is taken.
    """
    stamp = world.stamp()
    event = Event(
        id=attributes.pop("id", None) or world.new_id(),
        workspace_id=workspace.id,
        title="",
        slug="",
        owner=owner,
        created_at=stamp,
        updated_at=stamp,
    )
    if copy_from is not None:
        _copy(world, copy_from, event)
    wanted = title or (copy_from.title if copy_from is not None else "Untitled event")
    slug = attributes.pop("slug", None) or wanted
    status: Literal["draft", "published"] = attributes.pop("status", None) or "draft"
    _assign(world, workspace, event, {"title": wanted, "slug": slug, **attributes})
    event.status = status
    event.published_at = stamp if status == "published" else 0
    workspace.events[event.id] = event
    world.announce("event.created", workspace, event)
    if copy_from is not None and world.switches.copy_sessions:
        planned = (*_coming(world, workspace, copy_from), *planned)
    for one in planned:
        sessions.create_session(
            world,
            workspace,
            event,
            starts_at=one.starts_at,
            timezone=one.timezone,
            name=one.name,
        )
    if status == "published":
        world.announce("event.published", workspace, event)
    return event


def update_event(world: World, workspace: Workspace, event: Event, changes: dict[str, Any]) -> None:
    """Change attributes of an event; setting what is there already changes nothing.

    Raises:
        Refused: A title that is empty, or a slug that is taken.
    """
    status = changes.pop("status", event.status)
    before = _snapshot(event)
    _assign(world, workspace, event, changes)
    published = status == "published" and event.status == "draft"
    event.status = status
    if _snapshot(event) != before:
        world.touch(event)
    if published:
        event.published_at = world.stamp()
        world.announce("event.published", workspace, event)


def delete_event(world: World, workspace: Workspace, event: Event) -> None:
    """Delete an event with its sessions and registrations. No webhook tells (§4).

    Raises:
        Refused: The switch ``delete_event`` protects it.
    """
    of_event = workspace.sessions_of(event)
    rule = world.switches.delete_event
    live = any(
        session_status(one, event, world.now(), world.switches) == "live" for one in of_event
    )
    if rule == "refuse":
        raise Refused(422, "Event cannot be deleted")
    if rule == "refuse_live" and live:
        raise Refused(422, "Event is live")
    if rule == "refuse_with_registrants" and any(one.participants for one in of_event):
        raise Refused(422, "Event has registrants")
    for session in of_event:
        if not session.ended_at:
            mails.tell_canceled(world, workspace, session)
        del workspace.sessions[session.id]
    del workspace.events[event.id]


def slugify(text: str) -> str:
    """Return a slug: ASCII letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or "event"


def _copy(world: World, source: Event, event: Event) -> None:
    event.settings = replace(source.settings)
    event.language = source.language
    event.emails_enabled = source.emails_enabled
    if world.switches.copy_description:
        event.description = source.description
    if world.switches.copy_duration:
        event.estimated_duration = source.estimated_duration
    if world.switches.copy_fields:
        event.fields = [replace(one) for one in source.fields]


def _coming(world: World, workspace: Workspace, source: Event) -> list[PlannedSession]:
    return [
        PlannedSession(starts_at=one.estimated_started_at, timezone=one.timezone, name=one.name)
        for one in workspace.sessions_of(source)
        if one.estimated_started_at > world.now()
    ]


def _assign(world: World, workspace: Workspace, event: Event, changes: dict[str, Any]) -> None:
    changes = dict(changes)
    if "title" in changes and not str(changes["title"] or "").strip():
        raise Refused(422, "Title can't be blank")
    if "slug" in changes:
        changes["slug"] = _free_slug(world, workspace, event, changes["slug"])
        event.slug = changes.pop("slug")
    if changes.get("description"):
        changes["description"] = _stored(world, changes["description"])
    for name, value in changes.items():
        if name in SETTINGS:
            setattr(event.settings, name, value)
        elif name in PLAIN or name == "owner":
            setattr(event, name, value)
        else:
            raise AttributeError(f"an event has no {name}")


def _stored(world: World, description: str) -> str:
    block = re.match(r"\s*<(p|div|ul|ol|h[1-6]|table|blockquote)\b", description)
    if world.switches.description_stored == "wrapped" and block is None:
        return f"<p>{description}</p>"
    return description


def _free_slug(world: World, workspace: Workspace, event: Event, wanted: str) -> str:
    slug = slugify(wanted)
    others = [one for one in workspace.events.values() if one.id != event.id]
    if all(one.slug != slug for one in others):
        return slug
    if world.switches.slug_clash == "422":
        raise Refused(422, "Slug has already been taken")
    taken = {one.slug for one in others}
    return next(made for number in range(2, 100_000) if (made := f"{slug}-{number}") not in taken)


def _snapshot(event: Event) -> tuple[object, ...]:
    return (
        event.slug,
        event.status,
        event.owner.id,
        replace(event.settings),
        *(getattr(event, name) for name in PLAIN),
    )
