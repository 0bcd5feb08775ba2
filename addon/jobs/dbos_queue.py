"""The job engine's producing side: DBOS Transact (docs.dbos.dev, 3.4) on the program's database.

Web processes need no more than this; `addon.jobs.dbos_engine` runs what is enqueued here.
"""

import json
import logging
from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, EnqueueOptions, Serializer

APPLICATION = "livestorm-calendar"

JOB_VERSION = "1"
"""Which jobs this code can run. Changes only when a job's name or arguments change their meaning;
jobs of another version are left alone by every worker. Left to itself the engine would take a hash
of the source, and jobs enqueued by one release would wait for ever in the next."""

LINKS_QUEUE = "links"
"""One queue for all: each costs every worker a polling thread."""

LINK_JOB = "sync_link"


class JobsAsJson(Serializer):
    """What the engine stores with a job: JSON, where it would pickle by default.

    Of an error only its type is kept: its text may hold what belongs in no table, and the
    traceback is in the log.
    """

    def serialize(self, data: Any) -> str:
        """Return the text to store."""
        return json.dumps(data, default=_plain)

    def deserialize(self, serialized_data: str) -> Any:
        """Return what `serialize` was given, instants and errors as text."""
        return json.loads(serialized_data)

    def name(self) -> str:
        """Return the name the engine stores beside the text."""
        return "livestorm_calendar_json"


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, BaseException):
        return type(value).__name__
    raise TypeError(f"a job cannot carry a {type(value).__name__}")


def prepare(engine: sa.Engine) -> None:
    """Create the engine's tables in the program's database, or bring them up to date.

    Belongs to migration time: `start` only checks. Safe when several processes do it at once:
    the engine takes SQLite's write lock or an advisory lock of PostgreSQL, and looks again.
    """
    quiet_log()
    DBOS.migrate(database_url(engine))


class DbosQueue:
    """Enqueues jobs in the caller's own transaction; starts no thread and opens no connection.

    One per process; shared by its threads.
    """

    def __init__(self, engine: sa.Engine) -> None:
        quiet_log()
        self._client = DBOSClient(
            system_database_engine=engine,
            application_name=APPLICATION,
            serializer=JobsAsJson(),
            lazy=True,
        )

    def enqueue(
        self, transaction: sa.Connection, job_id: str, link_id: str, delay_seconds: float | None
    ) -> None:
        """Add the job of a link; see `addon.jobs.port.JobQueue`."""
        options: EnqueueOptions = {
            "queue_name": LINKS_QUEUE,
            "workflow_name": LINK_JOB,
            "workflow_id": job_id,
            "app_version": JOB_VERSION,
            # One job at a time per partition: the link.
            "queue_partition_key": link_id,
        }
        if delay_seconds is not None:
            options["delay_seconds"] = delay_seconds
        self._client.enqueue_in_transaction(transaction, options, link_id)

    def waiting(self, job_ids: Collection[str]) -> frozenset[str]:
        """Return those of `job_ids` that are delayed, waiting or started."""
        if not job_ids:
            return frozenset()
        found = self._client.list_workflows(
            workflow_ids=list(job_ids),
            status=["DELAYED", "ENQUEUED", "PENDING"],
            load_input=False,
            load_output=False,
        )
        return frozenset(job.workflow_id for job in found)


def database_url(engine: sa.Engine) -> str:
    """Return the address of the program's database, with its password."""
    return engine.url.render_as_string(hide_password=False)


def quiet_log() -> None:
    """Send the engine's log where all others go, and only what somebody should read.

    Left alone it writes to stderr by a handler of its own, from INFO on, and does so unless a
    handler is already there.
    """
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    logger.propagate = True
    logger.setLevel(logging.WARNING)
