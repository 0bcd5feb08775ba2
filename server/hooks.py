"""Where the two sides say that something changed: `/hooks/google` and `/hooks/livestorm/…`.

Both answer when the wake-up is stored, and do nothing else. 503 says that it could not be stored
within `addon.store.engine.WAKE_UP_SECONDS`: Google and Livestorm then try again.
"""

from http import HTTPStatus

import sqlalchemy as sa
import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from addon.sync.notice import Deliveries, Pushes
from server.callers import Caller, called_by
from server.problems import problem

MAX_DELIVERY_BYTES = 256 * 1024
"""An event with its description and form is some ten kilobytes, a registrant less."""

_log = structlog.get_logger(__name__)


def blueprint(pushes: Pushes, deliveries: Deliveries) -> Blueprint:
    """Return the endpoints."""
    hooks = Blueprint("hooks", __name__, url_prefix="/hooks")

    @hooks.post("/google")
    @called_by(Caller.GOOGLE_PUSH)
    def google() -> Response:
        """Stamp the calendar that a channel rang for; anything unproven gets the same answer."""
        pushes.take(lambda name: request.headers.get(name, ""))
        return _taken()

    @hooks.post("/livestorm/<secret>")
    @called_by(Caller.LIVESTORM_WEBHOOK)
    def livestorm(secret: str) -> Response:
        """Wake the link that a delivery is about."""
        workspace_id = deliveries.workspace_of(secret)
        if workspace_id is None:
            return problem(HTTPStatus.NOT_FOUND, "There is nothing at this address.")
        request.max_content_length = MAX_DELIVERY_BYTES
        try:
            body = request.get_data(cache=False)
        except RequestEntityTooLarge:
            # Answered like any other: a refusal would be repeated five times.
            _log.warning("delivery_too_large", workspace=workspace_id)
            return _taken()
        deliveries.take(workspace_id, body)
        return _taken()

    @hooks.errorhandler(sa.exc.SQLAlchemyError)
    def not_stored(error: sa.exc.SQLAlchemyError) -> Response:
        _log.error("wake_up_not_stored", error=type(error).__name__)
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "Not stored; please try again.")

    return hooks


def _taken() -> Response:
    return Response(status=HTTPStatus.NO_CONTENT)
