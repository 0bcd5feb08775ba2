"""Livestorm's public REST API, below ``/v1``."""

from collections.abc import Callable

from flask import Blueprint, Response
from werkzeug.exceptions import HTTPException

from sandbox.livestorm.api import (
    aftermath,
    events,
    identity,
    jobs,
    people,
    sessions,
    webhooks,
)
from sandbox.livestorm.api.endpoints import MEDIA_TYPE, Answer, Endpoints, respond
from sandbox.livestorm.limits import Limiter
from sandbox.livestorm.refusal import error_document
from sandbox.livestorm.world import World

__all__ = ["MEDIA_TYPE", "api_blueprint"]


def api_blueprint(world: Callable[[], World], limiter: Callable[[], Limiter]) -> Blueprint:
    """Return the API's blueprint over the present world and limiter."""
    blueprint = Blueprint("api", __name__, url_prefix="/v1")
    endpoints = Endpoints(blueprint, world, limiter)
    for part in (identity, events, sessions, people, jobs, webhooks, aftermath):
        part.install(endpoints)

    @blueprint.route("/<path:unknown>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def not_found(unknown: str) -> Response:
        return respond(Answer(404, error_document(404, f"Not found: /{unknown}")))

    @blueprint.errorhandler(HTTPException)
    def refused(problem: HTTPException) -> Response:
        status = problem.code or 500
        return respond(Answer(status, error_document(status)))

    return blueprint
