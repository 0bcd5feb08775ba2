"""Decide what the new Livestorm event is to look like. Pure: values in, values out."""

import re
import unicodedata
from dataclasses import replace
from datetime import datetime, timedelta

from addon import description
from addon.google.events import CalendarEvent
from addon.livestorm import EventDraft, SessionDraft
from addon.store.users import Template

SOONEST = timedelta(seconds=60)
"""Livestorm refuses sessions in the past (POST /events/{id}/sessions: "date must be in the
future"). An event of the past starts now plus this minute, which covers the way of the request
and two clocks that differ a little."""

SOONEST_AFTER_REFUSAL = timedelta(minutes=5)
"""Used once when Livestorm still finds a time that was moved to `SOONEST` in the past."""

PLACEHOLDER_AFTER = timedelta(minutes=5)
"""An event that is not saved yet has no time we can read. It gets the next full hour that is at
least this far away, until the first comparison puts it right."""

MAX_TITLE = 255
"""Livestorm's titles are a single database string; longer ones are cut, not refused."""

_SLUG_TITLE = 60
"""Characters of the title in the address of the registration page: readable, not endless."""

MARK_PREFIX = "gcal-"
"""Says in the slug that the event came from Calendar; the mark itself follows."""


def draft_event(
    event: CalendarEvent | None,
    *,
    template: Template | None,
    owner_id: str | None,
    mark: str,
    now: datetime,
    placeholder_title: str,
    fallback_timezone: str,
) -> EventDraft:
    """Return the one Livestorm event, with its session, that belongs to a Calendar event.

    Args:
        event: The Calendar event; None when it is not saved yet.
        template: The Livestorm event whose settings are copied. Whatever a template decides is
            left out, so that only title, description and time come from Calendar.
        owner_id: Livestorm's person id of the owner, if known.
        mark: What the event is recognised by if the answer is lost; becomes part of the slug.
        now: The present instant.
        placeholder_title: Title of an event that has none.
        fallback_timezone: Zone of an event that has none (IANA).
    """
    title = (event.title.strip() if event else "")[:MAX_TITLE] or placeholder_title
    text = description.clean(event.description) if event else ""
    return EventDraft(
        title=title,
        slug=slug(title, mark),
        # An empty one is left out, so that the template's own description stays.
        description=text or None,
        owner_id=owner_id,
        copy_from_event_id=template.event_id if template else None,
        everyone_can_speak=None if template else True,
        session=_session(event, now, fallback_timezone),
    )


def later(draft: EventDraft, now: datetime) -> EventDraft:
    """The same draft for a Livestorm that found its start in the past."""
    session = replace(draft.session, starts_at=now + SOONEST_AFTER_REFUSAL)
    return replace(draft, session=session)


def slug(title: str, mark: str) -> str:
    """Return the address of the registration page: the title in ASCII, then the mark."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain)[:_SLUG_TITLE].strip("-")
    return f"{words or 'event'}-{MARK_PREFIX}{mark}"


def carries(slug_of_event: str | None, mark: str) -> bool:
    """Whether an event's slug carries our mark, even where Livestorm added to the slug."""
    return slug_of_event is not None and f"{MARK_PREFIX}{mark}" in slug_of_event


def room_link(session_link: str, *, single: bool, per_session: bool) -> str:
    """Return the join link for a Calendar event.

    Every occurrence of a series carries the same link in Calendar, so it must not name one
    session: Livestorm's event-level room, /p/{event}/live, works for each
    (github.com/nilleb/livestorm-client-py, session_duplicator.py). Nothing can give an event
    another link later, so one that is not known to be `single` is treated like a series.
    `per_session` keeps the session's own link all the same, should that address ever stop working.
    """
    if not single and not per_session:
        return session_link.partition("?")[0]
    return session_link


def _session(event: CalendarEvent | None, now: datetime, fallback_timezone: str) -> SessionDraft:
    if event is None or event.start is None:
        hour = (now + PLACEHOLDER_AFTER).replace(minute=0, second=0, microsecond=0)
        return SessionDraft(starts_at=hour + timedelta(hours=1), timezone=fallback_timezone)
    starts_at = max(event.start.instant, (now + SOONEST).replace(microsecond=0))
    return SessionDraft(starts_at=starts_at, timezone=event.start.timezone)
