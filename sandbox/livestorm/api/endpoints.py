"""The frame round every API endpoint: lock, caller, limits, switches, errors."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec

from flask import Blueprint, Response, json, request

from sandbox.livestorm.api.access import (
    BearerRefused,
    Caller,
    authenticate,
    refuse_blocked,
    refuse_out_of_scope,
    refuse_unpaid,
)
from sandbox.livestorm.limits import Limiter
from sandbox.livestorm.refusal import Refused, error_document
from sandbox.livestorm.world import World
from sandbox.simulation.gate import HTML_500

MEDIA_TYPE = "application/vnd.api+json"
"""Of every answer; requests may also come as application/json (§1.1)."""

P = ParamSpec("P")


@dataclass(frozen=True)
class Answer:
    """What an endpoint answers: a status and a document, or none."""

    status: int
    document: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """What an endpoint gets: the world and who calls."""

    world: World
    caller: Caller


class Endpoints:
    """Registers endpoints on a blueprint.

    Args:
        blueprint: Where to register.
        world: Returns the present world; a reset replaces it.
        limiter: Returns the present limiter.
    """

    def __init__(
        self, blueprint: Blueprint, world: Callable[[], World], limiter: Callable[[], Limiter]
    ) -> None:
        self.blueprint = blueprint
        self._world = world
        self._limiter = limiter

    def route(
        self, rule: str, method: str, *scopes: str, registering: bool = False
    ) -> Callable[[Callable[Concatenate[Call, P], Answer]], Callable[Concatenate[Call, P], Answer]]:
        """Register an endpoint that needs one of ``scopes``."""

        def register(
            view: Callable[Concatenate[Call, P], Answer],
        ) -> Callable[Concatenate[Call, P], Answer]:
            def answer(**values: Any) -> Response:
                return self._respond(view, scopes, values, registering=registering)

            name = f"{method} {rule}".replace(".", "_")
            self.blueprint.add_url_rule(rule, name, answer, methods=[method])
            return view

        return register

    def _respond(
        self,
        view: Callable[..., Answer],
        scopes: tuple[str, ...],
        values: dict[str, Any],
        *,
        registering: bool,
    ) -> Response:
        world = self._world()
        if world.switches.html_500:
            return Response(HTML_500, 500, mimetype="text/html")
        limits: dict[str, str] = {}
        with world.lock:
            try:
                caller = authenticate(world, request.headers.get("Authorization"))
                limits = self._limit(world, caller)
                refuse_blocked(world, caller)
                refuse_out_of_scope(world, caller, scopes)
                refuse_unpaid(world, registering=registering)
                answer = view(Call(world, caller), **values)
            except Refused as refused:
                answer = _refusal(world, refused)
        return respond(answer, limits)

    def _limit(self, world: World, caller: Caller) -> dict[str, str]:
        key = (
            caller.workspace.id if world.switches.limit_scope == "workspace" else caller.credential
        )
        standing = self._limiter().count(key, world.now(), world.switches)
        if standing.exceeded:
            raise Refused(429, standing.exceeded, headers=standing.headers)
        return standing.headers


def respond(answer: Answer, headers: dict[str, str] | None = None) -> Response:
    """Return an answer as HTTP."""
    body = "" if answer.document is None else json.dumps(answer.document)
    response = Response(body, answer.status, mimetype=MEDIA_TYPE)
    if answer.document is None:
        del response.headers["Content-Type"]
    response.headers.update({**(headers or {}), **answer.headers})
    return response


def _refusal(world: World, refused: Refused) -> Answer:
    if isinstance(refused, BearerRefused) and world.switches.bearer_401_body == "empty":
        return Answer(refused.status, None, refused.headers)
    return Answer(refused.status, error_document(refused.status, *refused.details), refused.headers)
