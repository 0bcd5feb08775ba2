"""How pages answer: a template, another page, or the way to sign in."""

from http import HTTPStatus
from typing import Any

from flask import Response, make_response, redirect, render_template


def page(template: str, status: int = HTTPStatus.OK, **values: Any) -> Response:
    """Answer with a template."""
    return make_response(render_template(template, **values), status)


def see_other(address: str) -> Any:
    """Send the browser on with a GET, so that reloading repeats nothing."""
    return redirect(address, HTTPStatus.SEE_OTHER)


def sign_in_first() -> Response:
    """Ask to sign in, with a way back to the page that was asked for."""
    return page("sign_in.html", HTTPStatus.UNAUTHORIZED)
