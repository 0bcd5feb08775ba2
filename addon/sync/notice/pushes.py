"""Takes Calendar's push messages in: at most one select and one small update each."""

from collections.abc import Callable

import sqlalchemy as sa
import structlog

from addon import clock
from addon.store import calendars, channels
from addon.store.engine import WAKE_UP_SECONDS
from addon.sync.notice import push
from addon.sync.notice.push import Verdict

_PROVEN = frozenset({Verdict.CHANGED, Verdict.COVERED, Verdict.OPENED})
"""Messages of a channel of ours that came with its token."""

_log = structlog.get_logger(__name__)


class Pushes:
    """Takes messages in. One per process, thread-safe."""

    def __init__(self, *, engine: sa.Engine) -> None:
        self._engine = engine

    def take(self, header: Callable[[str], str]) -> Verdict:
        """Stamp the calendar a message is about, if the message proves itself.

        Args:
            header: Returns a header of the request by name, empty when there is none.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the stamp could not be stored.
        """
        message = push.read(header)
        now = clock.now()
        rung = channels.rung(self._engine, message.channel_id) if message.channel_id else None
        verdict = push.judge(message, rung, now)
        if rung is None:
            return verdict
        channel = rung.channel
        if verdict is Verdict.CHANGED:
            calendars.stamp(
                self._engine,
                channel.calendar,
                before=rung.pushed_at,
                now=now,
                patience=push.PATIENCE,
                within=WAKE_UP_SECONDS,
            )
        elif verdict not in _PROVEN:
            _log.info("push_ignored", channel=channel.id, verdict=verdict.value)
        if verdict in _PROVEN and channel.resource_id is None and message.resource_id:
            # Of a channel whose answer was lost this alone tells how to stop it, and its first
            # message may be lost as well.
            channels.note_resource(self._engine, channel.id, message.resource_id)
        return verdict
