"""Check an installation from the inside: settings, database, keys, both remote APIs."""

from collections.abc import Iterator
from dataclasses import dataclass

import requests
import sqlalchemy as sa

from addon.store import engine as store
from addon.store import rekeying, schema
from addon.store.vault import Vault
from server.settings import Settings, SettingsError, read

TIMEOUT_SECONDS = (3.05, 10.0)
"""To connect, and to answer."""


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    good: bool
    what: str
    words: str


def examine() -> Iterator[Finding]:
    """Check one thing after the other; what depends on settings is left out without them."""
    try:
        settings = read()
    except SettingsError as error:
        yield Finding(good=False, what="settings", words="; ".join(str(error).splitlines()))
        return
    yield Finding(good=True, what="settings", words="complete")
    yield from _database(settings)
    yield _answers("Google certificates", settings.google_certs, {200})
    # Without a token both APIs refuse, which is the answer of an API that is there.
    calendar = f"{settings.google_calendar_api}calendars/primary/events"
    yield _answers("Google Calendar API", calendar, {401, 403})
    yield _answers("Livestorm API", f"{settings.livestorm_api}/ping", {401, 403})


def _database(settings: Settings) -> Iterator[Finding]:
    engine = store.create_engine(settings.database_url)
    try:
        current = schema.is_current(engine)
    except sa.exc.SQLAlchemyError as error:
        yield Finding(good=False, what="database", words=f"unreachable ({type(error).__name__})")
        return
    words = "reachable, schema up to date" if current else "not migrated: start `serve` once"
    yield Finding(good=current, what="database", words=words)
    if current:
        yield _keys(settings, engine)
    engine.dispose()


def _keys(settings: Settings, engine: sa.Engine) -> Finding:
    found = rekeying.census(engine, Vault(settings.token_keys))
    readable = found.newest + found.older
    words = f"TOKEN_KEYS open all {readable} stored secrets"
    if found.older:
        words += f", {found.older} of them by an older key: keep it until the worker changed that"
    if found.unreadable:
        total = readable + found.unreadable
        words = f"TOKEN_KEYS do not open {found.unreadable} of {total} stored secrets"
    return Finding(good=found.unreadable == 0, what="keys", words=words)


def _answers(what: str, url: str, expected: set[int]) -> Finding:
    try:
        status = requests.get(url, timeout=TIMEOUT_SECONDS, allow_redirects=False).status_code
    except requests.RequestException as error:
        return Finding(good=False, what=what, words=f"no answer ({type(error).__name__})")
    return Finding(good=status in expected, what=what, words=f"answers ({status})")
