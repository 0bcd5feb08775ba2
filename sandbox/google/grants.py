"""OAuth: clients, what accounts granted them, and the tokens that follow.

Sources: developers.google.com/identity/protocols/oauth2 (limits and end of refresh tokens),
developers.google.com/identity/protocols/oauth2/web-server (parameters, offline access,
incremental authorization, granular consent), RFC 6749 §5.2 (error names), RFC 7636 (PKCE).
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field

from sandbox.google.model import State

CODE_SECONDS = 600  # RFC 6749 §4.1.2 recommends ten minutes at most

SCOPE_ALIASES = {
    "email": "https://www.googleapis.com/auth/userinfo.email",
    "profile": "https://www.googleapis.com/auth/userinfo.profile",
}
"""Short names that Google spells out in what it grants."""

IDENTITY_SCOPES = frozenset({"openid", *SCOPE_ALIASES.values()})
"""Scopes without a box on the consent page: signing in is not optional."""

WHOLE_CALENDAR = "https://www.googleapis.com/auth/calendar"
EVENTS = f"{WHOLE_CALENDAR}.events"
"""The wider scope allows what the narrower one does, and more
(developers.google.com/workspace/calendar/api/auth)."""

DEFAULT_CLIENT_ID = "sandbox-google-client"
DEFAULT_CLIENT_SECRET = "sandbox-google-secret"
SCRIPT_CLIENT_ID = "sandbox-script-client"
"""Client of the Apps Script project: the audience of the bridge's identity tokens."""


class OAuthError(Exception):
    """An error answer of the token or revocation endpoint.

    Attributes:
        error: Name from RFC 6749 §5.2 or Google's own.
        description: Google's text.
        status: HTTP status.
    """

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status


@dataclass(frozen=True)
class OAuthClient:
    """A registered OAuth client.

    Attributes:
        id: Client id.
        secret: Client secret.
        name: What the consent page calls it.
        redirect_uris: Exact addresses it may be sent back to; empty allows every https address
            and every loopback one, which suits a sandbox whose ports vary.
    """

    id: str
    secret: str = field(repr=False)
    name: str = "Livestorm for Google Calendar"
    redirect_uris: tuple[str, ...] = ()

    def may_return_to(self, uri: str) -> bool:
        """Whether the redirect address is registered (https, or http on the loopback)."""
        if self.redirect_uris:
            return uri in self.redirect_uris
        return uri.startswith(("https://", "http://127.0.0.1", "http://localhost"))


@dataclass(frozen=True)
class AuthorizationCode:
    """A one-use code and what it is bound to."""

    email: str
    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    offline: bool
    challenge: str | None
    challenge_method: str
    nonce: str | None
    expires_at: float


@dataclass(frozen=True)
class RefreshToken:
    """A live refresh token."""

    email: str
    client_id: str
    scopes: tuple[str, ...]
    issued_at: float
    expires_at: float | None


@dataclass(frozen=True)
class AccessToken:
    """A live access token."""

    email: str
    client_id: str
    scopes: tuple[str, ...]
    expires_at: float


def scopes_of(text: str) -> tuple[str, ...]:
    """The scopes of a parameter, spelled out as Google spells them, each once, order kept."""
    return tuple(dict.fromkeys(SCOPE_ALIASES.get(word, word) for word in text.split()))


@dataclass
class Grants:
    """Who granted what to whom, and every live token.

    Attributes:
        granted: (address, client id) → scopes the account has granted the client so far.
    """

    state: State
    clients: dict[str, OAuthClient] = field(default_factory=dict)
    granted: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    codes: dict[str, AuthorizationCode] = field(default_factory=dict, repr=False)
    refresh_tokens: dict[str, RefreshToken] = field(default_factory=dict, repr=False)
    access_tokens: dict[str, AccessToken] = field(default_factory=dict, repr=False)

    def clear(self) -> None:
        """Forget every client, grant and token."""
        for held in (
            *(self.clients, self.granted, self.codes),
            *(self.refresh_tokens, self.access_tokens),
        ):
            held.clear()

    def add_client(self, client: OAuthClient) -> None:
        """Register a client."""
        self.clients[client.id] = client

    def consent(self, email: str, client_id: str, scopes: tuple[str, ...]) -> tuple[str, ...]:
        """Remember a grant and return everything granted so far."""
        key = (email, client_id)
        union = tuple(dict.fromkeys((*self.granted.get(key, ()), *scopes)))
        self.granted[key] = union
        return union

    def new_code(self, code: AuthorizationCode) -> str:
        """Issue an authorization code."""
        value = self.state.opaque("4/0A")
        self.codes[value] = code
        return value

    def redeem_code(
        self, value: str, client: OAuthClient, redirect_uri: str, verifier: str | None
    ) -> AuthorizationCode:
        """Take a code; it is spent even when the rest of the request is wrong.

        Raises:
            OAuthError: ``invalid_grant`` for a code that is unknown, used, late, another
                client's, or comes with the wrong verifier; ``redirect_uri_mismatch``.
        """
        code = self.codes.pop(value, None)
        if code is None or code.client_id != client.id or code.expires_at < self.state.now():
            raise OAuthError("invalid_grant", "Malformed auth code.")
        if code.redirect_uri != redirect_uri:
            raise OAuthError("redirect_uri_mismatch", "Bad Request")
        if code.challenge is not None:
            if not verifier:
                raise OAuthError("invalid_grant", "Missing code verifier.")
            if not hmac.compare_digest(_challenge(verifier, code.challenge_method), code.challenge):
                raise OAuthError("invalid_grant", "Invalid code verifier.")
        return code

    def new_refresh_token(self, email: str, client_id: str, scopes: tuple[str, ...]) -> str:
        """Issue a refresh token; beyond the limit per account and client the oldest dies."""
        now = self.state.now()
        life = self.state.switches.refresh_token_lifetime_seconds
        if life is None and self.state.switches.testing_consent_screen:
            life = 604_800  # seven days for clients whose consent screen is External and Testing
        value = self.state.opaque("1//0")
        expires_at = None if life is None else now + life
        self.refresh_tokens[value] = RefreshToken(email, client_id, scopes, now, expires_at)
        siblings = [
            key
            for key, token in self.refresh_tokens.items()
            if token.email == email and token.client_id == client_id
        ]
        for oldest in siblings[: -self.state.switches.refresh_tokens_per_client]:
            del self.refresh_tokens[oldest]
        return value

    def redeem_refresh_token(self, value: str, client: OAuthClient) -> RefreshToken:
        """Look a refresh token up.

        Raises:
            OAuthError: ``invalid_grant`` when it is unknown, revoked, expired or another
                client's; ``admin_policy_enforced`` when the administrator blocks the client.
        """
        token = self.refresh_tokens.get(value)
        expired = token is not None and token.expires_at is not None
        if token is None or token.client_id != client.id:
            raise OAuthError("invalid_grant", "Token has been expired or revoked.")
        if expired and (token.expires_at or 0) <= self.state.now():
            raise OAuthError("invalid_grant", "Token has been expired or revoked.")
        if self.state.switches.admin_policy_enforced:
            raise OAuthError("admin_policy_enforced", "Access was blocked by your organization.")
        return token

    def new_access_token(
        self, email: str, client_id: str, scopes: tuple[str, ...], seconds: float | None = None
    ) -> str:
        """Issue an access token that lives ``seconds``, or as long as usual when that is None."""
        life = self.state.switches.access_token_seconds if seconds is None else seconds
        value = self.state.opaque("ya29.a0")
        self.access_tokens[value] = AccessToken(email, client_id, scopes, self.state.now() + life)
        return value

    def access(self, value: str) -> AccessToken | None:
        """The live access token with that value, or None."""
        token = self.access_tokens.get(value)
        return token if token is not None and token.expires_at > self.state.now() else None

    def revoke(self, value: str) -> None:
        """End the grant a token belongs to: revoking one token drops them all.

        Raises:
            OAuthError: ``invalid_token`` when there is no such token.
        """
        token = self.refresh_tokens.get(value) or self.access_tokens.get(value)
        if token is None:
            raise OAuthError("invalid_token", "Token expired or revoked")
        self.revoke_grant(token.email, token.client_id)

    def revoke_grant(self, email: str, client_id: str) -> None:
        """End what an account granted a client, as the person can on the account page."""
        self.granted.pop((email, client_id), None)

        def others(token: RefreshToken | AccessToken) -> bool:
            return (token.email, token.client_id) != (email, client_id)

        self.refresh_tokens = {k: t for k, t in self.refresh_tokens.items() if others(t)}
        self.access_tokens = {k: t for k, t in self.access_tokens.items() if others(t)}


def _challenge(verifier: str, method: str) -> str:
    if method == "plain":
        return verifier
    digest = hashlib.sha256(verifier.encode("ascii", "replace")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
