"""``/jobs`` (§3.6)."""

from flask import request

from sandbox.livestorm.api.documents import job_resource, task_resource
from sandbox.livestorm.api.endpoints import Answer, Call, Endpoints
from sandbox.livestorm.records import Job
from sandbox.livestorm.refusal import Refused


def install(endpoints: Endpoints) -> None:
    """Register the endpoints."""
    endpoints.route("/jobs/<job_id>", "GET", "events:read")(get_job)
    endpoints.route("/jobs/<job_id>/tasks", "GET", "events:read")(list_tasks)


def get_job(call: Call, job_id: str) -> Answer:
    """``GET /jobs/{id}``."""
    return Answer(200, {"data": job_resource(call.world, _job_of(call, job_id))})


def list_tasks(call: Call, job_id: str) -> Answer:
    """``GET /jobs/{id}/tasks``: all at once; with a page parameter it breaks (§1.4)."""
    job = _job_of(call, job_id)
    if call.world.switches.tasks_page_fails and any(
        name.startswith("page[") for name in request.args
    ):
        raise Refused(500, "Internal server error")
    workspace = call.caller.workspace
    return Answer(
        200, {"data": [task_resource(call.world, workspace, job, one) for one in job.tasks]}
    )


def _job_of(call: Call, job_id: str) -> Job:
    if call.world.switches.job_status != "answer":
        raise Refused(int(call.world.switches.job_status))
    job = call.caller.workspace.jobs.get(job_id)
    if job is None:
        raise Refused(404, "Not found")
    return job
