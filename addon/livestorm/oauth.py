"""Livestorm's OAuth 2 code flow: authorize, exchange, refresh, revoke.

Sources: developers.livestorm.co/docs/oauth2-authentication for the flow and the addresses;
github.com/livestorm/stormiq for PKCE beside the client's secret; RFC 6749, 7636 and 7009 for the
rest. Livestorm runs Doorkeeper, whose refresh token is good until the next one is used.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge

from addon import clock
from addon.livestorm.attributes import Attributes
from addon.livestorm.failures import FailureKind, LivestormFailure, classify, unreadable
from addon.livestorm.protocol import Response, decode
from addon.livestorm.transport import Transport, Wire, fits_a_header
from addon.remote import LIVESTORM, calling

# Least that the product needs: who connects, and reading and writing events, sessions and people;
# webhooks for being told about registrations. Plural, as developers.livestorm.co/docs/
# api-token-authentication names the entities.
SCOPES = ("identity:read", "events:read", "events:write", "webhooks:read", "webhooks:write")

# Doorkeeper's default, for an answer without expires_in: a token refreshed too early costs a call,
# one refreshed too late a failure.
_DEFAULT_LIFETIME = timedelta(seconds=7200)
_LONGEST_LIFETIME = timedelta(days=365)

# RFC 7636 §7.1 asks for 256 bits; 48 bytes become 64 of the 43 to 128 characters of §4.1.
_VERIFIER_BYTES = 48

# A person watches the pop-up; see client.TIMEOUT_SECONDS.
_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True)
class Tokens:
    """What a grant brought.

    Attributes:
        refresh_token: None when Livestorm never gave one.
        expires_at: instant after which the access token is refused.
        scope: the scopes granted, separated by spaces; "" when the answer does not say.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: datetime
    scope: str

    @property
    def authorization(self) -> str:
        """The Authorization header's value for these tokens."""
        return f"Bearer {self.access_token}"


def new_verifier() -> str:
    """Make the secret that binds the code to whoever asked for it (RFC 7636 §4.1)."""
    return secrets.token_urlsafe(_VERIFIER_BYTES)


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636 §4.2)."""
    challenge: str = create_s256_code_challenge(verifier)
    return challenge


def authorize_url(
    *,
    app: str,
    client_id: str,
    redirect_uri: str,
    state: str,
    verifier: str,
    scopes: Sequence[str] = SCOPES,
) -> str:
    """Build the address of Livestorm's consent page.

    Spaces between scopes are written "%20"; Livestorm's own clients do not use "+".
    """
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(scopes),
        "state": state,
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
    }
    return f"{app.rstrip('/')}/oauth/authorize?{urlencode(query, quote_via=quote)}"


@dataclass(frozen=True)
class OAuthClient:
    """The program's registration with Livestorm; thread-safe.

    Attributes:
        app: origin of Livestorm's web application, such as "https://app.livestorm.co"; the token
            endpoint is there and not under the API.
    """

    app: str
    client_id: str
    client_secret: str = field(repr=False)
    transport: Transport = field(
        default_factory=lambda: Transport(timeout_seconds=_TIMEOUT_SECONDS), repr=False
    )

    def authorize_url(
        self, *, redirect_uri: str, state: str, verifier: str, scopes: Sequence[str] = SCOPES
    ) -> str:
        """Build the address of Livestorm's consent page."""
        return authorize_url(
            app=self.app,
            client_id=self.client_id,
            redirect_uri=redirect_uri,
            state=state,
            verifier=verifier,
            scopes=scopes,
        )

    def exchange_code(
        self, code: str, *, redirect_uri: str, verifier: str, deadline: float | None = None
    ) -> Tokens:
        """Trade the code of a callback for tokens.

        Raises:
            LivestormFailure: UNAUTHORIZED when the code is wrong, spent or too old; FORBIDDEN when
                Livestorm does not accept this client.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        return self._tokens(form, deadline)

    def refresh(self, refresh_token: str, *, deadline: float | None = None) -> Tokens:
        """Trade a refresh token for new tokens; spend each only once.

        The answer's refresh token replaces the old one, which is kept when there is none.

        Raises:
            LivestormFailure: UNAUTHORIZED when the grant is over and the person has to connect
                again; FORBIDDEN when Livestorm does not accept this client, which is no fault of
                the grant.
        """
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        tokens = self._tokens(form, deadline)
        if tokens.refresh_token is None:
            return replace(tokens, refresh_token=refresh_token)
        return tokens

    def revoke(self, token: str, *, deadline: float | None = None) -> None:
        """End a grant by one of its tokens (RFC 7009).

        The endpoint is Doorkeeper's; Livestorm does not document it, so a failure must not keep
        anybody from signing out.

        Raises:
            LivestormFailure: when Livestorm did not confirm.
        """
        self._post("/oauth/revoke", {"token": token}, deadline)

    def _tokens(self, form: Mapping[str, str], deadline: float | None) -> Tokens:
        # Before the call: the token's life is counted from when Livestorm made it.
        asked_at = clock.now()
        response = self._post("/oauth/token", form, deadline)
        return read_tokens(response, asked_at)

    def _post(self, path: str, form: Mapping[str, str], deadline: float | None) -> Response:
        client = {"client_id": self.client_id, "client_secret": self.client_secret}
        wire = Wire(
            "POST",
            self.app.rstrip("/") + path,
            {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"},
            content=urlencode({**form, **client}, errors="replace").encode("ascii"),
            writes=True,
        )
        with calling(LIVESTORM, "POST", path) as answer:
            response = self.transport.send(wire, deadline=deadline)
            answer.status = response.status
            if not _succeeded(response):
                raise token_failure(response)
            return response


def read_tokens(response: Response, asked_at: datetime) -> Tokens:
    """Read the answer of the token endpoint (RFC 6749 §5.1).

    Raises:
        LivestormFailure: when it is a refusal, or not what the RFC describes.
    """
    if not _succeeded(response):
        raise token_failure(response)
    try:
        return _tokens_of(decode(response.body), asked_at)
    except LivestormFailure as failure:
        raise failure.during(status=response.status, writes=True) from None


def _tokens_of(document: object, asked_at: datetime) -> Tokens:
    members = Attributes.of(document)
    access_token = members.identifier("access_token")
    # RFC 6750 §2.1 allows less still; anything else would break the request it is put into.
    if access_token is None or " " in access_token or not fits_a_header(access_token):
        raise unreadable("a token answer without access token")
    if (members.text("token_type") or "Bearer").lower() != "bearer":
        raise unreadable("a token of another type than Bearer")
    seconds = members.number("expires_in")
    lifetime = _DEFAULT_LIFETIME
    if seconds is not None and 0 < seconds <= _LONGEST_LIFETIME.total_seconds():
        lifetime = timedelta(seconds=seconds)
    return Tokens(
        access_token=access_token,
        refresh_token=members.identifier("refresh_token"),
        expires_at=asked_at + lifetime,
        scope=members.text("scope") or "",
    )


# RFC 6749 §5.2. What says that the grant is over, and what says that our own registration is wrong.
_GRANT_IS_OVER = frozenset({"invalid_grant"})
_CLIENT_IS_WRONG = frozenset({"invalid_client", "unauthorized_client", "invalid_scope"})


def token_failure(response: Response) -> LivestormFailure:
    """Classify a refusal of the token or revocation endpoint.

    The OAuth error code goes before the status: Doorkeeper answers 400 or 401 to a spent refresh
    token and to a wrong client alike, and only the first means that a person has to connect again.
    """
    failure = classify(response.status, response.headers, response.body)
    kind = failure.kind
    code = None
    if 400 <= response.status < 500:  # noqa: PLR2004
        code = _error_code(response.body)
    if code in _GRANT_IS_OVER:
        kind = FailureKind.UNAUTHORIZED
    elif code in _CLIENT_IS_WRONG or kind is FailureKind.UNAUTHORIZED:
        kind = FailureKind.FORBIDDEN
    return LivestormFailure(
        kind,
        status=failure.status,
        detail=f"{code}: {failure.detail}" if code else failure.detail,
        retry_after=failure.retry_after,
        maybe_done=failure.maybe_done,
    )


def _error_code(body: bytes) -> str | None:
    try:
        return Attributes.of(decode(body)).text("error")
    except LivestormFailure:
        return None


def _succeeded(response: Response) -> bool:
    return 200 <= response.status < 300  # noqa: PLR2004
