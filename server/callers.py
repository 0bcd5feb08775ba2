"""Who may call what. Every endpoint names its callers, and none is served that does not."""

from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar

from flask import Flask

View = TypeVar("View", bound=Callable[..., Any])

_ATTRIBUTE = "called_by"


class Caller(Enum):
    """The closed set of callers."""

    ADDON = "addon"
    """Google, for a person: an ID token in the Authorization header."""
    TICKET = "ticket"
    """A browser with a one-use ticket, or with the session that its use began."""
    OAUTH_RETURN = "oauth_return"
    """A browser that comes back from a consent page with the state that its session holds."""
    PERSON = "person"
    """A browser whose session is signed in with Google; without one it is asked to sign in."""
    VISITOR = "visitor"
    """A browser of which nothing is known: it is sent to Google to find out, and nothing else."""
    GOOGLE_PUSH = "google_push"
    """Calendar's push channels: channel id and token in the headers."""
    LIVESTORM_WEBHOOK = "livestorm_webhook"
    """Livestorm's webhooks: the workspace's secret in the path."""
    ANYBODY = "anybody"
    """No check: health, readiness, metrics, style sheets."""


def called_by(caller: Caller) -> Callable[[View], View]:
    """Declare who may call a view. The check itself belongs to the caller's blueprint."""

    def declare(view: View) -> View:
        setattr(view, _ATTRIBUTE, caller)
        return view

    return declare


def caller_of(app: Flask, endpoint: str) -> Caller:
    """Return who may call an endpoint.

    Raises:
        LookupError: it does not say.
    """
    caller: Caller | None = getattr(app.view_functions[endpoint], _ATTRIBUTE, None)
    if caller is None:
        raise LookupError(f"the endpoint {endpoint} does not say who may call it")
    return caller


def require_declarations(app: Flask) -> None:
    """Refuse to serve while any endpoint does not name its callers.

    Raises:
        LookupError: naming the endpoint.
    """
    for endpoint in app.view_functions:
        caller_of(app, endpoint)
