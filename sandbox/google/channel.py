"""One watch channel: what a request for it must say, and how long it lives.

Source: developers.google.com/workspace/calendar/api/guides/push and the reference page of
``events.watch``.
"""

import hashlib
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from sandbox.google.api_errors import ApiError, Json, invalid, required
from sandbox.google.model import CalendarRecord, State


@dataclass
class Channel:
    """A live or past watch channel."""

    id: str
    calendar_id: str
    address: str
    token: str | None
    expires_at: float
    resource_id: str
    resource_uri: str
    actor: str
    client_id: str
    number: int = 0

    def resource(self) -> Json:
        """The channel as ``events.watch`` answers it; ``expiration`` in milliseconds as text."""
        shown = {
            "kind": "api#channel",
            "id": self.id,
            "resourceId": self.resource_id,
            "resourceUri": self.resource_uri,
            "expiration": str(int(self.expires_at * 1000)),
        }
        return shown | ({"token": self.token} if self.token is not None else {})


@dataclass(frozen=True)
class Delivery:
    """One attempt to deliver a message.

    Attributes:
        channel_id: The channel.
        state: ``sync`` or ``exists``.
        number: X-Goog-Message-Number.
        status: Receiver's answer; 0 when it could not be reached, -1 when the message was lost on
            purpose.
        at: Simulator's clock.
        attempt: 1 for the first.
    """

    channel_id: str
    state: str
    number: int
    status: int
    at: float
    attempt: int


def requested(
    state: State, calendar: CalendarRecord, body: Json, *, actor: str, client_id: str, root: str
) -> Channel:
    """The channel a watch request asks for.

    Args:
        state: Clock and switches.
        calendar: Calendar to watch.
        body: ``id``, ``type``, ``address`` and, if wished, ``token``, ``expiration`` (milliseconds
            since 1970) and ``params.ttl`` (seconds as text).
        actor: Account that asks.
        client_id: OAuth client it asks through.
        root: Origin of the simulator, for the resource's address.

    Raises:
        ApiError: 400 for what is missing or out of bounds.
    """
    for name in ("id", "type", "address"):
        if not body.get(name):
            raise required(f"entity.{name} is required")
    if body["type"] not in ("web_hook", "webhook"):
        raise invalid(f"Unknown channel type: {body['type']}")
    if len(str(body["id"])) > 64:
        raise ApiError(
            400, "channelIdInvalid", "Channel id must be at most 64 characters.", domain="push"
        )
    token = body.get("token")
    if token is not None and len(str(token)) > 256:
        raise invalid("Channel token must be at most 256 characters.")
    _check_address(state, str(body["address"]))
    path = f"calendars/{quote(calendar.id, safe='')}/events"
    return Channel(
        id=str(body["id"]),
        calendar_id=calendar.id,
        address=str(body["address"]),
        token=None if token is None else str(token),
        expires_at=_expiry(state, body),
        resource_id=hashlib.sha256(f"events:{calendar.id}".encode()).hexdigest()[:27],
        resource_uri=f"{root}/calendar/v3/{path}?alt=json",
        actor=actor,
        client_id=client_id,
    )


def _check_address(state: State, address: str) -> None:
    parts = urlsplit(address)
    loopback = parts.hostname in ("127.0.0.1", "localhost", "::1")
    plain = parts.scheme == "http" and loopback
    if parts.scheme != "https" and not (plain and not state.switches.https_webhooks_only):
        raise ApiError(
            400,
            "push.webhookUrlNotHttps",
            f"WebHook callback must be HTTPS: {address}",
        )


def _expiry(state: State, body: Json) -> float:
    now, switches = state.now(), state.switches
    ttl = (body.get("params") or {}).get("ttl")
    try:
        seconds = float(switches.default_channel_ttl_seconds if ttl is None else ttl)
        if body.get("expiration") is not None:
            asked = int(body["expiration"]) / 1000 - now
            seconds = asked if ttl is None else min(asked, seconds)
    except (TypeError, ValueError) as wrong:
        raise invalid("Invalid channel expiration.") from wrong
    if seconds <= 0:
        raise invalid("Channel expiration lies in the past.")
    return now + min(seconds, switches.max_channel_ttl_seconds)
