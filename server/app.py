"""The Flask application: blueprints by caller, and what holds for all of them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from flask_smorest import Api
from flask_wtf.csrf import CSRFProtect

from addon.product import Product, build
from addon.sync.notice import Deliveries, Pushes
from server import callers, hooks, logs, operations, problems, security
from server.addon_endpoints import routes
from server.answers import AnswerJSON
from server.browser import google, integration, livestorm, pages
from server.browser.arrival import Arrivals
from server.browser.event_rows import Addresses
from server.callers import Caller
from server.sessions import CookieSessions
from server.settings import Settings

SESSION_LIFETIME = timedelta(days=14)
"""How long a browser stays signed in to the integration page."""


class _Application(Flask):
    """Flask for views that are plain functions."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return `func`: none of ours is a coroutine, and Flask would look ten times a request."""
        return func


def create_app(settings: Settings, product: Product | None = None) -> Flask:
    """Return the application, ready to be served.

    Args:
        settings: Checked settings.
        product: The product's parts, when the caller has them already.

    Raises:
        LookupError: an endpoint does not name its callers.
    """
    product = product or build(settings.options())
    app = _Application(
        "server", template_folder="browser/templates", static_folder="browser/static"
    )
    app.config.update(
        SECRET_KEY=settings.secret_key,
        # OPTIONS is a method like any other that an endpoint does not have: 405.
        PROVIDE_AUTOMATIC_OPTIONS=False,
        SESSION_COOKIE_NAME="livestorm_calendar",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=SESSION_LIFETIME,
        # server.browser.signed_in renews it; the answer for a style sheet must not.
        SESSION_REFRESH_EACH_REQUEST=False,
        # Sessions are bound to the server by their signature; a token that outlives the session
        # would only fail, so it lasts as long.
        WTF_CSRF_TIME_LIMIT=int(SESSION_LIFETIME.total_seconds()),
        WTF_CSRF_SSL_STRICT=False,
        API_TITLE="Livestorm for Google Calendar",
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
    )
    app.session_interface = CookieSessions()
    app.json = AnswerJSON(app)
    app.extensions["product"] = product
    logs.install(app)
    operations.install(app)
    security.install(app)
    pages.install(app)
    csrf = CSRFProtect(app)
    addon = routes.blueprint(product, settings)
    # Add-on calls carry their proof in a header that no other site can set.
    csrf.exempt(addon)
    Api(app).register_blueprint(addon)
    noticing = hooks.blueprint(
        Pushes(engine=product.engine), Deliveries(engine=product.engine, wakes=product.wakes)
    )
    # So do Google's; Livestorm's carry it in their address.
    csrf.exempt(noticing)
    app.register_blueprint(noticing)
    # After the Api, which would otherwise answer people's pages with JSON of its own.
    problems.install(app)
    app.register_blueprint(operations.blueprint(product.engine))
    app.register_blueprint(livestorm.blueprint(product))
    app.register_blueprint(google.blueprint(product))
    app.register_blueprint(
        integration.blueprint(
            product,
            Addresses(settings.livestorm_event_page, settings.calendar_event_page),
            Arrivals(product.engine, settings.secret_key),
        )
    )
    callers.called_by(Caller.ANYBODY)(app.view_functions["static"])
    callers.require_declarations(app)
    return app
