"""Who is signed in to the pages: the browser's session holds our id of a person."""

import secrets
import time
from typing import Any

from flask import session

_PERSON = "person"
_FLOW = "google_flow"

FLOW_SECONDS = 15 * 60
"""How long a person may take at Google, with a password manager and two factors."""


def sign_in(user_id: str) -> None:
    """Begin a session for a person; nothing of an earlier one is kept (session fixation)."""
    session.clear()
    session[_PERSON] = user_id
    session.permanent = True


def sign_out() -> None:
    """End the session."""
    session.clear()


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
