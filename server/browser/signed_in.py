"""Who is signed in to the pages: the browser's session holds our id of a person."""

import secrets
import time
from typing import Any
from urllib.parse import urlsplit

from flask import session

_PERSON = "person"
_FLOW = "google_flow"
_KEPT = ("language",)
"""What a session keeps of the one before: nothing that says who somebody is."""

FLOW_SECONDS = 15 * 60
"""How long a person may take at Google, with a password manager and two factors."""

HOME = "/integration"


def sign_in(user_id: str) -> None:
    """Begin a session for a person; nothing of an earlier one is kept (session fixation)."""
    sign_out()
    session[_PERSON] = user_id
    session.permanent = True


def sign_out() -> None:
    """End the session."""
    kept = {name: session[name] for name in _KEPT if name in session}
    session.clear()
    session.update(kept)


def person() -> str | None:
    """Return our id of who is signed in, or None."""
    user_id = session.get(_PERSON)
    return user_id if isinstance(user_id, str) else None


def begin_flow(**values: Any) -> str:
    """Remember a code flow in this browser; return its state."""
    state = secrets.token_urlsafe(32)
    session[_FLOW] = {**values, "state": state, "until": time.time() + FLOW_SECONDS}
    return state


def add_to_flow(**values: Any) -> None:
    """Remember more of the flow just begun."""
    session[_FLOW] = {**session[_FLOW], **values}


def end_flow(state: str) -> dict[str, Any] | None:
    """Return the flow with this state and forget it; None when this browser began no such."""
    flow = session.get(_FLOW) or {}
    known = secrets.compare_digest(state.encode(), str(flow.get("state", "")).encode())
    if not flow.get("state") or not known or flow.get("until", 0) < time.time():
        return None
    session.pop(_FLOW)
    return dict(flow)


def own_page(address: str | None) -> str:
    """Return the address of one of our pages to go on with; the first page for anything else."""
    parts = urlsplit(address or "")
    ours = parts.path == HOME or parts.path.startswith(f"{HOME}/")
    # Browsers read a backslash as a slash, and drop control characters.
    plain = (address or "").isprintable() and "\\" not in (address or "")
    if parts.scheme or parts.netloc or not ours or not plain:
        return HOME
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
