"""Check an installation from the inside: settings, database, keys, remote APIs, clock, worker."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import requests
import sqlalchemy as sa

from addon import clock
from addon.google.identity import CLOCK_SKEW_SECONDS
from addon.store import engine as store
from addon.store import figures, rekeying, schema
from addon.store.vault import Vault
from server.settings import Settings, SettingsError, read

TIMEOUT_SECONDS = (3.05, 10.0)
"""To connect, and to answer."""

SECRETS_TRIED = 1000
"""Of each table; trying one takes some 50 microseconds. `rotate-keys` looks at all."""

WAITED_SECONDS = 60.0
"""A link that could have been compared for so long shows that nobody works: a worker takes them
twice a second."""


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    good: bool | None
    """None: not to be mended, only to be known."""
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
    yield _page("Google certificates", _asked(settings.google_certs))
    asked_at = clock.now()
    calendar = _asked(f"{settings.google_calendar_api}calendars/primary/events")
    yield _api("Google Calendar API", calendar)
    yield _api("Livestorm API", _asked(f"{settings.livestorm_api}/ping"))
    # A refusal is never out of a cache, as the certificates are, so its time is the present one.
    if isinstance(calendar, requests.Response):
        yield clock_finding(calendar, asked_at)


_UNTRIED = "TOKEN_KEYS are keys; stored secrets cannot be tried without the database"


def _database(settings: Settings) -> Iterator[Finding]:
    vault = Vault(settings.token_keys)
    try:
        engine = store.create_engine(settings.database_url)
        current = schema.is_current(engine)
    except (sa.exc.SQLAlchemyError, OSError) as error:
        yield Finding(good=False, what="database", words=f"unreachable ({type(error).__name__})")
        yield Finding(good=True, what="keys", words=_UNTRIED)
        return
    yield Finding(good=True, what="database", words=f"reachable ({engine.dialect.name})")
    words = "all done" if current else "not migrated: start `serve` once"
    yield Finding(good=current, what="migrations", words=words)
    yield _keys(vault, engine, migrated=current)
    if current:
        yield _worker(engine)
    engine.dispose()


def _keys(vault: Vault, engine: sa.Engine, *, migrated: bool) -> Finding:
    try:
        found = rekeying.census(engine, vault, most=SECRETS_TRIED)
    except sa.exc.SQLAlchemyError as error:
        words = f"stored secrets cannot be read ({type(error).__name__})"
        if not migrated:
            words = "TOKEN_KEYS are keys; stored secrets can be tried after migrating"
        return Finding(good=not migrated, what="keys", words=words)
    readable = found.newest + found.older
    words = f"TOKEN_KEYS open all {readable} stored secrets that were tried"
    if found.older:
        words += f", {found.older} of them by an older key: `rotate-keys` before you drop it"
    if found.unreadable:
        total = readable + found.unreadable
        words = f"TOKEN_KEYS do not open {found.unreadable} of {total} stored secrets"
    return Finding(good=found.unreadable == 0, what="keys", words=words)


def _worker(engine: sa.Engine) -> Finding:
    """Whether a worker runs: it may just not have been started yet, or run on its own later."""
    now = clock.now()
    found = figures.read(engine, now)
    if found.workers:
        return Finding(good=True, what="worker", words=f"{found.workers} at work")
    words = "none"
    latest = figures.latest_beat(engine)
    if latest is not None:
        ago = timedelta(seconds=round((now - latest).total_seconds()))
        words += f"; the last was seen {ago} ago"
    if found.waited_seconds > WAITED_SECONDS:
        words += f"; {found.outstanding} links wait for one"
    return Finding(good=None, what="worker", words=words)


def _asked(url: str) -> requests.Response | str:
    """Return the answer, or why there is none."""
    try:
        return requests.get(url, timeout=TIMEOUT_SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        return type(error).__name__


def _page(what: str, answer: requests.Response | str) -> Finding:
    """Whether something was there to read."""
    good = isinstance(answer, requests.Response) and answer.status_code == requests.codes.ok
    return Finding(good=good, what=what, words=_words(answer))


def _api(what: str, answer: requests.Response | str) -> Finding:
    """Whether an API was reached. Asked without a token it refuses, which proves as much."""
    reached = (
        isinstance(answer, requests.Response) and answer.status_code < requests.codes.server_error
    )
    return Finding(good=reached, what=what, words=_words(answer))


def _words(answer: requests.Response | str) -> str:
    if isinstance(answer, str):
        return f"no answer ({answer})"
    return f"answers ({answer.status_code})"


def clock_finding(answer: requests.Response, asked_at: datetime) -> Finding:
    """Compare this machine's clock with Google's, whose tokens are only good for a time."""
    try:
        theirs = parsedate_to_datetime(answer.headers.get("Date", "")).astimezone(UTC)
    except ValueError:
        return Finding(good=True, what="clock", words="not compared: Google gave no time")
    # What the answer took, and the second that the header is rounded to, prove nothing.
    answered_at = asked_at + answer.elapsed
    ahead = max((asked_at - theirs).total_seconds() - 1, 0)
    behind = max((theirs - answered_at).total_seconds(), 0)
    apart = max(ahead, behind)
    words = f"{apart:.0f} s from Google's; tokens are refused beyond {CLOCK_SKEW_SECONDS} s"
    return Finding(good=apart <= CLOCK_SKEW_SECONDS, what="clock", words=words)
