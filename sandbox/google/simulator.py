"""The Google simulator: one Flask application with identity, consent and Calendar."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask, Request

from sandbox.google import calendar_api, identity, oauth_endpoints, oauth_pages
from sandbox.google.channels import Channels
from sandbox.google.fault_shapes import fault_body
from sandbox.google.grants import (
    DEFAULT_CLIENT_ID,
    DEFAULT_CLIENT_SECRET,
    SCRIPT_CLIENT_ID,
    Grants,
    OAuthClient,
)
from sandbox.google.keys import KeyRing
from sandbox.google.method_override import MethodOverride
from sandbox.google.model import Account, CalendarRecord, Mail, State
from sandbox.google.security_events import SecurityEvents
from sandbox.google.switches import Switches
from sandbox.google.world import World
from sandbox.simulation import ApiGate, CallLog, Faults, Server, install_control, serve

if TYPE_CHECKING:
    pass

API_PATHS = ("/calendar/v3/", "/token", "/revoke", "/certs", "/oauth2/v3/certs", "/v1/userinfo")
"""Where calls are logged and can be spoiled by faults; pages are neither."""

TEAM_CALENDAR = "c_acme-webinars@group.calendar.google.com"
"""The shared secondary calendar that is there from the start."""


class GoogleSimulator:
    """Google, as far as the program talks to it.

    Args:
        seed: Start with the accounts camille@acme.test, sam@acme.test and guest@partner.test,
            their calendars, and a shared calendar; otherwise with nothing but the OAuth clients.

    Attributes:
        app: The Flask application.
        world: What people do in Calendar.
        switches: The open questions and today's answers.
        log: API calls so far.
        faults: What goes wrong with API calls.
        latency: Seconds added to every API call.
        keys: Signing keys.
        grants: OAuth clients, grants and tokens.
        channels: Watch channels and what was delivered.
        security_events: Sender of Cross-Account Protection notices.
    """

    def __init__(self, *, seed: bool = True) -> None:
        self.switches = Switches()
        self.state = State(self.switches)
        self.keys = KeyRing()
        self.grants = Grants(self.state)
        self.channels = Channels(self.state)
        self.state.on_change = self.channels.changed
        self.security_events = SecurityEvents(self.state)
        self.world = World(self.state)
        self.log = CallLog()
        self.faults = Faults()
        self.latency = 0.0
        self._seeded = seed
        self.app = self._application()
        self._seed()

    # Control

    @contextmanager
    def serve(self, port: int = 0) -> Iterator[Server]:
        """Serve over HTTP until the block ends; ``url`` is set inside."""
        before = self.state.origin
        with serve(self.app, port) as server:
            self.state.origin = server.url
            try:
                yield server
            finally:
                self.channels.close()
                self.state.origin = before

    @property
    def url(self) -> str:
        """Origin while served."""
        return self.state.origin

    def now(self) -> float:
        """The simulator's clock, in seconds since 1970."""
        return self.state.now()

    def clear_log(self) -> None:
        """Forget the API calls so far."""
        self.log.clear()

    def reset(self) -> None:
        """Start again from the first state; the signing keys stay."""
        self.channels.close()
        with self.state.lock:
            self.switches.restore()
            self.state.clear()
            self.grants.clear()
            self.faults.clear()
            self.log.clear()
            self.latency = 0.0
            self._seed()

    def deliver_notifications(self) -> int:
        """Deliver the push messages that are due; with ``webhook_delivery`` = ``manual``."""
        return self.channels.deliver_due()

    def wait_for_notifications(self, seconds: float = 5.0) -> bool:
        """Wait until every push message is delivered; with ``webhook_delivery`` = ``thread``."""
        return self.channels.wait_until_delivered(seconds)

    def rotate_keys(self, *, retire_old: bool = False) -> str:
        """Sign with a new key from now on and return its id."""
        with self.state.lock:
            return self.keys.rotate(retire_old=retire_old).kid

    # Reading

    @property
    def accounts(self) -> dict[str, Account]:
        """Address → account."""
        return self.state.accounts

    @property
    def calendars(self) -> dict[str, CalendarRecord]:
        """Id → calendar."""
        return self.state.calendars

    @property
    def outbox(self) -> list[Mail]:
        """Mails Calendar would have sent."""
        return self.state.outbox

    def current_account(self, request: Request) -> Account | None:
        """The account signed in in the browser that sent this request, or None."""
        return oauth_pages.current_account(self.state, request)

    # Tokens

    def identity_token(
        self,
        email: str,
        audience: str,
        *,
        kid: str | None = None,
        key: rsa.RSAPrivateKey | None = None,
        **overrides: Any,
    ) -> str:
        """An ID token of an account, as ``ScriptApp.getIdentityToken()`` returns it.

        Args:
            email: The account.
            audience: ``aud``; ``SCRIPT_CLIENT_ID`` for the bridge's tokens.
            kid: Other key id in the header, for tampering.
            key: Other private key, for tampering.
            **overrides: Claims to replace; None removes one.
        """
        with self.state.lock:
            claims = identity.identity_claims(self.accounts[email], audience, self.now())
            return identity.identity_token(self.keys, claims, kid=kid, key=key, **overrides)

    def system_token(
        self, audience: str, email: str = identity.SYSTEM_ACCOUNT, **overrides: Any
    ) -> str:
        """A token of Google's own service account, as the HTTP runtime sends it."""
        account = Account(email=email, sub="900000000000000000009", name="")
        with self.state.lock:
            claims = identity.identity_claims(account, audience, self.now())
            claims["name"] = None
            return identity.identity_token(self.keys, claims | overrides)

    def access_token(
        self,
        email: str,
        scopes: Iterable[str],
        *,
        client_id: str = SCRIPT_CLIENT_ID,
        seconds: float | None = None,
    ) -> str:
        """An access token without a consent page, such as ``userOAuthToken`` of an add-on call.

        Args:
            email: The account.
            scopes: Full scope addresses.
            client_id: Client it belongs to.
            seconds: Its life; None for the usual one.
        """
        with self.state.lock:
            return self.grants.new_access_token(email, client_id, tuple(scopes), seconds)

    def refresh_token(
        self, email: str, scopes: Iterable[str], *, client_id: str = DEFAULT_CLIENT_ID
    ) -> str:
        """A refresh token without a consent page, for tests that skip OAuth."""
        with self.state.lock:
            wanted = tuple(scopes)
            self.grants.consent(email, client_id, wanted)
            return self.grants.new_refresh_token(email, client_id, wanted)

    def revoke_access(self, email: str, client_id: str = DEFAULT_CLIENT_ID) -> None:
        """The person removes the program's access on the account page."""
        with self.state.lock:
            self.grants.revoke_grant(email, client_id)

    # Inside

    def _application(self) -> Flask:
        app = Flask("sandbox.google", root_path=None)
        app.json.sort_keys = False  # type: ignore[attr-defined]
        for part in (identity, oauth_endpoints, oauth_pages, calendar_api):
            app.register_blueprint(part.blueprint(self))
        app.register_blueprint(self.security_events.blueprint())
        install_control(app, self)
        gated = ApiGate(app.wsgi_app, self, _is_api, fault_body)
        app.wsgi_app = MethodOverride(gated)  # type: ignore[method-assign]
        return app

    def _seed(self) -> None:
        self.grants.add_client(OAuthClient(DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET))
        self.grants.add_client(OAuthClient(SCRIPT_CLIENT_ID, "sandbox-script-secret"))
        if not self._seeded:
            return
        world = self.world
        world.add_account(
            "camille@acme.test", "Camille Martin", locale="fr", hosted_domain="acme.test"
        )
        world.add_account("sam@acme.test", "Sam Taylor", hosted_domain="acme.test")
        world.add_account("guest@partner.test", "Gale Partner")
        world.add_calendar("camille@acme.test", "Acme webinars", calendar_id=TEAM_CALENDAR)
        world.share(TEAM_CALENDAR, "sam@acme.test", "writer")


def _is_api(path: str) -> bool:
    return path.startswith(API_PATHS)
