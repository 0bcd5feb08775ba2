"""Who calls the Calendar API, and whether the access token's scopes reach that far.

Source: discovery document calendar v3 (scopes of each method). Add-on scopes alone
(``calendar.addons.*``) open none of the methods.
"""

from dataclasses import dataclass
from typing import Protocol

from flask import request

from sandbox.google.api_errors import injected, insufficient_scopes, invalid_credentials
from sandbox.google.channels import Channels
from sandbox.google.grants import AccessToken, Grants
from sandbox.google.model import CalendarRecord, Role, State

AUTH = "https://www.googleapis.com/auth/"

EVERYWHERE = frozenset(AUTH + name for name in ("calendar", "calendar.events"))
OWNED = frozenset(AUTH + name for name in ("calendar.events.owned", "calendar.app.created"))
WRITE = EVERYWHERE | OWNED
READ_EVERYWHERE = EVERYWHERE | {AUTH + "calendar.readonly", AUTH + "calendar.events.readonly"}
READ = READ_EVERYWHERE | OWNED | {AUTH + "calendar.events.owned.readonly"}
LIST_CALENDARS = frozenset(
    AUTH + name
    for name in (
        *("calendar", "calendar.readonly"),
        *("calendar.calendarlist", "calendar.calendarlist.readonly"),
    )
)


class CalendarService(Protocol):
    """What the API needs of the simulator."""

    state: State
    grants: Grants
    channels: Channels


@dataclass(frozen=True)
class Caller:
    """Who calls, by the access token."""

    email: str
    client_id: str
    scopes: frozenset[str]


def caller_with(service: CalendarService, accepted: frozenset[str]) -> Caller:
    """The caller of the current request.

    Raises:
        ApiError: 401 without a live token, 403 when it has none of the accepted scopes or the
            account's quota is used up.
    """
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    token = service.grants.access(value) if kind.lower() == "bearer" else None
    if token is None or token.email not in service.state.accounts:
        raise invalid_credentials()
    _count(service.state, token)
    caller = Caller(token.email, token.client_id, frozenset(token.scopes))
    if not caller.scopes & accepted:
        raise insufficient_scopes()
    return caller


def opened(
    service: CalendarService, calendar_id: str, accepted: frozenset[str], least: Role
) -> tuple[Caller, CalendarRecord]:
    """The caller, and the calendar it may use at least as ``least``.

    Raises:
        ApiError: 401, 403 or 404.
    """
    caller = caller_with(service, accepted)
    calendar = service.state.calendar(calendar_id, caller.email, least)
    anywhere = EVERYWHERE if accepted is WRITE else READ_EVERYWHERE
    if calendar.roles[caller.email] != "owner" and not caller.scopes & anywhere:
        raise insufficient_scopes()  # the "owned" scopes end at calendars one does not own
    return caller, calendar


def _count(state: State, token: AccessToken) -> None:
    limit, now = state.switches.requests_per_minute, state.now()
    if limit is None:
        return
    window = state.requests.setdefault((token.email, token.client_id), [])
    window[:] = [at for at in window if at > now - 60]
    if len(window) >= limit:
        raise injected(403, "rateLimitExceeded")
    window.append(now)
