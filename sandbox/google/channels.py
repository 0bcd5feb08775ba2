"""Watch channels and the sender of push messages.

Source: developers.google.com/workspace/calendar/api/guides/push: ``sync`` comes first and may come
before the watch call is answered, numbers grow but are not consecutive, messages have no body and
are lost now and then, 500/502/503/504 are retried with growing pauses, there is no renewal.
"""

import hashlib
import heapq
import itertools
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

import requests

from sandbox.google.api_errors import ApiError, Json, invalid, not_found, required
from sandbox.google.model import CalendarRecord, State

RETRIED = frozenset({500, 502, 503, 504})
USER_AGENT = "APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)"

_SENDERS = 8  # enough that a receiver 200 ms away still gets 40 messages a second
_RECEIVER_TIMEOUT_SECONDS = 10
_CLOCK_CHECK_SECONDS = 0.05  # how soon a moved clock is noticed by waiting messages
_LARGEST_NUMBER_STEP = 500_000  # Google's numbers jump; by how much is not documented


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


@dataclass(order=True)
class _Message:
    due: float
    order: int
    channel: Channel = field(compare=False)
    state: str = field(compare=False)
    number: int = field(compare=False)
    attempt: int = field(compare=False, default=1)


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


class Channels:
    """All channels of the simulator and the threads that deliver their messages."""

    def __init__(self, state: State) -> None:
        self.open_channels: dict[str, Channel] = {}
        self.deliveries: list[Delivery] = []
        self._state = state
        self._queue: list[_Message] = []
        self._order = itertools.count()
        self._wake = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._stopping = False

    def open(
        self, calendar: CalendarRecord, body: Json, *, actor: str, client_id: str, root: str
    ) -> Channel:
        """Open a channel, and deliver its ``sync`` message first when the switch says so.

        Must be called without the state's lock: the receiver may call the simulator back.

        Raises:
            ApiError: 400 for a bad body or an id that is in use.
        """
        channel = self._checked(calendar, body, actor=actor, client_id=client_id, root=root)
        with self._state.lock:
            if channel.id in self.open_channels:
                raise ApiError(
                    400, "channelIdNotUnique", f"Channel id {channel.id} not unique", domain="push"
                )
            self.open_channels[channel.id] = channel
            channel.number = 1
        first = _Message(self._state.now(), next(self._order), channel, "sync", 1)
        if self._state.switches.sync_message_before_response:
            self._deliver(first, requests.Session())
        else:
            self._enqueue(first)
        return channel

    def stop(self, channel_id: object, resource_id: object, *, actor: str, client_id: str) -> None:
        """Stop a channel.

        Raises:
            ApiError: 404 when there is none, or another account or client opened it.
        """
        channel = self.open_channels.get(str(channel_id))
        if (
            channel is None
            or channel.resource_id != resource_id
            or (channel.actor, channel.client_id) != (actor, client_id)
            or channel.expires_at <= self._state.now()
        ):
            raise not_found()
        del self.open_channels[channel.id]

    def changed(self, calendar_id: str) -> None:
        """Ring every live channel of a calendar; called with the state's lock held."""
        switches, now = self._state.switches, self._state.now()
        for channel in list(self.open_channels.values()):
            if channel.calendar_id != calendar_id or channel.expires_at <= now:
                continue
            channel.number += self._state.random.randint(1, _LARGEST_NUMBER_STEP)
            if self._state.random.uniform(0, 100) < switches.push_drop_percent:
                self.deliveries.append(
                    Delivery(channel.id, "exists", channel.number, -1, now, attempt=0)
                )
                continue
            for _ in range(1 + switches.push_duplicates):
                due = now + switches.push_delay_seconds
                self._enqueue(_Message(due, next(self._order), channel, "exists", channel.number))

    def deliver_due(self) -> int:
        """Deliver every message whose time has come, in order; for manual delivery.

        Returns:
            Number of delivery attempts made.
        """
        made, session = 0, requests.Session()
        with session:
            while (message := self._due()) is not None:
                self._deliver(message, session)
                made += 1
        return made

    def pending(self) -> int:
        """Number of messages that wait, for their time or for a sender."""
        with self._wake:
            return len(self._queue)

    def close(self) -> None:
        """Forget all channels and messages, and end the senders."""
        with self._wake:
            self._stopping = True
            self._queue.clear()
            self._wake.notify_all()
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        self.open_channels.clear()
        self.deliveries.clear()
        self._stopping = False

    def _checked(
        self, calendar: CalendarRecord, body: Json, *, actor: str, client_id: str, root: str
    ) -> Channel:
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
        self._check_address(str(body["address"]))
        path = f"calendars/{quote(calendar.id, safe='')}/events"
        return Channel(
            id=str(body["id"]),
            calendar_id=calendar.id,
            address=str(body["address"]),
            token=None if token is None else str(token),
            expires_at=self._expiry(body),
            resource_id=hashlib.sha256(f"events:{calendar.id}".encode()).hexdigest()[:27],
            resource_uri=f"{root}/calendar/v3/{path}?alt=json",
            actor=actor,
            client_id=client_id,
        )

    def _check_address(self, address: str) -> None:
        parts = urlsplit(address)
        loopback = parts.hostname in ("127.0.0.1", "localhost", "::1")
        plain = parts.scheme == "http" and loopback
        if parts.scheme != "https" and not (plain and not self._state.switches.https_webhooks_only):
            raise ApiError(
                400,
                "push.webhookUrlNotHttps",
                f"WebHook callback must be HTTPS: {address}",
            )

    def _expiry(self, body: Json) -> float:
        now, switches = self._state.now(), self._state.switches
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

    def _enqueue(self, message: _Message) -> None:
        with self._wake:
            heapq.heappush(self._queue, message)
            if self._state.switches.webhook_delivery == "thread" and not self._threads:
                for _ in range(_SENDERS):
                    thread = threading.Thread(target=self._send_forever, daemon=True)
                    self._threads.append(thread)
                    thread.start()
            self._wake.notify()

    def _due(self) -> _Message | None:
        with self._wake:
            if self._queue and self._queue[0].due <= self._state.now():
                return heapq.heappop(self._queue)
        return None

    def _send_forever(self) -> None:
        with requests.Session() as session:
            while True:
                with self._wake:
                    if self._stopping:
                        return
                    manual = self._state.switches.webhook_delivery == "manual"
                    if not self._queue:
                        self._wake.wait()
                        continue
                    if manual or self._queue[0].due > self._state.now():
                        self._wake.wait(_CLOCK_CHECK_SECONDS)
                        continue
                    message = heapq.heappop(self._queue)
                self._deliver(message, session)

    def _deliver(self, message: _Message, session: requests.Session) -> None:
        channel = message.channel
        expires = datetime.fromtimestamp(channel.expires_at, UTC)
        headers = {
            "Content-Type": "application/json; utf-8",
            "User-Agent": USER_AGENT,
            "X-Goog-Channel-ID": channel.id,
            "X-Goog-Channel-Expiration": f"{expires:%a, %d %b %Y %H:%M:%S} GMT",
            "X-Goog-Message-Number": str(message.number),
            "X-Goog-Resource-ID": channel.resource_id,
            "X-Goog-Resource-State": message.state,
            "X-Goog-Resource-URI": channel.resource_uri,
        }
        if channel.token is not None:
            headers["X-Goog-Channel-Token"] = channel.token
        try:
            status = session.post(
                channel.address,
                headers=headers,
                timeout=_RECEIVER_TIMEOUT_SECONDS,
                allow_redirects=False,
            ).status_code
        except requests.RequestException:
            status = 0
        now, switches = self._state.now(), self._state.switches
        self.deliveries.append(
            Delivery(channel.id, message.state, message.number, status, now, message.attempt)
        )
        # Google does not say whether a refused connection is tried again; like a 503 it is here.
        if (status in RETRIED or status == 0) and message.attempt < switches.push_attempts:
            pause = switches.push_retry_base_seconds * 2 ** (message.attempt - 1)
            self._enqueue(
                _Message(
                    now + pause,
                    next(self._order),
                    channel,
                    message.state,
                    message.number,
                    message.attempt + 1,
                )
            )
