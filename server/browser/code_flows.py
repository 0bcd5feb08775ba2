"""Sign-ins under way at one of the two companies, each in a cookie of its own.

Not in the browser's session: a session is one cookie, and the answer to something that a page
still loads, sent before the sign-in began and arriving after, would put the older session back and
the sign-in with it. Two windows, too, may each be on their way to a consent.
"""

import hashlib
import hmac
import secrets
import time
from typing import Any

from flask import Response, after_this_request, current_app, request
from itsdangerous import BadData, URLSafeSerializer

FLOW_SECONDS = 15 * 60
"""How long a person may take at a company, with a password manager and two factors."""

MOST_AT_ONCE = 4
"""More windows than anybody signs in with; each takes about 400 bytes of every request."""

MAX_COOKIE = 2048
"""Five times what is written; browsers allow 4,096 bytes."""

_PREFIX = "code_flow_"


class CodeFlows:
    """The flows of one company in this browser."""

    def __init__(self, company: str) -> None:
        """Prepare; `company` is part of the cookies' names and of what is signed."""
        self._prefix = f"{_PREFIX}{company}_"
        self._salt = f"code flow {company}"

    @staticmethod
    def new_state() -> str:
        """Return a state that nobody can guess; `keep` remembers what belongs to it."""
        return secrets.token_urlsafe(32)

    def keep(self, state: str, **values: Any) -> None:
        """Remember what belongs to a flow, until `end` or for `FLOW_SECONDS`."""
        name = self._name(state)
        value = self._serializer().dumps({**values, "state": state, "begun": time.time()})
        begun = [(float(flow["begun"]), other) for other, flow in self._all() if other != name]
        surplus = [other for _, other in sorted(begun)][: max(0, len(begun) + 1 - MOST_AT_ONCE)]

        @after_this_request
        def remember(answer: Response) -> Response:
            answer.set_cookie(
                name, value, max_age=FLOW_SECONDS, secure=True, httponly=True, samesite="Lax"
            )
            return answer

        _forget(surplus)

    def find(self, state: str) -> dict[str, Any] | None:
        """Return the flow with this state; None when this browser has begun no such."""
        flow = self._read(self._name(state)) if state else None
        if flow is None or not hmac.compare_digest(str(flow["state"]).encode(), state.encode()):
            return None
        return flow

    def end(self, state: str) -> dict[str, Any] | None:
        """Return the flow with this state and forget it; None as `find`."""
        flow = self.find(state)
        if flow is not None:
            _forget([self._name(state)])
        return flow

    def newest(self) -> dict[str, Any] | None:
        """Return the flow begun last of those that go on; None when there is none."""
        flows = [flow for _, flow in self._all()]
        return max(flows, key=lambda flow: float(flow["begun"]), default=None)

    def _all(self) -> list[tuple[str, dict[str, Any]]]:
        names = [name for name in request.cookies if name.startswith(self._prefix)]
        return [(name, flow) for name in names if (flow := self._read(name)) is not None]

    def _read(self, name: str) -> dict[str, Any] | None:
        text = request.cookies.get(name, "")
        if not text or len(text) > MAX_COOKIE:
            return None
        try:
            flow = self._serializer().loads(text)
        except BadData:
            return None
        # One begun on another machine whose clock is ahead is no older than new.
        return flow if time.time() - flow["begun"] < FLOW_SECONDS else None

    def _name(self, state: str) -> str:
        # The state itself would be in the names that proxies write down.
        return self._prefix + hashlib.sha256(state.encode()).hexdigest()[:16]

    def _serializer(self) -> URLSafeSerializer:
        return URLSafeSerializer(str(current_app.secret_key), salt=self._salt)


def forget_all() -> None:
    """Forget every flow of this browser: whoever uses it next did not begin them."""
    _forget([name for name in request.cookies if name.startswith(_PREFIX)])


def _forget(names: list[str]) -> None:
    @after_this_request
    def forget(answer: Response) -> Response:
        for name in names:
            answer.delete_cookie(name, secure=True, httponly=True, samesite="Lax")
        return answer
