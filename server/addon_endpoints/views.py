"""From what the store and the product know to what the cards show. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import cards
from addon import clock
from addon.conference import Refusal
from addon.dashboard.standing import State, hindrance, standing
from addon.opened import Opened, RoomOf
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
    if template is None:
        return None
    return cards.TemplateView(template.event_id, template.title, gone=template.gone)


def sync_off(account: Account) -> cards.SyncOff | None:
    """Show why nothing of a person's events is kept in sync; they are connected to Livestorm."""
    return _SYNC_OFF.get(hindrance(account))


_SYNC_OFF: Mapping[State | None, cards.SyncOff] = {
    State.NOT_ACTIVATED: cards.SyncOff.NOT_ACTIVATED,
    State.GOOGLE_LOST: cards.SyncOff.ACCESS_LOST,
}


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
    opened: Opened,
    zone: str,
    *,
    event_page: str,
    occurrence_sessions: int,
    other_organizer: str | None = None,
    compared: bool = False,
) -> cards.EventView:
    """Show one event to the person who opened it.

    Args:
        account: Who.
        opened: The event.
        zone: IANA zone that times are shown in.
        event_page: Where an event is in Livestorm, with a place for its id.
        occurrence_sessions: How many occurrences of a series get a session.
        other_organizer: Whose event it is, when it is somebody else's.
        compared: Both sides were to be compared at once; whether that is over is shown then.
    """
    state: cards.EventState
    if opened.link is None:
        state = _unlinked(account, opened, other_organizer)
    elif account.connection is None:
        state = cards.NotConnected(join_url=opened.link.room_link)
    else:
        state = _linked(
            opened,
            opened.link,
            sync_state(account, opened.link, opened.registering, compared=compared),
            event_page=event_page,
            sessions=occurrence_sessions,
        )
    times, time = opened.times, None
    if times is not None:
        time = cards.EventTime(times.starts_at, times.ends_at, all_day=times.all_day)
    return cards.EventView(state, title=opened.title, time=time, zone=zone)


_APART = {
    RoomOf.DELETED: cards.ApartReason.LIVESTORM_GONE,
    RoomOf.ENDED: cards.ApartReason.ENDED,
    RoomOf.OTHERS: cards.ApartReason.ANOTHER_EVENTS,
}

_MISSING = {
    State.NOT_CONNECTED: cards.MissingStep.CONNECT,
    State.LIVESTORM_LOST: cards.MissingStep.CONNECT,
    State.GOOGLE_LOST: cards.MissingStep.ACTIVATE,
    State.NOT_ACTIVATED: cards.MissingStep.ACTIVATE,
}


def _unlinked(
    account: Account, opened: Opened, other_organizer: str | None
) -> cards.NoLivestorm | cards.SomeoneElses | cards.Apart:
    room = opened.room
    if other_organizer is not None:
        return cards.SomeoneElses(other_organizer, join_url=room.url if room else None)
    if room is not None:
        # Where there is no room any more, no link leads into it.
        url = None if room.of is RoomOf.DELETED else room.url
        return cards.Apart(_APART[room.of], join_url=url)
    hindered = hindrance(account)
    return cards.NoLivestorm(
        other_solution=opened.other_solution,
        template_title=account.template.title if account.template else None,
        template_gone=account.template is not None and account.template.gone,
        missing=_MISSING[hindered] if hindered is not None else None,
    )


def _linked(
    opened: Opened, link: Link, sync: cards.SyncState, *, event_page: str, sessions: int
) -> cards.Linked:
    parts, guests = _unsynced(link.unsynced or {})
    return cards.Linked(
        join_url=link.room_link,
        sync=sync,
        unsynced_parts=parts,
        unsynced_guests=guests,
        registered_guests=opened.registered,
        livestorm_url=event_page.format(event=link.livestorm_event_id),
        template_title=link.template_title,
        occurrence_sessions=sessions,
    )


_TROUBLES = {
    "livestorm_access_lost": cards.ProblemKind.LIVESTORM_ACCESS_LOST,
    "permission": cards.ProblemKind.PERMISSION,
    "plan_limit": cards.ProblemKind.PLAN_LIMIT,
    "livestorm_refused": cards.ProblemKind.LIVESTORM_REFUSED,
    "vanished": cards.ProblemKind.VANISHED,
    "rate_limited": cards.ProblemKind.RATE_LIMITED,
    "livestorm_down": cards.ProblemKind.LIVESTORM_DOWN,
    "google_access_lost": cards.ProblemKind.GOOGLE_ACCESS_LOST,
    "google_quota": cards.ProblemKind.GOOGLE_LIMIT,
    "calendar_refused": cards.ProblemKind.CALENDAR_REFUSED,
}
"""`addon.sync.trouble`; whatever is not here is Calendar not answering as it should."""

_PASSING = frozenset({"being_edited"})
"""Troubles that nobody need hear of: somebody writes to the event just now."""

_STANDINGS = {
    State.LIVESTORM_LOST: cards.ProblemKind.LIVESTORM_ACCESS_LOST,
    State.OTHER_WORKSPACE: cards.ProblemKind.OTHER_WORKSPACE,
    State.GOOGLE_LOST: cards.ProblemKind.GOOGLE_ACCESS_LOST,
}


def sync_state(
    account: Account,
    link: Link,
    registering: tuple[int, int] | None = None,
    *,
    compared: bool = False,
) -> cards.SyncState:
    """Show how things stand between the two sides of a link.

    Args:
        account: Whose; connected to Livestorm.
        link: The link.
        registering: While guests are being registered: so many of so many.
        compared: As in `event_view`. Otherwise nothing is said of what is under way: that
            somebody looks at the event is enough to have it compared.
    """
    stands = standing(account, link)
    if stands.state in _STANDINGS:
        return cards.Stopped(cards.Problem(_STANDINGS[stands.state]))
    if stands.state is State.NOT_ACTIVATED:
        return cards.NotActivated()
    if registering is not None:
        return cards.Registering(*registering)
    if stands.state is State.TROUBLE and stands.trouble not in _PASSING:
        detail = (link.trouble or {}).get("detail")
        kind = _TROUBLES.get(stands.trouble or "", cards.ProblemKind.GOOGLE_DOWN)
        return cards.Stopped(
            cards.Problem(
                kind, retry_at=stands.until, detail=detail if isinstance(detail, str) else None
            )
        )
    if stands.since is None or (compared and stands.outstanding):
        return cards.Pending()
    return cards.InSync(since=stands.since)


def _unsynced(
    stored: Mapping[str, Any],
) -> tuple[tuple[cards.UnsyncedPart, ...], tuple[cards.UnsyncedGuest, ...]]:
    """What is not carried, as `addon.sync.job` stores it, in the words of the cards."""
    parts = {part.name.lower(): part for part in cards.UnsyncedPart}
    reasons = {reason.name.lower(): reason for reason in cards.GuestReason}
    return (
        tuple(parts[name] for name in stored.get("parts", ()) if name in parts),
        tuple(
            cards.UnsyncedGuest(address, reasons[reason])
            for address, reason in stored.get("guests", ())
            if reason in reasons
        ),
    )


def asks_for(view: cards.EventView) -> cards.MissingStep | None:
    """Return what the card has a button for: such a button needs a ticket of its own."""
    match view.state:
        case cards.NoLivestorm(missing=missing):
            return missing
        case cards.NotConnected():
            return cards.MissingStep.CONNECT
        case cards.Linked(sync=cards.NotActivated()):
            return cards.MissingStep.ACTIVATE
        case cards.Linked(sync=cards.Stopped(problem=problem)):
            return _SOLVED_BY.get(problem.kind)
        case _:
            return None


_SOLVED_BY = {
    cards.ProblemKind.LIVESTORM_ACCESS_LOST: cards.MissingStep.CONNECT,
    cards.ProblemKind.GOOGLE_ACCESS_LOST: cards.MissingStep.ACTIVATE,
}
