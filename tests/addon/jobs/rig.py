"""Links on a real database, and short words for what tests do to them."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from dbos import DBOSClient

from addon.clock import now
from addon.jobs import Claim, LinkWakes
from addon.jobs.dbos_queue import APPLICATION
from addon.jobs.requeue import requeue_lost
from tests.addon.jobs.tables import links

PATIENCE_SECONDS = 20.0
"""Everything waited for here happens within a second or two on an idle machine."""


one_kind = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what cannot depend on the kind of database: starting an engine takes its time."""


@dataclass(frozen=True)
class Rig:
    database: sa.Engine
    wakes: LinkWakes

    def add(self, *ids: str, takes: float = 0.0) -> None:
        with self.database.begin() as transaction:
            transaction.execute(links.insert(), [{"id": one, "takes": takes} for one in ids])

    def mark(self, *ids: str, times: int = 1, at_once: bool = False) -> None:
        """Mark links, each time in a transaction of its own."""
        for one in ids * times:
            with self.database.begin() as transaction:
                self.wakes.mark(transaction, one, at_once=at_once)

    def claim(self, link_id: str) -> Claim | None:
        with self.database.begin() as transaction:
            return self.wakes.claim(transaction, link_id)

    def complete(self, claim: Claim | None) -> bool:
        assert claim is not None
        with self.database.begin() as transaction:
            return self.wakes.complete(transaction, claim)

    def postpone(self, link_id: str, seconds: float) -> None:
        with self.database.begin() as transaction:
            self.wakes.postpone(transaction, link_id, now() + timedelta(seconds=seconds))

    def wait(self, claim: Claim | None, seconds: float) -> None:
        assert claim is not None
        with self.database.begin() as transaction:
            self.wakes.wait(transaction, claim, now() + timedelta(seconds=seconds))

    def requeue_lost(self) -> int:
        return requeue_lost(self.database, self.wakes)

    def link(self, link_id: str) -> Any:
        with self.database.connect() as connection:
            return connection.execute(sa.select(links).where(links.c.id == link_id)).one()

    def all_synced(self) -> bool:
        with self.database.connect() as connection:
            behind = sa.select(sa.func.count()).where(links.c.dirty_seq > links.c.synced_seq)
            return connection.scalar(behind) == 0

    def jobs(self) -> list[str]:
        """The state of each job the engine knows, oldest first."""
        return [
            job.status for job in self.client().list_workflows(load_input=False, load_output=False)
        ]

    def client(self) -> DBOSClient:
        return DBOSClient(
            system_database_engine=self.database, application_name=APPLICATION, lazy=True
        )


def eventually(condition: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until `condition()` is true.

    Raises:
        AssertionError: it did not become true in time.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
