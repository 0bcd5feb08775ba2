"""Repair a link or an intent: look at both sides, put back what is missing, say what was found."""

from dataclasses import dataclass

import sqlalchemy as sa

from addon import clock
from addon.conference.adopting import Adopting
from addon.connections import Connections, NotConnected
from addon.connections.activation import Activation, NotActivated
from addon.dashboard.standing import standing
from addon.google.calendar import CalendarApi
from addon.google.failures import GoogleFailure, GoogleFailureKind
from addon.livestorm import FailureKind, LivestormFailure, Urgency
from addon.store import inspecting, mending
from addon.store.inspecting import OpenIntent
from addon.store.links import Link
from addon.store.users import Account
from addon.sync.notice import Notices
from addon.sync.notice.access import CalendarAccess
from addon.sync.stored import UnreadableBase, from_json


@dataclass(frozen=True)
class Step:
    """One thing that was looked at: how it was found, or what was done about it.

    `good`: it is in order now, or will be once the link was compared.
    """

    good: bool
    what: str
    words: str


class Repairs:
    """Repairs one thing at a time, for whoever runs the server."""

    def __init__(
        self,
        *,
        engine: sa.Engine,
        connections: Connections,
        activation: Activation,
        calendar: CalendarApi,
        adopting: Adopting,
        notices: Notices,
    ) -> None:
        """Put together what a repair looks with."""
        self._engine = engine
        self._connections = connections
        self._activation = activation
        self._calendar = calendar
        self._adopting = adopting
        self._notices = notices

    def link(self, link: Link) -> list[Step]:
        """Look at everything a link needs, put back what is missing, and have it compared."""
        account = self._connections.find(link.user_id)
        if link.state != "active" or account is None:
            return [Step(good=False, what="link", words=f"is over ({link.state}): stays as it is")]
        steps = [self._access(account, link), self._intent(link), self._base(link)]
        steps += [self._calendar_event(link), self._livestorm_event(account, link)]
        if not link.held:
            self._notices.ensure_calendar(link.user_id, link.calendar_id)
            self._notices.ensure_workspace(link.workspace_id)
            self._notices.touch(link.id, at_once=True)
        return steps

    def intent(self, intent: OpenIntent, *, forget: bool) -> list[Step]:
        """Ask Livestorm what became of an intent: adopt the event, or forget what led to nothing.

        Args:
            intent: Open, and nobody's work at present.
            forget: Where Livestorm cannot be asked, forget it all the same. Should Livestorm have
                made an event after all, the person's next attempt makes a second one.
        """
        try:
            adopted = self._adopting.adopt(intent.id)
        except (LivestormFailure, NotConnected) as failure:
            if not forget:
                words = f"Livestorm cannot be asked ({failure}); --forget drops it all the same"
                return [Step(good=False, what="intent", words=words)]
            mending.drop_intent(self._engine, intent.id)
            return [Step(good=True, what="intent", words=f"forgotten unasked ({failure})")]
        if adopted is None:
            return [Step(good=False, what="intent", words="somebody works on it: try again soon")]
        words = "Livestorm had made the event: linked" if adopted else "led to nothing: forgotten"
        return [Step(good=True, what="intent", words=words)]

    def _access(self, account: Account, link: Link) -> Step:
        stands = standing(account, link)
        if stands.can_be_compared:
            return Step(good=True, what="access", words="Google and Livestorm may be asked")
        return Step(good=False, what="access", words=f"the person has to act: {stands.state.value}")

    def _intent(self, link: Link) -> Step:
        missing = mending.settle_intent(self._engine, link, clock.now())
        words = "did not lead here: put back" if missing else "leads here"
        return Step(good=True, what="intent", words=words)

    def _base(self, link: Link) -> Step:
        inner = inspecting.inner(self._engine, link.id)
        words, forget = "readable", False
        try:
            if inner is None or inner.base is None:
                words = "none yet"
            else:
                from_json(inner.base)
        except UnreadableBase:
            words, forget = "not readable: forgotten, both sides meet anew", True
        mending.start_anew(self._engine, link.id, forget_base=forget)
        return Step(good=True, what="base", words=words)

    def _calendar_event(self, link: Link) -> Step:
        what = "Calendar event"
        access = CalendarAccess(self._activation, link.user_id)
        try:
            event = access.call(
                lambda token: self._calendar.synced_event(token, link.calendar_id, link.event_id)
            )
        except NotActivated:
            return Step(good=False, what=what, words="cannot be read: not activated")
        except GoogleFailure as failure:
            gone = failure.kind in {GoogleFailureKind.NOT_FOUND, GoogleFailureKind.GONE}
            words = "is not there" if gone else f"cannot be read: {failure}"
            return Step(good=False, what=what, words=words)
        if event.get("status") == "cancelled":
            return Step(good=False, what=what, words="is deleted")
        return Step(good=True, what=what, words="is there")

    def _livestorm_event(self, account: Account, link: Link) -> Step:
        what = "Livestorm event"
        try:
            workspace = self._connections.workspace(account, urgency=Urgency.CARRY_CHANGE)
            workspace.event(link.livestorm_event_id)
        except NotConnected:
            return Step(good=False, what=what, words="cannot be read: not connected")
        except LivestormFailure as failure:
            gone = failure.kind is FailureKind.NOT_FOUND
            words = "is not there" if gone else f"cannot be read: {failure.kind.value}"
            return Step(good=False, what=what, words=words)
        return Step(good=True, what=what, words="is there")
