"""OAuth grants: codes, access tokens and refresh tokens, as Doorkeeper keeps them (§2)."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field

SCOPES = (
    "identity:read",
    "events:read",
    "events:write",
    "admin:read",
    "admin:write",
    "webhooks:read",
    "webhooks:write",
)


@dataclass(frozen=True)
class Client:
    """An OAuth application that Livestorm registered by hand."""

    id: str
    secret: str
    name: str
    redirect_uris: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tokens:
    """What a token answer carries. ``expires_in`` is in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    scope: str
    created_at: int
    token_type: str = "Bearer"


@dataclass
class Code:
    """An authorization code on its way to a client."""

    code: str
    client_id: str
    redirect_uri: str
    workspace_id: str
    user_id: str
    scope: str
    challenge: str | None
    created_at: float
    used: bool = False


@dataclass
class AccessToken:
    """An access token with its refresh token."""

    tokens: Tokens
    client_id: str
    workspace_id: str
    user_id: str
    revoked: bool = False
    refresh_revoked: bool = False
    replaces: "AccessToken | None" = field(default=None, repr=False)

    def expired(self, now: float) -> bool:
        """Whether its time is over."""
        return now >= self.tokens.created_at + self.tokens.expires_in


class Grants:
    """All codes and tokens."""

    def __init__(self) -> None:
        self.clients: dict[str, Client] = {}
        self.codes: dict[str, Code] = {}
        self._by_access: dict[str, AccessToken] = {}
        self._by_refresh: dict[str, AccessToken] = {}

    def issue_code(
        self,
        client: Client,
        *,
        redirect_uri: str,
        workspace_id: str,
        user_id: str,
        scope: str,
        challenge: str | None,
        now: float,
    ) -> Code:
        """Make a code for a user who said yes."""
        code = Code(
            secrets.token_urlsafe(32),
            client.id,
            redirect_uri,
            workspace_id,
            user_id,
            scope,
            challenge,
            now,
        )
        self.codes[code.code] = code
        return code

    def issue_tokens(
        self,
        *,
        client_id: str,
        workspace_id: str,
        user_id: str,
        scope: str,
        expires_in: int,
        now: float,
        replaces: AccessToken | None = None,
        refresh_token: str | None = None,
    ) -> AccessToken:
        """Make an access token, with a new refresh token unless one is to be kept."""
        tokens = Tokens(
            access_token=secrets.token_urlsafe(32),
            refresh_token=refresh_token or secrets.token_urlsafe(32),
            expires_in=expires_in,
            scope=scope,
            created_at=int(now),
        )
        token = AccessToken(tokens, client_id, workspace_id, user_id, replaces=replaces)
        self._by_access[tokens.access_token] = token
        self._by_refresh[tokens.refresh_token] = token
        return token

    def by_access(self, token: str) -> AccessToken | None:
        """Return the token with that value, live or not."""
        return self._by_access.get(token)

    def by_refresh(self, token: str) -> AccessToken | None:
        """Return the token that a refresh token belongs to, if that may still be spent."""
        found = self._by_refresh.get(token)
        return None if found is None or found.refresh_revoked else found

    def used(self, token: AccessToken) -> None:
        """Note the first use of an access token: what it replaced dies now."""
        if token.replaces is not None:
            token.replaces.revoked = token.replaces.refresh_revoked = True
            token.replaces = None

    def revoke(self, value: str) -> None:
        """Revoke by access or refresh token; an unknown value changes nothing (RFC 7009 §2.2)."""
        token = self._by_access.get(value) or self._by_refresh.get(value)
        if token is not None:
            token.revoked = token.refresh_revoked = True

    def revoke_user(self, user_id: str) -> None:
        """Revoke everything a user granted, as when they leave the workspace."""
        for token in self._by_access.values():
            if token.user_id == user_id:
                token.revoked = token.refresh_revoked = True


def challenge_matches(challenge: str, verifier: str | None) -> bool:
    """Whether a PKCE verifier belongs to an S256 challenge (RFC 7636 §4.6)."""
    if verifier is None:
        return False
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge
