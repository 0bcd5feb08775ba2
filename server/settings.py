"""Everything the program is told from outside: read once, typed, refused when unsafe."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

import sqlalchemy as sa
from cryptography.fernet import Fernet
from environs import Env, EnvError

from addon.google.consent import GoogleClient
from addon.livestorm import TimeForm
from addon.product import Options
from cards import Envelope, placeholder_titles

T = TypeVar("T")

SECRET_KEY_BYTES = 32
"""As long as the HMAC-SHA256 that signs with it; a shorter key would be the weaker part."""

LOOPBACK = "127.0.0.1"
"""The one host that may be reached without TLS: nothing on the way can listen."""

MAX_PORT = 65_535

LIVESTORM_APP = "https://app.livestorm.co"

DEFAULT_DATABASE = "sqlite:///var/livestorm-calendar.sqlite"


class SettingsError(Exception):
    """Settings are missing or unsafe. The message names each, one per line, and no value."""


@dataclass(frozen=True)
class Settings:
    """The settings of contract and README, checked. Times are in seconds."""

    base_url: str
    port: int
    database_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    token_keys: tuple[str, ...] = field(repr=False)
    google_client_id: str
    google_client_secret: str = field(repr=False)
    addon_audiences: tuple[str, ...]
    addon_service_account: str
    livestorm_client_id: str
    livestorm_client_secret: str = field(repr=False)
    google_calendar_api: str
    google_oauth_authorize: str
    google_oauth_token: str
    google_oauth_revoke: str
    google_certs: str
    livestorm_api: str
    livestorm_app: str
    sweep_seconds: int
    delete_grace_seconds: int
    occurrence_sessions: int
    livestorm_poll_seconds: int
    action_envelope: Envelope
    livestorm_time_form: TimeForm
    series_link_per_session: bool
    bare_cancellation_is_deletion: bool
    livestorm_event_page: str
    calendar_event_page: str

    @property
    def on_loopback(self) -> bool:
        """Whether nobody outside this machine is to reach the server, as in the sandbox."""
        return urlsplit(self.base_url).hostname == LOOPBACK

    def options(self) -> Options:
        """Return what the product needs of this."""
        return Options(
            database_url=self.database_url,
            token_keys=self.token_keys,
            base_url=self.base_url,
            addon_audiences=self.addon_audiences,
            google_certs=self.google_certs,
            google_calendar_api=self.google_calendar_api,
            google_client=GoogleClient(
                client_id=self.google_client_id,
                client_secret=self.google_client_secret,
                authorize=self.google_oauth_authorize,
                token=self.google_oauth_token,
                revoke_url=self.google_oauth_revoke,
            ),
            livestorm_api=self.livestorm_api,
            livestorm_app=self.livestorm_app,
            livestorm_client_id=self.livestorm_client_id,
            livestorm_client_secret=self.livestorm_client_secret,
            time_form=self.livestorm_time_form,
            link_per_session=self.series_link_per_session,
            delete_grace_seconds=self.delete_grace_seconds,
            occurrence_sessions=self.occurrence_sessions,
            bare_cancellation_is_deletion=self.bare_cancellation_is_deletion,
            placeholder_titles=placeholder_titles(),
        )


def read(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from environment variables.

    Args:
        environment: Used in place of the process's own, by tests.

    Raises:
        SettingsError: naming every setting that is missing or unsafe, and why.
    """
    reader = _Reader(environment)
    livestorm_app = reader.optional("LIVESTORM_APP", LIVESTORM_APP, _url)
    settings = Settings(
        base_url=reader.required("BASE_URL", _origin),
        port=reader.number("PORT", 8080, least=1, most=MAX_PORT),
        database_url=reader.optional("DATABASE_URL", DEFAULT_DATABASE, _database),
        secret_key=reader.required("SECRET_KEY", _secret_key),
        token_keys=reader.required("TOKEN_KEYS", _token_keys),
        google_client_id=reader.required("GOOGLE_CLIENT_ID", _present),
        google_client_secret=reader.required("GOOGLE_CLIENT_SECRET", _present),
        addon_audiences=reader.required("ADDON_AUDIENCES", _list),
        addon_service_account=reader.optional("ADDON_SERVICE_ACCOUNT", "", str.strip),
        livestorm_client_id=reader.optional("LIVESTORM_CLIENT_ID", "", str.strip),
        livestorm_client_secret=reader.optional("LIVESTORM_CLIENT_SECRET", "", str.strip),
        google_calendar_api=reader.optional(
            "GOOGLE_CALENDAR_API", "https://www.googleapis.com/calendar/v3/", _folder
        ),
        google_oauth_authorize=reader.optional(
            "GOOGLE_OAUTH_AUTHORIZE", "https://accounts.google.com/o/oauth2/v2/auth", _url
        ),
        google_oauth_token=reader.optional(
            "GOOGLE_OAUTH_TOKEN", "https://oauth2.googleapis.com/token", _url
        ),
        google_oauth_revoke=reader.optional(
            "GOOGLE_OAUTH_REVOKE", "https://oauth2.googleapis.com/revoke", _url
        ),
        google_certs=reader.optional(
            "GOOGLE_CERTS", "https://www.googleapis.com/oauth2/v1/certs", _url
        ),
        livestorm_api=reader.optional("LIVESTORM_API", "https://api.livestorm.co/v1", _url),
        livestorm_app=livestorm_app,
        # Below a minute makes no sense beside notifications but in tests; a day is the most
        # before losing one becomes a nuisance.
        sweep_seconds=reader.number("SWEEP_SECONDS", 600, least=1, most=86_400),
        delete_grace_seconds=reader.number("DELETE_GRACE_SECONDS", 60, least=0, most=86_400),
        # More sessions than occurrences of a daily series in two months help nobody.
        occurrence_sessions=reader.number("OCCURRENCE_SESSIONS", 10, least=0, most=60),
        livestorm_poll_seconds=reader.number("LIVESTORM_POLL_SECONDS", 60, least=1, most=86_400),
        action_envelope=reader.optional("ACTION_ENVELOPE", Envelope.BARE.value, Envelope),
        livestorm_time_form=reader.optional("LIVESTORM_TIME_FORM", TimeForm.OFFSET.value, TimeForm),
        series_link_per_session=reader.optional("SERIES_LINK", "event", _series_link),
        bare_cancellation_is_deletion=reader.optional(
            "CANCELLED_WITHOUT_DETAILS", "moved", _cancelled_without_details
        ),
        # Where an event's dashboard is, Livestorm does not document; its own page it does.
        livestorm_event_page=reader.optional(
            "LIVESTORM_EVENT_PAGE", f"{livestorm_app or LIVESTORM_APP}/p/{{event}}", _event_page
        ),
        # As in the `htmlLink` that Google gives every event.
        calendar_event_page=reader.optional(
            "CALENDAR_EVENT_PAGE",
            "https://www.google.com/calendar/event?eid={event}",
            _calendar_page,
        ),
    )
    if bool(settings.livestorm_client_id) != bool(settings.livestorm_client_secret):
        reader.problems.append(
            "LIVESTORM_CLIENT_ID and LIVESTORM_CLIENT_SECRET: give both, or neither"
        )
    if reader.problems:
        raise SettingsError("\n".join(reader.problems))
    return settings


class _Reader:
    """Reads variables one by one and collects what is wrong with them."""

    def __init__(self, environment: Mapping[str, str] | None) -> None:
        self._env = Env()
        self._given = environment
        self.problems: list[str] = []

    def required(self, name: str, check: Callable[[str], T]) -> T:
        """Read a setting that has no default."""
        value: T = self._checked(name, self._text(name), check, "is missing")
        return value

    def optional(self, name: str, default: str, check: Callable[[str], T]) -> T:
        """Read a setting; an empty variable counts as absent."""
        value: T = self._checked(name, self._text(name) or default, check, None)
        return value

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        """Read a whole number within bounds."""

        def check(text: str) -> int:
            number = int(text) if text.isascii() and text.isdigit() else None
            if number is None or not least <= number <= most:
                raise ValueError(f"must be a whole number from {least} to {most}")
            return number

        return self.optional(name, str(default), check)

    def _text(self, name: str) -> str:
        if self._given is not None:
            return self._given.get(name, "").strip()
        try:
            return self._env.str(name, "").strip()
        except EnvError as error:
            self.problems.append(f"{name}: {error}")
            return ""

    def _checked(self, name: str, text: str, check: Callable[[str], T], missing: str | None) -> Any:
        if not text and missing is not None:
            self.problems.append(f"{name}: {missing}")
            return None
        try:
            return check(text)
        except ValueError as error:
            # Enum's own message quotes the value, which may be a secret in the wrong place.
            reason = "is not one of the known values" if "is not a valid" in str(error) else error
            self.problems.append(f"{name}: {reason}")
            return None


def _present(text: str) -> str:
    return text


def _list(text: str) -> tuple[str, ...]:
    items = tuple(item.strip() for item in text.split(",") if item.strip())
    if not items:
        raise ValueError("has nothing but commas")
    return items


def _url(text: str) -> str:
    return _checked_url(text).rstrip("/")


def _folder(text: str) -> str:
    return _checked_url(text).rstrip("/") + "/"


def _origin(text: str) -> str:
    text = _checked_url(text)
    parts = urlsplit(text)
    if parts.path not in {"", "/"}:
        raise ValueError("must be an origin, such as https://calendar.example.com, without a path")
    return f"{parts.scheme}://{parts.netloc}"


def _checked_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        # Read for its check.
        _ = parts.port
    except ValueError:
        # The library's own words quote the value.
        raise ValueError("is not a URL") from None
    if not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("must be an https URL without user, query or fragment")
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname == LOOPBACK):
        return text
    raise ValueError(f"must be https; plain http is accepted for {LOOPBACK} only")


def _database(text: str) -> str:
    try:
        url = sa.engine.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        # The library's own words may quote a part of the password.
        raise ValueError("is not a database URL") from None
    if url.drivername not in _DRIVERS:
        raise ValueError("must be an sqlite:/// or a postgresql:// URL")
    in_memory = not url.database or ":memory:" in url.database or url.query.get("mode") == "memory"
    if url.drivername.startswith("sqlite") and in_memory:
        raise ValueError("must name a file: a database in memory would be lost at every start")
    return text


_DRIVERS = {"sqlite", "sqlite+pysqlite", "postgresql", "postgres", "postgresql+psycopg"}
"""The two databases, by the drivers that are installed."""


def _secret_key(text: str) -> str:
    if len(text.encode()) < SECRET_KEY_BYTES:
        raise ValueError(f"must be at least {SECRET_KEY_BYTES} bytes of random text")
    return text


def _token_keys(text: str) -> tuple[str, ...]:
    keys = _list(text)
    for key in keys:
        try:
            Fernet(key)
        except ValueError:
            raise ValueError(
                "has an entry that is not a Fernet key (32 bytes in url-safe base64)"
            ) from None
    return keys


def _event_page(text: str) -> str:
    if text.count("{event}") != 1 or "{" in text.replace("{event}", ""):
        raise ValueError("must contain {event} once")
    return _checked_url(text)


def _calendar_page(text: str) -> str:
    address, mark, query = text.partition("?")
    if text.count("{event}") != 1 or "{" in text.replace("{event}", ""):
        raise ValueError("must contain {event} once")
    return _checked_url(address) + mark + query


def _cancelled_without_details(text: str) -> bool:
    if text not in {"moved", "deleted"}:
        raise ValueError('must be "moved" or "deleted"')
    return text == "deleted"


def _series_link(text: str) -> bool:
    if text not in {"event", "session"}:
        raise ValueError('must be "event" or "session"')
    return text == "session"
