"""How an event stands, for whoever owns it: in sync, or why not and what to do. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from addon.store.links import Link
from addon.store.users import Account


class State(Enum):
    """The closed set of what pages put into words."""

    SYNCED = "synced"
    PENDING = "pending"
    """Never compared yet, or a change is on its way."""
    TROUBLE = "trouble"
    """Something keeps both sides apart; `Standing.trouble` names it."""
    HELD = "held"
    """Made before activation, and not included since."""
    NOT_ACTIVATED = "not_activated"
    GOOGLE_LOST = "google_lost"
    """Google ended the consent."""
    NOT_CONNECTED = "not_connected"
    LIVESTORM_LOST = "livestorm_lost"
    """Livestorm no longer accepts the connection."""
    OTHER_WORKSPACE = "other_workspace"
    """The person is connected to another workspace than the event's."""
    ENDED = "ended"
    """No longer a pair."""


@dataclass(frozen=True)
class Standing:
    """How one event stands.

    Attributes:
        since: SYNCED: since when.
        trouble: TROUBLE: a kind of `addon.sync.trouble`.
        until: TROUBLE: when it is tried again by itself.
        outstanding: Something was said about it that a job deals with now or soon: it moves.
    """

    state: State
    since: datetime | None = None
    trouble: str | None = None
    until: datetime | None = None
    outstanding: bool = False

    @property
    def good(self) -> bool:
        """Whether both sides are the same: green."""
        return self.state is State.SYNCED

    @property
    def can_be_compared(self) -> bool:
        """Whether "Sync now" does anything."""
        return self.state in {State.SYNCED, State.PENDING, State.TROUBLE, State.HELD}


def hindrance(account: Account) -> State | None:
    """Return what keeps all of a person's events from being kept in sync, if anything does."""
    if account.connection is None:
        return State.NOT_CONNECTED
    if not account.connection.usable:
        return State.LIVESTORM_LOST
    if account.grant == "revoked":
        return State.GOOGLE_LOST
    if not account.activated:
        return State.NOT_ACTIVATED
    return None


def standing(account: Account, link: Link) -> Standing:
    """Return how an event of a person stands."""
    if link.state != "active":
        return Standing(State.ENDED)
    hindered = hindrance(account) or _own_hindrance(account, link)
    if hindered is not None:
        return Standing(hindered)
    outstanding = link.dirty_at is not None and link.next_at is None
    if link.trouble is not None:
        until = link.trouble.get("until")
        return Standing(
            State.TROUBLE,
            trouble=str(link.trouble.get("kind")),
            until=datetime.fromisoformat(until) if isinstance(until, str) else None,
            outstanding=outstanding,
        )
    if link.synced_at is None:
        return Standing(State.PENDING, outstanding=outstanding)
    return Standing(State.SYNCED, since=link.synced_at, outstanding=outstanding)


def _own_hindrance(account: Account, link: Link) -> State | None:
    if account.connection is not None and account.connection.workspace_id != link.workspace_id:
        return State.OTHER_WORKSPACE
    return State.HELD if link.held else None
