"""The whole program between both simulated sides on a clock that the test owns.

Remote calls go over real HTTP and take a second of that clock, commits go to the real database,
and what the worker does is done step by step. An `Incident` is put into such a step: at one of its
remote calls, or at one of its transactions, something goes wrong, somebody edits, another worker
does the same job, or this worker dies.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import stamina
import time_machine

from addon.product import build
from addon.store import tables
from addon.store.allowance import AllowanceClock
from addon.sync.base import Base
from addon.sync.rules import UNSAVED_GRACE
from addon.sync.stored import from_json
from sandbox.google import GoogleSimulator
from sandbox.livestorm import LivestormSimulator
from sandbox.simulation import Fault
from sandbox.simulation.serving import HangUp
from server import settings
from tests.server.calls import CAMILLE, connect
from tests.server.two_way import TwoWay, activate, begin
from tests.support.program import Program

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BEGINNING = datetime(2027, 3, 1, 8, tzinfo=UTC)
"""When every life begins: a Monday, four weeks before the clocks change in Europe."""

CALL_SECONDS = 0.6
"""How long a remote call takes on the test's clock: so slow that no call ever has to wait for its
turn within Livestorm's five a second, of which looking around gets two."""

DEATH_SECONDS = 60
"""From a worker's death until another one does its jobs: longer than any lease that it held."""

MOST_STEPS = 50
"""Far more than any change needs to settle; a loop of echoes would not end by itself."""

ROUND_MINUTES = 20
"""In quiet everybody looks around so often: more than the sweep's ten minutes."""

ROUNDS = 3
"""An hour: a workspace is listed every 43 minutes at best (`addon.sync.notice.budget`)."""

MOST_ROUNDS = 12
"""Four hours: no pause after a failure is longer than five quarters of one."""

FAULTS: dict[str, dict[str, Any]] = {
    "lost": {"kind": "drop_before"},
    "answer lost": {"kind": "drop_after"},
    "answer cut": {"kind": "truncated"},
    "outage": {"kind": "status", "status": 503},
    "error page": {"kind": "html500"},
    "throttled": {"kind": "status", "status": 429, "retry_after": 30},
    "unauthorized": {"kind": "status", "status": 401},
}
"""What a side answers to a call that goes wrong, as the simulators' faults."""


class Died(BaseException):
    """The worker's process ends here, wherever it is: nothing may catch this."""


@dataclass(frozen=True)
class Incident:
    """Something that happens in the middle of a step.

    Attributes:
        at: Before which remote call or transaction, counted from 0.
        kind: A key of `FAULTS`; "dies before" or "dies after" that call; "dies at commit";
            "meanwhile before" or "meanwhile after" that call, which does `what`.
        what: What happens meanwhile.
    """

    at: int
    kind: str
    what: Callable[[], None] | None = None


class Layer:
    """WSGI layer round a simulator: the remote calls of a step pass it one by one."""

    def __init__(self, rig: "Rig", simulator: GoogleSimulator | LivestormSimulator) -> None:
        self._rig = rig
        self._simulator = simulator
        self._app: WSGIApplication = simulator.app.wsgi_app

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request, or whatever the incident makes of it."""
        step, path = self._rig.step, environ["PATH_INFO"]
        if not path.startswith(("/calendar/", "/token", "/v1/", "/oauth/token")):
            return self._app(environ, start_response)
        self._rig.pass_time(seconds=CALL_SECONDS)
        if step is None:
            return self._app(environ, start_response)
        incident = step.call()
        if incident is None:
            return self._app(environ, start_response)
        if incident.kind in FAULTS:
            fault = Fault(path="", **FAULTS[incident.kind])
            self._simulator.faults.add(fault)
            try:
                return self._app(environ, start_response)
            finally:
                self._simulator.faults.remove(fault)
        if incident.kind.endswith("before"):
            step.happens(incident)
            return self._app(environ, start_response)
        answer = list(self._app(environ, start_response))
        step.happens(incident)
        return answer


class Step:
    """Something that a worker does, with what comes in between."""

    def __init__(self, incidents: Sequence[Incident]) -> None:
        self._thread = threading.get_ident()
        at_commit = "dies at commit"
        self._at_calls = {one.at: one for one in incidents if one.kind != at_commit}
        self._dies_at = min((one.at for one in incidents if one.kind == at_commit), default=None)
        self._calls = self._transactions = 0
        self.dead = False

    def call(self) -> Incident | None:
        """Count a remote call; return what happens at it."""
        if self.dead:
            raise HangUp
        self._calls += 1
        return self._at_calls.pop(self._calls - 1, None)

    def happens(self, incident: Incident) -> None:
        """Let something happen between a request and its answer."""
        if incident.kind.startswith("dies"):
            self.dead = True
            raise HangUp
        assert incident.what is not None
        incident.what()

    def transaction(self) -> None:
        """Count the use of a database connection; the dead have none."""
        if threading.get_ident() != self._thread:
            return
        if self._transactions == self._dies_at:
            self.dead = True
        self._transactions += 1
        if self.dead:
            raise Died


class Rig:
    """Both sides, the program, its worker, and the clock."""

    def __init__(self, program: Program, clock: time_machine.Traveller) -> None:
        options = settings.read(dict(program.environment)).options()
        self.product = build(
            options, sleep=clock.shift, allowance_clock=AllowanceClock(sleep=clock.shift)
        )
        self.program = replace(program, product=self.product)
        self.clock = clock
        self.step: Step | None = None
        self.google = program.google
        self.livestorm = program.livestorm
        for simulator in (self.google, self.livestorm):
            simulator.app.wsgi_app = Layer(self, simulator)  # type: ignore[method-assign]
        sa.event.listen(self.product.engine.pool, "checkout", self._checked_out)
        self._held: list[tuple[str, Any, object]] = []
        self.webhooks = "kept"
        self._two_way: TwoWay | None = None

    # Beginning

    def begin(self) -> None:
        """Begin a life: nothing is anywhere, Camille is connected and has activated."""
        self.clock.move_to(BEGINNING)
        self._empty_database()
        self.google.reset()
        self.livestorm.reset()
        self.livestorm.switches.job_seconds = 0
        self.livestorm.switches.webhook_retry_scale = 0
        self._held.clear()
        self.webhooks = "kept"
        self.livestorm.world.announce = self._announce
        self.program.http.cookies.clear()
        self._two_way = begin(self.program)
        connect(self.program)
        assert "integration is activated" in activate(self.program).text

    def _empty_database(self) -> None:
        with self.product.engine.begin() as connection:
            for table in reversed(tables.metadata.sorted_tables):
                connection.execute(sa.delete(table))

    # Time and notifications

    def pass_time(self, **amount: float) -> None:
        """Let time pass."""
        self.clock.shift(timedelta(**amount))

    @property
    def now(self) -> datetime:
        """The instant that both sides and the program believe in."""
        return datetime.now(UTC)

    def pushes(self, what: str) -> None:
        """Have Calendar's messages kept until they are delivered, doubled, or lost."""
        self.google.switches.push_drop_percent = 100.0 if what == "lost" else 0.0
        self.google.switches.push_duplicates = 1 if what == "doubled" else 0

    def _announce(self, name: str, workspace: Any, record: object) -> None:
        if self.webhooks != "lost":
            self._held += [(name, workspace, record)] * (2 if self.webhooks == "doubled" else 1)

    def deliver(self) -> None:
        """Deliver what both sides have to say."""
        self.google.deliver_notifications()
        held, self._held = self._held, []
        for name, workspace, record in held:
            # Of what was deleted meanwhile nothing can be said any more.
            if _exists(workspace, record):
                self.livestorm.deliveries.announce(name, workspace, record)
        assert self.livestorm.settle()

    # The worker

    @contextmanager
    def _step(self, incidents: Sequence[Incident]) -> Iterator[None]:
        assert self.step is None
        step = self.step = Step(incidents)
        try:
            yield
        except Died:
            assert step.dead
        finally:
            self.step = None
        if step.dead:
            self.pass_time(seconds=DEATH_SECONDS)

    def _checked_out(self, *_: object) -> None:
        step = self.step
        if step is not None:
            step.transaction()

    @property
    def noticing(self) -> Any:
        """What looks at calendars and workspaces."""
        assert self._two_way is not None
        return self._two_way.noticing

    def look_at_calendars(self, incidents: Sequence[Incident] = ()) -> int:
        """List the calendars that were rung; return how many."""
        looked = 0
        with self._step(incidents):
            for calendar in self.noticing.calendars.take(10):
                looked += 1
                self.noticing.calendars.look(calendar)
        return looked

    def look_at_livestorm(self, incidents: Sequence[Incident] = (), *, now: bool = True) -> int:
        """Poll the workspaces, whether they are due or (`now`) not; return how many."""
        if now:
            watch = tables.workspace_watches
            with self.product.engine.begin() as connection:
                connection.execute(sa.update(watch).values(next_poll_at=self.now))
        looked = 0
        with self._step(incidents):
            for workspace in self.noticing.workspaces.take(10):
                looked += 1
                self.noticing.workspaces.look(workspace)
        return looked

    def run_jobs(self, incidents: Sequence[Incident] = ()) -> int:
        """Run the jobs that are due; return how many. The incidents befall the first."""
        due = self._due()
        for link_id in due:
            with self._step(incidents):
                self.job(link_id)
            incidents = ()
        return len(due)

    def job(self, link_id: str) -> None:
        """Run one job as the engine does: claim, then run."""
        with self.product.engine.begin() as transaction:
            claim = self.product.wakes.claim(transaction, link_id)
        if claim is not None:
            self.product.job.run(claim)

    def all_jobs(self) -> None:
        """What another worker does that takes this one for dead."""
        step, self.step = self.step, None
        try:
            for link_id in self._due():
                self.job(link_id)
        finally:
            self.step = step

    def _due(self) -> list[str]:
        link = tables.links.c
        with self.product.engine.connect() as connection:
            rows = connection.execute(
                sa.select(link.id)
                .where(
                    link.dirty_seq > link.synced_seq,
                    sa.or_(link.next_at.is_(None), link.next_at <= self.now),
                )
                .order_by(link.created_at)
            )
            return [row.id for row in rows]

    def settle(self) -> None:
        """Do all background work that is due, faultlessly."""
        for _ in range(MOST_STEPS):
            self.deliver()
            if not self.look_at_calendars() + self.run_jobs():
                return
        raise AssertionError("the two sides never come to rest")

    def quiet(self) -> None:
        """Let everything go well for a while, and everybody look around."""
        self.webhooks = "kept"
        self.pushes("kept")
        self.settle()
        self.reconnect()
        for number in range(MOST_ROUNDS):
            self.pass_time(minutes=ROUND_MINUTES)
            self.noticing.sweep.calendars()
            self.noticing.sweep.links()
            self.look_at_livestorm()
            self.settle()
            self.reconnect()
            if number + 1 < ROUNDS:
                continue
            left = self._outstanding()
            if not left:
                return
            if all(one.waits and one.next_at == one.created_at + UNSAVED_GRACE for one in left):
                # Never seen with its room: to the program it is still open in an editor. The day
                # that it waits for somebody to save it passes, and then it has to be let go.
                self.clock.move_to(max(one.next_at for one in left))
        raise AssertionError("work is left, and nobody does it")

    def _outstanding(self) -> Sequence[Any]:
        link = tables.links.c
        with self.product.engine.connect() as connection:
            query = sa.select(link.created_at, link.waits, link.next_at)
            return connection.execute(query.where(link.dirty_seq > link.synced_seq)).all()

    # What the program keeps

    def link(self, event_id: str) -> Any:
        """The row of the link of a Livestorm event."""
        with self.product.engine.connect() as connection:
            query = sa.select(tables.links).where(tables.links.c.livestorm_event_id == event_id)
            return connection.execute(query).one()

    def base(self, event_id: str) -> Base:
        """What both sides agreed on."""
        return from_json(self.link(event_id).base)

    def history(self, event_id: str) -> list[Any]:
        """The lines of a link's history."""
        link_id = self.link(event_id).id
        with self.product.engine.connect() as connection:
            query = sa.select(tables.history).where(tables.history.c.link_id == link_id)
            return list(connection.execute(query.order_by(tables.history.c.id)))

    def writes(self) -> list[Any]:
        """The remote calls since the logs were cleared that changed an event or its people."""
        google = [
            call
            for call in self.google.log
            if call.method != "GET" and "/events/" in call.path and "watch" not in call.path
        ]
        livestorm = [
            call
            for call in self.livestorm.log
            if call.method != "GET" and call.path.startswith(("/v1/events", "/v1/sessions"))
        ]
        return [*google, *livestorm]

    # Access

    def revoke_google(self) -> None:
        """Camille removes the program on her account's page."""
        self.google.revoke_access(CAMILLE)

    def revoke_livestorm(self) -> None:
        """Livestorm no longer accepts Camille's tokens."""
        world = self.livestorm.world
        world.grants.revoke_user(world.member(CAMILLE)[1].user_id)

    def reconnect(self) -> None:
        """Camille connects and activates anew where the program says that she has to."""
        self.pass_time(seconds=DEATH_SECONDS)
        with self.product.engine.connect() as connection:
            grant = connection.execute(sa.select(tables.google_grants.c.state)).scalar_one()
            livestorm = connection.execute(
                sa.select(tables.livestorm_connections.c.state)
            ).scalar_one()
        if livestorm != "active":
            connect(self.program)
        if grant != "active":
            assert "integration is activated" in activate(self.program).text


def _exists(workspace: Any, record: object) -> bool:
    session = record[0] if isinstance(record, tuple) else record
    event_id = getattr(session, "event_id", getattr(session, "id", ""))
    return event_id in workspace.events


@contextmanager
def rig(program: Program) -> Iterator[Rig]:
    """Give a rig whose clock stands still unless somebody moves it."""
    with (
        stamina.set_testing(True, attempts=3, cap=True),
        time_machine.travel(BEGINNING, tick=False) as clock,
    ):
        made = Rig(program, clock)
        yield made
    made.product.engine.dispose()
