"""Routes of the add-on endpoints: who calls, parse, and what goes wrong on the way."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import sqlalchemy as sa
import structlog
from flask import Response, g, request
from flask_smorest import Blueprint
from marshmallow import ValidationError
from werkzeug.exceptions import BadRequest, HTTPException, UnprocessableEntity

from addon.google.identity import CertificatesUnavailable, InvalidToken
from addon.product import Product
from addon.store import engine as store
from server import problems
from server.addon_endpoints.authentication import bearer
from server.addon_endpoints.endpoints import AddonEndpoints
from server.addon_endpoints.event_object import EventObject, EventObjectSchema
from server.callers import Caller, called_by
from server.problems import problem
from server.settings import Settings

_log = structlog.get_logger(__name__)


def _body() -> dict[str, Any]:
    """Return the JSON object that was sent, whatever its declared type.

    Raises:
        BadRequest: there is none, or it is too deep to read.
    """
    try:
        body = request.get_json(force=True)
    except (RecursionError, UnicodeDecodeError):
        raise BadRequest from None
    if not isinstance(body, dict):
        raise BadRequest
    return body


def blueprint(product: Product, settings: Settings) -> Blueprint:
    """Return the endpoints, answering for `product`."""
    addon = Blueprint("addon", __name__, url_prefix="/addon")
    endpoints = AddonEndpoints(product, settings)
    # One for all requests, and loaded without flask-smorest's decorators, which are for arguments
    # of any kind and take a twentieth of a card's time.
    schema = EventObjectSchema()

    def serve(path: str, view: Callable[[EventObject], dict[str, Any]]) -> None:
        """Register a view; it runs only for a verified person."""

        @called_by(Caller.ADDON)
        def endpoint() -> dict[str, Any]:
            try:
                event = schema.load(_body())
            except ValidationError as error:
                raise UnprocessableEntity from error
            with store.patient(store.PERSON_SECONDS):
                endpoints.require_person(event)
                return view(event)

        endpoint.__doc__ = view.__doc__
        addon.add_url_rule(path, endpoint=view.__name__, view_func=endpoint, methods=["POST"])

    for path, view in {
        "/home": endpoints.home,
        "/event": endpoints.event,
        "/template": endpoints.template,
        "/sync": endpoints.sync,
        "/conference": endpoints.conference,
        "/settings-url": endpoints.settings_url,
        "/sign-out": endpoints.sign_out,
    }.items():
        serve(path, view)

    @addon.before_request
    def verify_bearer() -> None:
        """Verify the bearer before the body is looked at."""
        endpoints.require_caller(bearer(request.headers.get("Authorization")))

    @addon.errorhandler(InvalidToken)
    def not_proven(error: InvalidToken) -> Response:
        _log.info("addon_call_refused", reason=str(error))
        answer = problem(HTTPStatus.UNAUTHORIZED, f"Who calls is not proven: {error}.")
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer

    @addon.errorhandler(CertificatesUnavailable)
    def not_provable(error: CertificatesUnavailable) -> Response:
        _log.error("certificates_unavailable", reason=str(error))
        answer = problem(HTTPStatus.SERVICE_UNAVAILABLE, f"{error}; please try again.")
        answer.headers["Retry-After"] = "10"
        return answer

    @addon.errorhandler(Exception)
    def unexpected(error: Exception) -> Any:
        # This handler goes before those of the whole application, for their errors too.
        if isinstance(error, HTTPException):
            return problems.http_error(error)
        if "account" not in g:
            answer = problems.unexpected(error)
            if isinstance(error, sa.exc.TimeoutError):
                answer.status_code = HTTPStatus.SERVICE_UNAVAILABLE
            return answer
        # Google shows nothing of an error answer, so a person who is known gets a card.
        _log.error("unexpected_error", error=type(error).__name__, exc_info=error)
        return endpoints.apology(g.event)

    return addon
