"""Erase my data: what will be erased, doing it, and what was erased."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, session, url_for

from addon.product import Product
from addon.store import erasures
from addon.store.users import Account
from server.browser import signed_in
from server.browser.answers import page, see_other, sign_in_first
from server.callers import Caller, called_by

_ERASURE = "erasure"
"""Where the browser's session keeps the erasure it asked for; it names nobody."""


def add(integration: Blueprint, product: Product, person: Callable[[], Account | None]) -> None:
    """Add the pages."""

    @integration.get("/erase")
    @called_by(Caller.PERSON)
    def erase() -> Any:
        """Say what will be erased and what stays, and ask."""
        account = person()
        if account is None:
            return sign_in_first()
        found = erasures.left(product.engine, account.user_id)
        return page("erase.html", account=account, found=found)

    @integration.post("/erase")
    @called_by(Caller.PERSON)
    def begin() -> Any:
        """Begin to erase, and end the session: there is nobody to be signed in any more."""
        account = person()
        if account is None:
            return see_other(signed_in.HOME)
        erasure = product.erasing.begin(account.user_id)
        signed_in.sign_out()
        session[_ERASURE] = erasure
        return see_other(url_for("integration.erased"))

    @integration.get("/erased")
    @called_by(Caller.PERSON)
    def erased() -> Any:
        """Show how far it is, and at last what was erased."""
        erasure = session.get(_ERASURE)
        progress = product.erasing.progress(erasure) if isinstance(erasure, str) else None
        if progress is None:
            return see_other(signed_in.HOME)
        return page("erased.html", progress=progress, moving=not progress.finished)
