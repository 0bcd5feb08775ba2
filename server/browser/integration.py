"""The integration page: what is set up and what is missing, and the list of events."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import Blueprint, redirect, request, url_for

from addon import clock
from addon.dashboard.progress import comparing
from addon.dashboard.standing import hindrance
from addon.dashboard.steps import TICKED, Step, steps, tick
from addon.product import Product
from addon.store import event_lists, grants
from addon.store.event_lists import Kept, Period, Wanted
from addon.store.users import Account
from server.browser import arrival, calendar, erase, events, signed_in
from server.browser.answers import page, see_other, sign_in_first
from server.browser.event_rows import Addresses, rows
from server.callers import Caller, called_by

EVENTS_A_PAGE = 25
"""About two screens: what is further down is found sooner by searching."""

MOST_PAGES = 10_000
"""Beyond any list; bounds what is asked of the database."""

MAX_TEXT = 200
"""Longer than any title somebody would type to find it."""


def blueprint(product: Product, addresses: Addresses, arrivals: arrival.Arrivals) -> Blueprint:
    """Return the pages below /integration and what their buttons do."""
    integration = Blueprint("integration", __name__, url_prefix=signed_in.HOME)

    def person() -> Account | None:
        user_id = signed_in.person()
        return product.connections.find(user_id) if user_id else None

    _show(integration, product, addresses, person)
    _change(integration, product, person)
    arrival.add(integration, arrivals)
    calendar.add(integration, product, person)
    events.add(integration, product, addresses, person)
    erase.add(integration, product, person)
    return integration


def _show(
    integration: Blueprint,
    product: Product,
    addresses: Addresses,
    person: Callable[[], Account | None],
) -> None:
    def overview(account: Account) -> dict[str, Any]:
        wanted = _wanted()
        found = event_lists.find(product.engine, account.user_id, wanted, now=clock.now())
        shown = rows(product.engine, account, found.links)
        number = wanted.offset // EVENTS_A_PAGE + 1
        progress = comparing(product.engine, account)
        return {
            "account": account,
            "zone": zone_of(product, account),
            "grant": grants.find(product.engine, account.user_id),
            "hindrance": hindrance(account),
            "steps": steps(product.engine, account),
            "ticked": TICKED,
            "held": product.syncing.held(account.user_id),
            "progress": progress,
            "events": shown,
            "total": found.total,
            "wanted": wanted,
            "number": number,
            "pages": max(1, -(-found.total // EVENTS_A_PAGE)),
            "has_events": bool(shown) or event_lists.has_any(product.engine, account.user_id),
            "moving": progress is not None or any(row.standing.outstanding for row in shown),
            "addresses": addresses,
        }

    @integration.get("")
    @called_by(Caller.PERSON)
    def show() -> Any:
        """Show how things stand, or ask to sign in."""
        account = person()
        if account is None:
            return page("sign_in.html")
        return page("integration.html", **overview(account))

    @integration.get("/google-calendar")
    @called_by(Caller.PERSON)
    def google_calendar() -> Any:
        """Show the side panel: activation, accounts, template, what is shared with whom."""
        account = person()
        if account is None:
            return sign_in_first()
        return page("google_calendar.html", **overview(account))

    @integration.get("/deactivate")
    @called_by(Caller.PERSON)
    def confirm_deactivate() -> Any:
        """Say what stays and what stops, and ask."""
        account = person()
        if account is None:
            return sign_in_first()
        return page("deactivate.html", account=account)


def _change(integration: Blueprint, product: Product, person: Callable[[], Account | None]) -> None:
    @integration.get("/connect")
    @called_by(Caller.PERSON)
    def connect() -> Any:
        """Open Livestorm's sign-in for the person of this session.

        A link: it changes nothing by itself, and where a form may lead the Content-Security-Policy
        bounds to our own pages.
        """
        account = person()
        if account is None:
            return sign_in_first()
        ticket = product.connecting.ticket(account.user_id)
        return redirect(url_for("livestorm.connect", ticket=ticket), HTTPStatus.SEE_OTHER)

    @integration.post("/deactivate")
    @called_by(Caller.PERSON)
    def deactivate() -> Any:
        """Stop syncing: channels stopped, grant revoked and erased; both events stay."""
        account = person()
        if account is not None:
            product.syncing.deactivated(account.user_id)
        return see_other(url_for("integration.google_calendar"))

    @integration.post("/include")
    @called_by(Caller.PERSON)
    def include() -> Any:
        """Keep the events made before activation in sync as well."""
        account = person()
        if account is not None and account.activated:
            product.syncing.include_held(account.user_id)
        return see_other(signed_in.HOME)

    @integration.post("/steps/<step>")
    @called_by(Caller.PERSON)
    def done(step: str) -> Any:
        """Take a person's word for it that a step is done."""
        account = person()
        if account is not None and step in {one.value for one in TICKED}:
            tick(product.engine, account.user_id, Step(step))
        return see_other(signed_in.HOME)

    @integration.post("/sign-out")
    @called_by(Caller.PERSON)
    def sign_out() -> Any:
        """End this browser's session."""
        signed_in.sign_out()
        return see_other(signed_in.HOME)


def zone_of(product: Product, account: Account) -> str:
    """The IANA zone in which a person reads times."""
    return event_lists.zone(product.engine, account.user_id, account.email) or "UTC"


def _wanted() -> Wanted:
    """What the address asks for; anything that makes no sense is left out."""
    number = request.args.get("page", 1, type=int)
    period = request.args.get("when", "")
    kept = request.args.get("state", "")
    return Wanted(
        text=request.args.get("q", "")[:MAX_TEXT].strip(),
        period=Period(period) if period in {one.value for one in Period} else Period.UPCOMING,
        kept=Kept(kept) if kept in {one.value for one in Kept} else Kept.ANY,
        offset=(min(max(number, 1), MOST_PAGES) - 1) * EVENTS_A_PAGE,
        limit=EVENTS_A_PAGE,
    )
