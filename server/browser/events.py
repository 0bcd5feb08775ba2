"""An event's own page: both sides, what keeps them apart, and everything that ever changed."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from flask import Blueprint, abort, request, url_for

from addon.dashboard.sides import Sides, sides
from addon.dashboard.standing import standing
from addon.product import Product
from addon.store import event_lists
from addon.store.event_lists import Detail, Line
from addon.store.users import Account
from addon.sync.stored import UnreadableBase
from server.browser import signed_in
from server.browser.answers import page, see_other, sign_in_first
from server.browser.event_rows import Addresses
from server.callers import Caller, called_by

LINES_SHOWN = 250
"""Two hundred guests and what else happened; older lines are behind a link."""

_OF_GUESTS = frozenset({"guest_added", "guest_removed"})
"""Kinds of lines of which one change makes many."""

_log = structlog.get_logger(__name__)


def add(
    integration: Blueprint,
    product: Product,
    addresses: Addresses,
    person: Callable[[], Account | None],
) -> None:
    """Add the page of an event, and its "Sync now"."""

    def owned(account: Account, link_id: str) -> Detail:
        """A person's event; 404 for everybody else's, as for one that never was."""
        detail = event_lists.detail(product.engine, account.user_id, link_id)
        if detail is None:
            abort(HTTPStatus.NOT_FOUND)
        return detail

    @integration.get("/events/<link_id>")
    @called_by(Caller.PERSON)
    def event(link_id: str) -> Any:
        """Show an event of the person who is signed in."""
        account = person()
        if account is None:
            return sign_in_first()
        detail = owned(account, link_id)
        link, stands = detail.link, standing(account, detail.link)
        before = request.args.get("before", type=int)
        lines = event_lists.lines(product.engine, link.id, limit=LINES_SHOWN + 1, before=before)
        return page(
            "event.html",
            account=account,
            zone=event_lists.zone(product.engine, account.user_id, account.email) or "UTC",
            link=link,
            standing=stands,
            compared_at=detail.compared_at,
            registering=detail.registering,
            sides=_sides(detail),
            unsynced=link.unsynced or {},
            groups=_grouped(lines[:LINES_SHOWN]),
            older=lines[LINES_SHOWN - 1].id if len(lines) > LINES_SHOWN else None,
            moving=stands.outstanding or detail.registering is not None,
            addresses=addresses,
        )

    @integration.post("/events/<link_id>/sync")
    @called_by(Caller.PERSON)
    def sync(link_id: str) -> Any:
        """Have an event compared at once; its page shows what comes of it."""
        account = person()
        if account is None:
            return see_other(signed_in.HOME)
        link = owned(account, link_id).link
        if standing(account, link).can_be_compared:
            product.syncing.ask(link)
        back = request.form.get("back")
        if back:
            return see_other(signed_in.own_page(back))
        return see_other(url_for("integration.event", link_id=link_id))


def _grouped(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines that tell of several guests at once together, every other line by itself."""
    groups: list[list[Line]] = []
    for line in lines:
        last = groups[-1][-1] if groups else None
        if last is not None and line.what in _OF_GUESTS and _alike(line, last):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _alike(one: Line, other: Line) -> bool:
    return (one.what, one.side, one.at) == (other.what, other.side, other.at)


def _sides(detail: Detail) -> Sides:
    try:
        return sides(detail.base, detail.link.unsynced)
    except UnreadableBase:
        _log.error("base_not_readable", link=detail.link.id)
        return sides(None, detail.link.unsynced)
