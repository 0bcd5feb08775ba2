"""From what the store and the product know to what the cards show. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import cards
from addon import clock
from addon.conference import Refusal
from addon.store.links import Link
from addon.store.users import Account, Template
from addon.template import NotSaved, TemplateProblem

CONFERENCE_ERRORS = {
    Refusal.NOT_CONNECTED: cards.ErrorType.AUTHENTICATION,
    Refusal.PERMISSION: cards.ErrorType.PERMISSION_DENIED,
    Refusal.PLAN: cards.ErrorType.CONFERENCE_SOLUTION_FORBIDDEN,
    Refusal.TEMPORARY: cards.ErrorType.TEMPORARY,
    Refusal.PERMANENT: cards.ErrorType.PERMANENT,
}

_TEMPLATE_PROBLEMS = {
    TemplateProblem.NOT_AN_ID: cards.TemplateProblemKind.NOT_AN_ID,
    TemplateProblem.UNKNOWN_ID: cards.TemplateProblemKind.UNKNOWN_ID,
    TemplateProblem.NOT_READABLE: cards.TemplateProblemKind.NOT_READABLE,
    TemplateProblem.RATE_LIMITED: cards.TemplateProblemKind.RATE_LIMITED,
    TemplateProblem.LIVESTORM_DOWN: cards.TemplateProblemKind.LIVESTORM_DOWN,
}


def template_view(template: Template | None) -> cards.TemplateView | None:
    """Show the template in force."""
    return cards.TemplateView(template.event_id, template.title) if template else None


def template_problem(outcome: NotSaved) -> cards.TemplateProblem:
    """Show why what was typed was not saved; not for people who have to connect first."""
    wait = outcome.retry_after
    return cards.TemplateProblem(
        _TEMPLATE_PROBLEMS[outcome.problem],
        retry_at=clock.now() + timedelta(seconds=wait) if wait is not None else None,
    )


def organized_by_other(account: Account, calendar_id: str | None, organizer: str | None) -> bool:
    """Whether an event belongs to somebody else; a team calendar organizes its own events."""
    if organizer is None or account.email is None:
        return False
    own = {account.email.casefold(), (calendar_id or "").casefold()}
    return organizer.casefold() not in own


def event_view(
    account: Account,
    link: Link | None,
    zone: str,
    *,
    event_page: str,
    other_organizer: str | None = None,
) -> cards.EventView:
    """Show one event to the person who opened it.

    Args:
        account: Who.
        link: Their link, None without one.
        zone: IANA zone that times are shown in.
        event_page: Where an event is in Livestorm, with a place for its id.
        other_organizer: Whose event it is, when it is somebody else's.
    """
    if link is None and other_organizer is not None:
        return cards.EventView(cards.SomeoneElses(organizer=other_organizer), zone=zone)
    if link is None:
        title = account.template.title if account.template else None
        return cards.EventView(cards.NoLivestorm(template_title=title), zone=zone)
    time = cards.EventTime(starts_at=link.starts_at) if link.starts_at else None
    if account.connection is None or not account.connection.usable:
        state: cards.EventState = cards.NotConnected(join_url=link.room_link)
    else:
        state = cards.Linked(
            join_url=link.room_link,
            sync=sync_state(account, link),
            **_unsynced(link.unsynced or {}),
            livestorm_url=event_page.format(event=link.livestorm_event_id),
            template_title=link.template_title,
        )
    return cards.EventView(state, title=link.title, time=time, zone=zone)


_TROUBLES = {
    "livestorm_access_lost": cards.ProblemKind.LIVESTORM_ACCESS_LOST,
    "permission": cards.ProblemKind.PERMISSION,
    "plan_limit": cards.ProblemKind.PLAN_LIMIT,
    "livestorm_refused": cards.ProblemKind.LIVESTORM_REFUSED,
    "rate_limited": cards.ProblemKind.RATE_LIMITED,
    "livestorm_down": cards.ProblemKind.LIVESTORM_DOWN,
    "google_access_lost": cards.ProblemKind.GOOGLE_ACCESS_LOST,
    "calendar_refused": cards.ProblemKind.CALENDAR_EVENT_UNREADABLE,
}
"""`addon.sync.trouble`; whatever is not here is Calendar not answering as it should."""


def sync_state(account: Account, link: Link) -> cards.SyncState:
    """Show how things stand between the two sides of a link."""
    if account.grant == "revoked":
        return cards.Stopped(cards.Problem(cards.ProblemKind.GOOGLE_ACCESS_LOST))
    if not account.activated:
        return cards.NotActivated()
    if link.trouble is not None:
        kind = _TROUBLES.get(str(link.trouble.get("kind")), cards.ProblemKind.GOOGLE_DOWN)
        until = link.trouble.get("until")
        retry_at = datetime.fromisoformat(until) if isinstance(until, str) else None
        return cards.Stopped(cards.Problem(kind, retry_at=retry_at))
    if link.dirty_at is not None or link.synced_at is None:
        return cards.Pending()
    return cards.InSync(since=link.synced_at)


def _unsynced(stored: Mapping[str, Any]) -> dict[str, Any]:
    """What is not carried, as `addon.sync.job` stores it, in the words of the cards."""
    parts = {part.name.lower(): part for part in cards.UnsyncedPart}
    reasons = {reason.name.lower(): reason for reason in cards.GuestReason}
    return {
        "unsynced_parts": tuple(parts[name] for name in stored.get("parts", ()) if name in parts),
        "unsynced_guests": tuple(
            cards.UnsyncedGuest(address, reasons[reason])
            for address, reason in stored.get("guests", ())
            if reason in reasons
        ),
        "registered_guests": stored.get("registered"),
    }
