"""The pop-up that connects a person to Livestorm, opened from Calendar with a one-use ticket."""

import hmac
import secrets
import time
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, session
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired, Length, Optional

from addon.connections import ConnectProblem, ConnectRefused
from addon.connections.connect import MAX_API_TOKEN
from addon.product import Product
from server.callers import Caller, called_by

_FLOW = "livestorm_flow"
"""Where the browser's session keeps the flow that its ticket began."""

FLOW_SECONDS = 15 * 60
"""How long a person may take to sign in to Livestorm, with a password manager and two factors."""

MAX_PARAMETER = 2048
"""Codes and states are some dozen characters."""

MAX_ADDRESS = 320
"""The longest e-mail address (RFC 3696, erratum 1690)."""


class TokenForm(FlaskForm):  # type: ignore[misc]
    """A workspace API token, and whose events they will be."""

    token = PasswordField(validators=[InputRequired(), Length(max=MAX_API_TOKEN)])
    email = EmailField(validators=[Optional(), Length(max=MAX_ADDRESS)])


def blueprint(product: Product) -> Blueprint:
    """Return the pages, connecting people of `product`."""
    livestorm = Blueprint("livestorm", __name__, url_prefix="/livestorm")
    connecting = product.connecting

    @livestorm.get("/connect")
    @called_by(Caller.TICKET)
    def connect() -> Any:
        """Use the ticket up, then go to Livestorm's consent or show the token form."""
        ticket = request.args.get("ticket", "")[:MAX_PARAMETER]
        user_id = connecting.redeem(ticket) if ticket else _user_of_flow()
        if user_id is None:
            return _page("connect_link_used.html", HTTPStatus.FORBIDDEN)
        flow = {"user": user_id, "until": time.time() + FLOW_SECONDS}
        if not connecting.uses_oauth:
            session[_FLOW] = flow
            return _page("connect_token.html", form=TokenForm())
        state = secrets.token_urlsafe(32)
        consent = connecting.consent(state)
        session[_FLOW] = {**flow, "state": state, "verifier": consent.verifier}
        return redirect(consent.url)

    @livestorm.post("/connect")
    @called_by(Caller.TICKET)
    def connect_with_token() -> Any:
        """Check the pasted API token with Livestorm and keep it."""
        user_id = _user_of_flow()
        if user_id is None or connecting.uses_oauth:
            return _page("connect_link_used.html", HTTPStatus.FORBIDDEN)
        form = TokenForm()
        if not form.validate():
            return _page("connect_token.html", HTTPStatus.BAD_REQUEST, form=form)
        try:
            connected = connecting.with_api_token(
                user_id, form.token.data, (form.email.data or "").strip() or None
            )
        except ConnectRefused as refused:
            return _page(
                "connect_token.html",
                _STATUS[refused.problem],
                form=form,
                problem=refused.problem.value,
            )
        session.pop(_FLOW)
        product.syncing.resumed(user_id)
        return _page("connect_done.html", connected=connected)

    @livestorm.get("/callback")
    @called_by(Caller.OAUTH_RETURN)
    def callback() -> Any:
        """Finish the code flow that this browser began."""
        flow = session.get(_FLOW) or {}
        state = request.args.get("state", "")[:MAX_PARAMETER]
        user_id = _user_of_flow()
        known = hmac.compare_digest(state.encode(), str(flow.get("state", "")).encode())
        if user_id is None or not flow.get("state") or not known:
            return _page("connect_link_used.html", HTTPStatus.FORBIDDEN)
        session.pop(_FLOW)
        code = request.args.get("code", "")[:MAX_PARAMETER]
        if "error" in request.args or not code:
            return _page("connect_failed.html", problem="denied")
        try:
            connected = connecting.with_code(user_id, code, flow["verifier"])
        except ConnectRefused as refused:
            return _page(
                "connect_failed.html", _STATUS[refused.problem], problem=refused.problem.value
            )
        product.syncing.resumed(user_id)
        return _page("connect_done.html", connected=connected)

    return livestorm


_STATUS = {
    ConnectProblem.REFUSED: HTTPStatus.BAD_REQUEST,
    ConnectProblem.FORBIDDEN: HTTPStatus.FORBIDDEN,
    ConnectProblem.NO_TEAM_MEMBER: HTTPStatus.BAD_REQUEST,
    ConnectProblem.ACCOUNT_GONE: HTTPStatus.FORBIDDEN,
    # Not 502 or 503: proxies replace such pages by their own.
    ConnectProblem.UNAVAILABLE: HTTPStatus.OK,
}


def _user_of_flow() -> str | None:
    flow = session.get(_FLOW) or {}
    return flow.get("user") if flow.get("until", 0) > time.time() else None


def _page(template: str, status: int = HTTPStatus.OK, **values: Any) -> Response:
    return make_response(render_template(template, **values), status)
