"""Watch channels and the sender of push messages.

Source: developers.google.com/workspace/calendar/api/guides/push: ``sync`` comes first and may come
before the watch call is answered, numbers grow but are not consecutive, messages have no body and
are lost now and then, 500/502/503/504 are retried with growing pauses, there is no renewal.
"""

import heapq
import itertools
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime

import requests

from sandbox.google.api_errors import ApiError, Json, not_found
from sandbox.google.channel import Channel, Delivery, requested
from sandbox.google.model import CalendarRecord, State

RETRIED = frozenset({500, 502, 503, 504})
USER_AGENT = "APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)"

_SENDERS = 8  # enough that a receiver 200 ms away still gets 40 messages a second
_RECEIVER_TIMEOUT_SECONDS = 10
_CLOCK_CHECK_SECONDS = 0.05  # how soon a moved clock is noticed by waiting messages
_LARGEST_NUMBER_STEP = 500_000  # Google's numbers jump; by how much is not documented


@dataclass(order=True)
class _Message:
    due: float
    order: int
    channel: Channel = field(compare=False)
    state: str = field(compare=False)
    number: int = field(compare=False)
    attempt: int = field(compare=False, default=1)


class Channels:
    """All channels of the simulator and the threads that deliver their messages."""

    def __init__(self, state: State) -> None:
        self.open_channels: dict[str, Channel] = {}
        self._of_calendar: dict[str, list[Channel]] = {}
        self.deliveries: list[Delivery] = []
        self._state = state
        self._queue: list[_Message] = []
        self._order = itertools.count()
        self._wake = threading.Condition()
        self._in_flight = 0
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
        channel = requested(
            self._state, calendar, body, actor=actor, client_id=client_id, root=root
        )
        with self._state.lock:
            if channel.id in self.open_channels:
                raise ApiError(
                    400, "channelIdNotUnique", f"Channel id {channel.id} not unique", domain="push"
                )
            self.open_channels[channel.id] = channel
            self._of_calendar.setdefault(calendar.id, []).append(channel)
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
        self._of_calendar[channel.calendar_id].remove(channel)

    def changed(self, calendar_id: str) -> None:
        """Ring every live channel of a calendar; called with the state's lock held."""
        switches, now = self._state.switches, self._state.now()
        for channel in self._of_calendar.get(calendar_id, []):
            if channel.expires_at <= now:
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

    def wait_until_delivered(self, seconds: float = 5.0) -> bool:
        """Wait until no message waits or is on its way; False when that takes longer.

        Args:
            seconds: Most real seconds to wait.
        """
        with self._wake:
            return self._wake.wait_for(
                lambda: not self._queue and self._in_flight == 0, timeout=seconds
            )

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
        self._of_calendar.clear()
        self.deliveries.clear()
        self._stopping = False

    def _enqueue(self, message: _Message) -> None:
        with self._wake:
            heapq.heappush(self._queue, message)
            if self._state.switches.webhook_delivery == "thread" and not self._threads:
                for _ in range(_SENDERS):
                    thread = threading.Thread(target=self._send_forever, daemon=True)
                    self._threads.append(thread)
                    thread.start()
            self._wake.notify_all()  # some who wait are no senders

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
                    self._in_flight += 1
                self._deliver(message, session)
                with self._wake:
                    self._in_flight -= 1
                    self._wake.notify_all()

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
