"""The template: a Livestorm event whose settings every new event of a person copies."""

import re
from dataclasses import dataclass
from enum import Enum

import sqlalchemy as sa

from addon import clock
from addon.connections import Connections, NotConnected
from addon.livestorm import Event, FailureKind, LivestormFailure, Urgency
from addon.store import users
from addon.store.users import Account, Template

MAX_TYPED = 2048
"""Longest text that is searched for an id: the longest URL that browsers agree on."""

DEADLINE_SECONDS = 8.0
"""The panel shows a spinner meanwhile."""

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_IN_PATH = re.compile(rf"/(?:p|events?)/({_UUID})")
_ANYWHERE = re.compile(_UUID)
_PLAIN = re.compile(r"[A-Za-z0-9_-]{4,64}")


class TemplateProblem(Enum):
    """Why a template was not saved; the closed set that the panel explains."""

    NOT_AN_ID = "not_an_id"
    UNKNOWN_ID = "unknown_id"
    NOT_READABLE = "not_readable"
    NOT_CONNECTED = "not_connected"
    RATE_LIMITED = "rate_limited"
    LIVESTORM_DOWN = "livestorm_down"


@dataclass(frozen=True)
class Saved:
    """What is in force now; None after clearing."""

    template: Template | None


@dataclass(frozen=True)
class NotSaved:
    """The earlier template stays. `retry_after`: seconds, when Livestorm said."""

    problem: TemplateProblem
    retry_after: float | None = None


def event_id_in(typed: str) -> str | None:
    """Return the id of the Livestorm event that was typed or pasted; None when there is none.

    Accepted: the id, or any dashboard, registration or room link that contains one
    (`…/p/{event}/live?s={session}`, `…/events/{event}/…`): the id behind `/p/` or `/events/`
    goes before others that such a link may hold.
    """
    typed = typed.strip()[:MAX_TYPED]
    found = _IN_PATH.search(typed)
    if found:
        return found[1].lower()
    anywhere = _ANYWHERE.search(typed)
    if anywhere:
        return anywhere[0].lower()
    # Livestorm's ids are UUIDs today; should they ever change, Livestorm itself is asked.
    return typed if _PLAIN.fullmatch(typed) else None


class Templates:
    """Saves and clears templates. One per process, thread-safe."""

    def __init__(self, *, engine: sa.Engine, connections: Connections) -> None:
        """Keep templates in `engine` and check them with Livestorm through `connections`."""
        self._engine = engine
        self._connections = connections

    def save(self, account: Account, typed: str, *, deadline: float | None) -> Saved | NotSaved:
        """Save what was typed as the account's template; an empty field clears it.

        Only an event that Livestorm shows to this very person is accepted.

        Args:
            account: Whose.
            typed: The content of the field.
            deadline: `time.monotonic()` value at which to give up.
        """
        if not typed.strip():
            users.save_template(self._engine, account.user_id, None, clock.now())
            return Saved(None)
        event_id = event_id_in(typed)
        if event_id is None:
            return NotSaved(TemplateProblem.NOT_AN_ID)
        try:
            event = self._read(account, event_id, deadline)
        except NotConnected:
            return NotSaved(TemplateProblem.NOT_CONNECTED)
        except LivestormFailure as failure:
            problem = _PROBLEMS.get(failure.kind, TemplateProblem.LIVESTORM_DOWN)
            return NotSaved(problem, failure.retry_after)
        template = Template(event_id=event.id, title=event.title)
        users.save_template(self._engine, account.user_id, template, clock.now())
        return Saved(template)

    def recheck(self, account: Account, *, deadline: float | None) -> None:
        """Look whether the saved template can still be copied, and remember what is found.

        To be called when Livestorm refused to make an event: it does not say that this is why.
        """
        template = account.template
        if template is None:
            return
        try:
            self._read(account, template.event_id, deadline)
            gone_at = None
        except NotConnected:
            return
        except LivestormFailure as failure:
            if failure.kind not in {FailureKind.NOT_FOUND, FailureKind.FORBIDDEN}:
                return
            gone_at = clock.now()
        users.note_template_gone(self._engine, account.user_id, template.event_id, gone_at)

    def _read(self, account: Account, event_id: str, deadline: float | None) -> Event:
        workspace = self._connections.workspace(
            account, urgency=Urgency.PERSON_WAITING, deadline=deadline
        )
        try:
            return workspace.event(event_id)
        except LivestormFailure as failure:
            if failure.kind is not FailureKind.UNAUTHORIZED:
                raise
        # A token may end before its time; where there is no other, the person connects again.
        return self._connections.renewed(
            account, urgency=Urgency.PERSON_WAITING, deadline=deadline
        ).event(event_id)


_PROBLEMS = {
    FailureKind.NOT_FOUND: TemplateProblem.UNKNOWN_ID,
    FailureKind.INVALID: TemplateProblem.UNKNOWN_ID,
    FailureKind.FORBIDDEN: TemplateProblem.NOT_READABLE,
    FailureKind.PAYMENT_REQUIRED: TemplateProblem.NOT_READABLE,
    FailureKind.UNAUTHORIZED: TemplateProblem.NOT_CONNECTED,
    FailureKind.RATE_LIMITED: TemplateProblem.RATE_LIMITED,
}
