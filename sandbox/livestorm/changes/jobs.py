"""Bulk registrations (§3.5, §3.6)."""

from typing import Any

from sandbox.livestorm.changes import people
from sandbox.livestorm.records import Job, Session, Task, Workspace
from sandbox.livestorm.refusal import Refused
from sandbox.livestorm.world import World


def start_bulk(
    world: World, workspace: Workspace, session: Session, tasks: list[dict[str, Any]]
) -> Job:
    """Take a bulk registration on; it is worked off after ``job_seconds``.

    Args:
        world: The world.
        workspace: Where the session is.
        session: Where to register.
        tasks: ``{"fields": {id: value}, "input": as sent, "referrer", "utm"}`` each.
    """
    stamp = world.stamp()
    job = Job(
        id=world.new_id(),
        workspace_id=workspace.id,
        session_id=session.id,
        tasks=[Task(world.new_id(), one) for one in tasks],
        created_at=stamp,
        updated_at=stamp,
    )
    workspace.jobs[job.id] = job
    return job


def work_off(world: World, workspace: Workspace, job: Job) -> None:
    """Do the registrations one by one; one that fails stops none of the others.

    Emits people.registered for each that succeeds, then job.ended.
    """
    with world.lock:
        for task in job.tasks:
            _register(world, workspace, job, task)
        job.status = "failed" if any(one.status == "failed" for one in job.tasks) else "ended"
        job.updated_at = world.stamp()
        world.announce("job.ended", workspace, job)


def _register(world: World, workspace: Workspace, job: Job, task: Task) -> None:
    session = workspace.sessions.get(job.session_id)
    if session is None:
        task.status, task.errors = "failed", ["Session not found"]
        return
    try:
        registration = people.register(
            world,
            workspace,
            session,
            task.input["fields"],
            referrer=task.input.get("referrer"),
            utm=task.input.get("utm"),
        )
    except Refused as refused:
        task.status = "failed"
        task.errors = list(refused.details)
    else:
        task.status = "succeeded"
        task.registrant_id = registration.person.id
