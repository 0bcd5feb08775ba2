"""Google's OAuth 2 code flow with offline access: "Activate with Google".

Source: developers.google.com/identity/protocols/oauth2/web-server. The add-on's own tokens live
for one call only, so work in the background needs this consent of its own.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import requests
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from addon import clock
from addon.google.failures import GoogleFailure, GoogleFailureKind
from addon.remote import GOOGLE, calling

CALENDAR_SCOPE = "https://www.googleapis.com/auth/calendar.events"
"""Read and change events on every calendar the person may edit: team calendars too, which is why
`calendar.events.owned` would not do. It also allows watching them."""

SUFFICIENT_SCOPES = frozenset({CALENDAR_SCOPE, "https://www.googleapis.com/auth/calendar"})
"""Either allows all that is done. The wider one is granted where a company's own client asks for
it besides (developers.google.com/workspace/calendar/api/auth)."""

IDENTITY_SCOPES = ("openid", "email")
"""Who consents; it must be the person whose calendar the add-on serves."""

SCOPES = (*IDENTITY_SCOPES, CALENDAR_SCOPE)

TIMEOUT_SECONDS = (3.05, 10.0)
"""To connect, and to answer: somebody watches the page."""

_VERIFIER_BYTES = 48
"""RFC 7636 §7.1 asks for 256 bits; 48 bytes become 64 characters."""

_DEFAULT_LIFETIME = timedelta(hours=1)
"""What Google's access tokens live when the answer does not say."""


@dataclass(frozen=True)
class GoogleTokens:
    """What a consent or a refresh brought.

    Attributes:
        access_token: Good until `expires_at`.
        refresh_token: None when Google gave none: on a refresh, or without a new consent.
        expires_at: Instant at which the access token ends.
        scopes: Those really granted; a person may untick each. None when the answer does not
            say, which means all that were asked for (RFC 6749 §5.1).
        id_token: Says who consented; not verified here.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: datetime
    scopes: frozenset[str] | None
    id_token: str | None = field(repr=False)


@dataclass(frozen=True)
class GoogleClient:
    """The program's registration with Google, and Google's endpoints."""

    client_id: str
    client_secret: str = field(repr=False)
    authorize: str
    token: str
    revoke_url: str

    def authorize_url(
        self,
        *,
        redirect_uri: str,
        state: str,
        verifier: str,
        scopes: tuple[str, ...] = SCOPES,
        offline: bool = True,
        login_hint: str | None = None,
    ) -> str:
        """Build the address of Google's consent page.

        A refresh token only comes with `access_type=offline` and a consent, so an offline
        request always asks for one; a plain sign-in asks for neither.
        """
        extra = {}
        if offline:
            extra = {"access_type": "offline", "prompt": "consent"}
        if login_hint:
            extra["login_hint"] = login_hint
        url: str = prepare_grant_uri(
            self.authorize,
            self.client_id,
            "code",
            redirect_uri=redirect_uri,
            scope=scopes,
            state=state,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
            **extra,
        )
        return url

    def exchange(self, code: str, *, redirect_uri: str, verifier: str) -> GoogleTokens:
        """Trade the code of a callback for tokens.

        Raises:
            GoogleFailure: UNAUTHORIZED when the code is wrong, spent or too old.
        """
        return self._tokens(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": redirect_uri,
                "code_verifier": verifier,
            }
        )

    def refresh(self, refresh_token: str) -> GoogleTokens:
        """Get a new access token.

        Raises:
            GoogleFailure: UNAUTHORIZED when the grant is over (`invalid_grant`): revoked, unused
                for half a year, or ended by an administrator.
        """
        return self._tokens({"grant_type": "refresh_token", "refresh_token": refresh_token})

    def revoke(self, token: str) -> None:
        """End the grant that `token` belongs to; one that is over already counts as ended.

        Raises:
            GoogleFailure: Google did not confirm.
        """
        # Refused as unknown: it has ended already.
        ended = requests.codes.bad_request
        self._post("/revoke", self.revoke_url, {"token": token}, also_fine=ended)

    def _tokens(self, form: Mapping[str, str]) -> GoogleTokens:
        # Before the call: the token's life is counted from when Google made it.
        asked_at = clock.now()
        client = {"client_id": self.client_id, "client_secret": self.client_secret}
        answer = self._post("/token", self.token, {**form, **client})
        body = _json(answer)
        access_token = body.get("access_token")
        if not isinstance(access_token, str) or not access_token.isascii():
            raise GoogleFailure(GoogleFailureKind.UNREADABLE, status=200, reason="noAccessToken")
        lifetime = body.get("expires_in")
        known = isinstance(lifetime, int | float) and 0 < lifetime <= 86_400  # noqa: PLR2004 - a day; Google gives an hour
        return GoogleTokens(
            access_token=access_token,
            refresh_token=_text(body.get("refresh_token")),
            expires_at=asked_at
            + (timedelta(seconds=float(lifetime or 0)) if known else _DEFAULT_LIFETIME),
            scopes=_scopes(body.get("scope")),
            id_token=_text(body.get("id_token")),
        )

    def _post(
        self, path: str, url: str, form: Mapping[str, str], *, also_fine: int = requests.codes.ok
    ) -> requests.Response:
        """Return an answer that is no refusal; `path` is what logs call it."""
        with calling(GOOGLE, "POST", path) as asked:
            answer = self._sent(url, form)
            asked.status = answer.status_code
            if answer.status_code not in {requests.codes.ok, also_fine}:
                raise _refusal(answer)
            return answer

    def _sent(self, url: str, form: Mapping[str, str]) -> requests.Response:
        try:
            with requests.Session() as session:
                # A ~/.netrc must not add a credential of its own.
                session.trust_env = False
                return session.post(
                    url, data=dict(form), timeout=TIMEOUT_SECONDS, allow_redirects=False
                )
        except requests.RequestException as error:
            raise GoogleFailure(
                GoogleFailureKind.UNAVAILABLE,
                status=None,
                reason=type(error).__name__,
                maybe_done=True,
            ) from None


def new_verifier() -> str:
    """Make the secret that binds a code to whoever asked for it (RFC 7636 §4.1)."""
    return secrets.token_urlsafe(_VERIFIER_BYTES)


def _refusal(answer: requests.Response) -> GoogleFailure:
    """Classify a refusal of the token endpoint (RFC 6749 §5.2)."""
    reason = _text(_json(answer, strict=False).get("error")) or "unknown"
    kind = GoogleFailureKind.UNAVAILABLE
    if answer.status_code == requests.codes.too_many_requests:
        kind = GoogleFailureKind.RATE_LIMITED
    elif reason in {"invalid_grant", "admin_policy_enforced"}:
        kind = GoogleFailureKind.UNAUTHORIZED
    elif answer.status_code < requests.codes.server_error:
        # Our own registration is wrong; no person can mend that by consenting again.
        kind = GoogleFailureKind.FORBIDDEN
    safe = reason if reason.replace("_", "").isalnum() and len(reason) <= 64 else "unknown"  # noqa: PLR2004 - OAuth's codes have some 25 letters
    return GoogleFailure(kind, status=answer.status_code, reason=safe)


def _json(answer: requests.Response, *, strict: bool = True) -> dict[str, Any]:
    try:
        body = answer.json()
    except (ValueError, RecursionError):
        body = None
    if isinstance(body, dict):
        return body
    if strict:
        raise GoogleFailure(
            GoogleFailureKind.UNREADABLE, status=answer.status_code, reason="notAnObject"
        )
    return {}


def _scopes(value: object) -> frozenset[str] | None:
    if value is None:
        return None
    # Whatever is no list of scopes grants none.
    return frozenset((_text(value) or "").split())


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
