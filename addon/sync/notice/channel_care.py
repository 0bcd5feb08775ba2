"""Open, renew and stop the watch channels of calendars.

A channel is stored before Google is asked for it, because its first message may come before the
answer; a new one is opened before the old one is stopped; only channels of our own rows are ever
stopped. Source: developers.google.com/workspace/calendar/api/guides/push.
"""

import secrets
import uuid
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

import sqlalchemy as sa
import structlog

from addon import clock
from addon.connections.activation import Activation, NotActivated
from addon.google.calendar import CalendarApi
from addon.google.failures import GoogleFailure, GoogleFailureKind
from addon.store import calendars, channels
from addon.store.calendars import Calendar
from addon.store.channels import Channel
from addon.sync.notice import push
from addon.sync.notice.access import CalendarAccess

_TOKEN_BYTES = 32
"""256 random bits, a token of its own for each channel: knowing one forges no other."""

_MARK = "_"
"""In a channel's id, before a few digits of the digest of the address that it rings at: Calendar
does not tell. The ids of an earlier release have none, and are taken to ring here."""

_MARK_DIGITS = 8

_ATTEMPTS = 2
"""A channel whose answer was lost is stopped, if its first message told how, and opened again."""

_PASSING = frozenset(
    {
        *(GoogleFailureKind.UNAVAILABLE, GoogleFailureKind.RATE_LIMITED),
        *(GoogleFailureKind.UNREADABLE, GoogleFailureKind.QUOTA),
    }
)

_ID_TAKEN = "channelIdNotUnique"
"""Nobody else makes our random ids: the channel was opened, its answer was lost on the way, and the
HTTP library asked again by itself."""

_log = structlog.get_logger(__name__)


class ChannelCare:
    """Looks after channels. One per process, thread-safe."""

    def __init__(
        self, *, engine: sa.Engine, activation: Activation, api: CalendarApi, base_url: str
    ) -> None:
        """Have channels ring below `base_url`, the public origin of this server."""
        self._engine = engine
        self._activation = activation
        self._api = api
        self._address = f"{base_url}/hooks/google"
        self._mark = _MARK + sha256(self._address.encode()).hexdigest()[:_MARK_DIGITS]

    def keep(self, calendar: Calendar, access: CalendarAccess) -> None:
        """See to it that a calendar has a channel with most of its life before it.

        Called under the calendar's lease, so that no two workers open one. A calendar that
        cannot be watched is only listed by the sweep.

        Raises:
            NotActivated: the grant is over.
        """
        for _ in range(_ATTEMPTS):
            now = clock.now()
            known = channels.of_calendar(self._engine, calendar.id)
            if not push.needs_channel([self._from_here(one) for one in known], now):
                return
            self._open(calendar, access, now)
            for channel in channels.of_calendar(self._engine, calendar.id):
                if channel.replaced:
                    self._stop(channel, access)

    def close(self, calendar: Calendar, access: CalendarAccess) -> None:
        """Stop every channel of a calendar.

        Raises:
            NotActivated: the grant is over, and with it the right to stop them.
        """
        for channel in channels.of_calendar(self._engine, calendar.id):
            self._stop(channel, access)

    def forget_user(self, user_id: str) -> None:
        """Stop all of a person's channels as far as Google lets us, and forget their calendars.

        What cannot be stopped rings until it expires, and is answered and ignored.
        """
        access = CalendarAccess(self._activation, user_id)
        try:
            for channel in channels.of_user(self._engine, user_id):
                if not self._stop(channel, access):
                    # Google is away, and somebody waits.
                    break
        except NotActivated:
            _log.info("channels_left_to_expire", user=user_id)
        calendars.forget_user(self._engine, user_id)

    def stop_replaced(self, *, most: int) -> None:
        """Stop replaced channels that could not be stopped when they were replaced."""
        for channel in channels.to_stop(self._engine, now=clock.now(), most=most):
            try:
                self._stop(channel, CalendarAccess(self._activation, channel.user_id))
            except NotActivated:
                channels.remove(self._engine, channel.id)

    def _open(self, calendar: Calendar, access: CalendarAccess, now: datetime) -> None:
        channel_id = f"{uuid.uuid4()}{self._mark}"
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        channels.add(
            self._engine,
            channel_id=channel_id,
            calendar=calendar.id,
            token_digest=push.digest(token),
            now=now,
            expires_at=now + push.LIFETIME,
        )
        try:
            opened = access.call(
                lambda access_token: self._api.watch(
                    access_token,
                    calendar.calendar_id,
                    channel_id=channel_id,
                    token=token,
                    address=self._address,
                    seconds=int(push.LIFETIME.total_seconds()),
                )
            )
        except GoogleFailure as failure:
            _log.warning("calendar_not_watched", calendar=calendar.id, reason=str(failure))
            maybe = failure.kind in _PASSING or failure.reason == _ID_TAKEN
            channels.failed(self._engine, channel_id, expires_at=None if maybe else now)
            return
        channels.opened(
            self._engine,
            channel_id,
            calendar.id,
            resource_id=opened.resource_id,
            expires_at=opened.expires_at,
        )

    def _from_here(self, channel: Channel) -> Channel:
        """Return a channel as it counts: one that rings at an address we had before is replaced."""
        elsewhere = _MARK in channel.id and not channel.id.endswith(self._mark)
        return replace(channel, replaced=True) if elsewhere else channel

    def _stop(self, channel: Channel, access: CalendarAccess) -> bool:
        """Stop one channel and forget it; False when it is kept, because trying again may help."""
        resource_id = channel.resource_id
        if resource_id is None:
            # Not known to exist. Should it ever ring, that tells what to stop.
            return True
        if channel.expires_at > clock.now():
            try:
                access.call(
                    lambda access_token: self._api.stop(
                        access_token, channel_id=channel.id, resource_id=resource_id
                    )
                )
            except GoogleFailure as failure:
                _log.warning("channel_not_stopped", channel=channel.id, reason=str(failure))
                if failure.kind in _PASSING:
                    return False
        channels.remove(self._engine, channel.id)
        return True
