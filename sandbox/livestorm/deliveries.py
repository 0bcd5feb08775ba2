"""Webhook deliveries, with Livestorm's retries (§4)."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import requests

from sandbox.livestorm.api.documents import (
    Resource,
    event_resource,
    job_resource,
    registrant_resource,
    session_resource,
)
from sandbox.livestorm.background import Background
from sandbox.livestorm.records import Event, Job, Registration, Session, Webhook, Workspace
from sandbox.livestorm.world import World

log = logging.getLogger(__name__)

WEBHOOK_EVENTS = (
    "event.created",
    "event.published",
    "session.created",
    "session.started",
    "session.ended",
    "people.registered",
    "people.attended",
    "people.not_attended",
    "people.watched_replay",
    "job.ended",
)
"""The ten events of the API. Nothing tells about changes, removals or deletions (§4)."""

RETRY_PAUSES = (30.0, 60.0, 150.0, 360.0, 720.0)
"""Pauses before the five retries, seconds (§4)."""


@dataclass(frozen=True)
class Delivery:
    """One attempt. ``status`` is ``None`` when nobody answered."""

    event: str
    url: str
    payload: dict[str, Any]
    status: int | None
    attempt: int
    at: float


class Deliveries:
    """Sends what is announced to those who subscribed.

    Args:
        world: Returns the present world.
        background: Runs the attempts.
    """

    def __init__(self, world: Callable[[], World], background: Background) -> None:
        self.made: list[Delivery] = []
        self._world = world
        self._background = background

    def announce(self, name: str, workspace: Workspace, record: object) -> None:
        """Send an event to its subscribers; the body is made now, with the state of now."""
        subscribed = [
            one for one in workspace.webhooks.values() if one.event == name and not one.disabled
        ]
        if not subscribed:
            return
        world = self._world()
        switches = world.switches
        if switches.webhook_delivery == "dropped":
            return
        resource = self._resource(world, workspace, record)
        resource["meta"] = {"webhook": {"event": name, "organization_id": workspace.id}}
        payload = {"data": resource}
        for webhook in subscribed:
            for _ in range(2 if switches.webhook_delivery == "twice" else 1):
                self._put(switches.webhook_delay_seconds, webhook, payload, attempt=1)

    @staticmethod
    def _resource(world: World, workspace: Workspace, record: object) -> Resource:
        match record:
            case Event():
                return event_resource(world, workspace, record)
            case Session():
                return session_resource(world, workspace, record)
            case Job():
                return job_resource(world, record)
            case _:
                session, registration = cast("tuple[Session, Registration]", record)
                return registrant_resource(world, workspace, session, registration)

    def _put(
        self, pause: float, webhook: Webhook, payload: dict[str, Any], *, attempt: int
    ) -> None:
        self._background.put(pause, lambda: self._attempt(webhook, payload, attempt))

    def _attempt(self, webhook: Webhook, payload: dict[str, Any], attempt: int) -> None:
        world = self._world()
        workspace = world.workspaces.get(webhook.workspace_id)
        if webhook.disabled or workspace is None or webhook.id not in workspace.webhooks:
            return
        try:
            status: int | None = requests.post(
                webhook.url, json=payload, timeout=world.switches.webhook_timeout_seconds
            ).status_code
        except requests.RequestException as problem:
            # Connection and certificate errors are not retried (§4).
            log.info("webhook %s was not delivered: %s", webhook.event, type(problem).__name__)
            status = None
        self.made.append(
            Delivery(webhook.event, webhook.url, payload, status, attempt, world.now())
        )
        if status is None or not _retried(status):
            return
        if attempt <= len(RETRY_PAUSES):
            pause = RETRY_PAUSES[attempt - 1] * world.switches.webhook_retry_scale
            self._put(pause, webhook, payload, attempt=attempt + 1)
        else:
            with world.lock:
                webhook.disabled = True


def _retried(status: int) -> bool:
    return 400 <= status <= 456 or 500 <= status <= 511
