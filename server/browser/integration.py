"""The integration page: what is connected, what is activated, which events are in sync."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, url_for

from addon.product import Product
from addon.store import links
from addon.store.users import Account
from server.browser import signed_in
from server.callers import Caller, called_by

EVENTS_SHOWN = 200
"""The page lists the newest ones; more than these nobody reads in one list."""


def blueprint(product: Product) -> Blueprint:
    """Return the page and what its buttons do."""
    integration = Blueprint("integration", __name__, url_prefix="/integration")

    def person() -> Account | None:
        user_id = signed_in.person()
        return product.connections.find(user_id) if user_id else None

    @integration.get("")
    @called_by(Caller.PERSON)
    def show() -> Any:
        """Show how things stand, or ask to sign in."""
        account = person()
        if account is None:
            return _page("sign_in.html")
        return _page(
            "integration.html",
            account=account,
            grant=product.activation.state(account.user_id),
            events=links.of_user(product.engine, account.user_id, most=EVENTS_SHOWN),
            held=product.syncing.held(account.user_id),
        )

    @integration.post("/connect")
    @called_by(Caller.PERSON)
    def connect() -> Any:
        """Open Livestorm's sign-in for the person of this session."""
        account = person()
        if account is None:
            return redirect(url_for("integration.show"), HTTPStatus.SEE_OTHER)
        ticket = product.connecting.ticket(account.user_id)
        return redirect(url_for("livestorm.connect", ticket=ticket), HTTPStatus.SEE_OTHER)

    @integration.post("/deactivate")
    @called_by(Caller.PERSON)
    def deactivate() -> Any:
        """Stop syncing: channels stopped, grant revoked and erased; both events stay."""
        account = person()
        if account is not None:
            product.syncing.deactivated(account.user_id)
        return redirect(url_for("integration.show"), HTTPStatus.SEE_OTHER)

    @integration.post("/include")
    @called_by(Caller.PERSON)
    def include() -> Any:
        """Keep the events made before activation in sync as well."""
        account = person()
        if account is not None and account.activated:
            product.syncing.include_held(account.user_id)
        return redirect(url_for("integration.show"), HTTPStatus.SEE_OTHER)

    @integration.post("/sign-out")
    @called_by(Caller.PERSON)
    def sign_out() -> Any:
        """End this browser's session."""
        signed_in.sign_out()
        return redirect(url_for("integration.show"), HTTPStatus.SEE_OTHER)

    return integration


def _page(template: str, status: int = HTTPStatus.OK, **values: Any) -> Response:
    return make_response(render_template(template, **values), status)
