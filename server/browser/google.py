"""Sign in with Google, and "Activate with Google": the consent to work in the background."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request

from addon.connections.activation import ActivationProblem, ActivationRefused
from addon.product import Product
from server.browser import signed_in
from server.browser.code_flows import CodeFlows
from server.callers import Caller, called_by

MAX_PARAMETER = 4096
"""Google's codes are some hundred characters."""


def blueprint(product: Product) -> Blueprint:
    """Return the pages, activating people of `product`."""
    google = Blueprint("google", __name__, url_prefix="/google")
    activation = product.activation
    flows = CodeFlows("google")

    def consent(
        *, calendar: bool, expected: str | None, hint: str | None, then: str | None = None
    ) -> Any:
        state = flows.new_state()
        flow = activation.begin(state=state, calendar=calendar, login_hint=hint)
        flows.keep(state, calendar=calendar, expected=expected, then=then, verifier=flow.verifier)
        return redirect(flow.url)

    @google.get("/sign-in")
    @called_by(Caller.VISITOR)
    def sign_in() -> Any:
        """Send the browser to Google to find out who it belongs to."""
        then = signed_in.own_page(request.args.get("next", "")[:MAX_PARAMETER])
        return consent(calendar=False, expected=None, hint=None, then=then)

    @google.get("/activate")
    @called_by(Caller.VISITOR)
    def activate() -> Any:
        """Send the browser to Google's consent; it changes nothing before Google's answer."""
        ticket = request.args.get("ticket", "")[:MAX_PARAMETER]
        user_id = activation.redeem(ticket) if ticket else signed_in.person()
        if ticket and user_id is None:
            # An old link still leads to the consent, only without the person's name filled in.
            user_id = signed_in.person()
        account = product.connections.find(user_id) if user_id else None
        return consent(
            calendar=True,
            expected=account.user_id if account else None,
            hint=account.email if account else None,
        )

    @google.get("/callback")
    @called_by(Caller.OAUTH_RETURN)
    def callback() -> Any:
        """Finish the flow that this browser began."""
        flow = flows.end(request.args.get("state", "")[:MAX_PARAMETER])
        if flow is None:
            return _page("google_failed.html", HTTPStatus.FORBIDDEN, problem="stale")
        code = request.args.get("code", "")[:MAX_PARAMETER]
        if "error" in request.args or not code:
            return _page("google_failed.html", problem=ActivationProblem.DENIED.value)
        try:
            if not flow["calendar"]:
                account = activation.sign_in(code, verifier=flow["verifier"])
                signed_in.sign_in(account.user_id)
                return redirect(signed_in.own_page(flow.get("then")))
            account = activation.activate(code, verifier=flow["verifier"])
        except ActivationRefused as refused:
            return _page("google_failed.html", problem=refused.problem.value)
        product.syncing.activated(account.user_id)
        signed_in.sign_in(account.user_id)
        other = flow["expected"] if flow["expected"] != account.user_id else None
        expected = product.connections.find(other) if other else None
        held = product.syncing.held(account.user_id)
        return _page("google_done.html", account=account, expected=expected, held=held)

    return google


def _page(template: str, status: int = HTTPStatus.OK, **values: Any) -> Response:
    return make_response(render_template(template, **values), status)
