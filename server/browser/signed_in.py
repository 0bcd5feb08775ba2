"""Who is signed in to the pages: the browser's session holds our id of a person."""

import time
from urllib.parse import urlsplit

from flask import session

from server.browser import code_flows

_PERSON = "person"
_SEEN = "seen"
_KEPT = ("language",)
"""What a session keeps of the one before: nothing that says who somebody is."""

RENEWED_AFTER_SECONDS = 24 * 3600
"""A session lasts so long after somebody's last visit, give or take a day (server.app).

Not renewed by each answer: one that arrives late would put an older session back.
"""

HOME = "/integration"


def sign_in(user_id: str) -> None:
    """Begin a session for a person; nothing of an earlier one is kept (session fixation)."""
    _begin_anew()
    session[_PERSON] = user_id
    session[_SEEN] = int(time.time())
    session.permanent = True


def sign_out() -> None:
    """End the session, and every sign-in still under way in this browser."""
    _begin_anew()
    code_flows.forget_all()


def person() -> str | None:
    """Return our id of who is signed in, or None; whoever comes by every week stays signed in."""
    user_id = session.get(_PERSON)
    if not isinstance(user_id, str):
        return None
    if time.time() - session.get(_SEEN, 0) > RENEWED_AFTER_SECONDS:
        session[_SEEN] = int(time.time())
    return user_id


def _begin_anew() -> None:
    kept = {name: session[name] for name in _KEPT if name in session}
    session.clear()
    session.update(kept)


def own_page(address: str | None) -> str:
    """Return the address of one of our pages to go on with; the first page for anything else."""
    parts = urlsplit(address or "")
    ours = parts.path == HOME or parts.path.startswith(f"{HOME}/")
    # Browsers read a backslash as a slash, and drop control characters.
    plain = (address or "").isprintable() and "\\" not in (address or "")
    if parts.scheme or parts.netloc or not ours or not plain:
        return HOME
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
