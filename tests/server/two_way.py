"""Both simulated sides and the program between them, its background work done step by step."""

import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests
import sqlalchemy as sa

from addon.jobs import Claim
from addon.product import Product
from addon.store.tables import links, workspace_watches
from addon.sync.agreement import BaseAgreement
from addon.sync.notice import Noticing, Pauses
from tests.server.calls import CAMILLE, ask_for_room, calendar_event
from tests.support.program import Program

MOST_STEPS = 50
"""Far more than any change needs to settle; a loop of echoes would not end by itself."""


@dataclass
class TwoWay:
    """Drives what the worker does, without its threads, so that tests say when it happens."""

    program: Program
    product: Product
    noticing: Noticing

    def settle(self) -> int:
        """Do all background work that is due; return how many jobs ran."""
        jobs = 0
        for _ in range(MOST_STEPS):
            self.program.google.deliver_notifications()
            calendars = self.noticing.calendars.take(10)
            for calendar in calendars:
                self.noticing.calendars.look(calendar)
            run = self.run_jobs()
            jobs += run
            if not calendars and not run:
                return jobs
        raise AssertionError("the two sides never come to rest")

    def run_jobs(self) -> int:
        """Do the jobs that are due, before any calendar is listed; return how many ran."""
        due = self._due()
        for claim in due:
            self.product.job.run(claim)
        return len(due)

    def poll_livestorm(self) -> None:
        """Let every workspace be looked at now, as its pace would some time.

        Twice, because the very first look only subscribes and begins.
        """
        long_ago = datetime(2020, 1, 1, tzinfo=UTC)
        for _ in range(2):
            with self.product.engine.begin() as connection:
                connection.execute(sa.update(workspace_watches).values(next_poll_at=long_ago))
            for watch in self.noticing.workspaces.take(10):
                self.noticing.workspaces.look(watch)

    def link(self) -> Any:
        """The one link's row."""
        with self.product.engine.connect() as connection:
            return connection.execute(sa.select(links)).one()

    def _due(self) -> list[Claim]:
        with self.product.engine.begin() as connection:
            rows = connection.execute(
                sa.select(links.c.id).where(
                    links.c.dirty_seq > links.c.synced_seq,
                    sa.or_(links.c.next_at.is_(None), links.c.next_at <= datetime.now(UTC)),
                )
            ).all()
            claims = [self.product.wakes.claim(connection, row.id) for row in rows]
        return [claim for claim in claims if claim is not None]


def begin(program: Program) -> TwoWay:
    """Return the rig; nobody is connected or activated yet."""
    assert program.product is not None
    product = program.product
    program.google.switches.webhook_delivery = "manual"
    program.google.switches.https_webhooks_only = False
    program.livestorm.switches.limits_enabled = False
    program.livestorm.switches.job_seconds = 0
    noticing = Noticing(
        engine=product.engine,
        wakes=product.wakes,
        activation=product.activation,
        connections=product.connections,
        api=product.calendar,
        base_url=program.url,
        webhook_key="0" * 32,
        pauses=Pauses(sweep=600, poll=60),
        agreement=BaseAgreement(),
    )
    return TwoWay(program, product, noticing)


def activate(program: Program, *, account: str = CAMILLE, tick: bool = True) -> requests.Response:
    """Activate with Google the way a person does: sign in there, tick everything, allow."""
    google = program.google.url
    program.http.post(f"{google}/signin", data={"account": account, "continue": "/signin"})
    consent = program.http.get(f"{program.url}/google/activate")
    assert consent.url.startswith(f"{google}/o/oauth2/v2/auth"), consent.text
    action = re.search(r'action="(/o/oauth2[^"]+)"', consent.text)
    assert action is not None
    scopes = re.findall(r'name="scope" value="([^"]+)"', consent.text)
    return program.http.post(
        google + html.unescape(action[1]),
        data={"scope": scopes if tick else [], "decision": "allow"},
    )


def saved_room(two_way: TwoWay, **values: Any) -> tuple[str, dict[str, Any]]:
    """Save an event, pick Livestorm for it, save it with the conference; return id and room."""
    program = two_way.program
    event_id = calendar_event(program, **values)
    room = ask_for_room(program, event_id)
    assert "error" not in room
    program.google.world.attach_conference(CAMILLE, event_id, room)
    return event_id, room
