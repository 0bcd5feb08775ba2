"""Put together the link of a Calendar event and its Livestorm event. Pure."""

from datetime import datetime

from addon.conference.draft import made_session, room_link
from addon.connections import NotConnected
from addon.google.events import CalendarEvent
from addon.livestorm import Event, FailureKind, LivestormFailure
from addon.store import links
from addon.store.users import Account
from addon.sync.made import made_base


def new_link(
    event: Event,
    account: Account,
    *,
    calendar_event: CalendarEvent | None,
    wanted: datetime | None,
    fresh: bool,
    per_session: bool,
) -> links.NewLink:
    """Return the link of a Calendar event and the Livestorm event that was made for it.

    Args:
        event: With its sessions.
        account: Whose it is, connected.
        calendar_event: None while it is not saved, or cannot be read.
        wanted: The start that its session was asked for; None where that is not known.
        fresh: It was made just now, so nobody can have edited it.
        per_session: Whether rooms are always those of a session.

    Raises:
        LivestormFailure: the event has no session with a room.
        NotConnected: the person is not connected any more.
    """
    session = made_session(event.sessions, wanted)
    if session is None or not session.room_link:
        raise LivestormFailure(
            FailureKind.UNREADABLE, detail="the event came without a session", maybe_done=True
        )
    connection = account.connection
    if connection is None:
        raise NotConnected("not connected")
    start = calendar_event.start if calendar_event else None
    return links.NewLink(
        workspace_id=connection.workspace_id,
        ical_uid=calendar_event.ical_uid if calendar_event else None,
        livestorm_event_id=event.id,
        livestorm_session_id=session.id,
        room_link=room_link(
            session.room_link,
            single=calendar_event is not None and not calendar_event.recurring,
            per_session=per_session,
        ),
        title=event.title,
        starts_at=start.instant if start else session.starts_at,
        timezone=start.timezone if start else session.timezone,
        template_event_id=account.template.event_id if account.template else None,
        template_title=account.template.title if account.template else None,
        placeholder=calendar_event is None,
        held=not account.activated,
        recurring=calendar_event is not None and calendar_event.recurring,
        base=made_base(calendar_event, event, session, followed=account.activated)
        if fresh
        else None,
    )
