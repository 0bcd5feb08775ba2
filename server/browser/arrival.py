"""Links from the add-on to the integration page: they sign in whom the card was made for, once.

A link is signed and not stored, for a card is made far more often than its link is opened. What is
stored is that it was used.
"""

import hmac
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, request, url_for

from addon import clock
from addon.store import tickets
from server.browser import pages, signed_in
from server.browser.answers import see_other
from server.callers import Caller, called_by

MAX_TICKET = 512
"""Ours have some 130 characters."""

_PURPOSE = "integration"


class Arrivals:
    """Makes and takes tickets. One per process, thread-safe."""

    def __init__(self, engine: sa.Engine, secret_key: str) -> None:
        """Sign with `secret_key`; note in `engine` which tickets were used."""
        self._engine = engine
        # Derived once, for cards are made all the time.
        self._key = hmac.digest(secret_key.encode(), b"arrival-from-addon", "sha256")

    def ticket(self, user_id: str) -> str:
        """Return a one-use ticket for a person, good for `addon.store.tickets.LIFETIME`."""
        until = clock.now() + tickets.LIFETIME
        said = f"{user_id}.{int(until.timestamp() * 1000)}"
        return f"{said}.{self._signature(said)}"

    def redeem(self, ticket: str) -> str | None:
        """Use a ticket up; return our id of the person, None when it is no good any more."""
        said, _, signature = ticket.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(said).encode()):
            return None
        user_id, _, until = said.rpartition(".")
        now = clock.now()
        if int(until) < now.timestamp() * 1000:
            return None
        fresh = tickets.spend(self._engine, ticket, user_id, _PURPOSE, now)
        return user_id if fresh else None

    def _signature(self, said: str) -> str:
        # `hmac.digest` would let go of the interpreter, which costs a busy process more.
        return hmac.new(self._key, said.encode(), "sha256").hexdigest()


def add(integration: Blueprint, arrivals: Arrivals) -> None:
    """Add the page that such links open."""

    @integration.get("/from-addon")
    @called_by(Caller.TICKET)
    def from_addon() -> Any:
        """Sign in whom the card was made for; a used link leads to the sign-in page."""
        ticket = request.args.get("ticket", "")
        user_id = arrivals.redeem(ticket) if 0 < len(ticket) <= MAX_TICKET else None
        if user_id is not None:
            signed_in.sign_in(user_id)
        pages.choose_language(request.args.get("lang", "")[:2])
        event = request.args.get("event", "")
        if event.isalnum():
            return see_other(url_for("integration.event", link_id=event))
        return see_other(url_for("integration.show"))
