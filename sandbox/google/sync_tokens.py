"""Sync and page tokens: opaque to clients, a place in the change log to the simulator.

Source: developers.google.com/workspace/calendar/api/guides/sync and the parameters of
``events.list`` in the discovery document.
"""

import base64
import binascii
import json
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.google.api_errors import ApiError, bad_request, full_sync_required, invalid
from sandbox.google.model import CalendarRecord, State


@dataclass(frozen=True)
class SyncToken:
    """What a sync token stands for.

    Attributes:
        calendar_id: Calendar it was given for.
        actor: Account it was given to.
        position: Everything up to this place of the change log is known to its holder.
        generation: The calendar's ``sync_generation`` then.
        issued_at: Seconds since 1970.
        fingerprint: The parameters that must stay the same.
        window: ``timeMin`` and ``timeMax`` of the full list.
    """

    calendar_id: str
    actor: str
    position: int
    generation: int
    issued_at: float
    fingerprint: dict[str, Any]
    window: tuple[str | None, str | None]

    def text(self) -> str:
        """The token as the client gets it."""
        return encoded({"sync": asdict(self)})


@dataclass(frozen=True)
class PageToken:
    """What a page token stands for.

    Attributes:
        known: Position of the sync token this paging began with; None in a full list.
        upto: Length of the change log when paging began; the next sync token's position, so that
            what changes meanwhile comes in the next increment.
        after: Sort key of the last item of the page before; None before the first.
        blank: The page before was an empty one.
        fingerprint: The parameters that must stay the same.
    """

    known: int | None
    upto: int
    after: list[Any] | None
    blank: bool
    fingerprint: dict[str, Any]

    def text(self) -> str:
        """The token as the client gets it."""
        return encoded({"page": asdict(self)})


def encoded(value: dict[str, Any]) -> str:
    """An opaque text for a JSON value."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode("ascii").rstrip("=")


def _decoded(text: str, kind: str) -> dict[str, Any] | None:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        value = json.loads(raw)[kind]
    except (binascii.Error, ValueError, KeyError, TypeError):
        return None
    return value if isinstance(value, dict) else None


def page(text: str, fingerprint: dict[str, Any]) -> PageToken:
    """The page token a client sent.

    Raises:
        ApiError: 400 when it is none, or other parameters came with it.
    """
    value = _decoded(text, "page")
    if value is None:
        raise invalid("Invalid page token value.", "pageToken")
    token = PageToken(**value)
    _check_same(token.fingerprint, fingerprint)
    return token


def sync(
    state: State,
    calendar: CalendarRecord,
    actor: str,
    text: str,
    fingerprint: dict[str, Any],
) -> SyncToken:
    """The sync token a client sent, when it is still good.

    Raises:
        ApiError: 410 ``fullSyncRequired`` when it is not, 400 for other parameters.
    """
    value = _decoded(text, "sync")
    refusal = full_sync_required()
    if state.switches.unreadable_sync_token == "400":
        refusal = invalid("Invalid sync token value.", "syncToken")
    if value is None:
        raise refusal
    token = SyncToken(**{**value, "window": tuple(value["window"])})
    if token.calendar_id != calendar.id or token.actor != actor:
        raise refusal
    life = state.switches.sync_token_lifetime_seconds
    late = life is not None and token.issued_at + life <= state.now()
    if late or token.generation != calendar.sync_generation:
        raise full_sync_required()
    match state.switches.sync_parameter_mismatch:
        case "400":
            _check_same(token.fingerprint, fingerprint)
        case "410" if token.fingerprint != fingerprint:
            raise full_sync_required()
        case _:
            pass
    return token


def _check_same(before: dict[str, Any], now: dict[str, Any]) -> None:
    differing = [name for name in before if before[name] != now.get(name)]
    if differing:
        error: ApiError = bad_request(
            f"Parameters differ from the first request: {', '.join(differing)}"
        )
        raise error
