"""The product's way to Livestorm: one object per process, and the verbs it offers.

`Livestorm` is made once per process and may be used by any number of threads; a `Workspace` is
`Livestorm` seen with one credential, one urgency and one deadline, and is cheap to make.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from addon.livestorm import calls
from addon.livestorm.failures import LivestormFailure, unknown_fields
from addon.livestorm.gate import MAX_PAGES, Credential, Gate
from addon.livestorm.limits import Allowance, Urgency
from addon.livestorm.protocol import Call, Page
from addon.livestorm.resources import (
    Event,
    Job,
    Me,
    Organization,
    Person,
    Session,
    Webhook,
)
from addon.livestorm.transport import Transport
from addon.livestorm.writes import (
    EventChanges,
    EventDraft,
    RegistrantDraft,
    SessionChanges,
    SessionDraft,
    TimeForm,
    without_fields,
)

# Livestorm's documentation promises no answer time. 10 s is above any answer worth waiting for, and
# short enough for a job that is to be killed with a grace of 30 s.
TIMEOUT_SECONDS = 10.0


class Livestorm:
    """Livestorm's API, for one process; thread-safe.

    Args:
        api: the API's root, such as "https://api.livestorm.co/v1".
        allowance: the gate that keeps all processes within the workspaces' limits.
        timeout_seconds: longest wait for one answer when no deadline is nearer.
        time_form: how session starts are written.
    """

    def __init__(
        self,
        *,
        api: str,
        allowance: Allowance,
        timeout_seconds: float = TIMEOUT_SECONDS,
        time_form: TimeForm = TimeForm.OFFSET,
    ) -> None:
        self.api = api.rstrip("/")
        self.allowance = allowance
        self.timeout_seconds = timeout_seconds
        self.time_form = time_form
        self.transport = Transport(timeout_seconds=timeout_seconds)

    def as_(
        self, credential: Credential, *, urgency: Urgency, deadline: float | None = None
    ) -> "Workspace":
        """Return the verbs for a credential.

        Args:
            credential: whose calls they are.
            urgency: which calls go first when the workspace's allowance runs short.
            deadline: `time.monotonic()` value by which every call has answered or failed.
        """
        gate = Gate(
            self.api,
            self.allowance,
            self.transport,
            self.timeout_seconds,
            credential,
            urgency,
            deadline,
        )
        return Workspace(gate, self.time_form)


class Workspace:
    """What can be asked of a Livestorm workspace.

    Every verb raises `LivestormFailure` and nothing else for whatever Livestorm or the network
    does. Reads are repeated by themselves after a passing failure, while the deadline allows;
    writes never are.
    """

    def __init__(self, gate: Gate, time_form: TimeForm) -> None:
        self._gate = gate
        self._time_form = time_form

    def asking_first(self, before_write: Callable[[], None]) -> "Workspace":
        """Return the same with something that is asked right before each write is sent.

        What it raises keeps the write from being sent.
        """
        return Workspace(replace(self._gate, before_write=before_write), self._time_form)

    # Who the credential stands for

    def ping(self) -> None:
        """Check that the credential is alive."""
        self._gate.make(calls.ping())

    def organization(self) -> Organization:
        """Return the workspace."""
        return self._gate.make(calls.organization())

    def me(self) -> Me:
        """Return the user and the workspace; no user for an API token."""
        return self._gate.make(calls.me())

    def team_members(self, email: str | None = None) -> list[Person]:
        """Return the workspace's team members, or the one with an address."""
        return list(self._gate.all(lambda page: calls.team_members(page, email)))

    # Events

    def create_event(self, draft: EventDraft) -> Event:
        """Make a published event with its session.

        `sessions` holds the session when the answer includes it; see `with_sessions`.
        """
        return self._gate.make(calls.create_event(draft, self._time_form))

    def event(self, event_id: str) -> Event:
        """Return an event with its sessions."""
        return self._gate.make(calls.event(event_id))

    def with_sessions(self, event: Event) -> Event:
        """Return an event with its sessions, asked for where the answer did not include them.

        That an answer to one event includes them is seen, not documented; their own list is.
        """
        return event if event.sessions else replace(event, sessions=tuple(self.sessions(event.id)))

    def events(
        self,
        *,
        created_since: datetime | None = None,
        updated_since: datetime | None = None,
        title: str | None = None,
        max_pages: int = MAX_PAGES,
    ) -> Iterator[Event]:
        """Yield the workspace's events with their sessions, each once, page by page.

        A listing is no proof of absence: events made or deleted while it is read move the others
        between pages.

        Raises:
            LivestormFailure: also UNREADABLE when there are more than `max_pages` pages.
        """

        def call(page: int) -> Call[Page[Event]]:
            return calls.events(
                page, created_since=created_since, updated_since=updated_since, title=title
            )

        return self._gate.all(call, key=lambda event: event.id, max_pages=max_pages)

    def some_events(self) -> tuple[Event, ...]:
        """Return up to fifty of the workspace's events: that there are any shows the right to."""
        return self._gate.make(calls.events(0)).items

    def update_event(self, event_id: str, changes: EventChanges) -> Event:
        """Change what is given in `changes`, and return what the event became.

        Raises:
            ValueError: when `changes` is empty.
        """
        return self._gate.make(calls.update_event(event_id, changes))

    def delete_event(self, event_id: str) -> None:
        """Delete an event; NOT_FOUND when it is gone already."""
        self._gate.make(calls.delete_event(event_id))

    # Sessions

    def session(self, session_id: str, *, event_id: str | None = None) -> Session:
        """Return a session.

        `event_id`, here and where one is changed: of which event it is, if that is known. What is
        seen to name it is not documented to.
        """
        return self._gate.make(calls.session(session_id, event_id=event_id))

    def sessions(self, event_id: str) -> list[Session]:
        """Return the sessions of an event."""
        return list(
            self._gate.all(
                lambda page: calls.event_sessions(event_id, page), key=lambda one: one.id
            )
        )

    def changed_sessions(
        self, *, updated_since: datetime | None = None, max_pages: int = MAX_PAGES
    ) -> Iterator[Session]:
        """Yield the workspace's sessions, each once, page by page; see `events` about absence."""
        return self._gate.all(
            lambda page: calls.sessions(page, updated_since=updated_since),
            key=lambda session: session.id,
            max_pages=max_pages,
        )

    def create_session(self, event_id: str, draft: SessionDraft) -> Session:
        """Add a session to an event."""
        return self._gate.make(calls.create_session(event_id, draft, self._time_form))

    def update_session(
        self, session_id: str, changes: SessionChanges, *, event_id: str | None = None
    ) -> Session:
        """Change what is given in `changes`, and return what the session became.

        Raises:
            ValueError: when `changes` is empty.
        """
        return self._gate.make(
            calls.update_session(session_id, changes, self._time_form, event_id=event_id)
        )

    def delete_session(self, session_id: str) -> None:
        """Delete a session; NOT_FOUND when it is gone already."""
        self._gate.make(calls.delete_session(session_id))

    # People

    def session_people(self, session_id: str, email: str | None = None) -> list[Person]:
        """Return everybody of a session, or who has an address there.

        Whoever is missing here may be taken off a guest list, so a list that somebody left while
        it was read is read anew.
        """
        return self._gate.whole(
            lambda page: calls.session_people(session_id, page, email), key=lambda one: one.id
        )

    def register(self, session_id: str, draft: RegistrantDraft) -> Person:
        """Register somebody; CONFLICT when the address is registered already.

        Where Livestorm refuses a field that the form does not have, once more without it.
        """
        try:
            return self._gate.make(calls.register(session_id, draft))
        except LivestormFailure as failure:
            rest = without_fields(draft, unknown_fields(failure))
            if rest == draft:
                raise
        return self._gate.make(calls.register(session_id, rest))

    def unregister(
        self, session_id: str, *, email: str | None = None, person_id: str | None = None
    ) -> None:
        """Remove a registrant by address or by id; NOT_FOUND when there is none.

        Raises:
            ValueError: unless exactly one of them is given.
        """
        if person_id is not None and email is None:
            self._gate.make(calls.unregister_person(session_id, person_id))
        elif email is not None and person_id is None:
            self._gate.make(calls.unregister_email(session_id, email))
        else:
            raise ValueError("give an address or a person's id")

    def register_many(self, session_id: str, drafts: Sequence[RegistrantDraft]) -> Job:
        """Register up to 50 people as one job.

        `job` tells when it is over, `session_people` who made it.

        Raises:
            ValueError: for nobody, or more than 50.
        """
        return self._gate.make(calls.register_many(session_id, drafts))

    def job(self, job_id: str) -> Job:
        """Return how far a job is."""
        return self._gate.make(calls.job(job_id))

    # Webhooks

    def webhooks(self) -> list[Webhook]:
        """Return the workspace's webhook subscriptions, other programs' among them."""
        return list(self._gate.all(calls.webhooks))

    def create_webhook(self, url: str, event: str) -> Webhook:
        """Subscribe `url` (https) to one event, such as "session.created"."""
        return self._gate.make(calls.create_webhook(url, event))

    def delete_webhook(self, webhook_id: str) -> None:
        """End a subscription; NOT_FOUND when it is gone already."""
        self._gate.make(calls.delete_webhook(webhook_id))
