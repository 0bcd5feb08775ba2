"""What workers do to the job engine's tables besides running jobs."""

from datetime import timedelta

import sqlalchemy as sa
from dbos import DBOSClient, WorkflowStatus

from addon.clock import now
from addon.jobs.dbos_queue import APPLICATION, JobsAsJson, database_url

KEEP_FINISHED = timedelta(hours=1)
"""How long finished jobs are kept. Nothing reads them (truth and history are elsewhere) and each
takes about 0.9 KB: an hour of a very busy day is under a gigabyte."""

KEEP_FAILED = timedelta(days=7)
"""How long jobs that ended by a defect are kept: somebody should have a look at them."""

_PURGE_BATCH = 500
"""Rows per deletion: keeps SQLite's one write lock for some tens of milliseconds."""

_POOL_SIZE = 2
"""One connection for the watch, one for the purge."""


class DbosUpkeep:
    """Looks after started and ended jobs. Opens its connections when first used.

    A client of its own, not the methods of a running DBOS: called inside a job, those would be
    recorded as steps of that job.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._client = DBOSClient(
            system_database_url=database_url(engine),
            system_database_pool_size=_POOL_SIZE,
            application_name=APPLICATION,
            serializer=JobsAsJson(),
            lazy=True,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.destroy()

    def holders(self) -> frozenset[str]:
        """Return the executors that hold started jobs."""
        return frozenset(job.executor_id for job in self._started() if job.executor_id is not None)

    def give_back(self, executor_id: str) -> int:
        """Put the started jobs of an executor back into the queue they came from.

        The queue must be named: without it the engine resumes on a queue of its own, where two
        jobs of one link would run at a time.
        """
        jobs: dict[str, list[str]] = {}
        for job in self._started(executor_id):
            if job.queue_name is not None:
                jobs.setdefault(job.queue_name, []).append(job.workflow_id)
        for queue_name, ids in jobs.items():
            self._client.resume_workflows(ids, queue_name=queue_name)
        return sum(map(len, jobs.values()))

    def purge(
        self, keep_finished: timedelta = KEEP_FINISHED, keep_failed: timedelta = KEEP_FAILED
    ) -> int:
        """Delete jobs that ended longer ago than given, and return how many those were.

        The engine itself keeps them for ever.
        """
        deleted = 0
        for statuses, keep in (
            (["SUCCESS", "CANCELLED"], keep_finished),
            (["ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"], keep_failed),
        ):
            while True:
                ended = self._client.list_workflows(
                    status=statuses,
                    completed_before=(now() - keep).isoformat(),
                    limit=_PURGE_BATCH,
                    load_input=False,
                    load_output=False,
                )
                self._client.delete_workflows([job.workflow_id for job in ended])
                deleted += len(ended)
                if len(ended) < _PURGE_BATCH:
                    break
        return deleted

    def _started(self, executor_id: str | None = None) -> list[WorkflowStatus]:
        return self._client.list_workflows(
            status="PENDING", executor_id=executor_id, load_input=False, load_output=False
        )
