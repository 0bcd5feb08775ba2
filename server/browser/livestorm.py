"""The pop-up that connects a person to Livestorm, opened from Calendar with a one-use ticket."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import InputRequired, Length, Optional

from addon.connections import ConnectProblem, ConnectRefused
from addon.connections.connect import MAX_API_TOKEN
from addon.product import Product
from server.browser.code_flows import CodeFlows
from server.callers import Caller, called_by

MAX_PARAMETER = 2048
"""Codes and states are some dozen characters."""

MAX_ADDRESS = 320
"""The longest e-mail address (RFC 3696, erratum 1690)."""


class TokenForm(FlaskForm):  # type: ignore[misc]
    """A workspace API token, and whose events they will be."""

    flow = HiddenField(validators=[Optional(), Length(max=MAX_PARAMETER)])
    token = PasswordField(validators=[InputRequired(), Length(max=MAX_API_TOKEN)])
    email = EmailField(validators=[Optional(), Length(max=MAX_ADDRESS)])


def blueprint(product: Product) -> Blueprint:
    """Return the pages, connecting people of `product`."""
    livestorm = Blueprint("livestorm", __name__, url_prefix="/livestorm")
    connecting = product.connecting
    flows = CodeFlows("livestorm")

    @livestorm.get("/connect")
    @called_by(Caller.TICKET)
    def connect() -> Any:
        """Use the ticket up, then go to Livestorm's consent or show the token form."""
        ticket = request.args.get("ticket", "")[:MAX_PARAMETER]
        flow = {"user": connecting.redeem(ticket)} if ticket else flows.newest()
        if flow is None or flow["user"] is None:
            return _page("connect_link_used.html", HTTPStatus.FORBIDDEN)
        if not connecting.uses_oauth:
            # The form loaded again is the same one: sent twice, it connects once.
            state = str(flow.get("state") or flows.new_state())
            flows.keep(state, user=flow["user"])
            return _page("connect_token.html", form=TokenForm(flow=state))
        state = flows.new_state()
        consent = connecting.consent(state)
        flows.keep(state, user=flow["user"], verifier=consent.verifier)
        return redirect(consent.url)

    @livestorm.post("/connect")
    @called_by(Caller.TICKET)
    def connect_with_token() -> Any:
        """Check the pasted API token with Livestorm and keep it."""
        form = TokenForm()
        flow = flows.find(form.flow.data) if form.flow.data else flows.newest()
        if flow is None or connecting.uses_oauth:
            return _page("connect_link_used.html", HTTPStatus.FORBIDDEN)
        if not form.validate():
            return _page("connect_token.html", HTTPStatus.BAD_REQUEST, form=form)
        try:
            connected = connecting.with_api_token(
                flow["user"], form.token.data, (form.email.data or "").strip() or None
            )
        except ConnectRefused as refused:
            return _page(
                "connect_token.html",
                _STATUS[refused.problem],
                form=form,
                problem=refused.problem.value,
            )
        flows.end(flow["state"])
        product.syncing.resumed(flow["user"])
        return _page("connect_done.html", connected=connected)

    @livestorm.get("/callback")
    @called_by(Caller.OAUTH_RETURN)
    def callback() -> Any:
        """Finish the code flow that this browser began."""
        flow = flows.end(request.args.get("state", "")[:MAX_PARAMETER])
        if flow is None or "verifier" not in flow:
            return _page("connect_link_used.html", HTTPStatus.FORBIDDEN)
        code = request.args.get("code", "")[:MAX_PARAMETER]
        if "error" in request.args or not code:
            return _page("connect_failed.html", problem="denied")
        try:
            connected = connecting.with_code(flow["user"], code, flow["verifier"])
        except ConnectRefused as refused:
            return _page(
                "connect_failed.html", _STATUS[refused.problem], problem=refused.problem.value
            )
        product.syncing.resumed(flow["user"])
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


def _page(template: str, status: int = HTTPStatus.OK, **values: Any) -> Response:
    return make_response(render_template(template, **values), status)
